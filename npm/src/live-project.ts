/**
 * A project that is looked at again and again: by an editor, a linter, a bundler, a watch. It knows which text of each file the analysis
 * has seen, and tells the engine about those only that are different now.
 */
import { realpathSync, statSync } from 'node:fs';
import { isAbsolute, join, relative, resolve, sep } from 'node:path';
import { ProjectCache, type Asked } from './cache/cache.js';
import { Contents, hash, type Content } from './content.js';
import { discover, isWanted, wouldDiscover, type Discovery } from './discover.js';
import { EngineCrash } from './engine.js';
import type { LoweringCost } from './lowering.js';
import { ProjectBaseline } from './project-baseline.js';
import { ProjectConfig, type ReadConfig } from './project-config.js';
import { askedFiles, complete, folderErrors, type ProjectOptions } from './project.js';
import type { InputError, Report, Severity } from './report.js';
import { Session, type Batch } from './session.js';
import { Stopwatch } from './timings.js';

/**
 * Synchronous. Paths are relative to the root, with `/`; absolute ones inside the root are accepted, those outside of it are nobody's
 * business. Never throws for what stands in the project's files.
 */
export interface Project {
  readonly root: string;
  /** Text that stands in place of what is on disk (an unsaved buffer); `undefined`: the disk's again. Costs nothing where it is what was analysed. */
  setText(path: string, text: string | undefined): void;
  /** Looks at the disk: which files came, went or changed (by time and size, then by content). */
  refresh(): void;
  /** As {@link Project.refresh}, for these files and folders only: what a watcher says. */
  changed(paths: Iterable<string>): void;
  /** Analyses what changed since. The same object, as long as nothing did. Without the findings that the configuration's `baseline` accepts. */
  report(): Report;
  /** `failOn` of the configuration. */
  readonly failOn: Severity | 'never' | undefined;
  /** Files whose content the report depends on, the configuration and the baseline included; these are absolute where they lie outside of the root. */
  files(): string[];
  /** A path as it stands in the report; `undefined` outside of the root. */
  relative(path: string): string | undefined;
  /** Whether an error of the report concerns the project and not one of its source files: its configuration, or the engine. */
  isGeneral(error: InputError): boolean;
  dispose(): void;
}

/** Throws a `ConfigError`: only here, and never later. */
export function createProject(options: ProjectOptions): Project {
  return new LiveProject(options);
}

export class LiveProject implements Project {
  readonly root: string;
  readonly #realRoot: string;
  readonly #options: ProjectOptions;
  readonly #cache: ProjectCache | undefined;
  readonly #contents: Contents;
  readonly #config: ProjectConfig;
  readonly #baseline = new ProjectBaseline();
  /** `undefined`, as long as the cache answers for it. */
  #session: Session | undefined;
  #discovery: Discovery;
  #onDisk: Set<string>;
  /** Files whose text the analysis has seen, and which. */
  readonly #seen = new Map<string, string>();
  #report: Report | undefined;
  /** As the engine gave it. */
  #lastGood: Report | undefined;
  /** What the last report depends on, where it is the cache's. */
  #asked: Asked[] | undefined;
  /** The engine failed on the project as it is. */
  #failure: InputError | undefined;
  #configError: InputError | undefined;
  #baselineError: InputError | undefined;

  constructor(options: ProjectOptions, readConfig?: ReadConfig) {
    this.#options = options;
    this.root = resolve(options.root);
    this.#realRoot = realpathSync(this.root);
    this.#cache = ProjectCache.open(this.root, options.cache);
    this.#contents = new Contents(this.root, this.#cache);
    this.#config = new ProjectConfig(this.root, options, this.#try, readConfig);
    this.#baseline.look(this.#config.host.baseline);
    this.#discovery = discover(this.root);
    this.#onDisk = new Set(this.#discovery.files);
    this.#offer();
  }

  setText(path: string, text: string | undefined): void {
    const file = this.relative(path);
    if (file === undefined || !isWanted(nameOf(file))) return;
    const isOffered = this.#isOffered(file);
    if (text === undefined) {
      if (!this.#contents.dropText(file)) return;
      if (this.#onDisk.has(file)) this.#look([file]);
      else this.#offer();
      return;
    }
    // A test, for instance: the engine did not ask for it.
    if (this.#lastGood && isOffered && !this.#seen.has(file)) return;
    const bytes = Buffer.from(text);
    const id = hash(bytes);
    const before = this.#contents.textId(file);
    if (id === before || (before === undefined && this.#seen.get(file) === id)) return;
    if (isOffered ? this.#contents.isLink(file) : !wouldDiscover(this.root, file)) return;
    if (this.#onDisk.has(file) && this.#contents.idOnDisk(file) === id) this.#contents.dropText(file);
    else this.#contents.setText(file, bytes, id);
    if (!isOffered) this.#offer();
    else if (this.#seen.get(file) !== id) this.#edited([file]);
  }

  refresh(): void {
    this.#reloadConfig();
    this.#lookAtBaseline();
    this.#rediscover();
    this.#look([...this.#seen.keys()]);
  }

  changed(paths: Iterable<string>): void {
    const files: string[] = [];
    let isListOther = false;
    for (const path of paths) {
      const file = this.relative(path);
      if (this.#config.isAt(file === undefined ? path : join(this.root, file))) this.#reloadConfig();
      if (file === undefined) continue;
      if (this.#isOffered(file)) files.push(file);
      isListOther ||= this.#changesList(file);
    }
    this.#lookAtBaseline();
    if (isListOther) this.#rediscover();
    this.#look(files);
  }

  report(): Report {
    if (this.#report) return this.#report;
    const watch = new Stopwatch();
    const cost = { read: 0, scan: 0, lower: 0 };
    this.#failure = undefined;
    const isFirst = this.#lastGood === undefined;
    if (!isFirst || !watch.measure('cache', () => this.#fromCache())) this.#analyse(watch, cost);
    if (isFirst) watch.measure('cache', () => this.#save());
    this.#options.onTimings?.(watch.finish(cost, 1));
    this.#configError = this.#config.error((path) => this.relative(path));
    this.#baselineError = this.#baseline.error((path) => this.relative(path));
    const own = [this.#configError, this.#baselineError, this.#failure].filter((error) => error !== undefined);
    const errors = [...folderErrors(this.#discovery.problems), ...own];
    return (this.#report = complete(this.#baseline.apply(this.#lastGood ?? emptyReport()), errors, this.#onDisk.size, watch.elapsed));
  }

  get failOn(): Severity | 'never' | undefined {
    return this.#config.host.failOn;
  }

  files(): string[] {
    this.report();
    const files = this.#asked ? this.#asked.filter(([, , matters]) => matters).map(([path]) => path) : this.#session!.files();
    const own = [this.#config.path, this.#baseline.path].map((path) => path && (this.relative(path) ?? path));
    return [...files, ...own.filter((path) => path !== undefined)].sort();
  }

  /** All files of the project on disk, whether the report depends on them or not. */
  get filesOnDisk(): readonly string[] {
    return this.#discovery.files;
  }

  relative(path: string): string | undefined {
    if (!isAbsolute(path)) return path.replaceAll('\\', '/').replace(/^\.\//, '');
    for (const root of [this.root, this.#realRoot]) {
      if (path.startsWith(root + sep)) return relative(root, path).split(sep).join('/');
    }
    return undefined;
  }

  isGeneral(error: InputError): boolean {
    return error === this.#configError || error === this.#baselineError || error === this.#failure;
  }

  dispose(): void {
    this.#session?.free();
    this.#session = undefined;
    this.#seen.clear();
  }

  /** The whole report of a former run. */
  #fromCache(): boolean {
    if (this.#session?.isUsed || this.#contents.texts().length > 0) return false;
    const known = this.#cache?.report(this.#config.value, this.#discovery.files, (path) => this.#contents.idOnDisk(path));
    if (!known) return false;
    this.#lastGood = known.report;
    this.#asked = known.asked;
    for (const [path, id] of known.asked) this.#seen.set(path, id);
    return true;
  }

  #analyse(watch: Stopwatch, cost: LoweringCost): void {
    try {
      if (!this.#session) {
        this.#session = watch.measure('load', () => new Session(this.#config.value));
        this.#session.setFiles(this.#offered());
      }
      this.#asked = undefined;
      for (const batch of this.#session.demand((path) => this.#read(path), watch)) this.#lower(batch, cost);
      this.#lastGood = this.#session.report;
    } catch (error) {
      if (!(error instanceof EngineCrash)) throw error;
      this.#failure = { file: '.', line: 1, message: `${error.message}; ${this.#lastGood ? 'this is what was found before' : 'nothing was decided'}` };
    }
  }

  /** What an editor has not saved does not belong in the cache. */
  #save(): void {
    const session = this.#asked ? undefined : this.#session;
    const isComplete = session?.isWhole && !this.#failure && this.#contents.texts().length === 0;
    const result = isComplete ? { config: this.#config.value, files: this.#discovery.files, asked: askedFiles(this.#seen, session), report: session.report } : undefined;
    this.#cache?.save(result);
  }

  #read(path: string): Content {
    const content = this.#isOffered(path) ? this.#contents.read(path) : { problem: 'no such file', id: '' };
    this.#seen.set(path, content.id);
    return content;
  }

  #lower({ paths, scan }: Batch, cost: LoweringCost): void {
    this.#options.onProgress?.({ phase: scan ? 'read' : 'analyse', done: 0, total: paths.length });
    for (const path of paths) {
      const start = performance.now();
      const { ir, problem, id } = this.#isOffered(path) ? this.#contents.lower(path, scan) : { problem: 'no such file', id: '' };
      cost[ir?.length === 0 ? 'scan' : 'lower'] += performance.now() - start;
      this.#seen.set(path, id);
      this.#session!.answer(path, ir, problem, id !== problem);
    }
  }

  /** Looks at the disk for files that were read from it. */
  #look(paths: readonly string[]): void {
    const edited = paths.filter((path) => {
      const before = this.#contents.lastId(path);
      const now = this.#contents.idOnDisk(path);
      // Somebody wrote the file: its text in an editor is older, or the same.
      if (before !== undefined && before !== now) this.#contents.dropText(path);
      const seen = this.#seen.get(path);
      return seen !== undefined && seen !== (this.#contents.textId(path) ?? now);
    });
    if (edited.length > 0) this.#edited(edited);
  }

  #edited(paths: readonly string[]): void {
    for (const path of paths) this.#seen.delete(path);
    this.#session?.changed(paths);
    this.#report = undefined;
  }

  #rediscover(): void {
    const before = this.#onDisk;
    const problems = JSON.stringify(this.#discovery.problems);
    this.#discovery = discover(this.root);
    this.#onDisk = new Set(this.#discovery.files);
    if (JSON.stringify(this.#discovery.problems) !== problems) this.#report = undefined;
    const gone = [...before].filter((path) => !this.#onDisk.has(path));
    if (gone.length === 0 && before.size === this.#onDisk.size) return;
    for (const path of gone) this.#contents.forget(path);
    this.#offer();
  }

  #offered(): string[] {
    return [...new Set([...this.#onDisk, ...this.#contents.texts()])];
  }

  #offer(): void {
    for (const path of this.#seen.keys()) if (!this.#isOffered(path)) this.#seen.delete(path);
    this.#session?.setFiles(this.#offered());
    this.#report = undefined;
  }

  #isOffered(file: string): boolean {
    return this.#onDisk.has(file) || this.#contents.textId(file) !== undefined;
  }

  /** Whether the list of files may be another one because of what happened to this path. */
  #changesList(file: string): boolean {
    if (nameOf(file) === '.gitignore') return true;
    const stats = statSync(join(this.root, file), { throwIfNoEntry: false });
    if (this.#onDisk.has(file)) return !stats?.isFile();
    const inside = `${file}/`;
    const isKnownFolder = () => [...this.#onDisk].some((path) => path.startsWith(inside));
    if (!stats) return isKnownFolder();
    return stats.isDirectory() ? !isKnownFolder() && wouldDiscover(this.root, `${inside}any.js`) : wouldDiscover(this.root, file);
  }

  /** A configuration that the cache knows was accepted before. */
  readonly #try = (value: unknown): void => {
    if (!this.#session && this.#cache?.knowsConfig(value)) return;
    const session = new Session(value);
    this.#session?.free();
    this.#session = session;
  };

  #lookAtBaseline(): void {
    if (this.#baseline.look(this.#config.host.baseline)) this.#report = undefined;
  }

  #reloadConfig(): void {
    const before = this.#config.problem;
    if (this.#config.reload(this.#try)) {
      this.#seen.clear();
      this.#offer();
    }
    if (this.#config.problem !== before) this.#report = undefined;
  }
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

function emptyReport(): Report {
  return {
    inventory: { schema: 'authlint/routes@1', root: '.', endpoints: [], unknown: [] },
    findings: { schema: 'authlint/findings@1', findings: [], errors: [], stats: { files: 0, parsed: 0, endpoints: 0, ms: 0 } },
  };
}
