/**
 * The findings for people: per finding what, where, why, and what to do; then problems with the input, and a summary.
 *
 *     HIGH  GET /api/users/:id  require-authentication
 *           Anyone can read users: …
 *
 *           src/routes/user.ts:42:1
 *           > 42 │ router.get('/users/:id', getUser);
 *                │ ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━ registered here
 */
import type { CheckResult } from '../check-result.js';
import { hidesCode, SEVERITIES, type Finding, type InputError, type Report, type TraceStep } from '../report.js';
import { frame, oneLine, Sources, type FrameStyle } from './frame.js';
import { endpointSummary, isWithoutServer, nothingFound, unusedSummary } from './summary.js';
import { colorsFor, columnsOf, count, duration, harmless, harmlessLine, paintSeverity, widthOf, wrap, type Colors, type Output } from './terminal.js';

const MAX_ERRORS = 10;
/** Messages are aligned behind places that are no longer than this. */
const MAX_PLACE = 76;

export interface FindingsTarget {
  root: string;
  stream: Output;
  accepted?: CheckResult['accepted'];
  baseline?: CheckResult['baseline'] | undefined;
  since?: CheckResult['since'];
  /** Default: true. */
  summary?: boolean;
}

export function printFindings(report: Report, target: FindingsTarget): void {
  const { root, stream } = target;
  const colors = colorsFor(stream);
  const width = columnsOf(stream);
  const sources = new Sources(root);
  const findings = report.findings.findings.toSorted(bySeverity);
  const shown = new Set<string>();
  const blocks = findings.map((finding) => renderFinding(finding, sources, shown, colors, width));
  const errors = renderErrors(report.findings.errors, colors);
  if (errors.length > 0) blocks.push(errors);
  const unused = renderUnused(target.baseline, colors);
  if (unused.length > 0) blocks.push(unused);
  const isWhole = target.summary ?? true;
  if (isWhole) blocks.push(summaryOf(report, target, colors));
  if (isWhole && stream.isTTY && findings.length > 0) blocks.push([colors.dim('authlint explain RULE says what a rule is about, and when a finding is none')]);
  stream.write(`${blocks.map((lines) => lines.join('\n')).join('\n\n')}\n`);
}

/** The worst first, then by place. */
function bySeverity(a: Finding, b: Finding): number {
  const severity = SEVERITIES.indexOf(b.severity) - SEVERITIES.indexOf(a.severity);
  return severity || (a.file < b.file ? -1 : a.file > b.file ? 1 : a.line - b.line || a.column - b.column);
}

/** `shown`: steps of earlier findings; what is said of twenty endpoints is shown with its source once. */
function renderFinding(finding: Finding, sources: Sources, shown: Set<string>, colors: Colors, width: number): string[] {
  const paint = paintSeverity(colors, finding.severity);
  const indent = '  ';
  const style: FrameStyle = { colors, paint, width: width - indent.length, context: 1 };
  const subject = finding.endpoint ? `${finding.endpoint.method} ${finding.endpoint.path}` : finding.rule;
  const rule = finding.endpoint ? `  ${colors.dim(finding.rule)}` : '';
  const out = [`${paint(finding.severity)}  ${colors.bold(harmlessLine(subject))}${rule}`];

  const body: string[] = [...wrap(harmlessLine(finding.message), width - indent.length), ''];
  const { steps, label } = splitTrace(finding);
  body.push(colors.cyan(harmlessLine(`${finding.file}:${finding.line}:${finding.column}`)));
  body.push(...frame(sources.linesOf(finding.file), finding, label, style));
  const isKnown = (step: TraceStep) => shown.has(keyOf(step));
  for (const step of steps.filter((step) => !isKnown(step))) body.push('', ...renderStep(step, finding, sources, style));
  const known = steps.filter(isKnown);
  if (known.length > 0) body.push('', ...known.map((step) => `${harmlessLine(step.message)} ${colors.dim('at')} ${colors.cyan(placeOf(step))}`));
  for (const step of steps) shown.add(keyOf(step));
  if (finding.suggestion) {
    const [first = '', ...rest] = wrap(harmless(finding.suggestion), width - indent.length - 6);
    body.push('', `${colors.green('help:')} ${first}`, ...rest.map((line) => `      ${line}`));
  }
  out.push(...body.map((line) => (line === '' ? '' : indent + line)));
  return out;
}

/** A step at the finding's own place becomes the label of its frame. */
function splitTrace(finding: Finding): { steps: TraceStep[]; label: string } {
  const own = finding.trace.findIndex((step) => step.file === finding.file && step.line === finding.line);
  const label = finding.trace[own]?.message ?? '';
  return { steps: finding.trace.filter((_, index) => index !== own), label: label.length <= 60 ? harmlessLine(label) : '' };
}

function keyOf(step: TraceStep): string {
  return `${placeOf(step)} ${step.message}`;
}

function placeOf({ file, line }: TraceStep): string {
  return harmlessLine(`${file}:${line}`);
}

/** What is said of the line in the frame needs no place of its own. */
function renderStep(step: TraceStep, finding: Finding, sources: Sources, style: FrameStyle): string[] {
  const { colors } = style;
  const message = wrap(harmlessLine(step.message), style.width - 2).map((line, index) => (index === 0 ? line : `  ${line}`));
  if (step.file === finding.file && step.line === finding.line) return message;
  return [...message, colors.cyan(placeOf(step)), ...oneLine(sources.linesOf(step.file), step.line, style)];
}

/** Entries of the baseline that accept what is not there any more. */
function renderUnused(baseline: CheckResult['baseline'], colors: Colors): string[] {
  if (!baseline || baseline.unused.length === 0) return [];
  const { headline, rows } = unusedSummary(baseline);
  const out = [`${colors.bold(colors.yellow('UNUSED'))}  ${headline}`, ...rows.slice(0, MAX_ERRORS).map((row) => `        ${row}`)];
  if (rows.length > MAX_ERRORS) out.push(colors.dim(`        … and ${rows.length - MAX_ERRORS} more (all with --format json)`));
  return out;
}

function renderErrors(errors: readonly InputError[], colors: Colors): string[] {
  const shown = errors.slice(0, MAX_ERRORS).map(({ file, line, message }) => ({ place: harmlessLine(`${file}:${line}`), message }));
  const width = Math.min(MAX_PLACE, Math.max(...shown.map(({ place }) => widthOf(place))));
  const out = shown.map(({ place, message }) => {
    const [first = '', ...rest] = harmless(message).split('\n');
    const more = rest.map((text) => `\n       ${text}`).join('');
    return `${colors.bold(colors.yellow('ERROR'))}  ${colors.cyan(place)}${' '.repeat(Math.max(0, width - widthOf(place)))}  ${first}${more}`;
  });
  const left = errors.length - out.length;
  if (left > 0) out.push(colors.dim(`       … and ${count(left, 'more problem')} (all with --format json)`));
  return out;
}

/** The last lines: the verdict, the endpoints, the effort. */
export function summaryOf(report: Report, { accepted = [], since }: Pick<FindingsTarget, 'accepted' | 'since'>, colors: Colors): string[] {
  const { findings, errors, stats } = report.findings;
  const { endpoints, unknown } = report.inventory;
  const isPartial = errors.some(hidesCode);
  const problems = colors.yellow(count(errors.length, 'problem'));
  if (isWithoutServer(report, accepted)) return [...(isPartial ? [`${colors.red('✖')} ${problems} with the input`] : []), nothingFound(report)];
  const parts = SEVERITIES.toReversed().flatMap((severity) => {
    const number = findings.filter((finding) => finding.severity === severity).length;
    return number === 0 ? [] : [paintSeverity(colors, severity)(`${number} ${severity.toLowerCase()}`)];
  });
  const none = accepted.length === 0 ? 'no findings' : 'no new findings';
  const clean = isPartial ? `${colors.red('✖')} ${none}` : colors.green(`✔ ${none}`);
  const verdict = findings.length === 0 ? clean : `${colors.red('✖')} ${colors.bold(count(findings.length, 'finding'))} (${parts.join(', ')})`;
  const unread = errors.length === 0 ? '' : `${isPartial && findings.length === 0 ? ', but' : ' ·'} ${problems} with the input`;
  const effort = `${count(stats.files, 'file')}, ${stats.parsed.toLocaleString('en-US')} parsed, ${duration(stats.ms)}`;
  const known = accepted.length === 0 ? '' : ` · ${accepted.length} in the baseline`;
  const scope = since ? ` in what changed since ${harmlessLine(since.ref)} (${count(since.files, 'file')})` : '';
  const blind = unknown.length === 0 ? [] : [`  ${count(unknown.length, 'place')} could not be followed: authlint routes names ${unknown.length === 1 ? 'it' : 'them'}`];
  return [`${verdict}${scope}${known}${unread}`, `  ${endpointSummary(endpoints, colors)}`, ...blind, colors.dim(`  ${effort}`)];
}
