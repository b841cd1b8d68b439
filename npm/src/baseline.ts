/**
 * The baseline: findings that are accepted for now, so that only new ones fail the run.
 *
 *     { "schema": "authlint/baseline@1", "findings": [
 *       { "fingerprint": "…", "rule": "require-authentication", "severity": "HIGH", "endpoint": "GET /api/users", "file": "src/app.ts", "note": "until v3" } ] }
 *
 * Only `fingerprint`, `count` and `note` mean something; the rest tells people what the entry is about.
 */
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { lineOfItem, parseJson } from './config/json.js';
import { reason } from './discover.js';
import type { Finding } from './report.js';
import { UserError } from './user-error.js';

const SCHEMA = 'authlint/baseline@1';

export interface BaselineEntry {
  fingerprint: string;
  /** So many findings with this fingerprint are accepted; default 1. */
  count?: number;
  rule?: string;
  severity?: string;
  endpoint?: string;
  file?: string;
  /** Why it is accepted. Written by people, kept by updates. */
  note?: string;
}

/** An entry that accepts more findings than there are. */
export interface UnusedEntry extends BaselineEntry {
  /** So many of its `count` are there; absent where none is. */
  used?: number;
}

/** A finding that the baseline accepts. */
export interface Accepted {
  finding: Finding;
  entry: BaselineEntry;
}

export interface Sorted {
  fresh: Finding[];
  accepted: Accepted[];
  unused: UnusedEntry[];
}

/** Reads a baseline; nothing, where the file does not exist. Throws a {@link UserError} that names file and line. */
export function readBaseline(path: string): BaselineEntry[] | undefined {
  const text = baselineText(path);
  return text === undefined ? undefined : parseBaseline(path, text);
}

export function baselineText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').replace(/^\uFEFF/, '');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new UserError(`the baseline ${path} could not be read: ${reason(error)}`);
  }
}

export function parseBaseline(path: string, text: string): BaselineEntry[] {
  const value = parseJson(path, text, { comments: false });
  if (!isObject(value) || value['schema'] !== SCHEMA || !Array.isArray(value['findings'])) {
    throw new UserError(`${path}:1: this is no baseline: it must hold "schema": "${SCHEMA}" and "findings": […]`);
  }
  const seen = new Set<string>();
  return value['findings'].map((entry: unknown, index) => {
    const fail = (message: string) => new UserError(`${path}:${lineOfItem(text, 'findings', index)}: ${message}`);
    if (!isObject(entry) || typeof entry['fingerprint'] !== 'string') throw fail('an entry must be an object with a `fingerprint`');
    if (entry['count'] !== undefined && !(Number.isInteger(entry['count']) && (entry['count'] as number) > 0)) throw fail('`count` must be a whole number from 1');
    if (entry['note'] !== undefined && typeof entry['note'] !== 'string') throw fail('`note` must be a string');
    if (seen.has(entry['fingerprint'])) throw fail('this fingerprint stands in an earlier entry already; make it one, with a `count`');
    seen.add(entry['fingerprint']);
    return entry as unknown as BaselineEntry;
  });
}

/** Tells what is accepted from what is new. Of several findings with one fingerprint, the first ones are accepted. */
export function sortByBaseline(findings: readonly Finding[], entries: readonly BaselineEntry[]): Sorted {
  const left = new Map(entries.map((entry) => [entry.fingerprint, { entry, count: entry.count ?? 1 }]));
  const sorted: Sorted = { fresh: [], accepted: [], unused: [] };
  for (const finding of findings) {
    const place = left.get(finding.fingerprint);
    if (place && place.count > 0) {
      place.count--;
      sorted.accepted.push({ finding, entry: place.entry });
    } else {
      sorted.fresh.push(finding);
    }
  }
  sorted.unused = [...left.values()]
    .filter(({ count }) => count > 0)
    .map(({ entry, count }) => {
      const used = (entry.count ?? 1) - count;
      return used === 0 ? entry : { ...entry, used };
    });
  return sorted;
}

/** Writes these findings as the baseline; the notes of the entries that stay are kept. Says how many came and went. */
export function writeBaseline(path: string, findings: readonly Finding[], before: readonly BaselineEntry[]): { added: number; removed: number } {
  const notes = new Map(before.map((entry) => [entry.fingerprint, entry.note ?? '']));
  const counts = new Map<string, number>();
  for (const { fingerprint } of findings) counts.set(fingerprint, (counts.get(fingerprint) ?? 0) + 1);
  const entries = new Map<string, BaselineEntry>();
  for (const finding of findings) {
    const { fingerprint, rule, severity, file } = finding;
    if (entries.has(fingerprint)) continue;
    const count = counts.get(fingerprint)!;
    const endpoint = finding.endpoint ? { endpoint: `${finding.endpoint.method} ${finding.endpoint.path}` } : {};
    entries.set(fingerprint, { fingerprint, ...(count > 1 ? { count } : {}), rule, severity, ...endpoint, file, note: notes.get(fingerprint) ?? '' });
  }
  const key = (entry: BaselineEntry) => [entry.file, entry.endpoint ?? '', entry.rule, entry.fingerprint].join('\0');
  const sorted = [...entries.values()].sort((a, b) => (key(a) < key(b) ? -1 : 1));
  replaceFile(path, `${JSON.stringify({ schema: SCHEMA, findings: sorted }, null, 2)}\n`);
  const removed = before.filter((entry) => !entries.has(entry.fingerprint)).length;
  return { added: sorted.filter((entry) => !notes.has(entry.fingerprint)).length, removed };
}

/** In one step: a run that is stopped leaves the old file. */
function replaceFile(path: string, text: string): void {
  const staged = `${path}.${process.pid}.tmp`;
  try {
    writeFileSync(staged, text);
    renameSync(staged, path);
  } catch (error) {
    throw new UserError(`the baseline ${path} could not be written: ${reason(error)}`);
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
