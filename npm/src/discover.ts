/**
 * Finds the files of a project: all code and the manifests that resolution needs, honouring `.gitignore` at every level.
 *
 * Not entered: `node_modules`, folders whose name begins with a dot (`.git`, `.next`, …), and what git ignores. A link to a folder is
 * followed only when it leads out of the project (else its files are found where they are), and no folder is entered twice.
 */
import { existsSync, readdirSync, readFileSync, realpathSync, statSync, type Dirent } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import ignore, { type Ignore } from 'ignore';

const CODE = /\.(?:[cm]?[jt]s|[jt]sx|vue|svelte|astro)$/;
const DECLARATION = /\.d\.(?:[cm]?ts|.+\.ts)$/;
const MANIFEST = /^(?:package\.json|(?:ts|js)config[^/]*\.json|\.env\.(?:example|sample|template|dist|defaults?)|(?:example|sample|template|dist|defaults?)\.env)$/;

/** A file that the project could not be entered for, with the reason. */
export interface DiscoveryProblem {
  path: string;
  why: string;
}

export interface Discovery {
  /** Relative to the root, with `/`, sorted. */
  files: string[];
  problems: DiscoveryProblem[];
}

/** The rules of one `.gitignore`; `prefix` leads from its folder to the root, or from the root to its folder. */
interface Layer {
  rules: Ignore;
  /** Path of the folder that the rules are relative to: relative to the root, `''` for the root itself. */
  folder: string;
  /** For a `.gitignore` above the root: the way from there to the root, with a trailing slash. */
  above: string;
}

/** Whether a file belongs to what the engine is offered. */
export function isWanted(name: string): boolean {
  return CODE.test(name) ? !DECLARATION.test(name) : MANIFEST.test(name);
}

export function discover(root: string): Discovery {
  const realRoot = realpathSync(root);
  const files: string[] = [];
  const problems: DiscoveryProblem[] = [];
  const entered = new Set<string>();

  const walk = (folder: string, layers: readonly Layer[]): void => {
    const absolute = folder === '' ? root : join(root, folder);
    let entries: Dirent[];
    try {
      entries = readdirSync(absolute, { withFileTypes: true });
    } catch (error) {
      problems.push({ path: folder, why: reason(error) });
      return;
    }
    const own = entries.some((entry) => entry.name === '.gitignore') ? readRules(join(absolute, '.gitignore')) : undefined;
    const active = own ? [...layers, { rules: own, folder, above: '' }] : layers;
    for (const entry of entries) {
      const name = entry.name;
      const path = folder === '' ? name : `${folder}/${name}`;
      const kind = entry.isSymbolicLink() ? linkKind(join(absolute, name), realRoot, entered) : kindOf(entry);
      if (kind === 'folder') {
        if (name === 'node_modules' || name.startsWith('.') || isIgnored(`${path}/`, active)) continue;
        walk(path, active);
      } else if (kind === 'file' && isWanted(name) && !isIgnored(path, active)) {
        files.push(path);
      }
    }
  };

  walk('', layersAbove(realRoot));
  files.sort();
  return { files, problems };
}

/** Whether {@link discover} would find this file if it is there. For one file that came: a whole project is not listed for it. */
export function wouldDiscover(root: string, path: string): boolean {
  const folders = path.split('/');
  const name = folders.pop()!;
  if (!isWanted(name) || folders.some((folder) => folder === 'node_modules' || folder.startsWith('.'))) return false;
  let realRoot: string;
  try {
    realRoot = realpathSync(root);
  } catch {
    return false;
  }
  let layers = layersAbove(realRoot);
  let folder = '';
  for (const next of [...folders, undefined]) {
    const rules = readRules(join(root, folder, '.gitignore'));
    if (rules) layers = [...layers, { rules, folder, above: '' }];
    if (next === undefined) break;
    folder = folder === '' ? next : `${folder}/${next}`;
    if (isIgnored(`${folder}/`, layers)) return false;
  }
  return !isIgnored(path, layers);
}

function kindOf(entry: Dirent): 'file' | 'folder' | undefined {
  return entry.isDirectory() ? 'folder' : entry.isFile() ? 'file' : undefined;
}

function linkKind(absolute: string, realRoot: string, entered: Set<string>): 'file' | 'folder' | undefined {
  try {
    const target = realpathSync(absolute);
    const stats = statSync(target);
    if (stats.isFile()) return 'file';
    const inside = target === realRoot || target.startsWith(realRoot + sep);
    const around = realRoot.startsWith(target + sep);
    if (!stats.isDirectory() || inside || around || entered.has(target)) return undefined;
    entered.add(target);
    return 'folder';
  } catch {
    return undefined; // A link to nowhere.
  }
}

/** The deepest `.gitignore` that says something about a path decides, as in git. */
function isIgnored(path: string, layers: readonly Layer[]): boolean {
  for (let index = layers.length - 1; index >= 0; index--) {
    const layer = layers[index]!;
    const local = layer.folder === '' ? layer.above + path : path.slice(layer.folder.length + 1);
    const verdict = layer.rules.test(local);
    if (verdict.ignored) return true;
    if (verdict.unignored) return false;
  }
  return false;
}

/** The rules of the repository around the root. Where they ignore the root itself, they say nothing: the user asked for it. */
function layersAbove(realRoot: string): Layer[] {
  const chain: string[] = [];
  for (let folder = realRoot; ; folder = dirname(folder)) {
    chain.unshift(folder);
    if (existsSync(join(folder, '.git'))) break;
    if (dirname(folder) === folder) return [];
  }
  const layers: Layer[] = [];
  for (const folder of chain) {
    const above = folder === realRoot ? '' : `${relative(folder, realRoot).split(sep).join('/')}/`;
    const sources = folder === chain[0] ? [join('.git', 'info', 'exclude')] : [];
    if (folder !== realRoot) sources.push('.gitignore');
    for (const source of sources) {
      const rules = readRules(join(folder, source));
      if (rules && !(above !== '' && rules.ignores(above))) layers.push({ rules, folder: '', above });
    }
  }
  return layers;
}

function readRules(path: string): Ignore | undefined {
  try {
    return ignore().add(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}

/** An error of the file system in words. */
export function reason(error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code;
  switch (code) {
    case 'EACCES':
    case 'EPERM':
      return 'no permission to read it';
    case 'ENOENT':
      return 'no such file';
    case 'EISDIR':
      return 'it is a folder, not a file';
    case 'ELOOP':
      return 'it is a link that leads to itself';
    default:
      return error instanceof Error ? error.message : String(error);
  }
}

