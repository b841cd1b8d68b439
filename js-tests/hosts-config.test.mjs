/** What a configuration says of the findings holds in every host that looks at a project again and again. */
import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { createProject } from '../npm/dist/index.js';
import { authlint, OPEN_SERVER, project } from './support/cli.mjs';

const paths = (live) => live.report().findings.findings.map((finding) => finding.endpoint.path);
const errors = (live) => live.report().findings.errors.map(({ file, line, message }) => `${file}:${line}: ${message}`);

/** A project whose configuration names a baseline that accepts what is there. */
function accepted(context) {
  const root = project(context, { 'app.js': OPEN_SERVER, 'authlint.config.json': '{ "baseline": "known.json", "failOn": "critical" }' });
  assert.equal(authlint(['check', '--root', root, '--update-baseline']).code, 0);
  return root;
}

test('a project leaves out what the baseline accepts, and follows the file', (context) => {
  const root = accepted(context);
  const live = createProject({ root, cache: false });
  context.after(() => live.dispose());
  assert.deepEqual(paths(live), []);
  assert.equal(live.failOn, 'CRITICAL');
  assert.deepEqual(live.files(), ['app.js', 'authlint.config.json', 'known.json']);

  live.setText('app.js', OPEN_SERVER.replace("app.listen(3000)", "app.get('/api/new', async (req, res) => res.json(await prisma.user.findMany()))"));
  assert.deepEqual(paths(live), ['/api/new']);
  live.setText('app.js', undefined);

  const before = live.report();
  live.refresh();
  assert.equal(live.report(), before, 'nothing changed');
  writeFileSync(join(root, 'known.json'), '{ "schema": "authlint/baseline@1", "findings": [] }');
  live.changed([join(root, 'known.json')]);
  assert.deepEqual(paths(live), ['/api/users']);
  writeFileSync(join(root, 'authlint.config.json'), '{}');
  live.refresh();
  assert.equal(live.failOn, undefined);
  assert.deepEqual(live.files(), ['app.js', 'authlint.config.json']);
});

test('a baseline that is corrupt or missing accepts nothing, and is said', (context) => {
  const root = accepted(context);
  const live = createProject({ root, cache: false });
  context.after(() => live.dispose());
  writeFileSync(join(root, 'known.json'), '{\n"schema": "x" }');
  live.refresh();
  assert.deepEqual(paths(live), ['/api/users']);
  assert.match(errors(live)[0], /^known\.json:1: .*this is no baseline/);
  assert.ok(live.isGeneral(live.report().findings.errors[0]), 'no source file is to blame');
  rmSync(join(root, 'known.json'));
  live.refresh();
  assert.match(errors(live)[0], /^known\.json:1: the baseline .*known\.json does not exist/);
});

test('a configuration that is given directly holds the same keys', (context) => {
  const root = accepted(context);
  const live = createProject({ root, cache: false, config: { baseline: 'known.json', failOn: 'never' } });
  context.after(() => live.dispose());
  assert.deepEqual(paths(live), []);
  assert.equal(live.failOn, 'never');
  assert.throws(() => createProject({ root, config: { failOn: 'fatal' } }), /`failOn` must be/);
});

test('a configuration and a baseline outside of the root are followed too', (context) => {
  const root = project(context, { 'app/app.js': OPEN_SERVER, 'conf/authlint.json': '{ "baseline": "known.json" }', 'conf/known.json': '{ "schema": "authlint/baseline@1", "findings": [] }' });
  const configFile = join(root, 'conf/authlint.json');
  const live = createProject({ root: join(root, 'app'), configFile, cache: false });
  context.after(() => live.dispose());
  assert.deepEqual(paths(live), ['/api/users']);
  assert.deepEqual(live.files().sort(), ['app.js', configFile, join(root, 'conf/known.json')].sort());
  writeFileSync(configFile, '{ "publicRoutes": ["/api/users"] }');
  live.changed([configFile]);
  assert.deepEqual(paths(live), []);
});
