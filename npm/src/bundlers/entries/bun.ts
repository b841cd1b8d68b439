/**
 * authlint in Bun.
 *
 * ```js
 * // build.js
 * import authlint from 'authlint/bun';
 * await Bun.build({ plugins: [authlint({ failOn: 'high' })] });
 * ```
 */
import type { Options } from '../options.js';
import type { SetupPlugin } from '../plugin-types.js';
import { unplugin } from '../unplugin.js';

export type { Options, SeverityOption } from '../options.js';

/** The plugin for Bun. */
const authlint: (options?: Options) => SetupPlugin = unplugin.bun;

// The second name is what `require('authlint/bun')` gives.
export { authlint as default, authlint as 'module.exports' };
