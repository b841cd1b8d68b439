/**
 * Bad input through the real command line: each gives a clear message with file and line and the right exit code, and the rest of the
 * project is analysed all the same: `app.js` with its open endpoint is found in every case.
 */
import assert from 'node:assert/strict';
import { chmodSync, existsSync, ftruncateSync, mkdirSync, openSync, closeSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { authlint, json, OPEN_SERVER, project } from './support/cli.mjs';

/** Says that `app.js` was understood in spite of it all. */
function stillAnalysed(report) {
  const endpoints = report.findings.map((finding) => `${finding.file} ${finding.endpoint?.method} ${finding.endpoint?.path}`);
  assert.ok(endpoints.includes('app.js GET /api/users'), `app.js was not analysed: ${JSON.stringify(report)}`);
  assert.equal(report.code, 1);
}

function errorsOf(report, file) {
  return report.errors.filter((error) => error.file === file);
}

/** The server, with these imports at its top. */
const importing = (...specifiers) => specifiers.map((specifier) => `import '${specifier}';\n`).join('') + OPEN_SERVER;

test('broken syntax', (context) => {
  const root = project(context, { 'app.js': importing('./broken.js'), 'broken.js': "import express from 'express';\nconst a = 1;\nconst = 2;\n" });
  const report = json('check', root);
  stillAnalysed(report);
  const [error] = errorsOf(report, 'broken.js');
  assert.equal(error.line, 3);
  assert.notEqual(error.message, '');
  const { stdout, code } = authlint(['check', '--root', root]);
  assert.equal(code, 1);
  assert.match(stdout, /^ERROR {2}broken\.js:3 {2}\S/m);
});

test('a syntax error beside a server: the rest of that file is understood', (context) => {
  const root = project(context, { 'app.js': `${OPEN_SERVER}\nfunction later() { await nothing(); }\n` });
  const report = json('check', root);
  stillAnalysed(report);
  assert.equal(errorsOf(report, 'app.js')[0]?.line, 10);
});

test('a server that cannot be parsed is not clean: exit code 1 in every format, unless nothing may fail', (context) => {
  const root = project(context, { 'app.js': `import express from 'express';\nconst = ;\n` });
  const text = authlint(['check', '--root', root]);
  assert.equal(text.code, 1);
  assert.match(text.stdout, /^ERROR {2}app\.js:2 {2}[^]*^✖ 1 problem with the input\nNo server found/m);
  for (const [format, message] of [['github', /^::error file=app\.js,line=2,[^]*^::warning title=authlint found no server::[^]*^No server found: .* 1 problem with the input\.$/m], ['sarif', /"level": "error"/], ['json', /"line": 2/]]) {
    const { code, stdout } = authlint(['check', '--root', root, '--format', format]);
    assert.equal(code, 1, format);
    assert.match(stdout, message);
  }
  assert.equal(authlint(['check', '--root', root, '--fail-on', 'critical']).code, 1, 'nobody knows what stands in it');
  assert.equal(authlint(['check', '--root', root, '--fail-on', 'never']).code, 0);
  assert.equal(authlint(['routes', '--root', root]).code, 0);
});

test('a guarded server with a file that cannot be parsed: no findings, and exit code 1, unless that is allowed or the file is left out', (context) => {
  const guarded = OPEN_SERVER.replace("'/api/users', ", "'/api/users', (req, res, next) => (req.session.userId ? next() : res.status(401).end()), ");
  const files = { 'app.js': `import './broken.js';\n${guarded}`, 'broken.js': "import express from 'express';\nconst = 2;\n" };
  const { code, stdout } = authlint(['check', '--root', project(context, files)]);
  assert.equal(code, 1);
  assert.match(stdout, /^✖ no findings, but 1 problem with the input$/m);
  const allowing = authlint(['check', '--root', project(context, files), '--allow-errors']);
  assert.equal(allowing.code, 0);
  assert.match(allowing.stdout, /^ERROR {2}broken\.js:2/m, 'said all the same');
  const template = { ...files, 'app.js': guarded, 'authlint.config.json': '{ "ignore": ["broken.js"] }' };
  assert.equal(authlint(['check', '--root', project(context, template)]).code, 0);
  const missing = authlint(['check', '--root', project(context, { ...files, 'broken.js': "import './generated.js';\n" })]);
  assert.equal(missing.code, 0, 'an import that leads nowhere is a warning');
  assert.match(missing.stdout, /^✔ no findings · 1 problem with the input$/m);
});

test('invalid UTF-8', (context) => {
  const bytes = Buffer.concat([Buffer.from("import express from 'express';\nexport const name = '"), Buffer.from([0xff, 0xfe, 0xc0, 0x80]), Buffer.from("';\n")]);
  const root = project(context, { 'app.js': importing('./latin.js'), 'latin.js': bytes });
  const report = json('check', root);
  stillAnalysed(report);
  const [error] = errorsOf(report, 'latin.js');
  assert.equal(error?.line, 2);
  assert.match(error.message, /UTF-8/);
});

test('a file of 50 MB is named and skipped', (context) => {
  const root = project(context, { 'app.js': importing('./huge.js') });
  const descriptor = openSync(join(root, 'huge.js'), 'w');
  ftruncateSync(descriptor, 50 * 1024 * 1024);
  closeSync(descriptor);
  const report = json('check', root);
  stillAnalysed(report);
  const errors = errorsOf(report, 'huge.js');
  assert.equal(errors.length, 1, JSON.stringify(errors));
  assert.match(errors[0].message, /50 MB large and was skipped: the limit is 5 MB/);
});

for (const [name, open, close] of [
  ['brackets', '[', ']'],
  ['parentheses', '(', ')'],
  ['functions', '() => {', '}'],
  ['calls', 'f(', ')'],
]) {
  test(`10,000-fold nesting of ${name}`, (context) => {
    const nested = `import express from 'express';\nexport default ${open.repeat(10_000)}${name === 'functions' ? '' : '1'}${close.repeat(10_000)};\n`;
    const root = project(context, { 'app.js': importing('./nested.js', './also.js'), 'nested.js': nested, 'also.js': OPEN_SERVER.replace('/api/users', '/api/also') });
    for (const threads of ['1', '2']) {
      const report = json('check', root, '--threads', threads);
      stillAnalysed(report);
      assert.ok(report.findings.some((finding) => finding.file === 'also.js'), 'files after it are analysed');
      const errors = errorsOf(report, 'nested.js');
      assert.equal(errors.length, 1, JSON.stringify(errors));
      assert.match(errors[0].message, /nested too deeply/);
    }
  });
}

test('nesting of every depth is either understood or named', (context) => {
  const files = { 'app.js': OPEN_SERVER };
  for (let depth = 50; depth <= 3000; depth += 50) {
    files[`nested${depth}.js`] = `import express from 'express';\nexport default ${'['.repeat(depth)}1${']'.repeat(depth)};\nexport const f = ${'x + '.repeat(depth)}1;\n${'if (a) '.repeat(depth)}b();\n`;
  }
  const root = project(context, files);
  const report = json('check', root);
  stillAnalysed(report);
  for (const error of report.errors) assert.match(error.message, /nested too deeply/, error.file);
});

test('imports and re-exports in a circle', (context) => {
  const root = project(context, {
    'app.js': importing('./a.js'),
    'a.js': "import express from 'express';\nexport * from './b.js';\nexport { x } from './b.js';\nexport const router = express.Router();\n",
    'b.js': "export * from './c.js';\nexport { x } from './c.js';\n",
    'c.js': "export * from './a.js';\nexport { x } from './a.js';\nimport { router } from './a.js';\nrouter.get('/x', () => {});\n",
    'self.js': "const self = require('./self');\nmodule.exports = { ...self, express: require('express') };\n",
  });
  const report = json('check', root);
  stillAnalysed(report);
  assert.deepEqual(report.errors, []);
});

test('import of a file that does not exist', (context) => {
  const server = `${OPEN_SERVER.replace('const app = express();', "import { routes } from './missing.js';\nconst app = express();\napp.use('/more', routes);")}`;
  const root = project(context, { 'app.js': server });
  const report = json('check', root);
  stillAnalysed(report);
  assert.deepEqual(report.errors, [{ file: 'app.js', line: 4, message: '`./missing.js` is imported, and there is no such file in the project', import: './missing.js' }]);
  const inventory = json('routes', root);
  assert.ok(inventory.unknown.some((row) => row.file === 'app.js'), `the mount of something unseen is listed: ${JSON.stringify(inventory.unknown)}`);
  assert.match(authlint(['check', '--root', root]).stdout, /^ {2}1 place could not be followed: authlint routes names it$/m);
});

test('broken manifests', (context) => {
  const root = project(context, { 'app.js': OPEN_SERVER, 'package.json': '{ "name": ', 'tsconfig.json': '{ "extends": "./tsconfig.json", "compilerOptions": { "paths": 3 } }' });
  const report = json('check', root);
  stillAnalysed(report);
});

test('an empty file, a file of zeros, a file with a byte order mark', (context) => {
  const root = project(context, { 'app.js': `\uFEFF${OPEN_SERVER}`, 'empty.js': '', 'zeros.js': Buffer.concat([Buffer.from("require('express');\n"), Buffer.alloc(5000)]) });
  stillAnalysed(json('check', root));
});

test('a byte order mark is no column: not in places, nor below the code', (context) => {
  const root = project(context, { 'app.js': `\uFEFF${OPEN_SERVER.replaceAll('\n', ' ')}` });
  const column = OPEN_SERVER.indexOf('app.get') + 1;
  const { stdout } = authlint(['check', '--root', root]);
  assert.ok(stdout.includes(`app.js:1:${column}\n`), stdout);
  const [line, underline] = stdout.split('\n').slice(stdout.split('\n').findIndex((text) => text.startsWith('  > 1')));
  assert.equal(underline.indexOf('━'), line.indexOf('app.get'), stdout);
  assert.match(authlint(['check', '--root', root, '--format', 'github']).stdout, new RegExp(`,col=${column},`));
  assert.match(authlint(['check', '--root', root, '--format', 'sarif']).stdout, new RegExp(`"startColumn": ${column},`));
  assert.equal(json('check', root).findings[0].column, column);
  assert.equal(json('routes', root).endpoints[0].column, column);
});

test('a byte order mark before a guard: where to insert', (context) => {
  const guard = 'export const guard = (req, res, next) => { if (!req.session.userId) res.status(401).end(); next(); };\n';
  const app = "import express from 'express';\nimport { guard } from './guard.js';\nconst app = express();\napp.get('/api/users', guard, async (req, res) => res.json(await db.users.find()));\n";
  const { findings } = json('check', project(context, { 'guard.js': `\uFEFF${guard}`, 'app.js': app }));
  const { edit, suggestion } = findings.find((finding) => finding.edit);
  assert.equal(edit.column, guard.indexOf('res.status') + 1);
  assert.ok(suggestion.includes(`guard.js:1:${edit.column}`), suggestion);
});

test('a configuration that is no JSON: file, line and column, exit code 2', (context) => {
  const root = project(context, { 'app.js': OPEN_SERVER, 'authlint.config.json': '{\n  "publicRoutes": [\n  "x": 1\n}\n' });
  const { code, stdout, stderr } = authlint(['check', '--root', root]);
  assert.equal(code, 2);
  assert.equal(stdout, '');
  assert.match(stderr, /authlint\.config\.json:3:\d+: this is not valid JSON/);
});

test('a configuration with an unknown key: the key and its line, exit code 2', (context) => {
  const root = project(context, { 'app.js': OPEN_SERVER, 'authlint.config.json': '{\n  // comments are allowed\n  "publicRoute": ["/x"]\n}\n' });
  for (const command of ['check', 'routes']) {
    const { code, stderr } = authlint([command, '--root', root]);
    assert.equal(code, 2);
    assert.match(stderr, /authlint\.config\.json:3: .*publicRoute/);
  }
});

test('a configuration with a wrong type: the key and its line, exit code 2', (context) => {
  const root = project(context, { 'app.js': OPEN_SERVER, 'own.json': '{\n\n  "publicRoutes": 3 }\n' });
  const { code, stderr } = authlint(['check', '--root', root, '--config', join(root, 'own.json')]);
  assert.equal(code, 2);
  assert.match(stderr, /own\.json:3: .*publicRoutes/);
});

test('a configuration that does not exist', (context) => {
  const root = project(context, { 'app.js': OPEN_SERVER });
  const { code, stderr } = authlint(['check', '--root', root, '--config', join(root, 'none.json')]);
  assert.equal(code, 2);
  assert.match(stderr, /none\.json could not be read: no such file/);
});

test('a folder without a server: exit code 0 and a sentence', (context) => {
  const root = project(context, { 'src/a.js': 'export const a = 1;\n', 'src/b.ts': 'export const b: number = 1;\n' });
  for (const command of ['check', 'routes']) {
    const { code, stdout } = authlint([command, '--root', root]);
    assert.equal(code, 0);
    assert.match(stdout, /No server found: looked at 2 files for Express, Fastify and Next\.js/);
  }
  assert.deepEqual(json('check', root).findings, []);
});

test('an empty folder', (context) => {
  const { code, stdout } = authlint(['check', '--root', project(context, {})]);
  assert.equal(code, 0);
  assert.match(stdout, /looked at 0 files/);
});

test('a folder that does not exist, and a file in its place', (context) => {
  const root = project(context, { 'app.js': OPEN_SERVER });
  for (const [path, message] of [[join(root, 'nowhere'), /the folder .*nowhere does not exist/], [join(root, 'app.js'), /app\.js is a file/]]) {
    const { code, stdout, stderr } = authlint(['check', '--root', path]);
    assert.equal(code, 2);
    assert.equal(stdout, '');
    assert.match(stderr, message);
  }
});

test('no permission to read', (context) => {
  const root = project(context, { 'app.js': importing('./secret.js'), 'secret.js': OPEN_SERVER, 'locked/a.js': '' });
  chmodSync(root, 0o755);
  chmodSync(join(root, 'secret.js'), 0o000);
  chmodSync(join(root, 'locked'), 0o000);
  // The folder may be gone by then.
  context.after(() => existsSync(join(root, 'locked')) && chmodSync(join(root, 'locked'), 0o700));
  // Root may read everything: another user is asked then.
  const asSomebody = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {};
  const { code, stdout, stderr } = authlint(['check', '--root', root, '--format', 'json'], asSomebody);
  assert.equal(code, 1, stderr);
  const report = { ...JSON.parse(stdout), code };
  stillAnalysed(report);
  assert.match(errorsOf(report, 'secret.js')[0].message, /could not be read: no permission/);
  assert.match(errorsOf(report, 'locked')[0].message, /could not be read: no permission/);
  const closed = authlint(['check', '--root', join(root, 'locked')], asSomebody);
  assert.equal(closed.code, 2);
  assert.match(closed.stderr, /no permission to read it/);
});

test('folders that are named like files, and links in a circle', (context) => {
  const root = project(context, { 'app.js': OPEN_SERVER });
  mkdirSync(join(root, 'folder.js'));
  symlinkSync('loop.js', join(root, 'loop.js'));
  symlinkSync('.', join(root, 'here'));
  const report = json('check', root);
  stillAnalysed(report);
  assert.deepEqual(report.errors, []);
});

test('source that would control the terminal is printed harmlessly', (context) => {
  const root = project(context, { 'app.js': OPEN_SERVER.replace("res.json", "/* \u001b[2J\u0007 */ res.json").replace("'/api/users'", "'/api/users'/*\u001b]0;x\u0007*/") });
  const { stdout } = authlint(['check', '--root', root]);
  assert.ok(!/[\u001b\u0007]/.test(stdout));
});
