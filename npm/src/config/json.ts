/** JSON that people write: in a configuration with comments and trailing commas. And the places of its keys. */
import * as jsonc from 'jsonc-parser';
import { UserError } from '../user-error.js';

/** Throws a {@link UserError} with line and column. */
export function parseJson(path: string, text: string, { comments } = { comments: true }): unknown {
  const errors: jsonc.ParseError[] = [];
  const value: unknown = jsonc.parse(text, errors, { allowTrailingComma: comments, disallowComments: !comments });
  const first = errors[0];
  if (first) {
    const { line, column } = position(text, first.offset);
    throw new UserError(`${path}:${line}:${column}: this is not valid JSON: ${describe(first.error)}`);
  }
  return value;
}

/** The line of the first key that the message quotes, or of one that a path like `rules.x.y` ends in. */
export function lineOfKey(text: string, message: string): number | undefined {
  const quoted = [...message.matchAll(/[`"'‘“]([^`"'’”]+)[`"'’”]/g)].map((match) => match[1]!);
  const tree = jsonc.parseTree(text);
  if (!tree) return undefined;
  for (const name of quoted) {
    const offset = offsetOf(tree, name.split('.').filter((part) => part !== '')) ?? offsetOfKey(tree, name);
    if (offset !== undefined) return position(text, offset).line;
  }
  return undefined;
}

/** The line of an item of a list at the top. */
export function lineOfItem(text: string, list: string, index: number): number {
  const tree = jsonc.parseTree(text);
  const node = tree && jsonc.findNodeAtLocation(tree, [list, index]);
  return node ? position(text, node.offset).line : 1;
}

/** The place of a value, by its path of keys from the top. */
function offsetOf(tree: jsonc.Node, path: string[]): number | undefined {
  const segments = path.flatMap((part) => part.split(/[[\]]/).filter((piece) => piece !== '')).map((part) => (/^\d+$/.test(part) ? Number(part) : part));
  const node = jsonc.findNodeAtLocation(tree, segments);
  return node && (node.parent?.type === 'property' ? node.parent.offset : node.offset);
}

/** The place of the first property of this name, at any depth. */
function offsetOfKey(node: jsonc.Node, name: string): number | undefined {
  if (node.type === 'property' && node.children?.[0]?.value === name) return node.offset;
  for (const child of node.children ?? []) {
    const offset = offsetOfKey(child, name);
    if (offset !== undefined) return offset;
  }
  return undefined;
}

function position(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, offset).split('\n');
  return { line: before.length, column: before.at(-1)!.length + 1 };
}

/** `PropertyNameExpected` → `property name expected`. */
function describe(code: number): string {
  return jsonc.printParseErrorCode(code).replace(/(?<=[a-z])[A-Z]/g, (letter) => ` ${letter}`).toLowerCase();
}
