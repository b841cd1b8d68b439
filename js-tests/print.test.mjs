/** Text for people, from a report that is written by hand. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { printFindings, printInventory } from '../npm/dist/internal.js';
import { project } from './support/cli.mjs';

const SOURCE = `import { Router } from 'express';
export const router = Router();

\trouter.get('/users/:id', getUser);
router.use('/v2', requireUser);
`;

const FINDING = {
  rule: 'require-authentication',
  severity: 'HIGH',
  message: 'Anyone can read users.',
  file: 'src/user.ts',
  line: 4,
  column: 2,
  endLine: 4,
  endColumn: 35,
  endpoint: { method: 'GET', path: '/api/users/:id' },
  trace: [
    { file: 'src/user.ts', line: 4, message: 'registered here' },
    { file: 'src/user.ts', line: 5, message: 'requireUser covers only /v2' },
  ],
  cwe: ['CWE-306'],
  fingerprint: 'x',
  suggestion: 'Put requireUser before the handler.',
  edit: null,
};

const ENDPOINT = {
  method: 'GET',
  path: '/api/users/:id',
  file: 'src/user.ts',
  line: 4,
  column: 2,
  framework: 'express',
  auth: 'none',
  why: 'no guard',
  role: false,
  exempt: null,
  guards: [],
  handler: null,
  effects: [],
  rules: ['require-authentication'],
  severity: 'HIGH',
};

function reportOf({ findings = [], errors = [], endpoints = [], unknown = [] }) {
  return {
    inventory: { schema: 'authlint/routes@1', root: '.', endpoints, unknown },
    findings: { schema: 'authlint/findings@1', findings, errors, stats: { files: 1204, parsed: 30, endpoints: endpoints.length, ms: 1234 } },
  };
}

function written(print) {
  let text = '';
  print({ write: (part) => (text += part), columns: 100 });
  return text;
}

test('a finding: what, where with the range underlined, why, and what to do', (context) => {
  const root = project(context, { 'src/user.ts': SOURCE });
  const text = written((stream) => printFindings(reportOf({ findings: [FINDING], endpoints: [ENDPOINT] }), { root, stream }));
  assert.equal(
    text,
    `HIGH  GET /api/users/:id  require-authentication
  Anyone can read users.

  src/user.ts:4:2
    3 │
  > 4 │   router.get('/users/:id', getUser);
      │   ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━ registered here
    5 │ router.use('/v2', requireUser);

  requireUser covers only /v2
  src/user.ts:5
    5 │ router.use('/v2', requireUser);

  help: Put requireUser before the handler.

✖ 1 finding (1 high)
  1 endpoint: 1 needs none
  1,204 files, 30 parsed, 1.2 s
`,
  );
});

test('the worst comes first; problems with the input come last, and not in hundreds', () => {
  const errors = Array.from({ length: 40 }, (_, index) => ({ file: `f${index}.js`, line: 1, message: 'broken' }));
  const findings = [FINDING, { ...FINDING, severity: 'CRITICAL', endpoint: { method: 'POST', path: '/pay' } }];
  const text = written((stream) => printFindings(reportOf({ findings, errors, endpoints: [ENDPOINT] }), { root: '/nowhere', stream }));
  assert.ok(text.indexOf('CRITICAL  POST /pay') < text.indexOf('HIGH  GET'));
  assert.match(text, /ERROR {2}f0\.js:1 {2}broken\nERROR {2}f1\.js:1 {2}broken/);
  assert.match(text, /… and 30 more problems/);
  assert.match(text, /✖ 2 findings \(1 critical, 1 high\) · 40 problems with the input/);
});

test('long lines are cut around the range, wide characters keep the underline in place', (context) => {
  const long = `${'x'.repeat(300)} app.get() ${'y'.repeat(300)}`;
  const root = project(context, { 'a.js': `${long}\n'日本語'; app.get();\n` });
  const at = (line, column, endColumn) => ({ ...FINDING, file: 'a.js', line, endLine: line, column, endColumn, trace: [] });
  const text = written((stream) => printFindings(reportOf({ findings: [at(1, 302, 311), at(2, 8, 17)], endpoints: [ENDPOINT] }), { root, stream }));
  const lines = text.split('\n');
  for (const line of lines) assert.ok(line.length <= 100, line);
  const first = lines.findIndex((line) => line.includes('> 1 │'));
  assert.equal(lines[first].indexOf('app.get()'), lines[first + 1].indexOf('━'));
  const second = lines.findIndex((line) => line.includes('> 2 │'));
  assert.equal(lines[second].indexOf('app.get()') + 3, lines[second + 1].indexOf('━'));
});

test('the inventory: columns are aligned, rows grouped by file', () => {
  const endpoints = [
    ENDPOINT,
    { ...ENDPOINT, method: 'DELETE', line: 120, auth: 'required', role: true, severity: null, guards: [{ name: 'isAdmin', effect: 'enforces' }] },
    { ...ENDPOINT, file: 'src/z.ts', path: '/health', exempt: 'health', severity: null },
  ];
  const text = written((stream) => printInventory(reportOf({ endpoints, unknown: [{ file: 'a.js', line: 3, why: 'it is computed' }] }), stream));
  assert.equal(
    text,
    `       METHOD  PATH            AUTH      GUARDS   SEVERITY  NOTE
src/user.ts
    4  GET     /api/users/:id  none               HIGH
  120  DELETE  /api/users/:id  required  isAdmin            checks a role

src/z.ts
    4  GET     /health         none                         health

Not understood
  a.js:3  it is computed

3 endpoints: 1 needs authentication, 2 need none
`,
  );
});
