#!/usr/bin/env node
// The differential test: generated servers, booted with the real framework, against authlint's verdict on the same files.
//
//   node run.mjs --count 300 --seed 1 [--only express4|express5|fastify4|fastify5] [--jobs N]
//     --verbose      every disagreement       --show SEED   one server: files, truth, verdicts
//     --shrink       the smallest server found for each kind of disagreement (slow)
//     --histogram    how often each feature occurs
//     --dump DIR     write each server and its expected.json, for tools that are not called from here
//     --http         ask over real sockets instead of in-process (slow; the truth must be the same)
import { parseArgs } from 'node:util'
import { availableParallelism } from 'node:os'
import { dumpServer, printHistogram, printReport, printServer } from './report.mjs'
import { runServers } from './harness/pool.mjs'

const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '300' }, seed: { type: 'string', default: '1' }, only: { type: 'string' }, jobs: { type: 'string', default: String(Math.min(availableParallelism(), 8)) },
    verbose: { type: 'boolean', default: false }, show: { type: 'string' }, shrink: { type: 'boolean', default: false }, histogram: { type: 'boolean', default: false },
    dump: { type: 'string' }, http: { type: 'boolean', default: false }, limit: { type: 'string', default: '10' },
  },
})

const first = Number(values.show ?? values.seed)
const count = values.show ? 1 : Number(values.count)
const seeds = Array.from({ length: count }, (_, i) => first + i)
const options = {
  only: values.only ?? null, jobs: Number(values.jobs), http: values.http, keep: Boolean(values.show || values.dump), shrinkLimit: values.shrink ? 400 : 0,
  onBatch: process.stderr.isTTY ? (done) => process.stderr.write(`\r${done}/${count} servers`) : undefined,
}
// An interrupted run still removes its folder (see world.mjs).
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(130))
const { results, engine, ms, memory } = await runServers(seeds, options)
if (process.stderr.isTTY) process.stderr.write('\r')

if (values.show) printServer(results[0])
if (values.dump) for (const result of results) dumpServer(values.dump, result)
if (values.histogram) printHistogram(results)
const ok = printReport(results, { engine, ms, memory, verbose: values.verbose, limit: Number(values.limit) })
process.exit(ok ? 0 : 1)
