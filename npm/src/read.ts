/** Reads source files, each into the same buffer: thirty thousand allocations are spared. */
import { closeSync, constants, fstatSync, openSync, readSync, statSync, type Stats } from 'node:fs';
import { join } from 'node:path';
import { reason } from './discover.js';
import { textOfLink } from './linked.js';

/** Larger files are not read: nobody writes a server in one. */
export const MAX_BYTES = 5 * 1024 * 1024;

/** Not on Windows. */
const NO_LINK = constants.O_RDONLY | ((constants.O_NOFOLLOW as number | undefined) ?? 0);

let buffer = Buffer.allocUnsafeSlow(256 * 1024);

/** A file with the same stamp is taken to be what it was. */
export interface Stamp {
  mtimeMs: number;
  ctimeMs: number;
  size: number;
}

export type Read = { bytes: Uint8Array; problem?: undefined; stamp?: Stamp } | { bytes?: undefined; problem: string };

/** The file of a project. The bytes are valid until the next call. The stamp is from before they were read, so that what is written in between is noticed next time. */
export function readSource(root: string, file: string, withStamp = false): Read {
  const path = join(root, file);
  let descriptor: number | undefined;
  try {
    descriptor = openUnlinked(path);
    if (descriptor === undefined) {
      const stats = withStamp ? statSync(path) : undefined;
      const bytes = textOfLink(root, path);
      if (bytes) return stats ? { bytes, stamp: stampOf(stats) } : { bytes };
      descriptor = openSync(path, 'r');
    }
    const stats = withStamp ? fstatSync(descriptor) : undefined;
    let length = 0;
    for (;;) {
      const read = readSync(descriptor, buffer, length, buffer.length - length, null);
      length += read;
      if (read === 0 || length < buffer.length) break;
      if (length > MAX_BYTES) return { problem: tooLarge(statSync(path).size) };
      const larger = Buffer.allocUnsafeSlow(Math.min(buffer.length * 4, MAX_BYTES + 1));
      buffer.copy(larger);
      buffer = larger;
    }
    const bytes = buffer.subarray(0, length);
    return stats ? { bytes, stamp: stampOf(stats) } : { bytes };
  } catch (error) {
    return { problem: `the file could not be read: ${reason(error)}` };
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

/** `undefined`: it is a link. */
function openUnlinked(path: string): number | undefined {
  try {
    return openSync(path, NO_LINK);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ELOOP' || code === 'EMLINK') return undefined;
    throw error;
  }
}

function stampOf({ mtimeMs, ctimeMs, size }: Stats): Stamp {
  return { mtimeMs, ctimeMs, size };
}

/** Why a file of this size is skipped. */
export function tooLarge(size: number): string {
  return `the file is ${megabytes(size)} MB large and was skipped: the limit is ${megabytes(MAX_BYTES)} MB`;
}

function megabytes(bytes: number): string {
  const value = bytes / (1024 * 1024);
  return value >= 10 ? value.toFixed(0) : value.toFixed(1).replace(/\.0$/, '');
}
