/** What stands around a project: its package manager, and the tools in which authlint can run, with the lines to add to each. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { repositoryOf } from '../git.js';
import { packageVersion } from '../version.js';

/** A tool that is there. */
export interface Host {
  title: string;
  /** Its configuration, relative to the project. */
  file: string | undefined;
  lines: string[];
}

export interface Surroundings {
  /** The command that installs authlint; nothing, where it is there. */
  install: string | undefined;
  /** What starts authlint: `npx authlint`. */
  run: string;
  /** Where the configuration finds its schema. */
  schema: string;
  hosts: Host[];
  /** Whether the repository has workflows of GitHub. */
  workflows: boolean;
}

const MANAGERS = [
  { name: 'pnpm', locks: ['pnpm-lock.yaml'], install: 'pnpm add --save-dev authlint', run: 'pnpm exec authlint' },
  { name: 'yarn', locks: ['yarn.lock'], install: 'yarn add --dev authlint', run: 'yarn authlint' },
  { name: 'bun', locks: ['bun.lock', 'bun.lockb'], install: 'bun add --dev authlint', run: 'bunx authlint' },
  { name: 'npm', locks: ['package-lock.json', 'npm-shrinkwrap.json'], install: 'npm install --save-dev authlint', run: 'npx authlint' },
];

interface Bundler {
  title: string;
  /** Its configuration is named so, without the extension. */
  config: string;
  lines: (file: ConfigStyle) => string[];
}

/** Whether a configuration is written with `import` or with `require`. */
type ConfigStyle = 'import' | 'require';

const plugin = (style: ConfigStyle, entry: string, usage: string[]): string[] => [importLine(style, 'authlint', entry), ...usage];
const inPlugins = ['', '{', '  plugins: [authlint()],', '}'];

const BUNDLERS: Bundler[] = [
  { title: 'Vite', config: 'vite.config', lines: (style) => plugin(style, 'authlint/vite', inPlugins) },
  { title: 'webpack', config: 'webpack.config', lines: (style) => plugin(style, 'authlint/webpack', inPlugins) },
  { title: 'Rspack', config: 'rspack.config', lines: (style) => plugin(style, 'authlint/rspack', inPlugins) },
  { title: 'Rollup', config: 'rollup.config', lines: (style) => plugin(style, 'authlint/rollup', inPlugins) },
  { title: 'Rolldown', config: 'rolldown.config', lines: (style) => plugin(style, 'authlint/rolldown', inPlugins) },
  { title: 'Farm', config: 'farm.config', lines: (style) => plugin(style, 'authlint/farm', inPlugins) },
  { title: 'Nuxt', config: 'nuxt.config', lines: (style) => plugin(style, 'authlint/vite', ['', '{', '  vite: { plugins: [authlint()] },', '}']) },
  {
    title: 'Next.js',
    config: 'next.config',
    lines: (style) => [
      importLine(style, '{ withAuthlint }', 'authlint/next'),
      '',
      style === 'import' ? 'export default withAuthlint(nextConfig)' : 'module.exports = withAuthlint(nextConfig)',
    ],
  },
];

export function lookAround(root: string): Surroundings {
  const folders = wayUp(root);
  const manifest = readManifest(root);
  const manager = managerOf(folders);
  const isThere = 'authlint' in { ...manifest.dependencies, ...manifest.devDependencies };
  return {
    install: isThere ? undefined : manager.install,
    run: manager.run,
    schema: schemaOf(folders),
    hosts: [...linters(root, folders, manifest), ...bundlers(root, manifest)],
    workflows: existsSync(join(folders.at(-1)!, '.github/workflows')),
  };
}

interface Manifest {
  type?: unknown;
  dependencies?: object;
  devDependencies?: object;
  packageManager?: unknown;
}

/** From the project up to the root of its repository. */
function wayUp(root: string): string[] {
  const { root: top } = repositoryOf(root);
  const folders = [resolve(root)];
  while (folders.at(-1) !== top && dirname(folders.at(-1)!) !== folders.at(-1)) folders.push(dirname(folders.at(-1)!));
  return folders;
}

function managerOf(folders: readonly string[]) {
  for (const folder of folders) {
    const named = readManifest(folder).packageManager;
    const manager = MANAGERS.find(({ name, locks }) => (typeof named === 'string' && named.startsWith(`${name}@`)) || locks.some((lock) => existsSync(join(folder, lock))));
    if (manager) return manager;
  }
  return MANAGERS.find(({ name }) => name === 'npm')!;
}

/** The schema of the installed package, or the published one. */
function schemaOf(folders: readonly string[]): string {
  const folder = folders.find((at) => existsSync(join(at, 'node_modules/authlint/authlint.schema.json'))) ?? undefined;
  if (folder === undefined) return `https://unpkg.com/authlint@${packageVersion()}/authlint.schema.json`;
  const way = relative(folders[0]!, folder).split(sep).join('/');
  return `${way === '' ? '.' : way}/node_modules/authlint/authlint.schema.json`;
}

function linters(root: string, folders: readonly string[], manifest: Manifest): Host[] {
  const hosts: Host[] = [];
  const eslint = nearest(folders, /^eslint\.config\.[cm]?[jt]s$/);
  if (eslint) {
    const style = styleOf(eslint, manifest);
    const list = ['', '[', '  authlint.configs.recommended,', ']'];
    hosts.push({ title: 'ESLint', file: shownFrom(root, eslint), lines: plugin(style, 'authlint/eslint', list) });
  } else {
    const legacy = nearest(folders, /^\.eslintrc(?:\.(?:[cm]?js|json|ya?ml))?$/);
    if (legacy) hosts.push({ title: 'ESLint', file: shownFrom(root, legacy), lines: ['authlint needs a flat configuration (eslint.config.js), which ESLint has from version 9 on.'] });
  }
  const oxlint = nearest(folders, /^\.oxlintrc\.jsonc?$/);
  if (oxlint) {
    hosts.push({ title: 'Oxlint', file: shownFrom(root, oxlint), lines: ['"jsPlugins": ["authlint/eslint"],', '"rules": { "authlint/require-authentication": "error", "authlint/no-ineffective-guard": "error" }'] });
  }
  return hosts;
}

function bundlers(root: string, manifest: Manifest): Host[] {
  return BUNDLERS.flatMap(({ title, config, lines }) => {
    const found = namesIn(root).find((name) => name.startsWith(`${config}.`) && /\.[cm]?[jt]s$/.test(name));
    return found === undefined ? [] : [{ title, file: found, lines: lines(styleOf(join(root, found), manifest)) }];
  });
}

function importLine(style: ConfigStyle, names: string, from: string): string {
  return style === 'import' ? `import ${names} from '${from}'` : `const ${names} = require('${from}')`;
}

function styleOf(path: string, manifest: Manifest): ConfigStyle {
  if (/\.(?:mjs|mts|ts)$/.test(path)) return 'import';
  if (/\.c[jt]s$/.test(path)) return 'require';
  const text = readText(path);
  if (/^\s*(?:export\s|import\s)/m.test(text)) return 'import';
  if (/\bmodule\.exports\b|\brequire\(/.test(text)) return 'require';
  return manifest.type === 'module' ? 'import' : 'require';
}

function nearest(folders: readonly string[], name: RegExp): string | undefined {
  for (const folder of folders) {
    const found = namesIn(folder).find((candidate) => name.test(candidate));
    if (found !== undefined) return join(folder, found);
  }
  return undefined;
}

function shownFrom(root: string, path: string): string {
  return relative(resolve(root), path).split(sep).join('/');
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}

function readManifest(folder: string): Manifest {
  try {
    const manifest: unknown = JSON.parse(readText(join(folder, 'package.json')));
    return typeof manifest === 'object' && manifest !== null ? manifest : {};
  } catch {
    return {};
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
