/** A thread that lowers files: it answers each {@link Job} with chunks and, at last, with what they cost. */
import { parentPort, workerData } from 'node:worker_threads';
import { adoptEngineModule } from './engine.js';
import { work, type Job, type LoweringCost } from './lowering.js';

adoptEngineModule(workerData as WebAssembly.Module);

parentPort!.on('message', (job: Job) => {
  const cost: LoweringCost = { read: 0, scan: 0, lower: 0 };
  work(job, cost, (chunk) => parentPort!.postMessage(chunk, [chunk.bytes.buffer as ArrayBuffer, chunk.lengths.buffer as ArrayBuffer]));
  parentPort!.postMessage(cost);
});
