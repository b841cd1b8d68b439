/**
 * Bundles the host: the command line starts in half the time that its thirty modules and five packages take, and who installs authlint
 * installs nothing else. Declarations come from `tsc`.
 */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'rolldown';

const path = (relative) => fileURLToPath(new URL(relative, import.meta.url));

await build({
  input: {
    cli: path('src/cli.ts'),
    index: path('src/index.ts'),
    eslint: path('src/eslint/index.ts'),
    worker: path('src/worker.ts'),
    // Loaded only where a configuration is TypeScript and Node cannot read that.
    sucrase: 'sucrase',
    // For the tests of this repository; not exported by the package.
    engine: path('src/engine.ts'),
    internal: path('src/internal.ts'),
  },
  platform: 'node',
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
  plugins: [await embedded(), licences()],
});

/** `authlint:embedded`: see `src/embedded.d.ts`. */
async function embedded() {
  const wasm = readFileSync(path('dist/wasm/authlint_bg.wasm'));
  const engine = await import('./dist/wasm/analysis.js');
  engine.initSync({ module: new WebAssembly.Module(wasm) });
  const { version } = JSON.parse(readFileSync(path('package.json'), 'utf8'));
  const constants = {
    ENGINE_HASH: createHash('sha256').update(wasm).digest('base64url').slice(0, 16),
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
        for (const id of chunk.moduleIds ?? []) {
          const folder = /^.*[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+/.exec(id)?.[0];
          if (folder) folders.add(folder);
        }
      }
      const texts = [...folders].sort().map((folder) => {
        const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
        const file = ['LICENSE', 'LICENSE.md', 'license', 'LICENSE-MIT'].map((candidate) => join(folder, candidate)).find(existsSync);
        return `${name} ${version} (${license})\n\n${file ? readFileSync(file, 'utf8').trim() : ''}\n`;
      });
      this.emitFile({ type: 'asset', fileName: 'THIRD-PARTY.txt', source: texts.join(`\n${'-'.repeat(80)}\n\n`) });
    },
  };
}
