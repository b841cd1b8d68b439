/**
 * The pages of the rules as users read them. In `src/rules/*.md` they are executed specs too: what only the reader of specs needs is
 * taken out, and what it expects becomes what a person wants to see.
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';

const SOURCE = new URL('../src/rules/', import.meta.url);
const TARGET = new URL('dist/rules/', import.meta.url);
/** Fences that hold expectations. */
const EXPECTATIONS = new Set(['endpoints', 'errors', 'unknown']);

rmSync(TARGET, { recursive: true, force: true });
mkdirSync(TARGET, { recursive: true });
for (const name of readdirSync(SOURCE).filter((name) => name.endsWith('.md'))) {
  writeFileSync(new URL(name.replaceAll('_', '-'), TARGET), userPage(readFileSync(new URL(name, SOURCE), 'utf8')));
}

function userPage(text) {
  const out = [];
  let fence;
  for (const line of text.split(/\r?\n/)) {
    const ticks = /^(```+)(\S*)/.exec(line);
    if (fence === undefined) {
      if (/^\s*<!--.*-->\s*$/.test(line)) continue;
      if (ticks) fence = { ticks: ticks[1], isHidden: EXPECTATIONS.has(ticks[2]) };
      if (!fence?.isHidden) out.push(ticks ? line : line.replace(/\]\((\w+)\.md\)/g, (_, name) => `](${name.replaceAll('_', '-')}.md)`));
      continue;
    }
    if (!fence.isHidden) out.push(reported(line));
    if (line.startsWith(fence.ticks)) fence = undefined;
  }
  return `${out.join('\n').replace(/\n{3,}/g, '\n\n').trim()}\n`;
}

/** `// error: [rule] HIGH "part of the message"` → `// reported: HIGH`. */
function reported(line) {
  return line.replace(/(.*?)\/\/ error: \[([\w-]+)\](?: ([A-Z]+))?.*$/, (_, before, rule, severity) => `${before}// ${before.trim() === '' ? '↓' : '←'} reported: ${severity ?? rule}`);
}
