/**
 * What is kept on disk of a project, so that the next process, whatever host it is, has less to do: what each file was when it was looked
 * at, its intermediate representation, and whole reports.
 *
 * The representations stand in few packs. A run writes what it found new in a pack of its own; when there are many of them, they become one.
 * Nothing here may fail: a cache that cannot be read is empty, one that cannot be written stays as it is.
 */
import { randomBytes } from 'node:crypto';
import { readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { ENGINE_HASH } from 'authlint:embedded';
import { hash, isSame } from '../content.js';
import type { Stamp } from '../read.js';
import type { Report } from '../report.js';
import { cacheFolder, evict } from './folder.js';
import { CacheRecord, writeRecord } from './record.js';

/** Packs are merged when there are more of them, or when what is out of date in them is more than what is used. */
const MAX_PACKS = 8;
/** A project whose representations are larger has none on disk. */
const MAX_BYTES = 256 * 1024 * 1024;
const MAX_REPORTS = 6;

type Scanned = 0 | 1 | 2;
const NO_SIGN: Scanned = 1;
const SIGN: Scanned = 2;

interface Entry {
  id: string;
  /** `undefined`: the file was written too shortly before it was looked at. */
  stamp: Stamp | undefined;
  /** What the scan said: nothing yet, that there is no sign of a server, or that there is one. */
  scanned: Scanned;
  ir: Uint8Array | { pack: CacheRecord; offset: number; length: number } | undefined;
}

/** `[path, id, mtime, ctime, size, scanned, offset, length]`; time 0: no stamp, length 0: no representation. */
type Row = [string, string, number, number, number, Scanned, number, number];

/** A file that the analysis asked for: its path, what it was, and whether it mattered. */
export type Asked = [path: string, id: string, matters: boolean];

interface ReportHead {
  list: string;
  asked: Asked[];
}

export class ProjectCache {
  readonly #folder: string;
  readonly #entries = new Map<string, Entry>();
  readonly #packs: CacheRecord[] = [];
  readonly #fresh = new Set<string>();

  private constructor(folder: string) {
    this.#folder = folder;
    for (const name of list(folder).filter((name) => name.endsWith('.pack')).sort()) {
      const pack = CacheRecord.read(join(folder, name));
      if (pack && this.#take(pack)) this.#packs.push(pack);
      else remove(join(folder, name));
    }
  }

  /** `undefined`: nothing is cached. */
  static open(root: string, chosen: boolean | string | undefined): ProjectCache | undefined {
    try {
      const folder = cacheFolder(root, chosen, ENGINE_HASH);
      return folder === undefined ? undefined : new ProjectCache(folder);
    } catch {
      return undefined;
    }
  }

  /** What the file was, if it was not touched since: without reading it. */
  unchanged(path: string, stamp: Stamp): string | undefined {
    const entry = this.#entries.get(path);
    return entry?.stamp && isSame(entry.stamp, stamp) ? entry.id : undefined;
  }

  /** Whether it is worth reading a file of this size, to see that it is what it was. */
  mayBe(path: string, size: number): boolean {
    const entry = this.#entries.get(path);
    return entry !== undefined && (entry.stamp === undefined || entry.stamp.size === size);
  }

  /** What lowering would answer; `undefined`: not known. */
  ir(path: string, id: string, scan: boolean): Uint8Array | undefined {
    const entry = this.#entries.get(path);
    if (entry?.id !== id) return undefined;
    if (scan && entry.scanned === NO_SIGN) return new Uint8Array(0);
    return entry.ir && (!scan || entry.scanned === SIGN) ? bytesOf(entry.ir) : undefined;
  }

  /** Notes a file that was read. */
  note(path: string, id: string, stamp: Stamp | undefined): void {
    const entry = this.#entries.get(path);
    if (entry?.id !== id) this.#entries.set(path, { id, stamp, scanned: 0, ir: undefined });
    else if (stamp && !(entry.stamp && isSame(entry.stamp, stamp))) entry.stamp = stamp;
    else return;
    this.#fresh.add(path);
  }

  /** Notes what lowering answered for the file that was noted. */
  put(path: string, id: string, ir: Uint8Array, scan: boolean): void {
    const entry = this.#entries.get(path);
    if (entry?.id !== id) return;
    if (ir.length > 0) entry.ir = ir;
    if (scan) entry.scanned = ir.length > 0 ? SIGN : NO_SIGN;
    this.#fresh.add(path);
  }

  /** As {@link note} and {@link put}: for a file that another thread has read. */
  noteIr(path: string, { id, stamp }: { id: string; stamp: Stamp | undefined }, ir: Uint8Array, scan: boolean): void {
    this.note(path, id, stamp);
    this.put(path, id, ir, scan);
  }

  /** The report on these files with this configuration, if nothing is different. `idOf` says what a file is now. */
  report(config: unknown, files: readonly string[], idOf: (path: string) => string): { report: Report; asked: Asked[] } | undefined {
    const record = CacheRecord.read(this.#reportPath(config));
    if (!record) return undefined;
    const { list, asked } = record.head as ReportHead;
    if (list !== listHash(files) || !asked.every(([path, id]) => idOf(path) === id)) return undefined;
    const body = record.body();
    return body.length === 0 ? undefined : { report: JSON.parse(body.toString()) as Report, asked };
  }

  /** Whether this configuration was accepted before. */
  knowsConfig(config: unknown): boolean {
    return statSync(this.#reportPath(config), { throwIfNoEntry: false }) !== undefined;
  }

  /** Writes what is new. */
  save(result?: { config: unknown; files: readonly string[]; asked: Asked[]; report: Report }): void {
    try {
      if (this.#fresh.size > 0) this.#savePack(result?.files);
      if (result) {
        const head: ReportHead = { list: listHash(result.files), asked: result.asked };
        writeRecord(this.#reportPath(result.config), head, [Buffer.from(JSON.stringify(result.report))]);
        this.#tidy();
      }
    } catch {
      // Nothing of it is needed.
    }
    this.#fresh.clear();
    for (const pack of this.#packs) pack.release();
  }

  /** Takes in a pack that is newer than those before it; `false`: it is none. */
  #take(pack: CacheRecord): boolean {
    const rows = pack.head;
    if (!Array.isArray(rows)) return false;
    for (const [path, id, mtimeMs, ctimeMs, size, scanned, offset, length] of rows as Row[]) {
      const before = this.#entries.get(path);
      const isSameContent = before?.id === id;
      this.#entries.set(path, {
        id,
        stamp: mtimeMs === 0 ? undefined : { mtimeMs, ctimeMs, size },
        scanned: scanned || (isSameContent ? before.scanned : 0),
        ir: length > 0 ? { pack, offset, length } : isSameContent ? before.ir : undefined,
      });
    }
    return true;
  }

  #savePack(files: readonly string[] | undefined): void {
    const used = [...this.#entries.values()].reduce((sum, { ir }) => sum + (ir?.length ?? 0), 0);
    const stored = this.#packs.reduce((sum, pack) => sum + pack.bodyLength, 0);
    const merges = this.#packs.length >= MAX_PACKS || stored > 2 * used + 1_000_000;
    if (merges && files) {
      const there = new Set(files);
      for (const path of this.#entries.keys()) if (!there.has(path)) this.#entries.delete(path);
    }
    const rows: Row[] = [];
    const body: Uint8Array[] = [];
    let offset = 0;
    for (const path of merges ? this.#entries.keys() : this.#fresh) {
      const entry = this.#entries.get(path);
      if (!entry) continue;
      const { id, stamp, scanned } = entry;
      const isWritten = entry.ir !== undefined && (merges || entry.ir instanceof Uint8Array) && used < MAX_BYTES;
      const ir = isWritten ? (bytesOf(entry.ir!) ?? new Uint8Array(0)) : new Uint8Array(0);
      rows.push([path, id, stamp?.mtimeMs ?? 0, stamp?.ctimeMs ?? 0, stamp?.size ?? 0, scanned, offset, ir.length]);
      if (ir.length > 0) body.push(ir);
      offset += ir.length;
    }
    const name = `${Date.now().toString(36).padStart(9, '0')}-${process.pid.toString(36)}-${randomBytes(4).toString('hex')}.pack`;
    writeRecord(join(this.#folder, name), rows, body);
    const old = merges ? this.#packs.splice(0) : [];
    const pack = CacheRecord.read(join(this.#folder, name));
    if (!pack) return;
    this.#packs.push(pack);
    this.#take(pack);
    // Only those that were merged: another process may have written further ones.
    for (const { path } of old) remove(path);
  }

  /** What remained of other reports and of processes that died. */
  #tidy(): void {
    const dated = (suffix: string) =>
      list(this.#folder)
        .filter((name) => name.endsWith(suffix))
        .map((name) => join(this.#folder, name))
        .map((path) => ({ path, at: statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0 }))
        .sort((a, b) => b.at - a.at);
    for (const { path } of dated('.report').slice(MAX_REPORTS)) remove(path);
    for (const { path, at } of dated('.tmp')) if (Date.now() - at > 3_600_000) remove(path);
    evict(this.#folder);
  }

  #reportPath(config: unknown): string {
    return join(this.#folder, `${hash(Buffer.from(JSON.stringify(config ?? null)))}.report`);
  }
}

function listHash(files: readonly string[]): string {
  return hash(Buffer.from(files.join('\n')));
}

/** `undefined`: its pack is damaged. */
function bytesOf(ir: NonNullable<Entry['ir']>): Uint8Array | undefined {
  if (ir instanceof Uint8Array) return ir;
  const bytes = ir.pack.body().subarray(ir.offset, ir.offset + ir.length);
  return bytes.length === ir.length ? bytes : undefined;
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function remove(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // It stays: the folder cannot be written.
  }
}
