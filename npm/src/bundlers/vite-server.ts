/**
 * Findings while Vite's development server runs: in the terminal when they change, and over the page as long as a severe one is there.
 */
import { relative } from 'node:path';
import type { Analysis } from './analysis.js';
import type { Result } from './protocol.js';
import { isAtLeast, type Issue } from './issue.js';
import type { Settings } from './options.js';
import { Changes, describeChange } from './changes.js';
import { thresholdOf } from './split.js';

/** What is used of Vite, from version 5 on. */
export interface ViteConfig {
  root: string;
  command: string;
}

export interface ViteServer {
  config: { root: string; logger: Record<'info' | 'warn' | 'error', (text: string, options?: { timestamp?: boolean }) => void> };
  watcher: { on(event: 'all', listener: (event: string, path: string) => void): unknown; once(event: 'ready', listener: () => void): unknown; add(paths: string[]): unknown };
  ws: { clients: Set<unknown>; send(payload: object): void; on(event: 'connection', listener: (socket: { send(text: string): void }) => void): void };
}

export function serve(server: ViteServer, analysis: Analysis, settings: Settings): void {
  const { logger, root } = server.config;
  const watched = new Set<string>();
  let overlay: object | undefined;

  const show = (result: Result, previous: Result | undefined): void => {
    // Vite watches its own root; the server may lie beside it.
    const beyond = result.files.filter((file) => !watched.has(file) && relative(root, file).startsWith('..'));
    for (const file of beyond) watched.add(file);
    if (beyond.length > 0) server.watcher.add(beyond);

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
  server.watcher.on('all', (_event, path) => changes.add(path));
  // A page that is loaded anew knows nothing of what was sent before.
  server.ws.on('connection', (socket) => overlay && socket.send(JSON.stringify(overlay)));
  server.watcher.once('ready', () => changes.look());
  changes.look();
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
