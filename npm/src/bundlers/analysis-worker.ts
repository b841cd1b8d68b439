/** The thread in which a bundler's project lives: the bundler goes on while the server is analysed. */
import { join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { createProject, type Project } from '../project.js';
import type { Finding } from '../report.js';
import { issuesFrom, problemText, type Issue } from './issue.js';

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
  /** Nothing was analysed, for this reason. */
  failure: string | undefined;
  /** Absolute paths of the files that the findings depend on. */
  files: string[];
}

const setup = workerData as WorkerSetup;
let project: Project | undefined;

parentPort!.on('message', ({ id, changed }: Request) => {
  parentPort!.postMessage({ id, result: analyse(changed) });
});

function analyse(changed: readonly string[] | undefined): Result {
  try {
    if (!project) project = open();
    else if (changed) project.changed(changed);
    else project.refresh();
    const { findings } = project.report();
    const shown = findings.findings.filter(isIncluded);
    const files = project.files().map((path) => join(setup.root, path));
    return { issues: issuesFrom(setup.root, shown), problem: problemText(findings.errors), failure: undefined, files };
  } catch (error) {
    return { issues: [], problem: undefined, failure: error instanceof Error ? error.message : String(error), files: [] };
  }
}

function open(): Project {
  const { root, config, configFile, cache } = setup;
  return createProject({ root, cache, ...(config === undefined ? {} : { config }), ...(configFile === undefined ? {} : { configFile }) });
}

function isIncluded({ file }: Finding): boolean {
  return setup.include.length === 0 || setup.include.some((path) => path === '' || file === path || file.startsWith(`${path}/`));
}
