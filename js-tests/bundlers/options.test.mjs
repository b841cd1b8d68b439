/** The options of the plugin, mistakes in them, and projects of several packages. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { hostedProject, installed, write } from '../support/tarball.mjs';
import { HOSTS } from './hosts.mjs';
import { commandLine, run } from './runs.mjs';
import { EXPECTED, MENDED_APP, SERVER } from './server.mjs';

const { rollup, webpack, vite, esbuild } = HOSTS;
const build = (host, root, options) => run('bundlers', host.build, root, { options });
const count = (output) => output.split(/\((?:require-authentication|no-ineffective-guard)\)/).length - 1;

for (const [options, message] of [
  [{ failon: 'high' }, 'authlint: there is no option `failon`; there are root, config, failOn, include, cache, overlay'],
  [{ failOn: 'fatal' }, "authlint: the option `failOn` must be `false` or one of 'low', 'medium', 'high', 'critical'"],
  [{ include: 7 }, 'authlint: the option `include` must be a path or an array of paths'],
  [{ root: false }, 'authlint: the option `root` must be the path of a folder'],
]) {
  test(`${JSON.stringify(options)} is a mistake that is named`, (context) => {
    const root = hostedProject(context, 'bundlers', { ...SERVER, ...rollup.files });
    const { code, output } = build(rollup, root, options);
    assert.equal(code, 1);
    assert.ok(output.includes(message), output);
  });
}

test('include: findings in these folders and files only', (context) => {
  const root = hostedProject(context, 'bundlers', { ...SERVER, ...rollup.files });
  assert.equal(count(build(rollup, root, { include: 'src' }).output), EXPECTED.length);
  const { output } = build(rollup, root, { include: ['./src/users.js', 'lib/'] });
  assert.equal(count(output), 1);
  assert.match(output, /GET \/api\/users/);
});

test('include: globs, and what no file matches is an error where findings fail the build', (context) => {
  const route = SERVER['src/users.js'].replaceAll('users', 'admin');
  const app = SERVER['src/app.js'].replace("app.use('/api/users'", "import { admin } from './app/[id]/admin.js';\napp.use('/admin', admin);\napp.use('/api/users'");
  const files = { ...SERVER, 'src/app.js': app, 'src/app/[id]/admin.js': route.replace('./db.js', '../../db.js') };
  for (const host of [rollup, esbuild]) {
    const root = hostedProject(context, 'bundlers', { ...files, ...host.files });
    for (const [include, number] of [['src/**', 4], ['src/*.js', 3], ['**/users.js', 1], ['src/app/[id]', 1], [['src/o*', './src/app/'], 2]]) {
      const { code, output } = build(host, root, { include, failOn: 'critical' });
      assert.equal(code, 0, output);
      assert.equal(count(output), number, `${JSON.stringify(include)}: ${output}`);
    }
    const mistake = /the option `include` names `sorc`, `\*\*\/\*\.tsx`, which no file of the project matches/;
    const failed = build(host, root, { include: ['src/users.js', 'sorc', '**/*.tsx'], failOn: 'critical' });
    assert.equal(failed.code, 1, failed.output);
    assert.match(failed.output, mistake);
    assert.equal(count(failed.output), 1, 'the rest goes on');
    const warned = build(host, root, { include: ['sorc', '**/*.tsx'] });
    assert.equal(warned.code, 0, warned.output);
    assert.match(warned.output, mistake);
  }
});

test('config: an object, or the path of a file', (context) => {
  const root = hostedProject(context, 'bundlers', { ...SERVER, ...rollup.files, 'security/authlint.json': '{ "publicRoutes": ["/api/users"] }' });
  assert.equal(count(build(rollup, root, {}).output), 3);
  assert.doesNotMatch(build(rollup, root, { config: 'security/authlint.json' }).output, /GET \/api\/users/);
  assert.doesNotMatch(build(rollup, root, { config: { publicRoutes: ['/api/users'] } }).output, /GET \/api\/users/);
});

test('failOn and the baseline of the configuration hold here too; the option of the plugin counts before them', (context) => {
  const root = hostedProject(context, 'bundlers', { ...SERVER, ...rollup.files, 'authlint.config.json': '{ "failOn": "high", "baseline": "known.json" }' });
  const missing = build(rollup, root, {});
  assert.equal(missing.code, 1, 'nothing is accepted');
  assert.match(missing.output, /the baseline .*known\.json does not exist/);

  const entries = commandLine('bundlers', root, ['--baseline', 'empty.json', '--update-baseline']);
  assert.equal(entries.length, 0);
  write(root, { 'known.json': readFileSync(join(root, 'empty.json'), 'utf8') });
  assert.equal(build(rollup, root, { failOn: 'low' }).code, 0);

  const { findings } = JSON.parse(readFileSync(join(root, 'known.json'), 'utf8'));
  write(root, { 'known.json': JSON.stringify({ schema: 'authlint/baseline@1', findings: findings.slice(1) }) });
  const failed = build(rollup, root, {});
  assert.equal(failed.code, 1, failed.output);
  assert.equal(count(failed.output), 1);
  const tolerated = build(rollup, root, { failOn: false });
  assert.equal(tolerated.code, 0, tolerated.output);
  assert.equal(count(tolerated.output), 1);
});

test('failOn: a server that cannot be parsed does not pass for a clean one', (context) => {
  for (const host of [rollup, webpack, vite, esbuild]) {
    const root = hostedProject(context, 'bundlers', { ...SERVER, ...host.files, 'src/app.js': `${MENDED_APP}const = 1;\n` });
    const failed = build(host, root, { failOn: 'critical' });
    assert.equal(failed.code, 1, failed.output);
    assert.match(failed.output, /could not be analysed as a whole; the rest was:\s+src\/app\.js:11: /);
    assert.equal(build(host, root, { failOn: false }).code, 0);
  }
});

test('without its engine the plugin says so, and the build goes on', (context) => {
  const root = hostedProject(context, 'bundlers', { ...SERVER, ...rollup.files });
  cpSync(join(installed('bundlers'), 'node_modules/authlint'), join(root, 'node_modules/authlint'), { recursive: true });
  rmSync(join(root, 'node_modules/authlint/dist/wasm/authlint_bg.wasm'));
  const { code, output } = build(rollup, root, { cache: false });
  assert.equal(code, 0, output);
  assert.match(output, /nothing was analysed: .*authlint_bg\.wasm/);
});

test('a mistake in the configuration: a warning, and where findings fail the build, an error', (context) => {
  for (const host of [rollup, webpack, esbuild, vite]) {
    const root = hostedProject(context, 'bundlers', { ...SERVER, ...host.files, 'authlint.config.json': '{\n  "publicRuotes": []\n}\n' });
    const complaint = /nothing was analysed: .*authlint\.config\.json:2: .*publicRuotes/;
    const warned = build(host, root, {});
    assert.equal(warned.code, 0, warned.output);
    assert.match(warned.output, complaint);
    const failed = build(host, root, { failOn: 'critical' });
    assert.equal(failed.code, 1, failed.output);
    assert.match(failed.output, complaint);
  }
});

test('a module as configuration may use top-level `await`', (context) => {
  const text = "const open = await Promise.resolve(['/api/users']);\nexport default { publicRoutes: open };\n";
  const root = hostedProject(context, 'bundlers', { ...SERVER, ...rollup.files, 'authlint.config.mjs': text });
  const { output } = build(rollup, root, {});
  assert.equal(count(output), 2, output);
  assert.doesNotMatch(output, /nothing was analysed|GET \/api\/users/);
});

test("flags that only the bundler's own thread takes do not end the analysis", (context) => {
  const root = hostedProject(context, 'bundlers', SERVER);
  const script = "import { rollup } from 'rollup'; import authlint from 'authlint/rollup'; await rollup({ input: 'client.js', plugins: [authlint()] });";
  const { status, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], { cwd: root, encoding: 'utf8' });
  assert.equal(status, 0, stderr);
  assert.equal(count(stderr), 3, stderr);
});

test('a file that cannot be parsed is named, and the rest is analysed', (context) => {
  const root = hostedProject(context, 'bundlers', { ...SERVER, ...rollup.files, 'src/broken.js': "import express from 'express';\nconst app = = express();\n" });
  const { code, output } = build(rollup, root, {});
  assert.equal(code, 0, output);
  assert.match(output, /a file could not be analysed as a whole; the rest was:\s+src\/broken\.js:2: /);
  assert.equal(count(output), 3);
});

test('a byte order mark is no column', (context) => {
  const line = `${SERVER['src/users.js'].replaceAll('\n', ' ')}\n`;
  const root = hostedProject(context, 'bundlers', { ...SERVER, ...rollup.files, 'src/users.js': `\uFEFF${line}` });
  const { output } = build(rollup, root, {});
  assert.ok(output.includes(`src/users.js (1:${line.indexOf('users.get')})`), output);
});

test('a folder that does not exist, a cache that cannot be written', (context) => {
  const root = hostedProject(context, 'bundlers', { ...SERVER, ...rollup.files, blocked: 'a file' });
  const missing = build(rollup, root, { root: 'nowhere' });
  assert.equal(missing.code, 0, missing.output);
  assert.match(missing.output, /nothing was analysed: .*nowhere/);
  const blocked = build(rollup, root, { cache: 'blocked/cache' });
  assert.equal(blocked.code, 0, blocked.output);
  assert.equal(count(blocked.output), 3);
});

test('the bundle of one package shows the findings of the server in another one of the workspace', (context) => {
  const page = Object.fromEntries(Object.entries(SERVER).filter(([path]) => !path.startsWith('src/')));
  const below = (folder, files) => Object.fromEntries(Object.entries(files).map(([path, text]) => [`${folder}/${path}`, text]));
  const root = hostedProject(context, 'bundlers', {
    'package.json': '{ "private": true, "workspaces": ["packages/*"] }',
    ...below('packages/server', SERVER),
    ...below('packages/page', { ...page, ...webpack.files }),
  });
  const own = join(root, 'packages/page');
  const { code, output } = build(webpack, own, { failOn: 'high' });
  assert.equal(code, 1, output);
  assert.equal(count(output), 3);
  assert.match(output, /ERROR in \.\.\/server\/src\/users\.js/);

  const chosen = build(webpack, own, { failOn: 'high', root: '.' });
  assert.equal(chosen.code, 0, chosen.output);
  write(root, { 'packages/server/src/app.js': MENDED_APP });
  assert.equal(build(webpack, own, { failOn: 'high' }).code, 0);
});
