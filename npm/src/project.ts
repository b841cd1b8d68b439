/**
 * What hosts use: one analysis of a project on disk ({@link analyseProject}), one of files in memory ({@link analyseFiles}), and a project
 * that is looked at again and again ({@link createProject}). All of them drive the same {@link Session}.
 */
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { ProjectCache, type Asked } from './cache/cache.js';
import { Contents, type Content } from './content.js';
import { discover, type DiscoveryProblem } from './discover.js';
import { lower } from './engine.js';
import { LoweringPool, type Answer } from './lowering.js';
import type { InputError, Report } from './report.js';
import { Session } from './session.js';
import { Stopwatch, type Timings } from './timings.js';

export { createProject, type Project } from './live-project.js';

/** How far an analysis is. */
export interface Progress {
  phase: 'discover' | 'read' | 'analyse';
  /** Files that are done, of those known so far. */
  done: number;
  total: number;
}

export interface ProjectOptions {
  root: string;
  /** The parsed configuration, JSON-shaped. */
  config?: unknown;
  /** For {@link createProject}, where no `config` is given: the file that it stands in. Default: the one in the root, where there is one. */
  configFile?: string;
  /** For {@link createProject}: the configuration is sought from this folder up to the root. Default: in the root only. */
  configFrom?: string;
  /** For {@link createProject}: keys that win over those of the configuration. */
  overrides?: Record<string, unknown>;
  /** Default: one per core. With 1, everything happens in the calling thread. {@link createProject} always works in the calling thread. */
  threads?: number;
  /** `false`: nothing is cached on disk. A folder: it is cached there. Default: `node_modules/.cache/authlint`. */
  cache?: boolean | string;
  onProgress?: (progress: Progress) => void;
  onTimings?: (timings: Timings) => void;
}

/** Analyses the project in a folder. Throws a `ConfigError` or an `EngineCrash`. */
export async function analyseProject(options: ProjectOptions): Promise<Report> {
  const watch = new Stopwatch();
  const root = resolve(options.root);
  options.onProgress?.({ phase: 'discover', done: 0, total: 0 });
  const { files, problems } = watch.measure('discover', () => discover(root));
  const pool = new LoweringPool(root, Math.max(1, options.threads ?? availableParallelism()));
  const cache = watch.measure('cache', () => ProjectCache.open(root, options.cache));
  const contents = new Contents(root, cache);
  const done = (report: Report): Report => {
    options.onTimings?.(watch.finish(pool.cost, pool.workers + 1));
    return complete(report, folderErrors(problems), files.length, watch.elapsed);
  };
  const known = watch.measure('cache', () => cache?.report(options.config, files, (path) => contents.idOnDisk(path)));
  if (known) {
    watch.measure('cache', () => cache!.save());
    return done(known.report);
  }

  const session = watch.measure('load', () => new Session(options.config));
  const seen = new Map<string, string>();
  try {
    session.setFiles(files);
    const read = (path: string): Content => {
      const content = contents.read(path);
      seen.set(path, content.id);
      return content;
    };
    let before = 0;
    for (const { paths, scan } of session.demand(read, watch)) {
      const phase = scan ? 'read' : 'analyse';
      const total = before + paths.length;
      const unknown = paths.filter((path) => {
        const cached = watch.measure('cache', () => contents.cached(path, scan));
        if (cached) seen.set(path, cached.id);
        if (cached) session.answer(path, cached.ir, undefined);
        return !cached;
      });
      const answer: Answer = (path, ir, problem, identity) => {
        seen.set(path, identity?.id ?? problem ?? '');
        if (cache && identity && ir) watch.measure('cache', () => cache.noteIr(path, identity, ir, scan));
        session.answer(path, ir, problem, identity !== undefined);
      };
      before += paths.length - unknown.length;
      await pool.lower(unknown, { scan, identify: cache !== undefined }, answer, (done) => options.onProgress?.({ phase, done: before + done, total }));
      before = total;
    }
    const { report } = session;
    watch.measure('cache', () => cache?.save(session.isWhole ? { config: options.config, files, asked: askedFiles(seen, session), report } : undefined));
    return done(report);
  } finally {
    session.free();
    await pool.close();
  }
}

/** What a report depends on. */
export function askedFiles(seen: ReadonlyMap<string, string>, session: Session): Asked[] {
  const matters = new Set(session.files());
  return [...seen].map(([path, id]) => [path, id, matters.has(path)]);
}

/** Analyses files that are all at hand, synchronously: for tests, the browser. */
export function analyseFiles(files: Readonly<Record<string, string | Uint8Array>>, config?: unknown): Report {
  const watch = new Stopwatch();
  const encoder = new TextEncoder();
  const read = (path: string) => {
    const content = Object.hasOwn(files, path) ? files[path]! : undefined;
    if (content === undefined) return { problem: 'no such file' } as const;
    return { bytes: typeof content === 'string' ? encoder.encode(content) : content };
  };
  const session = new Session(config);
  try {
    session.setFiles(Object.keys(files));
    for (const { paths, scan } of session.demand(read)) {
      for (const path of paths) {
        const { bytes, problem } = read(path);
        const lowered = bytes ? lower(path, bytes, scan) : { problem };
        session.answer(path, lowered.ir, lowered.problem);
      }
    }
    return complete(session.report, [], Object.keys(files).length, watch.elapsed);
  } finally {
    session.free();
  }
}

/** What is said of folders that could not be entered. */
export function folderErrors(problems: readonly DiscoveryProblem[]): InputError[] {
  return problems.map(({ path, why }) => ({ file: path === '' ? '.' : path, line: 1, message: `the folder could not be read: ${why}` }));
}

/** Adds what only the host knows: problems that no file of the analysis has, and the time. */
export function complete({ inventory, findings }: Report, more: readonly InputError[], files: number, milliseconds: number): Report {
  const errors = [...findings.errors, ...more].sort((a, b) => (a.file < b.file ? -1 : a.file > b.file ? 1 : a.line - b.line));
  return { inventory, findings: { ...findings, errors, stats: { ...findings.stats, files, ms: Math.round(milliseconds) } } };
}
