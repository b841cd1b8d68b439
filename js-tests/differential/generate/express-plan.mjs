// Draws the plan of an Express server: a tree of plain data (scopes, mounts, uses, routes), which express-render.mjs turns into files.
// The plan comes first so that the shrinker can cut parts out and render the rest unchanged.
import { planGuard, refTo } from './guards.mjs'
import { planHandler } from './handlers.mjs'

export const NOUNS = ['orders', 'invoices', 'users', 'products', 'reports', 'tickets', 'messages', 'files', 'teams', 'projects', 'payments', 'reviews', 'carts',
  'coupons', 'devices', 'events', 'exports', 'feeds', 'groups', 'holidays', 'imports', 'jobs', 'labels', 'members', 'notes', 'offers', 'plans', 'quotes', 'refunds',
  'sessions', 'tasks', 'uploads', 'vendors', 'wallets', 'accounts', 'banners', 'claims', 'drafts', 'audit-logs', 'api-tokens', 'line-items', 'user-roles', 'metrics',
  'shipments', 'suppliers', 'taxes', 'themes', 'trips', 'videos', 'votes', 'widgets', 'zones', 'agents', 'boards', 'cards', 'deals', 'emails', 'forms', 'games', 'hooks']

const METHODS = { get: 6, post: 4, put: 1.5, delete: 2, patch: 1.5 }

/** A server under planning: counters and pools that the helpers share. */
export function newServer(rng, framework, seed) {
  return {
    seed, framework, module: rng.weighted({ cjs: 5, esm: 3.5, ts: 2.5 }), layout: rng.pick(['', 'src/', 'src/', 'server/']),
    cookies: rng.chance(0.5), attach: null, guards: [], refs: 0, nouns: rng.shuffle(NOUNS), prefixes: rng.shuffle(['/api', '/api/v1', '/admin', '/v1', '/internal', '/app', '/rest', '/backend']),
    budget: rng.int(3, 10), routers: rng.int(1, 4),
  }
}

export function planExpress(rng, framework, seed) {
  const server = newServer(rng, framework, seed)
  const kind = rng.weighted({ none: 5, user: 3, isAuthenticated: 1.5, session: 1.5, locals: 1 })
  if (kind !== 'none') server.attach = { kind, sound: rng.chance(0.75), verify: rng.pick(['jwtNull', 'jwtAsyncNull', 'dbSession']), style: rng.int(0, 5) }
  server.start = rng.weighted({ flat: 4, split: 6, factory: 3, class: 2, main: 2 })
  server.app = { id: 'app', form: 'app', items: planItems(rng, server, { depth: 0, brokenAbove: false, id: 'app' }) }
  const tail = []
  if (rng.chance(0.4)) tail.push({ t: 'notFound' })
  if (rng.chance(0.5)) tail.push({ t: 'error', resumes: false })
  server.app.items.push(...tail)
  return server
}

/** Draws a guard for a place. Two broken guards in a row may contradict each other (one wants the header, one its absence), so below a broken one only sound ones. */
export function drawGuard(rng, server, context, soundChance = 0.55) {
  const sound = context.brokenAbove || rng.chance(soundChance)
  const usable = server.guards.filter((guard) => guard.sound === sound && !guard.member && !guard.wraps)
  const guard = usable.length && rng.chance(0.45) ? rng.pick(usable) : planGuard(rng, server, sound)
  const optionBroken = guard.sound && guard.shape === 'option' && !context.brokenAbove && rng.chance(0.3)
  return { ref: refTo(rng, guard, sound && !optionBroken), sound: sound && !optionBroken }
}

function planItems(rng, server, context) {
  const items = []
  const inner = { ...context }
  const use = (path = null) => {
    const { ref, sound } = drawGuard(rng, server, inner)
    if (!sound) inner.brokenAbove = true
    return { t: 'use', path, exempt: null, guards: [ref], form: rng.weighted({ use: 8, array: 1, spread: 1, all: path ? 0 : 1.2 }) }
  }
  if (context.depth === 0 && rng.chance(0.6)) items.push({ t: 'noise', kind: rng.pick(['cors', 'headers', 'requestLog', 'rateLimit', 'maintenance']) })
  if (rng.chance(context.depth === 0 ? 0.06 : 0.2)) items.push(use())
  const steps = context.depth === 0 ? rng.int(2, 5) : rng.int(1, 4)
  for (let i = 0; i < steps && server.budget > 0; i++) {
    const what = rng.weighted({
      route: 5, chain: 1.3, routeLoop: 0.9, mount: context.depth < 3 && server.routers > 0 ? (context.depth === 0 ? 9 : 2) : 0,
      mountLoop: context.depth < 2 && server.routers > 1 ? 1.6 : 0, use: 1.2, noise: 0.3, error: 0.15, param: 0.4,
    })
    items.push(...STEPS[what](rng, server, inner, use))
  }
  if (rng.chance(0.1)) items.push(use())
  exempt(rng, server, context, items)
  // A path guard that may or may not cover one of the mounts beside it, in front of it or behind it.
  const mount = items.findIndex((item) => item.t === 'mount' && item.prefix)
  if (mount >= 0 && rng.chance(0.45)) {
    const guard = use(guardPath(rng, server.framework, items[mount].prefix.values[0]))
    items.splice(rng.chance(0.8) ? mount : mount + 1, 0, guard)
  }
  if (context.owned && !items.some((item) => item.t === 'mount' || item.t === 'mountLoop') && server.budget > 0) {
    if (rng.chance(0.6)) items.splice(rng.int(0, items.length), 0, planRoute(rng, server, inner, '/'))
    if (rng.chance(0.4)) items.push(planRoute(rng, server, inner, '/:id'))
  }
  return items
}

/** Some guards let a route of their own scope through, by its path or by the method. */
function exempt(rng, server, context, items) {
  const routes = items.filter((item) => item.t === 'route' && !item.path.includes(':') && !item.path.includes('*') && item.path !== '/')
  for (const item of items) {
    if (item.t !== 'use' || item.path || !rng.chance(0.35)) continue
    const guard = server.guards.find(({ id }) => id === item.guards[0].guard)
    if (['array', 'router', 'pair'].includes(guard.shape)) continue
    const kind = routes.length ? rng.pick(['list', 'equals', 'startsWith', 'method', 'regexp', 'set', 'some', 'alternatives', guard.shape === 'expressJwt' && context.depth === 0 ? 'unless' : 'list']) : 'method'
    item.form = 'use'
    item.exempt = { kind, path: kind === 'method' ? null : rng.pick(routes).path, method: rng.pick(['GET', 'OPTIONS']) }
  }
}

/** Spellings of a guard's path for a mount at `prefix`: covering ones and near misses. */
function guardPath(rng, framework, prefix) {
  const v4 = framework === 'express4'
  const escaped = prefix.replace(/\//g, '\\/').replace(/:\w+/g, '[^/]+')
  return rng.weighted({
    [`'${prefix}'`]: 6, [`'${prefix.toUpperCase().replace(/:\w+/gi, ':x')}'`]: 0.7, [`'${prefix}x'`]: 1, [`'${prefix.slice(0, -1)}'`]: 1, [`'${prefix}/'`]: 0.7,
    [`['/elsewhere', '${prefix}']`]: 1, [`/^${escaped}/`]: 0.8, [`/^${escaped}x/`]: 0.4, [v4 ? `'${prefix}*'` : `'${prefix}/*splat'`]: 1, [v4 ? `'${prefix}/*'` : `'${prefix}{/*rest}'`]: 0.6, "'/'": 0.5,
  })
}

const STEPS = {
  route: (rng, server, context) => Array.from({ length: rng.int(1, 2) }, () => planRoute(rng, server, context)),
  chain(rng, server, context) {
    const noun = server.nouns.pop()
    const path = rng.pick([`/${noun}`, `/${noun}/:id`])
    const steps = []
    let broken = context.brokenAbove
    const all = () => {
      const { ref, sound } = drawGuard(rng, server, { ...context, brokenAbove: broken })
      broken ||= !sound
      return { method: 'all', guards: [ref], handler: null }
    }
    if (rng.chance(0.35)) steps.push(all())
    for (const method of rng.shuffle(['get', 'post', 'put', 'delete']).slice(0, rng.int(1, 3))) {
      server.budget--
      steps.push({ method, guards: routeGuards(rng, server, { ...context, brokenAbove: broken }), handler: planHandler(rng, server) })
    }
    if (rng.chance(0.15)) steps.push(all())
    return [{ t: 'chain', noun, path, steps }]
  },
  routeLoop(rng, server, context) {
    const form = rng.pick(['table', 'tableForOf', 'names', 'flag', 'entries'])
    const { ref } = drawGuard(rng, server, context)
    const count = rng.int(2, 3)
    server.budget -= count
    const entries = Array.from({ length: count }, () => ({ noun: server.nouns.pop(), method: form === 'entries' ? 'get' : rng.weighted(METHODS), guarded: rng.chance(0.5) }))
    const shared = form === 'names' ? { method: entries[0].method, handler: { ...planHandler(rng, server), place: 'inline', work: 'prisma' } } : null
    for (const entry of entries) entry.handler = shared ? null : { ...planHandler(rng, server), place: rng.pick(['local', 'controller']) }
    return [{ t: 'routeLoop', form, guard: ref, guarded: rng.chance(0.6), entries, shared }]
  },
  mount: (rng, server, context) => [planMount(rng, server, context)],
  mountLoop(rng, server, context) {
    const form = rng.pick(['forEach', 'forOf', 'entries', 'pairs', 'guardField'])
    const count = Math.min(server.routers, rng.int(2, 3))
    const shared = rng.chance(0.35) ? drawGuard(rng, server, context) : null
    const inner = { ...context, brokenAbove: context.brokenAbove || (shared !== null && !shared.sound) }
    const entries = Array.from({ length: count }, () => {
      const own = form === 'guardField' && rng.chance(0.6) ? drawGuard(rng, server, inner) : null
      const entry = planMount(rng, server, { ...inner, brokenAbove: inner.brokenAbove || (own !== null && !own.sound) }, { plain: true })
      return { ...entry, guards: own ? [own.ref] : [] }
    })
    return [{ t: 'mountLoop', form, guards: shared ? [shared.ref] : [], entries }]
  },
  use: (rng, server, context, use) => [use()],
  // No `headers` here: setting one fails after a guard that answered and went on, which would protect by accident.
  noise: (rng) => [{ t: 'noise', kind: rng.pick(['requestLog', 'rateLimit']) }],
  error: (rng) => [{ t: 'error', resumes: rng.chance(0.4) }],
  param(rng, server, context) {
    // An odd one: a guard on a parameter covers every route of this router that has it, wherever it stands.
    if (context.brokenAbove) return []
    const { ref } = drawGuard(rng, server, context)
    if (['array', 'pair', 'router'].includes(server.guards.find(({ id }) => id === ref.guard).shape)) return []
    return [{ t: 'param', name: 'id', guard: { ...ref, wrapped: false } }, planRoute(rng, server, context)]
  },
}

function planRoute(rng, server, context, path = null) {
  server.budget--
  const noun = path && context.noun ? context.noun : server.nouns.pop()
  const v4 = server.framework === 'express4'
  const form = rng.weighted({ plain: 6, id: 3, nested: 1, list: 0.5, splat: 0.4, digits: v4 ? 0.4 : 0, optional: v4 ? 0.2 : 0.2 })
  const paths = path ? [path] : {
    plain: [`/${noun}`], id: [`/${noun}/:id`], nested: [`/${noun}/:id/items`], list: [`/${noun}`, `/${noun}-list`],
    splat: [v4 ? `/${noun}/*` : `/${noun}/*splat`], digits: [`/${noun}/:id(\\\\d+)`], optional: [`/${noun}/details`],
  }[form]
  const method = rng.chance(0.05) ? 'all' : rng.weighted(METHODS)
  return {
    t: 'route', noun, method, paths, path: paths[0], guards: routeGuards(rng, server, context), array: rng.chance(0.15),
    spelling: rng.weighted({ literal: 8, template: 1, constant: 1 }), handler: planHandler(rng, server),
  }
}

function routeGuards(rng, server, context) {
  if (!rng.chance(0.26)) return []
  const { ref } = drawGuard(rng, server, context)
  return [ref]
}

const FORMS = { module: 6, named: 3, factory: 2.5, register: 2, class: 2, inline: 1.5, subapp: 1, instance: 1 }

function planMount(rng, server, context, { plain = false } = {}) {
  server.routers--
  const noun = server.nouns.pop()
  const form = plain ? rng.pick(['module', 'named', 'module', 'factory']) : rng.weighted(FORMS)
  // A prefix of its own noun lets the scope use '/' and '/:id'; a shared one does not.
  const owned = plain || rng.chance(0.55)
  const values = owned ? [rng.chance(0.12) ? `/accounts/:accountId/${noun}` : `/${noun}`] : rng.chance(0.15) && !plain ? null : [rng.pick(server.prefixes.slice(0, 3))]
  if (owned && rng.chance(0.06) && form !== 'register' && !plain) values.push(`/legacy/${noun}`)
  const guards = []
  const guardsAfter = []
  let broken = context.brokenAbove
  if (!plain && form !== 'register' && rng.chance(0.28)) {
    const { ref, sound } = drawGuard(rng, server, context)
    broken ||= !sound
    ;(rng.chance(0.9) ? guards : guardsAfter).push(ref)
  }
  const id = `s${server.routers}-${noun}`
  // The same router once more, under another prefix and with guards of its own: the old address that nobody thought of.
  const again = !plain && form !== 'register' && values?.length === 1 && rng.chance(0.07) ? { prefix: `/old${values[0]}`, guards: rng.chance(0.4) ? [drawGuard(rng, server, context).ref] : [] } : null
  if (again && again.guards.some((ref) => !server.guards.find(({ id: g }) => g === ref.guard).sound)) broken = true
  const injected = ['factory', 'register', 'class'].includes(form) && rng.chance(0.35) ? drawGuard(rng, server, { ...context, brokenAbove: broken }) : null
  const items = planItems(rng, server, { depth: context.depth + 1, brokenAbove: broken, owned: owned && values !== null, noun, id })
  // A function that registers on the app sees full paths: exemptions by the router's own path do not apply.
  if (form === 'register') for (const item of items) if (item.t === 'use' && item.exempt?.kind !== 'method') item.exempt = null
  // An empty router is no idiom: give it a route.
  if (!items.some((item) => item.t !== 'use' && item.t !== 'noise')) items.push(planRoute(rng, server, { ...context, brokenAbove: broken }))
  if (injected) for (const item of items) if (item.t === 'route' && !item.guards.length && rng.chance(0.6)) item.guards = [{ ...injected.ref, wrapped: false, injected: true }]
  return {
    t: 'mount', again, prefix: values && { values, spelling: rng.weighted({ literal: 7, config: 1.5, template: 1 }) }, guards, guardsAfter,
    scope: { id, form, noun, folder: rng.pick(['routes', 'routes', 'api', 'modules']), barrel: ['module', 'named'].includes(form) && rng.chance(0.25), injected: injected?.ref ?? null, items },
  }
}
