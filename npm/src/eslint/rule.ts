/** One rule of the engine as a rule of ESLint and Oxlint. */
import { VERSION } from 'authlint:embedded';
import type { Rule } from 'eslint';
import type { RuleMeta } from '../engine.js';
import type { Finding } from '../report.js';
import { ruleUrl } from '../rules.js';
import { lint } from './projects.js';

/** Oxlint calls `createOnce`, and `before` for every file: it then need not build the syntax tree, which nobody looks at. */
interface OnceRule extends Rule.RuleModule {
  createOnce(context: Rule.RuleContext): { before(): false; Program(): void };
}

/** ECMAScript ends a line here too; editors, and the engine with them, do not. */
const SEPARATOR = /[\u2028\u2029]/;

interface Row {
  first: number;
  lengths: readonly number[];
}

export function rule(meta: RuleMeta): Rule.RuleModule {
  const module: OnceRule = {
    meta: {
      type: 'problem',
      docs: { description: meta.summary, recommended: true, url: ruleUrl(meta.name, VERSION) },
      schema: [],
      defaultOptions: [],
      hasSuggestions: true,
      messages: { finding: '{{message}}', problem: 'authlint: {{message}}', insert: 'Insert `{{word}}`' },
    },
    create: (context) => ({ Program: () => report(context, meta.name) }),
    createOnce: (context) => ({
      before: () => {
        report(context, meta.name);
        return false;
      },
      Program: () => {}, // Without a visitor, Oxlint takes the rule for one that does nothing.
    }),
  };
  return module;
}

function report(context: Rule.RuleContext, name: string): void {
  const { findings, problems } = lint(context, name);
  if (problems.length === 0 && findings.length === 0) return; // Linters split a text into lines when these are asked for.
  const { lines, hasBOM, text } = context.sourceCode;
  const rows = SEPARATOR.test(text) ? rowsOf(text) : undefined;
  for (const { line, message } of problems) {
    const at = Math.min(Math.max(rows ? locate(rows, line, 1).line : line, 1), lines.length);
    context.report({ messageId: 'problem', data: { message }, loc: { start: { line: at, column: 0 }, end: { line: at, column: lines[at - 1]!.length } } });
  }
  // The engine counts a byte order mark as what it is; a linter's text has none.
  const at = (line: number, column: number) => {
    const there = locate(rows, line, hasBOM && line === 1 ? column - 1 : column);
    return place(lines, there.line, there.column);
  };
  for (const finding of findings) {
    const loc = { start: at(finding.line, finding.column), end: at(finding.endLine, finding.endColumn) };
    const { edit } = finding;
    // A suggestion can change the linted file only.
    const suggest =
      edit?.file === finding.file
        ? [
            {
              messageId: 'insert',
              data: { word: edit.insert.trim() },
              fix: (fixer: Rule.RuleFixer) => {
                const offset = context.sourceCode.getIndexFromLoc(at(edit.line, edit.column));
                return fixer.insertTextBeforeRange([offset, offset], edit.insert);
              },
            },
          ]
        : null;
    context.report({ messageId: 'finding', data: { message: describe(finding) }, loc, suggest });
  }
}

/** The lines of a linter that each line of the engine consists of: their first one, and the length of each, with its separator. */
function rowsOf(text: string): Row[] {
  let first = 1;
  return text.split(/\r\n|\n|\r/).map((line) => {
    const lengths = line.split(SEPARATOR).map((part) => part.length + 1);
    const row = { first, lengths };
    first += lengths.length;
    return row;
  });
}

/** A place of the engine's as a linter counts. */
function locate(rows: readonly Row[] | undefined, line: number, column: number): { line: number; column: number } {
  const row = rows?.[line - 1];
  if (!row) return { line, column };
  let at = row.first;
  for (const length of row.lengths.slice(0, -1)) {
    if (column <= length) break;
    column -= length;
    at++;
  }
  return { line: at, column };
}

/** ESLint counts columns from 0. A place beyond the text, which would be a defect, must not end the run. */
function place(lines: readonly string[], line: number, column: number): { line: number; column: number } {
  const at = Math.min(Math.max(line, 1), lines.length);
  return { line: at, column: Math.min(Math.max(column - 1, 0), lines[at - 1]!.length) };
}

/** The finding, and where else to look: ESLint shows one place only. */
function describe({ message, file, line, trace }: Finding): string {
  const steps = trace
    .map((step, index) => ({ ...step, isHere: step.file === file && step.line === line, index }))
    // The first one says what stands at the finding's own place.
    .filter((step) => !(step.isHere && step.index === 0))
    .map((step) => `${step.message.charAt(0).toUpperCase()}${step.message.slice(1)}${step.isHere ? '' : ` (${step.file}:${step.line})`}.`);
  return [message, ...steps].join(' ');
}
