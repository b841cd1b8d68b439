/** The contents of a project's files: what stands on disk, the texts of an editor in its place, and what the cache knows of them. */
import { createHash } from 'node:crypto';
import { lstatSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { ProjectCache } from './cache/cache.js';
import { lower, type Lowered } from './engine.js';
import { textOfLink } from './linked.js';
import { readSource, type Read, type Stamp } from './read.js';

/** The content of a file, or why there is none; `id` is equal where these are. */
export type Content = Read & { id: string };

/**
 * A file that was written this shortly before it was looked at may be written again without a new time: file systems' clocks tick in up to
 * two seconds (FAT). Git calls such an entry racy.
 */
const RACY_MS = 2000;

/** What identifies a content. */
export function hash(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('base64url').slice(0, 22);
}

/** The stamp, if it can be trusted; `now` is from before it was taken. */
export function settled(stamp: Stamp | undefined, now: number): Stamp | undefined {
  return stamp && Math.max(stamp.mtimeMs, stamp.ctimeMs) < now - RACY_MS ? stamp : undefined;
}

export function isSame(a: Stamp, b: Stamp): boolean {
  return a.mtimeMs === b.mtimeMs && a.ctimeMs === b.ctimeMs && a.size === b.size;
}

/** `undefined`: there is no such file, or it may not be looked at. */
function stampOf(path: string): Stamp | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

export class Contents {
  readonly #root: string;
  readonly #cache: ProjectCache | undefined;
  readonly #texts = new Map<string, { bytes: Uint8Array; id: string }>();
  /** What stood on disk when it was looked at last; without a stamp, it is to be read again. */
  readonly #disk = new Map<string, { stamp: Stamp | undefined; id: string }>();

  constructor(root: string, cache: ProjectCache | undefined) {
    this.#root = root;
    this.#cache = cache;
  }

  /** The bytes are valid until the next call. */
  read(path: string): Content {
    return this.#texts.get(path) ?? this.#readDisk(path);
  }

  /** Lowers the file as it is now, or takes what the cache has. */
  lower(path: string, scan: boolean): Lowered & { id: string } {
    const text = this.#texts.get(path);
    if (text) return { ...lower(path, text.bytes, scan), id: text.id };
    const known = this.#cache && this.#unread(path);
    const cached = known === undefined ? undefined : this.#cache!.ir(path, known, scan);
    if (cached) return { ir: cached, id: known! };
    const { id, bytes, problem } = this.#readDisk(path);
    if (problem !== undefined) return { problem, id };
    const ir = this.#cache?.ir(path, id, scan);
    if (ir) return { ir, id };
    const lowered = lower(path, bytes, scan);
    if (lowered.ir) this.#cache?.put(path, id, lowered.ir, scan);
    return { ...lowered, id };
  }

  /** What the cache has for the file as it stands on disk; the file is read only if that is likely to be what was cached. */
  cached(path: string, scan: boolean): { ir: Uint8Array; id: string } | undefined {
    if (!this.#cache) return undefined;
    let id = this.#unread(path);
    if (id === undefined && this.#cache.mayBe(path, stampOf(join(this.#root, path))?.size ?? -1)) id = this.#readDisk(path).id;
    const ir = id === undefined ? undefined : this.#cache.ir(path, id, scan);
    return ir && { ir, id: id! };
  }

  /** What stands on disk now: by what is known and the file's stamp, where that suffices. */
  idOnDisk(path: string): string {
    return this.#unread(path) ?? this.#readDisk(path).id;
  }

  /** What stood on disk when it was looked at last. */
  lastId(path: string): string | undefined {
    return this.#disk.get(path)?.id;
  }

  /** Whether the file stands for another one of the project: what an editor has for it belongs to that. */
  isLink(path: string): boolean {
    const absolute = join(this.#root, path);
    return lstatSync(absolute, { throwIfNoEntry: false })?.isSymbolicLink() === true && textOfLink(this.#root, absolute) !== undefined;
  }

  setText(path: string, bytes: Uint8Array, id: string): void {
    this.#texts.set(path, { bytes, id });
  }

  dropText(path: string): boolean {
    return this.#texts.delete(path);
  }

  textId(path: string): string | undefined {
    return this.#texts.get(path)?.id;
  }

  /** Files that a text stands for. */
  texts(): string[] {
    return [...this.#texts.keys()];
  }

  forget(path: string): void {
    this.#disk.delete(path);
  }

  /** `undefined`: only reading tells. */
  #unread(path: string): string | undefined {
    const known = this.#disk.get(path);
    if (known && !known.stamp) return undefined;
    const stamp = stampOf(join(this.#root, path));
    if (!stamp) return undefined;
    if (known) return isSame(stamp, known.stamp!) ? known.id : undefined;
    const id = this.#cache?.unchanged(path, stamp);
    if (id !== undefined) this.#disk.set(path, { stamp, id });
    return id;
  }

  #readDisk(path: string): Content {
    const now = Date.now();
    const read = readSource(this.#root, path, true);
    const id = read.bytes ? hash(read.bytes) : read.problem;
    const stamp = read.bytes && settled(read.stamp, now);
    this.#disk.set(path, { stamp, id });
    if (read.bytes) this.#cache?.note(path, id, stamp);
    return { ...read, id };
  }
}
