/** What a plugin and the thread of its analysis say to one another. */
import type { HostConfig } from '../config/host-keys.js';
import type { Issue } from './issue.js';

/** What the thread is started with. */
export interface WorkerSetup {
  root: string;
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
  /** Nothing was analysed, for this reason. */
  failure: string | undefined;
  /** What the configuration says, where the plugin's own options do not. */
  failOn: HostConfig['failOn'];
  /** Absolute paths of the files that the findings depend on. */
  files: string[];
}

export function failed(reason: string): Result {
  return { issues: [], problem: undefined, hidesCode: false, failure: reason, failOn: undefined, files: [] };
}
