/** Source lines with line numbers, a range of them underlined. */
import { readSource } from '../read.js';
import { harmless, widthOf, type Colors } from './terminal.js';

const TAB = '  ';

/** Gives the lines of source files; each file is read once. */
export class Sources {
  readonly #root: string;
  readonly #lines = new Map<string, string[]>();

  constructor(root: string) {
    this.#root = root;
  }

  /** Empty for a file that cannot be read. */
  linesOf(file: string): string[] {
    let lines = this.#lines.get(file);
    if (!lines) {
      const { bytes } = readSource(this.#root, file);
      lines = bytes ? new TextDecoder().decode(bytes).split(/\r\n|\n|\r/) : [];
      this.#lines.set(file, lines);
    }
    return lines;
  }
}

/** Lines and columns are 1-based, columns in UTF-16 units; the end is exclusive. */
export interface Range {
  line: number;
  column: number;
  endLine: number;
  endColumn: number;
}

export interface FrameStyle {
  colors: Colors;
  /** Of the underline. */
  paint: (text: string) => string;
  /** Columns that the frame may take. */
  width: number;
  /** Lines before and after. */
  context: number;
}

/** The lines around a range. A range over several lines is underlined to the end of its first. */
export function frame(lines: readonly string[], range: Range, label: string, style: FrameStyle): string[] {
  const source = lines[range.line - 1];
  if (source === undefined) return [];
  const { colors, paint } = style;
  const first = Math.max(1, range.line - style.context);
  const last = Math.min(lines.length, range.line + style.context);
  const gutter = String(last).length;
  const room = Math.max(20, style.width - gutter - 5);
  const shift = scroll(source, range.column, room);

  const out: string[] = [];
  for (let number = first; number <= last; number++) {
    const text = crop(display(lines[number - 1]!), number === range.line ? shift : 0, room);
    const here = number === range.line;
    const marker = here ? paint('>') : ' ';
    const tag = String(number).padStart(gutter);
    out.push(`${marker} ${here ? tag : colors.dim(tag)} ${colors.dim('│')} ${here ? text : colors.dim(text)}`.trimEnd());
    if (!here) continue;
    const end = range.endLine === range.line ? range.endColumn - 1 : source.trimEnd().length;
    const before = widthOf(display(source.slice(0, range.column - 1))) - shift + (shift > 0 ? 1 : 0);
    const length = widthOf(display(source.slice(range.column - 1, Math.max(end, range.column))));
    const caption = label === '' ? '' : ` ${label}`;
    const underline = '━'.repeat(Math.max(1, Math.min(length, room - before - widthOf(caption))));
    out.push(`  ${' '.repeat(gutter)} ${colors.dim('│')} ${' '.repeat(Math.max(0, before))}${paint(underline + caption)}`);
  }
  return out;
}

/** One line of source with its number, its indentation taken away. */
export function oneLine(lines: readonly string[], line: number, style: FrameStyle): string[] {
  const source = lines[line - 1];
  if (source === undefined) return [];
  const tag = String(line);
  return [`  ${style.colors.dim(`${tag} │`)} ${crop(display(source.trim()), 0, Math.max(20, style.width - tag.length - 5))}`];
}

function display(text: string): string {
  return harmless(text.replaceAll('\t', TAB));
}

/** Columns to leave out on the left, so that the marked column is in view. */
function scroll(source: string, column: number, room: number): number {
  const before = widthOf(display(source.slice(0, column - 1)));
  return before < room * 0.6 ? 0 : before - Math.floor(room * 0.3);
}

function crop(text: string, shift: number, room: number): string {
  const left = shift > 0 ? `…${text.slice(shift)}` : text;
  return widthOf(left) > room ? `${left.slice(0, room - 1)}…` : left;
}
