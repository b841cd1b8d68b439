/** What stands around a project: its package manager, and the tools in which authlint can run, with the lines to add to each. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { discover } from '../discover.js';
import { repositoryOf } from '../git.js';
import { packageVersion } from '../version.js';
import { LEGACY_ESLINT, TOOLS, type ConfigStyle, type Tool } from './tools.js';

/** So many configurations of one tool are worth reading. */
const MAX_FILES = 4;

/** A tool that is there. */
export interface Host {
  title: string;
  /** Its configuration, relative to the project; or several, or the one to create. */
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

export function lookAround(root: string): Surroundings {
  const folders = wayUp(root);
  const manifest = readManifest(root);
  const manager = managerOf(folders);
  const isThere = 'authlint' in { ...manifest.dependencies, ...manifest.devDependencies };
  return {
    install: isThere ? undefined : manager.install,
    run: manager.run,
    schema: schemaOf(folders),
    hosts: hostsOf(root, folders),
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

/** The tools of the project: by their configurations, and where one has none, by who depends on it. */
function hostsOf(root: string, folders: readonly string[]): Host[] {
  const packages = [resolve(root), ...packagesBelow(root)];
  return TOOLS.flatMap((tool) => {
    const configs = (tool.isInherited ? [...folders, ...packages.slice(1)] : packages).flatMap((folder) => {
      const name = namesIn(folder).find((candidate) => tool.config.test(candidate));
      return name === undefined ? [] : [join(folder, name)];
    });
    if (configs.length > 0) return existing(root, tool, tool.isInherited ? configs.slice(0, 1) : configs);
    const legacy = tool.title === 'ESLint' ? nearest(folders, LEGACY_ESLINT) : undefined;
    if (legacy) return [{ title: tool.title, file: shownFrom(root, legacy), lines: ['authlint needs a flat configuration (eslint.config.js), which ESLint has from version 9 on.'] }];
    const users = (tool.isInherited ? [...folders, ...packages.slice(1)] : packages).filter((folder) => dependsOn(folder, tool));
    return users.length === 0 ? [] : [fresh(root, tool, tool.isInherited ? users.slice(0, 1) : users)];
  });
}

/** Those that are written alike share their lines. */
function existing(root: string, tool: Tool, configs: readonly string[]): Host[] {
  return (['import', 'require'] as const).flatMap((style) => {
    const paths = configs.filter((path) => styleOf(path, readManifest(dirname(path))) === style).map((path) => shownFrom(root, path));
    return paths.length === 0 ? [] : [{ title: tool.title, file: listed(paths), lines: tool.lines(style) }];
  });
}

function fresh(root: string, { title, fresh: { file, lines } }: Tool, folders: readonly string[]): Host {
  // esbuild has no file of its own: it is called.
  if (file === undefined) return { title, file: 'the script that calls it', lines };
  const places = folders.map((folder) => shownFrom(root, join(folder, file)));
  return { title, file: `${listed(places)} (there is none yet)`, lines };
}

function listed(paths: readonly string[]): string {
  const more = paths.length - MAX_FILES;
  return `${paths.slice(0, MAX_FILES).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

/** The packages in the project's folder: those of a workspace. What a test or an example is made of is none that anybody runs. */
function packagesBelow(root: string): string[] {
  return discover(resolve(root))
    .files.filter((path) => path.endsWith('/package.json') && !/(?:^|\/)_*(?:tests?|fixtures?|examples?|templates?)_*\//.test(path))
    .map((path) => resolve(root, dirname(path)));
}

function dependsOn(folder: string, { packages }: Tool): boolean {
  const { dependencies, devDependencies } = readManifest(folder);
  return packages.some((name) => name in { ...dependencies, ...devDependencies });
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
