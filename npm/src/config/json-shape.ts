/** Whether a value that a module exports is what JSON can hold: the engine would silently miss a function or a regular expression. */

/** What is wrong, with the key; nothing, where all is well. */
export function jsonProblem(value: unknown, key = ''): string | undefined {
  if (value === null || ['string', 'number', 'boolean', 'undefined'].includes(typeof value)) return undefined;
  if (Array.isArray(value)) return first(value.map((item, index) => jsonProblem(item, `${key}[${index}]`)));
  if (typeof value === 'object' && isPlain(value)) return first(Object.entries(value).map(([name, item]) => jsonProblem(item, key === '' ? name : `${key}.${name}`)));
  return `${key === '' ? 'the configuration' : `\`${key}\``} must be what JSON can hold, not ${kind(value)}`;
}

function first(problems: (string | undefined)[]): string | undefined {
  return problems.find((problem) => problem !== undefined);
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  // The module may come from another realm, as under Jest.
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

function kind(value: unknown): string {
  if (value instanceof RegExp) return 'a regular expression';
  if (value instanceof Promise) return 'a promise';
  return typeof value === 'object' ? `an instance of ${value?.constructor.name ?? 'something'}` : `a ${typeof value}`;
}
