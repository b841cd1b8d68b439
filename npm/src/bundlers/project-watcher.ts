/**
 * Watches a project where the host has no watcher, or one that does not reach as far: all folders that its files may come to lie in, and those
 * with further files that count, such as a configuration outside of it.
 */
import { basename, dirname, relative, resolve, sep } from 'node:path';
import { watch, type FSWatcher } from 'chokidar';
import { CONFIG_NAMES } from '../config.js';
import { isWanted, wouldDiscover } from '../discover.js';
import type { Changes } from './changes.js';

export class ProjectWatcher {
  readonly #root: string;
  readonly #hostRoot: string | undefined;
  readonly #watcher: FSWatcher;
  /** Files that are watched by name, and their folders: so they may go and come again. */
  readonly #files = new Set<string>();
  readonly #folders = new Set<string>();

  /** `warn` is told, once, that edits may be missed. `hostRoot`: what the host watches itself. */
  constructor(root: string, changes: Changes, warn: (text: string) => void, hostRoot?: string) {
    this.#root = root;
    this.#hostRoot = hostRoot === undefined ? undefined : resolve(hostRoot);
    const folders = this.#isHosts(root) ? [] : [root];
    // Who only watches does not keep the process alive.
    this.#watcher = watch(folders, { ignoreInitial: true, persistent: false, ignored: (path, stats) => this.#isIgnored(resolve(path), stats?.isFile()) });
    this.#watcher
      .on('all', (_event, path) => changes.add(resolve(path)))
      .once('error', (error) => warn(`authlint: not every file can be watched, and edits may be missed: ${error instanceof Error ? error.message : String(error)}`))
      .on('error', () => {});
    if (folders.length > 0) this.#watcher.once('ready', () => changes.look());
  }

  /** Watches these files too, where they are not watched anyway. */
  add(files: readonly string[]): void {
    const more = files.filter((file) => !this.#files.has(file) && !this.#isHosts(file) && (!isInside(this.#root, file) || this.#isIgnored(file, true)));
    for (const file of more) {
      this.#files.add(file);
      this.#folders.add(dirname(file));
    }
    if (more.length > 0) this.#watcher.add([...new Set(more.map((file) => dirname(file)))]);
  }

  close(): Promise<void> {
    return this.#watcher.close();
  }

  #isHosts(path: string): boolean {
    return this.#hostRoot !== undefined && isInside(this.#hostRoot, path);
  }

  /** `isFile` is not known at first. */
  #isIgnored(path: string, isFile: boolean | undefined): boolean {
    if (this.#files.has(path) || this.#folders.has(path) || path === this.#root) return false;
    if (this.#isHosts(path) || !isInside(this.#root, path)) return true;
    const names = relative(this.#root, path).split(sep);
    const name = basename(path);
    if (names.slice(0, -1).some(isHidden)) return true;
    if (isFile === true) return !(isWanted(name) || name === '.gitignore' || CONFIG_NAMES.includes(name));
    if (isFile === undefined) return name === 'node_modules' || name === '.git';
    return isHidden(name) || !wouldDiscover(this.#root, [...names, 'index.js'].join('/'));
  }
}

function isHidden(name: string): boolean {
  return name === 'node_modules' || name.startsWith('.');
}

function isInside(folder: string, path: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}
