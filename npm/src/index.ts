/**
 * authlint as a library: the same analysis as the command line.
 *
 * ```js
 * import { createProject, endpoints, findings } from 'authlint';
 *
 * const project = createProject({ root: '.' });
 * for (const { severity, message, file, line } of findings(project)) console.log(severity, `${file}:${line}`, message);
 * console.log(endpoints(project).filter(({ auth }) => auth === 'none').length, 'endpoints need no authentication');
 *
 * project.changed(['src/app.js']); // Somebody edited it: the next call analyses what changed.
 * project.dispose();
 * ```
 *
 * Beside it, {@link analyseProject} analyses once, on all cores, and {@link analyseFiles} takes files in memory.
 */
export { endpoints, findings } from './api.js';
export { defineConfig, type AuthlintConfig } from './config.js';
export { ConfigError, EngineCrash, engineVersion } from './engine.js';
export { analyseFiles, analyseProject, createProject, type Progress, type Project, type ProjectOptions } from './project.js';
export { findRoot } from './root.js';
export type { Timings } from './timings.js';
export * from './report.js';
