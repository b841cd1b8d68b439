/** What all text output shares: colours, widths, wrapping, and the words for counts. */
import pc from 'picocolors';
import stringWidth from 'string-width';
import type { Auth, Severity } from '../report.js';

export type Colors = ReturnType<typeof pc.createColors>;
type Paint = (text: string) => string;

/** A place that text is written to. */
export interface Output {
  write(text: string): unknown;
  isTTY?: boolean;
  columns?: number;
}

/** For text that is no terminal's. */
export const plainColors: Colors = pc.createColors(false);

/** Colour only on a terminal, unless `NO_COLOR` or `FORCE_COLOR` says otherwise. */
export function colorsFor(output: Output): Colors {
  const { NO_COLOR, FORCE_COLOR, TERM } = process.env;
  if (NO_COLOR) return pc.createColors(false);
  if (FORCE_COLOR !== undefined) return pc.createColors(FORCE_COLOR !== '0' && FORCE_COLOR !== 'false');
  return pc.createColors(output.isTTY === true && TERM !== 'dumb');
}

/** Columns to use: those of the terminal, within reason. */
export function columnsOf(output: Output): number {
  return Math.max(60, Math.min(output.columns ?? 120, 160));
}

/** Columns that a text takes on a terminal. */
export const widthOf = (text: string): number => stringWidth(text);

export function padEnd(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - widthOf(text)));
}

/** Cuts a text that is wider than `width`. */
export function cut(text: string, width: number): string {
  if (widthOf(text) <= width) return text;
  let short = '';
  for (const character of text) {
    if (widthOf(short + character) > width - 1) break;
    short += character;
  }
  return `${short}…`;
}

/** Source text and names come from strangers: nothing in them may control the terminal. Tabs and the ends of lines stay. */
export function harmless(text: string): string {
  // eslint-disable-next-line no-control-regex
  return text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g, '\u{FFFD}');
}

/** As {@link harmless}, for what has one line and no more: the name of a file (which may hold any character), a path, a function's name. */
export function harmlessLine(text: string): string {
  return harmless(text.replace(/[\n\r\t]/g, (character) => ({ '\n': '\\n', '\r': '\\r', '\t': '\\t' })[character]!));
}

/** What is not broken: a word, and a short piece of code between backticks; with the space after it. */
const WORD = /(?:`[^`\n]{1,40}`|[^\s`]|`)*(?: |$)/g;

/** Breaks a text into lines at spaces; a line of the text's own ends where it ends. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const paragraph of text.split('\n')) {
    let line = '';
    for (const word of paragraph.match(WORD) ?? []) {
      if (line !== '' && widthOf(line + word.trimEnd()) > width) {
        lines.push(line.trimEnd());
        line = '';
      }
      line += word;
    }
    lines.push(line.trimEnd());
  }
  return lines;
}

export function paintSeverity(colors: Colors, severity: Severity): Paint {
  switch (severity) {
    case 'CRITICAL':
      return (text) => colors.bold(colors.magenta(text));
    case 'HIGH':
      return (text) => colors.bold(colors.red(text));
    case 'MEDIUM':
      return (text) => colors.bold(colors.yellow(text));
    case 'LOW':
      return (text) => colors.bold(colors.blue(text));
  }
}

export function paintAuth(colors: Colors, auth: Auth): Paint {
  return { required: colors.green, optional: colors.yellow, none: colors.red, unknown: colors.cyan }[auth];
}

/** `1 file`, `1,204 files`. */
export function count(number: number, singular: string, plural = `${singular}s`): string {
  return `${number.toLocaleString('en-US')} ${number === 1 ? singular : plural}`;
}

export function duration(milliseconds: number): string {
  return milliseconds < 1000 ? `${milliseconds} ms` : `${(milliseconds / 1000).toFixed(1)} s`;
}
