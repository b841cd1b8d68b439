/** One project of a linter's process: when the disk is looked at again, and what is said where. */
import { createProject, type Project } from '../live-project.js';
import type { Finding, InputError, Report } from '../report.js';
import { targetOutside, widerRoot, type FoundProject } from '../root.js';
import { Complaints, type Problem } from './complaints.js';
import type { Settings } from './settings.js';

export interface Answer {
  findings: readonly Finding[];
  problems: readonly Problem[];
}

/** How a lint came to be. */
export interface Occasion {
  /** The linter was idle before: an editor, or a new run. */
  isLater: boolean;
  /** The file that was linted just before, with another text: it is being typed in, or fixed in several passes. */
  isEdit: boolean;
}

interface Indexed {
  findings: Map<string, Finding[]>;
  errors: Map<string, InputError[]>;
  wider: string | undefined;
}

const indices = new WeakMap<Report, Indexed>();

/** For so long a text counts that is neither linted again nor saved: one may have typed a guard in one tab to mend what another shows. */
const UNSAVED_MS = 60_000;

export class HostedProject {
  readonly #place: FoundProject;
  readonly #settings: Settings;
  #project: Project | undefined;
  /** Why there is no project. */
  #failure: string | undefined;
  readonly #complaints = new Complaints();
  /** Files that were linted since the disk was looked at. */
  readonly #linted = new Set<string>();
  /** When the linter last gave a file's text. */
  readonly #given = new Map<string, number>();

  constructor(place: FoundProject, settings: Settings) {
    this.#place = place;
    this.#settings = settings;
    this.#look();
  }

  /** What is to be said in a file with this text. */
  lint(file: string, text: string, { isLater, isEdit }: Occasion): Answer {
    if (isLater) this.#dropTexts(file);
    this.#given.set(file, performance.now());
    // A linter that comes to a file again has begun anew. A run over many files looks once, when the project is opened.
    if (isLater || (this.#linted.has(file) && !isEdit)) this.#look();
    this.#linted.add(file);
    if (!this.#project) return { findings: [], problems: this.#say([this.#failure!], file) };
    this.#project.setText(file, text);
    const report = this.#project.report();
    const { findings, errors } = index(report, this.#project.root);
    const path = this.#project.relative(file) ?? '';
    // Imports that lead nowhere are for others to report: compilers, and the rules that are made for it. To these, one that leads out of the project is right.
    const isOwn = (error: InputError) => !this.#project!.isGeneral(error) && (error.import === undefined || targetOutside(this.#project!.root, error) !== undefined);
    const own = (errors.get(path) ?? []).filter(isOwn);
    const general = report.findings.errors.filter((error) => this.#project!.isGeneral(error)).map((error) => error.message);
    return { findings: findings.get(path) ?? [], problems: [...own, ...this.#say(general, file)] };
  }

  /** The root that the project's imports ask for, where it is another one. */
  get widerRoot(): string | undefined {
    return this.#project && index(this.#project.report(), this.#project.root).wider;
  }

  dispose(): void {
    this.#project?.dispose();
  }

  /** An editor does not say that a text was discarded: one that did not come again for long is not what the user has in mind. */
  #dropTexts(except: string): void {
    const before = performance.now() - UNSAVED_MS;
    for (const [file, when] of this.#given) {
      if (file === except || when > before) continue;
      this.#project?.setText(file, undefined);
      this.#given.delete(file);
    }
  }

  #look(): void {
    this.#linted.clear();
    if (this.#project) {
      this.#project.refresh();
    } else {
      try {
        this.#project = createProject({ ...this.#place, ...optionsOf(this.#settings) });
        this.#failure = undefined;
      } catch (error) {
        this.#failure = error instanceof Error ? error.message : String(error);
      }
    }
  }

  /** Those of the problems that are said in this file. */
  #say(messages: readonly string[], file: string): Problem[] {
    this.#complaints.keep(messages);
    return this.#complaints.say(messages, file);
  }
}

export function optionsOf({ config, configFile, cache }: Settings): object {
  return {
    ...(config === undefined ? {} : { overrides: config }),
    ...(configFile === undefined ? {} : { configFile }),
    ...(cache === undefined ? {} : { cache }),
  };
}

function index(report: Report, root: string): Indexed {
  let indexed = indices.get(report);
  if (!indexed) {
    indexed = { findings: byFile(report.findings.findings), errors: byFile(report.findings.errors), wider: widerRoot(root, report.findings.errors) };
    indices.set(report, indexed);
  }
  return indexed;
}

function byFile<T extends { file: string }>(items: readonly T[]): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(item.file);
    if (group) group.push(item);
    else groups.set(item.file, [item]);
  }
  return groups;
}
