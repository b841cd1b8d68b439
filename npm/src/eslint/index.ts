/**
 * The ESLint plugin, which Oxlint loads too: each rule of the engine is a rule here, under the same name.
 *
 * ```js
 * import authlint from 'authlint/eslint';
 * export default [authlint.configs.recommended];
 * ```
 */
import { RULES, VERSION } from 'authlint:embedded';
import type { ESLint, Linter, Rule } from 'eslint';
import { cacheKey } from './cache-key.js';
import { rule } from './rule.js';

const rules: Record<string, Rule.RuleModule> = Object.fromEntries(RULES.map((meta) => [meta.name, rule(meta)]));

const plugin = { meta: { name: 'authlint', version: VERSION, namespace: 'authlint' }, rules } satisfies ESLint.Plugin;

function preset(name: string, more: Linter.Config = {}): Linter.Config {
  const levels = Object.fromEntries(RULES.map((meta): [string, 'error'] => [`authlint/${meta.name}`, 'error']));
  return { name: `authlint/${name}`, plugins: { authlint: plugin }, rules: levels, ...more };
}

/** No interface: ESLint's own type of a plugin asks for an index signature. */
export type Configs = {
  /** What is certain and matters: findings from MEDIUM on. */
  recommended: Linter.Config;
  /** Also reads of data that looks public, and endpoints whose protection could not be decided. */
  strict: Linter.Config;
};

const configs: Configs = {
  recommended: preset('recommended'),
  strict: preset('strict', { settings: { authlint: { config: { minSeverity: 'low', reportUnknown: true } } } }),
};

const authlint: typeof plugin & { configs: Configs; cacheKey: typeof cacheKey } = Object.assign(plugin, { configs, cacheKey });

export type { Settings } from './settings.js';
export default authlint;
/** What `require('authlint/eslint')` gives. */
export { authlint as 'module.exports' };
