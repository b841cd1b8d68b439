/** `--watch`, as a user sees it: real edits, and what is printed after each. */
import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { authlint, BIN, OPEN_SERVER, project } from './support/cli.mjs';

const GUARD = 'export const guard = (req, res, next) => (req.session.userId ? next() : res.status(401).end());\n';
const SERVER = {
  'app.js': "import express from 'express';\nimport { guard } from './guard.js';\nconst app = express();\napp.use(guard);\napp.get('/api/users', async (req, res) => res.json(await db.users.find()));\n",
  'guard.js': GUARD,
};

/** Starts a watch; `until` waits for a text that comes after what was read before. */
async function watching(context, root, ...more) {
  const { NO_COLOR, FORCE_COLOR, ...env } = process.env;
  const child = fork(BIN, ['check', '--watch', '--root', root, ...more], { silent: true, env, cwd: root });
  context.after(() => child.kill('SIGKILL'));
  let text = '';
  let wake = () => {};
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => ((text += data), wake()));
  const ready = new Promise((resolve) => child.once('message', resolve));
  const until = async (pattern) => {
    const deadline = setTimeout(() => wake('late'), 30_000);
    try {
      for (;;) {
        const match = pattern.exec(text);
        if (match) {
          const seen = text.slice(0, match.index + match[0].length);
          text = text.slice(seen.length);
          return seen;
        }
        assert.equal(await new Promise((resolve) => (wake = resolve)), undefined, `never printed ${pattern}; but:\n${text}`);
      }
    } finally {
      clearTimeout(deadline);
    }
  };
  const stop = (signal) => new Promise((resolve) => (child.once('exit', (code) => resolve(code)), child.kill(signal)));
  const first = await until(/watching for changes.*\n/);
  await ready;
  return { first, until, stop };
}

test('an edit in another file: what it opened, what it mended, and nothing else', async (context) => {
  const root = project(context, { ...SERVER, 'other.js': OPEN_SERVER.replace('/api/users', '/api/other') });
  const { first, until, stop } = await watching(context, root);
  assert.match(first, /HIGH {2}GET \/api\/other/);
  assert.match(first, /✖ 1 finding /);

  writeFileSync(join(root, 'guard.js'), 'export const guard = (req, res, next) => next();\n');
  const opened = await until(/✖ 2 findings .*\n/);
  assert.match(opened, /^\d\d:\d\d:\d\d {2}guard\.js$/m);
  assert.match(opened, /HIGH {2}GET \/api\/users {2}require-authentication/);
  assert.doesNotMatch(opened, /\/api\/other/, 'it was printed before');
  assert.ok(!opened.includes('\u001b'), 'no terminal is cleared where there is none');

  writeFileSync(join(root, 'guard.js'), GUARD);
  const mended = await until(/✖ 1 finding .*\n/);
  assert.match(mended, /✔ mended {2}HIGH {2}GET \/api\/users {2}require-authentication {2}app\.js:5/);

  writeFileSync(join(root, 'guard.js'), `${GUARD}// a comment\n`);
  assert.doesNotMatch(await until(/✖ 1 finding .*\n/), /mended|GET/);
  assert.equal(await stop('SIGINT'), 0);
});

test('files that come and go, and what does not parse for a moment', async (context) => {
  const root = project(context, SERVER);
  const { first, until, stop } = await watching(context, root);
  assert.match(first, /✔ no findings/);
  writeFileSync(join(root, 'new.js'), OPEN_SERVER.replace('/api/users', '/api/new'));
  assert.match(await until(/✖ 1 finding .*\n/), /HIGH {2}GET \/api\/new/);
  writeFileSync(join(root, 'new.js'), "import express from 'express';\nconst = 1;\n");
  assert.match(await until(/no findings.*\n/), /ERROR {2}new\.js:2/);
  rmSync(join(root, 'new.js'));
  assert.match(await until(/✔ no findings\n/), /new\.js/);
  assert.equal(await stop('SIGTERM'), 0);
});

test('the configuration and the baseline are watched too; a mistake in them ends nothing', async (context) => {
  const root = project(context, { 'app.js': OPEN_SERVER, 'authlint.config.json': '{}', 'known.json': '{ "schema": "authlint/baseline@1", "findings": [] }' });
  const { until } = await watching(context, root, '--baseline', 'known.json');
  writeFileSync(join(root, 'authlint.config.json'), '{\n  "publicRuotes": [] }');
  await until(/authlint\.config\.json:2: unknown key `publicRuotes`.*\n/);
  writeFileSync(join(root, 'authlint.config.json'), '{ "publicRoutes": ["/api/users"] }');
  assert.match(await until(/✔ no findings/), /mended/);
  writeFileSync(join(root, 'authlint.config.json'), '{}');
  await until(/✖ 1 finding/);
  writeFileSync(join(root, 'known.json'), '{');
  await until(/known\.json:1:\d+: this is not valid JSON/);
  authlint(['check', '--baseline', 'known2.json', '--update-baseline'], { cwd: root });
  writeFileSync(join(root, 'known.json'), '{ "schema": "authlint/baseline@1", "findings": [] }');
  await until(/known\.json\n✖ 1 finding/);
});

test('what cannot be watched is refused', (context) => {
  const root = project(context, { 'app.js': OPEN_SERVER });
  for (const [args, message] of [
    [['--format', 'json'], /--watch prints text/],
    [['--baseline', 'x.json', '--update-baseline'], /do not go together/],
    [['--changed-since', 'main'], /do not go together/],
  ]) {
    const { code, stderr } = authlint(['check', '--watch', ...args], { cwd: root });
    assert.equal(code, 2);
    assert.match(stderr, message);
  }
  const wrong = authlint(['check', '--watch'], { cwd: project(context, { 'authlint.config.json': '{ "x": 1 }' }) });
  assert.equal(wrong.code, 2);
  assert.match(wrong.stderr, /authlint\.config\.json:1: unknown key `x`/);
});
