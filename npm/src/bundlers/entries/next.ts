/**
 * authlint in Next.js, with webpack and with Turbopack.
 *
 * ```js
 * // next.config.mjs
 * import { withAuthlint } from 'authlint/next';
 * export default withAuthlint({ reactStrictMode: true }, { failOn: 'high' });
 * ```
 */
import { configFolder } from '../config-folder.js';
import { onConfigLoaded } from '../next.js';
import { settingsFrom, type Options } from '../options.js';

export type { SeverityOption } from '../options.js';

/** As those of the bundlers; Next's overlay cannot be used from outside. */
export type NextOptions = Omit<Options, 'overlay'>;

/** A configuration of Next as it may be exported: itself, a promise of it, or a function that gives one of them. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type NextConfigExport<Config extends object> = Config | Promise<Config> | ((phase: string, context: any) => Config | Promise<Config>);

/**
 * Analyses the project before `next build` and during `next dev`. To be the outermost wrapper: it gives a function.
 *
 * @param config The configuration of Next; it is not changed.
 */
export function withAuthlint<Config extends object>(config?: NextConfigExport<Config>, options: NextOptions = {}): (phase: string, context: { defaultConfig: object }) => Promise<Config> {
  const settings = settingsFrom(options);
  const folder = configFolder();
  return async (phase, context) => {
    await onConfigLoaded(phase, folder, settings);
    return typeof config === 'function' ? config(phase, context) : ((await config) ?? ({} as Config));
  };
}

export default withAuthlint;
