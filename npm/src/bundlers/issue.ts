/** Findings as bundlers show them: plain data with absolute paths and a code frame, made where the files are at hand. */
import { join } from 'node:path';
import pc from 'picocolors';
import { frame, Sources, type FrameStyle } from '../print/frame.js';
import { harmless } from '../print/terminal.js';
import { SEVERITIES, type Finding, type InputError, type Severity } from '../report.js';

/** A place in a file. Lines and columns are 1-based, columns in UTF-16 code units; the end is exclusive. */
export interface IssuePlace {
  /** Absolute. */
  file: string;
  /** Relative to the root of the project, with `/`. */
  path: string;
  line: number;
  column: number;
  endLine: number;
  endColumn: number;
  /** The line itself. */
  lineText: string;
}

export interface Issue extends IssuePlace {
  rule: string;
  severity: Severity;
  /** What, why, what to do; then, a line each, what else belongs to it. */
  message: string;
  /** What else belongs to it, with the place of each. */
  notes: { message: string; place: IssuePlace }[];
  frame: string;
  /** The same for the same finding, however the code around it moves. */
  fingerprint: string;
}

const WIDTH = 120;
const plain = pc.createColors(false);
const STYLE: FrameStyle = { colors: plain, paint: (text) => text, width: WIDTH, context: 1 };

/** The worst first, then by place. */
export function issuesFrom(root: string, findings: readonly Finding[]): Issue[] {
  const sources = new Sources(root);
  return findings.map((finding) => issue(root, finding, sources)).sort(bySeverity);
}

function issue(root: string, finding: Finding, sources: Sources): Issue {
  const { file: path, line, column, endLine, endColumn, rule, severity, fingerprint } = finding;
  const lines = sources.linesOf(path);
  const elsewhere = finding.trace.filter((step) => step.file !== path || step.line !== line);
  const notes = elsewhere.map((step) => ({ message: harmless(step.message), place: wholeLine(root, step, sources) }));
  const details = notes.map(({ message, place }) => `  ${message} (${place.path}:${place.line})`);
  if (finding.suggestion) details.push(`  help: ${harmless(finding.suggestion)}`);
  return {
    file: join(root, path),
    path,
    line,
    column,
    endLine,
    endColumn,
    lineText: lines[line - 1] ?? '',
    rule,
    severity,
    message: [`${severity} ${harmless(finding.message)} (${rule})`, ...details].join('\n'),
    notes,
    frame: frame(lines, finding, '', STYLE).join('\n'),
    fingerprint,
  };
}

function wholeLine(root: string, { file, line }: { file: string; line: number }, sources: Sources): IssuePlace {
  const lineText = sources.linesOf(file)[line - 1] ?? '';
  const column = lineText.length - lineText.trimStart().length + 1;
  return { file: join(root, file), path: file, line, column, endLine: line, endColumn: Math.max(column, lineText.trimEnd().length + 1), lineText };
}

function bySeverity(a: Issue, b: Issue): number {
  const severity = SEVERITIES.indexOf(b.severity) - SEVERITIES.indexOf(a.severity);
  return severity || (a.path < b.path ? -1 : a.path > b.path ? 1 : a.line - b.line || a.column - b.column);
}

const MAX_PROBLEMS = 5;

/** One text for all that could not be read or understood. */
export function problemText(errors: readonly InputError[]): string | undefined {
  if (errors.length === 0) return undefined;
  const shown = errors.slice(0, MAX_PROBLEMS).map(({ file, line, message }) => `  ${harmless(`${file}:${line}: ${message}`)}`);
  if (errors.length > MAX_PROBLEMS) shown.push(`  … and ${errors.length - MAX_PROBLEMS} more (all with \`authlint check\`)`);
  return [`${errors.length === 1 ? 'a file' : `${errors.length} files`} could not be analysed as a whole; the rest was:`, ...shown].join('\n');
}

export function isAtLeast(severity: Severity, threshold: Severity | undefined): boolean {
  return threshold !== undefined && SEVERITIES.indexOf(severity) >= SEVERITIES.indexOf(threshold);
}

/** For hosts that know only text: what, where, and the code. */
export function textOf({ message, path, line, column, frame }: Issue): string {
  return `${message}\n\n${path}:${line}:${column}\n${frame}`;
}
