/** ESLint, the bundlers and the command line find the same project and the same configuration, wherever they are started. */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { authlint, project } from './support/cli.mjs';
import { CONFIG, eslint, linted, places } from './support/eslint.mjs';
import { EXPECTED, MENDED_APP, SERVER, shown } from './support/server.mjs';
import { hostedProject, installed, runHost, write } from './support/tarball.mjs';

const HOST = 'eslint10';
const below = (folder, files) => Object.fromEntries(Object.entries(files).map(([path, text]) => [`${folder}/${path}`, text]));
const inside = (folder) => EXPECTED.map((place) => place.replace(' src/', ` ${folder}/src/`));
const { 'src/guard.js': GUARD, ...REST } = SERVER;
/** A guard that lets everybody in. */
const BROKEN = GUARD.replace('return res.status(401).end();', 'console.log(req.url);');

/** Findings of the command line in a folder, as the linter's are written. */
function check(folder, ...more) {
  const { code, stdout, stderr } = authlint(['check', '--format', 'json', ...more], { cwd: folder });
  assert.ok(code < 2, stderr);
  return { stderr, found: shown(JSON.parse(stdout).findings) };
}

test('a package.json that only marks the type of its modules begins no project', (context) => {
  const marker = '{ "type": "module" }';
  const root = linted(context, HOST, { 'src/package.json': marker, 'src/routes/package.json': marker });
  assert.deepEqual(places(eslint(HOST, root).messages), EXPECTED);
  assert.deepEqual(check(join(root, 'src')).found, EXPECTED);
});

test('without any package.json, the configuration of a linter says where the project is', (context) => {
  const root = project(context, REST);
  rmSync(join(root, 'package.json'));
  write(root, { 'src/guard.js': GUARD, 'eslint.config.mjs': CONFIG.replace('authlint/eslint', join(installed(HOST), 'node_modules/authlint/dist/eslint.js')) });
  assert.deepEqual(places(eslint(HOST, root).messages), EXPECTED);
  assert.deepEqual(check(join(root, 'src')).found, EXPECTED);
});

test('what a package imports from beside it belongs to the project', (context) => {
  const app = MENDED_APP.replace("'./guard.js'", "'../../shared/guard.js'");
  const files = { '.git/HEAD': '', 'package.json': '{ "name": "all" }', 'shared/guard.js': BROKEN, ...below('server', { ...REST, 'src/app.js': app }) };
  const root = linted(context, HOST, { ...files, 'package.json': '{ "name": "all", "type": "module" }' });
  rmSync(join(root, 'src'), { recursive: true });
  const { found } = check(root);
  assert.deepEqual(found.map((place) => place.split(' ').slice(0, 2).join(' ')), ['no-ineffective-guard shared/guard.js', 'require-authentication server/src/orders.js', 'require-authentication server/src/users.js']);
  assert.deepEqual(places(eslint(HOST, root).messages), found);
  const inServer = check(join(root, 'server'));
  assert.deepEqual(inServer.found, found.slice(1));
  assert.match(inServer.stderr, /^authlint: the project is \.\.; this is what concerns server in it$/m);
  // A root that somebody chose stays; that the guard cannot be seen is said.
  write(root, { 'eslint.config.js': CONFIG.replace('recommended]', "recommended, { settings: { authlint: { root: 'server' } } }]") });
  const { messages } = eslint(HOST, root);
  assert.deepEqual(messages.map(({ file, line, message }) => [file, line, message]), [['server/src/app.js', 2, 'authlint: `../../shared/guard.js` is imported, and there is no such file in the project']]);
});

test('the bundlers too follow a package to what it imports from beside it', (context) => {
  const app = MENDED_APP.replace("'./guard.js'", "'../../shared/guard.js'");
  const config = "import authlint from 'authlint/rollup';\nexport default { input: 'page.js', output: { file: 'out/page.js' }, plugins: [authlint({ include: 'src' })] };\n";
  const server = { ...REST, 'src/app.js': app, 'page.js': 'export const page = 1;\n', 'rollup.config.js': config };
  const root = hostedProject(context, 'bundlers', { '.git/HEAD': '', 'package.json': '{ "name": "all" }', 'shared/guard.js': BROKEN, ...below('server', server) });
  const { stderr } = runHost('bundlers', 'rollup/dist/bin/rollup', ['--config', 'rollup.config.js'], { cwd: join(root, 'server') });
  for (const place of ['src/users.js (5:0)', 'src/orders.js (5:0)']) assert.ok(stderr.includes(place), stderr);
});

test('in a package of a workspace: one project, one configuration, the findings of the folder', (context) => {
  const root = linted(context, HOST, { 'package.json': '{ "private": true, "workspaces": ["packages/*"] }', ...below('packages/api', SERVER), 'packages/web/package.json': '{ "name": "web" }' });
  rmSync(join(root, 'src'), { recursive: true });
  const api = join(root, 'packages/api');
  const web = join(root, 'packages/web');
  const found = inside('packages/api');
  assert.deepEqual([check(root).found, check(api).found, check(web).found], [found, found, []]);
  assert.equal(authlint(['routes', '--format', 'json'], { cwd: web }).stdout.includes('/api/users'), false);
  assert.deepEqual(check(api, '--root', '.').found, EXPECTED, 'a root that was named is that');

  const exception = '{ "publicRoutes": ["/api/users"] }';
  write(api, { 'authlint.config.json': exception });
  assert.deepEqual(check(api).found, found.slice(0, 2));
  assert.deepEqual(places(eslint(HOST, root).messages), found.slice(0, 2));
  write(api, { 'authlint.config.json': '{ "ignore": ["./src/users.js"] }' });
  assert.deepEqual(check(root, '--root', root, '--config', join(api, 'authlint.config.json')).found, found, 'of a configuration that is named, globs are relative to the root');
  assert.ok(!check(api).found.some((place) => place.includes('users.js')));
  assert.ok(!places(eslint(HOST, root).messages).some((place) => place.includes('users.js')));
  write(root, { 'authlint.config.json': exception });
  const several = authlint(['check'], { cwd: api });
  assert.equal(several.code, 2);
  assert.match(several.stderr, /there are several configurations in \.\.\/\.\.: packages\/api\/authlint\.config\.json and authlint\.config\.json; keep one/);
  const { messages } = eslint(HOST, root, ['packages/api']);
  assert.equal(messages.length, 1, 'said once');
  assert.match(messages[0].message, /there are several configurations/);
  rmSync(join(api, 'authlint.config.json'));
  mkdirSync(join(api, 'src/deep'));
  assert.deepEqual(check(join(api, 'src')).found, found.slice(0, 2), 'found from a folder of the package');

  rmSync(join(root, 'authlint.config.json'));
  assert.match(authlint(['init'], { cwd: api }).stdout, /^✔ wrote \.\.\/\.\.\/authlint\.config\.json$/m);
  assert.deepEqual(JSON.parse(readFileSync(join(root, 'authlint.config.json'), 'utf8')).publicRoutes, []);
});

test('cacheKey looks at the project that is linted, and at what a preset reports', (context) => {
  const looksPublic = "import express from 'express';\nimport { prisma } from './db.js';\nconst app = express();\napp.get('/api/translations', async (req, res) => res.json(await prisma.translation.findMany()));\n";
  const app = MENDED_APP.replace("'./guard.js'", "'@all/guard'");
  const config = CONFIG.replace('recommended]', 'strict, authlint.cacheKey(import.meta.dirname)]');
  const files = {
    'package.json': '{ "private": true, "workspaces": ["packages/*"] }',
    'packages/guard/package.json': '{ "name": "@all/guard", "type": "module", "main": "index.js" }',
    'packages/guard/index.js': GUARD,
    ...below('packages/api', { ...REST, 'src/app.js': app, 'src/db.js': SERVER['src/db.js'], 'eslint.config.js': config }),
  };
  const root = linted(context, HOST, files);
  rmSync(join(root, 'src'), { recursive: true });
  const api = join(root, 'packages/api');
  const lint = () => places(eslint(HOST, api, ['--cache', '.']).messages);
  assert.deepEqual(lint(), []);
  write(root, { 'packages/guard/index.js': BROKEN }); // Another package.
  assert.deepEqual(lint(), EXPECTED.slice(1));
  write(root, { 'packages/guard/index.js': GUARD, 'packages/api/src/names.js': looksPublic }); // Below what is reported by default.
  assert.deepEqual(lint(), ['require-authentication src/names.js 4:1-4:96']);
  const guarded = looksPublic.replace("'express';", "'express';\nimport { open } from './open.js';").replace("translations',", "translations', open,");
  write(root, { 'packages/api/src/names.js': guarded, 'packages/api/src/open.js': 'export const open = (req, res, next) => next();\n' });
  assert.equal(lint().length, 1);
  write(root, { 'packages/api/src/open.js': 'export const open = (req, res, next) => res.status(401).end();\n' });
  assert.deepEqual(lint(), []);
});
