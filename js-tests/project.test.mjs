/** `createProject`: a project that is looked at again and again says at every moment what a fresh analysis would say. */
import assert from 'node:assert/strict';
import { rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { analyseProject, createProject, findRoot } from '../npm/dist/index.js';
import { project } from './support/cli.mjs';
import { EXPECTED, MENDED_APP, SERVER, shown } from './support/server.mjs';
import { write } from './support/tarball.mjs';

function live(context, files = {}, options = {}) {
  const root = project(context, { ...SERVER, ...files });
  const own = createProject({ root, cache: false, ...options });
  context.after(() => own.dispose());
  return { root, project: own, found: () => shown(own.report().findings.findings), errors: () => own.report().findings.errors };
}

const fresh = async (root) => shown((await analyseProject({ root, cache: false })).findings.findings);

test('a text stands in place of the file, until it is taken back', (context) => {
  const { root, project, found } = live(context);
  assert.deepEqual(found(), EXPECTED);
  for (const path of ['src/app.js', join(root, 'src/app.js')]) {
    project.setText(path, MENDED_APP);
    assert.deepEqual(found(), []);
    project.setText(path, undefined);
    assert.deepEqual(found(), EXPECTED);
  }
});

test('a text that is what was analysed changes nothing: the report is the same object', (context) => {
  const { project, root } = live(context);
  const report = project.report();
  for (const [path, text] of Object.entries(SERVER)) project.setText(join(root, path), text);
  project.refresh();
  project.changed(['src/app.js', 'README.md', '/elsewhere/x.js']);
  assert.equal(project.report(), report);
});

test('files that came, went and changed, by refresh and by what a watcher says', async (context) => {
  const { root, project, found } = live(context);
  const edits = [
    ['a guard in another file', () => writeFileSync(join(root, 'src/app.js'), MENDED_APP), ['src/app.js']],
    ['back again', () => writeFileSync(join(root, 'src/app.js'), SERVER['src/app.js']), [join(root, 'src/app.js')]],
    ['a file went', () => rmSync(join(root, 'src/users.js')), ['src/users.js']],
    ['a file came', () => writeFileSync(join(root, 'src/users.js'), SERVER['src/users.js']), ['src/users.js']],
    ['a folder went', () => rmSync(join(root, 'src'), { recursive: true }), ['src']],
    ['a folder came', () => write(root, SERVER), ['src']],
    ['what git ignores is no part of it', () => writeFileSync(join(root, '.gitignore'), 'users.js\n'), ['.gitignore']],
    ['and then it is again', () => rmSync(join(root, '.gitignore')), ['.gitignore']],
  ];
  for (const [name, edit, paths] of edits) {
    edit();
    project.changed(paths);
    assert.deepEqual(found(), await fresh(root), name);
  }
  assert.deepEqual(found(), EXPECTED);
  for (const [name, edit] of edits) {
    edit();
    project.refresh();
    assert.deepEqual(found(), await fresh(root), name);
  }
});

test('a file that is not saved yet, and one that an ignore file excludes', (context) => {
  const { project, found } = live(context, { '.gitignore': 'build/\n' });
  const server = SERVER['src/users.js'].replace('export const users = Router();', "import express from 'express';\nconst users = express();");
  project.setText('build/new.js', server);
  assert.deepEqual(found(), EXPECTED);
  project.setText('src/new.js', server);
  assert.equal(found().length, EXPECTED.length + 1);
  project.setText('src/new.js', undefined);
  assert.deepEqual(found(), EXPECTED);
});

test('what is written on disk wins over an older text', (context) => {
  const { root, project, found } = live(context);
  project.setText('src/app.js', '');
  assert.notDeepEqual(found(), EXPECTED);
  writeFileSync(join(root, 'src/app.js'), MENDED_APP);
  project.changed(['src/app.js']);
  assert.deepEqual(found(), []);
});

test('two edits within one tick of the clock, of the same length', (context) => {
  const { root, project, found } = live(context);
  const guarded = SERVER['src/app.js'].replace("'/api/order', requireUser", "'/api/orders',requireUser");
  for (let round = 0; round < 20; round++) {
    writeFileSync(join(root, 'src/app.js'), guarded);
    project.refresh();
    assert.deepEqual(found(), [EXPECTED[2]]);
    writeFileSync(join(root, 'src/app.js'), SERVER['src/app.js']);
    project.refresh();
    assert.deepEqual(found(), EXPECTED);
  }
});

test('a configuration that cannot be used is a ConfigError with file and line; later, it is an error of the report', (context) => {
  const root = project(context, { ...SERVER, 'authlint.config.json': '{\n  "publicRoute": []\n}\n' });
  assert.throws(() => createProject({ root, cache: false }), { name: 'ConfigError', message: /authlint\.config\.json:2: unknown key `publicRoute`/ });
  assert.throws(() => createProject({ root, cache: false, config: { publicRoutes: 1 } }), { name: 'ConfigError', message: /publicRoutes/ });
  assert.throws(() => createProject({ root, cache: false, configFile: join(root, 'none.json') }), { name: 'ConfigError', message: /none\.json could not be read/ });
  const config = join(root, 'authlint.config.json');
  writeFileSync(config, '{ "publicRoutes": ["/api/orders", "/api/users"] }');
  const own = createProject({ root, cache: false });
  context.after(() => own.dispose());
  const found = () => shown(own.report().findings.findings);
  assert.deepEqual(found(), []);
  assert.ok(own.files().includes('authlint.config.json'));
  for (const [text, line] of [['{\n"publicRoutes": 1 }', 2], ['{\n\n"publicRoutes": [', 3]]) {
    writeFileSync(config, text);
    own.changed([config]);
    assert.deepEqual(found(), [], 'the last good one holds');
    assert.deepEqual(own.report().findings.errors.map(({ file, line }) => [file, line]), [['authlint.config.json', line]]);
  }
  rmSync(config);
  own.refresh();
  assert.deepEqual(found(), EXPECTED);
  assert.deepEqual(own.report().findings.errors, []);
});

test('broken, binary, huge and unreadable files are named, and the rest goes on', (context) => {
  const { project, found, errors, root } = live(context);
  found();
  const imports = "import './broken.js';\nimport './binary.js';\nimport './huge.js';\nimport './gone.js';\n";
  writeFileSync(join(root, 'src/broken.js'), "import express from 'express';\nconst = 1;\n");
  writeFileSync(join(root, 'src/binary.js'), Buffer.from([0, 159, 146, 150, 0, 1, 2]));
  writeFileSync(join(root, 'src/huge.js'), 'x'.repeat(6_000_000));
  writeFileSync(join(root, 'src/db.js'), imports + SERVER['src/db.js']);
  project.refresh();
  assert.deepEqual(found(), EXPECTED);
  const named = errors().map(({ file }) => file);
  for (const file of ['src/broken.js', 'src/binary.js', 'src/huge.js']) assert.ok(named.includes(file), `${file}: ${JSON.stringify(errors())}`);
  for (const file of ['broken', 'binary', 'huge']) rmSync(join(root, `src/${file}.js`));
  project.refresh();
  const missing = (file, line) => ({ file: 'src/db.js', line, message: `\`./${file}.js\` is imported, and there is no such file in the project`, import: `./${file}.js` });
  assert.deepEqual(errors(), ['broken', 'binary', 'huge', 'gone'].map((file, index) => missing(file, index + 1)));
  writeFileSync(join(root, 'src/db.js'), SERVER['src/db.js']);
  project.refresh();
  assert.deepEqual(errors(), []);
});

test('several projects in one process do not know of one another', (context) => {
  const one = live(context);
  const two = live(context);
  assert.deepEqual([one.found(), two.found()], [EXPECTED, EXPECTED]);
  one.project.setText('src/app.js', MENDED_APP);
  assert.deepEqual([one.found(), two.found()], [[], EXPECTED]);
  one.project.dispose();
  assert.deepEqual(two.found(), EXPECTED);
});

test('files() are those that the report depends on', (context) => {
  const { project } = live(context, { 'src/idle.js': 'export const nothing = 1;\n', 'src/app.test.js': SERVER['src/app.js'] });
  assert.deepEqual(project.files(), Object.keys(SERVER).sort());
});

for (const [name, files, file, root] of [
  ['the nearest package', { 'a/package.json': '{}', 'a/b/x.js': '' }, 'a/b/x.js', 'a'],
  ['the workspace around it', { 'package.json': '{ "workspaces": ["a"] }', 'a/package.json': '{}' }, 'a/x.js', ''],
  ['a pnpm workspace', { 'package.json': '{}', 'pnpm-workspace.yaml': '', 'a/package.json': '{}' }, 'a/x.js', ''],
  ['turbo, which has a file in its packages too', { 'package.json': '{}', 'turbo.json': '{}', 'a/package.json': '{}', 'a/turbo.json': '{}' }, 'a/x.js', ''],
  ['not beyond the repository', { 'package.json': '{ "workspaces": ["a"] }', 'a/.git/HEAD': '', 'a/package.json': '{}' }, 'a/x.js', 'a'],
  ['without a package, the tsconfig.json', { 'a/tsconfig.json': '{}', 'a/.git/HEAD': '' }, 'a/b/x.ts', 'a'],
  ['without those, the repository', {}, 'a/b/x.js', ''],
  ['not a package.json that only marks modules', { 'package.json': '{ "name": "x" }', 'a/package.json': '{ "type": "module" }' }, 'a/x.js', ''],
  ['the outermost of such, where there are no others', { 'a/package.json': '{}', 'a/b/package.json': '{ "type": "module" }' }, 'a/b/x.js', 'a'],
  ['one beside which packages are installed', { 'package.json': '{ "name": "x" }', 'a/package.json': '{ "type": "module" }', 'a/package-lock.json': '{}' }, 'a/x.js', 'a'],
  ['a package.json that cannot be read', { 'package.json': '{ "name": "x" }', 'a/package.json': '{ "type": ' }, 'a/x.js', 'a'],
  ['without a package, the configuration', { 'eslint.config.js': '', 'a/authlint.config.json': '{}' }, 'a/b/x.js', 'a'],
  ['without that, the outermost configuration of a linter', { 'a/eslint.config.mjs': '', 'a/b/.oxlintrc.json': '{}', 'a/b/tsconfig.json': '{}' }, 'a/b/x.js', 'a'],
]) {
  test(`findRoot: ${name}`, (context) => {
    const folder = project(context, { '.git/HEAD': '', ...files });
    assert.equal(findRoot(join(folder, file)), join(folder, root));
  });
}

test('a link to a file of the project is that file: found by its imports, judged once', async (context) => {
  for (const [own, text, app] of [
    ['lib/users.js', SERVER['src/users.js'].replace('./db.js', '../src/db.js'), SERVER['src/app.js']],
    ['lib/users.js', "const { Router } = require('express');\nconst { prisma } = require('../src/db.js');\n\nconst users = Router();\nusers.get('/', async (req, res) => {\n  res.json(await prisma.user.findMany());\n});\nmodule.exports = users;\n", SERVER['src/app.js'].replace("import { users } from './users.js';", "const users = require('./users.js');")],
  ]) {
    const { root, project, found, errors } = live(context, { [own]: text, 'src/app.js': app });
    rmSync(join(root, 'src/users.js'));
    symlinkSync(`../${own}`, join(root, 'src/users.js'));
    project.refresh();
    const expected = EXPECTED.map((place) => place.replace('src/users.js', own)).sort();
    assert.deepEqual([found(), errors()], [expected, []]);
    assert.deepEqual(await fresh(root), expected);
    project.setText('src/users.js', text); // A linter that came by the link.
    assert.deepEqual(found(), expected);
  }
});
