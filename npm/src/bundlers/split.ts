/** What of a result fails a build, and what is only a warning. */
import { isAtLeast, type Issue } from './issue.js';
import type { Result } from './protocol.js';
import type { Severity } from '../report.js';
import type { Settings } from './options.js';

export interface Split {
  failing: Issue[];
  warnings: Issue[];
  /** What concerns no finding: files that could not be read, for instance. */
  remarks: string[];
  /** Findings may be missing: where a build is to fail on them, it must not pass for want of them. */
  failure: string | undefined;
}

/** The plugin's option counts before the configuration; `undefined`: nothing fails the build. */
export function thresholdOf(result: Result, { failOn }: Settings): Severity | undefined {
  if (failOn !== undefined) return failOn || undefined;
  return result.failOn === 'never' ? undefined : result.failOn;
}

export function split(result: Result, settings: Settings): Split {
  const { issues, problem, failure } = result;
  const failOn = thresholdOf(result, settings);
  const remarks = problem === undefined ? [] : [problem];
  if (failure !== undefined && failOn === undefined) remarks.push(failure);
  return {
    failing: issues.filter(({ severity }) => isAtLeast(severity, failOn)),
    warnings: issues.filter(({ severity }) => !isAtLeast(severity, failOn)),
    remarks,
    failure: failOn === undefined ? undefined : failure,
  };
}

export function isFailing(result: Result, settings: Settings): boolean {
  const { failing, failure } = split(result, settings);
  return failing.length > 0 || failure !== undefined;
}
