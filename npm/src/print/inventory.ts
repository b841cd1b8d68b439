/** The inventory for people: one table, its rows grouped by the file that registers them. */
import type { Endpoint, Report, Unknown } from '../report.js';
import { endpointSummary, nothingFound } from './summary.js';
import { colorsFor, columnsOf, count, cut, harmlessLine, padEnd, paintAuth, paintSeverity, widthOf, type Colors, type Output } from './terminal.js';

const MAX_UNKNOWN = 25;
const GAP = 2;

interface Cell {
  text: string;
  paint?: (text: string) => string;
}

export function printInventory(report: Report, stream: Output): void {
  const colors = colorsFor(stream);
  const { endpoints, unknown } = report.inventory;
  if (endpoints.length === 0 && unknown.length === 0) {
    stream.write(`${[...errorLines(report, colors), nothingFound(report)].join('\n')}\n`);
    return;
  }
  const out = [...table(endpoints, colors, stream.isTTY ? columnsOf(stream) : 240), ...unknownLines(unknown, colors), ...errorLines(report, colors)];
  out.push(endpointSummary(endpoints, colors));
  stream.write(`${out.join('\n')}\n`);
}

function table(endpoints: readonly Endpoint[], colors: Colors, width: number): string[] {
  const header = ['METHOD', 'PATH', 'AUTH', 'GUARDS', 'SEVERITY', 'NOTE'].map((text): Cell => ({ text }));
  const rows = endpoints.map((endpoint) => cells(endpoint, colors));
  const widths = columnWidths([header, ...rows], width - 7);
  const numberWidth = Math.max(...endpoints.map((endpoint) => String(endpoint.line).length), 1);
  const out = [colors.dim(`${' '.repeat(numberWidth + 4)}${renderRow(header, widths)}`)];
  let file: string | undefined;
  endpoints.forEach((endpoint, index) => {
    if (endpoint.file !== file) {
      if (file !== undefined) out.push('');
      out.push(colors.cyan(harmlessLine(endpoint.file)));
      file = endpoint.file;
    }
    out.push(`  ${colors.dim(String(endpoint.line).padStart(numberWidth))}  ${renderRow(rows[index]!, widths)}`);
  });
  out.push('');
  return out;
}

function cells(endpoint: Endpoint, colors: Colors): Cell[] {
  const { auth, severity } = endpoint;
  return [
    { text: harmlessLine(endpoint.method), paint: colors.bold },
    { text: harmlessLine(endpoint.path) },
    { text: auth, paint: paintAuth(colors, auth) },
    { text: harmlessLine(guardNames(endpoint)), paint: colors.dim },
    severity ? { text: severity, paint: paintSeverity(colors, severity) } : { text: '' },
    { text: harmlessLine(note(endpoint)), paint: colors.dim },
  ];
}

/** What protects the endpoint; where nothing does, what only seems to. */
function guardNames({ auth, guards }: Endpoint): string {
  const rejecting = guards.filter(({ effect }) => effect === 'enforces' || effect === 'by-name');
  const shown = auth === 'required' && rejecting.length > 0 ? rejecting : guards;
  const names = [...new Set(shown.map(({ name, effect }) => (effect === 'enforces' ? name : `${name} (${effect})`)))];
  return names.length <= 3 ? names.join(', ') : `${names.slice(0, 3).join(', ')} +${names.length - 3}`;
}

function note(endpoint: Endpoint): string {
  const parts: string[] = [];
  if (endpoint.role) parts.push('checks a role');
  if (endpoint.exempt) parts.push(endpoint.exempt);
  if (endpoint.auth === 'unknown') parts.push(endpoint.why);
  return parts.join(', ');
}

/** Each column as wide as its widest cell; paths and guards give way where the terminal is too narrow. */
function columnWidths(rows: readonly Cell[][], available: number): number[] {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => widthOf(row[column]!.text))));
  const limits = [7, 56, 8, 44, 8, 60];
  const limited = widths.map((width, column) => Math.min(width, limits[column]!));
  for (const column of [5, 3, 1]) {
    const over = limited.reduce((sum, width) => sum + width + GAP, 0) - available;
    if (over > 0) limited[column] = Math.max(Math.min(limited[column]!, 16), limited[column]! - over);
  }
  return limited;
}

/** A path is never cut: its row is pushed to the right instead. */
function renderRow(row: readonly Cell[], widths: readonly number[]): string {
  const text = row.map(({ text, paint }, column) => {
    const fitted = column === 1 ? text : cut(text, widths[column]!);
    const padded = padEnd(fitted, widths[column]!);
    return paint && fitted !== '' ? padded.replace(fitted, () => paint(fitted)) : padded;
  });
  return text.join(' '.repeat(GAP)).trimEnd();
}

function unknownLines(unknown: readonly Unknown[], colors: Colors): string[] {
  if (unknown.length === 0) return [];
  const out = [colors.bold('Not understood')];
  for (const { file, line, why } of unknown.slice(0, MAX_UNKNOWN)) out.push(`  ${colors.cyan(harmlessLine(`${file}:${line}`))}  ${harmlessLine(why)}`);
  if (unknown.length > MAX_UNKNOWN) out.push(colors.dim(`  … and ${unknown.length - MAX_UNKNOWN} more (all with --format json)`));
  return [...out, ''];
}

function errorLines(report: Report, colors: Colors): string[] {
  const { errors } = report.findings;
  if (errors.length === 0) return [];
  return [colors.yellow(`${count(errors.length, 'problem')} with the input, for instance ${harmlessLine(`${errors[0]!.file}:${errors[0]!.line}: ${errors[0]!.message}`)}`), colors.dim('authlint check says more'), ''];
}
