/** Which files of a folder are looked at. */
import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { discover } from '../npm/dist/internal.js';
import { project } from './support/cli.mjs';

const found = (root) => discover(root).files;

test('code and manifests, and nothing else', (context) => {
  const wanted = ['a.js', 'a.mjs', 'a.cjs', 'a.jsx', 'a.ts', 'a.mts', 'a.cts', 'a.tsx', 'a.vue', 'a.svelte', 'a.astro', 'package.json', 'tsconfig.json', 'tsconfig.base.json', 'jsconfig.json', 'next.config.mjs', '.env.example', '.env.sample'];
  const others = ['a.d.ts', 'a.d.mts', 'readme.md', 'data.json', 'style.css', 'package-lock.json', '.env', '.env.local'];
  const root = project(context, Object.fromEntries([...wanted, ...others].map((name) => [name, ''])));
  assert.deepEqual(found(root), wanted.toSorted());
});

test('node_modules and folders with a dot are not entered', (context) => {
  const root = project(context, { 'node_modules/x/index.js': '', 'packages/a/node_modules/y.js': '', '.next/server/app.js': '', 'dist/app.js': '', 'src/a.js': '' });
  assert.deepEqual(found(root), ['dist/app.js', 'src/a.js']);
});

test('.gitignore counts at every level, the deepest one first', (context) => {
  const root = project(context, {
    '.gitignore': 'dist/\n/only-here.js\n*.gen.ts\n',
    'dist/a.js': '',
    'only-here.js': '',
    'sub/only-here.js': '',
    'sub/x.gen.ts': '',
    'sub/dist/b.js': '',
    'keep/.gitignore': '!*.gen.ts\nlocal.js\n',
    'keep/x.gen.ts': '',
    'keep/local.js': '',
    'local.js': '',
  });
  assert.deepEqual(found(root), ['keep/x.gen.ts', 'local.js', 'sub/only-here.js']);
});

test('the .gitignore of the repository around the root counts too', (context) => {
  const root = project(context, { '.git/HEAD': '', '.gitignore': 'apps/web/generated\nbuild/\n', 'apps/web/generated/a.js': '', 'apps/web/build/b.js': '', 'apps/web/src/c.js': '' });
  assert.deepEqual(found(join(root, 'apps/web')), ['src/c.js']);
  const ignored = project(context, { '.git/HEAD': '', '.gitignore': 'tmp/\n', 'tmp/case/a.js': '' });
  assert.deepEqual(found(join(ignored, 'tmp/case')), ['a.js'], 'what the user asks for is not ignored');
});

test('links: no loop, nothing twice, but what lies outside is found', (context) => {
  const root = project(context, { 'app/src/a.js': '', 'shared/b.js': '' });
  symlinkSync('..', join(root, 'app/src/up'));
  symlinkSync('src', join(root, 'app/again'));
  symlinkSync('../shared', join(root, 'app/shared'));
  symlinkSync('nowhere', join(root, 'app/broken.js'));
  mkdirSync(join(root, 'app/folder.js'));
  assert.deepEqual(found(join(root, 'app')), ['shared/b.js', 'src/a.js']);
});
