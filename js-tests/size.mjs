/** The size of the engine and of the package: what is committed, what is built, what is allowed. `node size.mjs --update` writes the built size down. */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants } from 'node:zlib';

const committed = new URL('./size.json', import.meta.url);
const engine = new URL('../npm/dist/wasm/authlint_bg.wasm', import.meta.url);

/** Bytes that must never be exceeded. */
export const LIMIT = { raw: 1_500_000, brotli: 450_000, tarball: 900_000 };

/** How far the built size may be from the committed one: other versions of the tools differ a little. */
export const DRIFT = 0.02;

export function builtSize() {
  const bytes = readFileSync(engine);
  const brotli = brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } });
  return { raw: bytes.length, brotli: brotli.length, tarball: tarballSize() };
}

/** What a user downloads. */
function tarballSize() {
  const options = { cwd: fileURLToPath(new URL('../npm', import.meta.url)), encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'], shell: process.platform === 'win32' };
  return JSON.parse(execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], options))[0].size;
}

export function committedSize() {
  return JSON.parse(readFileSync(committed, 'utf8'));
}

if (process.argv[1] === new URL(import.meta.url).pathname) {
  const size = builtSize();
  if (process.argv.includes('--update')) writeFileSync(committed, `${JSON.stringify(size, null, 2)}\n`);
  console.log(`engine: ${size.raw.toLocaleString('en-US')} bytes, ${size.brotli.toLocaleString('en-US')} with brotli; package: ${size.tarball.toLocaleString('en-US')} bytes`);
}
