/** Where results are cached, and what is thrown away there. */
import { accessSync, constants, existsSync, lstatSync, mkdirSync, readdirSync, realpathSync, rmSync, statSync, utimesSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { hash } from '../content.js';

const DAY_MS = 86_400_000;
/** A cache that nobody used for so long goes away, and beyond so many those that were not used for longest. */
const KEEP = { days: 30, caches: 32 };

/**
 * The folder for one project and one engine, made if need be; `undefined`: nothing can be cached. As other tools have it, it lies in
 * `node_modules/.cache`, of the project or of a folder around it. Where there is no `node_modules` that can be written, none is made for it, and the
 * system's folder for temporary files is taken.
 */
export function cacheFolder(root: string, chosen: boolean | string | undefined, engine: string): string | undefined {
  if (chosen === false) return undefined;
  const real = realpathSync(root);
  const candidates = typeof chosen === 'string' ? [() => resolve(chosen)] : [() => besidePackages(real), () => temporary()];
  for (const candidate of candidates) {
    const parent = candidate();
    if (parent === undefined) continue;
    // Relative: a cache that CI restores to another place is good there too.
    const folder = join(parent, `${hash(Buffer.from(relative(parent, real).split(sep).join('/'))).slice(0, 12)}-${engine}`);
    if (isMade(folder)) return folder;
  }
  return undefined;
}

/** `node_modules/.cache/authlint` in the nearest `node_modules` around the project that can be written. */
function besidePackages(root: string): string | undefined {
  for (let folder = root; ; folder = dirname(folder)) {
    const packages = join(folder, 'node_modules');
    if (existsSync(packages)) return isWritable(packages) ? join(packages, '.cache', 'authlint') : undefined;
    if (existsSync(join(folder, '.git')) || dirname(folder) === folder) return undefined;
  }
}

/** Of this user alone: who can write there decides what is reported. */
function temporary(): string | undefined {
  const uid = process.getuid?.();
  const folder = join(tmpdir(), `authlint-${uid ?? userInfo().username}`);
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const stats = lstatSync(folder);
    const isOwn = uid === undefined || (stats.uid === uid && (stats.mode & 0o022) === 0);
    return stats.isDirectory() && isOwn ? folder : undefined;
  } catch {
    return undefined;
  }
}

/** A folder that cannot be written may still be read. */
function isMade(folder: string): boolean {
  try {
    mkdirSync(folder, { recursive: true });
    // Notes that it is used, once a day.
    if (Date.now() - statSync(folder).mtimeMs > DAY_MS) utimesSync(folder, new Date(), new Date());
    return true;
  } catch {
    return existsSync(folder);
  }
}

function isWritable(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK | constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Removes the caches of other projects and engines that nobody uses any more. */
export function evict(folder: string): void {
  const parent = dirname(folder);
  const others: { path: string; usedAt: number }[] = [];
  for (const name of readdirSync(parent)) {
    const path = join(parent, name);
    const stats = statSync(path, { throwIfNoEntry: false });
    if (path !== folder && stats?.isDirectory() && /^[\w-]{12}-[\w-]{16}$/.test(name)) others.push({ path, usedAt: stats.mtimeMs });
  }
  others.sort((a, b) => b.usedAt - a.usedAt);
  for (const [index, { path, usedAt }] of others.entries()) {
    if (index + 1 >= KEEP.caches || Date.now() - usedAt > KEEP.days * DAY_MS) rmSync(path, { recursive: true, force: true });
  }
}
