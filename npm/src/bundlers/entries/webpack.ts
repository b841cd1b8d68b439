/**
 * authlint in webpack.
 *
 * ```js
 * // webpack.config.js
 * import authlint from 'authlint/webpack';
 * export default { plugins: [authlint({ failOn: 'high' })] };
 * ```
 */
import type { Options } from '../options.js';
import type { CompilerPlugin } from '../plugin-types.js';
import { unplugin } from '../unplugin.js';

export type { Options, SeverityOption } from '../options.js';

/** The plugin for webpack. */
const authlint: (options?: Options) => CompilerPlugin = unplugin.webpack;

// The second name is what `require('authlint/webpack')` gives.
export { authlint as default, authlint as 'module.exports' };
