/** Reports for other programs: SARIF for code scanning, annotations for a GitHub workflow. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import Ajv from 'ajv';
import addFormats from 'ajv-formats';
import { authlint, json, OPEN_SERVER, project } from './support/cli.mjs';

/** The schema of OASIS, as the crate serde-sarif 0.8.0 ships it. */
const SCHEMA = JSON.parse(readFileSync(new URL('./fixtures/sarif-schema-2.1.0.json', import.meta.url), 'utf8'));
// A pattern of the schema is no regular expression with the flag `u`.
const ajv = new Ajv({ strict: false, allErrors: true, unicodeRegExp: false });
addFormats(ajv);
const validate = ajv.compile(SCHEMA);

/** A guard after the route, in another file; a syntax error; names that need escaping. */
const SERVER = {
  'src/app.js': `import express from 'express';
import { guard } from './guard.js';
import { users } from './odd name #1%.js';
import './broken.js';
const app = express();
app.use('/api', users);
app.use(guard);
app.listen(3000);
`,
  'src/guard.js': "export const guard = (req, res, next) => (req.session.userId ? next() : res.status(401).end());\n",
  'src/odd name #1%.js': `import { Router } from 'express';
export const users = Router();
/* 日本語𝒳 */ users.get('/users', async (req, res) => res.json(await db.users.find()));
users.delete('/users/:id', async (req, res) => {
  res.json(await db.users.remove(req.params.id));
});
`,
  'src/broken.js': "import express from 'express';\nconst = 2;\n",
};

function sarif(root, ...more) {
  const { code, stdout, stderr } = authlint(['check', '--root', root, '--format', 'sarif', ...more]);
  assert.ok(code === 0 || code === 1, stderr);
  const log = JSON.parse(stdout);
  assert.ok(validate(log), ajv.errorsText(validate.errors));
  return log.runs[0];
}

test('SARIF is valid and holds what the JSON holds', (context) => {
  const root = project(context, SERVER);
  const run = sarif(root);
  const { findings } = json('check', root);
  assert.equal(run.columnKind, 'utf16CodeUnits');
  assert.equal(run.results.length, findings.length);
  assert.ok(findings.length >= 2);
  run.results.forEach((result, index) => {
    const finding = findings[index];
    const { artifactLocation, region } = result.locations[0].physicalLocation;
    assert.equal(decodeURIComponent(artifactLocation.uri), finding.file);
    assert.equal(artifactLocation.uriBaseId, '%SRCROOT%');
    assert.equal(region.startLine, finding.line);
    assert.equal(region.startColumn, finding.column);
    assert.equal(region.endColumn, finding.line === finding.endLine ? finding.endColumn : undefined);
    assert.equal(result.message.text, finding.message);
    assert.equal(result.ruleId, finding.rule);
    assert.equal(run.tool.driver.rules[result.ruleIndex].id, finding.rule);
    assert.equal(result.partialFingerprints['authlint/v1'], `${finding.fingerprint}:1`);
    assert.equal(result.codeFlows[0].threadFlows[0].locations.length, finding.trace.length);
  });
  const uris = run.results.map((result) => result.locations[0].physicalLocation.artifactLocation.uri);
  assert.ok(uris.includes('src/odd%20name%20%231%25.js'), uris.join());
  const wide = run.results.find((result) => result.ruleId === 'require-authentication' && result.locations[0].logicalLocations?.[0].fullyQualifiedName === 'GET /api/users');
  assert.equal(wide.locations[0].physicalLocation.region.startColumn, SERVER['src/odd name #1%.js'].split('\n')[2].indexOf('users.get') + 1, 'UTF-16 code units');
  assert.ok(wide.relatedLocations.some((place) => place.physicalLocation.artifactLocation.uri === 'src/app.js'), 'the guard that comes too late');
});

test('SARIF: a word that is missing is a fix', (context) => {
  const guard = "export const guard = (req, res, next) => {\n  if (!req.session.userId) res.status(401).end();\n  next();\n};\n";
  const app = "import express from 'express';\nimport { guard } from './guard.js';\nconst app = express();\napp.get('/api/users', guard, async (req, res) => res.json(await db.users.find()));\n";
  const root = project(context, { 'package.json': '{}', 'src/guard.js': guard, 'src/app.js': app });
  const [{ artifactChanges, description }] = sarif(root).results.find(({ ruleId }) => ruleId === 'no-ineffective-guard').fixes;
  assert.equal(description.text, 'Insert `return` at src/guard.js:2:28.');
  assert.deepEqual(artifactChanges, [
    {
      artifactLocation: { uri: 'src/guard.js', uriBaseId: '%SRCROOT%' },
      replacements: [{ deletedRegion: { startLine: 2, startColumn: 28, endLine: 2, endColumn: 28 }, insertedContent: { text: 'return ' } }],
    },
  ]);
});

test('SARIF: what GitHub asks of a rule', (context) => {
  const { driver } = sarif(project(context, SERVER)).tool;
  assert.match(driver.version, /^\d+\.\d+\.\d+$/);
  for (const rule of driver.rules) {
    assert.ok(rule.shortDescription.text.length < 1024);
    assert.ok(rule.fullDescription.text.length < 1024);
    assert.match(rule.help.markdown, /^## What it does\n/);
    assert.doesNotMatch(rule.help.markdown, /```endpoints|\/\/ error: \[/);
    assert.doesNotMatch(rule.help.text, /\]\(/);
    assert.ok(new URL(rule.helpUri).pathname.endsWith(`${rule.id}.md`));
    assert.match(rule.properties['security-severity'], /^\d\.\d$/);
    assert.ok(['very-high', 'high', 'medium', 'low'].includes(rule.properties.precision));
    assert.ok(rule.properties.tags.includes('security'));
  }
  assert.ok(driver.rules[0].properties.tags.includes('external/cwe/cwe-306'));
});

test('SARIF: problems with the input are notifications', (context) => {
  const [{ toolExecutionNotifications, executionSuccessful }] = sarif(project(context, SERVER)).invocations;
  assert.equal(executionSuccessful, true);
  const [problem] = toolExecutionNotifications;
  assert.equal(problem.locations[0].physicalLocation.artifactLocation.uri, 'src/broken.js');
  assert.equal(problem.locations[0].physicalLocation.region.startLine, 2);
  assert.notEqual(problem.message.text, '');
});

test('SARIF: what the baseline accepts is suppressed, with the reason', (context) => {
  const root = project(context, SERVER);
  const { findings } = json('check', root);
  const baseline = { schema: 'authlint/baseline@1', findings: [{ fingerprint: findings[0].fingerprint, note: 'until v3' }] };
  const file = join(project(context, { 'baseline.json': JSON.stringify(baseline) }), 'baseline.json');
  const { results } = sarif(root, '--baseline', file);
  assert.equal(results.length, findings.length);
  const suppressed = results.filter((result) => result.suppressions.length > 0);
  assert.equal(suppressed.length, 1);
  assert.deepEqual(suppressed[0].suppressions, [{ kind: 'external', status: 'accepted', justification: 'until v3' }]);
});

test('SARIF without findings is valid, and the same on every run', (context) => {
  const root = project(context, { 'app.js': 'export const nothing = 1;\n' });
  assert.deepEqual(sarif(root).results, []);
  const server = project(context, SERVER);
  assert.deepEqual(sarif(server), sarif(server));
});

test('SARIF: no server, and what the baseline does not need, are said', (context) => {
  const baseline = JSON.stringify({ schema: 'authlint/baseline@1', findings: [{ fingerprint: 'x', endpoint: 'GET /gone' }] });
  const root = project(context, { 'app.js': 'export const nothing = 1;\n', 'known.json': baseline });
  const run = sarif(root, '--baseline', join(root, 'known.json'));
  const said = run.invocations[0].toolExecutionNotifications.map(({ level, descriptor, message }) => `${level} ${descriptor.id} ${message.text}`);
  assert.match(said[0], /^warning no-server No server found: looked at 1 file/);
  assert.match(said[1], /^note baseline 1 entry of .*known\.json is not needed any more; .*:\nGET \/gone$/);
  for (const { descriptor } of run.invocations[0].toolExecutionNotifications) assert.ok(run.tool.driver.notifications.some(({ id }) => id === descriptor.id));
});

/** A repository with the server in a folder of it. */
function monorepo(context) {
  const root = project(context, Object.fromEntries(Object.entries(SERVER).map(([path, text]) => [`packages/server/${path}`, text])));
  execFileSync('git', ['init', '-q'], { cwd: root });
  return root;
}

test('in a folder of a repository, paths are the repository\'s, and each project has a category', (context) => {
  const root = monorepo(context);
  for (const where of [['--root', 'packages/server'], ['--root', join(root, 'packages/server')]]) {
    const { stdout } = authlint(['check', ...where, '--format', 'sarif'], { cwd: root });
    const [run] = JSON.parse(stdout).runs;
    assert.equal(run.automationDetails.id, 'authlint/packages/server/');
    for (const result of run.results) assert.match(result.locations[0].physicalLocation.artifactLocation.uri, /^packages\/server\/src\//);
    const annotations = authlint(['check', ...where, '--format', 'github'], { cwd: root }).stdout;
    assert.match(annotations, /^::error file=packages\/server\/src\//m);
  }
});

test('GitHub: an annotation per finding and per problem, escaped', (context) => {
  const root = project(context, SERVER);
  const { code, stdout } = authlint(['check', '--root', root, '--format', 'github']);
  assert.equal(code, 1);
  const lines = stdout.trimEnd().split('\n');
  const { findings, errors } = json('check', root);
  const commands = lines.filter((line) => line.startsWith('::'));
  assert.equal(commands.length, findings.length + errors.length);
  const users = commands.find((line) => line.includes('GET /api/users%3A require-authentication'));
  assert.match(users, /^::error file=src\/odd name #1%25\.js,line=3,endLine=3,col=\d+,endColumn=\d+,title=HIGH GET \/api\/users%3A require-authentication::Anyone can call GET \/api\/users, /);
  assert.match(users, /%0A`guard` does not protect it: .* \(src\/app\.js:7\)/);
  const handler = commands.find((line) => line.includes('DELETE'));
  assert.match(handler, /,line=4,endLine=4,title=/, 'where the range begins, not where it ends');
  assert.ok(commands.some((line) => line.startsWith('::error file=src/broken.js,line=2,')));
  assert.match(lines.at(-1), /^\d findings: /);
});

test('GitHub: a name cannot smuggle a command in', (context) => {
  const root = project(context, { 'a\n::error::b,c:d.js': OPEN_SERVER });
  const { stdout } = authlint(['check', '--root', root, '--format', 'github']);
  const commands = stdout.split('\n').filter((line) => line.startsWith('::'));
  assert.equal(commands.length, 1);
  assert.match(commands[0], /^::error file=a%0A%3A%3Aerror%3A%3Ab%2Cc%3Ad\.js,line=5,/);
});

test('GitHub: nothing of the code controls who reads the log', (context) => {
  const root = project(context, { 'app.js': OPEN_SERVER.replace('/api/users', '/api/\\x1b[31musers\\u202e') });
  const { stdout } = authlint(['check', '--root', root, '--format', 'github']);
  assert.match(stdout, /,title=HIGH GET \/api\/\ufffd\[31musers\ufffd%3A/);
  assert.doesNotMatch(stdout, /[\u001b\u202e]/);
});

test('GitHub: the summary of the job is appended to', (context) => {
  const root = project(context, { ...SERVER, 'summary.md': 'before\n', 'src/evil.js': OPEN_SERVER.replace('/api/users', '/api/<b>|`x`') });
  const file = join(root, 'summary.md');
  authlint(['check', '--root', root, '--format', 'github'], { env: { GITHUB_STEP_SUMMARY: file } });
  const summary = readFileSync(file, 'utf8');
  assert.match(summary, /^before\n## authlint\n\n\d findings: .* endpoints: /);
  assert.match(summary, /\| HIGH \| <code>GET \/api\/users<\/code> \| require-authentication \| <code>src\/odd name #1%\.js:3<\/code> \|/);
  assert.ok(!summary.includes('<b>'), 'a path is no markup');
  assert.match(summary, /1 problem with the input/);
  const nowhere = authlint(['check', '--root', root, '--format', 'github'], { env: { GITHUB_STEP_SUMMARY: join(root, 'no/such/folder.md') } });
  assert.equal(nowhere.code, 1, 'findings count all the same');
  assert.match(nowhere.stderr, /summary could not be written/);
});

test('routes --format json lists the files that were skipped', (context) => {
  const { errors } = json('routes', project(context, SERVER));
  assert.deepEqual(errors.map(({ file, line }) => `${file}:${line}`), ['src/broken.js:2']);
});
