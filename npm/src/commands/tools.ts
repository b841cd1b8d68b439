/** The tools in which authlint can run: how they are recognised, and the lines that put authlint into their configuration. */

/** Whether a configuration is written with `import` or with `require`. */
export type ConfigStyle = 'import' | 'require';

export interface Tool {
  title: string;
  /** Who depends on one of these uses it. */
  packages: string[];
  /** Names of its configuration. */
  config: RegExp;
  /** A configuration further up holds here too. */
  isInherited?: boolean;
  /** What to add to a configuration that is there. */
  lines: (style: ConfigStyle) => string[];
  /** Where there is none: the file to create, if the tool has one, and what to write into it. */
  fresh: { file: string | undefined; lines: string[] };
}

export function importLine(style: ConfigStyle, names: string, from: string): string {
  return style === 'import' ? `import ${names} from '${from}'` : `const ${names} = require('${from}')`;
}

const script = (name: string): RegExp => new RegExp(`^${name}\\.config\\.[cm]?[jt]s$`);

const RULES = '"rules": { "authlint/require-authentication": "error", "authlint/no-ineffective-guard": "error" }';

/** A bundler whose configuration has a list of plugins. */
function bundler(title: string, name: string, packages: string[], where = `${name}.config.mjs`): Tool {
  return {
    title,
    packages,
    config: script(name),
    lines: (style) => [importLine(style, 'authlint', `authlint/${name}`), '', '{', '  plugins: [authlint()],', '}'],
    fresh: { file: where, lines: [importLine('import', 'authlint', `authlint/${name}`), '', 'export default { plugins: [authlint()] }'] },
  };
}

const orNamed = (name: string) => `${name}.config.mjs, or what --config names`;

export const LEGACY_ESLINT = /^\.eslintrc(?:\.(?:[cm]?js|json|ya?ml))?$/;

export const TOOLS: Tool[] = [
  {
    title: 'ESLint',
    packages: ['eslint'],
    config: script('eslint'),
    isInherited: true,
    lines: (style) => [importLine(style, 'authlint', 'authlint/eslint'), '', '[', '  authlint.configs.recommended,', ']'],
    fresh: { file: 'eslint.config.mjs', lines: [importLine('import', 'authlint', 'authlint/eslint'), '', 'export default [authlint.configs.recommended]'] },
  },
  {
    title: 'Oxlint',
    packages: ['oxlint'],
    config: /^\.oxlintrc\.jsonc?$/,
    isInherited: true,
    lines: () => ['"jsPlugins": ["authlint/eslint"],', RULES],
    fresh: { file: '.oxlintrc.json', lines: ['{', '  "jsPlugins": ["authlint/eslint"],', `  ${RULES}`, '}'] },
  },
  bundler('Vite', 'vite', ['vite']),
  bundler('webpack', 'webpack', ['webpack'], orNamed('webpack')),
  bundler('Rspack', 'rspack', ['@rspack/core', '@rspack/cli'], orNamed('rspack')),
  bundler('Rollup', 'rollup', ['rollup'], orNamed('rollup')),
  bundler('Rolldown', 'rolldown', ['rolldown'], orNamed('rolldown')),
  bundler('Farm', 'farm', ['@farmfe/core']),
  {
    title: 'Nuxt',
    packages: ['nuxt'],
    config: script('nuxt'),
    lines: (style) => [importLine(style, 'authlint', 'authlint/vite'), '', '{', '  vite: { plugins: [authlint()] },', '}'],
    fresh: { file: 'nuxt.config.ts', lines: [importLine('import', 'authlint', 'authlint/vite'), '', 'export default defineNuxtConfig({ vite: { plugins: [authlint()] } })'] },
  },
  {
    title: 'Next.js',
    packages: ['next'],
    config: script('next'),
    lines: (style) => [importLine(style, '{ withAuthlint }', 'authlint/next'), '', style === 'import' ? 'export default withAuthlint(nextConfig)' : 'module.exports = withAuthlint(nextConfig)'],
    fresh: { file: 'next.config.mjs', lines: [importLine('import', '{ withAuthlint }', 'authlint/next'), '', 'export default withAuthlint({})'] },
  },
  {
    title: 'esbuild',
    packages: ['esbuild'],
    config: script('esbuild'),
    lines: (style) => [importLine(style, 'authlint', 'authlint/esbuild'), '', 'await esbuild.build({ …, plugins: [authlint()] })'],
    fresh: { file: undefined, lines: [importLine('import', 'authlint', 'authlint/esbuild'), '', 'await esbuild.build({ …, plugins: [authlint()] })'] },
  },
];
