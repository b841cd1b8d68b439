/**
 * Bundles the host: the command line starts in half the time that its thirty modules and five packages take, and who installs authlint
 * installs nothing else. Declarations come from `tsc`.
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'rolldown';

const path = (relative) => fileURLToPath(new URL(relative, import.meta.url));

/** Hosts with an entry of their own; their plugins are made by unplugin, which is installed with the package. */
const BUNDLERS = ['vite', 'rollup', 'rolldown', 'webpack', 'rspack', 'esbuild', 'farm', 'bun', 'next'];

await build({
  input: {
    cli: path('src/cli.ts'),
    index: path('src/index.ts'),
    eslint: path('src/eslint/index.ts'),
    worker: path('src/worker.ts'),
    'analysis-worker': path('src/bundlers/analysis-worker.ts'),
    ...Object.fromEntries(BUNDLERS.map((name) => [name, path(`src/bundlers/entries/${name}.ts`)])),
    // Loaded only where a configuration is TypeScript and Node cannot read that.
    sucrase: 'sucrase',
    // For the tests of this repository; not exported by the package.
    engine: path('src/engine.ts'),
    internal: path('src/internal.ts'),
  },
  platform: 'node',
  external: ['unplugin'],
  resolve: {
    alias: { './wasm/analysis.js': path('dist/wasm/analysis.js'), './wasm/lowering.js': path('dist/wasm/lowering.js') },
    mainFields: ['module', 'main'],
  },
  output: {
    dir: path('dist'),
    format: 'esm',
    // All files lie in dist/ itself: code refers to the wasm and to the worker relative to its own place.
    chunkFileNames: '[name].js',
  },
  plugins: [await embedded(), licences(), leftovers()],
});

plainDeclarations();

// The page of the package: the repository's, whose links lead into the repository.
const { homepage } = JSON.parse(readFileSync(path('package.json'), 'utf8'));
const readme = readFileSync(path('../README.md'), 'utf8');
writeFileSync(path('README.md'), readme.replace(/\]\((?!https?:|#)([^)]+)\)/g, `](${homepage.replace('#readme', '/blob/main')}/$1)`));

/**
 * Until 5.6, TypeScript could not read `export { x as 'module.exports' }`, from which later versions know what `require` gives. Those get
 * declarations without it: see `types@<5.6` and `typesVersions` in package.json.
 */
function plainDeclarations() {
  for (const entry of readdirSync(path('dist'), { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !entry.name.endsWith('.d.ts')) continue;
    const file = join(entry.parentPath, entry.name);
    const text = readFileSync(file, 'utf8');
    const plain = text.replace(/, \w+ as 'module\.exports'/, '').replace(/(?:\/\*\*[^\n]*\n)?export \{ \w+ as 'module\.exports' \};\n/, '');
    if (plain !== text) writeFileSync(file.replace(/\.d\.ts$/, '.plain.d.ts'), plain);
  }
}

/** `authlint:embedded`: see `src/embedded.d.ts`. */
async function embedded() {
  const wasm = readFileSync(path('dist/wasm/authlint_bg.wasm'));
  const engine = await import('./dist/wasm/analysis.js');
  engine.initSync({ module: new WebAssembly.Module(wasm) });
  const { version } = JSON.parse(readFileSync(path('package.json'), 'utf8'));
  const constants = {
    ENGINE_HASH: createHash('sha256').update(wasm).update(version).digest('base64url').slice(0, 16),
    VERSION: version,
    RULES: engine.rules(),
  };
  const code = Object.entries(constants).map(([name, value]) => `export const ${name} = ${JSON.stringify(value)};`);
  return {
    name: 'embedded',
    resolveId: (id) => (id === 'authlint:embedded' ? `\0${id}` : undefined),
    load: (id) => (id === '\0authlint:embedded' ? code.join('\n') : undefined),
  };
}

/** Writes the licences of the bundled packages to `dist/THIRD-PARTY.txt`, as they ask for. */
function licences() {
  return {
    name: 'licences',
    generateBundle(_, bundle) {
      const folders = new Set();
      for (const chunk of Object.values(bundle)) {
        for (const [id, { renderedLength }] of Object.entries(chunk.modules ?? {})) {
          if (renderedLength === 0) continue;
          const folder = /^.*[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+/.exec(id)?.[0];
          if (folder) folders.add(folder);
        }
      }
      const texts = [...folders].sort().map((folder) => {
        const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
        const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
        if (!file) throw new Error(`${name} has no licence file: what does it ask for?`);
        return `${name} ${version} (${license})\n\n${readFileSync(join(folder, file), 'utf8').trim()}\n`;
      });
      this.emitFile({ type: 'asset', fileName: 'THIRD-PARTY.txt', source: texts.join(`\n${'-'.repeat(80)}\n\n`) });
    },
  };
}

/** Removes what former builds left in `dist`, and the declarations that no published one refers to. */
function leftovers() {
  const dist = path('dist');
  const { exports } = JSON.parse(readFileSync(path('package.json'), 'utf8'));
  return {
    name: 'leftovers',
    writeBundle(_, bundle) {
      const kept = new Set(Object.keys(bundle).map((name) => join(dist, name)));
      const follow = (file) => {
        if (kept.has(file)) return;
        kept.add(file);
        for (const [, specifier] of readFileSync(file, 'utf8').matchAll(/(?:from |import\()'(\.[^']+)\.js'/g)) follow(join(dirname(file), `${specifier}.d.ts`));
      };
      for (const { types } of Object.values(exports)) if (types) follow(path(types));
      for (const entry of readdirSync(dist, { recursive: true, withFileTypes: true })) {
        const file = join(entry.parentPath, entry.name);
        const isOurs = /\.(?:js|d\.ts|txt)$/.test(entry.name) && !file.startsWith(path('dist/wasm'));
        if (entry.isFile() && isOurs && !kept.has(file)) rmSync(file);
      }
      for (const name of readdirSync(dist)) if (isEmptyFolder(join(dist, name))) rmSync(join(dist, name), { recursive: true });
    },
  };
}

function isEmptyFolder(file) {
  return statSync(file).isDirectory() && !readdirSync(file, { recursive: true, withFileTypes: true }).some((entry) => entry.isFile());
}
