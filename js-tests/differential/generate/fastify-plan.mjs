// Draws the plan of a Fastify server: a tree of encapsulated scopes with hooks, decorators, plugins, routes and autoloaded folders.
import { drawGuard, newServer } from './express-plan.mjs'
import { planCheck } from './checks.mjs'
import { autoloadedPrefix } from './fastify-scopes.mjs'
import { planHandler } from './handlers.mjs'

const METHODS = { get: 6, post: 4, put: 1.5, delete: 2, patch: 1.5 }
const STAGES = { onRequest: 5, preHandler: 5, preValidation: 1.5, preParsing: 0.4 }

export function planFastify(rng, framework, seed) {
  const server = newServer(rng, framework, seed)
  server.start = rng.weighted({ flat: 4, build: 5, asyncBuild: 3, main: 3 })
  // In `asyncBuild` and `main` the root registers with `await`, so what a plugin adds is there on the next line.
  server.awaits = ['asyncBuild', 'main'].includes(server.start)
  // Without `await`, the root's own hooks are in place before the cookie plugin's: no cookies then.
  server.cookies = server.awaits && rng.chance(0.5)
  server.fastifyJwt = rng.chance(0.35)
  const kind = rng.weighted({ none: 6, user: 3, session: server.cookies ? 3 : 0 })
  if (kind !== 'none') server.attach = { kind, sound: rng.chance(0.75), verify: rng.pick(['jwtNull', 'jwtAsyncNull', 'dbSession']), style: rng.int(0, 5) }
  server.authPlugin = { form: rng.weighted({ fp: 7, direct: 3, encapsulated: 0.6 }), late: rng.chance(0.08) }
  server.libraries = { auth: rng.chance(0.25), basic: rng.chance(0.2), bearer: rng.chance(0.15) }
  server.app = { id: 'app', form: 'root', prefix: '', items: planScope(rng, server, { depth: 0, brokenAbove: false, prefix: '', loaded: server.awaits }) }
  return server
}

/** A guard reference with the hook it is put on. `loaded`: whether decorators of plugins exist when this scope's code runs. */
function stagedGuard(rng, server, context) {
  const { ref, sound } = guardFor(rng, server, context)
  return { ref: { ...ref, stage: stageFor(rng, server, ref) }, sound }
}

/** A preParsing hook has the payload where others have `done`, so a guard with a callback does not fit there. */
function stageFor(rng, server, ref) {
  const callback = ref.library || server.guards.find(({ id }) => id === ref.guard).callback
  return rng.weighted(callback ? { ...STAGES, preParsing: 0 } : STAGES)
}

function guardFor(rng, server, context) {
  const library = Object.entries(server.libraries).filter(([, on]) => on).map(([name]) => name)
  if (library.length && context.loaded && rng.chance(0.3)) {
    const kind = rng.pick(library)
    if (kind === 'basic') return { ref: { library: 'basic' }, sound: true }
    if (kind === 'bearer') return { ref: { library: 'bearer' }, sound: true }
    return authRef(rng, server, context)
  }
  const { ref, sound } = drawGuard(rng, server, context)
  const guard = server.guards.find(({ id }) => id === ref.guard)
  // A decorator read while it does not exist yet is undefined, which Fastify silently ignores: rare, but it happens.
  if (guard.shape === 'decorator') ref.lazy = !context.loaded ? rng.chance(0.75) : rng.chance(0.1)
  return { ref, sound }
}

/** For `addHook`, where an undefined decorator stops the server from starting: read it late unless it is surely there. */
function existing(server, ref, context) {
  const { form, late } = server.authPlugin
  const surely = !late && (form === 'direct' || (form === 'fp' && context.loaded))
  return ref.library || surely ? ref : { ...ref, lazy: true }
}

/** `fastify.auth([...])`: passes when one member does ('or', the default) or when all do ('and'). */
function authRef(rng, server, context) {
  const sound = context.brokenAbove || rng.chance(0.6)
  const relation = rng.pick(['or', 'or', 'and'])
  const member = (memberSound) => {
    const callback = rng.chance(0.4)
    const check = planCheck(rng, { framework: server.framework, cookies: server.cookies, ambient: null, callback, sound: memberSound })
    // Members must fail by throwing or by done(error): a member that answers by itself would race with the others.
    Object.assign(check, { fail: callback ? 'doneError' : 'throw' })
    const guard = { id: `g${server.guards.length + 1}`, name: rng.pick(['verifyToken', 'verifyKey', 'verifyAdmin', 'allowMember']), sound: memberSound, check, shape: 'plain', callback, home: 'lib/strategies', spelling: rng.int(0, 5), member: true }
    server.guards.push(guard)
    return guard.id
  }
  const badFirst = rng.chance(0.5)
  const sounds = rng.chance(0.4) ? [sound] : relation === 'or' ? (sound ? [true, true] : badFirst ? [false, true] : [true, false]) : (sound ? (badFirst ? [false, true] : [true, true]) : [false])
  // The bug "goes on after rejecting" throws here and so is none; a broken member must be broken in another way.
  const members = sounds.map(member)
  for (const id of members) {
    const { check } = server.guards.find((guard) => guard.id === id)
    if (check.bug === 'noReturn' || check.flow === 'responds') Object.assign(check, { flow: 'boolean', verify: 'present', bug: null })
  }
  return { ref: { library: 'auth', members, relation, spelled: relation === 'and' || rng.chance(0.4) }, sound }
}

function planScope(rng, server, context) {
  const inner = { ...context }
  const hooks = []
  const hook = () => {
    const { ref, sound } = guardFor(rng, server, inner)
    if (!sound) inner.brokenAbove = true
    return { t: 'hook', stage: stageFor(rng, server, ref), guard: existing(server, ref, inner), exempt: null }
  }
  if (rng.chance(context.depth === 0 ? 0.1 : 0.32)) hooks.push(hook())
  const items = []
  if (rng.chance(0.15)) items.push({ t: 'noise', kind: rng.pick(['requestId', 'rateLimit', 'timing']) })
  const steps = context.depth === 0 ? rng.int(2, 4) : rng.int(1, 3)
  for (let i = 0; i < steps && server.budget > 0; i++) {
    const what = rng.weighted({
      routes: 5, loop: 0.7, register: context.depth < 3 && server.routers > 0 ? (context.depth === 0 ? 9 : 2) : 0,
      registerLoop: context.depth < 2 && server.routers > 1 ? 1.3 : 0, guardPlugin: 0.7, autoload: context.depth === 0 && server.routers > 0 && !inner.autoloaded ? 1.5 : 0,
      bearerPlugin: 0.3, after: context.depth === 0 && !server.awaits ? 0.5 : 0, onRoute: context.depth > 0 && context.depth < 3 ? 0.3 : 0,
    })
    if (what === 'autoload') inner.autoloaded = true
    items.push(...STEPS[what](rng, server, inner))
  }
  if (!items.some((item) => !['noise', 'guardPlugin', 'onRoute'].includes(item.t))) items.push(planRoute(rng, server, inner))
  // In Fastify a hook covers its whole scope wherever it stands.
  for (const item of hooks) items.splice(rng.chance(0.6) ? 0 : rng.int(0, items.length), 0, item)
  exempt(rng, server, context, items)
  return items
}

/** Some hooks let a route of their own scope through: by its URL, by a list, or by a flag in the route's config. */
function exempt(rng, server, context, items) {
  const routes = items.filter((item) => item.t === 'route')
  for (const item of items) {
    if (item.t !== 'hook' || !rng.chance(0.3)) continue
    const kind = routes.length ? rng.pick(['startsWith', 'equals', 'list', 'config', 'routeUrl', 'method', 'get', 'set', 'some']) : rng.pick(['config', 'startsWith'])
    const route = routes.length ? rng.pick(routes) : null
    const value = route ? (context.prefix + route.path).replace(/\/:.*|\/\*.*/, '').replace(/(.)\/$/, '$1') : '/health'
    if (kind === 'config' && route) route.public = rng.chance(0.85)
    // A comparison with the whole URL cannot exempt a route with a parameter; its prefix can.
    item.exempt = { kind, value, full: route ? (context.prefix + route.path).replace(/(.)\/$/, '$1') : '/health' }
  }
}

const STEPS = {
  routes: (rng, server, context) => Array.from({ length: rng.int(1, 3) }, () => planRoute(rng, server, context)),
  register: (rng, server, context) => [planRegister(rng, server, context)],
  registerLoop(rng, server, context) {
    const count = Math.min(server.routers, rng.int(2, 3))
    return [{ t: 'registerLoop', form: rng.pick(['forOf', 'forEach', 'entries']), entries: Array.from({ length: count }, () => planRegister(rng, server, context, true)) }]
  },
  /** A plugin of its own file that adds a hook: covers the parent only if it is wrapped with fastify-plugin. */
  guardPlugin(rng, server, context) {
    const { ref, sound } = guardFor(rng, server, { ...context, loaded: false })
    if (ref.library) return []
    const wrapped = rng.chance(0.75)
    if (wrapped && !sound) context.brokenAbove = true
    return [{ t: 'guardPlugin', id: `p${server.guards.length}-${server.budget}`, wrapped, stage: stageFor(rng, server, ref), guard: { ...ref, lazy: true } }]
  },
  /** A hook that gives every route registered after it a guard of its own. */
  onRoute(rng, server, context) {
    const { ref, sound } = stagedGuard(rng, server, { ...context, brokenAbove: true })
    if (ref.library || !sound) return []
    return [{ t: 'onRoute', guard: { ...ref, lazy: true }, stage: ref.stage === 'preParsing' ? 'onRequest' : ref.stage }, planRoute(rng, server, context)]
  },
  bearerPlugin: (rng, server, context) => (context.brokenAbove || context.depth === 0 ? [] : [{ t: 'bearerPlugin' }]),
  after: (rng, server, context) => [{ t: 'after', items: [planRoute(rng, server, { ...context, loaded: true })] }],
  loop(rng, server, context) {
    const form = rng.pick(['names', 'table', 'forEach'])
    const count = rng.int(2, 3)
    server.budget -= count
    const guarded = rng.chance(0.55) ? stagedGuard(rng, server, context).ref : null
    const entries = Array.from({ length: count }, () => ({ noun: server.nouns.pop(), method: rng.weighted(METHODS), guarded: rng.chance(0.6) }))
    const shared = form === 'names' ? { method: entries[0].method, handler: { ...planHandler(rng, server), place: 'inline', work: 'prisma' } } : null
    for (const entry of entries) entry.handler = shared ? null : { ...planHandler(rng, server), place: rng.pick(['local', 'controller']) }
    return [{ t: 'loop', form, guard: guarded, entries, shared }]
  },
  autoload(rng, server, context) {
    const prefix = rng.chance(0.4) ? `/${rng.pick(['api', 'v1', 'internal'])}` : ''
    const hooks = rng.chance(0.6)
    const cascade = hooks && rng.chance(0.5)
    const files = Array.from({ length: Math.min(server.routers, rng.int(1, 3)) }, () => {
      server.routers--
      const noun = server.nouns.pop()
      const nested = rng.chance(0.25) ? `${noun}/${server.nouns.pop()}` : null
      return { noun, folder: nested ?? noun, hook: hooks && rng.chance(0.6), autoPrefix: rng.chance(0.1) ? `/${server.nouns.pop()}` : null }
    })
    const append = server.framework === 'fastify5' && files.some(({ autoPrefix }) => autoPrefix) && rng.chance(0.3)
    const rootHook = hooks && rng.chance(0.35)
    // Folder hooks and root hooks meet in one chain when they cascade, so at most one of them may be broken.
    let broken = context.brokenAbove
    const folderGuard = () => {
      const { ref, sound } = guardFor(rng, server, { ...context, loaded: true, brokenAbove: broken })
      broken ||= !sound
      return { stage: stageFor(rng, server, ref), guard: existing(server, ref, { loaded: true }) }
    }
    const root = rootHook ? folderGuard() : null
    const entries = files.map((file) => {
      const guard = file.hook ? folderGuard() : null
      const prefixed = `${prefix}/${autoloadedPrefix({ append }, file)}`
      const items = planScope(rng, server, { depth: 3, brokenAbove: broken, prefix: prefixed.replace(/\/+/g, '/'), loaded: true })
      return { ...file, guard, scope: { id: `a-${file.noun}`, noun: file.noun, form: 'autoload', items } }
    })
    return [{ t: 'autoload', id: `l${server.budget}`, prefix, hooks, cascade, append, root, entries, dir: rng.pick(['routes', 'api']) }]
  },
}

function planRoute(rng, server, context) {
  server.budget--
  const noun = server.nouns.pop()
  const form = rng.weighted({ plain: 6, id: 3, nested: 1, splat: 0.4, root: context.owned && !context.rootTaken ? 4 : 0 })
  if (form === 'root') context.rootTaken = true
  const path = { plain: `/${noun}`, id: `/${noun}/:id`, nested: `/${noun}/:id/items`, splat: `/${noun}/*`, root: '/' }[form]
  const method = rng.chance(0.04) ? 'all' : rng.weighted(METHODS)
  const guards = rng.chance(0.32) ? [stagedGuard(rng, server, context).ref] : []
  const how = rng.weighted({ short: 6, full: 3, optionHandler: 1, methods: method === 'all' ? 0 : 0.5, routeObject: 0.7 })
  const handler = planHandler(rng, server)
  // A GET has no body to validate.
  if (how === 'methods') handler.noise = 'none'
  return { t: 'route', noun, method, methods: how === 'methods' ? ['GET', 'POST'] : null, path, how, guards, array: rng.chance(0.25), public: undefined, handler }
}

function planRegister(rng, server, context, plain = false) {
  server.routers--
  const noun = server.nouns.pop()
  const owned = plain || rng.chance(0.6)
  const form = plain ? rng.pick(['module', 'named']) : rng.weighted({ module: 6, named: 3, inline: 2, fp: 0.8, factory: 1.2, callback: 1.5, method: 1 })
  // A plugin wrapped with fastify-plugin registers on its parent and gets no prefix.
  const prefix = form === 'fp' ? null : owned ? `/${noun}` : rng.chance(0.2) ? null : rng.pick(server.prefixes.slice(0, 3))
  const items = planScope(rng, server, {
    depth: form === 'fp' ? 3 : context.depth + 1, brokenAbove: context.brokenAbove, prefix: context.prefix + (prefix ?? ''), loaded: true, owned: owned && prefix !== null,
  })
  return { t: 'register', prefix, spelling: rng.weighted({ literal: 6, config: 1, variable: 1 }), scope: { id: `s${server.routers}-${noun}`, noun, form, folder: rng.pick(['routes', 'plugins/api', 'modules']), items } }
}
