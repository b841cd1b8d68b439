/**
 * authlint in Rollup.
 *
 * ```js
 * // rollup.config.js
 * import authlint from 'authlint/rollup';
 * export default { input: 'src/server.js', plugins: [authlint({ failOn: 'high' })] };
 * ```
 */
import type { Options } from '../options.js';
import type { NamedPlugin } from '../plugin-types.js';
import { unplugin } from '../unplugin.js';

export type { Options, SeverityOption } from '../options.js';

/** The plugin for Rollup. */
const authlint: (options?: Options) => NamedPlugin = unplugin.rollup;

// The second name is what `require('authlint/rollup')` gives.
export { authlint as default, authlint as 'module.exports' };
