// Turns an Express plan into files and the list of endpoints they declare (method, full path as authlint prints it, marker, feature tags).
import { attachExpression, middlewareExpression } from './express-middleware.mjs'
import { guardExpression, guardTags } from './guards.mjs'
import { configValue, handlerExpression, handlerTags } from './handlers.mjs'
import { indent } from './dialects.mjs'
import { renderMountLoop, renderRouteLoop } from './express-loops.mjs'
import { camelNoun, importScope } from './express-scopes.mjs'

/** @param ctx `{ project, server, endpoints }` */
export function renderExpress(ctx) {
  const { server, project } = ctx
  const single = server.start === 'flat'
  const file = project.file(project.path(single ? 'server' : 'app'))
  file.defaultHint = 'app'
  const express = file.pkg('express')
  const inner = { ...ctx, file, scope: server.app, fresh: freshNames() }
  const recv = server.start === 'class' ? 'this.app' : 'app'
  const lines = [...setup(inner, recv, express), ...renderItems(inner, server.app, recv, [''], [`start:${server.start}`, `module:${server.module}`])]
  const entry = single ? file : project.file(project.path('server'))
  const listen = (app) => `${app}.listen(process.env.PORT || 3000);`
  if (server.start === 'factory') {
    file.declare('createApp', `function createApp() {\n  const app = ${express}();\n${indent(lines).join('\n')}\n  return app;\n}\n`)
    entry.write(`const app = ${entry.use(file, 'createApp')}();`, listen('app'))
  } else if (server.start === 'class') {
    const typed = project.module === 'ts' ? '  app: any;\n\n' : ''
    file.declare('Server', `class Server {\n${typed}  constructor() {\n    this.app = ${express}();\n    this.configure();\n  }\n\n  configure() {\n${indent(lines, 4).join('\n')}\n  }\n\n  start(port${typed ? ': any' : ''}) {\n    this.app.listen(port);\n  }\n}\n`, false)
    file.exportDefault('Server')
    file.defaultHint = 'Server'
    entry.write(`const server = new ${entry.use(file)}();`, 'server.start(process.env.PORT || 3000);')
  } else {
    file.write(`const app = ${express}();`, ...lines)
    if (single) file.write(listen('app'))
    else {
      file.exportDefault('app')
      const app = entry.use(file)
      if (server.start === 'main') entry.write('async function main() {', `  const app2 = ${app};`, `  ${listen('app2')}`, '}', '', 'main().catch((err) => {', '  console.error(err);', '  process.exit(1);', '});')
      else entry.write(listen(app))
    }
  }
  return `${entry.path}.${project.extension}`
}

const freshNames = () => {
  let n = 0
  return (name) => (n++ ? `${name}${n}` : name)
}

function setup(ctx, recv, express) {
  const { server, file } = ctx
  const lines = [`${recv}.use(${express}.json());`]
  if (server.cookies) lines.push(`${recv}.use(${file.pkg('cookie-parser')}());`)
  if (server.attach?.kind === 'session') {
    lines.push(`${recv}.use(${file.pkg('express-session')}({ secret: process.env.JWT_SECRET, resave: false, saveUninitialized: false }));`)
  } else if (server.attach) lines.push(`${recv}.use(${attachExpression(ctx)});`)
  return lines
}

/** Renders a scope's items as statements on `recv`; `prefixes` are the full paths under which the scope is mounted. */
export function renderItems(ctx, scope, recv, prefixes, tags) {
  const lines = []
  // Guards seen so far in this scope: their tags go to the endpoints, so that a disagreement shows what stood around it.
  const around = [...tags]
  for (const item of scope.items) {
    const render = ITEMS[item.t]
    lines.push(...render(ctx, item, recv, prefixes, around))
    if (item.t === 'use') around.push(item.exempt && `exempt:${item.exempt.kind}`, item.path ? `use-path:${pathShape(item.path)}` : `use:${item.form}`, ...item.guards.flatMap((ref) => guardTags(ctx.server, ref)))
    if (item.t === 'error') around.push(item.resumes ? 'error-resumes' : 'error-handler')
    if (item.t === 'param') around.push('param-guard', ...guardTags(ctx.server, item.guard))
  }
  return lines
}

const pathShape = (path) => (path.startsWith('/') ? 'regexp' : path.startsWith('[') ? 'array' : /[*{]/.test(path) ? 'wildcard' : 'literal')

export const joinPath = (prefix, path) => `${prefix}/${path}`.replace(/\/+/g, '/').replace(/(.)\/$/, '$1')

/** Records an endpoint for each combination of mount prefix and path. */
export function addEndpoints(ctx, { method, paths, handler, noun, tags }, prefixes) {
  for (const prefix of prefixes) {
    for (const path of paths) {
      const full = joinPath(prefix, path)
      ctx.endpoints.push({
        method: method.toUpperCase(), path: full.replace(/\(\\\\d\+\)/g, '').replace(/\*\w*/g, '*'), ref: handler.ref, noun, tags: [...new Set(tags)],
        url: full.replace(/:\w+(\([^)]*\))?/g, '1').replace(/\*\w*/g, 'some/file'),
      })
    }
  }
}

/** The expression of a guard at a route: the injected parameter where the scope was given one. */
export function refExpression(ctx, ref) {
  return ref.injected && ctx.scope.injected ? (ctx.scope.form === 'class' ? 'this.guard' : 'guard') : guardExpression(ctx, ref)
}

/** Controllers are shared by the routes of a scope, or have one noun each. */
export const controllerPath = (ctx, { noun }) => ctx.project.path(`controllers/${ctx.project.style(`controllers ${ctx.scope.id}`, [ctx.scope.noun ?? 'main', ctx.scope.noun ?? 'main', noun])}`)

const quote = (path) => `'${path}'`

function routePath(ctx, item) {
  if (item.paths.length > 1) return `[${item.paths.map(quote).join(', ')}]`
  if (item.path === '/' || item.spelling === 'literal' || item.path.includes('\\')) return quote(item.path)
  const name = `${camelNoun(item.noun).toUpperCase()}_PATH`
  const [, first, ...rest] = item.path.split('/')
  if (item.spelling === 'constant') {
    ctx.file.declare(name, `const ${name} = '/${first}';`, false)
    return rest.length ? `\`\${${name}}/${rest.join('/')}\`` : name
  }
  return `\`/\${'${first}'}${rest.length ? `/${rest.join('/')}` : ''}\``
}

const ITEMS = {
  use(ctx, item, recv) {
    const guards = item.guards.map((ref) => guardExpression(ctx, ref)).join(', ')
    if (item.form === 'all' && !item.path) return [`${recv}.all(${ctx.server.framework === 'express4' ? `'*'` : `'/{*splat}'`}, ${guards});`]
    if (item.exempt) return exemptUse(ctx, item, recv, guards)
    if (item.form === 'spread') {
      const name = ctx.project.unique('guards')
      return [`const ${name} = [${guards}];`, `${recv}.use(${item.path ? `${item.path}, ` : ''}...${name});`]
    }
    const list = item.form === 'array' ? `[${guards}]` : guards
    return [`${recv}.use(${item.path ? `${item.path}, ` : ''}${list});`]
  },
  noise: (ctx, item, recv) => [`${recv}.use(${middlewareExpression(ctx, item.kind)});`],
  param: (ctx, item, recv) => [`${recv}.param('${item.name}', ${guardExpression(ctx, item.guard)});`],
  notFound: (ctx, item, recv) => [`${recv}.use((${ctx.project.module === 'ts' ? 'req: any, res: any' : 'req, res'}) => {`, `  res.status(404).json({ error: 'not found' });`, '});'],
  error(ctx, item, recv) {
    const params = ctx.project.module === 'ts' ? 'err: any, req: any, res: any, next: any' : 'err, req, res, next'
    const body = item.resumes ? ['  console.error(err.message);', '  next();'] : [`  res.status(err.status || 500).json({ error: err.message });`]
    return [`${recv}.use((${params}) => {`, ...body, '});']
  },
  route(ctx, item, recv, prefixes, around) {
    const bases = ctx.base ? prefixes.map((prefix) => joinPath(prefix, ctx.base.value)) : prefixes
    const tags = [...around, `route:${item.array ? 'array' : 'plain'}`, item.paths.length > 1 && 'path-list', item.method === 'all' && 'method-all', item.spelling !== 'literal' && `path:${item.spelling}`,
      item.path.includes('*') && 'path:splat', item.guards.length ? 'at-route' : null, ...item.guards.flatMap((ref) => [...(ref.injected ? ['injected'] : []), ...guardTags(ctx.server, ref)]), ...handlerTags(ctx.server, item.handler)]
    addEndpoints(ctx, { ...item, tags: tags.filter(Boolean) }, bases)
    const guards = item.guards.map((ref) => refExpression(ctx, ref))
    const handler = handlerExpression(ctx, item.handler, item, controllerPath(ctx, item))
    const args = item.array && guards.length ? [`[${guards.join(', ')}]`, handler] : [...guards, handler]
    return [`${recv}.${item.method}(${ctx.base ? ctx.base.spell(item.paths) : routePath(ctx, item)}, ${args.join(', ')});`]
  },
  chain(ctx, item, recv, prefixes, around) {
    const bases = ctx.base ? prefixes.map((prefix) => joinPath(prefix, ctx.base.value)) : prefixes
    const all = item.steps.filter(({ handler }) => !handler).flatMap(({ guards }) => guards.flatMap((ref) => guardTags(ctx.server, ref)))
    const steps = item.steps.map((step) => {
      const guards = step.guards.map((ref) => guardExpression(ctx, ref))
      if (!step.handler) return `  .all(${guards.join(', ')})`
      const route = { ...item, method: step.method }
      const tags = [...around, 'route-chain', ...all, ...step.guards.flatMap((ref) => guardTags(ctx.server, ref)), ...handlerTags(ctx.server, step.handler)]
      addEndpoints(ctx, { method: step.method, paths: [item.path], handler: step.handler, noun: item.noun, tags }, bases)
      return `  .${step.method}(${[...guards, handlerExpression(ctx, step.handler, route, controllerPath(ctx, item))].join(', ')})`
    })
    return `${recv}.route(${ctx.base ? ctx.base.spell([item.path]) : quote(item.path)})\n${steps.join('\n')};`.split('\n')
  },
  mount(ctx, item, recv, prefixes, around) {
    const values = item.prefix?.values ?? ['']
    const full = prefixes.flatMap((prefix) => values.map((value) => joinPath(ctx.base ? joinPath(prefix, ctx.base.value) : prefix, value)))
    const tags = [...around, `scope:${item.scope.form}`, item.scope.barrel && 'barrel', !item.prefix && 'mount-without-path', values.length > 1 && 'mount-list',
      item.prefix && item.prefix.spelling !== 'literal' && `prefix:${item.prefix.spelling}`, item.guards.length && 'at-mount', item.guardsAfter.length && 'guard-after-mount',
      item.again && 'mounted-twice', ...[...item.guards, ...item.guardsAfter, ...(item.again?.guards ?? [])].flatMap((ref) => guardTags(ctx.server, ref))].filter(Boolean)
    const outer = (value) => prefixes.map((prefix) => joinPath(ctx.base ? joinPath(prefix, ctx.base.value) : prefix, value))
    if (item.again) full.push(...outer(item.again.prefix))
    if (item.scope.form === 'register') return importScope(ctx, item, recv, full, tags, values[0] ?? '')
    const { before, expression } = importScope(ctx, item, recv, full, tags)
    const guards = item.guards.map((ref) => guardExpression(ctx, ref))
    const after = item.guardsAfter.map((ref) => guardExpression(ctx, ref))
    const path = item.prefix ? [ctx.base ? ctx.base.spell(values) : prefixSpelling(ctx, item)] : ctx.base ? [ctx.base.spell([''])] : []
    const once = `${recv}.use(${[...path, ...guards, expression, ...after].join(', ')});`
    if (!item.again) return [...before, once]
    const second = [ctx.base ? ctx.base.spell([item.again.prefix]) : quote(item.again.prefix), ...item.again.guards.map((ref) => guardExpression(ctx, ref)), expression]
    return [...before, once, `${recv}.use(${second.join(', ')});`]
  },
  mountLoop: (ctx, item, recv, prefixes, around) => renderMountLoop(ctx, item, recv, ctx.base ? prefixes.map((prefix) => joinPath(prefix, ctx.base.value)) : prefixes, around),
  routeLoop: (ctx, item, recv, prefixes, around) => renderRouteLoop(ctx, item, recv, ctx.base ? prefixes.map((prefix) => joinPath(prefix, ctx.base.value)) : prefixes, around),
}

/** `app.use((req, res, next) => (public ? next() : guard(req, res, next)))`, in one of its spellings. */
function exemptUse(ctx, item, recv, guard) {
  const { kind, path, method } = item.exempt
  if (kind === 'unless') return [`${recv}.use(${guard}.unless({ path: ['/health', '${path}'] }));`]
  const params = ctx.project.module === 'ts' ? 'req: any, res: any, next: any' : 'req, res, next'
  ctx.exempted.add(path)
  const list = ['list', 'set', 'some'].includes(kind) ? ctx.project.unique('PUBLIC_PATHS') : null
  if (list) ctx.file.declare(list, `const ${list} = ${kind === 'set' ? `new Set(['/health', '${path}'])` : `['/health', '${path}']`};`, false)
  const test = {
    set: `${list}.has(req.path)`, some: `${list}.some((open) => req.path.startsWith(open))`,
    alternatives: `/^\\/(health|${(path ?? '').slice(1).replace(/\//g, '\\/')})$/.test(req.path)`,
    list: `${list}.includes(req.path)`, equals: `req.path === '${path}'`, startsWith: `req.path.startsWith('${path}')`, method: `req.method === '${method}'`,
    regexp: `/^${(path ?? '').replace(/\//g, '\\/')}$/.test(req.path)`,
  }[kind]
  const call = /^\(/.test(guard) ? `(${guard})` : guard
  return [`${recv}.use((${params}) => {`, `  if (${test}) return next();`, `  return ${call}(req, res, next);`, '});']
}

export function prefixSpelling(ctx, item) {
  const { values, spelling } = item.prefix
  if (values.length > 1) return `[${values.map(quote).join(', ')}]`
  const [value] = values
  if (spelling === 'config') return configValue(ctx, `${camelNoun(item.scope.noun)}Prefix`, quote(value))
  const [, first, ...rest] = value.split('/')
  if (spelling === 'template' && rest.length) return `\`\${${configValue(ctx, `${camelNoun(item.scope.noun)}Base`, quote(`/${first}`))}}/${rest.join('/')}\``
  return quote(value)
}
