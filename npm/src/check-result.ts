/** What a check shows, whatever the format. */
import type { Accepted, UnusedEntry } from './baseline.js';
import type { Report } from './report.js';

export interface CheckResult {
  /** As the user gave it. */
  root: string;
  /** Its findings are those that count. */
  report: Report;
  /** Findings that the baseline accepts. */
  accepted: Accepted[];
  /** Where there is a baseline. */
  baseline?: { path: string; unused: UnusedEntry[] };
  /** Where only what a change touches is shown. */
  since?: { ref: string; files: number };
}
