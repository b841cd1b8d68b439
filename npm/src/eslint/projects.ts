/**
 * The projects of this process, and what each lint of a file is told about it.
 *
 * The first file of a project has it analysed; for every further file its text is compared with what was analysed, and the findings are
 * looked up. A linter says neither when a run begins nor whether it is an editor, so that is concluded from how it calls.
 */
import type { Rule } from 'eslint';
import { isAbsolute } from 'node:path';
import { analyseFiles } from '../project.js';
import { findRoot, forgetRoots, isProject } from '../root.js';
import { HostedProject, type Answer } from './hosted-project.js';
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
    const root = settings.root ?? (isAbsolute(file) ? findRoot(file) : undefined);
    // Not a project, but perhaps all that a user has: nobody walks through that for one file.
    if (root === undefined || !isAbsolute(file) || (settings.root === undefined && !isProject(root))) return ofText(context, text, settings);
    return projectOf(root, settings).lint(file, text, { isLater, isEdit });
  } catch (error) {
    return { findings: [], problems: [{ line: 1, message: error instanceof Error ? error.message : String(error) }] };
  } finally {
    lastActive = performance.now();
  }
}

function projectOf(root: string, settings: Settings): HostedProject {
  const key = JSON.stringify([root, settings]); // Few: a linter has few configurations.
  const project = projects.get(key) ?? new HostedProject(root, settings);
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
