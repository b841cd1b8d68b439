/** What the build knows of the engine that it ships, so that nobody has to start the engine to ask. Made by `build.mjs`. */
declare module 'authlint:embedded' {
  import type { RuleMeta } from './engine.js';
  /** Changes with every change of the engine, and with every version of the package: part of every cache key. */
  export const ENGINE_HASH: string;
  export const VERSION: string;
  export const RULES: readonly RuleMeta[];
}
