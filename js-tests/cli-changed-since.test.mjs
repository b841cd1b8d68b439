/** `--changed-since`: the findings that a branch is to blame for, in real repositories. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { authlint, json, OPEN_SERVER, project } from './support/cli.mjs';

const open = (path) => OPEN_SERVER.replace('/api/users', path);

/** A guard in one file protects the routes of another; nothing else names it. */
const GUARDED = {
  'app.js': `import express from 'express';
import { guard } from './guard.js';
import { users } from './users.js';
const app = express();
app.use('/api', guard, users);
`,
  'guard.js': 'export const guard = (req, res, next) => (req.session.userId ? next() : res.status(401).end());\n',
  'users.js': "import { Router } from 'express';\nexport const users = Router();\nusers.get('/users', async (req, res) => res.json(await db.users.find()));\n",
};

function git(cwd, ...args) {
  const identity = ['-c', 'user.name=Test', '-c', 'user.email=test@example.com', '-c', 'init.defaultBranch=main', '-c', 'commit.gpgsign=false', '-c', 'protocol.file.allow=always'];
  return execFileSync('git', [...identity, ...args], { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

/** A repository with these files in its first commit, on `main`. */
function repository(context, files) {
  const root = project(context, files);
  git(root, 'init', '-q');
  commit(root);
  return root;
}

function commit(root) {
  git(root, 'add', '-A');
  git(root, 'commit', '-qm', 'change', '--allow-empty');
}

function write(root, path, text) {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

/** `file METHOD path` of each finding since a commit. */
function since(root, ref, ...more) {
  return json('check', root, '--changed-since', ref, ...more)
    .findings.filter((finding) => finding.rule === 'require-authentication')
    .map(({ file, endpoint }) => `${file} ${endpoint.method} ${endpoint.path}`);
}

test('committed, staged, unstaged and untracked changes count; what did not change does not', (context) => {
  const root = repository(context, { 'old.js': open('/api/old'), 'a.js': '', 'b.js': '', 'c.js': '', '.gitignore': 'ignored.js\n' });
  assert.deepEqual(since(root, 'main'), []);
  assert.equal(authlint(['check', '--root', root, '--changed-since', 'main']).code, 0);
  git(root, 'checkout', '-qb', 'feature');
  write(root, 'a.js', open('/api/committed'));
  commit(root);
  write(root, 'b.js', open('/api/staged'));
  git(root, 'add', 'b.js');
  write(root, 'c.js', open('/api/unstaged'));
  write(root, 'new folder/ü.js', open('/api/untracked'));
  const expected = ['a.js GET /api/committed', 'b.js GET /api/staged', 'c.js GET /api/unstaged', 'new folder/ü.js GET /api/untracked'];
  assert.deepEqual(since(root, 'main'), expected);
  assert.deepEqual(since(root, 'HEAD'), expected.slice(1));
  const { code, stdout } = authlint(['check', '--root', root, '--changed-since', 'main']);
  assert.equal(code, 1);
  assert.match(stdout, /✖ 4 findings \(4 high\) in what changed since main \(4 files\)/);
});

test('what happened on the other branch meanwhile is not this one\'s doing', (context) => {
  const root = repository(context, { 'a.js': '' });
  git(root, 'branch', 'feature');
  write(root, 'a.js', open('/api/theirs'));
  commit(root);
  git(root, 'checkout', '-q', 'feature');
  write(root, 'b.js', open('/api/mine'));
  commit(root);
  assert.deepEqual(since(root, 'main'), ['b.js GET /api/mine']);
});

test('a finding counts when any place of its trace was changed', (context) => {
  const root = repository(context, { ...GUARDED, 'app.js': GUARDED['app.js'].replace("app.use('/api', guard, users)", "app.use('/api', users);\napp.use(guard)") });
  write(root, 'app.js', `${GUARDED['app.js'].replace("app.use('/api', guard, users)", "app.use('/api', users);\napp.use(guard)")}// edited\n`);
  assert.deepEqual(since(root, 'HEAD'), ['users.js GET /api/users']);
});

test('a guard that is taken away opens an endpoint in a file that did not change', (context) => {
  const root = repository(context, { ...GUARDED, 'other.js': open('/api/other') });
  assert.deepEqual(since(root, 'HEAD'), []);
  write(root, 'app.js', GUARDED['app.js'].replace('guard, users', 'users'));
  assert.deepEqual(since(root, 'HEAD'), ['users.js GET /api/users']);
  write(root, 'app.js', GUARDED['app.js']);
  write(root, 'guard.js', 'export const guard = (req, res, next) => next();\n');
  assert.deepEqual(since(root, 'HEAD'), ['users.js GET /api/users']);
});

test('what the configuration or the baseline lets pass no more is new', (context) => {
  const files = { 'app.js': open('/api/users'), 'old.js': open('/api/old') };
  const root = repository(context, { ...files, 'authlint.config.json': '\uFEFF{ "publicRoutes": ["/api/users"] } // why' });
  assert.deepEqual(since(root, 'HEAD'), []);
  write(root, 'authlint.config.json', '{}');
  assert.deepEqual(since(root, 'HEAD'), ['app.js GET /api/users']);
  rmSync(join(root, 'authlint.config.json'));
  assert.deepEqual(since(root, 'HEAD'), ['app.js GET /api/users'], 'deleted');
  write(root, 'authlint.config.mjs', 'export default { rules: {} };');
  assert.deepEqual(since(root, 'HEAD'), ['app.js GET /api/users'], 'another in its place');

  const known = (...entries) => JSON.stringify({ schema: 'authlint/baseline@1', findings: entries });
  const entries = json('check', root).findings.map(({ fingerprint }) => ({ fingerprint }));
  const accepting = repository(context, { ...files, 'known.json': known(...entries), 'authlint.config.json': '{ "baseline": "known.json" }' });
  assert.deepEqual(since(accepting, 'HEAD'), []);
  write(accepting, 'known.json', known(entries[0]));
  assert.deepEqual(since(accepting, 'HEAD').length, 1);
  assert.deepEqual(since(accepting, 'HEAD', '--baseline', join(accepting, 'known.json')).length, 1);
  write(accepting, 'authlint.config.json', '{}');
  assert.deepEqual(since(accepting, 'HEAD').length, 2, 'no baseline any more');
});

test('a configuration outside of the project, and one that lets pass more', (context) => {
  const root = repository(context, { 'conf/auth.json': '{ "publicRoutes": ["/api/users"] }', 'server/app.js': open('/api/users') });
  const config = ['--config', join(root, 'conf/auth.json')];
  assert.deepEqual(since(join(root, 'server'), 'HEAD', ...config), []);
  write(root, 'conf/auth.json', '{}');
  assert.deepEqual(since(join(root, 'server'), 'HEAD', ...config), ['app.js GET /api/users']);
  commit(root);
  write(root, 'conf/auth.json', '{ "minSeverity": "low" }');
  assert.deepEqual(since(join(root, 'server'), 'HEAD', ...config), []);
});

test('a configuration that is code cannot be asked what it said: all findings count, and that is said', (context) => {
  const root = repository(context, { 'authlint.config.mjs': "export default { publicRoutes: ['/api/users'] };", 'app.js': open('/api/users'), 'old.js': open('/api/old') });
  write(root, 'authlint.config.mjs', 'export default {};');
  const { findings, stderr } = json('check', root, '--changed-since', 'HEAD');
  assert.equal(findings.length, 2);
  assert.match(stderr, /^authlint: --changed-since HEAD: all findings count, since nobody can tell which are new: .*authlint\.config\.mjs changed, and what it said before is code, which is not run$/m);
});

test('a deleted file, and one that came in its place', (context) => {
  const root = repository(context, { 'app.js': GUARDED['app.js'].replace('./guard.js', './guard'), 'guard.js': GUARDED['guard.js'], 'users.js': GUARDED['users.js'] });
  rmSync(join(root, 'guard.js'));
  write(root, 'guard/index.js', 'export const guard = (req, res, next) => next();\n');
  assert.deepEqual(since(root, 'HEAD'), ['users.js GET /api/users']);
});

test('a project in a folder of the repository', (context) => {
  const root = repository(context, { 'packages/a/app.js': open('/api/a'), 'packages/b/app.js': open('/api/b') });
  write(root, 'packages/a/app.js', `${open('/api/a')}\n`);
  assert.deepEqual(since(join(root, 'packages/a'), 'HEAD'), ['app.js GET /api/a']);
  assert.deepEqual(since(join(root, 'packages/b'), 'HEAD'), []);
  assert.deepEqual(since(root, 'HEAD'), ['packages/a/app.js GET /api/a']);
});

function fails(root, ref, message) {
  const { code, stdout, stderr } = authlint(['check', '--root', root, '--changed-since', ref]);
  assert.equal(code, 2);
  assert.equal(stdout, '');
  assert.match(stderr, message);
}

test('no repository, no such commit, no common commit, an option in its place', (context) => {
  fails(project(context, { 'a.js': '' }), 'main', /--changed-since main: the project .* is not in a git repository/);
  const root = repository(context, { 'a.js': '' });
  fails(root, 'nowhere', /--changed-since nowhere: git knows no commit, branch or tag nowhere\n/);
  fails(root, '--output=x', /this is no name of a commit/);
  git(root, 'checkout', '-q', '--orphan', 'island');
  write(root, 'a.js', '// island');
  commit(root);
  fails(root, 'main', /main and HEAD have no commit in common/);
});

test('a shallow clone: the message says how to get the rest', (context) => {
  const root = repository(context, { 'a.js': '' });
  git(root, 'checkout', '-qb', 'feature');
  write(root, 'a.js', '// feature');
  commit(root);
  git(root, 'checkout', '-q', 'main');
  write(root, 'a.js', '// main');
  commit(root);
  const clone = project(context, {});
  git(clone, 'clone', '-q', '--depth', '1', '--no-single-branch', `file://${root}`, 'clone');
  fails(join(clone, 'clone'), 'origin/feature', /have no commit in common\. This clone is shallow.*fetch-depth: 0/);
  fails(join(clone, 'clone'), 'v1', /git knows no .* v1\. This clone is shallow/);
});
