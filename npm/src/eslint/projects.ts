/**
 * The projects of this process, and what each lint of a file is told about it.
 *
 * The first file of a project has it analysed; for every further file its text is compared with what was analysed, and the findings are
 * looked up. A linter says neither when a run begins nor whether it is an editor, so that is concluded from how it calls.
 */
import type { Rule } from 'eslint';
import { isAbsolute } from 'node:path';
import { analyseFiles } from '../project.js';
import { findProject, forgetRoots, isProject, widen, type FoundProject } from '../root.js';
import { Complaints } from './complaints.js';
import { HostedProject, type Answer, type Occasion } from './hosted-project.js';
import { readSettings, type Settings } from './settings.js';

/** A linter that was quiet for this long begins something new: files on disk may be others by now. */
const IDLE_MS = 500;

/** An editor may see many projects in its life. */
const MAX_PROJECTS = 8;

/** One lint of one file, by all its rules. */
interface Pass extends Answer {
  file: string;
  text: string;
  rules: Set<string>;
}

const NOTHING: Answer = { findings: [], problems: [] };
const projects = new Map<string, HostedProject>();
/** What has no project to be said in. */
const complaints = new Complaints();
let pass: Pass | undefined;
let lastActive = -Infinity;

/** What one rule has to say about the file that is being linted. Never throws. Problems are given to the first rule that asks. */
export function lint(context: Rule.RuleContext, rule: string): Answer {
  const { filename: file, physicalFilename, sourceCode } = context;
  // A part of another file, such as a code block in Markdown.
  if (physicalFilename !== undefined && physicalFilename !== file) return NOTHING;
  const text = sourceCode.hasBOM ? `\uFEFF${sourceCode.text}` : sourceCode.text;
  const isFirst = pass?.file !== file || pass.text !== text || pass.rules.has(rule);
  if (isFirst) pass = { file, text, rules: new Set(), ...answer(context, file, text) };
  pass!.rules.add(rule);
  return { findings: pass!.findings.filter((finding) => finding.rule === rule), problems: isFirst ? pass!.problems : [] };
}

function answer(context: Rule.RuleContext, file: string, text: string): Answer {
  const isLater = performance.now() - lastActive > IDLE_MS;
  const isEdit = pass?.file === file && pass.text !== text;
  try {
    const settings = readSettings(context);
    if (isLater) forgetRoots();
    const result = judge(context, file, text, settings, { isLater, isEdit });
    complaints.settle(file);
    return result;
  } catch (error) {
    return { findings: [], problems: complaints.say([error instanceof Error ? error.message : String(error)], file) };
  } finally {
    lastActive = performance.now();
  }
}

function judge(context: Rule.RuleContext, file: string, text: string, settings: Settings, occasion: Occasion): Answer {
  if (!isAbsolute(file)) return ofText(context, text, settings);
  const { root } = settings;
  if (root !== undefined) return projectOf({ root, configFrom: root }, settings).lint(file, text, occasion);
  for (;;) {
    const place = findProject(file);
    // Not a project, but perhaps all that a user has: nobody walks through that for one file.
    if (!isProject(place.root)) return ofText(context, text, settings);
    const project = projectOf(place, settings);
    const result = project.lint(file, text, occasion);
    const wider = project.widerRoot;
    if (wider === undefined) return result;
    widen(place.root, wider);
    project.dispose();
    projects.delete(keyOf(place, settings));
  }
}

function keyOf(place: FoundProject, settings: Settings): string {
  return JSON.stringify([place, settings]); // Few: a linter has few configurations.
}

function projectOf(place: FoundProject, settings: Settings): HostedProject {
  const key = keyOf(place, settings);
  const project = projects.get(key) ?? new HostedProject(place, settings);
  projects.delete(key);
  projects.set(key, project); // The one that was used last stands last.
  if (projects.size > MAX_PROJECTS) {
    const [oldest] = projects;
    oldest![1].dispose();
    projects.delete(oldest![0]);
  }
  return project;
}

/** Text without a file, from standard input, or without a project: it is one of its own. */
function ofText(context: Rule.RuleContext, text: string, settings: Settings): Answer {
  const extension = /\.\w+$/.exec(context.filename)?.[0];
  const parser = (context.languageOptions?.['parser'] as { meta?: { name?: string } } | undefined)?.meta?.name ?? '';
  const name = `text${isAbsolute(context.filename) && extension ? extension : /typescript/i.test(parser) ? '.ts' : '.js'}`;
  const { findings } = analyseFiles({ [name]: text }, settings.config);
  return { findings: findings.findings, problems: findings.errors.filter((error) => error.import === undefined) };
}
