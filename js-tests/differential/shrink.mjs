// Makes a disagreement small: cuts parts out of the server's plan and simplifies the rest for as long as the same kind of disagreement remains.
import { compare } from './compare.mjs'
import { findTruth } from './harness/truth.mjs'
import { planServer, renderServer } from './generate/server.mjs'

/** Fields of the plan and the plainest value each can have. */
const PLAINEST = {
  check: null, wrapper: null, asyncHandler: false, noise: 'none', work: 'prisma', place: 'inline', array: false, barrel: false, spelling: 'literal', exempt: null, attach: null,
  layout: '', module: 'cjs', start: 'flat', injected: null, home: 'middleware/auth', where: 'inline', cascade: false, autoPrefix: null, methods: null,
  cookies: false, fastifyJwt: false, auth: false, basic: false, bearer: false, lazy: false, late: false, callback: false,
}
/** `spelling` is a word on paths and a number on guards and handlers; only words are replaced. */
const LISTS = new Set(['items', 'guards', 'guardsAfter', 'steps', 'entries'])

let run = 0

/** @returns {Promise<{ files: Record<string, string>, disagreement: object, plan: object }>} */
export async function shrink(seed, only, wanted, { world, analyse, limit }) {
  let plan = planServer(seed, only)
  let best = { files: renderServer(plan).files, disagreement: wanted }
  let attempts = 0
  const holds = async (candidate) => {
    attempts++
    try {
      const server = renderServer(candidate)
      if (!server.endpoints.length) return null
      const { truth } = await findTruth(server, world, `shrink-${process.pid}-${seed}-${++run}`)
      const { disagreements } = compare(server, truth, await analyse(server.files))
      const disagreement = disagreements.find(({ kind, truth: t, verdict }) => kind === wanted.kind && t === wanted.truth && verdict === wanted.verdict)
      return disagreement ? { files: server.files, disagreement } : null
    } catch {
      return null
    }
  }
  for (let changed = true; changed && attempts < limit;) {
    changed = false
    for (const edit of edits(plan)) {
      if (attempts >= limit) break
      const candidate = structuredClone(plan)
      if (!apply(candidate, edit)) continue
      const result = await holds(candidate)
      if (!result) continue
      plan = candidate
      best = result
      changed = true
      // The paths of the remaining edits may have moved.
      break
    }
  }
  return best
}

/** All single edits of a plan, the ones that remove most first. */
function edits(plan) {
  const list = []
  const walk = (value, path) => {
    if (!value || typeof value !== 'object') return
    for (const [key, child] of Object.entries(value)) {
      const at = [...path, key]
      // The guards of the server are definitions, referred to by id: they go when nothing uses them.
      if (Array.isArray(child) && LISTS.has(key) && path.length) for (let i = 0; i < child.length; i++) list.push({ at, remove: i, depth: at.length })
      else if (key in PLAINEST && child !== PLAINEST[key] && (key !== 'spelling' || typeof child === 'string')) list.push({ at, set: PLAINEST[key], depth: 100 + at.length })
      walk(child, at)
    }
  }
  walk(plan, [])
  return list.sort((a, b) => a.depth - b.depth)
}

function apply(plan, { at, remove, set }) {
  const parent = at.slice(0, -1).reduce((value, key) => value?.[key], plan)
  const key = at.at(-1)
  if (!parent) return false
  if (remove === undefined) parent[key] = set
  else parent[key].splice(remove, 1)
  return true
}
