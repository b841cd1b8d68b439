/** The package as it is published: what is in the tarball, how it is reached from ESM, CommonJS and TypeScript, and what it does without. */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { hostedProject, installed } from './support/tarball.mjs';
import { SERVER } from './support/server.mjs';

const HERE = fileURLToPath(new URL('.', import.meta.url));
const authlint = join(installed('bundlers'), 'node_modules/authlint');
const manifest = JSON.parse(readFileSync(join(authlint, 'package.json'), 'utf8'));
const entries = Object.entries(manifest.exports).filter(([, target]) => target.default);
const packed = readdirSync(authlint, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => relative(authlint, join(entry.parentPath, entry.name)).replaceAll('\\', '/'));

const node = (args, options) => spawnSync(process.execPath, args, { encoding: 'utf8', ...options });

test('publint and "are the types wrong?" find nothing in the tarball', (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'authlint-tarball-'));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  const options = { cwd: join(HERE, '../npm'), encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], shell: process.platform === 'win32' };
  const [{ filename }] = JSON.parse(execFileSync(npm, ['pack', '--json', '--ignore-scripts', '--pack-destination', folder], options));
  const tarball = join(folder, filename);

  const publint = node([join(HERE, 'node_modules/publint/src/cli.js'), 'run', tarball, '--strict']);
  assert.equal(publint.status, 0, publint.stdout + publint.stderr);
  assert.match(publint.stdout, /All good!/);

  // ESM only, as unplugin's own plugins are: `require` works by Node's own interoperation, which is tested below.
  const attw = node([join(HERE, 'node_modules/@arethetypeswrong/cli/dist/index.js'), tarball, '--profile', 'esm-only', '--format', 'json', '--exclude-entrypoints', './authlint.schema.json']);
  assert.equal(attw.status, 0, attw.stdout + attw.stderr);
});

test('the tarball holds what the exports lead to, and nothing else', () => {
  // The last three are found at run time: two threads, and what reads a configuration in TypeScript.
  const starts = [...entries.map(([, target]) => target.default), ...Object.values(manifest.bin), 'dist/worker.js', 'dist/analysis-worker.js', 'dist/sucrase.js'];
  const scripts = reach(starts, scriptsOf);
  const declarations = reach(entries.flatMap(([, target]) => [target.types, target['types@<5.6'] ?? target.types]), declarationsOf);
  const pages = readdirSync(join(HERE, '../src/rules')).filter((name) => name.endsWith('.md')).map((name) => `dist/rules/${name.replaceAll('_', '-')}`);
  const texts = [...pages, 'package.json', 'README.md', 'authlint.schema.json', 'dist/THIRD-PARTY.txt', 'dist/wasm/authlint_bg.wasm'];
  assert.deepEqual(packed.toSorted(), [...scripts, ...declarations, ...texts].toSorted());
});

function reach(starts, follow) {
  const found = new Set();
  const visit = (file) => {
    if (found.has(file)) return;
    found.add(file);
    for (const next of follow(readFileSync(join(authlint, file), 'utf8'))) visit(join(dirname(file), next).replaceAll('\\', '/'));
  };
  for (const start of starts) visit(start.replace(/^\.\//, ''));
  return [...found];
}

// Examples in comments are no imports.
const scriptsOf = (code) => [...code.replace(/^\s*\*.*$/gm, '').matchAll(/(?:from\s*|import\s*|import\()["'](\.[^"']+\.js)["']/g)].map(([, path]) => path);
const declarationsOf = (code) => [...code.matchAll(/(?:from\s*|import\()'(\.[^']+)\.js'/g)].map(([, path]) => `${path}.d.ts`);

test('THIRD-PARTY.txt has the licence of each package that is in the bundles', () => {
  const texts = readFileSync(join(authlint, 'dist/THIRD-PARTY.txt'), 'utf8').split(`\n${'-'.repeat(80)}\n\n`);
  const licences = new Map(texts.map((text) => [/^(\S+) \d+\.\d+\.\d+ \((?:MIT|ISC|Apache-2\.0)\)\n\n/.exec(text)?.[1], text]));
  const bundled = packed.filter((file) => file.endsWith('.js')).flatMap((file) => readFileSync(join(authlint, file), 'utf8').match(/(?<=#region node_modules\/)(?:@[^/\s]+\/)?[^/\s]+/g) ?? []);
  assert.ok(bundled.includes('commander') && bundled.includes('chokidar'), 'the bundles say what they are made of');
  for (const name of bundled) assert.ok(licences.get(name)?.length > 500, `${name}: ${licences.get(name)}`);
  assert.ok(!licences.has(undefined) && !licences.has('unplugin'), 'what is installed beside the package brings its own');
});

test('the only runtime dependency is unplugin, and nothing but the bundler plugins needs it', (context) => {
  assert.deepEqual(Object.keys(manifest.dependencies), ['unplugin']);
  for (const host of Object.keys(manifest.peerDependencies)) assert.equal(manifest.peerDependenciesMeta[host]?.optional, true, host);

  const alone = mkdtempSync(join(tmpdir(), 'authlint-alone-'));
  context.after(() => rmSync(alone, { recursive: true, force: true }));
  cpSync(authlint, join(alone, 'node_modules/authlint'), { recursive: true });
  const names = entries.map(([path]) => `authlint${path.slice(1)}`).filter((name) => !/\/(?:vite|rollup|rolldown|webpack|rspack|esbuild|farm|bun)$/.test(name));
  assert.ok(names.length >= 3, String(names));
  const loaded = node(['--input-type=module', '-e', names.map((name) => `await import('${name}');`).join('\n')], { cwd: alone });
  assert.equal(loaded.status, 0, loaded.stderr);
  assert.equal(node([join(alone, 'node_modules/authlint/bin/authlint.js'), 'check', '--root', alone]).status, 0);
});

test('require() gives the plugin itself', (context) => {
  const root = hostedProject(context, 'bundlers', {
    'package.json': '{ "type": "commonjs" }',
    'index.js': `
      for (const name of ['vite', 'rollup', 'rolldown', 'webpack', 'rspack', 'esbuild', 'farm']) {
        const plugin = require('authlint/' + name)({ failOn: 'high' });
        if (plugin.name !== 'authlint' && typeof plugin.apply !== 'function') throw new Error(name);
      }
      if (typeof require('authlint/bun') !== 'function') throw new Error('bun');
      if (typeof require('authlint/next').withAuthlint !== 'function') throw new Error('next');
      if (typeof require('authlint').createProject !== 'function') throw new Error('authlint');
    `,
  });
  const result = node([join(root, 'index.js')]);
  assert.equal(result.status, 0, result.stderr);
});

test('createProject, findings and endpoints: what stands there now', (context) => {
  const root = hostedProject(context, 'bundlers', {
    ...SERVER,
    'index.mjs': `
      import { createProject, endpoints, findings } from 'authlint';
      const project = createProject({ root: '.', cache: false });
      const count = () => [findings(project).length, endpoints(project).length];
      const before = count();
      project.setText('src/users.js', '');
      console.log(JSON.stringify([before, count()]));
      project.dispose();
    `,
  });
  const { stdout, stderr } = node(['index.mjs'], { cwd: root });
  assert.deepEqual(JSON.parse(stdout || stderr), [[3, 2], [2, 1]]);
});

const CONSUMER = `
import { createProject, defineConfig as define, endpoints, findings, type Endpoint, type Finding } from 'authlint';
import farm from 'authlint/farm';
import esbuild from 'authlint/esbuild';
import { withAuthlint } from 'authlint/next';
import rolldown from 'authlint/rolldown';
import rollup from 'authlint/rollup';
import rspack from 'authlint/rspack';
import vite, { type Options } from 'authlint/vite';
import webpack from 'authlint/webpack';

const project = createProject({ root: '.' });
export const all: [Finding[], Endpoint[]] = [findings(project), endpoints(project)];
export const config = define({ failOn: 'high' });
export const options: Options = { root: '.', config: { publicRoutes: [] }, failOn: false, include: ['src'], cache: false, overlay: 'critical' };
export const plugins = [vite(options), rollup(), rolldown(), webpack(), rspack(), esbuild(), farm()];
// @ts-expect-error
vite({ failOn: 'fatal' });
// @ts-expect-error
webpack({ failon: 'high' });
export const next: (phase: string, context: { defaultConfig: object }) => Promise<{ reactStrictMode: boolean }> = withAuthlint({ reactStrictMode: true }, { failOn: 'high' });
withAuthlint(async (phase, { defaultConfig }) => ({ ...defaultConfig, distDir: phase }));
// @ts-expect-error
withAuthlint({}, { overlay: true });
`;

const WITH_HOSTS = `
import type { UserConfig as FarmConfig } from '@farmfe/core';
import type { Configuration as RspackConfig } from '@rspack/core';
import bun from 'authlint/bun';
import esbuild from 'authlint/esbuild';
import farm from 'authlint/farm';
import rolldown from 'authlint/rolldown';
import rollup from 'authlint/rollup';
import rspack from 'authlint/rspack';
import vite from 'authlint/vite';
import webpack from 'authlint/webpack';
import type { BuildOptions } from 'esbuild';
import { defineConfig as rolldownConfig } from 'rolldown';
import type { RollupOptions } from 'rollup';
import { defineConfig as viteConfig } from 'vite';
import type { Configuration as WebpackConfig } from 'webpack';

viteConfig({ plugins: [vite({ failOn: 'high' })] });
rolldownConfig({ plugins: [rolldown()] });
export const a: RollupOptions = { plugins: [rollup()] };
export const b: WebpackConfig = { plugins: [webpack()] };
export const c: RspackConfig = { plugins: [rspack()] };
export const d: BuildOptions = { plugins: [esbuild()] };
export const e: FarmConfig = { plugins: [farm()] };
export const f: Bun.BuildConfig = { entrypoints: [], plugins: [bun()] };
`;

test('the types are right without any host, and fit those of the real hosts', (context) => {
  const compiler = { module: 'nodenext', target: 'es2023', strict: true, noEmit: true };
  const root = hostedProject(context, 'bundlers', {
    'package.json': '{ "type": "module" }',
    'alone/index.ts': CONSUMER,
    'alone/tsconfig.json': JSON.stringify({ compilerOptions: { ...compiler, skipLibCheck: false, types: ['node'] }, include: ['.'] }),
    'hosts/index.ts': WITH_HOSTS,
    'hosts/tsconfig.json': JSON.stringify({ compilerOptions: { ...compiler, skipLibCheck: true, types: ['node', 'bun'] }, include: ['.'] }),
  });
  const tsc = join(installed('bundlers'), 'node_modules/typescript/bin/tsc');
  assert.ok(existsSync(tsc));
  for (const folder of ['alone', 'hosts']) {
    const { status, stdout } = node([tsc, '-p', join(root, folder)]);
    assert.equal(status, 0, stdout);
  }
});

test('the types can be read by TypeScript 5.0, with each way to resolve modules, and say what require() gives', (context) => {
  const root = hostedProject(context, 'bundlers', {
    'package.json': '{ "type": "module" }',
    'index.ts': CONSUMER,
    'index.cts': "import authlint = require('authlint/vite');\nexport = authlint({ failOn: 'high' });\n",
  });
  const compile = (version, file, ...options) => {
    const { status, stdout } = node([version, '--noEmit', '--strict', '--skipLibCheck', '--target', 'es2022', '--typeRoots', 'none', ...options, file], { cwd: root });
    assert.equal(status, 0, `${options.join(' ')}:\n${stdout}`);
  };
  const old = join(HERE, 'node_modules/typescript-5.0/bin/tsc');
  compile(old, 'index.ts', '--module', 'nodenext');
  compile(old, 'index.ts', '--module', 'esnext', '--moduleResolution', 'bundler');
  compile(old, 'index.ts', '--module', 'commonjs', '--moduleResolution', 'node', '--esModuleInterop');
  compile(join(installed('bundlers'), 'node_modules/typescript/bin/tsc'), 'index.cts', '--module', 'nodenext');
});
