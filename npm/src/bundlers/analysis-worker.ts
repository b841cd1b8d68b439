/** The thread in which a bundler's project lives: the bundler goes on while the server is analysed. */
import { resolve } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { withoutMarks } from '../byte-order-mark.js';
import { createProject, type Project } from '../project.js';
import { hidesCode, type Finding } from '../report.js';
import { issuesFrom, problemText } from './issue.js';
import { failed, type Request, type Result, type WorkerSetup } from './protocol.js';

const { root, config, configFile, cache, include } = workerData as WorkerSetup;
let project: Project | undefined;

parentPort!.on('message', ({ id, changed }: Request) => {
  parentPort!.postMessage({ id, result: analyse(changed) });
});

function analyse(changed: readonly string[] | undefined): Result {
  try {
    if (!project) project = open();
    else if (changed) project.changed(changed);
    else project.refresh();
    const { findings } = withoutMarks(project.report(), root);
    return {
      issues: issuesFrom(root, findings.findings.filter(isIncluded)),
      problem: problemText(findings.errors),
      hidesCode: findings.errors.some(hidesCode),
      failure: undefined,
      failOn: project.failOn,
      files: project.files().map((path) => resolve(root, path)),
    };
  } catch (error) {
    return failed(error instanceof Error ? error.message : String(error));
  }
}

function open(): Project {
  return createProject({ root, cache, ...(config === undefined ? {} : { config }), ...(configFile === undefined ? {} : { configFile }) });
}

function isIncluded({ file }: Finding): boolean {
  return include.length === 0 || include.some((path) => path === '' || file === path || file.startsWith(`${path}/`));
}
