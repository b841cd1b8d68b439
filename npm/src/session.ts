/**
 * The demand loop: one analysis, from the first path to the report and on through every edit. It knows neither disk nor threads: whoever
 * drives it reads manifests for it and lowers the files that it yields.
 */
import { Analysis, EngineCrash } from './engine.js';
import type { Read } from './read.js';
import type { Report } from './report.js';
import { Stopwatch } from './timings.js';

/** Files to be lowered; each is to be answered with {@link Session.answer}. */
export interface Batch {
  paths: string[];
  scan: boolean;
}

/** As many files as this may make the engine trap and are left out. */
const MAX_EXCLUDED = 5;

export class Session {
  #analysis: Analysis;
  #files: string[] = [];
  /** Files that made the engine trap, and what is said of them. */
  readonly #excluded = new Map<string, string>();
  /** What changed since the last report; before the first one, everything did. */
  #edited: Set<string> | undefined;
  #watch = new Stopwatch();
  #crash: EngineCrash | undefined;
  #report: Report | undefined;
  /** Files whose content the analysis knows, and whether they matter to it. */
  readonly #given = new Map<string, boolean>();
  /** Files that could not be lowered although they are there. */
  readonly #failed = new Set<string>();

  /** Throws a `ConfigError`. */
  constructor(private readonly config: unknown) {
    this.#analysis = new Analysis(config);
  }

  /** All files of the project; again, when files came or went. */
  setFiles(files: readonly string[]): void {
    const there = new Set(files);
    for (const path of [...this.#excluded.keys(), ...this.#given.keys()]) if (!there.has(path)) this.#forget(path);
    for (const path of there) if (!this.#given.has(path)) this.#edited?.add(path);
    this.#files = [...files];
    this.#report = undefined;
    this.#attempt(() => this.#analysis.setFiles(this.#files));
  }

  /** These files' contents are not what they were. */
  changed(paths: readonly string[]): void {
    for (const path of paths) {
      this.#forget(path);
      this.#edited?.add(path);
    }
    this.#report = undefined;
    this.#attempt(() => this.#analysis.changed([...paths]));
  }

  /** Whether it has reported before. */
  get isUsed(): boolean {
    return this.#edited !== undefined;
  }

  /**
   * Runs until the report is there. Yields what is to be lowered. A file that makes the engine trap is named and left out, and so are the
   * files whose edit made the interpretation trap. Throws an {@link EngineCrash} where no file can be blamed.
   */
  *demand(readManifest: (path: string) => Read, watch = new Stopwatch()): Generator<Batch, void> {
    this.#watch = watch;
    while (this.#report === undefined) {
      if (this.#crash || !this.#analysis.isAlive) this.#restart();
      const wants = this.#attempt(() => this.#watch.measure('interpret', () => this.#analysis.wants()));
      if (!wants) continue;
      if (wants.manifests.length + wants.scan.length + wants.files.length === 0) {
        this.#report = this.#attempt(() => this.#watch.measure('report', () => this.#analysis.report()));
        continue;
      }
      for (const path of wants.manifests) {
        const { bytes, problem } = this.#watch.measure('read', () => readManifest(path));
        this.#give(path, problem, true, () => this.#analysis.giveText(path, bytes!));
      }
      if (wants.scan.length > 0 && !this.#crash) yield { paths: wants.scan, scan: true };
      if (wants.files.length > 0 && !this.#crash) yield { paths: wants.files, scan: false };
    }
    this.#edited = new Set();
  }

  /** What became of one file of a {@link Batch}: empty `ir`, where the scan found no sign of a server in it. */
  readonly answer = (path: string, ir: Uint8Array | undefined, problem: string | undefined, couldBeRead = false): void => {
    if (problem !== undefined && couldBeRead) this.#failed.add(path);
    this.#give(path, problem, ir !== undefined && ir.length > 0, () => this.#analysis.giveIr(path, ir!));
  };

  /** The report of the last {@link demand}; its owner may change it. */
  get report(): Report {
    return this.#report!;
  }

  /** Whether the report says all that there is to say: no file made the engine fail. */
  get isWhole(): boolean {
    return this.#excluded.size === 0 && this.#failed.size === 0;
  }

  /** Files whose content the report depends on. */
  files(): string[] {
    return [...this.#given].filter(([, matters]) => matters).map(([path]) => path);
  }

  free(): void {
    this.#analysis.free();
  }

  #give(path: string, problem: string | undefined, matters: boolean, action: () => void): void {
    const why = this.#excluded.get(path) ?? problem;
    this.#given.set(path, matters || why !== undefined);
    this.#attempt(() => this.#watch.measure('interpret', why === undefined ? action : () => this.#analysis.missing(path, why)));
  }

  #forget(path: string): void {
    this.#given.delete(path);
    this.#excluded.delete(path);
    this.#failed.delete(path);
  }

  /** After a trap, nothing more is said to the engine until it was started anew. */
  #attempt<T>(action: () => T): T | undefined {
    if (this.#crash) return undefined;
    try {
      return action();
    } catch (error) {
      if (!(error instanceof EngineCrash)) throw error;
      this.#crash = error;
      return undefined;
    }
  }

  #restart(): void {
    const crash = this.#crash;
    if (crash && !crash.isBystander) {
      const blamed = crash.path !== undefined ? [crash.path] : [...(this.#edited ?? [])];
      const fresh = blamed.filter((path) => !this.#excluded.has(path));
      if (fresh.length === 0 || this.#excluded.size + fresh.length > MAX_EXCLUDED) {
        this.#begin();
        throw crash;
      }
      for (const path of fresh) this.#excluded.set(path, `${crash.message} on this file; it was left out`);
    }
    this.#begin();
  }

  #begin(): void {
    this.#crash = undefined;
    this.#given.clear();
    this.#analysis = new Analysis(this.config);
    this.#attempt(() => this.#analysis.setFiles(this.#files));
  }
}
