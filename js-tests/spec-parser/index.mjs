// Reads Markdown specs: the same format, and the same answers, as rust-tests/spec/.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const DEFAULT_NAMES = {
  js: 'index.js', javascript: 'index.js', ts: 'index.ts', typescript: 'index.ts', jsx: 'index.jsx', tsx: 'index.tsx', mjs: 'index.mjs', cjs: 'index.cjs',
};
const SEVERITIES = ['LOW', 'MEDIUM', 'HIGH', 'CRITICAL'];
const VERDICTS = ['required', 'optional', 'none', 'unknown'];
const KEYS = ['exempt', 'severity', 'role', 'guard', 'handler', 'at', 'framework'];

/** Every page below `root/src`, in the order of its path. */
export function pages(root) {
  const found = readdirSync(join(root, 'src'), { recursive: true }).map((path) => `src/${path.replaceAll('\\', '/')}`);
  return found.filter((path) => path.endsWith('.md')).sort().map((path) => parse(path, readFileSync(join(root, path), 'utf8')));
}

/** Reads a page. Never throws: what is wrong with it is in `problems`. */
export function parse(path, text) {
  const rule = /src\/rules\/(.*)\.md$/.exec(path);
  const page = { path, rules: [rule ? rule[1].replaceAll('_', '-') : 'require-authentication'], cases: [], problems: [] };
  const lines = text.split(/\r?\n/);
  if (lines.at(-1) === '') lines.pop();
  let trail = [];
  let current = newCase('', 1);
  let name = null;
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i];
    const ticks = /^```+/.exec(line)?.[0].length;
    const heading = /^(#{1,6}) (.*)$/.exec(line);
    const named = /^\s*`([^`]+)`:\s*$/.exec(line);
    if (ticks) {
      const start = i + 1;
      const end = lines.findIndex((l, n) => n > i && l.length >= ticks && /^`+\s*$/.test(l));
      const body = lines.slice(start, end < 0 ? lines.length : end);
      if (end < 0) page.problems.push(`${path}:${start}: this fence is never closed`);
      i = end < 0 ? lines.length : end;
      addFence(page, current, { language: line.slice(ticks).trim().split(/\s+/)[0], name: name?.name ?? null, body, line: start });
      current.used = true;
      name = null;
    } else if (heading) {
      trail = [...trail.filter((t) => t.level < heading[1].length), { level: heading[1].length, title: heading[2].trim() }];
      finish(page, current);
      current = newCase(trail.map((t) => t.title).join(' › '), i + 1);
    } else if (named) {
      name = { name: named[1], line: i + 1 };
    } else if (/^\s*<!-- rules:/.test(line)) {
      page.rules = line.replace(/^\s*<!-- rules:|-->\s*$/g, '').split(',').map((r) => r.trim());
    } else if (line.trim() && name) {
      page.problems.push(`${path}:${name.line}: \`${name.name}\` names a file, but no fence follows`);
      name = null;
    }
  }
  finish(page, current);
  return page;
}

function newCase(heading, line) {
  return { heading, line, files: new Map(), config: null, assertions: [], endpoints: null, errors: [], unknown: null, used: false };
}

function finish(page, test) {
  if (test.files.size) page.cases.push(test);
  else if (test.used && (test.endpoints || test.config !== null || test.errors.length)) page.problems.push(`${page.path}:${test.line}: expectations without a file`);
}

function addFence(page, test, fence) {
  const attempt = (line, action) => {
    try {
      return action();
    } catch (error) {
      page.problems.push(`${page.path}:${line}: ${error.message}`);
      return null;
    }
  };
  const rows = (read) =>
    fence.body.flatMap((text, i) => {
      const number = fence.line + 1 + i;
      const row = text.trim() && !text.trim().startsWith('#') ? attempt(number, () => read(text.trim(), number)) : null;
      return row ? [row] : [];
    });
  if (!fence.name && fence.language === 'endpoints') test.endpoints = [...(test.endpoints ?? []), ...rows(endpointLine)];
  else if (!fence.name && fence.language === 'errors') test.errors.push(...rows(rowLine));
  else if (!fence.name && fence.language === 'unknown') test.unknown = [...(test.unknown ?? []), ...rows(rowLine)];
  else if (fence.name === 'authlint.config.json') test.config = fence.body.join('\n');
  else {
    const name = fence.name ?? DEFAULT_NAMES[fence.language];
    if (!name) {
      if (['json', 'vue', 'svelte', 'astro'].includes(fence.language)) page.problems.push(`${page.path}:${fence.line}: this fence needs a line \`path\`: before it`);
      return;
    }
    if (test.files.has(name)) page.problems.push(`${page.path}:${fence.line}: a second \`${name}\` in the same test`);
    test.files.set(name, fence.body.map((l) => l + '\n').join(''));
    test.assertions.push(...(attempt(fence.line, () => assertions(name, fence.body, fence.line)) ?? []));
  }
}

/** `// error: [rule] HIGH "part of the message" x2`; alone on its line it speaks of the next line that is not such a comment. */
export function assertions(file, lines, fenceLine) {
  const found = [];
  let waiting = 0;
  lines.forEach((text, i) => {
    const parts = text.split('// error:');
    const alone = parts.length > 1 && !parts[0].trim();
    if (!alone) for (const assertion of found.slice(waiting)) assertion.line = i + 1;
    for (const part of parts.slice(1)) {
      const match = /^\[([^\]]+)\]([^"]*)(?:"([^"]*)")?$/.exec(part.trim());
      if (!match) throw new Error('expected `// error: [rule-name] SEVERITY "message"`');
      const words = match[2].split(/\s+/).filter(Boolean);
      const bad = words.find((w) => !SEVERITIES.includes(w) && !/^x\d+$/.test(w));
      if (bad) throw new Error(`\`${bad}\` is no severity, no message in quotes, no count like x2`);
      const times = Number(words.find((w) => /^x\d+$/.test(w))?.slice(1) ?? 1);
      found.push({ file, line: i + 1, pageLine: fenceLine + i + 1, rule: match[1], severity: words.find((w) => SEVERITIES.includes(w)), message: match[3], times });
    }
    if (!alone) waiting = found.length;
  });
  return found;
}

function endpointLine(text, pageLine) {
  const [methods, path, auth, ...words] = text.split(/\s+/);
  if (!auth) throw new Error(`\`${text}\`: expected METHOD /path verdict`);
  const bad = auth.split('|').find((a) => !VERDICTS.includes(a));
  if (bad) throw new Error(`\`${bad}\` is no verdict`);
  const pairs = words.map((word) => (word.includes('=') ? [word.slice(0, word.indexOf('=')), word.slice(word.indexOf('=') + 1)] : [word, 'true']));
  const odd = pairs.find(([key]) => !KEYS.includes(key));
  if (odd) throw new Error(`\`${odd[0]}\` is no word that an endpoint line knows`);
  return { text, pageLine, methods: methods.split('|'), path, auth: auth.split('|'), words: pairs };
}

function rowLine(text, pageLine) {
  const [, place, message] = /^(\S+)\s*(.*)$/.exec(text);
  const [, file, line] = /^(.*?)(?::(\d+))?$/.exec(place);
  return { file, line: line === undefined ? null : Number(line), message, pageLine };
}
