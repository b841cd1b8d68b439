/** Findings in Farm. */
import type { Severity } from '../report.js';
import type { Result } from './analysis.js';
import { textOf } from './issue.js';
import { split } from './split.js';

/** What is used of Farm's `CompilationContext`. */
export interface FarmContext {
  warn(message: string): void;
  error(message: string): void;
}

export function reportToFarm(context: FarmContext, result: Result, failOn: Severity | undefined): void {
  const { failing, warnings, remarks, failure } = split(result, failOn);
  for (const text of [...remarks, ...warnings.map(textOf)]) context.warn(`authlint: ${text}`);
  const reasons = [...failing.map(textOf), ...(failure === undefined ? [] : [failure])];
  if (reasons.length > 0) throw new Error(`authlint: ${reasons.join('\n\n')}`);
}
