// Handlers: the endpoint's work, where it stands (inline, controller, service), what is checked inside it, and harmless code in front of it.
import { checkTags, planCheck, renderCheck } from './checks.mjs'
import { dialect, handlerParams, indent } from './dialects.mjs'
import { asyncHandlerFile, planGuard, wrapperExpression } from './guards.mjs'
import { configFile, fn, prisma } from './verifiers.mjs'

/** @returns a handler plan; `ref` is the marker that the stubs record when the work is reached */
export function planHandler(rng, server, { checkChance = 0.18, soundChance = 0.5 } = {}) {
  const ref = `ep${++server.refs}`
  const check = rng.chance(checkChance)
    ? planCheck(rng, { framework: server.framework, cookies: server.cookies, ambient: server.attach?.kind ?? null, fastifyJwt: server.fastifyJwt, inHandler: true, sound: rng.chance(soundChance) }) : null
  const wrapper = !check && rng.chance(0.07) ? planGuard(rng, server, rng.chance(soundChance)) : null
  if (wrapper) wrapper.wraps = true
  if (wrapper && !usableAsWrapper(wrapper)) {
    // Take the check over instead: a guard with `next` semantics of its own cannot wrap a handler.
    Object.assign(wrapper, { shape: 'plain', callback: false, check: planCheck(rng, { framework: server.framework, cookies: server.cookies, ambient: null, inHandler: true, sound: wrapper.sound }) })
  }
  return {
    ref, check, wrapper: wrapper?.id ?? null,
    work: rng.weighted({ prisma: 5, pg: 2, service: 3, log: 1 }),
    place: rng.weighted({ inline: 5, local: 2, controller: 4 }),
    asyncHandler: server.framework.startsWith('express') && rng.chance(0.2),
    noise: rng.weighted({ none: 6, validate: 2, param: 1, log: 1 }), spelling: rng.int(0, 11),
  }
}

const usableAsWrapper = (guard) => guard.check && !guard.callback && guard.check.fail !== 'nextError' && guard.check.fail !== 'nextObject' && guard.check.fail !== 'nextRouter' && guard.shape === 'plain' && guard.check.flow !== 'ambient'

export function handlerTags(server, handler) {
  const guard = server.guards.find(({ id }) => id === handler.wrapper)
  return [`work:${handler.work}`, `handler:${handler.place}`, handler.asyncHandler && 'asyncHandler', handler.noise !== 'none' && `noise:${handler.noise}`,
    ...(handler.check ? ['in-handler', ...checkTags(handler.check)] : []), ...(guard ? ['hof', ...checkTags(guard.check)] : [])].filter(Boolean)
}

/** Parameters and body of a handler, to be put into a function, arrow or method. */
export function handlerParts(ctx, handler, route) {
  const typed = ctx.project.module === 'ts'
  const d = dialect(ctx.server.framework, { inHandler: true, typed, names: handler.spelling })
  const inner = { ...ctx, key: `handler ${handler.ref}` }
  const work = workLines(inner, handler, route, d)
  const awaits = work.some((line) => line.includes('await '))
  const checked = handler.check ? renderCheck(inner, handler.check, d, { lines: () => workLines(inner, handler, route, d), awaits }) : { lines: work, awaits }
  const lines = [...noiseLines(inner, handler, route, d), ...checked.lines]
  const isAsync = checked.awaits || d.kind === 'fastify-async' || handler.asyncHandler || handler.spelling % 5 === 0
  return { params: handlerParams(d), lines, isAsync }
}

/** The expression to register: an inline function or a reference to one declared in this file or in a controller. */
export function handlerExpression(ctx, handler, route, controllerPath) {
  const wrap = (expression) => {
    const guard = ctx.server.guards.find(({ id }) => id === handler.wrapper)
    const checked = guard ? `${wrapperExpression(ctx, guard)}(${expression})` : expression
    return handler.asyncHandler ? `${ctx.file.use(asyncHandlerFile(ctx), 'asyncHandler')}(${checked})` : checked
  }
  const { params, lines, isAsync } = handler.place === 'controller' ? {} : handlerParts(ctx, handler, route)
  if (handler.place === 'inline') {
    const body = indent(lines).join('\n')
    if (handler.spelling % 7 === 6) return wrap(`${isAsync ? 'async ' : ''}function (${params}) {\n${body}\n}`)
    return wrap(`${isAsync ? 'async ' : ''}(${params}) => {\n${body}\n}`)
  }
  const name = ctx.project.unique(actionName(route))
  if (handler.place === 'local' && ctx.methods) {
    ctx.methods.push(`${isAsync ? 'async ' : ''}${name}(${params}) {\n${indent(lines).join('\n')}\n}`.split('\n'))
    return wrap(ctx.project.style(`bind ${name}`, [`this.${name}.bind(this)`, `this.${name}.bind(this)`, `this.${name}`]))
  }
  if (handler.place === 'local') {
    ctx.file.declare(name, declaration(handler, name, params, lines, isAsync), false)
    return wrap(name)
  }
  const file = ctx.project.file(controllerPath)
  const parts = handlerParts({ ...ctx, file }, handler, route)
  file.declare(name, declaration(handler, name, parts.params, parts.lines, parts.isAsync))
  return wrap(ctx.file.use(file, name))
}

function declaration(handler, name, params, lines, isAsync) {
  const body = indent(lines).join('\n')
  return handler.spelling % 3 ? `${isAsync ? 'async ' : ''}function ${name}(${params}) {\n${body}\n}\n` : `const ${name} = ${isAsync ? 'async ' : ''}(${params}) => {\n${body}\n};\n`
}

const VERBS = { get: 'list', post: 'create', put: 'replace', patch: 'update', delete: 'remove', all: 'handle', options: 'describe' }
export const actionName = (route) => `${VERBS[route.method] ?? 'handle'}${route.noun[0].toUpperCase()}${route.noun.slice(1).replace(/-(.)/g, (_, c) => c.toUpperCase())}`

function workLines(ctx, handler, route, d) {
  const model = route.noun.replace(/-(.)/g, (_, c) => c.toUpperCase())
  const body = `${d.req}.body`
  const writes = ['post', 'put', 'patch'].includes(route.method)
  if (handler.work === 'log') {
    const logger = loggerIn(ctx)
    return [`${logger}.info({ ref: '${handler.ref}' }, 'served');`, ...respond(handler, d, `{ ok: true, service: '${route.noun}' }`)]
  }
  const query = {
    prisma: () => {
      const client = prisma(ctx, ctx.file)
      if (writes && handler.spelling % 2) return `${client}.${model}.create({ data: { ref: '${handler.ref}', ...${body} } })`
      if (writes) return `${client}.${model}.update({ where: { ref: '${handler.ref}' }, data: ${body} })`
      if (route.method === 'delete') return `${client}.${model}.delete({ where: { ref: '${handler.ref}' } })`
      return `${client}.${model}.findMany({ where: { ref: '${handler.ref}' }${handler.spelling % 2 ? ', take: 50' : ''} })`
    },
    pg: () => {
      const sql = writes ? `INSERT INTO ${model} (ref, body) VALUES ($1, $2)` : route.method === 'delete' ? `DELETE FROM ${model} WHERE ref = $1` : `SELECT * FROM ${model} WHERE ref = $1`
      return `${poolIn(ctx)}.query('${sql}', ['${handler.ref}'${writes ? `, ${body}` : ''}])`
    },
    service: () => `${serviceIn(ctx, handler, route)}(${writes ? body : ''})`,
  }[handler.work]()
  const name = ['rows', 'result', 'items', 'data'][handler.spelling % 4]
  return [`const ${name} = await ${query};`, ...respond(handler, d, name)]
}

function respond(handler, d, value) {
  if (d.kind === 'express') {
    return [[`${d.res}.json(${value});`], [`${d.res}.status(200).json(${value});`], [`return ${d.res}.json({ data: ${value} });`], [`${d.res}.send(${value});`]][handler.spelling % 4]
  }
  return [[`return ${value};`], [`return ${d.res}.send(${value});`], [`${d.res}.code(200);`, `return { data: ${value} };`], [`return ${value};`]][handler.spelling % 4]
}

function noiseLines(ctx, handler, route, d) {
  if (handler.noise === 'validate' && ['post', 'put', 'patch'].includes(route.method)) {
    const answer = d.kind === 'express' ? `${d.res}.status(400).json({ error: 'name is required' })` : `${d.res}.code(400).send({ error: 'name is required' })`
    return [`if (!${d.req}.body || !${d.req}.body.name) {`, `  return ${answer};`, '}']
  }
  if (handler.noise === 'param' && route.path.includes(':id')) return [`const id = Number(${d.req}.params.id);`]
  if (handler.noise === 'log') return [`console.debug('${route.method} ${route.noun}', ${d.req}.url);`]
  return []
}

function loggerIn(ctx) {
  return ctx.file.use(ctx.project.file(ctx.project.path('lib/logger'), (file) => {
    file.defaultHint = 'logger'
    file.write(`const logger = ${file.pkg('pino')}({ level: 'info' });`)
    file.exportDefault('logger')
  }))
}

function poolIn(ctx) {
  return ctx.file.use(ctx.project.file(ctx.project.path('lib/pool'), (file) => {
    file.declare('pool', `const pool = new ${file.pkg('pg', 'Pool')}({ connectionString: process.env.DATABASE_URL });\n`)
  }), 'pool')
}

function serviceIn(ctx, handler, route) {
  const file = ctx.project.file(ctx.project.path(`services/${ctx.project.style('service grouping', ['store', 'store', `${route.noun}-service`])}`))
  const memo = `service ${handler.ref}`
  let name = ctx.project.memo.get(memo)
  if (!name) {
    name = ctx.project.unique(`${actionName(route)}InStore`)
    ctx.project.memo.set(memo, name)
    const model = route.noun.replace(/-(.)/g, (_, c) => c.toUpperCase())
    const writes = ['post', 'put', 'patch'].includes(route.method)
    const call = writes ? `create({ data: { ref: '${handler.ref}', ...input } })` : `findMany({ where: { ref: '${handler.ref}' } })`
    file.declare(name, fn(ctx, name, writes ? ['input'] : [], [`return ${prisma(ctx, file)}.${model}.${call};`], handler.spelling % 2 === 0))
  }
  return ctx.file.use(file, name)
}

/** `config.name` in `file`, with the literal value put into the config file. */
export function configValue(ctx, key, code) {
  ctx.project.config.set(key, code)
  return `${ctx.file.use(configFile(ctx))}.${key}`
}
