/**
 * authlint in Vite.
 *
 * ```js
 * // vite.config.js
 * import authlint from 'authlint/vite';
 * export default { plugins: [authlint({ failOn: 'high' })] };
 * ```
 */
import type { Options } from '../options.js';
import type { NamedPlugin } from '../plugin-types.js';
import { unplugin } from '../unplugin.js';

export type { Options, SeverityOption } from '../options.js';

/** The plugin for Vite. */
const authlint: (options?: Options) => NamedPlugin = unplugin.vite;

// The second name is what `require('authlint/vite')` gives.
export { authlint as default, authlint as 'module.exports' };
