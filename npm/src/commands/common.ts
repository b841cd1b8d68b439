/** What the commands share: the options, the checks of the root, the analysis. */
import { accessSync, constants, statSync } from 'node:fs';
import { join, relative, resolve, sep } from 'node:path';
import { withoutMarks } from '../byte-order-mark.js';
import { configComplaint, loadConfigAsync, type ConfigFile } from '../config.js';
import { reason } from '../discover.js';
import { ConfigError, EngineCrash } from '../engine.js';
import { ProgressLine } from '../print/progress.js';
import { harmless } from '../print/terminal.js';
import { analyseProject } from '../project.js';
import type { Report } from '../report.js';
import { findProject, widen, widerRoot } from '../root.js';
import { UserError } from '../user-error.js';

export interface CommonOptions {
  /** As the user wrote it; without it, the project is found. */
  root?: string;
  config?: string;
  threads?: number;
  /** `false` for `--no-cache`. */
  cache?: boolean;
  timings?: boolean;
}

/** The options, when it is known where the project is. */
export type Located<T extends CommonOptions> = T & {
  root: string;
  /** Where the search for the configuration begins. */
  configFrom?: string;
  /** The folder of a found project that the user stands in; `''` for its root. */
  within: string;
};

export interface Analysed {
  report: Report;
  config: ConfigFile | undefined;
}

/** The project that the user names, or the one that ESLint and the bundlers would find for the current folder. */
export function locate<T extends CommonOptions>(options: T): Located<T> {
  if (options.root !== undefined) {
    requireFolder(options.root);
    return { ...options, root: options.root, within: '' };
  }
  const here = process.cwd();
  const { root, configFrom } = findProject(join(here, 'package.json'));
  const shown = (path: string) => relative(here, path) || '.';
  return { ...options, root: shown(root), configFrom: shown(configFrom), within: relative(root, here).split(sep).join('/') };
}

/** As {@link locate}, and analyses it. A project that was found is as wide as the imports of its files are. */
export async function analyseLocated<T extends CommonOptions>(options: T): Promise<Analysed & { options: Located<T> }> {
  for (;;) {
    const located = locate(options);
    const analysed = await analyse(located);
    const root = resolve(located.root);
    const wider = options.root === undefined ? widerRoot(root, analysed.report.findings.errors) : undefined;
    if (wider === undefined) {
      if (located.within !== '') process.stderr.write(`authlint: the project is ${harmless(located.root)}; this is what concerns ${harmless(located.within)} in it\n`);
      return { ...analysed, options: located };
    }
    widen(root, wider);
  }
}

/** Analyses the project that the options name. Whatever the user can put right is a {@link UserError}. */
async function analyse(options: Located<CommonOptions>): Promise<Analysed> {
  const config = await loadConfigAsync(options.root, options.config, options.configFrom);
  const progress = new ProgressLine(process.stderr);
  try {
    const report = await analyseProject({
      root: options.root,
      config: config?.value,
      ...(options.threads === undefined ? {} : { threads: options.threads }),
      cache: options.cache ?? true,
      onProgress: progress.update,
      ...(options.timings ? { onTimings: printTimings } : {}),
    });
    return { report: withoutMarks(report, options.root), config };
  } catch (error) {
    if (error instanceof ConfigError) throw configComplaint(config, error.message);
    if (error instanceof EngineCrash) {
      throw new UserError(`${error.message}. Nothing was decided about this project. This is a defect of authlint, please report it.`);
    }
    throw error;
  } finally {
    progress.clear();
  }
}

/** Prints a report for programs. */
export function printJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
}

/** Throws where the path is no folder that can be read. */
export function requireFolder(path: string): void {
  let problem: string | undefined;
  try {
    if (!statSync(path).isDirectory()) problem = 'is a file; give the folder of the project';
    else accessSync(path, constants.R_OK | constants.X_OK);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    problem = code === 'ENOENT' ? 'does not exist' : `could not be read: ${reason(error)}`;
  }
  if (problem !== undefined) throw new UserError(`the folder ${path} ${problem}`);
}

function printTimings(timings: object): void {
  const process_ = { sinceStart: Math.round(performance.now()), maxRssMb: Math.round(process.resourceUsage().maxRSS / 1024) };
  process.stderr.write(`${JSON.stringify({ ...timings, ...process_ })}\n`);
}
