/** The baseline of a project that lives on: read again when it was written. A file that is wrong accepts nothing, and is an error of the report. */
import { baselineText, parseBaseline, sortByBaseline, type BaselineEntry } from './baseline.js';
import type { InputError, Report } from './report.js';

export class ProjectBaseline {
  #path: string | undefined;
  #text: string | undefined;
  #entries: BaselineEntry[] = [];
  #problem: string | undefined;

  get path(): string | undefined {
    return this.#path;
  }

  /** Reads the file; `undefined`: there is no baseline. Says whether other findings may be accepted now. */
  look(path: string | undefined): boolean {
    if (path === undefined && this.#path === undefined) return false;
    const before = { path: this.#path, text: this.#text, problem: this.#problem };
    this.#path = path;
    this.#text = undefined;
    this.#entries = [];
    this.#problem = undefined;
    try {
      this.#text = path === undefined ? undefined : baselineText(path);
      if (path !== undefined && this.#text === undefined) this.#problem = `the baseline ${path} does not exist; \`authlint check --update-baseline\` makes it`;
      if (path !== undefined && this.#text !== undefined) this.#entries = parseBaseline(path, this.#text);
    } catch (error) {
      this.#problem = (error as Error).message;
    }
    return path !== before.path || this.#text !== before.text || this.#problem !== before.problem;
  }

  /** The report without what is accepted. */
  apply(report: Report): Report {
    if (this.#entries.length === 0) return report;
    const { fresh } = sortByBaseline(report.findings.findings, this.#entries);
    return { ...report, findings: { ...report.findings, findings: fresh } };
  }

  error(relative: (path: string) => string | undefined): InputError | undefined {
    if (this.#problem === undefined) return undefined;
    const line = Number(this.#problem.startsWith(`${this.#path}:`) ? this.#problem.slice(this.#path!.length + 1).split(':')[0] : 1);
    return { file: relative(this.#path!) ?? this.#path!, line, message: this.#problem };
  }
}
