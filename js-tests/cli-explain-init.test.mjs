/** `authlint explain` and `authlint init`. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'node:test';
import { engineRules } from '../npm/dist/internal.js';
import { authlint, project } from './support/cli.mjs';

const HEADINGS = ['What it does', 'Why is this bad?', 'Known problems', 'When not to use it'];

for (const { name, summary, cwe } of engineRules()) {
  test(`explain ${name}: the page, for people`, () => {
    const { code, stdout } = authlint(['explain', name]);
    assert.equal(code, 0);
    const lines = stdout.split('\n');
    assert.ok(lines[0].startsWith(`${name}  ${cwe[0]}`));
    assert.equal(lines[1], `${summary}.`);
    for (const heading of HEADINGS) assert.ok(lines.includes(heading), heading);
    assert.match(stdout, /reported: HIGH/, 'the example says what is reported');
    assert.doesNotMatch(stdout, /```|\/\/ error: \[|\]\(|^#/m, 'neither Markdown nor the machinery of specs');
    for (const line of lines.filter((text) => !text.includes('│'))) assert.ok(line.length <= 100, line);
    const examples = authlint(['explain', name, '--examples']).stdout;
    assert.ok(examples.length > 2 * stdout.length);
    assert.doesNotMatch(examples, /```|\/\/ error: \[|^ *(?:GET|POST) \/\S* (?:none|required)$/m);
  });
}

test('explain --list names all rules, with what they are about', () => {
  const { code, stdout } = authlint(['explain', '--list']);
  assert.equal(code, 0);
  for (const { name, summary } of engineRules()) assert.match(stdout, new RegExp(`^${name} +${summary} `, 'm'));
});

test('explain: the name as ESLint shows it, a typing mistake, no name', () => {
  assert.equal(authlint(['explain', 'authlint/require-authentication']).code, 0);
  const typo = authlint(['explain', 'require-authentification']);
  assert.equal(typo.code, 2);
  assert.match(typo.stderr, /there is no rule require-authentification; did you mean require-authentication\?/);
  assert.doesNotMatch(authlint(['explain', 'xyz']).stderr, /did you mean/);
  const none = authlint(['explain']);
  assert.equal(none.code, 2);
  assert.match(none.stderr, /--list names them all/);
});

test('init writes a configuration that check accepts', (context) => {
  const root = project(context, { 'package.json': '{}' });
  const { code, stdout } = authlint(['init'], { cwd: root });
  assert.equal(code, 0);
  assert.match(stdout, /^✔ wrote authlint\.config\.json$/m);
  assert.match(stdout, /npm install --save-dev authlint/);
  assert.match(stdout, /npx authlint check/);
  assert.deepEqual(readdirSync(root).sort(), ['authlint.config.json', 'package.json']);
  const config = JSON.parse(readFileSync(join(root, 'authlint.config.json'), 'utf8'));
  assert.match(config.$schema, /^https:\/\/.*\/authlint\.schema\.json$/);
  assert.equal(authlint(['check'], { cwd: root }).code, 0);
});

test('init never overwrites', (context) => {
  const files = { 'authlint.config.mjs': 'export default { publicRoutes: ["/x"] };\n', 'package.json': '{}', 'eslint.config.js': 'export default [];\n' };
  const root = project(context, files);
  const { code, stdout } = authlint(['init', '--root', root]);
  assert.equal(code, 0);
  assert.match(stdout, /authlint\.config\.mjs is there already and stays as it is/);
  for (const [name, text] of Object.entries(files)) assert.equal(readFileSync(join(root, name), 'utf8'), text);
  assert.ok(!existsSync(join(root, 'authlint.config.json')));
});

test('init says which lines to add to what is there', (context) => {
  const root = project(context, {
    'package.json': '{ "type": "module", "devDependencies": { "authlint": "*" } }',
    'pnpm-lock.yaml': '',
    'eslint.config.js': 'export default [];\n',
    '.oxlintrc.json': '{}',
    'vite.config.ts': 'export default {};\n',
    'webpack.config.cjs': 'module.exports = {};\n',
    'rollup.config.js': '',
    'next.config.mjs': 'export default {};\n',
    'nuxt.config.ts': 'export default {};\n',
    'node_modules/authlint/authlint.schema.json': '{}',
    '.github/workflows/ci.yml': '',
  });
  const { stdout } = authlint(['init', '--root', root]);
  assert.doesNotMatch(stdout, /Install it/, 'it is installed');
  for (const lines of [
    "ESLint: eslint.config.js\n  import authlint from 'authlint/eslint'\n\n  [\n    authlint.configs.recommended,\n  ]\n",
    'Oxlint: .oxlintrc.json\n  "jsPlugins": ["authlint/eslint"],\n',
    "Vite: vite.config.ts\n  import authlint from 'authlint/vite'\n\n  {\n    plugins: [authlint()],\n  }\n",
    "webpack: webpack.config.cjs\n  const authlint = require('authlint/webpack')\n",
    "Rollup: rollup.config.js\n  import authlint from 'authlint/rollup'\n",
    "Next.js: next.config.mjs\n  import { withAuthlint } from 'authlint/next'\n\n  export default withAuthlint(nextConfig)\n",
    "Nuxt: nuxt.config.ts\n  import authlint from 'authlint/vite'\n\n  {\n    vite: { plugins: [authlint()] },\n  }\n",
    'pnpm exec authlint check ',
    'sarif_file: authlint.sarif',
  ]) {
    assert.ok(stdout.includes(lines), `${lines}\nis not in\n${stdout}`);
  }
  assert.equal(JSON.parse(readFileSync(join(root, 'authlint.config.json'), 'utf8')).$schema, './node_modules/authlint/authlint.schema.json');
});

test('init knows a tool by who depends on it, and names the file to create', (context) => {
  const devDependencies = { eslint: '9', vite: '8', webpack: '5', esbuild: '*', '@farmfe/core': '1' };
  const { stdout } = authlint(['init', '--root', project(context, { 'package.json': JSON.stringify({ dependencies: { next: '16' }, devDependencies }) })]);
  for (const lines of [
    "ESLint: eslint.config.mjs (there is none yet)\n  import authlint from 'authlint/eslint'\n\n  export default [authlint.configs.recommended]\n",
    "Vite: vite.config.mjs (there is none yet)\n  import authlint from 'authlint/vite'\n\n  export default { plugins: [authlint()] }\n",
    'webpack: webpack.config.mjs, or what --config names (there is none yet)\n',
    'Farm: farm.config.mjs (there is none yet)\n',
    "Next.js: next.config.mjs (there is none yet)\n  import { withAuthlint } from 'authlint/next'\n\n  export default withAuthlint({})\n",
    "esbuild: the script that calls it\n  import authlint from 'authlint/esbuild'\n",
  ]) {
    assert.ok(stdout.includes(lines), `${lines}\nis not in\n${stdout}`);
  }
});

test('init in the root of a workspace: the tools of its packages', (context) => {
  const root = project(context, {
    'package.json': '{ "workspaces": ["apps/*"], "devDependencies": { "vite": "8" } }',
    'apps/web/package.json': '{ "type": "module" }',
    'apps/web/vite.config.js': '',
    'apps/admin/package.json': '{}',
    'apps/admin/vite.config.mjs': 'export default {};\n',
    'apps/api/package.json': '{ "dependencies": { "next": "16" }, "devDependencies": { "eslint": "9" } }',
    'test/fixtures/a/package.json': '{ "dependencies": { "rollup": "4" } }',
  });
  const { stdout } = authlint(['init', '--root', root]);
  assert.match(stdout, /^Vite: apps\/admin\/vite\.config\.mjs, apps\/web\/vite\.config\.js$/m);
  assert.match(stdout, /^Next\.js: apps\/api\/next\.config\.mjs \(there is none yet\)$/m);
  assert.match(stdout, /^ESLint: apps\/api\/eslint\.config\.mjs \(there is none yet\)$/m);
  assert.doesNotMatch(stdout, /Rollup/);
});

test('init in a package of a workspace: the lock file, ESLint and the schema stand further up', (context) => {
  const root = project(context, {
    '.git/HEAD': '',
    'yarn.lock': '',
    'eslint.config.mjs': 'export default [];\n',
    'node_modules/authlint/authlint.schema.json': '{}',
    'packages/api/package.json': '{}',
  });
  const { stdout } = authlint(['init', '--root', join(root, 'packages/api')]);
  assert.match(stdout, /yarn add --dev authlint/);
  assert.match(stdout, /^ESLint: \.\.\/\.\.\/eslint\.config\.mjs$/m);
  assert.equal(JSON.parse(readFileSync(join(root, 'packages/api/authlint.config.json'), 'utf8')).$schema, '../../node_modules/authlint/authlint.schema.json');
});

test('init with an old ESLint configuration, with a broken package.json, where it may not write', (context) => {
  const root = project(context, { '.eslintrc.json': '{}', 'package.json': '{' });
  assert.match(authlint(['init', '--root', root]).stdout, /authlint needs a flat configuration/);
  const nowhere = authlint(['init', '--root', join(root, 'none')]);
  assert.equal(nowhere.code, 2);
  assert.match(nowhere.stderr, /none does not exist/);
});

test('the package holds the pages, the schema, and what reads a configuration in TypeScript', () => {
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  const packed = JSON.parse(execFileSync(npm, ['pack', '--dry-run', '--json', '--ignore-scripts'], { cwd: fileURLToPath(new URL('../npm', import.meta.url)), encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }));
  const files = new Set(Object.values(packed)[0].files.map((file) => file.path));
  for (const file of ['authlint.schema.json', 'dist/sucrase.js', ...engineRules().map((rule) => `dist/rules/${rule.name}.md`)]) assert.ok(files.has(file), file);
});
