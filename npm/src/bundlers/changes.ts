/** What a watcher sees becomes one analysis after the other, and what they find becomes news. */
import { basename, resolve } from 'node:path';
import { isWanted } from '../discover.js';
import type { Analysis } from './analysis.js';
import type { Settings } from './options.js';
import type { Result } from './protocol.js';
import { isAtLeast, textOf } from './issue.js';
import { split, thresholdOf } from './split.js';

/**
 * A save of several files, or a checkout, is one change. More than the 50 ms for which chokidar says nothing of a file that has just changed:
 * when the analysis reads it, what was written in that time is there.
 */
const QUIET_MS = 60;

const IGNORED = /[\\/](?:node_modules|\.git)[\\/]/;
/** Beside code and manifests: our configuration, what hides files, and folders. */
const CONCERNING = /authlint\.config\.\w+$|[\\/][^\\/.]+$|\.gitignore$/;

export class Changes {
  readonly #analysis: Analysis;
  readonly #show: (result: Result, previous: Result | undefined) => void;
  readonly #changed = new Set<string>();
  #previous: Result | undefined;
  #isAllDue = false;
  #isRunning = false;
  #isClosed = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(analysis: Analysis, show: (result: Result, previous: Result | undefined) => void) {
    this.#analysis = analysis;
    this.#show = show;
  }

  /** Looks at everything: at first, and when a watcher begins to see, for what happened before. */
  look(): void {
    this.#isAllDue = true;
    this.#next();
  }

  /** A file came, went or changed. */
  add(path: string): void {
    if (IGNORED.test(path) || this.#isClosed) return;
    this.#changed.add(resolve(path));
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#next(), QUIET_MS);
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
  }

  #next(): void {
    this.#timer = undefined;
    if (this.#isRunning || this.#isClosed) return;
    const changed = this.#isAllDue ? undefined : this.#relevant();
    this.#isAllDue = false;
    this.#changed.clear();
    if (changed?.length !== 0) void this.#run(changed);
  }

  /** Code and manifests, and whatever else the last result depends on: a configuration and a baseline may have any name. */
  #relevant(): string[] {
    const known = new Set(this.#previous?.files);
    return [...this.#changed].filter((path) => known.has(path) || isWanted(basename(path)) || CONCERNING.test(path));
  }

  async #run(changed: string[] | undefined): Promise<void> {
    this.#isRunning = true;
    const result = await this.#analysis.run(changed);
    this.#isRunning = false;
    if (this.#isClosed) return;
    this.#show(result, this.#previous);
    this.#previous = result;
    if (!this.#timer) this.#next();
  }
}

export interface News {
  level: 'info' | 'warn' | 'error';
  text: string;
}

/** What is new since the last analysis: findings that came, in full; how many are left, where some went. */
export function describeChange(result: Result, previous: Result | undefined, settings: Settings): News[] {
  const { failure, remarks } = split(result, settings);
  const news: News[] = [];
  if (result.problem !== previous?.problem || result.failure !== previous?.failure) {
    if (failure !== undefined) news.push({ level: 'error', text: failure });
    news.push(...remarks.map((text): News => ({ level: 'warn', text })));
  }
  if (result.failure !== undefined && result.issues.length === 0) return news;

  const known = new Set(previous?.issues.map(({ fingerprint }) => fingerprint));
  const fresh = result.issues.filter(({ fingerprint }) => !known.has(fingerprint));
  for (const issue of fresh) news.push({ level: isAtLeast(issue.severity, thresholdOf(result, settings)) ? 'error' : 'warn', text: textOf(issue) });
  const there = new Set(result.issues.map(({ fingerprint }) => fingerprint));
  const mended = [...known].filter((fingerprint) => !there.has(fingerprint)).length;
  if (mended > 0) news.push({ level: 'info', text: `${mended === 1 ? '1 finding is' : `${mended} findings are`} mended, ${there.size === 0 ? 'none' : there.size} left` });
  return news;
}
