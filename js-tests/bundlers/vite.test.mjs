/** What only Vite has: a development server with an overlay, and several environments in one build. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { hostedProject, installed, write } from '../support/tarball.mjs';
import { commandLine, run } from './runs.mjs';
import { MENDED_APP, OPEN_APP, OPEN_GUARD, SERVER } from './server.mjs';

const CONFIG = {
  'vite.config.mjs': `import authlint from 'authlint/vite';\nexport default { plugins: [authlint(JSON.parse(process.env.AUTHLINT_OPTIONS ?? '{}'))] };\n`,
};

/** What the page's code in Vite takes for a code frame; another one it does not show. */
const CODE_FRAME = /^(?:>?\s*\d+\s+\|.*|\s+\|\s*\^.*)\r?\n/gm;

/** The plugin as a test in this process has it. */
const pluginIn = async (root) => (await import(pathToFileURL(join(root, '../../node_modules/authlint/dist/vite.js')))).default;

/** A running development server: what it prints, and what it sends to the page. */
async function develop(context, root, plugin) {
  const node_modules = join(installed('bundlers'), 'node_modules');
  const vite = await import(pathToFileURL(join(node_modules, 'vite/dist/node/index.js')));
  const { WebSocket } = createRequire(join(node_modules, '_.js'))('ws');
  const printed = [];
  // Vite has things of its own to say.
  const log = (level) => (text) => text.includes('authlint: ') && printed.push({ level, text });
  const customLogger = { ...vite.createLogger('silent'), info: log('info'), warn: log('warn'), error: log('error'), clearScreen() {} };
  const server = await vite.createServer({ root, customLogger, server: { port: 0, host: '127.0.0.1' }, ...(plugin ? { configFile: false, plugins: [plugin] } : {}) });
  await server.listen();
  context.after(() => server.close());

  const { port } = server.httpServer.address();
  const open = async () => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/?token=${server.config.webSocketToken}`, 'vite-hmr');
    context.after(() => socket.close());
    const sent = [];
    socket.on('message', (data) => {
      const payload = JSON.parse(String(data));
      if (payload.type === 'error' || (payload.type === 'update' && payload.updates.length === 0)) sent.push(payload);
    });
    await once(socket, 'open');
    return sent;
  };
  return { printed, open };
}

async function until(condition, what, again = () => {}) {
  for (let tries = 1; !condition(); tries++) {
    assert.ok(tries < 1000, `waiting for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
    if (tries % 100 === 0) again();
  }
}

/** Saves, and saves again: on a machine with six times its load, Vite's own watcher was seen to miss one edit in twenty. */
async function edit(root, files, condition, what) {
  write(root, files);
  await until(condition, what, () => write(root, files));
}

/** How many open endpoints are shown. */
const endpoints = (output) => output.split('(require-authentication)').length - 1;
const said = (printed, level) => printed.filter((entry) => entry.level === level).length;

test('the development server prints what is new, covers the page, and uncovers it when another file mends it', async (context) => {
  const root = hostedProject(context, 'bundlers', { ...SERVER, ...CONFIG });
  const { printed, open } = await develop(context, root);
  const sent = await open();

  await until(() => sent.length === 1, 'the overlay');
  assert.equal(sent[0].type, 'error');
  const { err } = sent[0];
  assert.equal(err.plugin, 'authlint');
  assert.deepEqual(err.loc, { file: join(root, 'src/app.js'), line: 8, column: 1 });
  assert.match(err.message, /^HIGH `requireUser` does not protect GET \/api\/orders/);
  assert.equal(endpoints(err.stack), 2, 'the others, with links');
  assert.ok(err.stack.includes(`${join(root, 'src/orders.js')}:5:1`), err.stack);
  assert.match(err.frame, /^> 8 \| app\.use\('\/api\/order', requireUser\);\n +\| \^+$/m);
  assert.match(err.frame, CODE_FRAME);
  assert.equal(said(printed, 'warn'), 3);

  const late = await open();
  await until(() => late.length === 1, 'the overlay of a page that was loaded later');
  assert.deepEqual(late, sent);

  await edit(root, { 'src/app.js': MENDED_APP }, () => sent.at(-1).type === 'update', 'the end of the overlay');
  assert.match(printed.at(-1).text, /authlint: \d findings? (?:is|are) mended, none left/);

  await edit(root, { 'src/guard.js': OPEN_GUARD }, () => sent.at(-1).type === 'error', 'the overlay of a guard that lets everyone pass');
  await edit(root, { 'src/guard.js': SERVER['src/guard.js'] }, () => sent.at(-1).type === 'update', 'its end');

  const files = {
    'src/admin.js': SERVER['src/users.js'].replaceAll('users', 'admin'),
    'src/app.js': MENDED_APP.replace("import { users }", "import { admin } from './admin.js';\nimport { users }").replace('app.listen', "app.use('/admin', admin);\napp.listen"),
  };
  await edit(root, files, () => sent.at(-1).err?.id === join(root, 'src/admin.js'), 'the overlay for a file that is new');
  assert.match(sent.at(-1).err.message, /GET \/admin/);
});

test('overlay: false leaves the page alone, and an edit of no consequence prints nothing', async (context) => {
  const config = { rules: { 'no-ineffective-guard': 'medium' } };
  const root = hostedProject(context, 'bundlers', SERVER);
  const authlint = await pluginIn(root);
  const { printed, open } = await develop(context, root, authlint({ overlay: false, failOn: 'high', config }));
  const sent = await open();
  await until(() => said(printed, 'warn') === 1 && said(printed, 'error') === 2, 'a warning and two errors');

  const files = { 'src/app.js': `// A remark.\n${OPEN_APP}`, 'src/users.js': SERVER['src/users.js'].replace("'/'", "'/all'") };
  await edit(root, files, () => said(printed, 'error') === 3, 'the changed endpoint');
  assert.equal(said(printed, 'warn'), 1);
  assert.match(printed.at(-1).text, /1 finding is mended, 3 left/);
  assert.deepEqual(sent, []);
});

for (const sharedConfigBuild of [false, true]) {
  test(`a build of two environments reports once (sharedConfigBuild: ${sharedConfigBuild})`, (context) => {
    const config = `import authlint from 'authlint/vite';
export default {
  plugins: [authlint()],
  builder: { sharedConfigBuild: ${sharedConfigBuild} },
  environments: { ssr: { build: { outDir: 'dist/ssr', rolldownOptions: { input: 'client.js' } } } },
};
`;
    const root = hostedProject(context, 'bundlers', { ...SERVER, 'vite.config.mjs': config });
    const { code, output } = run('bundlers', ['vite/bin/vite.js', 'build'], root);
    assert.equal(code, 0, output);
    assert.match(output, /building client environment[\s\S]*building ssr environment/);
    assert.equal(endpoints(output), 2, output);
  });
}

test("the server beside Vite's root: new files, and a configuration above it that is a module and wrong at first", async (context) => {
  const below = (folder, files) => Object.fromEntries(Object.entries(files).map(([path, text]) => [`${folder}/${path}`, text]));
  const root = hostedProject(context, 'bundlers', {
    'package.json': '{ "private": true, "workspaces": ["packages/*"] }',
    'authlint.config.mjs': 'export default { publicRuotes: [] };\n',
    'packages/page/package.json': '{ "name": "page" }',
    'packages/page/index.html': SERVER['index.html'],
    ...below('packages/server', { ...SERVER, 'src/app.js': MENDED_APP }),
  });
  const authlint = await pluginIn(root);
  const { printed } = await develop(context, join(root, 'packages/page'), authlint({ overlay: false }));
  const last = () => printed.at(-1)?.text ?? '';
  await until(() => /nothing was analysed: .*publicRuotes/.test(last()), 'the mistake');

  const loose = `import express from 'express';\nimport { users } from './users.js';\nexpress().use('/loose', users).listen(1);\n`;
  await edit(root, { 'authlint.config.mjs': 'export default {};\n', 'packages/server/src/loose.js': loose }, () => /GET \/loose/.test(last()), 'the new server');
  await edit(root, { 'authlint.config.mjs': "export default { publicRoutes: ['/loose'] };\n" }, () => /1 finding is mended, none left/.test(last()), 'the public route');
  await edit(root, { 'packages/server/src/app.js': OPEN_APP }, () => said(printed, 'warn') >= 5, 'the open server');
});

test('edits of a configuration and a baseline with names of their own are seen', async (context) => {
  const root = hostedProject(context, 'bundlers', { ...SERVER, 'security/auth.json': '{ "publicRoutes": ["/api/users"] }', 'security/known.json': '{ "schema": "authlint/baseline@1", "findings": [] }' });
  const authlint = await pluginIn(root);
  const { printed } = await develop(context, root, authlint({ overlay: false, config: 'security/auth.json' }));
  await until(() => said(printed, 'warn') === 2, 'two findings');
  await edit(root, { 'security/auth.json': '{ "baseline": "known.json" }' }, () => said(printed, 'warn') === 3, 'the third');

  commandLine('bundlers', root, ['--config', 'security/auth.json', '--baseline', 'accepted.json', '--update-baseline']);
  const accepted = readFileSync(join(root, 'accepted.json'), 'utf8');
  await edit(root, { 'security/known.json': accepted }, () => /3 findings are mended, none left/.test(printed.at(-1).text), 'the baseline');
});

test('each build is judged by its own `failOn`, also at the same time and of one plugin', (context) => {
  const root = hostedProject(context, 'bundlers', {
    ...SERVER,
    'build.mjs': `import { build } from 'vite';
import authlint from 'authlint/vite';
const one = (plugin, more) => build({ configFile: false, logLevel: 'silent', plugins: [plugin], build: { write: false, ...more } }).then(() => 'passed', () => 'failed');
const ssr = { ssr: 'client.js' };
console.log('tolerant', await one(authlint()), await one(authlint({ failOn: 'high' }), ssr), await one(authlint({ failOn: 'high' }), ssr));
const shared = authlint({ failOn: 'high' });
console.log('shared', await Promise.all([one(shared), one(shared)]), await one(shared, ssr));
`,
  });
  const { output } = run('bundlers', ['build.mjs'], root);
  assert.match(output, /^tolerant passed failed failed$/m);
  assert.match(output, /^shared \[ 'failed', 'failed' \] failed$/m);
});

test('two builds in one process report twice', (context) => {
  const root = hostedProject(context, 'bundlers', {
    ...SERVER,
    ...CONFIG,
    'build.mjs': "import { build } from 'vite';\nawait build();\nawait build();\n",
  });
  const { output } = run('bundlers', ['build.mjs'], root);
  assert.equal(endpoints(output), 4, output);
});
