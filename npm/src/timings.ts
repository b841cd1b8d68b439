/** Where the time of an analysis went. */
import type { LoweringCost } from './lowering.js';

/** Milliseconds. `read`, `scan` and `lower` are sums over all threads; the others are the main thread's. */
export interface Timings extends LoweringCost {
  /** Listing the folders. */
  discover: number;
  /** Looking for results of former runs, and writing those of this one. */
  cache: number;
  /** Compiling and starting the engine. */
  load: number;
  /** Abstract execution: everything in the engine that is neither lowering nor the report. */
  interpret: number;
  /** Endpoints, rules, and the report. */
  report: number;
  /** From the start of the analysis to its end, on the clock. */
  total: number;
  threads: number;
}

type Phase = 'discover' | 'cache' | 'load' | 'read' | 'interpret' | 'report';

export class Stopwatch {
  readonly #start = performance.now();
  readonly #spent: Record<Phase, number> = { discover: 0, cache: 0, load: 0, read: 0, interpret: 0, report: 0 };

  measure<T>(phase: Phase, action: () => T): T {
    const start = performance.now();
    try {
      return action();
    } finally {
      this.#spent[phase] += performance.now() - start;
    }
  }

  get elapsed(): number {
    return performance.now() - this.#start;
  }

  finish(cost: LoweringCost, threads: number): Timings {
    const { discover, cache, load, read, interpret, report } = this.#spent;
    const timings = { discover, cache, load, read: read + cost.read, scan: cost.scan, lower: cost.lower, interpret, report, total: this.elapsed };
    const rounded = Object.fromEntries(Object.entries(timings).map(([name, value]) => [name, Math.round(value * 10) / 10]));
    return { ...(rounded as unknown as typeof timings), threads };
  }
}
