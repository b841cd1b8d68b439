/** The plugin in a process that lives long, as in an editor: what is edited, here or elsewhere, saved or not, is what is judged. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HOSTS, linted, script } from './support/eslint.mjs';
import { MENDED_APP, SERVER } from './support/server.mjs';

const APP = JSON.stringify(SERVER['src/app.js']);
const MENDED = JSON.stringify(MENDED_APP);
const IMPORTS = `import { ESLint } from 'eslint';
import { rmSync, writeFileSync } from 'node:fs';
const eslint = new ESLint();
const out = [];
const lint = async (file) => note((await eslint.lintFiles([file]))[0]);
const type = async (file, text) => note((await eslint.lintText(text, { filePath: file }))[0]);
const note = ({ messages }) => out.push(messages.map(({ ruleId, messageId, line, message }) => (messageId === 'finding' ? ruleId.replace('authlint/', '') + ':' + line : message)));
`;
const run = (host, root, code, node) => script(host, root, `${IMPORTS}${code}\nconsole.log(JSON.stringify(out));`, node);

for (const host of HOSTS) {
  test(`${host}: what is typed replaces what is on disk, in the file and for the others`, (context) => {
    const out = run(
      host,
      linted(context, host),
      `await lint('src/orders.js');
       await type('src/app.js', ${MENDED});   // the guard is typed in another file, and not saved
       await lint('src/orders.js');
       await type('src/app.js', ${APP});      // and undone
       await lint('src/orders.js');`,
    );
    const finding = ['require-authentication:5'];
    assert.deepEqual(out, [finding, [], [], ['no-ineffective-guard:8'], finding]);
  });

  test(`${host}: what another program wrote is noticed in the next run`, (context) => {
    const out = run(
      host,
      linted(context, host),
      `await lint('src/orders.js');
       writeFileSync('src/app.js', ${MENDED});
       await lint('src/orders.js');
       writeFileSync('src/app.js', ${APP});
       await lint('src/orders.js');
       rmSync('src/app.js');
       await lint('src/orders.js');
       writeFileSync('src/main.js', ${APP});
       await lint('src/orders.js');`,
    );
    const finding = ['require-authentication:5'];
    assert.deepEqual([out[0], out[1], out[2], out[4]], [finding, [], finding, finding]);
  });
}

test('a text that an editor discarded counts for a minute', (context) => {
  const out = run(
    'eslint10',
    linted(context, 'eslint10'),
    `const now = performance.now.bind(performance);
     let seconds = 0;
     performance.now = () => now() + 1000 * seconds;
     await type('src/app.js', ${MENDED});
     await lint('src/orders.js');
     seconds += 30;                         // the other tab is looked at
     await lint('src/orders.js');
     seconds += 40;                         // the tab of app.js was closed
     await lint('src/orders.js');
     await type('src/new.js', ${MENDED});   // never saved
     await lint('src/orders.js');
     seconds += 70;
     await lint('src/orders.js');`,
  );
  const finding = ['require-authentication:5'];
  assert.deepEqual([out[1], out[2], out[3], out[6]], [[], [], finding, finding]);
});

test('a configuration that breaks and is mended while the linter lives', (context) => {
  const out = run(
    'eslint10',
    linted(context, 'eslint10'),
    `await lint('src/orders.js');
     writeFileSync('authlint.config.json', '{ "publicRoutes": ["/api/orders"] }');
     await lint('src/orders.js');
     writeFileSync('authlint.config.json', '{ "publicRoutes": ["/api/orders"');
     await lint('src/orders.js');
     await lint('src/users.js');
     rmSync('authlint.config.json');
     await lint('src/orders.js');`,
  );
  const finding = ['require-authentication:5'];
  assert.deepEqual([out[0], out[1], out[3], out[4]], [finding, [], finding, finding]);
  assert.equal(out[2].length, 1, 'the last good configuration holds');
  assert.match(out[2][0], /authlint\.config\.json:1:\d+: this is not valid JSON/);
});

test('a trap of the engine in the middle of a lint: the file is named, everything else goes on', (context) => {
  // With a small stack, the engine's overflows on what ESLint itself still understands. How small depends on the machine.
  const deep = `${Array.from({ length: 300 }, (_, index) => `function f${index}(x) { return f${index + 1}(f${index + 1}(x)); }`).join('\n')}\nfunction f300(x) { return x; }\nf0(1);\n`;
  const code = `import { createProject } from 'authlint';
     const other = createProject({ root: '.', cache: false });
     const before = other.report().findings.findings.length;
     await lint('src/orders.js');
     await type('src/app.js', ${APP} + ${JSON.stringify(deep)});
     await lint('src/orders.js');
     await type('src/app.js', ${MENDED});
     await lint('src/orders.js');
     other.setText('src/app.js', ${MENDED});
     out.push([before, other.report().findings.findings.length]);`;
  let out;
  for (const size of [200, 180, 160, 140, 240]) {
    out = run('eslint10', linted(context, 'eslint10'), code, [`--stack-size=${size}`]);
    if (/overflowed/.test(out[1][0])) break;
  }
  const finding = ['require-authentication:5'];
  assert.match(out[1][0] ?? '', /^authlint: the analysis engine failed: its stack overflowed on this file; it was left out/);
  assert.deepEqual([out[0], out[2].length <= 1, out[3], out[4], out[5]], [finding, true, [], [], [3, 0]]);
});

test('2,000 edits in one process: the memory stays, and so do the findings', (context) => {
  const root = linted(context, 'eslint10', { 'authlint.config.json': '{ "publicRoutes": [] }' });
  const out = script(
    'eslint10',
    root,
    String.raw`import { Linter } from 'eslint';
     import authlint from 'authlint/eslint';
     import { analyseProject } from 'authlint';
     import { readFileSync, writeFileSync } from 'node:fs';
     import { join } from 'node:path';
     const linter = new Linter({ cwd: process.cwd() });
     const files = ['src/app.js', 'src/guard.js', 'src/users.js', 'src/orders.js'];
     const first = Object.fromEntries(files.map((file) => [file, readFileSync(file, 'utf8')]));
     const texts = { ...first };
     let seed = 42;
     const random = (below) => (seed = (seed * 1103515245 + 12345) & 0x7fffffff) % below;
     const edits = [
       (text) => text.replace('users.get(', 'users.post('),
       (text) => text.replace(/async \(req, res\) => \{/, '$& if (!req.user) return res.status(401).end();'),
       (text) => text.replace('return res.status', 'res.status'),
       (text) => text.replace("'/api/order'", "'/api/orders'"),
       (text) => text + '// ' + 'x'.repeat(random(500)) + '\n',
       (text) => text.slice(0, random(text.length)),
       (text, file) => first[file], (text, file) => first[file], (text, file) => first[file],
     ];
     const lint = (file) => linter.verify(texts[file], [authlint.configs.recommended], { filename: join(process.cwd(), file) });
     const used = () => { gc(); gc(); const { heapUsed, external } = process.memoryUsage(); return heapUsed + external; };
     let early = 0;
     for (let edit = 0; edit < 2000; edit++) {
       const file = files[random(files.length)];
       texts[file] = edits[random(edits.length)](texts[file], file);
       lint(file);
       lint(files[random(files.length)]);
       if (edit === 400) early = used();
     }
     const late = used();
     for (const file of files) if (!/^authlint: /.test(texts[file])) lint(file);
     const shown = (file) => lint(file).filter(({ messageId }) => messageId === 'finding').map(({ ruleId, line, column }) => [file, ruleId, line, column].join(' '));
     const inEditor = files.flatMap(shown).sort();
     for (const file of files) writeFileSync(file, texts[file]);
     const { findings } = (await analyseProject({ root: '.', cache: false })).findings;
     // What ESLint itself cannot parse, it does not lint.
     const parsed = new Set(files.filter((file) => !lint(file).some(({ fatal }) => fatal)));
     const fresh = findings.filter(({ file }) => parsed.has(file)).map(({ file, rule, line, column }) => [file, 'authlint/' + rule, line, column].join(' ')).sort();
     console.log(JSON.stringify({ early, late, inEditor, fresh }));`,
    ['--expose-gc'],
  );
  assert.ok(out.late < out.early * 1.1, `${Math.round(out.early / 1024)} KB after 400 edits, ${Math.round(out.late / 1024)} KB after 2,000`);
  assert.deepEqual(out.inEditor, out.fresh);
});
