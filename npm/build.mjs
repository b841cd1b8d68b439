/**
 * Bundles the host: the command line starts in half the time that its thirty modules and five packages take, and who installs authlint
 * installs nothing else. Declarations come from `tsc`.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'rolldown';

const path = (relative) => fileURLToPath(new URL(relative, import.meta.url));

await build({
  input: {
    cli: path('src/cli.ts'),
    index: path('src/index.ts'),
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
  plugins: [licences()],
});

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
