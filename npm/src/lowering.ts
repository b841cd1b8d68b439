/**
 * Lowers a list of files, on as many threads as asked for. All threads, the calling one included, take chunks of the list from a shared
 * counter; what a thread that dies has taken is done again by the caller. The answers come back as one transferred buffer per chunk.
 */
import { Worker } from 'node:worker_threads';
import { engineModule, lower } from './engine.js';
import { hash, settled } from './content.js';
import { readSource, type Stamp } from './read.js';

/** What lowering cost, in milliseconds summed over all threads. */
export interface LoweringCost {
  read: number;
  /** Calls that found no sign of a server. */
  scan: number;
  /** Calls that parsed. */
  lower: number;
}

/** The files that one thread has taken. */
export interface Job {
  root: string;
  paths: string[];
  scan: boolean;
  /** Whether it is said what each file was, for a cache. */
  identify: boolean;
  /** `[0]`: index of the next file that nobody has taken yet. */
  counter: Int32Array;
}

/** The answers for files `first`, `first + 1`, …: `lengths[i]` bytes of `bytes` each. */
export interface Chunk {
  first: number;
  lengths: Uint32Array;
  bytes: Uint8Array;
  problems: { index: number; problem: string }[];
  /** By position, where the job asks for it: what the file was that was lowered. */
  identities: Identity[];
}

/** The file that an intermediate representation belongs to; without a stamp, only its content tells. */
export interface Identity {
  id: string;
  stamp: Stamp | undefined;
}

const CHUNK = 32;

/**
 * Files that are worth a worker, which costs about 50 ms of a core: fewer are done before it is up. Measured on two cores; a file that is
 * only scanned takes about 0.02 ms, one that is parsed 0.25 ms.
 */
const WORTH_A_WORKER = { scan: 1500, parse: 300 };

/** Takes chunks until the list is done. */
export function work(job: Job, cost: LoweringCost, deliver: (chunk: Chunk) => void): void {
  for (;;) {
    const first = Atomics.add(job.counter, 0, CHUNK);
    if (first >= job.paths.length) return;
    deliver(lowerChunk(job, first, Math.min(first + CHUNK, job.paths.length), cost));
  }
}

function lowerChunk(job: Job, first: number, end: number, cost: LoweringCost): Chunk {
  const lengths = new Uint32Array(end - first);
  const parts: Uint8Array[] = [];
  const problems: Chunk['problems'] = [];
  const identities: Identity[] = [];
  let total = 0;
  for (let index = first; index < end; index++) {
    const path = job.paths[index]!;
    const start = performance.now();
    const now = Date.now();
    const source = readSource(job.root, path, job.identify);
    if (job.identify && source.bytes) identities[index - first] = { id: hash(source.bytes), stamp: settled(source.stamp, now) };
    const read = performance.now();
    cost.read += read - start;
    if (source.problem !== undefined) {
      problems.push({ index, problem: source.problem });
      continue;
    }
    const lowered = lower(path, source.bytes, job.scan);
    const elapsed = performance.now() - read;
    if (lowered.problem !== undefined) {
      problems.push({ index, problem: lowered.problem });
    } else if (lowered.ir.length > 0) {
      lengths[index - first] = lowered.ir.length;
      parts.push(lowered.ir);
      total += lowered.ir.length;
    }
    if (lowered.ir?.length === 0) cost.scan += elapsed;
    else cost.lower += elapsed;
  }
  const bytes = new Uint8Array(total);
  let offset = 0;
  for (const part of parts) {
    bytes.set(part, offset);
    offset += part.length;
  }
  return { first, lengths, bytes, problems, identities };
}

/** What became of one file. */
export type Answer = (path: string, ir: Uint8Array | undefined, problem: string | undefined, identity: Identity | undefined) => void;

/** Threads that lower files, started when a list is long enough to be worth it. */
export class LoweringPool {
  readonly cost: LoweringCost = { read: 0, scan: 0, lower: 0 };
  readonly #workers: Worker[] = [];
  readonly #root: string;
  readonly #threads: number;

  constructor(root: string, threads: number) {
    this.#root = root;
    this.#threads = threads;
  }

  /** Workers that are running. */
  get workers(): number {
    return this.#workers.length;
  }

  async lower(paths: string[], { scan, identify }: Pick<Job, 'scan' | 'identify'>, answer: Answer, onProgress: (done: number) => void = () => {}): Promise<void> {
    const counter = new Int32Array(new SharedArrayBuffer(4));
    const job: Job = { root: this.#root, paths, scan, identify, counter };
    const answered = new Uint8Array(paths.length);
    let done = 0;
    const deliver = (chunk: Chunk): void => {
      deliverChunk(chunk, paths, answered, answer);
      done += chunk.lengths.length;
      onProgress(done);
    };

    this.#start(Math.floor(paths.length / (scan ? WORTH_A_WORKER.scan : WORTH_A_WORKER.parse)));
    const finished = this.#workers.slice().map((worker) => this.#assign(worker, job, deliver));
    work(job, this.cost, deliver);
    await Promise.all(finished);
    this.#redo(job, answered, answer);
  }

  async close(): Promise<void> {
    await Promise.all(this.#workers.splice(0).map((worker) => worker.terminate()));
  }

  #start(wanted: number): void {
    while (this.#workers.length < Math.min(wanted, this.#threads - 1)) {
      // A stack not larger than the main thread's: what a worker lowers, the main thread must be able to read.
      const worker = new Worker(new URL('./worker.js', import.meta.url), {
        workerData: engineModule(),
        resourceLimits: { stackSizeMb: 1 },
        execArgv: [], // Those of the host are not for a thread: `--input-type` ends it.
      });
      worker.unref();
      this.#workers.push(worker);
    }
  }

  /** Settles when the worker has no more to take, or is dead. */
  #assign(worker: Worker, job: Job, deliver: (chunk: Chunk) => void): Promise<void> {
    return new Promise((resolve) => {
      const end = (): void => {
        worker.off('message', onMessage).off('error', onDeath).off('exit', onDeath);
        resolve();
      };
      const onMessage = (message: Chunk | LoweringCost): void => {
        if ('first' in message) return deliver(message);
        this.cost.read += message.read;
        this.cost.scan += message.scan;
        this.cost.lower += message.lower;
        end();
      };
      const onDeath = (): void => {
        const index = this.#workers.indexOf(worker);
        if (index >= 0) this.#workers.splice(index, 1);
        end();
      };
      worker.on('message', onMessage).on('error', onDeath).on('exit', onDeath);
      worker.postMessage(job);
    });
  }

  /** Does what a dead worker had taken. */
  #redo(job: Job, answered: Uint8Array, answer: Answer): void {
    for (let index = answered.indexOf(0); index >= 0; index = answered.indexOf(0, index + 1)) {
      deliverChunk(lowerChunk(job, index, index + 1, this.cost), job.paths, answered, answer);
    }
  }
}

function deliverChunk(chunk: Chunk, paths: string[], answered: Uint8Array, answer: Answer): void {
  const problems = new Map(chunk.problems.map(({ index, problem }) => [index, problem]));
  let offset = 0;
  for (let position = 0; position < chunk.lengths.length; position++) {
    const index = chunk.first + position;
    const length = chunk.lengths[position]!;
    const problem = problems.get(index);
    answer(paths[index]!, problem === undefined ? chunk.bytes.subarray(offset, offset + length) : undefined, problem, chunk.identities[position]);
    answered[index] = 1;
    offset += length;
  }
}
