// Keeps at most one broken check in front of any endpoint's work. Two of them can close an endpoint between them by contradiction (one lets through only who
// sends no token, the other only who sends one, genuine or not): true, but no idiom, and nothing an analyser of guards one by one should be measured by.
import { VERIFIERS } from './verifiers.mjs'

export function repair(server) {
  repairScope(server, server.app, false)
  return server
}

function brokenCheck(server, check) {
  if (!check) return false
  // A check of req.user is as good as what attached it.
  if (check.ambient && server.attach && !server.attach.sound) return true
  return Boolean(check.bug || check.verify === 'jwtDecode' || VERIFIERS[check.verify]?.broken)
}

function brokenRef(server, ref) {
  if (!ref) return false
  if (ref.library) return (ref.members ?? []).some((id) => brokenRef(server, { guard: id }))
  const guard = server.guards.find(({ id }) => id === ref.guard)
  return !guard.sound || ref.args === 'optional' || brokenCheck(server, guard.check)
}

function repairHandler(server, handler, broken) {
  if (!handler || !broken) return
  if (brokenCheck(server, handler.check)) handler.check = null
  if (handler.wrapper && brokenRef(server, { guard: handler.wrapper })) handler.wrapper = null
}

/** Drops the broken guards of a list but the first, or all of them if one stands above; tells whether one is left. */
function repairRefs(server, refs, broken) {
  let seen = broken
  const kept = refs.filter((ref) => {
    if (!brokenRef(server, ref)) return true
    if (seen) return false
    return (seen = true)
  })
  refs.splice(0, refs.length, ...kept)
  return seen
}

/** @returns {boolean} whether the scope itself has a broken guard, which may reach beyond it */
function repairScope(server, scope, above) {
  let broken = above
  // Guards of the scope first: those of Fastify and router.param cover what stands before them, too.
  scope.items = scope.items.filter((item) => {
    const ref = { use: item.guards?.[0], param: item.guard, hook: item.guard, guardPlugin: item.guard }[item.t]
    if (!ref || !brokenRef(server, ref)) return true
    if (broken) return false
    return (broken = true)
  })
  let leaks = broken !== above
  for (const item of scope.items) {
    const leaked = REPAIRS[item.t]?.(server, item, broken || leaks)
    if (leaked) leaks = true
  }
  return leaks
}

const REPAIRS = {
  route(server, item, broken) {
    repairHandler(server, item.handler, repairRefs(server, item.guards, broken))
  },
  chain(server, item, broken) {
    let seen = broken
    for (const step of item.steps) if (!step.handler) seen = repairRefs(server, step.guards, seen)
    item.steps = item.steps.filter((step) => step.handler || step.guards.length)
    for (const step of item.steps) if (step.handler) repairHandler(server, step.handler, repairRefs(server, step.guards, seen))
  },
  routeLoop: repairLoop,
  loop: repairLoop,
  mount: (server, item, broken) => repairMount(server, item, broken),
  mountLoop(server, item, broken) {
    const seen = repairRefs(server, item.guards, broken)
    for (const entry of item.entries) repairMount(server, entry, seen)
  },
  register: (server, item, broken) => void repairScope(server, item.scope, broken),
  registerLoop(server, item, broken) {
    for (const entry of item.entries) repairScope(server, entry.scope, broken)
  },
  after(server, item, broken) {
    repairScope(server, item, broken)
  },
  autoload(server, item, broken) {
    if (broken && brokenRef(server, item.root?.guard)) item.root = null
    const root = broken || brokenRef(server, item.root?.guard)
    for (const entry of item.entries) {
      if (root && brokenRef(server, entry.guard?.guard)) entry.guard = null
      // Hooks may cascade from the folder above.
      repairScope(server, entry.scope, root || item.entries.some(({ guard }) => brokenRef(server, guard?.guard)))
    }
  },
}

function repairLoop(server, item, broken) {
  const guardBroken = brokenRef(server, item.guard)
  if (broken && guardBroken) {
    if (item.t === 'loop') item.guard = null
    item.guarded = false
    for (const entry of item.entries) entry.guarded = false
  }
  for (const handler of [item.shared?.handler, ...item.entries.map((entry) => entry.handler)]) repairHandler(server, handler, broken || guardBroken)
}

/** @returns {boolean} whether the router's own broken guards also meet the requests of what is mounted after it */
function repairMount(server, item, broken) {
  const all = [...item.guards, ...(item.guardsAfter ?? []), ...(item.again?.guards ?? [])]
  repairRefs(server, all, broken)
  for (const refs of [item.guards, item.guardsAfter, item.again?.guards]) refs?.splice(0, refs.length, ...refs.filter((ref) => all.includes(ref)))
  const inner = broken || all.some((ref) => brokenRef(server, ref))
  const leaks = repairScope(server, item.scope, inner)
  const own = item.prefix && item.prefix.values.every((value) => value.endsWith(`/${item.scope.noun}`)) && item.scope.form !== 'register'
  return (leaks || inner) && !own
}
