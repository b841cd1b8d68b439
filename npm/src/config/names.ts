/** The names under which a configuration is found. */
export const CONFIG_NAMES: readonly string[] = ['json', 'jsonc', 'js', 'mjs', 'cjs', 'ts', 'mts', 'cts'].map((extension) => `authlint.config.${extension}`);
