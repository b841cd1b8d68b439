/**
 * authlint in Rolldown.
 *
 * ```js
 * // rolldown.config.js
 * import authlint from 'authlint/rolldown';
 * export default { input: 'src/server.js', plugins: [authlint({ failOn: 'high' })] };
 * ```
 */
import type { Options } from '../options.js';
import type { NamedPlugin } from '../plugin-types.js';
import { unplugin } from '../unplugin.js';

export type { Options, SeverityOption } from '../options.js';

/** The plugin for Rolldown. */
const authlint: (options?: Options) => NamedPlugin = unplugin.rolldown;

// The second name is what `require('authlint/rolldown')` gives.
export { authlint as default, authlint as 'module.exports' };
