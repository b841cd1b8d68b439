/** Findings in esbuild: messages with a location and notes, printed by esbuild itself. */
import { analysisOf } from './analysis.js';
import type { Result } from './protocol.js';
import type { Issue, IssuePlace } from './issue.js';
import type { Settings } from './options.js';
import { split } from './split.js';

/** What is used of esbuild's `PluginBuild`. */
export interface EsbuildBuild {
  initialOptions: { absWorkingDir?: string };
  onStart(callback: () => Promise<EsbuildMessages>): void;
  onResolve(options: { filter: RegExp }, callback: (args: EsbuildRequest) => Promise<object | undefined>): void;
  resolve(path: string, options: Omit<EsbuildRequest, 'path'>): Promise<{ errors: unknown[] }>;
}

interface EsbuildRequest {
  path: string;
  kind: string;
  importer: string;
  resolveDir: string;
  pluginData?: unknown;
}

interface EsbuildMessages {
  errors: EsbuildMessage[];
  warnings: EsbuildMessage[];
}

interface EsbuildMessage {
  text: string;
  location?: EsbuildLocation;
  notes?: { text: string; location: EsbuildLocation }[];
}

/** The column and the length are 0-based and count bytes of UTF-8. */
interface EsbuildLocation {
  file: string;
  line: number;
  column: number;
  length: number;
  lineText: string;
}

/** Marks what we ask for ourselves. */
const OURS = Symbol('authlint');

export function esbuildSetup(build: EsbuildBuild, settings: Settings): void {
  const base = build.initialOptions.absWorkingDir ?? process.cwd();
  let files: string[] = [];
  build.onStart(async () => {
    const result = await analysisOf(settings, base).run();
    files = result.files;
    return messagesOf(result, settings);
  });
  // Further files to watch can only be named by what resolves a module: so the entry points are resolved here, by esbuild itself.
  build.onResolve({ filter: /.*/ }, async ({ path, kind, importer, resolveDir, pluginData }) => {
    if (kind !== 'entry-point' || pluginData === OURS || files.length === 0) return undefined;
    const resolved = await build.resolve(path, { kind, importer, resolveDir, pluginData: OURS });
    return resolved.errors.length > 0 ? undefined : { ...resolved, pluginData, watchFiles: files };
  });
}

function messagesOf(result: Result, settings: Settings): EsbuildMessages {
  const { failing, warnings, remarks, failure } = split(result, settings);
  return {
    errors: [...failing.map(messageOf), ...(failure === undefined ? [] : [{ text: failure }])],
    warnings: [...warnings.map(messageOf), ...remarks.map((text) => ({ text }))],
  };
}

/** Notes stand below the code here: the message is its first line alone. */
function messageOf(issue: Issue): EsbuildMessage {
  const [text = ''] = issue.message.split('\n');
  return { text, location: locationOf(issue), notes: issue.notes.map(({ message, place }) => ({ text: message, location: locationOf(place) })) };
}

function locationOf({ file, line, column, endLine, endColumn, lineText }: IssuePlace): EsbuildLocation {
  const end = endLine === line ? endColumn - 1 : lineText.length;
  return {
    file,
    line,
    column: Buffer.byteLength(lineText.slice(0, column - 1)),
    length: Buffer.byteLength(lineText.slice(column - 1, end)),
    lineText,
  };
}
