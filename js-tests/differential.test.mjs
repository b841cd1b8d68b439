// authlint against reality: generated Express and Fastify servers, booted with the real frameworks and asked as an anonymous attacker would.
// `node js-tests/differential/run.mjs --help` (see its head) for a closer look at a disagreement.
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'

const COUNT = 300
const SEED = 1
/** Idioms that the sample must contain, or the agreement says little. */
const FEATURES = [
  'bug:noReturn', 'bug:notAwaited', 'bug:optional', 'bug:inverted', 'bug:catchPasses', 'bug:swallowed', 'bug:ignored', 'scope:factory', 'scope:register', 'scope:class', 'scope:subapp', 'barrel',
  'mount-loop:forEach', 'mount-loop:entries', 'route-loop:table', 'route-chain', 'param-guard', 'guard-after-mount', 'error-handler', 'use-path:literal', 'use-path:wildcard', 'use:all', 'asyncHandler',
  'in-handler', 'hof', 'hook', 'decorator:direct', 'guard-plugin-fp', 'guard-plugin-encapsulated', 'autoload', 'autohooks', 'exempt:startsWith', 'exempt:set', 'exempt:some', 'exempt:alternatives', 'use:spread', 'guard:classAlias', 'guard:constructorFn', 'on-route', 'fail:nextRouter', 'autoPrefix', 'library:auth-or', 'module:esm', 'module:ts', 'module:cjs',
]

const installed = existsSync(fileURLToPath(new URL('./differential/node_modules/express5', import.meta.url)))

test(`differential: ${COUNT} servers`, async (t) => {
  assert.ok(installed, 'run `npm ci` in js-tests/differential first')
  const { makeServer } = await import('./differential/generate/server.mjs')
  const { runServers } = await import('./differential/harness/pool.mjs')
  const { totals } = await import('./differential/report.mjs')

  await t.test('one seed is one server', () => {
    for (let seed = SEED; seed < SEED + 30; seed++) assert.deepEqual(makeServer(seed), makeServer(seed))
  })

  const { results, engine } = await runServers(Array.from({ length: COUNT }, (_, i) => SEED + i))
  const sum = totals(results)
  t.diagnostic(JSON.stringify(sum))

  await t.test('every server starts, and the sample is broad', () => {
    assert.deepEqual(results.filter(({ bootError }) => bootError).map(({ seed, bootError }) => ({ seed, bootError })), [])
    const seen = new Set(results.flatMap(({ tags }) => tags.flat()))
    assert.deepEqual(FEATURES.filter((feature) => !seen.has(feature)), [])
    const closed = sum.closed / (sum.open + sum.closed)
    assert.ok(closed > 0.4 && closed < 0.65, `${(100 * closed).toFixed(0)}% of the endpoints are closed`)
  })

  await t.test('authlint agrees with the running servers', () => {
    assert.ok(engine, 'build the npm package first')
    const wrong = results.flatMap(({ seed, comparison }) => (comparison?.disagreements ?? []).map(({ kind, method, path, truth, verdict }) => `seed ${seed}: ${method} ${path} is ${truth}, authlint says ${verdict} (${kind})`))
    assert.deepEqual(wrong, [])
    assert.ok(sum.unknown <= 0.02 * sum.endpoints, `${sum.unknown} of ${sum.endpoints} endpoints are unknown`)
  })
})
