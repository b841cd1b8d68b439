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
  /** Nothing was analysed, or not everything: where a build is to fail on findings, it must not pass for want of them. */
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
  const failing = issues.filter(({ severity }) => isAtLeast(severity, failOn));
  // A host that ends with the first error shows the findings rather than this.
  const gap = result.hidesCode && failing.length === 0 ? problem : undefined;
  const reason = failOn === undefined ? undefined : (failure ?? gap);
  const remarks = [problem, failure].filter((text) => text !== undefined && text !== reason) as string[];
  return {
    failing,
    warnings: issues.filter(({ severity }) => !isAtLeast(severity, failOn)),
    remarks,
    failure: reason,
  };
}

export function isFailing(result: Result, settings: Settings): boolean {
  const { failing, failure } = split(result, settings);
  return failing.length > 0 || failure !== undefined;
}
