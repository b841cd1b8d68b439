/** `authlint explain`: the page of a rule. */
import type { RuleMeta } from '../engine.js';
import { engineRules } from '../engine.js';
import { renderMarkdown } from '../print/markdown.js';
import { colorsFor, columnsOf, padEnd, widthOf, type Output } from '../print/terminal.js';
import { findRule, ruleExplanation, rulePage } from '../rules.js';
import { UserError } from '../user-error.js';

export interface ExplainOptions {
  list?: boolean;
  examples?: boolean;
}

/** Long lines are hard to read, however wide the terminal is. */
const MAX_WIDTH = 100;

/** Gives the exit code. */
export function runExplain(name: string | undefined, options: ExplainOptions, stream: Output = process.stdout): number {
  if (options.list) stream.write(list(stream));
  else if (name === undefined) throw new UserError('say which rule to explain; authlint explain --list names them all');
  else stream.write(page(findRule(name), options.examples === true, stream));
  return 0;
}

function list(stream: Output): string {
  const colors = colorsFor(stream);
  const rules = engineRules();
  const width = Math.max(...rules.map((rule) => widthOf(rule.name)));
  const rows = rules.map((rule) => `${colors.bold(padEnd(rule.name, width))}  ${rule.summary}  ${colors.dim(rule.cwe.join(', '))}`);
  return `${rows.join('\n')}\n\n${colors.dim('authlint explain RULE says what a rule does, why, and when not to use it.')}\n`;
}

function page(rule: RuleMeta, withExamples: boolean, stream: Output): string {
  const colors = colorsFor(stream);
  const style = { colors, width: Math.min(columnsOf(stream), MAX_WIDTH) };
  const whole = rulePage(rule.name);
  const text = withExamples ? whole.slice(whole.indexOf('\n## ')) : ruleExplanation(rule.name);
  const head = [
    `${colors.bold(rule.name)}  ${colors.dim([...rule.cwe, rule.owasp, ...rule.controls].join(' · '))}`,
    `${rule.summary}.`,
  ];
  const foot = withExamples ? [] : [colors.dim(`authlint explain ${rule.name} --examples shows it on code.`)];
  return `${[head.join('\n'), renderMarkdown(text, style), ...foot].join('\n\n')}\n`;
}
