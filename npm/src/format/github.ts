/**
 * Annotations of a GitHub workflow, which appear beside the lines of a pull request, and a summary of the job. GitHub shows ten errors and
 * ten warnings per step: the summary has them all.
 */
import { appendFileSync } from 'node:fs';
import type { CheckResult } from '../check-result.js';
import { repositoryOf } from '../git.js';
import { endpointSummary, isWithoutServer, nothingFound, unusedSummary } from '../print/summary.js';
import { count, harmless, harmlessLine, plainColors } from '../print/terminal.js';
import { hidesCode, SEVERITIES, type Finding, type InputError, type Severity } from '../report.js';

const COMMANDS: Record<Severity, 'notice' | 'warning' | 'error'> = { LOW: 'notice', MEDIUM: 'warning', HIGH: 'error', CRITICAL: 'error' };

/** A summary may have 1 MiB. */
const MAX_ROWS = 500;

export function githubAnnotations(result: CheckResult): string {
  const { prefix } = repositoryOf(result.root);
  const { findings, errors } = result.report.findings;
  return [
    ...sorted(findings).map((finding) => annotation(finding, prefix)),
    ...errors.map((error) => errorAnnotation(error, prefix)),
    ...remarks(result),
    `${headline(result)}\n`,
  ].join('\n');
}

/** Appends to the file that GitHub names in `GITHUB_STEP_SUMMARY`, where it does. */
export function writeStepSummary(result: CheckResult): void {
  const file = process.env['GITHUB_STEP_SUMMARY'];
  if (!file) return;
  try {
    appendFileSync(file, stepSummary(result));
  } catch (error) {
    process.stderr.write(`authlint: the summary could not be written to ${file}: ${(error as Error).message}\n`);
  }
}

function annotation(finding: Finding, prefix: string): string {
  const { file, line, column, endLine, endColumn, severity, trace } = finding;
  const steps = trace.filter((step) => step.file !== file || step.line !== line).map((step) => `${step.message} (${prefix}${step.file}:${step.line})`);
  // GitHub shows an annotation below its last line, which for a handler of a hundred lines is far away; and it takes columns only within one.
  const range = line === endLine ? { line, endLine, col: column, endColumn } : { line, endLine: line };
  return command(COMMANDS[severity], { file: prefix + file, ...range, title: `${severity} ${subject(finding)}: ${finding.rule}` }, [finding.message, ...steps].join('\n'));
}

function errorAnnotation(error: InputError, prefix: string): string {
  const { file, line, message } = error;
  const properties = { file: prefix + file, line: Math.max(1, line) };
  // The first fails the run.
  if (hidesCode(error)) return command('error', { ...properties, title: 'authlint could not read all of this file' }, message);
  return command('warning', { ...properties, title: 'authlint could not follow an import' }, message);
}

/** What concerns no line of the code. */
function remarks({ report, accepted, baseline }: CheckResult): string[] {
  const out: string[] = [];
  if (isWithoutServer(report, accepted)) out.push(command('warning', { title: 'authlint found no server' }, nothingFound(report)));
  if (baseline && baseline.unused.length > 0) {
    const { headline: what, rows } = unusedSummary(baseline);
    out.push(command('notice', { title: 'authlint baseline' }, [`${what}:`, ...rows].join('\n')));
  }
  return out;
}

function command(name: string, properties: Record<string, string | number>, message: string): string {
  // GitHub takes line ends in a file's name and puts them back; what controls a terminal has no place in its log.
  const escaped = Object.entries(properties).map(([key, value]) => `${key}=${escape(harmless(String(value))).replaceAll(':', '%3A').replaceAll(',', '%2C')}`);
  return `::${name} ${escaped.join(',')}::${escape(harmless(message))}`;
}

function escape(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function stepSummary(result: CheckResult): string {
  const { prefix } = repositoryOf(result.root);
  const { findings, errors } = result.report.findings;
  const { endpoints } = result.report.inventory;
  const out = ['## authlint', '', [headline(result), ...(endpoints.length > 0 ? [`${endpointSummary(endpoints, plainColors)}.`] : [])].join(' '), ''];
  const rows = sorted(findings).slice(0, MAX_ROWS).map((finding) => [finding.severity, code(subject(finding)), finding.rule, code(`${prefix}${finding.file}:${finding.line}`)]);
  if (rows.length > 0) out.push(...table(['Severity', 'Endpoint', 'Rule', 'Place'], rows), '');
  if (findings.length > rows.length) out.push(`… and ${findings.length - rows.length} more.`, '');
  if (errors.length > 0) {
    const lines = errors.slice(0, MAX_ROWS).map(({ file, line, message }) => [code(`${prefix}${file}:${line}`), cell(message)]);
    out.push(`<details><summary>${count(errors.length, 'problem')} with the input</summary>`, '', ...table(['Place', 'Problem'], lines), '', '</details>', '');
  }
  if (result.baseline && result.baseline.unused.length > 0) {
    const { headline: what, rows: entries } = unusedSummary(result.baseline);
    out.push(`${cell(what)}:`, '', ...entries.slice(0, MAX_ROWS).map((row) => `- ${code(row)}`), '');
  }
  return `${out.join('\n')}\n`;
}

function headline({ report, accepted, since }: CheckResult): string {
  const { findings, errors } = report.findings;
  const gap = errors.some(hidesCode) ? ` ${count(errors.length, 'problem')} with the input.` : '';
  if (isWithoutServer(report, accepted)) return `${nothingFound(report)}${gap}`;
  const parts = SEVERITIES.toReversed().flatMap((severity) => {
    const number = findings.filter((finding) => finding.severity === severity).length;
    return number === 0 ? [] : [`${number} ${severity.toLowerCase()}`];
  });
  const scope = since ? ` in what changed since ${harmlessLine(since.ref)}` : '';
  const more = accepted.length > 0 ? ` ${accepted.length} in the baseline.` : '';
  return findings.length === 0 ? `No findings${scope}.${gap}${more}` : `${count(findings.length, 'finding')}${scope}: ${parts.join(', ')}.${gap}${more}`;
}

function subject({ endpoint, rule }: Finding): string {
  return endpoint ? `${endpoint.method} ${endpoint.path}` : rule;
}

function sorted(findings: readonly Finding[]): Finding[] {
  return findings.toSorted((a, b) => SEVERITIES.indexOf(b.severity) - SEVERITIES.indexOf(a.severity));
}

function table(header: string[], rows: string[][]): string[] {
  return [header, header.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`);
}

function cell(text: string): string {
  return harmlessLine(text).replace(/[\\`*_<>|[\]&]/g, (character) => `&#${character.charCodeAt(0)};`);
}

function code(text: string): string {
  return `<code>${cell(text)}</code>`;
}
