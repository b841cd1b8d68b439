/** What the commands share: the options, the checks of the root, the analysis. */
import { accessSync, constants, statSync } from 'node:fs';
import { withoutMarks } from '../byte-order-mark.js';
import { configComplaint, loadConfigAsync, type ConfigFile } from '../config.js';
import { reason } from '../discover.js';
import { ConfigError, EngineCrash } from '../engine.js';
import { ProgressLine } from '../print/progress.js';
import { analyseProject } from '../project.js';
import type { Report } from '../report.js';
import { UserError } from '../user-error.js';

export interface CommonOptions {
  /** As the user wrote it. */
  root: string;
  config?: string;
  threads?: number;
  /** `false` for `--no-cache`. */
  cache?: boolean;
  timings?: boolean;
}

export interface Analysed {
  report: Report;
  config: ConfigFile | undefined;
}

/** Analyses the project that the options name. Whatever the user can put right is a {@link UserError}. */
export async function analyse(options: CommonOptions): Promise<Analysed> {
  requireFolder(options.root);
  const config = await loadConfigAsync(options.root, options.config);
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
