// The forms in which a router reaches the file that mounts it: default or named export, through a barrel, made by a factory, a class that holds it,
// a sub-app, a function that registers on the app it is given, or the same file.
import { indent } from './dialects.mjs'
import { joinPath, renderItems } from './express-render.mjs'
import { guardExpression } from './guards.mjs'

export const camelNoun = (noun) => noun.replace(/-(.)/g, (_, c) => c.toUpperCase())
const pascal = (noun) => camelNoun(noun).replace(/^./, (c) => c.toUpperCase())

/** @returns `{ before: string[], expression: string }`, or for a scope that registers itself the statements that call it */
export function importScope(ctx, item, recv, full, tags, base = '') {
  const { scope } = item
  const path = ctx.project.path(`${scope.folder}/${scope.noun}`)
  if (scope.form === 'inline') return inlineScope(ctx, scope, full, tags)
  const file = ctx.project.file(path)
  file.defaultHint = `${camelNoun(scope.noun)}Router`
  const inner = { ...ctx, file, scope, base: null, methods: null }
  return FORMS[scope.form](ctx, inner, { scope, full, tags, recv, value: base })
}

function inlineScope(ctx, scope, full, tags) {
  const name = ctx.project.unique(`${camelNoun(scope.noun)}Router`)
  const Router = ctx.file.pkg('express', 'Router')
  const lines = renderItems({ ...ctx, scope, base: null, methods: null }, scope, name, full, tags)
  return { before: [`const ${name} = ${Router}();`, ...lines], expression: name }
}

function makeRouter(inner, scope) {
  const merge = scope.items.length % 3 === 0 ? '{ mergeParams: true }' : ''
  return inner.project.style(`router ${scope.id}`, [0, 0, 1, 2]) === 1 ? `${inner.file.pkg('express', 'Router')}(${merge})` : `${inner.file.pkg('express')}.Router(${merge})`
}

/**
 * Puts a re-export of the scope's file into the folder's index and returns how the mounting file names it.
 * Only the app imports through barrels: a router that imported its own folder's index would be in a cycle with it.
 */
function throughBarrel(ctx, inner, scope, name) {
  const barrel = ctx.project.file(ctx.project.path(`${scope.folder}/index`))
  const exported = name ?? ctx.project.unique(`${camelNoun(scope.noun)}Routes`)
  barrel.reexport(exported, inner.file, name)
  return ctx.file.use(barrel, exported)
}

const injectedType = (ctx) => (ctx.project.module === 'ts' ? ': any' : '')

const FORMS = {
  module(ctx, inner, { scope, full, tags }) {
    inner.file.write(`const router = ${makeRouter(inner, scope)};`, '')
    inner.file.write(...renderItems(inner, scope, 'router', full, tags))
    inner.file.exportDefault('router')
    return { before: [], expression: scope.barrel && ctx.scope.form === 'app' ? throughBarrel(ctx, inner, scope, null) : ctx.file.use(inner.file) }
  },

  named(ctx, inner, { scope, full, tags }) {
    const name = ctx.project.unique(`${camelNoun(scope.noun)}Router`)
    inner.file.declare(name, `const ${name} = ${makeRouter(inner, scope)};\n`)
    inner.file.write(...renderItems(inner, scope, name, full, tags))
    return { before: [], expression: scope.barrel && ctx.scope.form === 'app' ? throughBarrel(ctx, inner, scope, name) : ctx.file.use(inner.file, name) }
  },

  subapp(ctx, inner, { scope, full, tags }) {
    inner.file.defaultHint = `${camelNoun(scope.noun)}App`
    // Setting that header fails once a response was sent: by accident, a guard without `return` would then protect a sub-application.
    inner.file.write(`const app = ${inner.file.pkg('express')}();`, `app.disable('x-powered-by');`, '')
    inner.file.write(...renderItems(inner, scope, 'app', full, tags))
    inner.file.exportDefault('app')
    return { before: [], expression: ctx.file.use(inner.file) }
  },

  factory(ctx, inner, { scope, full, tags }) {
    const router = ctx.project.style(`factory ${scope.id}`, ['router', 'r', 'api'])
    const style = ctx.project.style(`factory params ${scope.id}`, ['object', 'positional'])
    const name = ctx.project.unique(`create${pascal(scope.noun)}Router`)
    const params = !scope.injected ? '' : style === 'object' ? `{ guard }${injectedType(ctx)}` : `guard${injectedType(ctx)}`
    const lines = [`const ${router} = ${makeRouter(inner, scope)};`, ...renderItems(inner, scope, router, full, tags), `return ${router};`]
    const code = indent(lines).join('\n')
    const asDefault = ctx.project.style(`factory export ${scope.id}`, [true, false])
    const text = ctx.project.style(`factory fn ${scope.id}`, [true, false]) ? `function ${name}(${params}) {\n${code}\n}\n` : `const ${name} = (${params}) => {\n${code}\n};\n`
    inner.file.declare(name, text, !asDefault)
    if (asDefault) {
      inner.file.exportDefault(name)
      inner.file.defaultHint = name
    }
    const guard = scope.injected ? guardExpression(ctx, scope.injected) : ''
    return { before: [], expression: `${ctx.file.use(inner.file, asDefault ? null : name)}(${guard && style === 'object' ? `{ guard: ${guard} }` : guard})` }
  },

  /** `module.exports = (app) => { app.get('/billing/x', …) }`: no router at all. */
  register(ctx, inner, { scope, full, tags, recv, value }) {
    // Inside another registering function the outer base comes first.
    const base = ctx.base ? joinPath(ctx.base.value, value) : value
    const name = ctx.project.unique(`register${pascal(scope.noun)}`)
    const style = base ? ctx.project.style(`register base ${scope.id}`, ['argument', 'baked', 'option']) : 'baked'
    const any = injectedType(ctx)
    const param = ctx.project.style(`register param ${scope.id}`, ['app', 'app', 'router', 'server'])
    const extra = [style === 'argument' && 'base', scope.injected && 'guard'].filter(Boolean)
    const params = style === 'option' ? `{ ${param}, base${scope.injected ? ', guard' : ''} }${any}` : [param, ...extra].map((p) => p + any).join(', ')
    const spell = (paths) => {
      const one = (path) => (style === 'baked' ? `'${joinPath(base, path)}'` : path === '/' || path === '' ? 'base' : `\`\${base}${path}\``)
      return paths.length > 1 ? `[${paths.map(one).join(', ')}]` : one(paths[0])
    }
    // Here the endpoints' prefix stands in their own path, so the scope is mounted where its parent is.
    const bases = full.map((prefix) => (base ? prefix.slice(0, -base.length) : prefix))
    const lines = renderItems({ ...inner, base: { value: base, spell } }, scope, param, bases, tags)
    const asDefault = ctx.project.style(`register export ${scope.id}`, [true, true, false])
    inner.file.declare(name, `function ${name}(${params}) {\n${indent(lines).join('\n')}\n}\n`, !asDefault)
    if (asDefault) {
      inner.file.exportDefault(name)
      inner.file.defaultHint = name
    }
    const callee = ctx.file.use(inner.file, asDefault ? null : name)
    const guard = scope.injected ? guardExpression(ctx, scope.injected) : null
    const outer = ctx.base ? ctx.base.spell([value]) : `'${value}'`
    const args = style === 'option' ? `{ ${param}: ${recv}, base: ${outer}${guard ? `, guard: ${guard}` : ''} }` : [recv, style === 'argument' && outer, guard].filter(Boolean).join(', ')
    return [`${callee}(${args});`]
  },

  class(ctx, inner, { scope, full, tags }) {
    const { type, call } = classScope(ctx, inner, scope, full, tags)
    const asDefault = ctx.project.style(`class export ${scope.id}`, [true, false])
    inner.file.declare(type, call.code, !asDefault)
    if (asDefault) {
      inner.file.exportDefault(type)
      inner.file.defaultHint = type
    }
    const used = ctx.file.use(inner.file, asDefault ? null : type)
    const guard = scope.injected ? guardExpression(ctx, scope.injected) : ''
    const make = `new ${used}(${guard})`
    return ctx.project.style(`class use ${scope.id}`, [true, false])
      ? { before: [], expression: `${make}.router` }
      : localInstance(ctx, scope, make)
  },

  /** The class is instantiated in its own file. */
  instance(ctx, inner, { scope, full, tags }) {
    const { type, call } = classScope(ctx, inner, { ...scope, injected: null }, full, tags)
    inner.file.declare(type, call.code, false)
    inner.file.defaultHint = `${camelNoun(scope.noun)}Controller`
    inner.file.exportDefault(ctx.project.style(`instance ${scope.id}`, [`new ${type}()`, `new ${type}().router`]))
    const used = ctx.file.use(inner.file)
    return { before: [], expression: ctx.project.style(`instance ${scope.id}`, [`${used}.router`, used]) }
  },
}

function localInstance(ctx, scope, make) {
  const name = ctx.project.unique(`${camelNoun(scope.noun)}Controller`)
  return { before: [`const ${name} = ${make};`], expression: `${name}.router` }
}

function classScope(ctx, inner, scope, full, tags) {
  const type = ctx.project.unique(`${pascal(scope.noun)}Controller`)
  const typed = ctx.project.module === 'ts'
  const methods = []
  const lines = renderItems({ ...inner, scope, methods }, scope, 'this.router', full, tags)
  const init = ctx.project.style(`class init ${scope.id}`, ['initRoutes', 'routes', 'constructor'])
  const guard = scope.injected ? [`    this.guard = guard;`] : []
  const fields = typed ? ['  router: any;', ...(scope.injected ? ['  guard: any;'] : []), ''] : []
  const params = scope.injected ? `guard${typed ? ': any' : ''}` : ''
  const body = init === 'constructor'
    ? [`  constructor(${params}) {`, ...guard, `    this.router = ${makeRouter(inner, scope)};`, ...indent(lines, 4), '  }']
    : [`  constructor(${params}) {`, ...guard, `    this.router = ${makeRouter(inner, scope)};`, `    this.${init}();`, '  }', '', `  ${init}() {`, ...indent(lines, 4), '  }']
  const code = [`class ${type} {`, ...fields, ...body, ...methods.flatMap((method) => ['', ...indent(method)]), '}', ''].join('\n')
  return { type, call: { code } }
}
