/** The cache on disk: what it spares, that it never changes a result, and that nothing harms it. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { chmodSync, existsSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { createProject } from '../npm/dist/index.js';
import { authlint, BIN, project } from './support/cli.mjs';
import { EXPECTED, MENDED_APP, SERVER, shown } from './support/server.mjs';

/** A project that has `node_modules`, as every real one; its files are old enough to be trusted. */
function cached(context, files = {}) {
  const root = project(context, { ...SERVER, 'node_modules/.keep': '', ...files });
  age(root, Object.keys({ ...SERVER, ...files }));
  return { root, folder: join(root, 'node_modules/.cache/authlint') };
}

/** Gives files another time than the one they were written at. */
const age = (root, paths) => paths.forEach((path) => utimesSync(join(root, path), new Date(Date.now() - 60_000), new Date(Date.now() - 60_000)));

/** The times of changes cannot be set: they have to pass. */
const settle = () => new Promise((resolve) => setTimeout(resolve, 2_100));

/** Findings, and where the time went. */
function check(root, args = [], options = {}) {
  const { code, stdout, stderr } = authlint(['check', '--root', root, '--format', 'json', '--timings', ...args], options);
  assert.ok(code === 0 || code === 1, stderr);
  return { found: shown(JSON.parse(stdout).findings), timings: JSON.parse(stderr) };
}

function filesIn(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath ?? entry.path, entry.name));
}

test('the second run does not even start the engine; after an edit, the other files are not lowered again', async (context) => {
  const { root } = cached(context);
  await settle();
  assert.deepEqual(check(root).found, EXPECTED);
  const second = check(root);
  assert.deepEqual(second.found, EXPECTED);
  for (const phase of ['load', 'read', 'scan', 'lower', 'interpret', 'report']) assert.equal(second.timings[phase], 0, phase);
  writeFileSync(join(root, 'src/app.js'), MENDED_APP);
  const third = check(root);
  assert.deepEqual(third.found, []);
  // Two files hold no sign of a server: scanning them would take time.
  assert.equal(third.timings.scan, 0);
  assert.ok(third.timings.interpret > 0);
  assert.deepEqual(check(root).found, []);
});

test('a file that was touched is read, and no more than that', async (context) => {
  const { root } = cached(context);
  check(root);
  age(root, Object.keys(SERVER));
  assert.equal(check(root).timings.interpret, 0);
});

test('an edit of the same length is noticed, whatever its time', (context) => {
  const { root } = cached(context);
  const guarded = SERVER['src/app.js'].replace("'/api/order', requireUser", "'/api/orders',requireUser");
  assert.equal(guarded.length, SERVER['src/app.js'].length);
  for (let round = 0; round < 3; round++) {
    for (const [text, expected] of [[SERVER['src/app.js'], EXPECTED], [guarded, [EXPECTED[2]]]]) {
      writeFileSync(join(root, 'src/app.js'), text);
      age(root, ['src/app.js']);
      assert.deepEqual(check(root).found, expected);
    }
  }
});

test('files that come and go, and another configuration', (context) => {
  const { root } = cached(context);
  check(root);
  writeFileSync(join(root, 'src/more.js'), "import { users } from './users.js';\nimport express from 'express';\nexpress().use('/api/more', users);\n");
  const more = check(root).found;
  assert.deepEqual(check(root, ['--no-cache']).found, more);
  writeFileSync(join(root, 'authlint.config.json'), '{ "publicRoutes": ["/api/orders"] }');
  assert.ok(!check(root).found.some((place) => place.includes('orders.js')));
  writeFileSync(join(root, 'authlint.config.json'), '{ "publicRoute": [] }');
  assert.equal(authlint(['check', '--root', root]).code, 2, 'a wrong configuration stays one');
});

test('what was damaged is not believed, and written anew', async (context) => {
  const { root, folder } = cached(context);
  await settle();
  check(root);
  const damages = {
    'cut off': (bytes) => bytes.subarray(0, bytes.length >> 1),
    empty: () => Buffer.alloc(0),
    garbage: (bytes) => Buffer.alloc(bytes.length, 0x5a),
    'one bit of the end': (bytes) => (bytes.writeUInt8(bytes.readUInt8(bytes.length - 3) ^ 4, bytes.length - 3), bytes),
    'one bit of the beginning': (bytes) => (bytes.writeUInt8(bytes.readUInt8(60) ^ 1, 60), bytes),
    'a length that cannot be': (bytes) => (bytes.writeUInt32LE(0xfffffff0, 17), bytes),
  };
  for (const [name, damage] of Object.entries(damages)) {
    for (const kind of ['.pack', '.report']) {
      const paths = filesIn(folder).filter((path) => path.endsWith(kind));
      assert.notEqual(paths.length, 0);
      for (const path of paths) writeFileSync(path, damage(readFileSync(path)));
      assert.deepEqual(check(root).found, EXPECTED, `${kind}: ${name}`);
      assert.deepEqual(check(root).found, EXPECTED, `${kind}: ${name}, again`);
      assert.equal(check(root).timings.interpret, 0, `${kind}: ${name}: it is whole again`);
    }
  }
});

test('--no-cache neither reads nor writes', (context) => {
  const { root, folder } = cached(context);
  assert.deepEqual(check(root, ['--no-cache']).found, EXPECTED);
  assert.ok(!existsSync(folder));
  check(root);
  assert.ok(check(root, ['--no-cache']).timings.interpret > 0);
});

test('without node_modules, none is made', (context) => {
  const root = project(context, SERVER);
  check(root);
  assert.deepEqual(check(root).found, EXPECTED);
  assert.deepEqual(readdirSync(root).sort(), ['package.json', 'src']);
});

test('a workspace has one cache, with room for each of its packages', (context) => {
  const root = project(context, { 'node_modules/.keep': '', ...Object.fromEntries(['a', 'b'].flatMap((name) => Object.entries(SERVER).map(([path, text]) => [`${name}/${path}`, text]))) });
  for (const name of ['a', 'b', 'a']) assert.deepEqual(check(join(root, name)).found, EXPECTED);
  assert.deepEqual(readdirSync(join(root, 'a')).sort(), ['package.json', 'src']);
  assert.equal(readdirSync(join(root, 'node_modules/.cache/authlint')).length, 2);
});

test('a folder that may only be read', (context) => {
  const { root, folder } = cached(context);
  chmodSync(root, 0o755);
  check(root);
  const before = filesIn(folder).sort();
  // Root may write everything: another user is asked then.
  const asSomebody = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {};
  for (const path of [folder, ...filesIn(folder)]) chmodSync(path, statSync(path).isDirectory() ? 0o555 : 0o444);
  chmodSync(join(root, 'node_modules'), 0o555);
  writeFileSync(join(root, 'src/app.js'), MENDED_APP);
  assert.deepEqual(check(root, [], asSomebody).found, []);
  assert.deepEqual(filesIn(folder).sort(), before);
  for (const path of [join(root, 'node_modules'), folder, ...readdirSync(folder).map((name) => join(folder, name))]) chmodSync(path, 0o755);
  const chosen = createProject({ root, cache: join(root, 'src/app.js') });
  assert.deepEqual(shown(chosen.report().findings.findings), [], 'a file where the folder should be');
  chosen.dispose();
});

test('many processes at once, with edits in between: each is right, and few files remain', async (context) => {
  const { root, folder } = cached(context);
  const run = () =>
    new Promise((resolve, reject) => {
      const child = spawn(process.execPath, [BIN, 'check', '--root', root, '--format', 'json'], { stdio: ['ignore', 'pipe', 'pipe'] });
      let text = '';
      child.stdout.on('data', (data) => (text += data));
      child.on('error', reject).on('close', () => resolve(shown(JSON.parse(text).findings)));
    });
  for (let round = 0; round < 6; round++) {
    const isMended = round % 2 === 1;
    writeFileSync(join(root, 'src/app.js'), (isMended ? MENDED_APP : SERVER['src/app.js']) + `// ${round}\n`);
    for (const found of await Promise.all([run(), run(), run(), run()])) assert.deepEqual(found, isMended ? [] : EXPECTED);
  }
  for (let round = 0; round < 10; round++) {
    writeFileSync(join(root, 'src/app.js'), `${SERVER['src/app.js']}// ${'x'.repeat(round)}\n`);
    assert.deepEqual(check(root).found, EXPECTED);
  }
  const names = filesIn(folder);
  assert.ok(names.filter((name) => name.endsWith('.pack')).length <= 32, names.join('\n'));
  assert.deepEqual(names.filter((name) => name.endsWith('.tmp')), []);
});

test('createProject uses what the command line has cached, and an unsaved text is never written', async (context) => {
  const { root } = cached(context);
  await settle();
  check(root);
  let timings;
  const own = createProject({ root, onTimings: (given) => (timings = given) });
  assert.deepEqual(shown(own.report().findings.findings), EXPECTED);
  assert.equal(timings.interpret, 0);
  own.setText('src/app.js', MENDED_APP);
  assert.deepEqual(shown(own.report().findings.findings), []);
  own.dispose();
  const unsaved = createProject({ root });
  unsaved.setText('src/app.js', `${MENDED_APP}// another`);
  assert.deepEqual(shown(unsaved.report().findings.findings), []);
  unsaved.dispose();
  assert.deepEqual(check(root).found, EXPECTED);
});
