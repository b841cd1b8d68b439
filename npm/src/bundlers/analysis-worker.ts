/** The thread in which a bundler's project lives: the bundler goes on while the server is analysed. */
import { relative, resolve, sep } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { withoutMarks } from '../byte-order-mark.js';
import { LiveProject } from '../live-project.js';
import { hidesCode } from '../report.js';
import { widen, widerRoot } from '../root.js';
import { ConfigReader } from './config-reader.js';
import { Include } from './include.js';
import { issuesFrom, problemText } from './issue.js';
import { failed, type Request, type Result, type WorkerSetup } from './protocol.js';

const { root, configFrom, config, configFile, cache, include } = workerData as WorkerSetup;
const included = new Include(include);
let reader = readerOf(root);
let project: LiveProject | undefined;
let last: Promise<void> = Promise.resolve();

parentPort!.on('message', ({ id, changed }: Request) => {
  last = last.then(async () => parentPort!.postMessage({ id, result: await analyse(changed) }));
});

async function analyse(changed: readonly string[] | undefined): Promise<Result> {
  try {
    if (!project) {
      project = await open();
    } else {
      await reader?.load();
      if (changed) project.changed(changed);
      else project.refresh();
    }
    const here = project.root;
    const { findings } = withoutMarks(project.report(), here);
    /** The options speak of the root that was found, whatever the project grew to. */
    const own = (file: string) => relative(root, resolve(here, file)).split(sep).join('/');
    return {
      issues: issuesFrom(here, findings.findings.filter(({ file }) => included.has(own(file)))),
      problem: problemText(findings.errors),
      hidesCode: findings.errors.some(hidesCode),
      failure: included.problem(root, project.filesOnDisk.map(own)),
      failOn: project.failOn,
      files: [...new Set([...project.files().map((path) => resolve(here, path)), ...(reader?.paths() ?? [])])],
    };
  } catch (error) {
    return failed(error instanceof Error ? error.message : String(error), reader?.paths());
  }
}

/** A root that nobody named is as wide as the imports of its files are. */
async function open(): Promise<LiveProject> {
  for (let at = root; ; ) {
    reader = readerOf(at);
    await reader?.load();
    const opened = new LiveProject(
      { root: at, cache, ...(configFrom === undefined ? {} : { configFrom }), ...(config === undefined ? {} : { config }), ...(configFile === undefined ? {} : { configFile }) },
      reader?.read,
    );
    const wider = configFrom === undefined ? undefined : widerRoot(opened.root, opened.report().findings.errors);
    if (wider === undefined) return opened;
    widen(opened.root, wider);
    opened.dispose();
    at = wider;
  }
}

function readerOf(at: string): ConfigReader | undefined {
  return config === undefined ? new ConfigReader(at, configFile, configFrom) : undefined;
}
