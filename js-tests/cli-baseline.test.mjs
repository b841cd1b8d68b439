/** The baseline: what is accepted, what is new, what is not needed any more, and files that are no baseline. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { authlint, json, project } from './support/cli.mjs';

const server = (...routes) => `import express from 'express';\nconst app = express();\n${routes.map(([method, path]) => `app.${method}('${path}', async (req, res) => res.json(await db.users.find()));\n`).join('')}`;
const USERS = ['get', '/api/users'];
const REMOVE = ['delete', '/api/users'];
const ACCOUNTS = ['get', '/api/accounts'];

function check(root, ...more) {
  return authlint(['check', '--root', root, ...more], { cwd: root });
}

function accepted(root, name = 'known.json') {
  return JSON.parse(readFileSync(join(root, name), 'utf8')).findings;
}

test('--update-baseline accepts what is there; from then on only what is new counts', (context) => {
  const root = project(context, { 'app.js': server(USERS, REMOVE) });
  const first = check(root, '--baseline', 'known.json', '--update-baseline');
  assert.equal(first.code, 0, first.stderr);
  assert.match(first.stderr, /known\.json holds what is found now: 2 added, 0 removed/);
  assert.match(first.stdout, /✔ no new findings · 2 in the baseline/);
  const [entry] = accepted(root);
  assert.deepEqual(Object.keys(entry), ['fingerprint', 'rule', 'severity', 'endpoint', 'file', 'note']);
  assert.equal(entry.endpoint, 'DELETE /api/users');

  assert.equal(check(root, '--baseline', 'known.json').code, 0);
  assert.equal(check(root).code, 1, 'it counts only where it is named');

  writeFileSync(join(root, 'app.js'), `// lines move\n\n${server(USERS, ACCOUNTS, REMOVE)}`);
  const { code, stdout } = check(root, '--baseline', 'known.json');
  assert.equal(code, 1);
  assert.match(stdout, /GET \/api\/accounts/);
  assert.doesNotMatch(stdout, /GET \/api\/users {2}/);
  assert.match(stdout, /✖ 1 finding \(1 high\) · 2 in the baseline/);
});

test('notes survive an update, and an update that changes nothing writes the same bytes', (context) => {
  const root = project(context, { 'app.js': server(USERS, REMOVE) });
  check(root, '--baseline', 'known.json', '--update-baseline');
  const file = join(root, 'known.json');
  writeFileSync(file, readFileSync(file, 'utf8').replace('"note": ""', '"note": "until v3"'));
  const before = readFileSync(file, 'utf8');
  check(root, '--baseline', 'known.json', '--update-baseline');
  assert.equal(readFileSync(file, 'utf8'), before);
  writeFileSync(join(root, 'app.js'), server(REMOVE, ACCOUNTS));
  const { stderr } = check(root, '--baseline', 'known.json', '--update-baseline');
  assert.match(stderr, /1 added, 1 removed/);
  assert.deepEqual(accepted(root).map(({ endpoint, note }) => [endpoint, note]), [['DELETE /api/users', 'until v3'], ['GET /api/accounts', '']]);
});

test('entries that are not needed any more are named, and fail nothing', (context) => {
  const root = project(context, { 'app.js': server(USERS, REMOVE) });
  check(root, '--baseline', 'known.json', '--update-baseline');
  writeFileSync(join(root, 'app.js'), server(REMOVE));
  const { code, stdout } = check(root, '--baseline', 'known.json');
  assert.equal(code, 0);
  assert.match(stdout, /^UNUSED {2}1 entry of known\.json is not needed any more; --update-baseline takes it out\n +GET \/api\/users {2}require-authentication {2}app\.js$/m);
  const report = json('check', root, '--baseline', join(root, 'known.json'));
  assert.equal(report.baseline.accepted, 1);
  assert.deepEqual(report.baseline.unused.map((entry) => entry.endpoint), ['GET /api/users']);
  assert.deepEqual(report.findings, []);
});

test('two findings with one fingerprint: as many are accepted as were there', (context) => {
  const root = project(context, { 'a.js': server(USERS), 'b.js': server(USERS) });
  const { findings } = json('check', root);
  assert.equal(findings.length, 2);
  assert.equal(new Set(findings.map((finding) => finding.fingerprint)).size, 1);
  check(root, '--baseline', 'known.json', '--update-baseline');
  assert.deepEqual(accepted(root).map(({ count }) => count), [2]);
  assert.equal(check(root, '--baseline', 'known.json').code, 0);
  writeFileSync(join(root, 'c.js'), server(USERS));
  assert.deepEqual(json('check', root, '--baseline', join(root, 'known.json')).findings.map((finding) => finding.file), ['c.js']);
  rmSync(join(root, 'b.js'));
  rmSync(join(root, 'c.js'));
  const left = /1 entry of known\.json accepts more than there is; --update-baseline lowers the count\b/;
  const text = check(root, '--baseline', 'known.json').stdout;
  assert.match(text, new RegExp(`^UNUSED {2}${left.source}\n {8}GET /api/users {2}require-authentication {2}a\\.js {2}\\(1 of 2 left\\)$`, 'm'));
  assert.equal(json('check', root, '--baseline', join(root, 'known.json')).baseline.unused[0].used, 1);
  const summary = join(root, 'summary.md');
  const annotations = authlint(['check', '--baseline', 'known.json', '--format', 'github'], { cwd: root, env: { GITHUB_STEP_SUMMARY: summary } });
  assert.equal(annotations.code, 0);
  assert.match(annotations.stdout, new RegExp(`^::notice title=authlint baseline::${left.source}:%0AGET /api/users .*\\(1 of 2 left\\)$`, 'm'));
  assert.match(readFileSync(summary, 'utf8'), new RegExp(left.source));
});

test('`baseline` in the configuration is relative to it', (context) => {
  const root = project(context, { 'conf/authlint.config.json': '{ "baseline": "known.json" }', 'app.js': server(USERS) });
  const config = ['--config', 'conf/authlint.config.json'];
  assert.equal(check(root, ...config, '--update-baseline').code, 0);
  assert.ok(existsSync(join(root, 'conf/known.json')));
  assert.equal(check(root, ...config).code, 0);
  assert.equal(authlint(['check', '--root', root, '--config', join(root, 'conf/authlint.config.json')]).code, 0, 'from anywhere');
});

test('with paths, findings elsewhere are neither shown nor called unused', (context) => {
  const root = project(context, { 'a/app.js': server(USERS), 'b/app.js': server(ACCOUNTS) });
  check(root, '--baseline', 'known.json', '--update-baseline');
  const { code, stdout } = check(root, 'a', '--baseline', 'known.json');
  assert.equal(code, 0);
  assert.match(stdout, /no new findings · 1 in the baseline/);
  assert.doesNotMatch(stdout, /UNUSED/);
});

for (const [what, text, message] of [
  ['no JSON', '{\n  "schema": "authlint/baseline@1",\n  "findings": [}\n', /known\.json:3:\d+: this is not valid JSON/],
  ['comments, which an update would lose', '{\n  // why\n  "schema": "authlint/baseline@1", "findings": []\n}', /known\.json:2:\d+: this is not valid JSON: invalid comment token/],
  ['something else', '{ "findings": [] }', /known\.json:1: this is no baseline: it must hold "schema": "authlint\/baseline@1"/],
  ['an entry without a fingerprint', '{ "schema": "authlint/baseline@1",\n"findings": [\n{ "fingerprint": "x" },\n{ "rule": "x" }\n] }', /known\.json:4: an entry must be an object with a `fingerprint`/],
  ['a fingerprint twice', '{ "schema": "authlint/baseline@1",\n"findings": [\n{ "fingerprint": "x" },\n{ "fingerprint": "x" }\n] }', /known\.json:4: this fingerprint stands in an earlier entry/],
  ['a count that is none', '{ "schema": "authlint/baseline@1",\n"findings": [\n{ "fingerprint": "x", "count": 0 } ] }', /known\.json:3: `count` must be/],
]) {
  test(`a baseline that is corrupt (${what}): exit code 2, and an update does not touch it`, (context) => {
    const root = project(context, { 'app.js': server(USERS), 'known.json': text });
    for (const more of [[], ['--update-baseline']]) {
      const { code, stdout, stderr } = check(root, '--baseline', 'known.json', ...more);
      assert.equal(code, 2);
      assert.equal(stdout, '');
      assert.match(stderr, message);
    }
    assert.equal(readFileSync(join(root, 'known.json'), 'utf8'), text);
  });
}

test('a baseline that is missing: exit code 2, and how to make it', (context) => {
  const root = project(context, { 'app.js': server(USERS) });
  const { code, stderr } = check(root, '--baseline', 'known.json');
  assert.equal(code, 2);
  assert.match(stderr, /the baseline known\.json does not exist; --update-baseline makes it/);
});

for (const [args, message] of [
  [['--update-baseline'], /which file\? Say --baseline FILE/],
  [['--update-baseline', '--baseline', 'known.json', 'app.js'], /leave the paths out/],
  [['--update-baseline', '--baseline', 'known.json', '--changed-since', 'main'], /leave --changed-since out/],
  [['--update-baseline', '--baseline', 'no/such/folder/known.json'], /no\/such\/folder\/known\.json could not be written: no such file/],
]) {
  test(`check ${args.join(' ')}: exit code 2 and a message`, (context) => {
    const root = project(context, { 'app.js': server(USERS) });
    const { code, stderr } = check(root, ...args);
    assert.equal(code, 2);
    assert.match(stderr, message);
    assert.ok(!existsSync(join(root, 'known.json')));
  });
}
