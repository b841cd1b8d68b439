/**
 * The format of the cache's files: a head (JSON) and a body (bytes), each with its checksum. A file that is damaged or cut off is none.
 *
 *     "authlint-cache-2\n", then 4 × u32: length and CRC-32 of the head, length and CRC-32 of the body; the head; the body
 */
import { randomBytes } from 'node:crypto';
import { closeSync, openSync, readSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { crc32 } from 'node:zlib';

const MAGIC = Buffer.from('authlint-cache-2\n');
const PREAMBLE = MAGIC.length + 16;
const MAX_BYTES = 1 << 29;

/** Writes a file in one step: another process sees the old one or the new one, never half of it. */
export function writeRecord(path: string, head: unknown, body: readonly Uint8Array[]): void {
  const headBytes = Buffer.from(JSON.stringify(head));
  const preamble = Buffer.alloc(PREAMBLE);
  MAGIC.copy(preamble);
  preamble.writeUInt32LE(headBytes.length, MAGIC.length);
  preamble.writeUInt32LE(crc32(headBytes), MAGIC.length + 4);
  preamble.writeUInt32LE(body.reduce((sum, part) => sum + part.length, 0), MAGIC.length + 8);
  preamble.writeUInt32LE(body.reduce((sum, part) => crc32(part, sum), 0), MAGIC.length + 12);
  const staged = `${path}.${process.pid}-${randomBytes(4).toString('hex')}.tmp`;
  try {
    writeFileSync(staged, Buffer.concat([preamble, headBytes, ...body]), { mode: 0o600 });
    renameSync(staged, path);
  } catch (error) {
    rmSync(staged, { force: true });
    throw error;
  }
}

/** A file whose head was read, and whose body is, when it is asked for. */
export class CacheRecord {
  #body: Buffer | undefined;

  private constructor(
    readonly path: string,
    readonly head: unknown,
    readonly bodyLength: number,
    private readonly from: number,
    private readonly crc: number,
  ) {}

  /** `undefined`: there is none, or it is damaged. */
  static read(path: string): CacheRecord | undefined {
    const preamble = slice(path, 0, PREAMBLE);
    if (!preamble?.subarray(0, MAGIC.length).equals(MAGIC)) return undefined;
    const [headLength, headCrc, bodyLength, bodyCrc] = [0, 4, 8, 12].map((at) => preamble.readUInt32LE(MAGIC.length + at)) as [number, number, number, number];
    const head = slice(path, PREAMBLE, headLength);
    if (!head || crc32(head) !== headCrc) return undefined;
    try {
      return new CacheRecord(path, JSON.parse(head.toString()), bodyLength, PREAMBLE + headLength, bodyCrc);
    } catch {
      return undefined;
    }
  }

  /** Empty when the body is damaged, or the file has gone since. */
  body(): Buffer {
    if (!this.#body) {
      const bytes = slice(this.path, this.from, this.bodyLength);
      this.#body = bytes && crc32(bytes) === this.crc ? bytes : Buffer.alloc(0);
    }
    return this.#body;
  }

  /** Gives the memory back. */
  release(): void {
    this.#body = undefined;
  }
}

/** `undefined`: the file has not so much. */
function slice(path: string, from: number, length: number): Buffer | undefined {
  if (length > MAX_BYTES) return undefined;
  let descriptor: number | undefined;
  try {
    descriptor = openSync(path, 'r');
    const bytes = Buffer.allocUnsafe(length);
    let filled = 0;
    while (filled < length) {
      const read = readSync(descriptor, bytes, filled, length - filled, from + filled);
      if (read === 0) return undefined;
      filled += read;
    }
    return bytes;
  } catch {
    return undefined;
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}
