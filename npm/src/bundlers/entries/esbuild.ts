/**
 * authlint in esbuild.
 *
 * ```js
 * // build.js
 * import authlint from 'authlint/esbuild';
 * await esbuild.build({ plugins: [authlint({ failOn: 'high' })] });
 * ```
 */
import type { Options } from '../options.js';
import type { SetupPlugin } from '../plugin-types.js';
import { unplugin } from '../unplugin.js';

export type { Options, SeverityOption } from '../options.js';

/** The plugin for esbuild. */
const authlint: (options?: Options) => SetupPlugin = unplugin.esbuild;

// The second name is what `require('authlint/esbuild')` gives.
export { authlint as default, authlint as 'module.exports' };
