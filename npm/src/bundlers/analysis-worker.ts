/** The thread in which a bundler's project lives: the bundler goes on while the server is analysed. */
import { join, resolve } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { readBaseline, sortByBaseline } from '../baseline.js';
import { loadConfig } from '../config.js';
import { splitConfig, type HostConfig } from '../config/host-keys.js';
import { createProject, type Project } from '../project.js';
import type { Finding } from '../report.js';
import { UserError } from '../user-error.js';
import { issuesFrom, problemText } from './issue.js';
import { failed, type Request, type Result, type WorkerSetup } from './protocol.js';

const { root, config, configFile, cache, include } = workerData as WorkerSetup;
let project: Project | undefined;

parentPort!.on('message', ({ id, changed }: Request) => {
  parentPort!.postMessage({ id, result: analyse(changed) });
});

function analyse(changed: readonly string[] | undefined): Result {
  try {
    const { value, host } = configured();
    if (!project) project = createProject({ root, cache, ...value });
    else if (changed) project.changed(changed);
    else project.refresh();
    const { findings } = project.report();
    const fresh = host.baseline === undefined ? findings.findings : withoutAccepted(findings.findings, host.baseline);
    const files = project.files().map((path) => join(root, path));
    return {
      issues: issuesFrom(root, fresh.filter(isIncluded)),
      problem: problemText(findings.errors),
      failure: undefined,
      failOn: host.failOn,
      files: host.baseline === undefined ? files : [...files, host.baseline],
    };
  } catch (error) {
    return failed(error instanceof Error ? error.message : String(error));
  }
}

/** The configuration: for the project, and what this host makes of it. */
function configured(): { value: { config?: unknown; configFile?: string }; host: HostConfig } {
  if (config === undefined) {
    const file = loadConfig(root, configFile);
    return { value: configFile === undefined ? {} : { configFile }, host: file?.host ?? {} };
  }
  const { value, host } = splitConfig(config);
  return { value: { config: value }, host: host.baseline === undefined ? host : { ...host, baseline: resolve(root, host.baseline) } };
}

function withoutAccepted(findings: readonly Finding[], baseline: string): Finding[] {
  const entries = readBaseline(baseline);
  if (!entries) throw new UserError(`the baseline ${baseline} does not exist; \`authlint check --update-baseline\` makes it`);
  return sortByBaseline(findings, entries).fresh;
}

function isIncluded({ file }: Finding): boolean {
  return include.length === 0 || include.some((path) => path === '' || file === path || file.startsWith(`${path}/`));
}
