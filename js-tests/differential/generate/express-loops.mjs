// Registration by loop: routers from a literal list, from the entries of an object, routes from a table, with or without a per-entry guard.
import { addEndpoints, controllerPath, joinPath } from './express-render.mjs'
import { importScope } from './express-scopes.mjs'
import { indent } from './dialects.mjs'
import { guardExpression, guardTags } from './guards.mjs'
import { handlerExpression, handlerTags } from './handlers.mjs'

const base = (ctx, path) => (ctx.base ? ctx.base.spell([path]) : `'${path}'`)
const typed = (ctx) => (ctx.project.module === 'ts' ? ': any' : '')

export function renderMountLoop(ctx, item, recv, prefixes, around) {
  const before = []
  const shared = item.guards.map((ref) => guardExpression(ctx, ref))
  const entries = item.entries.map((entry) => {
    const value = entry.prefix.values[0]
    const full = prefixes.map((prefix) => joinPath(prefix, value))
    const refs = [...item.guards, ...entry.guards]
    const tags = [...around, `mount-loop:${item.form}`, `scope:${entry.scope.form}`, refs.length && 'at-mount', ...refs.flatMap((ref) => guardTags(ctx.server, ref))].filter(Boolean)
    const { before: lines, expression } = importScope(ctx, { ...entry, guards: [] }, recv, full, tags)
    before.push(...lines)
    return { path: value, router: expression, guard: entry.guards.length ? guardExpression(ctx, entry.guards[0]) : null }
  })
  const list = ctx.project.unique(ctx.project.style(`list ${entries[0].path}`, ['routes', 'mounts', 'modules']))
  const any = typed(ctx)
  const guards = shared.map((guard) => `${guard}, `).join('')
  // In a register scope the base is a parameter; the paths of the list are spelled with it.
  const key = (path) => base(ctx, path)
  switch (item.form) {
    case 'forEach':
      return [...before, `const ${list} = [`, ...entries.map((e) => `  { path: ${key(e.path)}, route: ${e.router} },`), '];', '', `${list}.forEach((entry${any}) => {`, `  ${recv}.use(entry.path, ${guards}entry.route);`, '});']
    case 'forOf':
      return [...before, `const ${list} = [`, ...entries.map((e) => `  { path: ${key(e.path)}, child: ${e.router} },`), '];', `for (const { path, child } of ${list}) {`, `  ${recv}.use(path, ${guards}child);`, '}']
    case 'entries': {
      // The name is the key, the path is made from it.
      const plain = entries.every((e) => /^\/[\w-]+$/.test(e.path)) && !ctx.base
      const names = entries.map((e) => (plain ? `'${e.path.slice(1)}'` : ctx.base ? `[${key(e.path)}]` : key(e.path)))
      return [...before, `const ${list} = {`, ...entries.map((e, i) => `  ${names[i]}: ${e.router},`), '};', `Object.entries(${list}).forEach(([name, child]) => {`, `  ${recv}.use(${plain ? '`/${name}`' : 'name'}, ${guards}child);`, '});']
    }
    case 'pairs':
      return [...before, `const ${list}${any} = [`, ...entries.map((e) => `  [${key(e.path)}, ${e.router}],`), '];', `${list}.map(([path, child]${any}) => ${recv}.use(path, ${guards}child));`]
    default:
      return [...before, `const ${list}${any} = [`, ...entries.map((e) => `  { path: ${key(e.path)}, router: ${e.router}${e.guard ? `, guard: ${e.guard}` : ''} },`), '];', `for (const entry of ${list}) {`,
        '  if (entry.guard) {', `    ${recv}.use(entry.path, ${guards}entry.guard, entry.router);`, '  } else {', `    ${recv}.use(entry.path, ${guards}entry.router);`, '  }', '}']
  }
}

export function renderRouteLoop(ctx, item, recv, prefixes, around) {
  const guard = guardExpression(ctx, item.guard)
  const guardTag = guardTags(ctx.server, item.guard)
  const any = typed(ctx)
  const name = ctx.project.unique('table')
  const endpoint = (entry, handler, method, guarded) => addEndpoints(ctx, {
    method, paths: [`/${entry.noun}`], handler, noun: entry.noun,
    tags: [...around, `route-loop:${item.form}`, ...(guarded ? ['at-route', ...guardTag] : []), ...handlerTags(ctx.server, handler)],
  }, prefixes)

  if (item.form === 'names') {
    const { method, handler } = item.shared
    for (const entry of item.entries) endpoint(entry, handler, method, item.guarded)
    const route = { noun: item.entries[0].noun, method, path: '' }
    const path = ctx.base ? `${ctx.base.spell(['/${name}'])}`.replace(/^'(.*)'$/, '`$1`') : '`/${name}`'
    return [`for (const name of [${item.entries.map((e) => `'${e.noun}'`).join(', ')}]) {`,
      ...indent(`${recv}.${method}(${path}, ${item.guarded ? `${guard}, ` : ''}${handlerExpression(ctx, handler, route)});`.split('\n')), '}']
  }

  const rows = item.entries.map((entry) => {
    const guarded = item.form === 'entries' ? item.guarded : entry.guarded
    endpoint(entry, entry.handler, entry.method, guarded)
    const handler = handlerExpression(ctx, entry.handler, { ...entry, path: `/${entry.noun}` }, controllerPath(ctx, entry))
    return { ...entry, guarded, code: handler, path: base(ctx, `/${entry.noun}`) }
  })
  switch (item.form) {
    case 'table':
      return [`const ${name}${any} = [`, ...rows.map((r) => `  { method: '${r.method}', path: ${r.path}, middleware: [${r.guarded ? guard : ''}], handler: ${r.code} },`), '];',
        `${name}.forEach((route${any}) => ${recv}[route.method](route.path, ...route.middleware, route.handler));`]
    case 'tableForOf':
      return [`const ${name}${any} = [`, ...rows.map((r) => `  { method: '${r.method}', path: ${r.path}${r.guarded ? `, guards: [${guard}]` : ''}, handler: ${r.code} },`), '];',
        `for (const { method, path, guards = [], handler } of ${name}) {`, `  ${recv}[method](path, guards, handler);`, '}']
    case 'flag':
      return [`const ${name}${any} = [`, ...rows.map((r) => `  { method: '${r.method}', path: ${r.path}, public: ${!r.guarded}, handler: ${r.code} },`), '];',
        `for (const route of ${name}) {`, '  if (route.public) {', `    ${recv}[route.method](route.path, route.handler);`, '  } else {', `    ${recv}[route.method](route.path, ${guard}, route.handler);`, '  }', '}']
    default:
      return [`const ${name}${any} = {`, ...rows.map((r) => `  ${ctx.base ? `[${r.path}]` : r.path}: ${r.code},`), '};', `for (const [path, handler] of Object.entries(${name})${any ? ' as any' : ''}) {`,
        ...(item.guarded ? [`  ${recv}.get(path, ${guard}, handler);`] : [`  ${recv}.get(path, handler);`]), '}']
  }
}
