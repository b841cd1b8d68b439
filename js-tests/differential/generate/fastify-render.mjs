// Turns a Fastify plan into files and the list of endpoints they declare.
import { addEndpoints, controllerPath } from './express-render.mjs'
import { attachHook, noiseHook } from './fastify-hooks.mjs'
import { decorationLines, fastifyGuard, fitsArray, hookLines, libraryLines, refTags } from './fastify-guards.mjs'
import { registerLines, renderAutoload } from './fastify-scopes.mjs'
import { indent } from './dialects.mjs'
import { handlerExpression, handlerTags } from './handlers.mjs'

export function renderFastify(base) {
  const { server, project } = base
  const single = server.start === 'flat'
  const file = project.file(project.path(single ? 'server' : 'app'))
  const ctx = { ...base, file, scope: server.app, decorators: [] }
  const recv = project.style('instance', ['fastify', 'app', 'server'])
  const Fastify = file.pkg('fastify')
  const typed = project.module === 'ts'
  const tags = [`start:${server.start}`, `module:${server.module}`]
  const before = libraryLines(ctx, recv)
  if (server.attach && server.attach.kind !== 'session') before.push(...attachHook(ctx, recv))
  // The routes are rendered first: only then is it known which decorators they use.
  const body = renderScopeItems(ctx, server.app, recv, [''], tags)
  const decorations = decorationLines(ctx, recv)
  const lines = server.authPlugin.late ? [...before, ...body, ...decorations] : [...before, ...decorations, ...body]
  const entry = single ? file : project.file(project.path('server'))
  const make = `const ${recv}${typed ? ': any' : ''} = ${Fastify}(${project.style('logger', ['', '{ logger: false }'])});`
  const listen = (name) => project.style('listen', [`${name}.listen({ port: 3000 });`, `${name}.listen({ port: Number(process.env.PORT) || 3000, host: '0.0.0.0' }).catch(() => process.exit(1));`])
  if (single) file.write(make, '', ...lines, '', listen(recv))
  else if (server.start === 'main') {
    file.declare('start', ['async function start() {', `  ${make}`, ...indent(lines), `  await ${recv}.listen({ port: 3000 });`, '}', ''].join('\n'))
    entry.write(`${entry.use(file, 'start')}();`)
  } else {
    const isAsync = server.start === 'asyncBuild'
    const name = project.style('build', ['buildApp', 'build', 'createServer'])
    file.declare(name, [`${isAsync ? 'async ' : ''}function ${name}() {`, `  ${make}`, ...indent(lines), `  return ${recv};`, '}', ''].join('\n'))
    const build = entry.use(file, name)
    if (!isAsync) entry.write(`const app = ${build}();`, listen('app'))
    else entry.write('async function main() {', `  const app = await ${build}();`, '  await app.listen({ port: 3000 });', '}', '', 'main();')
  }
  return `${entry.path}.${project.extension}`
}

/** Renders a scope's items on the instance `recv`; hooks of the scope concern all of its endpoints, so their tags are collected first. */
export function renderScopeItems(ctx, scope, recv, prefixes, tags) {
  const around = [...tags]
  for (const item of scope.items) {
    if (item.t === 'hook') around.push('hook', `stage:${item.stage}`, item.exempt && `exempt:${item.exempt.kind}`, ...refTags(ctx.server, item.guard))
    if (item.t === 'guardPlugin') around.push(item.wrapped ? 'guard-plugin-fp' : 'guard-plugin-encapsulated', ...refTags(ctx.server, item.guard))
    if (item.t === 'bearerPlugin') around.push('bearer-plugin')
    if (item.t === 'onRoute') around.push('on-route', ...refTags(ctx.server, item.guard))
  }
  return scope.items.flatMap((item) => ITEMS[item.t](ctx, item, recv, prefixes, around.filter(Boolean)))
}

/** The options of a route: hooks by stage, config, and the handler where it stands in them. */
function routeOptions(ctx, item, recv) {
  const options = []
  for (const ref of item.guards) {
    const expression = fastifyGuard(ctx, ref, recv)
    options.push(`${ref.stage ?? 'onRequest'}: ${item.array && fitsArray(ctx, ref) ? `[${expression}]` : expression}`)
  }
  if (item.public !== undefined && item.public !== null) options.push(`config: { public: ${item.public} }`)
  return options
}

const ITEMS = {
  hook: (ctx, item, recv) => hookLines(ctx, item, recv),
  noise: (ctx, item, recv) => noiseHook(ctx, item.kind, recv),
  register: (ctx, item, recv, prefixes, around) => registerLines(ctx, item, recv, prefixes, around),
  autoload: (ctx, item, recv, prefixes, around) => renderAutoload(ctx, item, recv, prefixes, around),

  after: (ctx, item, recv, prefixes, around) => [`${recv}.after(() => {`, ...indent(renderScopeItems(ctx, { ...ctx.scope, items: item.items }, recv, prefixes, [...around, 'after'])), '});'],

  guardPlugin(ctx, item, recv) {
    const file = ctx.project.file(ctx.project.path(`plugins/guard-${item.id}`))
    const name = ctx.project.unique('guardPlugin')
    file.defaultHint = name
    const any = ctx.project.module === 'ts' ? ': any' : ''
    const inner = { ...ctx, file }
    const lines = hookLines(inner, { ...item, exempt: null }, 'fastify')
    file.declare(name, [`async function ${name}(fastify${any}) {`, ...indent(lines), '}', ''].join('\n'), false)
    file.exportDefault(item.wrapped ? `${file.pkg('fastify-plugin')}(${name})` : name)
    return [`${recv}.register(${ctx.file.use(file)});`]
  },

  onRoute(ctx, item, recv) {
    const any = ctx.project.module === 'ts' ? ': any' : ''
    return [`${recv}.addHook('onRoute', (routeOptions${any}) => {`, `  routeOptions.${item.stage} = [${fastifyGuard(ctx, item.guard, recv)}].concat(routeOptions.${item.stage} || []);`, '});']
  },

  bearerPlugin: (ctx, item, recv) => [`${recv}.register(${ctx.file.pkg('@fastify/bearer-auth')}, { keys: new Set(['a-long-api-key-4471']) });`],

  registerLoop(ctx, item, recv, prefixes, around) {
    const entries = item.entries.map((entry) => registerLines(ctx, entry, recv, prefixes, [...around, `register-loop:${item.form}`], true))
    const list = ctx.project.unique('plugins')
    const any = ctx.project.module === 'ts' ? ': any' : ''
    switch (item.form) {
      case 'forOf':
        return [`const ${list}${any} = [`, ...entries.map((e) => `  [${e.plugin}, '${e.prefix}'],`), '];', `for (const [plugin, prefix] of ${list}) {`, `  ${recv}.register(plugin, { prefix });`, '}']
      case 'forEach':
        return [`const ${list}${any} = [`, ...entries.map((e) => `  { plugin: ${e.plugin}, prefix: '${e.prefix}' },`), '];', `${list}.forEach(({ plugin, prefix }${any}) => ${recv}.register(plugin, { prefix }));`]
      default:
        return [`const ${list}${any} = {`, ...entries.map((e) => `  '${e.prefix.slice(1)}': ${e.plugin},`), '};', `Object.entries(${list}).forEach(([name, plugin]${any}) => {`, `  ${recv}.register(plugin, { prefix: \`/\${name}\` });`, '});']
    }
  },

  loop(ctx, item, recv, prefixes, around) {
    const guard = item.guard ? fastifyGuard(ctx, item.guard, recv) : null
    const stage = item.guard?.stage ?? 'onRequest'
    const any = ctx.project.module === 'ts' ? ': any' : ''
    const add = (entry, handler, method, guarded) => addEndpoints(ctx, {
      method, paths: [`/${entry.noun}`], handler, noun: entry.noun, tags: [...around, `route-loop:${item.form}`, ...(guarded ? ['at-route', ...refTags(ctx.server, item.guard)] : []), ...handlerTags(ctx.server, handler)],
    }, prefixes)
    if (item.form === 'names') {
      const { method, handler } = item.shared
      for (const entry of item.entries) add(entry, handler, method, guard)
      const route = { noun: item.entries[0].noun, method, path: '' }
      return [`for (const name of [${item.entries.map((e) => `'${e.noun}'`).join(', ')}]) {`,
        ...indent(`${recv}.${method}(\`/\${name}\`, ${guard ? `{ ${stage}: ${guard} }, ` : ''}${handlerExpression(ctx, handler, route)});`.split('\n')), '}']
    }
    const name = ctx.project.unique('table')
    const rows = item.entries.map((entry) => {
      const guarded = guard && entry.guarded
      add(entry, entry.handler, entry.method, guarded)
      const handler = handlerExpression(ctx, entry.handler, { ...entry, path: `/${entry.noun}` }, controllerPath(ctx, entry))
      return `  { method: '${entry.method.toUpperCase()}', url: '/${entry.noun}', ${guarded ? `${stage}: ${guard}, ` : ''}handler: ${handler} },`
    })
    const run = item.form === 'table' ? [`for (const route of ${name}) {`, `  ${recv}.route(route);`, '}'] : [`${name}.forEach((route${any}) => ${recv}.route(route));`]
    return [`const ${name}${any} = [`, ...rows, '];', ...run]
  },

  route(ctx, item, recv, prefixes, around) {
    const tags = [...around, `route:${item.how}`, item.method === 'all' && 'method-all', item.path.includes('*') && 'path:splat', item.public !== undefined && `config-public:${item.public}`,
      item.guards.length && 'at-route', item.array && item.guards.length && 'hook-array', ...item.guards.flatMap((ref) => refTags(ctx.server, ref)), ...handlerTags(ctx.server, item.handler)].filter(Boolean)
    for (const method of item.methods ?? [item.method]) addEndpoints(ctx, { ...item, method, paths: [item.path], tags }, prefixes)
    const handler = handlerExpression(ctx, item.handler, item, controllerPath(ctx, item))
    const options = routeOptions(ctx, item, recv)
    const method = item.method.toUpperCase()
    switch (item.how) {
      case 'full': case 'methods': case 'routeObject': {
        // `all` has no method name of its own in route().
        if (item.method === 'all') return [`${recv}.all('${item.path}', ${options.length ? `{ ${options.join(', ')} }, ` : ''}${handler});`]
        const lines = [`method: ${item.methods ? `['GET', 'POST']` : `'${method}'`},`, `${ctx.project.style(`url ${item.noun}`, ['url', 'url', 'path'])}: '${item.path}',`, ...options.map((o) => `${o},`), `handler: ${handler},`]
        if (item.how !== 'routeObject') return [`${recv}.route({`, ...indent(lines), '});']
        const name = ctx.project.unique(`${item.noun.replace(/-(.)/g, (_, c) => c.toUpperCase())}Route`)
        return [`const ${name}${ctx.project.module === 'ts' ? ': any' : ''} = {`, ...indent(lines), '};', `${recv}.route(${name});`]
      }
      case 'optionHandler':
        return [`${recv}.${item.method}('${item.path}', {`, ...indent([...options.map((o) => `${o},`), `handler: ${handler},`]), '});']
      default:
        return [`${recv}.${item.method}('${item.path}', ${options.length ? `{ ${options.join(', ')} }, ` : ''}${handler});`]
    }
  },
}
