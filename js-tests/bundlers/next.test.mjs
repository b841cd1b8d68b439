/** authlint in Next.js, built by webpack and by Turbopack, and in its development server. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { SERVER as EXPRESS, MENDED_APP, EXPECTED, shown } from '../support/server.mjs';
import { hostedProject, write } from '../support/tarball.mjs';
import { commandLine, run, start } from './runs.mjs';

const NEXT = 'next/dist/bin/next';

const ROUTE = `import { requireSession } from '../../../lib/session.js';
import { prisma } from '../../../lib/prisma.js';

export async function GET() {
  const session = await requireSession();
  return Response.json(await prisma.stock.findMany());
}
`;

const OPEN_SESSION = `import { cookies } from 'next/headers';

export async function requireSession() {
  return (await cookies()).get('session') ?? null;
}
`;

/** Who has no session is sent away: the mend of the route, in another file. */
const SESSION = `import { redirect } from 'next/navigation';
import { getServerSession } from 'next-auth';

export async function requireSession() {
  const session = await getServerSession();
  if (!session) redirect('/login');
  return session;
}
`;

/** An Express server and an app of Next in one project. */
const PROJECT = {
  ...EXPRESS,
  'package.json': JSON.stringify({ name: 'shop', private: true, type: 'module', dependencies: { next: '16.4.5' } }),
  'app/layout.js': 'export default function Layout({ children }) {\n  return <html><body>{children}</body></html>;\n}\n',
  'app/page.js': 'export default function Page() {\n  return <p>Shop</p>;\n}\n',
  'app/api/stock/route.js': ROUTE,
  'lib/session.js': OPEN_SESSION,
  'lib/prisma.js': EXPRESS['src/db.js'],
  // What the route imports, as far as a build needs it.
  'node_modules/@prisma/client/package.json': '{ "name": "@prisma/client", "version": "6.0.0", "main": "index.cjs" }',
  'node_modules/@prisma/client/index.cjs': 'exports.PrismaClient = class { stock = { findMany: async () => [] }; };\n',
  'node_modules/next-auth/package.json': '{ "name": "next-auth", "version": "4.0.0", "main": "index.cjs" }',
  'node_modules/next-auth/index.cjs': 'exports.getServerSession = async () => null;\n',
};

const MENDED = { 'src/app.js': MENDED_APP, 'lib/session.js': SESSION };

const OPTIONS = "JSON.parse(process.env.AUTHLINT_OPTIONS ?? '{}')";
/** All that Next accepts as a configuration. */
const CONFIGS = {
  'an object, ESM': { 'next.config.mjs': `import { withAuthlint } from 'authlint/next';\nexport default withAuthlint({ reactStrictMode: true }, ${OPTIONS});\n` },
  'a function, CommonJS': {
    'package.json': JSON.stringify({ name: 'shop', private: true, dependencies: { next: '16.4.5' } }),
    'next.config.js': `const { withAuthlint } = require('authlint/next');\nmodule.exports = withAuthlint(async (phase, { defaultConfig }) => ({ reactStrictMode: phase !== '' && Boolean(defaultConfig) }), ${OPTIONS});\n`,
  },
};

for (const [bundler, config] of [['turbopack', 'an object, ESM'], ['webpack', 'a function, CommonJS']]) {
  test(`next build --${bundler} (the configuration: ${config}) shows the findings of the command line once, fails, and passes after the mend`, (context) => {
    const root = hostedProject(context, 'next', { ...PROJECT, ...CONFIGS[config] });
    const expected = commandLine('next', root);
    assert.deepEqual(shown(expected), [...EXPECTED, 'require-authentication app/api/stock/route.js 4:8-7:2'].sort());
    const build = (options) => run('next', [NEXT, 'build', `--${bundler}`, '--experimental-build-mode', 'compile'], root, { options });

    const failed = build({ failOn: 'high' });
    assert.equal(failed.code, 1, failed.output);
    assertShown(failed.output, expected, ({ severity }) => (severity === 'HIGH' ? '⨯' : '⚠'));
    assert.match(failed.output, /authlint fails the build: see the 3 problems above/);
    assert.doesNotMatch(failed.output, /^ +at /m, 'no stack');

    write(root, MENDED);
    const mended = build({ failOn: 'low' });
    assert.equal(mended.code, 0, mended.output);
    assert.match(mended.output, new RegExp(bundler, 'i'));
    assert.doesNotMatch(mended.output, /authlint/);
  });
}

test('next build DIR is about the project in DIR', (context) => {
  const below = Object.fromEntries(Object.entries({ ...PROJECT, ...CONFIGS['an object, ESM'] }).map(([path, text]) => [`web/${path}`, text]));
  const root = hostedProject(context, 'next', { 'package.json': '{ "name": "tools", "type": "module" }', 'tool.js': EXPRESS['src/app.js'].replaceAll("'./", "'./web/src/"), ...below });
  const { code, output } = run('next', [NEXT, 'build', 'web'], root, { options: { failOn: 'high' } });
  assert.equal(code, 1, output);
  assertShown(output, commandLine('next', join(root, 'web')), ({ severity }) => (severity === 'HIGH' ? '⨯' : '⚠'));
  assert.doesNotMatch(output, /web\/src|tool\.js/);
});

test('next dev shows the findings, and what an edit mends and breaks', async (context) => {
  const root = hostedProject(context, 'next', { ...PROJECT, ...CONFIGS['an object, ESM'], '.config/authlint.json': '{}' });
  const server = start(context, 'next', [NEXT, 'dev', '--port', '0'], root, { options: { config: '.config/authlint.json' } });
  const first = await server.until(/authlint: (?:[\s\S]*authlint: ){3}/);
  assertShown(first, commandLine('next', root), () => '⚠');

  write(root, MENDED);
  assert.match(await server.until(/none left|Error/), /authlint: (?:4|\d) findings? (?:is|are) mended, none left/);

  write(root, { 'lib/session.js': OPEN_SESSION });
  assert.match(await server.until(/authlint/), /⚠ authlint: MEDIUM Anyone can call GET \/api\/stock/);

  write(root, { '.config/authlint.json': '{ "publicRoutes": ["/api/stock"] }' });
  assert.match(await server.until(/authlint/), /1 finding is mended, none left/);
});

function assertShown(output, expected, signOf) {
  for (const finding of expected) {
    const { severity, message, rule, file, line, column } = finding;
    const text = ` ${signOf(finding)} authlint: ${severity} ${message} (${rule})`;
    assert.equal(output.split(text).length - 1, 1, `${text}\n${output}`);
    assert.ok(output.includes(`${file}:${line}:${column}\n`), output);
  }
}
