/** The ESLint plugin in the real Oxlint, which loads it through `jsPlugins`. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EXPECTED, MENDED_APP, SERVER } from './support/server.mjs';
import { hostedProject, runHost, write } from './support/tarball.mjs';

const RULES = { 'authlint/require-authentication': 'error', 'authlint/no-ineffective-guard': 'error' };

function oxlint(root, args = []) {
  const result = runHost('oxlint', 'oxlint/bin/oxlint', ['--format', 'json', ...args], { cwd: root });
  const { diagnostics } = JSON.parse(result.stdout);
  return { code: result.code, diagnostics };
}

/** Rule and place of each; Oxlint names where a finding begins, and how many bytes it is long. */
function places(diagnostics) {
  return diagnostics.map(({ code, filename, labels: [{ span }] }) => `${/\((.+)\)/.exec(code)[1]} ${filename} ${span.line}:${span.column}`).sort();
}

function linted(context, files = {}, config = {}) {
  return hostedProject(context, 'oxlint', {
    ...SERVER,
    '.oxlintrc.json': JSON.stringify({ jsPlugins: ['authlint/eslint'], categories: { correctness: 'off' }, rules: RULES, ...config }),
    ...files,
  });
}

test('finds what the command line finds, and is silent after the mend', (context) => {
  const root = linted(context);
  const { code, diagnostics } = oxlint(root);
  assert.equal(code, 1);
  assert.deepEqual(places(diagnostics), EXPECTED.map((place) => place.replace(/-\S+$/, '')));
  assert.match(diagnostics.find(({ filename }) => filename === 'src/orders.js').message, /\(src\/app\.js:8\)\.$/);
  write(root, { 'src/app.js': MENDED_APP });
  assert.deepEqual(oxlint(root), { code: 0, diagnostics: [] });
});

test('TypeScript, and text with a byte order mark and more than ASCII', (context) => {
  const root = linted(context, {
    'src/users.js': '',
    'src/orders.js': '',
    'src/app.ts': "// 😀 é\nimport express from 'express';\nimport { prisma } from './db.js';\nconst app = express();\napp.get('/api/users', async (req: Request, res: Response): Promise<void> => res.json(await prisma.user.findMany()));\n",
    'src/app.js': "\uFEFFimport express from 'express'; import { prisma } from './db.js'; const app = express(); app.get('/api/marked', async (req, res) => res.json(await prisma.user.findMany()));\n",
  });
  assert.deepEqual(
    oxlint(root).diagnostics.map(({ filename, labels: [{ span }] }) => [filename, span.length]).sort(),
    [
      ['src/app.js', "app.get('/api/marked', async (req, res) => res.json(await prisma.user.findMany()))".length],
      ['src/app.ts', "app.get('/api/users', async (req: Request, res: Response): Promise<void> => res.json(await prisma.user.findMany()))".length],
    ],
  );
});

test('settings.authlint and a configuration that is wrong', (context) => {
  const root = linted(context, { 'authlint.config.json': '{ "publicRoutes": 1 }' }, { settings: { authlint: { root: '.' } } });
  const { diagnostics } = oxlint(root, ['--threads', '1']);
  assert.equal(diagnostics.length, 1, JSON.stringify(diagnostics));
  assert.match(diagnostics[0].message, /authlint\.config\.json:1: .*publicRoutes/);
});
