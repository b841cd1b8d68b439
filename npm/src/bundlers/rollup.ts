/** Findings in Rollup, Rolldown and the build of Vite: `this.warn`, and `this.error` for those that fail the build. */
import type { Settings } from './options.js';
import type { Result } from './protocol.js';
import { textOf, type Issue } from './issue.js';
import { split } from './split.js';

/** What is used of the plugin context, which is the same in all three. */
export interface RollupContext {
  meta: { watchMode?: boolean };
  warn(log: RollupLog): void;
  error(log: RollupLog): never;
  addWatchFile(file: string): void;
  /** Rollup's only; the others watch on by themselves. */
  getWatchFiles?(): string[];
}

/** How much of a warning the host prints itself. Of an error, all of them print everything. */
export type Shown = 'message' | 'message and place' | 'message, place and frame';

interface RollupLog {
  message: string;
  id?: string;
  /** The column is 0-based. */
  loc?: { file: string; line: number; column: number };
  frame?: string;
  stack?: string;
  /** What Rollup watches after a failed build. */
  watchFiles?: string[];
}

export function reportToRollup(context: RollupContext, result: Result, settings: Settings, shown: Shown): void {
  if (context.meta.watchMode) for (const file of result.files) context.addWatchFile(file);
  const { failing, warnings, remarks, failure } = split(result, settings);
  for (const message of remarks) context.warn({ message });
  const ending = { stack: '', ...(context.meta.watchMode && context.getWatchFiles ? { watchFiles: context.getWatchFiles() } : {}) };
  // `error` ends the build with one message: the worst finding is last.
  const [worst, ...rest] = failing;
  for (const issue of [...warnings.toReversed(), ...rest.toReversed()]) context.warn({ ...logOf(issue), message: completed(issue, shown) });
  if (worst) context.error({ ...logOf(worst), ...ending });
  if (failure !== undefined) context.error({ message: failure, ...ending });
}

function logOf({ message, file, line, column, frame }: Issue): RollupLog {
  return { message, id: file, loc: { file, line, column: column - 1 }, frame };
}

function completed(issue: Issue, shown: Shown): string {
  if (shown === 'message') return textOf(issue);
  return shown === 'message and place' ? `${issue.message}\n\n${issue.frame}` : issue.message;
}
