/**
 * The host of an analysis: it offers the paths of a project and brings what the engine asks for, until it asks for nothing more.
 */
import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import { discover } from './discover.js';
import { Analysis, EngineCrash, engineModule, lower } from './engine.js';
import { LoweringPool } from './lowering.js';
import { readSource } from './read.js';
import type { InputError, Report } from './report.js';
import { Stopwatch, type Timings } from './timings.js';

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
  /** Default: one per core. With 1, everything happens in the calling thread. */
  threads?: number;
  onProgress?: (progress: Progress) => void;
  onTimings?: (timings: Timings) => void;
}

/** A file that makes the engine trap is left out and the analysis starts anew; this often at most. */
const MAX_RESTARTS = 5;

/** Analyses the project in a folder. Throws a `ConfigError` or an `EngineCrash`. */
export async function analyseProject(options: ProjectOptions): Promise<Report> {
  const watch = new Stopwatch();
  const root = resolve(options.root);
  options.onProgress?.({ phase: 'discover', done: 0, total: 0 });
  const { files, problems } = watch.measure('discover', () => discover(root));
  watch.measure('load', engineModule);

  const errors: InputError[] = problems.map(({ path, why }) => ({
    file: path === '' ? '.' : path,
    line: 1,
    message: `the folder could not be read: ${why}`,
  }));
  const pool = new LoweringPool(root, Math.max(1, options.threads ?? availableParallelism()));
  try {
    const report = await withRestarts((excluded) => {
      const loop = new DemandLoop(files, options.config, excluded, watch);
      return loop.runOnDisk(root, pool, options.onProgress);
    });
    options.onTimings?.(watch.finish(pool.cost, pool.workers + 1));
    return complete(report, errors, files.length, watch.elapsed);
  } finally {
    await pool.close();
  }
}

/** Analyses files that are all at hand, synchronously: for tests, editors, the browser. */
export function analyseFiles(files: Readonly<Record<string, string | Uint8Array>>, config?: unknown): Report {
  const start = performance.now();
  const encoder = new TextEncoder();
  const bytes = new Map(Object.entries(files).map(([path, text]) => [path, typeof text === 'string' ? encoder.encode(text) : text]));
  const excluded = new Map<string, string>();
  for (;;) {
    try {
      const report = new DemandLoop([...bytes.keys()], config, excluded, new Stopwatch()).runInMemory(bytes);
      return complete(report, [], bytes.size, performance.now() - start);
    } catch (error) {
      exclude(error, excluded);
    }
  }
}

async function withRestarts(run: (excluded: ReadonlyMap<string, string>) => Promise<Report>): Promise<Report> {
  const excluded = new Map<string, string>();
  for (;;) {
    try {
      return await run(excluded);
    } catch (error) {
      exclude(error, excluded);
    }
  }
}

/** Notes the file that the engine could not take, or throws the error again where it is no file's fault. */
function exclude(error: unknown, excluded: Map<string, string>): void {
  const path = error instanceof EngineCrash ? error.path : undefined;
  if (path === undefined || excluded.has(path) || excluded.size >= MAX_RESTARTS) throw error;
  excluded.set(path, `${(error as Error).message} on this file; it was left out`);
}

/** One analysis from the first path to the report. */
class DemandLoop {
  readonly #analysis: Analysis;
  readonly #errors: InputError[] = [];
  readonly #excluded: ReadonlyMap<string, string>;
  readonly #watch: Stopwatch;

  constructor(files: string[], config: unknown, excluded: ReadonlyMap<string, string>, watch: Stopwatch) {
    this.#analysis = watch.measure('load', () => new Analysis(config));
    this.#excluded = excluded;
    this.#watch = watch;
    watch.measure('interpret', () => this.#analysis.setFiles(files));
  }

  async runOnDisk(root: string, pool: LoweringPool, onProgress?: (progress: Progress) => void): Promise<Report> {
    const answer = this.#answer;
    let before = 0;
    for (;;) {
      const wants = this.#watch.measure('interpret', () => this.#analysis.wants());
      if (isEmpty(wants)) return this.#report();
      for (const path of wants.manifests) {
        const { bytes, problem } = this.#watch.measure('read', () => readSource(join(root, path)));
        this.#giveText(path, bytes, problem);
      }
      for (const [paths, scan] of [[wants.scan, true], [wants.files, false]] as const) {
        const phase = scan ? 'read' : 'analyse';
        const total = before + paths.length;
        await pool.lower(paths, scan, answer, (done) => onProgress?.({ phase, done: before + done, total }));
        before = total;
      }
    }
  }

  runInMemory(files: ReadonlyMap<string, Uint8Array>): Report {
    for (;;) {
      const wants = this.#analysis.wants();
      if (isEmpty(wants)) return this.#report();
      for (const path of wants.manifests) {
        const bytes = files.get(path);
        this.#giveText(path, bytes, bytes ? undefined : 'no such file');
      }
      for (const [paths, scan] of [[wants.scan, true], [wants.files, false]] as const) {
        for (const path of paths) {
          const bytes = files.get(path);
          const { ir, problem } = bytes ? lower(path, bytes, scan) : { problem: 'no such file' };
          this.#answer(path, ir, problem);
        }
      }
    }
  }

  #giveText(path: string, bytes: Uint8Array | undefined, problem: string | undefined): void {
    if (bytes !== undefined) this.#watch.measure('interpret', () => this.#analysis.giveText(path, bytes));
    else this.#missing(path, problem ?? 'no such file');
  }

  readonly #answer = (path: string, ir: Uint8Array | undefined, problem: string | undefined): void => {
    const why = this.#excluded.get(path) ?? problem;
    if (why !== undefined) return this.#missing(path, why);
    this.#watch.measure('interpret', () => this.#analysis.giveIr(path, ir!));
  };

  #missing(path: string, why: string): void {
    this.#errors.push({ file: path, line: 1, message: why });
    this.#analysis.missing(path, why);
  }

  #report(): Report {
    const report = this.#watch.measure('report', () => this.#analysis.report());
    this.#analysis.free();
    return complete(report, this.#errors, report.findings.stats.files, 0);
  }
}

function isEmpty(wants: { manifests: string[]; scan: string[]; files: string[] }): boolean {
  return wants.manifests.length + wants.scan.length + wants.files.length === 0;
}

/** Adds what only the host knows: files that it could not bring (unless the engine says so itself), and the time. */
function complete(report: Report, errors: readonly InputError[], files: number, milliseconds: number): Report {
  const { findings } = report;
  const isKnown = (own: InputError) => findings.errors.some((error) => error.file === own.file && error.message.includes(own.message));
  const added = errors.filter((error) => !isKnown(error));
  if (added.length > 0) {
    findings.errors.push(...added);
    findings.errors.sort((a, b) => (a.file < b.file ? -1 : a.file > b.file ? 1 : a.line - b.line));
  }
  findings.stats.files = files;
  findings.stats.ms = Math.round(milliseconds);
  return report;
}
