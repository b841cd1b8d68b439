/**
 * authlint in Farm.
 *
 * ```js
 * // farm.config.js
 * import authlint from 'authlint/farm';
 * export default { plugins: [authlint({ failOn: 'high' })] };
 * ```
 */
import type { Options } from '../options.js';
import type { NamedPlugin } from '../plugin-types.js';
import { unplugin } from '../unplugin.js';

export type { Options, SeverityOption } from '../options.js';

/** The plugin for Farm. */
const authlint: (options?: Options) => NamedPlugin = unplugin.farm;

// The second name is what `require('authlint/farm')` gives.
export { authlint as default, authlint as 'module.exports' };
