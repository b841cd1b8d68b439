/**
 * authlint in Rspack.
 *
 * ```js
 * // rspack.config.js
 * import authlint from 'authlint/rspack';
 * export default { plugins: [authlint({ failOn: 'high' })] };
 * ```
 */
import type { Options } from '../options.js';
import type { CompilerPlugin } from '../plugin-types.js';
import { unplugin } from '../unplugin.js';

export type { Options, SeverityOption } from '../options.js';

/** The plugin for Rspack. */
const authlint: (options?: Options) => CompilerPlugin = unplugin.rspack;

// The second name is what `require('authlint/rspack')` gives.
export { authlint as default, authlint as 'module.exports' };
