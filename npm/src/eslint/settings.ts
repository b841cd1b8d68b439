/** `settings.authlint` of a linter's configuration. */
import type { Rule } from 'eslint';
import { resolve } from 'node:path';

export interface Settings {
  /** The project's folder; default: found for each file. */
  root?: string;
  configFile?: string;
  cache?: boolean | string;
  /** Keys that win over those of the configuration file. */
  config?: Record<string, unknown>;
  /** Of no meaning here: it makes the linter's own cache depend on the findings. */
  state?: string;
}

const EXPECTED: Record<keyof Settings, [(value: unknown) => boolean, string]> = {
  root: [(value) => typeof value === 'string', 'the path of a folder'],
  configFile: [(value) => typeof value === 'string', 'the path of a file'],
  cache: [(value) => typeof value === 'boolean' || typeof value === 'string', 'true, false or the path of a folder'],
  config: [(value) => typeof value === 'object' && value !== null && !Array.isArray(value), 'an object, as in authlint.config.json'],
  state: [(value) => typeof value === 'string', 'what `cacheKey` gives'],
};

/** Paths are relative to the folder that the linter runs in. Throws an error that names the key. */
export function readSettings(context: Rule.RuleContext): Settings {
  const given = context.settings['authlint'];
  if (given === undefined) return {};
  if (typeof given !== 'object' || given === null) throw new Error('`settings.authlint` must be an object');
  const settings: Settings = { ...given };
  for (const [key, value] of Object.entries(given)) {
    const [isRight, expected] = (EXPECTED as Record<string, (typeof EXPECTED)['root'] | undefined>)[key] ?? [];
    if (!isRight) throw new Error(`\`settings.authlint\` has no key \`${key}\`; the keys are ${Object.keys(EXPECTED).join(', ')}`);
    if (!isRight(value)) throw new Error(`\`settings.authlint.${key}\` must be ${expected}`);
  }
  delete settings.state;
  if (settings.root !== undefined) settings.root = resolve(context.cwd, settings.root);
  if (settings.configFile !== undefined) settings.configFile = resolve(context.cwd, settings.configFile);
  if (typeof settings.cache === 'string') settings.cache = resolve(context.cwd, settings.cache);
  return settings;
}
