// A child process that takes seeds and answers with results. It lives for one batch: modules loaded by `import` are never freed.
import { makeServer } from '../generate/server.mjs'
import { compare } from '../compare.mjs'
import { shrink } from '../shrink.mjs'
import { loadEngine } from './engine.mjs'
import { findTruth, prepareProcess } from './truth.mjs'
import { overNetwork } from './network.mjs'

const exit = process.exit
const analyse = await loadEngine()
prepareProcess()

const answer = async ({ seeds, only, world, keep, http, shrinkLimit }) => {
  const results = []
  for (const seed of seeds) {
    const server = makeServer(seed, only)
    const result = { seed, framework: server.framework, module: server.module, files: Object.keys(server.files).length, endpoints: server.endpoints.length, truth: [], tags: server.endpoints.map(({ tags }) => tags), ms: {} }
    results.push(result)
    if (keep) result.server = server
    try {
      const started = performance.now()
      result.truth = (await findTruth(server, world, seed, http ? overNetwork : undefined)).truth
      result.ms.truth = performance.now() - started
    } catch (error) {
      result.bootError = String(error?.message ?? error).slice(0, 400)
      continue
    }
    if (!analyse) continue
    try {
      const started = performance.now()
      const inventory = await analyse(server.files)
      result.ms.analyse = performance.now() - started
      result.comparison = compare(server, result.truth, inventory)
      if (keep) result.inventory = inventory
    } catch (error) {
      result.comparison = { agreed: 0, unknown: 0, shadowed: 0, unknowns: [], disagreements: [{ kind: `engine failed: ${error?.message}`, truth: null, verdict: null, method: '', path: '', tags: [] }] }
    }
    if (shrinkLimit && result.comparison.disagreements.length) result.shrunk = await shrink(seed, only, result.comparison.disagreements.find(({ kind }) => kind !== 'invented') ?? result.comparison.disagreements[0], { world, analyse, limit: shrinkLimit })
  }
  process.send({ results, engine: Boolean(analyse), memory: process.memoryUsage().rss })
}

process.on('message', (message) => {
  if (message.stop) return exit(0)
  // In this process nothing uncaught is ever shown (see prepareProcess), so a failure of the test itself is reported by hand.
  answer(message).catch((error) => {
    process.stderr.write(`seeds from ${message.seeds[0]}: ${error?.stack ?? error}\n`, () => exit(1))
  })
})
process.send({ ready: true })
