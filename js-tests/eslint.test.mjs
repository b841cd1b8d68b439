/** The plugin in the real ESLint 9 and 10, installed from the packed tarball. */
import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { CONFIG, eslint, HOSTS, linted, places, script } from './support/eslint.mjs';
import { EXPECTED, MENDED_APP, SERVER } from './support/server.mjs';
import { installed, runHost, write } from './support/tarball.mjs';

for (const host of HOSTS) {
  test(`${host}: finds what the command line finds, each in its own file, and is silent after the mend`, (context) => {
    const root = linted(context, host);
    const { code, messages } = eslint(host, root);
    assert.equal(code, 1);
    assert.deepEqual(places(messages), EXPECTED);
    const orders = messages.find(({ file }) => file === 'src/orders.js');
    assert.equal(orders.severity, 2);
    assert.match(orders.message, /^Anyone can call GET \/api\/orders, which reads `order`\. .*`requireUser` does not protect it: it covers `\/api\/order` only \(src\/app\.js:8\)\.$/);
    write(root, { 'src/app.js': MENDED_APP });
    assert.deepEqual(eslint(host, root), { code: 0, stderr: '', messages: [] });
  });

  test(`${host}: a rule is off where it is off, and a directive of ESLint's holds`, (context) => {
    const config = "import authlint from 'authlint/eslint';\nexport default [authlint.configs.recommended, { rules: { 'authlint/no-ineffective-guard': 'off', 'authlint/require-authentication': 'warn' } }];\n";
    const users = SERVER['src/users.js'].replace('users.get', '// eslint-disable-next-line authlint/require-authentication -- for now\nusers.get');
    const root = linted(context, host, { 'src/users.js': users }, config);
    const { code, messages } = eslint(host, root);
    assert.equal(code, 0);
    assert.deepEqual(places(messages), [EXPECTED[1]]);
    assert.equal(messages[0].severity, 1);
  });

  test(`${host}: the preset strict also reports what looks public and what could not be decided`, (context) => {
    const open = `import express from 'express';
import { prisma } from './db.js';
import { prepare } from './not-checked-in.js';
const app = express();
app.get('/api/translations', async (req, res) => res.json(await prisma.translation.findMany()));
app.get('/api/users', prepare, async (req, res) => res.json(await prisma.user.findMany()));
`;
    const files = { 'src/app.js': open, 'src/users.js': '', 'src/orders.js': '' };
    const strict = linted(context, host, files, CONFIG.replace('recommended', 'strict'));
    const recommended = linted(context, host, files);
    const lines = (root) => eslint(host, root).messages.map(({ line }) => line);
    assert.deepEqual(lines(recommended), []);
    assert.deepEqual(lines(strict), [5, 6]);
  });

  test(`${host}: a suggestion inserts the word that is missing, and that mends it`, (context) => {
    const guard = SERVER['src/guard.js'].replace('return res.status(401)', '/* 😀 */ res.status(401)');
    const root = linted(context, host, { 'src/app.js': MENDED_APP, 'src/guard.js': `\uFEFF${guard}` });
    const { messages } = eslint(host, root);
    const { suggestions } = messages.find(({ file, ruleId }) => file === 'src/guard.js' && ruleId === 'authlint/no-ineffective-guard');
    assert.deepEqual(suggestions.map(({ desc }) => desc), ['Insert `return`']);
    const [{ fix }] = suggestions;
    write(root, { 'src/guard.js': guard.slice(0, fix.range[0]) + fix.text + guard.slice(fix.range[1]) });
    assert.deepEqual(eslint(host, root), { code: 0, stderr: '', messages: [] });
  });

  test(`${host}: TypeScript, Vue and Svelte, at the places in their own text`, (context) => {
    const body = `import express from 'express';\nimport { prisma } from './db.js';\nconst app = express();\napp.get('/api/users', async (req, res) => res.json(await prisma.user.findMany()));\n`;
    const root = linted(
      context,
      host,
      {
        'src/app.js': '',
        'src/server.ts': `// Ünïcödé 😀 before\r\n${body.replaceAll('\n', '\r\n').replace('(req, res)', '(req: Request, res: Response): Promise<void>')}`,
        'src/marked.js': `\uFEFFimport express from 'express'; import { prisma } from './db.js'; const app = express(); /* 😀 */ app.get('/api/marked', async (req, res) => res.json(await prisma.user.findMany()));\n`,
        'src/Server.vue': `<template>\n  <p>x</p>\n</template>\n\n<script>\n${body.replace('/users', '/vue')}</script>\n`,
        'src/Server.svelte': `<script>\n${body.replace('/users', '/svelte')}</script>\n\n<p>x</p>\n`,
      },
      `import authlint from 'authlint/eslint';
import * as ts from '@typescript-eslint/parser';
import * as vue from 'vue-eslint-parser';
import * as svelte from 'svelte-eslint-parser';
export default [
  { files: ['**/*.ts'], languageOptions: { parser: ts } },
  { files: ['**/*.vue'], languageOptions: { parser: vue } },
  { files: ['**/*.svelte'], languageOptions: { parser: svelte } },
  authlint.configs.recommended,
];\n`,
    );
    const { messages } = eslint(host, root);
    // From `app.get` to the end of its statement, as an editor counts: without the byte order mark.
    const span = (file, line) => {
      const text = readFileSync(join(root, file), 'utf8').replace(/^\uFEFF/, '').split(/\r?\n/)[line - 1];
      return `require-authentication ${file} ${line}:${text.indexOf('app.get') + 1}-${line}:${text.indexOf('));') + 3}`;
    };
    assert.deepEqual(
      places(messages).filter((place) => !EXPECTED.includes(place)),
      [
        span('src/Server.svelte', 5), span('src/Server.vue', 9), span('src/marked.js', 1), span('src/server.ts', 5),
      ],
    );
  });

  test(`${host}: text from standard input, with and without a file name`, (context) => {
    const root = linted(context, host);
    const named = (input) => places(eslint(host, root, ['--stdin', '--stdin-filename', 'src/app.js'], { input }).messages);
    assert.deepEqual(named(SERVER['src/app.js']), [EXPECTED[0]]);
    assert.deepEqual(named(MENDED_APP), []);
    // The text of orders.js that is not saved brings its own guard.
    const guarded = SERVER['src/orders.js'].replace("orders.get('/',", "orders.get('/', (req, res) => res.status(401).end(),");
    assert.deepEqual(places(eslint(host, root, ['--stdin', '--stdin-filename', 'src/orders.js'], { input: guarded }).messages), []);
    const alone = "const app = require('express')();\napp.delete('/api/users/:id', async (req, res) => res.json(await db.query('DELETE FROM users WHERE id = ?', [req.params.id])));\n";
    const { messages } = eslint(host, root, ['--stdin'], { input: alone });
    assert.deepEqual(messages.map(({ ruleId, line, column }) => [ruleId, line, column]), [['authlint/require-authentication', 2, 1]]);
  });

  test(`${host}: with --concurrency each worker finds the same`, (context) => {
    const root = linted(context, host);
    assert.deepEqual(places(eslint(host, root, ['--concurrency', '2', '.']).messages), EXPECTED);
  });

  test(`${host}: --cache sees an edit in another file by cacheKey, and only by it`, (context) => {
    const keyed = CONFIG.replace('recommended]', 'recommended, authlint.cacheKey(import.meta.dirname)]');
    for (const [config, after] of [[keyed, []], [CONFIG, EXPECTED.slice(1)]]) {
      const root = linted(context, host, {}, config);
      assert.deepEqual(places(eslint(host, root, ['--cache', '.']).messages), EXPECTED);
      assert.deepEqual(places(eslint(host, root, ['--cache', '.']).messages), EXPECTED);
      write(root, { 'src/app.js': MENDED_APP });
      for (const strategy of ['metadata', 'content']) {
        assert.deepEqual(places(eslint(host, root, ['--cache', '--cache-strategy', strategy, '.']).messages), strategy === 'metadata' ? after : []);
      }
    }
  });

  test(`${host}: a CommonJS configuration, settings.authlint.root, and no project above`, (context) => {
    const root = linted(context, host, { 'package.json': '{}' });
    rmSync(join(root, 'eslint.config.js'));
    write(root, {
      'eslint.config.cjs': "const authlint = require('authlint/eslint');\nmodule.exports = [{ languageOptions: { sourceType: 'module' } }, authlint.configs.recommended, { settings: { authlint: { root: 'src' } } }];\n",
    });
    assert.deepEqual(places(eslint(host, root, ['src']).messages), EXPECTED);
    // Seen from the folder of one file alone, nothing is mounted.
    write(root, { 'eslint.config.cjs': readFileSync(join(root, 'eslint.config.cjs'), 'utf8').replace("root: 'src'", "root: 'nowhere'") });
    const { messages } = eslint(host, root, ['src']);
    assert.equal(messages.length, 1);
    assert.match(messages[0].message, /^authlint: .*nowhere/);
  });
}

test('a line that only ECMAScript ends there, and what is wrong with the settings', (context) => {
  const host = 'eslint10';
  const users = SERVER['src/users.js'].replace('export const', "// \u2028// \u2029export const").replace('users.get', "const x = '\u2028'; users.get");
  const root = linted(context, host, { 'src/users.js': users });
  const lines = users.split(/\r\n|[\n\r\u2028\u2029]/);
  const { messages } = eslint(host, root);
  const { line, column, endLine } = messages.find(({ file }) => file === 'src/users.js');
  assert.deepEqual([lines[line - 1].slice(column - 1), lines[endLine - 1]], ["users.get('/', async (req, res) => {", '});']);

  write(root, { 'eslint.config.js': CONFIG.replace('recommended]', 'recommended, { settings: { authlint: { cach: true } } }]') });
  const said = eslint(host, root).messages.map(({ message }) => message);
  assert.deepEqual(said, ['authlint: `settings.authlint` has no key `cach`; the keys are root, configFile, cache, config, state'], 'in one file only');
});

test('an engine that is not there is said in one file, also where the cache knows the project', (context) => {
  const root = linted(context, 'eslint10');
  const copy = join(root, 'node_modules/authlint');
  cpSync(join(installed('eslint10'), 'node_modules/authlint'), copy, { recursive: true });
  assert.deepEqual(places(eslint('eslint10', root, ['src']).messages), EXPECTED);
  rmSync(join(copy, 'dist/wasm/authlint_bg.wasm'));
  write(root, { 'src/db.js': `${SERVER['src/db.js']}//\n` });
  const said = eslint('eslint10', root, ['src']).messages.map(({ message }) => message);
  assert.equal(said.length, 1, said.join('\n'));
  assert.match(said[0], /the engine .* could not be read/);
});

test('the metadata that editors and documentation read', () => {
  const host = 'eslint10';
  const root = join(installed(host));
  const { rules, meta, configs } = JSON.parse(
    script(host, root, "import authlint from 'authlint/eslint';\nconsole.log(JSON.stringify(JSON.stringify({ meta: authlint.meta, configs: Object.keys(authlint.configs), rules: Object.entries(authlint.rules).map(([name, { meta }]) => ({ name, ...meta })) })));"),
  );
  assert.equal(meta.name, 'authlint');
  assert.equal(meta.version, JSON.parse(readFileSync(join(root, 'node_modules/authlint/package.json'), 'utf8')).version);
  assert.deepEqual(configs, ['recommended', 'strict']);
  assert.ok(rules.length >= 2);
  for (const rule of rules) {
    assert.equal(rule.type, 'problem');
    assert.match(rule.docs.description, /^[A-Z].{10,}[^.]$/);
    assert.deepEqual(rule.schema, []);
    const page = rule.docs.url.replace(`https://unpkg.com/authlint@${meta.version}/`, '');
    assert.match(readFileSync(join(root, 'node_modules/authlint', page), 'utf8'), new RegExp(`^# ${rule.name}\n`));
  }
});

test('a wasm file that is missing is said once, and ESLint goes on', (context) => {
  const host = 'eslint10';
  const root = linted(context, host, { 'src/app.js': `${SERVER['src/app.js']}debugger;\n` }, CONFIG.replace('recommended]', "recommended, { rules: { 'no-debugger': 'error' } }]"));
  cpSync(join(installed(host), 'node_modules/authlint'), join(root, 'node_modules/authlint'), { recursive: true });
  rmSync(join(root, 'node_modules/authlint/dist/wasm/authlint_bg.wasm'));
  const { messages } = eslint(host, root);
  const own = messages.filter(({ ruleId }) => ruleId !== 'no-debugger');
  assert.equal(messages.length, own.length + 1);
  assert.equal(own.length, 1, JSON.stringify(own));
  assert.match(own[0].message, /^authlint: the engine .*authlint_bg\.wasm could not be read: no such file/);
});

for (const [name, files, config, message, found] of [
  ['an unknown key in the configuration', { 'authlint.config.json': '{\n  "publicRoute": []\n}\n' }, CONFIG, /authlint\.config\.json:2: unknown key `publicRoute`/, []],
  ['broken JSON', { 'authlint.config.json': '{' }, CONFIG, /authlint\.config\.json:1:\d+: this is not valid JSON/, []],
  ['an unknown setting', {}, CONFIG.replace('recommended]', 'recommended, { settings: { authlint: { roots: 1 } } }]'), /`settings\.authlint` has no key `roots`/, undefined],
]) {
  test(`${name} is a message in the first file, and the run goes on`, (context) => {
    const root = linted(context, 'eslint10', files, config);
    const { messages } = eslint('eslint10', root);
    assert.match(messages[0].message, message);
    assert.deepEqual([messages[0].line, messages[0].severity], [1, 2]);
    if (found) assert.deepEqual(places(messages.slice(1)), found);
  });
}

for (const [name, text] of [
  ['authlint.config.json', '{ "publicRoutes": ["/api/orders"] }'],
  ['authlint.config.mjs', 'export default { publicRoutes: ["/api/orders"] };'],
  ['authlint.config.ts', "import { defineConfig } from 'authlint';\nconst routes: string[] = ['/api/orders'];\nexport default defineConfig({ publicRoutes: routes });"],
]) {
  test(`${name} holds for the linter too`, (context) => {
    const root = linted(context, 'eslint10', { [name]: text });
    assert.deepEqual(places(eslint('eslint10', root).messages), [EXPECTED[2]]);
  });
}

test('a file that belongs to no project is judged alone, and nothing around it is looked at', (context) => {
  const root = linted(context, 'eslint10');
  const folder = mkdtempSync(join(tmpdir(), 'authlint-alone-'));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  write(folder, { 'server.js': SERVER['src/users.js'].replace('export const users = Router();', "import express from 'express';\nconst users = express();"), 'other.js': SERVER['src/app.js'] });
  const code = `import { ESLint } from 'eslint';
    const eslint = new ESLint({ cwd: ${JSON.stringify(folder)}, overrideConfigFile: ${JSON.stringify(join(root, 'eslint.config.js'))} });
    console.log(JSON.stringify((await eslint.lintFiles(['server.js']))[0].messages.map(({ ruleId, line }) => [ruleId, line])));`;
  assert.deepEqual(script('eslint10', root, code), [['authlint/require-authentication', 6]]);
});

test('the types fit a configuration in TypeScript', (context) => {
  const root = linted(context, 'eslint10', {
    'eslint.config.ts': `import authlint, { type Settings } from 'authlint/eslint';
import { defineConfig } from 'eslint/config';
import type { Linter } from 'eslint';
const settings: Settings = { root: '.', config: { minSeverity: 'low' } };
export default defineConfig([authlint.configs.recommended, { settings: { authlint: settings } }, authlint.cacheKey('.')]);
export const other: Linter.Config[] = [authlint.configs.strict, { plugins: { authlint }, rules: { 'authlint/require-authentication': 'warn' } }];
`,
    'tsconfig.json': '{ "compilerOptions": { "module": "nodenext", "target": "es2022", "strict": true, "noEmit": true, "types": [] }, "files": ["eslint.config.ts"] }',
  });
  const { code, stdout } = runHost('eslint10', 'typescript/bin/tsc', ['-p', root], { cwd: root });
  assert.equal(code, 0, stdout);
});

test('an exception without a reason is said at its line', (context) => {
  const root = linted(context, 'eslint10', { 'src/users.js': SERVER['src/users.js'].replace('users.get', '// authlint-public\nusers.get') });
  const message = eslint('eslint10', root).messages.find(({ file, messageId }) => file === 'src/users.js' && messageId === 'problem');
  assert.equal(message.line, 5);
  assert.match(message.message, /`authlint-public` needs a reason/);
});
