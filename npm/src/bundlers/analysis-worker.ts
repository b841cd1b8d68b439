/** The thread in which a bundler's project lives: the bundler goes on while the server is analysed. */
import { resolve } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { LiveProject } from '../live-project.js';
import { ConfigReader } from './config-reader.js';
import { Include } from './include.js';
import { issuesFrom, problemText } from './issue.js';
import { failed, type Request, type Result, type WorkerSetup } from './protocol.js';

const { root, config, configFile, cache, include } = workerData as WorkerSetup;
const included = new Include(include);
const reader = config === undefined ? new ConfigReader(root, configFile) : undefined;
let project: LiveProject | undefined;
let last: Promise<void> = Promise.resolve();

parentPort!.on('message', ({ id, changed }: Request) => {
  last = last.then(async () => parentPort!.postMessage({ id, result: await analyse(changed) }));
});

async function analyse(changed: readonly string[] | undefined): Promise<Result> {
  try {
    await reader?.load();
    if (!project) project = open();
    else if (changed) project.changed(changed);
    else project.refresh();
    const { findings } = project.report();
    return {
      issues: issuesFrom(root, findings.findings.filter(({ file }) => included.has(file))),
      problem: problemText(findings.errors),
      failure: included.problem(root, project.filesOnDisk),
      failOn: project.failOn,
      files: [...new Set([...project.files().map((path) => resolve(root, path)), ...(reader?.paths() ?? [])])],
    };
  } catch (error) {
    return failed(error instanceof Error ? error.message : String(error), reader?.paths());
  }
}

function open(): LiveProject {
  return new LiveProject({ root, cache, ...(config === undefined ? {} : { config }), ...(configFile === undefined ? {} : { configFile }) }, reader?.read);
}
