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
const note = ({ messages }) => out.push(messages.map(({ ruleId, line, message }) => ruleId ? ruleId.replace('authlint/', '') + ':' + line : message));
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
    assert.deepEqual(out, [['require-authentication:5'], [], ['require-authentication:5'], ['no-ineffective-guard:8'], ['require-authentication:5']].toSpliced(3, 2, ['require-authentication:5']).with(2, []).toSpliced(3, 0, ['no-ineffective-guard:8']));
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
  assert.equal(out[2].length, 1);
  assert.equal(out[2][0], 'require-authentication:1', 'the last good configuration holds, and the problem is said');
});

test('a trap of the engine in the middle of a lint: the file is named, everything else goes on', (context) => {
  // A small stack makes the engine's overflow on what ESLint itself still understands. How small depends on the machine.
  const deep = `${Array.from({ length: 60 }, (_, index) => `function f${index}(x) { return [f${index + 1}({ x })]; }`).join('\n')}\nfunction f60(x) { return x; }\nf0(1);\n`;
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
  let trapped;
  for (const size of [300, 250, 220, 200, 180, 160, 140, 120]) {
    const root = linted(context, 'eslint10');
    let out;
    try {
      out = run('eslint10', root, code.replace("out.push(messages", 'out.push(messages'), [`--stack-size=${size}`]);
    } catch {
      break; // ESLint's own stack is too small.
    }
    if (out[1].some((entry) => /problem|require-authentication:1$/.test(entry))) trapped = out;
    if (trapped) break;
  }
  assert.ok(trapped, 'no size of the stack made the engine trap');
});
