/**
 * A project that is looked at again and again: by an editor, a linter, a bundler, a watch. It knows which text of each file the analysis
 * has seen, and tells the engine about those only that are different now.
 */
import { realpathSync, statSync } from 'node:fs';
import { isAbsolute, join, relative, resolve, sep } from 'node:path';
import { CONFIG_NAME, configComplaint, loadConfig, type ConfigFile } from './config.js';
import { Contents, hash, type Content } from './content.js';
import { discover, isWanted, wouldDiscover, type Discovery } from './discover.js';
import { ConfigError, EngineCrash, lower } from './engine.js';
import type { LoweringCost } from './lowering.js';
import { complete, folderErrors, type ProjectOptions } from './project.js';
import type { InputError, Report } from './report.js';
import { Session, type Batch } from './session.js';
import { Stopwatch } from './timings.js';
import { UserError } from './user-error.js';

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
  /** Analyses what changed since. The same object, as long as nothing did. */
  report(): Report;
  /** Files whose content the analysis depends on, the configuration's included. */
  files(): string[];
  dispose(): void;
}

/** Throws a {@link ConfigError}: only here, and never later. */
export function createProject(options: ProjectOptions): Project {
  return new LiveProject(options);
}

class LiveProject implements Project {
  readonly root: string;
  readonly #realRoot: string;
  readonly #options: ProjectOptions;
  readonly #contents: Contents;
  #session: Session;
  #config: ConfigFile | undefined;
  #configError: InputError | undefined;
  #discovery: Discovery;
  #onDisk: Set<string>;
  /** Files whose text the analysis has seen, and which. */
  readonly #seen = new Map<string, string>();
  #report: Report | undefined;
  /** As the engine gave it. */
  #lastGood: Report | undefined;

  constructor(options: ProjectOptions) {
    this.#options = options;
    this.root = resolve(options.root);
    this.#realRoot = realpathSync(this.root);
    this.#contents = new Contents(this.root);
    const config = this.#loadConfig();
    if ('error' in config) throw new ConfigError(config.error);
    const session = this.#start(config.file);
    if ('error' in session) throw new ConfigError(session.error);
    this.#config = config.file;
    this.#session = session.session;
    this.#discovery = discover(this.root);
    this.#onDisk = new Set(this.#discovery.files);
    this.#offer();
  }

  setText(path: string, text: string | undefined): void {
    const file = this.#relative(path);
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
    if (!isOffered && !wouldDiscover(this.root, file)) return;
    if (this.#onDisk.has(file) && this.#contents.idOnDisk(file) === id) this.#contents.dropText(file);
    else this.#contents.setText(file, bytes, id);
    if (!isOffered) this.#offer();
    else if (this.#seen.get(file) !== id) this.#edited([file]);
  }

  refresh(): void {
    this.#reloadConfig();
    this.#rediscover();
    this.#look([...this.#seen.keys()]);
  }

  changed(paths: Iterable<string>): void {
    const files: string[] = [];
    let isListOther = false;
    for (const path of paths) {
      const file = this.#relative(path);
      if (file === undefined) continue;
      if (this.#isConfig(file)) this.#reloadConfig();
      if (this.#isOffered(file)) files.push(file);
      isListOther ||= this.#changesList(file);
    }
    if (isListOther) this.#rediscover();
    this.#look(files);
  }

  report(): Report {
    if (this.#report) return this.#report;
    const watch = new Stopwatch();
    const cost = { read: 0, scan: 0, lower: 0 };
    let failure: InputError | undefined;
    try {
      for (const batch of this.#session.demand((path) => this.#read(path))) this.#lower(batch, cost);
      this.#lastGood = this.#session.report;
    } catch (error) {
      if (!(error instanceof EngineCrash)) throw error;
      failure = { file: '.', line: 1, message: `${error.message}; ${this.#lastGood ? 'this is what was found before' : 'nothing was decided'}` };
    }
    this.#options.onTimings?.(watch.finish(cost, 1));
    const errors = folderErrors(this.#discovery.problems);
    if (this.#configError) errors.push(this.#configError);
    if (failure) errors.push(failure);
    return (this.#report = complete(this.#lastGood ?? emptyReport(), errors, this.#onDisk.size, watch.elapsed));
  }

  files(): string[] {
    this.report();
    const files = this.#session.files();
    const config = this.#config && this.#relative(resolve(this.#config.path));
    return (config === undefined ? files : [...files, config]).sort();
  }

  dispose(): void {
    this.#session.free();
    this.#seen.clear();
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
      const { bytes, problem } = this.#read(path);
      const read = performance.now();
      const lowered = bytes ? lower(path, bytes, scan) : { problem };
      cost.read += read - start;
      cost[lowered.ir?.length === 0 ? 'scan' : 'lower'] += performance.now() - read;
      this.#session.answer(path, lowered.ir, lowered.problem);
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
    this.#session.changed(paths);
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

  #offer(): void {
    const files = [...new Set([...this.#onDisk, ...this.#contents.texts()])];
    for (const path of this.#seen.keys()) if (!this.#isOffered(path)) this.#seen.delete(path);
    this.#session.setFiles(files);
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

  #loadConfig(): { file: ConfigFile | undefined } | { error: string } {
    if (this.#options.config !== undefined) return { file: undefined };
    try {
      return { file: loadConfig(this.root, this.#options.configFile) };
    } catch (error) {
      if (error instanceof UserError) return { error: error.message };
      throw error;
    }
  }

  #start(file: ConfigFile | undefined): { session: Session } | { error: string } {
    try {
      return { session: new Session(file ? file.value : this.#options.config) };
    } catch (error) {
      if (error instanceof ConfigError) return { error: configComplaint(file, error.message).message };
      throw error;
    }
  }

  #isConfig(file: string): boolean {
    return [this.#options.configFile, this.#config?.path].some((path) => path && this.#relative(resolve(path)) === file) || /^authlint\.config\.\w+$/.test(file);
  }

  /** A configuration that cannot be used is reported, and the last good one stays. */
  #reloadConfig(): void {
    const config = this.#loadConfig();
    let error: string | undefined;
    if ('error' in config) {
      error = config.error;
    } else if (config.file?.text !== this.#config?.text || config.file?.path !== this.#config?.path) {
      const next = this.#start(config.file);
      if ('error' in next) {
        error = next.error;
      } else {
        this.#session.free();
        this.#session = next.session;
        this.#config = config.file;
        this.#seen.clear();
        this.#offer();
      }
    }
    if (error !== this.#configError?.message) {
      this.#configError = error === undefined ? undefined : this.#placed(error);
      this.#report = undefined;
    }
  }

  /** `/app/authlint.config.json:3:5: text` → the place, and the whole text. */
  #placed(message: string): InputError {
    const [, path, line] = /^(.+?):(\d+)(?::\d+)?: /.exec(message) ?? /^(.+?): /.exec(message) ?? [];
    return { file: (path && this.#relative(resolve(path))) ?? CONFIG_NAME, line: Number(line ?? 1), message };
  }

  #relative(path: string): string | undefined {
    if (!isAbsolute(path)) return path.replaceAll('\\', '/').replace(/^\.\//, '');
    for (const root of [this.root, this.#realRoot]) {
      if (path.startsWith(root + sep)) return relative(root, path).split(sep).join('/');
    }
    return undefined;
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
