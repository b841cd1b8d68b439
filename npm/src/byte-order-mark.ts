/**
 * Columns as editors, SARIF and GitHub count them. To the engine, a byte order mark is a character of the first line; to everybody else it
 * is none.
 */
import { readSource } from './read.js';
import type { Finding, Report } from './report.js';

/** The report with places that do not count a byte order mark. */
export function withoutMarks(report: Report, root: string): Report {
  const known = new Map<string, boolean>();
  const isMarked = (file: string): boolean => {
    let marked = known.get(file);
    if (marked === undefined) known.set(file, (marked = startsWithMark(root, file)));
    return marked;
  };
  const { inventory, findings } = report;
  const shifted = <T extends { file: string; line: number; column: number }>(item: T): T => (item.line === 1 && isMarked(item.file) ? { ...item, column: before(item.column) } : item);
  return {
    inventory: { ...inventory, endpoints: inventory.endpoints.map(shifted) },
    findings: { ...findings, findings: findings.findings.map((finding) => withEdit(withEnd(shifted(finding), isMarked), shifted)) },
  };
}

function withEnd(finding: Finding, isMarked: (file: string) => boolean): Finding {
  return finding.endLine === 1 && isMarked(finding.file) ? { ...finding, endColumn: before(finding.endColumn) } : finding;
}

/** The sentence for people names the place as well. */
function withEdit(finding: Finding, shifted: <T extends NonNullable<Finding['edit']>>(edit: T) => T): Finding {
  const { edit, suggestion } = finding;
  const moved = edit && shifted(edit);
  if (!moved || moved === edit) return finding;
  const place = (column: number) => `${moved.file}:${moved.line}:${column}`;
  return { ...finding, edit: moved, suggestion: suggestion && suggestion.replace(place(edit.column), () => place(moved.column)) };
}

function before(column: number): number {
  return Math.max(1, column - 1);
}

function startsWithMark(root: string, file: string): boolean {
  const { bytes } = readSource(root, file);
  return bytes !== undefined && bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
}
