/** Where the project of a file begins: what an editor, a linter, a bundler, the command line analyse when nobody says. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, resolve, sep } from 'node:path';
import { CONFIG_NAMES } from './config/names.js';
import type { InputError } from './report.js';

/** A project, as it was found for a file. */
export interface FoundProject {
  root: string;
  /** Where the search for the configuration begins; it ends in the root. */
  configFrom: string;
}

/** What stands in one folder, as far as it matters here. */
interface Marks {
  isPackage: boolean;
  /** A `package.json` that only says how the files around it are to be loaded begins no project. */
  isMarker: boolean;
  hasConfig: boolean;
  isLinted: boolean;
  isTypeScript: boolean;
  isRepository: boolean;
  isWorkspace: boolean;
  /** `turbo.json` stands in the root of a workspace, and may stand in its packages too. */
  isTurbo: boolean;
}

interface Manifest {
  workspaces?: unknown;
  [key: string]: unknown;
}

const HOME = homedir();
const LINTERS = /^(?:eslint\.config\.[cm]?[jt]s|\.eslintrc(?:\.\w+)?|\.oxlintrc\.jsonc?|oxlint\.config\.[cm]?[jt]s)$/;
const LOCK_FILES = ['package-lock.json', 'npm-shrinkwrap.json', 'yarn.lock', 'pnpm-lock.yaml', 'bun.lock', 'bun.lockb', 'deno.lock'];
const PROJECT_KEYS = ['name', 'scripts', 'dependencies', 'devDependencies', 'peerDependencies', 'optionalDependencies', 'workspaces'];

const marks = new Map<string, Marks>();
const found = new Map<string, FoundProject>();
/** Packages that import what lies beside them, and the folders that hold both. */
const widened = new Map<string, string>();

/**
 * The root of the workspace that the nearest `package.json` belongs to; without one around it, that package. A repository's root ends the
 * search. Without any `package.json`, the folder of a configuration of authlint or a linter, of the nearest `tsconfig.json`, the
 * repository; at last the file's own. Memoised.
 */
export function findRoot(file: string): string {
  return findProject(file).root;
}

/** As {@link findRoot}, with the place of the configuration. */
export function findProject(file: string): FoundProject {
  const folder = dirname(resolve(file));
  let project = found.get(folder);
  if (!project) found.set(folder, (project = search(folder)));
  return project;
}

/** Whether something says that a project begins in this folder. A file that lies about somewhere has none around it. */
export function isProject(root: string): boolean {
  const { isPackage, hasConfig, isLinted, isTypeScript, isRepository, isWorkspace } = look(root);
  return isPackage || hasConfig || isLinted || isTypeScript || isRepository || isWorkspace;
}

/** Forgets what was found: folders may have changed. */
export function forgetRoots(): void {
  marks.clear();
  found.clear();
}

/** From now on, the files of one root belong to one further up. */
export function widen(root: string, wider: string): void {
  widened.set(root, wider);
  found.clear();
}

/**
 * The folder around a root that also holds what the root's files import from beside it: a package without a workspace around it may share
 * code with its neighbours all the same. `undefined`, where they do not, or no package and no repository holds both.
 */
export function widerRoot(root: string, errors: readonly InputError[]): string | undefined {
  let wider: string | undefined;
  for (const error of errors) {
    const target = targetOutside(root, error);
    if (target === undefined) continue;
    const around = wayUp(dirname(root)).find((at) => target.startsWith(at + sep) && (look(at).isPackage || look(at).isRepository));
    if (around !== undefined && (wider === undefined || wider.startsWith(around + sep))) wider = around;
  }
  return wider;
}

/** The file outside of the root that a failed import means. To compilers and to other rules, such an import is right. */
export function targetOutside(root: string, { file, import: specifier }: InputError): string | undefined {
  if (specifier === undefined || !/^\.\.?\//.test(specifier)) return undefined;
  const target = resolve(root, dirname(file), specifier);
  if (target === root || target.startsWith(root + sep)) return undefined;
  const bare = target.replace(/\.[cm]?jsx?$/, '');
  const endings = ['', ...['js', 'ts', 'mjs', 'cjs', 'mts', 'cts', 'tsx', 'jsx'].map((extension) => `.${extension}`)];
  return endings.some((ending) => existsSync(target + ending) || existsSync(bare + ending)) ? target : undefined;
}

function search(folder: string): FoundProject {
  const way = wayUp(folder);
  const home =
    way.find((at) => look(at).isPackage && !look(at).isMarker) ?? way.findLast((at) => look(at).isPackage);
  let root =
    way.find((at) => look(at).isWorkspace) ??
    way.findLast((at) => look(at).isTurbo) ??
    home ??
    way.find((at) => look(at).hasConfig) ??
    way.findLast((at) => look(at).isLinted) ??
    way.find((at) => look(at).isTypeScript) ??
    way.find((at) => look(at).isRepository && at !== HOME) ??
    folder;
  for (let wider = widened.get(root); wider !== undefined; wider = widened.get(root)) root = wider;
  const first = way.indexOf(home ?? root);
  const configFrom = way.slice(first, way.indexOf(root) + 1).find((at) => look(at).hasConfig);
  return { root, configFrom: configFrom ?? root };
}

/** From a folder up to the root of its repository, or below the user's own folder: what lies in that is no project. */
function wayUp(folder: string): string[] {
  const way: string[] = [];
  for (let at = folder; at !== HOME || look(at).isRepository; at = dirname(at)) {
    way.push(at);
    if (look(at).isRepository || dirname(at) === at) break;
  }
  return way;
}

function look(folder: string): Marks {
  let here = marks.get(folder);
  if (!here) {
    const names = namesIn(folder);
    const isPackage = names.has('package.json');
    const manifest = isPackage ? readManifest(folder) : {};
    const hasConfig = CONFIG_NAMES.some((name) => names.has(name));
    const isLinted = [...names].some((name) => LINTERS.test(name));
    const isRepository = names.has('.git');
    here = {
      isPackage,
      isMarker: isPackage && !(hasConfig || isLinted || isRepository || LOCK_FILES.some((name) => names.has(name)) || PROJECT_KEYS.some((key) => key in manifest)),
      hasConfig,
      isLinted,
      isTypeScript: names.has('tsconfig.json') || names.has('jsconfig.json'),
      isRepository,
      isWorkspace: ['pnpm-workspace.yaml', 'lerna.json', 'nx.json'].some((name) => names.has(name)) || manifest.workspaces !== undefined,
      isTurbo: names.has('turbo.json'),
    };
    marks.set(folder, here);
  }
  return here;
}

/** One that cannot be read is somebody's all the same. */
function readManifest(folder: string): Manifest {
  try {
    return (JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) ?? {}) as Manifest;
  } catch {
    return { name: '' };
  }
}

/** Nothing for a folder that is not there: a file may be linted before it is saved. */
function namesIn(folder: string): ReadonlySet<string> {
  try {
    return new Set(readdirSync(folder));
  } catch {
    return new Set();
  }
}
