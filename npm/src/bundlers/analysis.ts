/**
 * The analysis of one project on behalf of all plugins of this process that look at it: a build of several configurations or environments
 * has one. It runs in a thread of its own, next to the build.
 */
import { resolve } from 'node:path';
import { Worker } from 'node:worker_threads';
import { findProject } from '../root.js';
import type { Settings } from './options.js';
import { failed, type Request, type Result, type WorkerSetup } from './protocol.js';

const analyses = new Map<string, Analysis>();

/** The analysis of the project that the settings name, or else of the one around the bundler's root. */
export function analysisOf(settings: Settings, bundlerRoot: string): Analysis {
  const base = resolve(bundlerRoot);
  const place = settings.root === undefined ? findProject(resolve(base, 'package.json')) : { root: resolve(base, settings.root), configFrom: undefined };
  const configFile = settings.configFile === undefined ? undefined : resolve(base, settings.configFile);
  const { config, cache, include } = settings;
  const setup: WorkerSetup = { ...place, config: config && (JSON.parse(JSON.stringify(config)) as object), configFile, cache, include };
  const key = JSON.stringify(setup);
  let analysis = analyses.get(key);
  if (!analysis) analyses.set(key, (analysis = new Analysis(setup)));
  return analysis;
}

export class Analysis {
  readonly root: string;
  readonly #setup: WorkerSetup;
  readonly #pending = new Map<number, (result: Result) => void>();
  #worker: Worker | undefined;
  #requests = 0;

  constructor(setup: WorkerSetup) {
    this.root = setup.root;
    this.#setup = setup;
  }

  /** Analyses what changed: what a watcher saw, or whatever the disk shows. Never rejects. */
  run(changed?: readonly string[]): Promise<Result> {
    const request: Request = { id: ++this.#requests, ...(changed ? { changed } : {}) };
    return new Promise((resolve) => {
      this.#pending.set(request.id, resolve);
      const worker = (this.#worker ??= this.#start());
      worker.ref(); // Only while somebody waits does the thread keep the process alive.
      worker.postMessage(request);
    });
  }

  #start(): Worker {
    const worker = new Worker(new URL('./analysis-worker.js', import.meta.url), {
      workerData: this.#setup,
      // A stack not larger than a main thread's: what is lowered here and cached, the command line must be able to read.
      resourceLimits: { stackSizeMb: 1 },
      execArgv: [], // Those of the bundler are not for a thread: `--input-type` ends it.
    });
    worker.on('message', ({ id, result }: { id: number; result: Result }) => this.#settle(id, result));
    worker.on('error', (error) => this.#abandon(worker, error instanceof Error ? error.message : String(error)));
    worker.on('exit', () => this.#abandon(worker, 'its thread ended'));
    return worker;
  }

  #settle(id: number, result: Result): void {
    this.#pending.get(id)?.(result);
    this.#pending.delete(id);
    if (this.#pending.size === 0) this.#worker?.unref();
  }

  /** The thread is dead: who waits is told so, and the next run gets a fresh one. */
  #abandon(worker: Worker, why: string): void {
    if (this.#worker !== worker) return;
    this.#worker = undefined;
    for (const id of [...this.#pending.keys()]) this.#settle(id, failed(why));
  }
}
