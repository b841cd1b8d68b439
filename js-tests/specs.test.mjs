// The Markdown specs once more, through the built wasm; and the reports must be those of the native run.
// SPEC=express node --test specs.test.mjs runs the pages and headings that contain this text.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { differences } from './spec-parser/check.mjs';
import { assertions, pages, parse } from './spec-parser/index.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

/** The demand loop over files that are all at hand. */
function analyse(engine, files, config) {
  const analysis = new engine.Analysis(config);
  try {
    analysis.setFiles([...files.keys()].sort());
    for (;;) {
      const wants = analysis.wants();
      if (!wants.manifests.length && !wants.scan.length && !wants.files.length) return analysis.report();
      const bring = (paths, give) => {
        for (const path of paths) {
          const text = files.get(path);
          if (text === undefined) analysis.missing(path, 'no such file');
          else give(path, Buffer.from(text));
        }
      };
      const lower = (scan) => (path, bytes) => {
        const { ir, problem } = engine.lower(path, bytes, scan);
        if (problem === undefined) analysis.giveIr(path, ir);
        else analysis.missing(path, problem);
      };
      bring(wants.manifests, (path, bytes) => analysis.giveText(path, bytes));
      bring(wants.scan, lower(true));
      bring(wants.files, lower(false));
    }
  } finally {
    analysis.free();
  }
}

/** What the native run wrote, if it and the wasm are both younger than every source file; otherwise nothing can be compared. */
function nativeReports() {
  try {
    const dump = join(root, 'target/tmp/spec-reports.json');
    const sources = readdirSync(join(root, 'src'), { recursive: true }).map((path) => statSync(join(root, 'src', path)).mtimeMs);
    const built = Math.min(statSync(dump).mtimeMs, statSync(join(root, 'npm/dist/wasm/authlint_bg.wasm')).mtimeMs);
    return built >= Math.max(...sources) ? JSON.parse(readFileSync(dump, 'utf8')) : {};
  } catch {
    return {};
  }
}

test('every page holds in the wasm', async (t) => {
  const engine = await import('../npm/dist/engine.js');
  const native = nativeReports();
  const wanted = (process.env.SPEC ?? '').toLowerCase();
  const failures = [];
  let count = 0;
  let compared = 0;
  for (const page of pages(root)) {
    failures.push(...page.problems);
    for (const spec of page.cases) {
      if (!page.path.toLowerCase().includes(wanted) && !spec.heading.toLowerCase().includes(wanted)) continue;
      count++;
      const place = `${page.path}:${spec.line}`;
      let diff;
      try {
        const report = analyse(engine, spec.files, spec.config === null ? undefined : JSON.parse(spec.config));
        diff = differences(spec, page.rules, report);
        if (native[place]) {
          compared++;
          try {
            assert.deepEqual(JSON.parse(JSON.stringify(report)), native[place]);
          } catch (error) {
            diff.push(`the native engine (-) and the wasm (+) disagree: ${error.message}`);
          }
        }
      } catch (error) {
        const foreseen = error instanceof engine.ConfigError && spec.errors.some((e) => e.file === 'authlint.config.json' && error.message.includes(e.message));
        diff = foreseen ? [] : [`+ ${error.name}: ${error.message}`];
      }
      if (diff.length) failures.push(`${place}: ${spec.heading}\n    ${diff.join('\n    ')}`);
    }
  }
  assert.ok(count > 0, `no spec matches SPEC=${process.env.SPEC}`);
  t.diagnostic(`${count} specs, ${compared} of them compared with the native run`);
  assert.equal(failures.length, 0, `${failures.length} of ${count} specs fail\n\n${failures.join('\n\n')}\n`);
});

test('the parser reads what the Rust one reads', () => {
  const page = parse('src/rules/some_rule.md', '# A\n\n## B\n\n```js\na() // error: [r] HIGH "m" // error: [s] x2\n```\n\n### C\n`x.ts`:\n```ts\n```\n```endpoints\nGET|ALL /x/* required|none role\n```\n## D\n');
  assert.deepEqual(page.problems, []);
  assert.deepEqual(page.rules, ['some-rule']);
  assert.deepEqual(page.cases.map((c) => [c.heading, c.line, [...c.files.keys()]]), [['A › B', 3, ['index.js']], ['A › B › C', 9, ['x.ts']]]);
  assert.deepEqual(page.cases[0].assertions.map((a) => [a.rule, a.line, a.severity, a.message, a.times]), [['r', 1, 'HIGH', 'm', 1], ['s', 1, undefined, undefined, 2]]);
  assert.deepEqual(page.cases[1].endpoints[0].words, [['role', 'true']]);
  const above = assertions('f.js', ['// error: [a]', '// error: [b]', 'x()'], 10);
  assert.deepEqual(above.map((a) => [a.rule, a.line, a.pageLine]), [['a', 3, 11], ['b', 3, 12]]);
  for (const [text, problem] of [['# A\n```js\n', /never closed/], ['# A\n`x.js`:\n\nprose\n', /no fence follows/], ['# A\n```json\n{}\n```\n', /needs a line/], ['# A\n```endpoints\nGET /x none\n```\n', /without a file/]]) {
    assert.match(parse('x.md', text).problems.join(), problem);
  }
});
