/** The thread in which a bundler's project lives: the bundler goes on while the server is analysed. */
import { relative, resolve, sep } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { openProject } from '../found-project.js';
import type { Project } from '../project.js';
import type { Finding } from '../report.js';
import { issuesFrom, problemText } from './issue.js';
import { failed, type Request, type Result, type WorkerSetup } from './protocol.js';

const { root, configFrom, config, configFile, cache, include } = workerData as WorkerSetup;
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
    const here = project.root;
    return {
      issues: issuesFrom(here, findings.findings.filter(isIncluded)),
      problem: problemText(findings.errors),
      failure: undefined,
      failOn: project.failOn,
      files: project.files().map((path) => resolve(here, path)),
    };
  } catch (error) {
    return failed(error instanceof Error ? error.message : String(error));
  }
}

function open(): Project {
  const isFound = configFrom !== undefined;
  return openProject({ root, cache, ...(isFound ? { configFrom } : {}), ...(config === undefined ? {} : { config }), ...(configFile === undefined ? {} : { configFile }) }, isFound);
}

function isIncluded(finding: Finding): boolean {
  const file = relative(root, resolve(project!.root, finding.file)).split(sep).join('/');
  return include.length === 0 || include.some((path) => path === '' || file === path || file.startsWith(`${path}/`));
}
