// The forms in which a Fastify scope reaches its parent: a plugin file, a named export, an inline function, a factory, a plugin with a callback, one that
// fastify-plugin lifts into the parent, a method of a class, and folders that @fastify/autoload reads.
import { joinPath } from './express-render.mjs'
import { camelNoun } from './express-scopes.mjs'
import { configValue } from './handlers.mjs'
import { hookLines, refTags } from './fastify-guards.mjs'
import { renderScopeItems } from './fastify-render.mjs'
import { indent } from './dialects.mjs'

/** `parent.register(plugin, { prefix })`; for a loop only the two parts are wanted. */
export function registerLines(ctx, item, recv, prefixes, around, partsOnly = false) {
  const { scope, prefix } = item
  const full = prefixes.map((p) => joinPath(p, prefix ?? ''))
  const plugin = pluginExpression(ctx, scope, full, [...around, `scope:${scope.form}`])
  if (partsOnly) return { plugin, prefix }
  const spelled = prefix === null ? null : item.spelling === 'config' ? configValue(ctx, `${camelNoun(scope.noun)}Prefix`, `'${prefix}'`) : `'${prefix}'`
  if (item.spelling === 'variable' && spelled) {
    const name = ctx.project.unique(`${camelNoun(scope.noun)}Options`)
    return [`const ${name} = { prefix: ${spelled} };`, `${recv}.register(${plugin}, ${name});`]
  }
  return [`${recv}.register(${plugin}${spelled ? `, { prefix: ${spelled} }` : ''});`]
}

function pluginExpression(ctx, scope, full, tags) {
  const any = ctx.project.module === 'ts' ? ': any' : ''
  if (scope.form === 'inline') {
    const inner = ctx.project.style(`inline ${scope.id}`, ['instance', 'scope', 'child'])
    const lines = renderScopeItems({ ...ctx, scope }, scope, inner, full, tags)
    return `async (${inner}${any}) => {\n${indent(lines).join('\n')}\n}`
  }
  const file = ctx.project.file(ctx.project.path(`${scope.folder}/${scope.noun}`))
  file.defaultHint = `${camelNoun(scope.noun)}Routes`
  const recv = ctx.project.style(`recv ${scope.id}`, ['fastify', 'fastify', 'app', 'instance'])
  const lines = renderScopeItems({ ...ctx, file, scope }, scope, recv, full, tags)
  const body = indent(lines).join('\n')
  const name = ctx.project.unique(`${camelNoun(scope.noun)}Plugin`)
  switch (scope.form) {
    case 'named':
      file.declare(name, ctx.project.style(`fn ${scope.id}`, [`async function ${name}(${recv}${any}, opts${any}) {\n${body}\n}\n`, `const ${name} = async (${recv}${any}) => {\n${body}\n};\n`]))
      return ctx.file.use(file, name)
    case 'fp':
      file.declare(name, `async function ${name}(${recv}${any}) {\n${body}\n}\n`, false)
      file.exportDefault(ctx.project.style(`fp ${scope.id}`, [`${file.pkg('fastify-plugin')}(${name})`, `${file.pkg('fastify-plugin')}(${name}, { name: '${scope.noun}' })`]))
      return ctx.file.use(file)
    case 'factory':
      file.declare(name, `function ${name}() {\n  return async function plugin(${recv}${any}) {\n${indent(lines, 4).join('\n')}\n  };\n}\n`)
      return `${ctx.file.use(file, name)}()`
    case 'callback':
      file.declare(name, `function ${name}(${recv}${any}, opts${any}, done${any}) {\n${body}\n  done();\n}\n`, false)
      file.exportDefault(name)
      return ctx.file.use(file)
    case 'method': {
      const type = `${name[0].toUpperCase()}${name.slice(1)}`
      file.declare(type, `class ${type} {\n  async register(${recv}${any}) {\n${indent(lines, 4).join('\n')}\n  }\n}\n`)
      const instance = ctx.project.unique(`${camelNoun(scope.noun)}Module`)
      ctx.file.declare(instance, `const ${instance} = new (${ctx.file.use(file, type)})();`, false)
      return `${instance}.register.bind(${instance})`
    }
    default:
      file.declare(name, `async function ${name}(${recv}${any}, opts${any}) {\n${body}\n}\n`, false)
      file.exportDefault(name)
      return ctx.file.use(file)
  }
}

/** An `autoPrefix` stands in for the whole folder path, unless the option `appendAutoPrefix` says that it follows it (executed: autoload 5 and 6). */
export const autoloadedPrefix = ({ append }, { folder, autoPrefix }) => (!autoPrefix ? folder : append ? `${folder}${autoPrefix}` : autoPrefix)

/** A folder for @fastify/autoload: one subfolder per scope, with its index file and perhaps autohooks. */
export function renderAutoload(ctx, item, recv, prefixes, around) {
  const any = ctx.project.module === 'ts' ? ': any' : ''
  // A folder of its own: everything in it is loaded.
  const dir = `loaded-${item.dir}`
  const fileAt = (path) => ctx.project.file(ctx.project.path(`${dir}/${path}`))
  const hookFile = (folder, hook) => {
    const file = fileAt(`${folder}autohooks`)
    file.declare('autohooks', `async function autohooks(fastify${any}) {\n${indent(hookLines({ ...ctx, file }, { ...hook, exempt: null }, 'fastify')).join('\n')}\n}\n`, false)
    file.exportDefault('autohooks')
  }
  if (item.root) hookFile('', item.root)
  for (const entry of item.entries) {
    if (entry.guard) hookFile(`${entry.folder}/`, entry.guard)
    const prefix = joinPath(item.prefix, autoloadedPrefix(item, entry))
    const file = fileAt(`${entry.folder}/index`)
    const tags = [...around, 'autoload', entry.guard && 'autohooks', item.root && 'autohooks-root', item.cascade && 'cascade', entry.autoPrefix && 'autoPrefix',
      ...refTags(ctx.server, item.root?.guard), ...refTags(ctx.server, entry.guard?.guard)].filter(Boolean)
    const lines = renderScopeItems({ ...ctx, file, scope: entry.scope }, entry.scope, 'fastify', prefixes.map((p) => joinPath(p, prefix)), tags)
    file.declare('routes', `async function routes(fastify${any}, opts${any}) {\n${indent(lines).join('\n')}\n}\n`, false)
    if (entry.autoPrefix && ctx.project.module === 'cjs') file.exportDefault(`Object.assign(routes, { autoPrefix: '${entry.autoPrefix}' })`)
    else {
      if (entry.autoPrefix) file.declare('autoPrefix', `const autoPrefix = '${entry.autoPrefix}';`)
      file.exportDefault('routes')
    }
  }
  const options = [`dir: ${dirExpression(ctx, dir)}`, item.hooks && 'autoHooks: true', item.cascade && 'cascadeHooks: true', item.append && 'appendAutoPrefix: true', item.prefix && `options: { prefix: '${item.prefix}' }`].filter(Boolean)
  return [`${recv}.register(${ctx.file.pkg('@fastify/autoload')}, {`, ...options.map((option) => `  ${option},`), '});']
}

function dirExpression(ctx, dir) {
  const join = `${ctx.file.pkg('node:path')}.join`
  // `__dirname` of a file in the layout folder: all files that call autoload stand at its top.
  if (ctx.project.module !== 'esm') return `${join}(__dirname, '${dir}')`
  return ctx.project.style('dirname', [`${join}(import.meta.dirname, '${dir}')`, `new URL('./${dir}', import.meta.url).pathname`])
}
