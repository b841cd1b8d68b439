/** The size of the engine: what is committed, what is built, what is allowed. `node size.mjs --update` writes the built size down. */
import { readFileSync, writeFileSync } from 'node:fs';
import { brotliCompressSync, constants } from 'node:zlib';

const committed = new URL('./size.json', import.meta.url);
const engine = new URL('../npm/dist/wasm/authlint_bg.wasm', import.meta.url);

/** Bytes that must never be exceeded. */
export const LIMIT = { raw: 1_500_000, brotli: 450_000 };

/** How far the built size may be from the committed one: other versions of the tools differ a little. */
export const DRIFT = 0.02;

export function builtSize() {
  const bytes = readFileSync(engine);
  const brotli = brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } });
  return { raw: bytes.length, brotli: brotli.length };
}

export function committedSize() {
  return JSON.parse(readFileSync(committed, 'utf8'));
}

if (process.argv[1] === new URL(import.meta.url).pathname) {
  const size = builtSize();
  if (process.argv.includes('--update')) writeFileSync(committed, `${JSON.stringify(size, null, 2)}\n`);
  console.log(`engine: ${size.raw.toLocaleString('en-US')} bytes, ${size.brotli.toLocaleString('en-US')} with brotli`);
}
