/** Findings in Rollup, Rolldown and the build of Vite: `this.warn`, and `this.error` for those that fail the build. */
import type { Severity } from '../report.js';
import type { Result } from './analysis.js';
import type { Issue } from './issue.js';
import { split } from './split.js';

/** What is used of the plugin context, which is the same in all three. */
export interface RollupContext {
  meta: { watchMode?: boolean };
  warn(log: RollupLog): void;
  error(log: RollupLog): never;
  addWatchFile(file: string): void;
}

interface RollupLog {
  message: string;
  id?: string;
  /** The column is 0-based. */
  loc?: { file: string; line: number; column: number };
  frame?: string;
}

export function reportToRollup(context: RollupContext, result: Result, failOn: Severity | undefined): void {
  if (context.meta.watchMode) for (const file of result.files) context.addWatchFile(file);
  const { failing, warnings, remarks, failure } = split(result, failOn);
  for (const message of remarks) context.warn({ message });
  if (failure !== undefined) context.error({ message: failure });
  // `error` ends the build with one message: the worst finding is last.
  const [worst, ...rest] = failing;
  for (const issue of [...warnings.toReversed(), ...rest.toReversed()]) context.warn(logOf(issue));
  if (worst) context.error(logOf(worst));
}

function logOf({ message, file, line, column, frame }: Issue): RollupLog {
  return { message, id: file, loc: { file, line, column: column - 1 }, frame };
}
