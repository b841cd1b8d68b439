/** Markdown for a terminal: the pages of the rules. */
import { lexer, type Token, type Tokens } from 'marked';
import { harmless, widthOf, wrap, type Colors } from './terminal.js';

interface Style {
  colors: Colors;
  width: number;
}

export function renderMarkdown(text: string, style: Style): string {
  return blocks(lexer(text), style).join('\n\n');
}

function blocks(tokens: readonly Token[], style: Style): string[] {
  return tokens.flatMap((token) => {
    const lines = block(token, style);
    return lines.length === 0 ? [] : [lines.join('\n')];
  });
}

function block(token: Token, style: Style): string[] {
  const { colors } = style;
  switch (token.type) {
    case 'heading': {
      const text = inline(token.tokens ?? [], colors);
      return [token.depth <= 2 ? colors.bold(colors.underline(text)) : colors.bold(text)];
    }
    case 'paragraph':
      return wrap(inline(token.tokens ?? [], colors), style.width);
    case 'code':
      return (token as Tokens.Code).text.split('\n').map((line) => `  ${colors.dim('│')} ${codeLine(line, colors)}`.trimEnd());
    case 'list':
      return (token as Tokens.List).items.flatMap((item, index) => listItem(item, token.ordered ? `${index + 1}.` : '•', style));
    case 'blockquote':
      return blocks(token.tokens ?? [], { ...style, width: style.width - 2 }).flatMap((text) => text.split('\n').map((line) => `${colors.dim('▌')} ${line}`));
    case 'table':
      return table(token as Tokens.Table, colors);
    case 'hr':
      return [colors.dim('─'.repeat(Math.min(style.width, 40)))];
    case 'space':
    case 'html':
    case 'def':
      return [];
    default:
      return wrap('tokens' in token && token.tokens ? inline(token.tokens, colors) : harmless(token.raw.trim()), style.width);
  }
}

function listItem(item: Tokens.ListItem, bullet: string, style: Style): string[] {
  const indent = ' '.repeat(widthOf(bullet) + 1);
  const lines = blocks(item.tokens, { ...style, width: style.width - indent.length }).flatMap((text) => text.split('\n'));
  return lines.map((line, index) => (index === 0 ? `${bullet} ${line}` : `${indent}${line}`));
}

function table({ header, rows }: Tokens.Table, colors: Colors): string[] {
  const cells = [header, ...rows].map((row) => row.map((cell) => inline(cell.tokens, colors)));
  const widths = cells[0]!.map((_, column) => Math.max(...cells.map((row) => widthOf(row[column] ?? ''))));
  return cells.map((row, index) => {
    const text = row.map((cell, column) => cell + ' '.repeat(widths[column]! - widthOf(cell))).join('  ').trimEnd();
    return index === 0 ? colors.bold(text) : text;
  });
}

/** The pages mark in a comment what is reported. */
function codeLine(line: string, colors: Colors): string {
  const mark = /\/\/ [←↓] reported: .*$/.exec(line);
  if (!mark) return harmless(line);
  return harmless(line.slice(0, mark.index)) + colors.red(harmless(mark[0]));
}

function inline(tokens: readonly Token[], colors: Colors): string {
  return tokens
    .map((token): string => {
      switch (token.type) {
        case 'codespan':
          return inlineCode(harmless((token as Tokens.Codespan).text), colors);
        case 'strong':
          return colors.bold(inline(token.tokens ?? [], colors));
        case 'em':
          return colors.italic(inline(token.tokens ?? [], colors));
        case 'link': {
          const text = inline(token.tokens ?? [], colors);
          return /^https?:/.test(token.href as string) && text !== token.href ? `${text} (${colors.underline(token.href as string)})` : text;
        }
        case 'br':
          return '\n';
        default:
          return 'tokens' in token && token.tokens ? inline(token.tokens, colors) : harmless((token as Tokens.Text).text).replaceAll('\n', ' ');
      }
    })
    .join('');
}

/** Without colours, the backticks stay. */
function inlineCode(text: string, colors: Colors): string {
  return colors.isColorSupported ? colors.cyan(text) : `\`${text}\``;
}
