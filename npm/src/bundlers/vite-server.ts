/**
 * Findings while Vite's development server runs: in the terminal when they change, and over the page as long as a severe one is there.
 */
import type { Analysis } from './analysis.js';
import type { Result } from './protocol.js';
import { isAtLeast, type Issue } from './issue.js';
import type { Settings } from './options.js';
import { Changes, describeChange } from './changes.js';
import type { ProjectWatcher } from './project-watcher.js';
import { thresholdOf } from './split.js';
import type { ViteConfig } from './vite-build.js';

/** What is used of Vite's server, from version 5 on. */
export interface ViteServer {
  config: ViteConfig & { server: { watch?: object | null }; logger: Record<'info' | 'warn' | 'error', (text: string, options?: { timestamp?: boolean }) => void> };
  watcher: { on(event: 'all', listener: (event: string, path: string) => void): unknown; once(event: 'ready', listener: () => void): unknown };
  ws: { clients: Set<unknown>; send(payload: object): void; on(event: 'connection', listener: (socket: { send(text: string): void }) => void): void };
}

/** Gives what ends it. */
export function serve(server: ViteServer, analysis: Analysis, settings: Settings): () => void {
  const { logger } = server.config;
  let overlay: object | undefined;

  const show = (result: Result, previous: Result | undefined): void => {
    void watcher.then((own) => own?.add(result.files));
    for (const { level, text } of describeChange(result, previous, settings)) logger[level](`authlint: ${text}`, { timestamp: true });
    const threshold = settings.overlay === true ? (thresholdOf(result, settings) ?? 'HIGH') : settings.overlay || undefined;
    const covering = result.issues.filter(({ severity }) => isAtLeast(severity, threshold));
    const next = covering.length > 0 ? overlayOf(covering) : undefined;
    if (JSON.stringify(next) === JSON.stringify(overlay)) return;
    overlay = next;
    // Vite keeps an error for the first page to come, even when it is mended by then. An update, even of nothing, takes the overlay away.
    if (server.ws.clients.size > 0) server.ws.send(next ?? { type: 'update', updates: [] });
  };

  const changes = new Changes(analysis, show);
  const watcher = server.config.server.watch === null ? Promise.resolve(undefined) : watchBeyond(analysis, changes, server);
  server.watcher.on('all', (_event, path) => changes.add(path));
  // A page that is loaded anew knows nothing of what was sent before.
  server.ws.on('connection', (socket) => overlay && socket.send(JSON.stringify(overlay)));
  server.watcher.once('ready', () => changes.look());
  changes.look();
  return () => {
    changes.close();
    void watcher.then((own) => own?.close());
  };
}

/** Vite watches its own root; the server may lie beside it, and the configuration above. */
async function watchBeyond(analysis: Analysis, changes: Changes, { config }: ViteServer): Promise<ProjectWatcher> {
  const { ProjectWatcher } = await import('./project-watcher.js');
  return new ProjectWatcher(analysis.root, changes, (text) => config.logger.warn(text, { timestamp: true }), config.root);
}

/** Vite shows one error: the worst finding with its code, and as what would be its stack the others, whose places are links there. */
function overlayOf([worst, ...others]: Issue[]): object {
  const { message, file, line, column, frame } = worst!;
  const stack = others.map((issue) => `${issue.message}\n${issue.file}:${issue.line}:${issue.column}`).join('\n\n');
  return { type: 'error', err: { plugin: 'authlint', message, stack, id: file, loc: { file, line, column }, frame: ascii(frame) } };
}

/** The overlay knows a code frame by its bars. */
function ascii(frame: string): string {
  return frame.replace(/^([> ]\s*\d* )│/gm, '$1|').replace(/━/g, '^');
}
