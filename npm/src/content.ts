/** The contents of a project's files: what stands on disk, and the texts of an editor in its place. */
import { createHash } from 'node:crypto';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { readSource, type Read } from './read.js';

/** A file with this stamp is taken to be what it was. */
export interface Stamp {
  mtimeMs: number;
  ctimeMs: number;
  size: number;
}

/** The content of a file, or why there is none; `id` is equal where these are. */
export type Content = Read & { id: string };

/**
 * A file that was written this shortly before it was looked at may be written again without a new time: file systems' clocks tick in up to
 * two seconds (FAT). Git calls such an entry racy.
 */
export const RACY_MS = 2000;

/** What identifies a content. */
export function hash(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('base64url').slice(0, 22);
}

/** `undefined`: there is no such file, or it may not be looked at. */
export function stampOf(path: string): Stamp | undefined {
  try {
    const stats = statSync(path, { throwIfNoEntry: false });
    return stats && { mtimeMs: stats.mtimeMs, ctimeMs: stats.ctimeMs, size: stats.size };
  } catch {
    return undefined;
  }
}

export function isSame(a: Stamp, b: Stamp): boolean {
  return a.mtimeMs === b.mtimeMs && a.ctimeMs === b.ctimeMs && a.size === b.size;
}

interface Known {
  /** `undefined`: not to be trusted, the file is read again. */
  stamp: Stamp | undefined;
  id: string;
}

export class Contents {
  readonly #root: string;
  readonly #texts = new Map<string, { bytes: Uint8Array; id: string }>();
  /** What was read from disk last. */
  readonly #disk = new Map<string, Known>();

  constructor(root: string) {
    this.#root = root;
  }

  /** The bytes are valid until the next call. */
  read(path: string): Content {
    return this.#texts.get(path) ?? this.readDisk(path);
  }

  readDisk(path: string): Content {
    const now = Date.now();
    const stamp = stampOf(join(this.#root, path)); // Before it is read: what is written in between is noticed next time.
    const read = readSource(join(this.#root, path));
    const id = read.bytes ? hash(read.bytes) : read.problem;
    const isSettled = stamp !== undefined && read.bytes !== undefined && Math.max(stamp.mtimeMs, stamp.ctimeMs) < now - RACY_MS;
    this.#disk.set(path, { stamp: isSettled ? stamp : undefined, id });
    return { ...read, id };
  }

  /** What stands on disk now, by what is known and the file's stamp, where that suffices. */
  idOnDisk(path: string): string {
    const known = this.#disk.get(path);
    if (known?.stamp) {
      const stamp = stampOf(join(this.#root, path));
      if (stamp && isSame(stamp, known.stamp)) return known.id;
    }
    return this.readDisk(path).id;
  }

  /** What stood on disk when it was looked at last. */
  lastId(path: string): string | undefined {
    return this.#disk.get(path)?.id;
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
}
