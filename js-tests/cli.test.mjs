/** The command line as a user meets it: what is printed where, and the exit code. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { test } from 'node:test';
import { authlint, BIN, json, OPEN_SERVER, project } from './support/cli.mjs';

const GUARDED = `import express from 'express';
import jwt from 'jsonwebtoken';
const app = express();
app.use((req, res, next) => {
  try {
    req.user = jwt.verify(req.headers.authorization, process.env.SECRET);
  } catch {
    return res.status(401).end();
  }
  next();
});
app.get('/api/me', (req, res) => res.json(req.user));
`;

test('--help names the commands, and each command explains itself', () => {
  const help = authlint(['--help']);
  assert.equal(help.code, 0);
  for (const word of ['check', 'routes', '--version']) assert.ok(help.stdout.includes(word), word);
  for (const command of ['check', 'routes']) {
    const { code, stdout } = authlint([command, '--help']);
    assert.equal(code, 0);
    for (const option of ['--root', '--format', '--threads', '--config', '--no-cache', 'Exit codes']) assert.ok(stdout.includes(option), option);
    assert.ok(!stdout.includes('--timings'), 'a hidden option');
  }
});

test('--version is the version of the package', () => {
  assert.match(authlint(['--version']).stdout, /^\d+\.\d+\.\d+\n$/);
});

for (const [args, message] of [
  [['check', '--bogus'], /unknown option '--bogus'/],
  [['check', '--threads', '0'], /'--threads <number>'.*from 1 to 256/],
  [['check', '--format', 'xml'], /Allowed choices are text, json/],
  [['check', '--fail-on', 'fatal'], /Allowed choices are low, medium, high, critical, never/],
  [['inspect'], /unknown command 'inspect'/],
  [['routes', 'src'], /too many arguments/],
  [[], /Usage: authlint/],
]) {
  test(`authlint ${args.join(' ')}: exit code 2 and a message`, () => {
    const { code, stdout, stderr } = authlint(args);
    assert.equal(code, 2);
    assert.match(stderr, message);
    assert.equal(stdout, '');
  });
}

test('an open endpoint: exit code 1, and a finding for people', (context) => {
  const root = project(context, { 'src/app.js': OPEN_SERVER });
  const { code, stdout, stderr } = authlint(['check', '--root', root]);
  assert.equal(code, 1, stderr);
  assert.match(stdout, /^HIGH {2}GET \/api\/users {2}require-authentication$/m);
  assert.match(stdout, /src\/app\.js:5:\d+/);
  assert.match(stdout, /> 5 │ app\.get\('\/api\/users'/);
  assert.match(stdout, /━━━/);
  assert.match(stdout, /✖ 1 finding \(1 high\)/);
  assert.equal(stderr, '');
  assert.ok(!stdout.includes('\u001b'), 'no colour where nobody looks at a terminal');
});

test('colour where it is asked for, none where it is refused', (context) => {
  const root = project(context, { 'src/app.js': OPEN_SERVER });
  const colourful = authlint(['check', '--root', root], { env: { FORCE_COLOR: '1' } });
  assert.ok(colourful.stdout.includes('\u001b['));
  const plain = authlint(['check', '--root', root], { env: { FORCE_COLOR: '1', NO_COLOR: '1' } });
  assert.ok(!plain.stdout.includes('\u001b'));
});

test('a guarded server: exit code 0', (context) => {
  const root = project(context, { 'app.js': GUARDED });
  const { code, stdout } = authlint(['check', '--root', root]);
  assert.equal(code, 0, stdout);
  assert.match(stdout, /✔ no findings/);
  assert.match(stdout, /1 endpoint: 1 needs authentication/);
});

test('check --format json is the contract', (context) => {
  const root = project(context, { 'src/app.js': OPEN_SERVER });
  const report = json('check', root);
  assert.equal(report.code, 1);
  assert.equal(report.schema, 'authlint/findings@1');
  assert.deepEqual(report.errors, []);
  const [finding] = report.findings;
  assert.equal(finding.rule, 'require-authentication');
  assert.equal(finding.severity, 'HIGH');
  assert.equal(finding.file, 'src/app.js');
  assert.equal(finding.line, 5);
  assert.deepEqual(finding.endpoint, { method: 'GET', path: '/api/users' });
  assert.deepEqual(finding.cwe, ['CWE-306']);
  for (const key of ['message', 'fingerprint']) assert.equal(typeof finding[key], 'string', key);
  for (const key of ['column', 'endLine', 'endColumn']) assert.ok(finding[key] >= 1, key);
  assert.deepEqual(Object.keys(report.stats), ['files', 'parsed', 'endpoints', 'ms']);
  assert.equal(report.stats.files, 1);
});

test('routes --format json is the contract', (context) => {
  const root = project(context, { 'src/app.js': OPEN_SERVER });
  const inventory = json('routes', root);
  assert.equal(inventory.code, 0);
  assert.equal(inventory.schema, 'authlint/routes@1');
  assert.equal(inventory.root, '.');
  const [endpoint] = inventory.endpoints;
  assert.equal(endpoint.method, 'GET');
  assert.equal(endpoint.path, '/api/users');
  assert.equal(endpoint.framework, 'express');
  assert.equal(endpoint.auth, 'none');
  assert.equal(endpoint.severity, 'HIGH');
  assert.deepEqual(endpoint.rules, ['require-authentication']);
  assert.deepEqual(inventory.unknown, []);
});

test('routes prints an aligned table, grouped by file', (context) => {
  const root = project(context, { 'src/app.js': OPEN_SERVER, 'src/other.js': GUARDED });
  const { code, stdout } = authlint(['routes', '--root', root]);
  assert.equal(code, 0);
  assert.match(stdout, /^ +METHOD +PATH +AUTH +GUARDS/m);
  assert.match(stdout, /^src\/app\.js\n +5 +GET +\/api\/users +none/m);
  assert.match(stdout, /^2 endpoints: 1 needs authentication, 1 needs none$/m);
});

test('check PATHS reports there only, and analyses everything', (context) => {
  const root = project(context, { 'a/app.js': OPEN_SERVER, 'b/app.js': OPEN_SERVER });
  const found = json('check', root, `${root}/a`);
  assert.deepEqual(found.findings.map((finding) => finding.file), ['a/app.js']);
  assert.equal(authlint(['check', '--root', root, `${root}/a/app.js`]).code, 1);
  const nowhere = authlint(['check', '--root', root, `${root}/c`]);
  assert.equal(nowhere.code, 2);
  assert.match(nowhere.stderr, /does not exist/);
  const outside = authlint(['check', '--root', `${root}/a`, `${root}/b`]);
  assert.equal(outside.code, 2);
  assert.match(outside.stderr, /lies outside of the project/);
});

test('--fail-on sets from where on the exit code is 1', (context) => {
  const root = project(context, { 'app.js': OPEN_SERVER });
  assert.equal(authlint(['check', '--root', root, '--fail-on', 'high']).code, 1);
  const lenient = authlint(['check', '--root', root, '--fail-on', 'critical']);
  assert.equal(lenient.code, 0);
  assert.match(lenient.stdout, /1 finding/);
});

test('the number of threads changes nothing but the time', (context) => {
  const files = {};
  for (let index = 0; index < 4000; index++) files[`src/${index % 10}/app${index}.js`] = index % 200 === 0 ? OPEN_SERVER.replaceAll('users', `users${index}`) : 'export const nothing = 1;\n';
  const root = project(context, files);
  const one = json('routes', root, '--threads', '1');
  const many = json('routes', root, '--threads', '3', '--no-cache', '--timings');
  assert.deepEqual(many.endpoints, one.endpoints);
  assert.equal(one.endpoints.length, 20);
  const timings = JSON.parse(many.stderr);
  assert.equal(timings.threads, 3);
  for (const key of ['discover', 'read', 'scan', 'lower', 'interpret', 'report', 'total']) assert.equal(typeof timings[key], 'number', key);
});

test('a reader that stops early is no error', async (context) => {
  const files = {};
  for (let index = 0; index < 300; index++) files[`app${index}.js`] = OPEN_SERVER;
  const root = project(context, files);
  const child = spawn('sh', ['-c', '"$0" "$1" routes --format json --root "$2" | head -c 10 > /dev/null', process.execPath, BIN, root], { stdio: ['ignore', 'inherit', 'pipe'] });
  let stderr = '';
  child.stderr.on('data', (data) => (stderr += data));
  await new Promise((resolve) => child.on('close', resolve));
  assert.equal(stderr, '');
});

test('a file\'s name may hold anything, and controls neither the table nor the terminal', (context) => {
  const root = project(context, { 'src/odd\nname\u001b[2J\u0007.js': OPEN_SERVER, 'src/plain.js': "import './bro\\nken.js';\n", 'src/bro\nken\u009b1m.js': "import express from 'express';\nconst = 1;\n" });
  for (const args of [['routes'], ['check'], ['check', '--fail-on', 'never', '--baseline', `${root}/b.json`, '--update-baseline']]) {
    const { stdout, stderr } = authlint([...args, '--root', root]);
    assert.doesNotMatch(stdout + stderr, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/, args.join(' '));
    assert.doesNotMatch(stdout, /^name/m, 'the name stays on its line');
  }
  assert.match(authlint(['routes', '--root', root]).stdout, /^src\/odd\\nname.*\.js\n +5 {2}GET +\/api\/users/m);
  assert.match(authlint(['check', '--root', root]).stdout, /^ {2}src\/odd\\nname.*\.js:5:1$/m);
  const missing = authlint(['check', '--root', `${root}/no\u001b[2J`]);
  assert.equal(missing.code, 2);
  assert.ok(!missing.stderr.includes('\u001b'));
});
