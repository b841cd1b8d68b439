/** What a plugin and the thread of its analysis say to one another. */
import type { HostConfig } from '../config/host-keys.js';
import type { Issue } from './issue.js';

/** What the thread is started with. */
export interface WorkerSetup {
  root: string;
  /** Where the search for the configuration begins, and that nobody named the root. */
  configFrom: string | undefined;
  config: object | undefined;
  configFile: string | undefined;
  cache: boolean | string;
  include: readonly string[];
}

/** Asks for an analysis. `changed`: what a watcher saw; without it, the disk is looked at. */
export interface Request {
  id: number;
  changed?: readonly string[];
}

export interface Result {
  issues: Issue[];
  /** What could not be read or understood. */
  problem: string | undefined;
  /** Code stayed unseen because of the problem. */
  hidesCode: boolean;
  /** Why the findings are none, or not those that were asked for. */
  failure: string | undefined;
  /** What the configuration says, where the plugin's own options do not. */
  failOn: HostConfig['failOn'];
  /** Absolute paths of the files that the findings depend on. */
  files: string[];
}

/** Nothing was analysed. `files`: those with which it may be another time. */
export function failed(reason: string, files: string[] = []): Result {
  return { issues: [], problem: undefined, hidesCode: false, failure: `nothing was analysed: ${reason}`, failOn: undefined, files };
}
