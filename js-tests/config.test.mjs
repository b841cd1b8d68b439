/** The configuration: where it is found, in which formats, and that the engine and the published schema agree. */
import assert from 'node:assert/strict';
import { readFileSync, symlinkSync, mkdirSync, writeFileSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import Ajv from 'ajv';
import { Analysis, engineRules, loadConfig, loadConfigAsync, splitConfig } from '../npm/dist/internal.js';
import { authlint, json, OPEN_SERVER, project } from './support/cli.mjs';

const PACKAGE = fileURLToPath(new URL('../npm', import.meta.url));
const SCHEMA = JSON.parse(readFileSync(join(PACKAGE, 'authlint.schema.json'), 'utf8'));

/** A project whose configuration makes its only endpoint public. */
function configured(context, name, text, files = {}) {
  const root = project(context, { 'app.js': OPEN_SERVER, [name]: text, ...files });
  mkdirSync(join(root, 'node_modules'));
  symlinkSync(PACKAGE, join(root, 'node_modules/authlint'));
  return root;
}

const ESM = "import { defineConfig } from 'authlint';\nexport default defineConfig({ publicRoutes: ['/api/users'] });\n";
const FORMATS = {
  'authlint.config.json': '{ "$schema": "./node_modules/authlint/authlint.schema.json", "publicRoutes": ["/api/users"] }',
  'authlint.config.jsonc': '{\n  // open on purpose\n  "publicRoutes": ["/api/users"],\n}',
  'authlint.config.js': ESM,
  'authlint.config.mjs': ESM,
  'authlint.config.cjs': "const { defineConfig } = require('authlint');\nmodule.exports = defineConfig({ publicRoutes: ['/api/users'] });\n",
  'authlint.config.ts': "import { defineConfig, type AuthlintConfig } from 'authlint';\nimport { open } from './open.ts';\nconst config: AuthlintConfig = { publicRoutes: open satisfies string[] };\nexport default defineConfig(config);\n",
  'authlint.config.mts': "import type { AuthlintConfig } from 'authlint';\nexport default { publicRoutes: ['/api/users'] } as AuthlintConfig;\n",
  'authlint.config.cts': "const config: { publicRoutes: string[] } = { publicRoutes: ['/api/users'] };\nmodule.exports = config;\n",
};

for (const [name, text] of Object.entries(FORMATS)) {
  test(`${name} is found and read, by the synchronous loader too`, async (context) => {
    const root = configured(context, name, text, { 'open.ts': "export const open: string[] = ['/api/users'];\n" });
    const { code, stdout, stderr } = authlint(['check', '--root', root]);
    assert.equal(code, 0, stdout + stderr);
    assert.match(stdout, /no findings/);
    assert.equal(stderr, '', 'no warnings of Node');
    const sync = loadConfig(root);
    assert.deepEqual(sync.value.publicRoutes, ['/api/users']);
    assert.deepEqual((await loadConfigAsync(root)).value, sync.value);
  });
}

test('a module of CommonJS in a package of modules, and the other way round', (context) => {
  for (const [type, text] of [['module', ESM], ['commonjs', FORMATS['authlint.config.cjs']]]) {
    const root = configured(context, 'authlint.config.js', text, { 'package.json': `{ "type": "${type}" }` });
    assert.equal(authlint(['check', '--root', root]).code, 0, type);
  }
});

test('two configurations: both are named, exit code 2', (context) => {
  const root = configured(context, 'authlint.config.json', '{}', { 'authlint.config.ts': 'export default {}' });
  const { code, stderr } = authlint(['check', '--root', root]);
  assert.equal(code, 2);
  assert.match(stderr, /several configurations in .*: authlint\.config\.json and authlint\.config\.ts/);
  assert.equal(authlint(['check', '--root', root, '--config', join(root, 'authlint.config.json')]).code, 1, 'the choice ends the doubt');
});

for (const [what, name, text, message] of [
  ['an unknown key in JSON', 'authlint.config.json', '{\n  "publicRuotes": []\n}', /authlint\.config\.json:2: unknown key `publicRuotes`; the keys are publicRoutes, .*failOn, baseline/],
  ['an unknown key in a module', 'authlint.config.mjs', 'export default { publicRuotes: [] }', /authlint\.config\.mjs: unknown key `publicRuotes`/],
  ['a wrong type in TypeScript', 'authlint.config.ts', 'export default { rules: { "require-authentication": 3 as number } }', /authlint\.config\.ts: `rules\.require-authentication` must be/],
  ['a public route that is no path', 'authlint.config.json', '{\n  "publicRoutes": ["GET /a", "api"]\n}', /authlint\.config\.json:2: `publicRoutes\[1\]` must be a path that begins with `\/`.*, not "api"/],
  ['a public route of a method that there is not', 'authlint.config.json', '{\n  "publicRoutes": ["FOO /x"]\n}', /authlint\.config\.json:2: `publicRoutes\[0\]` must be a path .*, not "FOO \/x"/],
  ['a host key', 'authlint.config.json', '{\n\n  "failOn": "fatal" }', /authlint\.config\.json:3: `failOn` must be .*"never", not "fatal"/],
  ['a host key of the wrong type', 'authlint.config.json', '{\n  "baseline": false }', /authlint\.config\.json:2: `baseline` must be the path of a file, not a boolean/],
  ['a function where JSON is wanted', 'authlint.config.cjs', 'module.exports = { publicRoutes: [() => "/x"] }', /authlint\.config\.cjs: `publicRoutes\[0\]` must be what JSON can hold, not a function/],
  ['nothing exported', 'authlint.config.mjs', 'export const config = {};', /authlint\.config\.mjs: it exports no configuration/],
  ['a module that throws', 'authlint.config.mjs', '\nthrow new Error("no such environment");', /authlint\.config\.mjs:2: the configuration failed: no such environment/],
  ['a module that does not parse', 'authlint.config.js', '\n\nmodule.exports = {{', /authlint\.config\.js:3: the configuration failed: Unexpected token/],
  ['TypeScript that does not parse', 'authlint.config.ts', '\nexport default {{', /authlint\.config\.ts.*: the configuration failed: /],
]) {
  test(`${what}: the file and the key, exit code 2`, (context) => {
    const root = configured(context, name, text);
    for (const command of ['check', 'routes']) {
      const { code, stdout, stderr } = authlint([command, '--root', root]);
      assert.equal(code, 2);
      assert.equal(stdout, '');
      assert.match(stderr, message);
      assert.ok(!stderr.includes('defect'), stderr);
    }
  });
}

test('top-level await works where it can, and is named where it cannot', async (context) => {
  const root = configured(context, 'authlint.config.mjs', "const open = await Promise.resolve(['/api/users']);\nexport default { publicRoutes: open };\n");
  assert.equal(authlint(['check', '--root', root]).code, 0);
  assert.throws(() => loadConfig(root), /top-level `await`/);

  const typed = "const open: string[] = await Promise.resolve(['/api/users']);\nexport default { publicRoutes: open };\n";
  const typescript = configured(context, 'authlint.config.ts', typed, { 'package.json': '{ "type": "module" }' });
  const { code, stdout, stderr } = authlint(['check', '--root', typescript]);
  assert.equal(code, 0, stdout + stderr);
});

test('a module that changed is read anew', async (context) => {
  // Without a package.json, `.js` is CommonJS.
  for (const name of ['authlint.config.mjs', 'authlint.config.ts', 'authlint.config.cjs', 'authlint.config.js']) {
    const write = (route) => `${/\.c?js$/.test(name) ? 'module.exports =' : 'export default'} { publicRoutes: ['${route}'] };\n`;
    const root = configured(context, name, write('/a'));
    assert.deepEqual((await loadConfigAsync(root)).value.publicRoutes, ['/a']);
    writeFileSync(join(root, name), write('/b'));
    utimesSync(join(root, name), new Date(), new Date(Date.now() + 5000));
    assert.deepEqual((await loadConfigAsync(root)).value.publicRoutes, ['/b'], name);
  }
});

test('failOn in the configuration decides on the exit code, --fail-on over it', (context) => {
  const root = project(context, { 'app.js': OPEN_SERVER, 'authlint.config.json': '{ "failOn": "critical" }' });
  assert.equal(authlint(['check', '--root', root]).code, 0);
  assert.equal(authlint(['check', '--root', root, '--fail-on', 'high']).code, 1);
  assert.equal(authlint(['check', '--root', root, '--fail-on', 'never']).code, 0);
});

const validate = new Ajv({ allErrors: true }).compile(SCHEMA);

/** What every host does with a configuration. */
function engineAccepts(config) {
  try {
    splitConfig(config);
  } catch {
    return false;
  }
  try {
    new Analysis(config).free();
    return true;
  } catch (error) {
    if (error.name !== 'ConfigError') throw error;
    return false;
  }
}

const VALUES = [null, true, false, 3, '', 'x', 'low', 'Critical', 'HIGH', 'never', 'off', 'on', [], ['x'], [3], [null], {}, { x: 1 }, [{}], [{ name: 'x' }], [{ import: 'x' }], [{ name: 'x', import: 'y' }], [{ name: 3 }], [{ name: 'x', other: 1 }]];
const ROUTES = ['/x', '/', '*', '**', '/a b', ' /x ', 'GET /x', 'get  /x', 'All **', 'GET', 'GET x', 'FOO /x', '* /x', '** ', 'api', 'api/*', ' ', 'GET/x'];

test('the engine and the schema accept and reject the same', () => {
  const keys = [...Object.keys(SCHEMA.properties), 'unknown'];
  let accepted = 0;
  for (const config of [
    ...VALUES,
    ...ROUTES.map((route) => ({ publicRoutes: [route] })),
    ...keys.flatMap((key) => VALUES.map((value) => ({ [key]: value }))),
    ...[...engineRules().map((rule) => rule.name), 'no-such-rule'].flatMap((rule) => VALUES.map((value) => ({ rules: { [rule]: value } }))),
  ]) {
    assert.equal(engineAccepts(config), validate(config), JSON.stringify(config));
    if (validate(config)) accepted++;
  }
  assert.ok(accepted > keys.length, 'the values are not all wrong');
});

test('the schema knows every key of the engine and every rule', () => {
  let message = '';
  try {
    new Analysis({ unknown: 1 });
  } catch (error) {
    message = error.message;
  }
  const keys = message.split('the keys are ')[1].split(', ');
  assert.deepEqual(Object.keys(SCHEMA.properties).filter((key) => key !== '$schema').sort(), keys.sort());
  assert.deepEqual(Object.keys(SCHEMA.properties.rules.properties).sort(), engineRules().map((rule) => rule.name).sort());
});
