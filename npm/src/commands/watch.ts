/**
 * `authlint check --watch`: the findings, and after each edit what it changed about them.
 *
 *     14:03:07  src/app.ts
 *     ✔ mended  HIGH  GET /api/users  require-authentication  src/app.ts:5
 *     ✔ no findings
 */
import { basename, dirname, relative, resolve, sep } from 'node:path';
import { watch } from 'chokidar';
import { withoutMarks } from '../byte-order-mark.js';
import type { CheckResult } from '../check-result.js';
import { CONFIG_NAMES, configComplaint, configPlaces, loadConfigAsync, type ConfigFile } from '../config.js';
import { isWanted, wouldDiscover } from '../discover.js';
import { ConfigError } from '../engine.js';
import { printFindings, summaryOf } from '../print/findings.js';
import { ProgressLine } from '../print/progress.js';
import { colorsFor, count, harmless, harmlessLine, paintSeverity, type Output } from '../print/terminal.js';
import { createProject, type Project } from '../project.js';
import type { Finding, InputError } from '../report.js';
import { UserError } from '../user-error.js';
import { select, type CheckOptions } from './check.js';
import type { Located } from './common.js';

/**
 * Editors and `git checkout` write several files at once. More than the 50 ms in which chokidar says nothing of a second change of a file:
 * what a formatter writes right after the editor is read all the same.
 */
const QUIET_MS = 60;
/** So many names of changed files are worth reading. */
const MAX_NAMES = 3;

/** Ends when the user ends it; gives the exit code. */
export async function runWatch(prefixes: readonly string[], options: Located<CheckOptions>): Promise<number> {
  const session = new WatchSession(prefixes, options, process.stdout);
  await session.start();
  return session.untilStopped();
}

class WatchSession {
  readonly #options: Located<CheckOptions>;
  readonly #prefixes: readonly string[];
  readonly #stream: Output;
  readonly #root: string;
  readonly #configPlaces: readonly string[];
  #project: Project | undefined;
  #config: ConfigFile | undefined;
  #shown: CheckResult | undefined;
  #changed = new Set<string>();
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> = Promise.resolve();

  constructor(prefixes: readonly string[], options: Located<CheckOptions>, stream: Output) {
    this.#prefixes = prefixes;
    this.#options = options;
    this.#stream = stream;
    this.#root = resolve(options.root);
    this.#configPlaces = configPlaces(this.#root, resolve(options.configFrom ?? this.#root));
  }

  /** A configuration or a baseline that is wrong from the start is an error; later it is only said. */
  async start(): Promise<void> {
    await this.#open();
    const progress = new ProgressLine(process.stderr);
    this.#shown = this.#select();
    progress.clear();
    this.#clearScreen();
    printFindings(this.#shown.report, { ...this.#shown, stream: this.#stream });
    this.#say(colorsFor(this.#stream).dim('watching for changes; Ctrl-C ends'));
  }

  untilStopped(): Promise<number> {
    const watcher = watch([this.#root, ...this.#outside()], { ignoreInitial: true, ignored: (path, stats) => this.#isIgnored(path, stats?.isFile() ?? false) });
    watcher.on('all', (_, path) => this.#note(path));
    return new Promise((done) => {
      const stop = (): void => {
        clearTimeout(this.#timer);
        this.#project?.dispose();
        void watcher.close().then(() => done(0));
      };
      process.once('SIGINT', stop).once('SIGTERM', stop);
      watcher.on('error', (error) => {
        const { code, message } = error as NodeJS.ErrnoException;
        const isLimit = code === 'ENOSPC' || code === 'EMFILE';
        this.#complain(isLimit ? 'the system watches no more files (on Linux: raise fs.inotify.max_user_watches); changes may be missed' : message);
      });
      // For whoever drives this: from here on, nothing is missed.
      watcher.once('ready', () => process.send?.('ready'));
    });
  }

  async #open(): Promise<void> {
    const config = await loadConfigAsync(this.#options.root, this.#options.config, this.#options.configFrom);
    let project: Project;
    try {
      project = createProject({ root: this.#options.root, config: config?.value ?? {}, cache: this.#options.cache ?? true });
    } catch (error) {
      throw error instanceof ConfigError ? configComplaint(config, error.message) : error;
    }
    this.#project?.dispose();
    this.#project = project;
    this.#config = config;
  }

  #select(): CheckResult {
    return select(withoutMarks(this.#project!.report(), this.#root), this.#config, this.#prefixes, this.#options);
  }

  #note(path: string): void {
    this.#changed.add(resolve(path));
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#running = this.#running.then(() => this.#again());
    }, QUIET_MS);
  }

  async #again(): Promise<void> {
    const changed = [...this.#changed];
    this.#changed.clear();
    if (changed.length === 0) return;
    const before = this.#shown!;
    try {
      if (changed.some((path) => this.#isConfig(path))) await this.#open();
      else this.#project!.changed(changed);
      this.#shown = this.#select();
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      return this.#complain(error.message);
    }
    this.#printChange(changed, before, this.#shown);
  }

  #printChange(changed: readonly string[], before: CheckResult, now: CheckResult): void {
    const old = before.report.findings;
    const { report } = now;
    const added = without(report.findings.findings, old.findings, identity);
    const gone = without(old.findings, report.findings.findings, identity);
    const errors = without(report.findings.errors, old.errors, ({ file, message }: InputError) => `${file}\0${message}`);
    const colors = colorsFor(this.#stream);
    const isNews = added.length + gone.length + errors.length > 0;
    if (isNews) this.#clearScreen();
    this.#say(`${colors.dim(new Date().toTimeString().slice(0, 8))}  ${this.#names(changed)}`);
    for (const { severity, endpoint, rule, file, line } of gone) {
      const subject = harmlessLine(endpoint ? `${endpoint.method} ${endpoint.path}` : rule);
      this.#say(`${colors.green('✔ mended')}  ${paintSeverity(colors, severity)(severity)}  ${colors.bold(subject)}  ${colors.dim(rule)}  ${colors.cyan(harmlessLine(`${file}:${line}`))}`);
    }
    if (added.length + errors.length > 0) {
      const news = { ...report, findings: { ...report.findings, findings: added, errors } };
      this.#say('');
      printFindings(news, { ...now, baseline: undefined, stream: this.#stream, summary: false });
      this.#say('');
    }
    this.#say(summaryOf(report, now, colors).slice(0, isNews ? 2 : 1).join('\n'));
  }

  #names(changed: readonly string[]): string {
    const names = changed.map((path) => harmlessLine(relative(this.#root, path).split(sep).join('/'))).sort();
    const more = names.length - MAX_NAMES;
    return `${names.slice(0, MAX_NAMES).join(', ')}${more > 0 ? ` and ${count(more, 'more file')}` : ''}`;
  }

  /** Files outside of the root that count. */
  #outside(): string[] {
    return [this.#options.config, this.#config?.path, this.#options.baseline, this.#config?.host.baseline]
      .filter((path) => path !== undefined)
      .map((path) => resolve(path))
      .filter((path) => !path.startsWith(this.#root + sep));
  }

  #isConfig(path: string): boolean {
    const named = this.#options.config ?? this.#config?.path;
    return (named !== undefined && resolve(named) === path) || (CONFIG_NAMES.includes(basename(path)) && this.#configPlaces.includes(dirname(path)));
  }

  #isIgnored(path: string, isFile: boolean): boolean {
    const absolute = resolve(path);
    if (absolute === this.#root || !absolute.startsWith(this.#root + sep)) return false;
    const name = basename(absolute);
    if (isFile) {
      const isBaseline = [this.#options.baseline, this.#config?.host.baseline].some((file) => file !== undefined && resolve(file) === absolute);
      return !(isWanted(name) || name === '.gitignore' || isBaseline || this.#isConfig(absolute));
    }
    if (name === 'node_modules' || name === '.git') return true;
    // What is no file is a folder, or not there any more.
    return !/\.\w+$/.test(name) && !wouldDiscover(this.#root, `${relative(this.#root, absolute).split(sep).join('/')}/index.js`);
  }

  #clearScreen(): void {
    if (this.#stream.isTTY) this.#stream.write('\u001b[2J\u001b[3J\u001b[H');
  }

  #say(text: string): void {
    this.#stream.write(`${text}\n`);
  }

  #complain(message: string): void {
    process.stderr.write(`authlint: ${harmless(message)}\n`);
  }
}

function identity({ fingerprint, severity }: Finding): string {
  return `${fingerprint} ${severity}`;
}

/** Those of `all` that are not in `known`; what is there twice must be known twice. */
function without<T>(all: readonly T[], known: readonly T[], identify: (item: T) => string): T[] {
  const left = new Map<string, number>();
  for (const item of known) left.set(identify(item), (left.get(identify(item)) ?? 0) + 1);
  return all.filter((item) => {
    const number = left.get(identify(item)) ?? 0;
    left.set(identify(item), number - 1);
    return number <= 0;
  });
}
