// What a run prints: totals, disagreements by kind and by feature, a server in full, the histogram of features.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { writeFiles } from './harness/world.mjs'

const percent = (part, whole) => (whole ? `${((100 * part) / whole).toFixed(2)}%` : '-')

/** Totals over all results; the test asserts on these. */
export function totals(results) {
  const sum = { servers: results.length, endpoints: 0, open: 0, closed: 0, shadowed: 0, agreed: 0, unknown: 0, disagreements: 0, bootErrors: 0 }
  for (const result of results) {
    sum.endpoints += result.truth.length
    for (const truth of result.truth) sum[truth]++
    if (result.bootError) sum.bootErrors++
    if (!result.comparison) continue
    sum.agreed += result.comparison.agreed
    sum.unknown += result.comparison.unknown
    sum.disagreements += result.comparison.disagreements.length
  }
  return sum
}

/** @returns {boolean} whether everything agrees */
export function printReport(results, { engine, ms, memory, verbose, limit }) {
  const sum = totals(results)
  console.log(`${sum.servers} servers, ${sum.endpoints} endpoints: ${sum.open} open, ${sum.closed} closed (${percent(sum.closed, sum.open + sum.closed)}), ${sum.shadowed} shadowed; ` +
    `${sum.bootErrors} did not start; ${(ms / sum.servers).toFixed(1)} ms per server, workers up to ${Math.round(memory / 1e6)} MB`)
  for (const framework of ['express4', 'express5', 'fastify4', 'fastify5']) {
    const own = totals(results.filter((result) => result.framework === framework))
    if (own.servers) console.log(`  ${framework}: ${own.servers} servers, ${own.endpoints} endpoints, ${percent(own.closed, own.open + own.closed)} closed${engine ? `, ${own.agreed} agree, ${own.unknown} unknown, ${own.disagreements} disagree` : ''}`)
  }
  for (const { seed, bootError } of results.filter((result) => result.bootError).slice(0, limit)) console.log(`  seed ${seed} did not start: ${bootError.split('\n')[0]}`)
  if (!engine) {
    console.log('The engine is not built: only the truth was recorded.')
    return sum.bootErrors === 0
  }
  console.log(`agree ${percent(sum.agreed, sum.endpoints - sum.shadowed)}, unknown ${percent(sum.unknown, sum.endpoints)}, disagreements ${sum.disagreements}`)
  printDisagreements(results, verbose ? Infinity : limit)
  printTags(results)
  return sum.disagreements === 0 && sum.bootErrors === 0
}

function printDisagreements(results, limit) {
  const all = results.flatMap((result) => [...(result.comparison?.disagreements ?? []), ...(result.comparison?.unknowns ?? [])].map((entry) => ({ ...entry, result })))
  const kinds = Map.groupBy ? Map.groupBy(all, ({ kind }) => kind) : groupBy(all, ({ kind }) => kind)
  for (const [kind, list] of kinds) {
    console.log(`\n${kind}: ${list.length}`)
    for (const { result, truth, verdict, method, path, tags } of list.slice(0, limit)) console.log(`  --show ${result.seed} (${result.framework}, ${result.module}) ${method} ${path}: is ${truth}, authlint says ${verdict}\n      ${tags.join(' ')}`)
  }
  for (const { seed, shrunk } of results.filter((result) => result.shrunk).slice(0, limit)) {
    console.log(`\n--- seed ${seed}, smallest: ${shrunk.disagreement.kind}: ${shrunk.disagreement.method} ${shrunk.disagreement.path}, is ${shrunk.disagreement.truth}, authlint says ${shrunk.disagreement.verdict}`)
    printFiles(shrunk.files)
  }
}

function groupBy(list, key) {
  const groups = new Map()
  for (const entry of list) groups.set(key(entry), [...(groups.get(key(entry)) ?? []), entry])
  return groups
}

/** For each feature: in how many disagreements it takes part, and in what share of its endpoints. A high share names the idiom that is not understood. */
function printTags(results) {
  const wrong = new Map()
  for (const { comparison } of results) for (const { tags } of [...(comparison?.disagreements ?? []), ...(comparison?.unknowns ?? [])]) for (const tag of tags) wrong.set(tag, (wrong.get(tag) ?? 0) + 1)
  if (!wrong.size) return
  const seen = histogram(results)
  console.log('\ndisagreements and unknowns by feature (share of the endpoints that have it):')
  const rows = [...wrong].map(([tag, count]) => ({ tag, count, share: count / (seen.get(tag) ?? count) })).sort((a, b) => b.share * Math.sqrt(b.count) - a.share * Math.sqrt(a.count))
  for (const { tag, count, share } of rows.slice(0, 25)) console.log(`  ${String(count).padStart(5)}  ${(100 * share).toFixed(1).padStart(5)}%  ${tag}`)
}

function histogram(results) {
  const seen = new Map()
  for (const { tags } of results) for (const list of tags) for (const tag of new Set(list)) seen.set(tag, (seen.get(tag) ?? 0) + 1)
  return seen
}

export function printHistogram(results) {
  const open = new Map()
  for (const { tags, truth } of results) tags.forEach((list, i) => truth[i] === 'open' && new Set(list).forEach((tag) => open.set(tag, (open.get(tag) ?? 0) + 1)))
  const rows = [...histogram(results)].sort(([a], [b]) => (a < b ? -1 : 1))
  console.log('endpoints  open  feature')
  for (const [tag, count] of rows) console.log(`${String(count).padStart(9)}  ${percent(open.get(tag) ?? 0, count).padStart(7)}  ${tag}`)
}

function printFiles(files) {
  for (const [path, code] of Object.entries(files)) if (path !== 'package.json') console.log(`=== ${path}\n${code.trimEnd()}\n`)
}

export function printServer({ seed, framework, module, server, truth, comparison, inventory, bootError }) {
  printFiles(server.files)
  console.log(`seed ${seed}, ${framework}, ${module}`)
  if (bootError) return console.log(`did not start: ${bootError}`)
  const wrong = new Map(comparison?.disagreements.map((entry) => [`${entry.method} ${entry.path}`, entry]))
  server.endpoints.forEach(({ method, path, ref }, i) => {
    const entry = wrong.get(`${method} ${path}`)
    console.log(`  ${truth[i].padEnd(8)} ${method} ${path} (${ref})${entry ? `   <-- ${entry.kind}, authlint says ${entry.verdict}` : ''}`)
  })
  for (const found of inventory ?? []) console.log(`  authlint: ${found.auth} ${found.method} ${found.path} ${found.file}:${found.line}`)
}

export function dumpServer(directory, { seed, framework, module, server, truth, bootError }) {
  if (bootError) return
  const target = join(directory, String(seed).padStart(6, '0'))
  mkdirSync(target, { recursive: true })
  writeFiles(target, server.files)
  const endpoints = server.endpoints.map(({ method, path, ref, tags }, i) => ({ method, path, truth: truth[i], ref, tags }))
  writeFileSync(join(target, 'expected.json'), `${JSON.stringify({ seed, framework, module, endpoints }, null, 2)}\n`)
}
