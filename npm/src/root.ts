/** Where the project of a file begins: what an editor, a linter, a bundler analyses when nobody says. */
import { readdirSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

/** What stands in one folder, as far as it matters here. */
interface Marks {
  isPackage: boolean;
  isTypeScript: boolean;
  isRepository: boolean;
  isWorkspace: boolean;
  /** `turbo.json` stands in the root of a workspace, and may stand in its packages too. */
  isTurbo: boolean;
}

const HOME = homedir();
const marks = new Map<string, Marks>();
const roots = new Map<string, string>();

/**
 * The root of the workspace that the nearest `package.json` belongs to; without one around it, that package. A repository's root ends the
 * search. Without any `package.json`, the folder of the nearest `tsconfig.json`, at last the file's own. Memoised.
 */
export function findRoot(file: string): string {
  const folder = dirname(resolve(file));
  let root = roots.get(folder);
  if (root === undefined) {
    const way = wayUp(folder);
    root =
      way.find((at) => look(at).isWorkspace) ??
      way.findLast((at) => look(at).isTurbo) ??
      way.find((at) => look(at).isPackage) ??
      way.find((at) => look(at).isTypeScript) ??
      folder;
    roots.set(folder, root);
  }
  return root;
}

/** Whether something says that a project begins in this folder. A file that lies about somewhere has none around it. */
export function isProject(root: string): boolean {
  const { isPackage, isTypeScript, isRepository, isWorkspace } = look(root);
  return isPackage || isTypeScript || isRepository || isWorkspace;
}

/** Forgets what was found: folders may have changed. */
export function forgetRoots(): void {
  marks.clear();
  roots.clear();
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
  let found = marks.get(folder);
  if (!found) {
    const names = namesIn(folder);
    const isPackage = names.has('package.json');
    found = {
      isPackage,
      isTypeScript: names.has('tsconfig.json') || names.has('jsconfig.json'),
      isRepository: names.has('.git'),
      isWorkspace: ['pnpm-workspace.yaml', 'lerna.json', 'nx.json'].some((name) => names.has(name)) || (isPackage && hasWorkspaces(folder)),
      isTurbo: names.has('turbo.json'),
    };
    marks.set(folder, found);
  }
  return found;
}

function hasWorkspaces(folder: string): boolean {
  try {
    const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { workspaces?: unknown } | null;
    return manifest?.workspaces !== undefined;
  } catch {
    return false;
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
