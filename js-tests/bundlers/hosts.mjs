/** The hosts as a user sets them up: three lines of configuration, and how a build and a watch are started. */

const ENTRY = './client.js';

/** A host whose configuration is a script, as its own documentation has it. */
const script = (name, imports, body) => ({
  'build.mjs': `import authlint from 'authlint/${name}';\n${imports}\nconst options = JSON.parse(process.env.AUTHLINT_OPTIONS ?? '{}');\nconst isWatch = process.argv.includes('--watch');\n${body}\n`,
});

const compiler = (name, imports) =>
  script(
    name,
    imports,
    `const compiler = webpack({ mode: 'production', context: process.cwd(), entry: '${ENTRY}', plugins: [authlint(options)] });
const print = (error, stats) => {
  console.log(error ?? stats.toString({ modules: false, assets: false }));
  if (error || stats.hasErrors()) process.exitCode = 1;
};
if (isWatch) compiler.watch({}, print);
else compiler.run((error, stats) => (print(error, stats), compiler.close(() => {})));`,
  );

const config = (name, body) => ({
  [`${name}.config.mjs`]: `import authlint from 'authlint/${name}';\nconst options = JSON.parse(process.env.AUTHLINT_OPTIONS ?? '{}');\nexport default ${body};\n`,
});

/**
 * `files` beside the server's; `build` and `watch`: what node runs, below `node_modules` or in the project; `place`: how the host writes a
 * place, of which the column is 1-based; `rebuilt`: what it says after each build in watch mode.
 */
export const HOSTS = {
  vite: {
    files: config('vite', '{ plugins: [authlint(options)] }'),
    build: ['vite/bin/vite.js', 'build'],
    watch: ['vite/bin/vite.js', 'build', '--watch'],
    place: (file, line, column) => `${file}:${line}:${column}`,
    /** The one that fails the build. */
    failing: (file, line, column) => `${file}:${line}:${column - 1}`,
    rebuilt: /built in \d|Build failed with/,
  },
  rollup: {
    files: config('rollup', `{ input: '${ENTRY}', output: { dir: 'dist' }, plugins: [authlint(options)] }`),
    build: ['rollup/dist/bin/rollup', '-c', 'rollup.config.mjs'],
    watch: ['rollup/dist/bin/rollup', '-c', 'rollup.config.mjs', '--watch'],
    place: (file, line, column) => `${file} (${line}:${column - 1})`,
    rebuilt: /created dist in|\[!\]/,
  },
  rolldown: {
    files: config('rolldown', `{ input: '${ENTRY}', output: { dir: 'dist' }, plugins: [authlint(options)] }`),
    build: ['rolldown/bin/cli.mjs', '-c', 'rolldown.config.mjs'],
    watch: ['rolldown/bin/cli.mjs', '-c', 'rolldown.config.mjs', '--watch'],
    place: (file, line, column) => `${file} (${line}:${column - 1})`,
    failing: (file, line, column) => `${file}:${line}:${column - 1}`,
    rebuilt: /Rebuilt|Finished in|Build failed/,
  },
  webpack: {
    files: compiler('webpack', "import webpack from 'webpack';"),
    build: ['build.mjs'],
    watch: ['build.mjs', '--watch'],
    place: (file, line, column) => `./${file}\n${line}:${column - 1}-`,
    rebuilt: /compiled/,
  },
  rspack: {
    files: compiler('rspack', "import { rspack as webpack } from '@rspack/core';"),
    build: ['build.mjs'],
    watch: ['build.mjs', '--watch'],
    place: (file, line, column) => `./${file}\n${line}:${column - 1}-`,
    rebuilt: /compiled/,
  },
  esbuild: {
    files: script(
      'esbuild',
      "import * as esbuild from 'esbuild';",
      `const settings = { entryPoints: ['${ENTRY}'], bundle: true, outdir: 'dist', logLevel: 'info', plugins: [authlint(options)] };
if (isWatch) await (await esbuild.context(settings)).watch();
else await esbuild.build(settings).catch(() => (process.exitCode = 1));`,
    ),
    build: ['build.mjs'],
    watch: ['build.mjs', '--watch'],
    place: (file, line, column) => `${file}:${line}:${column - 1}`,
    rebuilt: /build finished/,
  },
  farm: {
    files: script(
      'farm',
      "import { build } from '@farmfe/core';",
      `const compilation = { mode: 'production', persistentCache: false, input: { index: '${ENTRY}' }, output: { path: 'dist' } };
await build({ root: process.cwd(), clearScreen: false, compilation, plugins: [authlint(options)] }).catch(() => (process.exitCode = 1));`,
    ),
    build: ['build.mjs'],
    place: (file, line, column) => `${file}:${line}:${column}`,
  },
  bun: {
    files: script(
      'bun',
      '',
      `const { success, logs } = await Bun.build({ entrypoints: ['${ENTRY}'], outdir: 'dist', throw: false, plugins: [authlint(options)] });
for (const log of logs) console.error(log);
if (!success) process.exitCode = 1;`,
    ),
    build: ['build.mjs'],
    runtime: 'bun/bin/bun.exe',
    place: (file, line, column) => `${file}:${line}:${column}`,
  },
};
