/**
 * What hosts use: one analysis of a project on disk ({@link analyseProject}), one of files in memory ({@link analyseFiles}), and a project
 * that is looked at again and again ({@link createProject}). All of them drive the same {@link Session}.
 */
import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import { discover, type DiscoveryProblem } from './discover.js';
import { engineModule, lower } from './engine.js';
import { LoweringPool } from './lowering.js';
import { readSource } from './read.js';
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
  watch.measure('load', engineModule);

  const pool = new LoweringPool(root, Math.max(1, options.threads ?? availableParallelism()));
  const session = new Session(options.config, watch);
  try {
    session.setFiles(files);
    let before = 0;
    for (const { paths, scan } of session.demand((path) => readSource(join(root, path)))) {
      const phase = scan ? 'read' : 'analyse';
      const total = before + paths.length;
      await pool.lower(paths, scan, session.answer, (done) => options.onProgress?.({ phase, done: before + done, total }));
      before = total;
    }
    options.onTimings?.(watch.finish(pool.cost, pool.workers + 1));
    return complete(session.report, folderErrors(problems), files.length, watch.elapsed);
  } finally {
    session.free();
    await pool.close();
  }
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
  const session = new Session(config, watch);
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
