/** The sizes of the engine and of the package are committed numbers: growth is seen in review, and never exceeds the budget. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LIMIT, builtSize, committedSize, DRIFT } from './size.mjs';

const built = builtSize();
const committed = committedSize();

for (const kind of ['raw', 'brotli', 'tarball']) {
  test(`it is within its limit (${kind})`, () => {
    assert.ok(built[kind] <= LIMIT[kind], `${built[kind]} bytes are more than the limit of ${LIMIT[kind]}`);
  });

  test(`it has the committed size (${kind})`, () => {
    const drift = Math.abs(built[kind] - committed[kind]) / committed[kind];
    assert.ok(
      drift <= DRIFT,
      `${kind}: built ${built[kind]} bytes, committed ${committed[kind]} (${(drift * 100).toFixed(1)} % apart). ` +
        'If that is intended: cargo xtask size --update, and commit js-tests/size.json.',
    );
  });
}
