/**
 * authlint as a library: the same analysis as the command line.
 *
 * ```js
 * import { analyseProject } from 'authlint';
 * const { inventory, findings } = await analyseProject({ root: '.' });
 * ```
 */
export { defineConfig, type AuthlintConfig } from './config.js';
export { ConfigError, EngineCrash, engineVersion } from './engine.js';
export { analyseFiles, analyseProject, createProject, type Progress, type Project, type ProjectOptions } from './project.js';
export { findRoot } from './root.js';
export type { Timings } from './timings.js';
export * from './report.js';
