/**
 * Loads the WebAssembly engine: one file, two independent instances of it.
 *
 * Lowering a file (parsing it) may trap on absurd input, for instance 10,000 nested brackets. Then its instance is thrown away and the
 * next file gets a fresh one; the analysis, which lives in the other instance, does not notice.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { reason } from './discover.js';
import { UserError } from './user-error.js';
import * as analysisGlue from './wasm/analysis.js';
import * as loweringGlue from './wasm/lowering.js';
import { completeKeys, splitConfig } from './config/host-keys.js';
import type { Report } from './report.js';

/** What the engine wants next; all empty: nothing more. */
export interface Wants {
  manifests: string[];
  scan: string[];
  files: string[];
}

/** A configuration that cannot be used; the message names the key, and where there is a file, that and the line. */
export class ConfigError extends Error {
  override name = 'ConfigError';
}

/** The engine itself trapped. `path` is the file that it was given at that moment, where there was one. */
export class EngineCrash extends Error {
  override name = 'EngineCrash';
  constructor(
    message: string,
    readonly path?: string,
    /** Not this analysis trapped but another one in the same process, and took the instance with it. */
    readonly isBystander = false,
  ) {
    super(message);
  }
}

/** Counts the instances that all analyses of this process have lived in, one after the other. */
let generation = 0;

let compiled: WebAssembly.Module | undefined;

/** The compiled engine. Worker threads receive it instead of compiling it again. */
export function engineModule(): WebAssembly.Module {
  compiled ??= new WebAssembly.Module(readEngine(new URL('./wasm/authlint_bg.wasm', import.meta.url)));
  return compiled;
}

function readEngine(url: URL): NonSharedBuffer {
  try {
    return readFileSync(url);
  } catch (error) {
    throw new UserError(`the engine ${fileURLToPath(url)} could not be read: ${reason(error)}; install authlint again`);
  }
}

/** Uses a module that another thread has compiled. */
export function adoptEngineModule(module: WebAssembly.Module): void {
  compiled = module;
}

/** The version of the engine. */
export function engineVersion(): string {
  analysisGlue.initSync({ module: engineModule() });
  return analysisGlue.version();
}

/** What the engine's rules say of themselves. */
export interface RuleMeta {
  name: string;
  /** One sentence, in the present tense. */
  summary: string;
  cwe: string[];
  /** Entry of the OWASP API Security Top 10, 2023. */
  owasp: string;
  /** Controls of SOC 2 and ISO 27001. */
  controls: string[];
}

/** All rules of the engine. */
export function engineRules(): RuleMeta[] {
  analysisGlue.initSync({ module: engineModule() });
  return analysisGlue.rules() as RuleMeta[];
}

/** What became of one file. Empty `ir`: the scan found no sign of a server in it. */
export type Lowered = { ir: Uint8Array; problem?: undefined } | { ir?: undefined; problem: string };

/** Lowers one file to the engine's serialised form. Never throws: a file that the parser cannot stomach is a `problem`. */
export function lower(path: string, bytes: Uint8Array, scan: boolean): Lowered {
  loweringGlue.initSync({ module: engineModule() });
  try {
    return { ir: loweringGlue.lower(path, bytes, scan) };
  } catch (error) {
    loweringGlue.__wbg_reset_state();
    return { problem: describeTrap(error) };
  }
}

function describeTrap(error: unknown): string {
  if (isStackOverflow(error)) return 'the code is nested too deeply to be parsed; the file was skipped';
  const reason = error instanceof Error ? error.message : String(error);
  return `the parser failed on this file (${reason}); the file was skipped`;
}

/** The stack that runs out is V8's (a `RangeError`) or the engine's own, which lies at the bottom of its memory. */
function isStackOverflow(error: unknown): boolean {
  return error instanceof RangeError || (error instanceof WebAssembly.RuntimeError && /out of bounds/.test(error.message));
}

/** One analysis of one project. */
export class Analysis {
  readonly #engine: analysisGlue.Engine;
  readonly #generation: number;

  /** Throws a {@link ConfigError}. */
  constructor(config: unknown) {
    analysisGlue.initSync({ module: engineModule() });
    try {
      this.#engine = new analysisGlue.Engine(config === undefined || config === null ? undefined : splitConfig(config).value);
    } catch (error) {
      if (error instanceof WebAssembly.RuntimeError || error instanceof RangeError) throw crash(error);
      throw new ConfigError(completeKeys(error instanceof Error ? error.message : String(error)));
    }
    this.#generation = generation;
  }

  /** `false` after a trap, be it this analysis' or another's: only a new one helps. */
  get isAlive(): boolean {
    return this.#generation === generation;
  }

  /** All files of the project. Given again, it says which files came and went. */
  setFiles(paths: string[]): void {
    this.#guard(() => this.#engine.setFiles(paths));
  }

  wants(): Wants {
    return this.#guard(() => this.#engine.wants() as Wants);
  }

  giveText(path: string, bytes: Uint8Array): void {
    this.#guard(() => this.#engine.giveText(path, bytes), path);
  }

  giveIr(path: string, ir: Uint8Array): void {
    this.#guard(() => this.#engine.giveIr(path, ir), path);
  }

  /** These files' contents are not what they were: ask {@link wants} again. */
  changed(paths: string[]): void {
    this.#guard(() => this.#engine.changed(paths));
  }

  missing(path: string, why: string): void {
    this.#guard(() => this.#engine.missing(path, why));
  }

  report(): Report {
    return this.#guard(() => this.#engine.report() as Report);
  }

  /** Gives the engine's memory back; the analysis is over. */
  free(): void {
    if (this.isAlive) this.#engine.free();
  }

  #guard<T>(action: () => T, path?: string): T {
    if (!this.isAlive) throw new EngineCrash('the analysis engine failed in another project', undefined, true);
    try {
      return action();
    } catch (error) {
      throw crash(error, path);
    }
  }
}

/** After a trap the instance cannot be trusted any more: the next analysis gets a fresh one. */
function crash(error: unknown, path?: string): EngineCrash {
  analysisGlue.__wbg_reset_state();
  generation++;
  const reason = isStackOverflow(error) ? 'its stack overflowed' : error instanceof Error ? error.message : String(error);
  return new EngineCrash(`the analysis engine failed: ${reason}`, path);
}
