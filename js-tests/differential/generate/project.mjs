// The source files under construction. A guard or router says "import that export of that file"; this module decides, from the seed, how the import and
// the export are spelled (CommonJS or ESM, default or named, destructured or through the module object), so that every idiom meets every spelling.
import { hash } from './prng.mjs'

/** How each package is imported. `as` is the local name people use. */
const PACKAGES = {
  express: { as: 'express' }, fastify: { as: 'Fastify' }, 'fastify-plugin': { as: 'fp' }, jsonwebtoken: { as: 'jwt' },
  'cookie-parser': { as: 'cookieParser' }, 'express-session': { as: 'session' }, 'express-basic-auth': { as: 'basicAuth' }, passport: { as: 'passport' },
  'express-jwt': { named: true }, 'passport-http-bearer': { named: true }, 'node:crypto': { as: 'crypto' }, 'node:path': { as: 'path' },
  pino: { as: 'pino' }, pg: { named: true }, '@prisma/client': { named: true },
  '@fastify/jwt': { as: 'fastifyJwt' }, '@fastify/auth': { as: 'fastifyAuth' }, '@fastify/bearer-auth': { as: 'bearerAuth' },
  '@fastify/basic-auth': { as: 'fastifyBasicAuth' }, '@fastify/cookie': { as: 'fastifyCookie' }, '@fastify/session': { as: 'fastifySession' },
  '@fastify/autoload': { as: 'autoload' },
}

export class Project {
  #names = new Set()

  /** @param {{ seed: number | string, module: 'cjs' | 'esm' | 'ts', packages: Record<string, string> }} options */
  constructor({ seed, module, packages }) {
    this.seed = seed
    this.module = module
    this.packages = packages
    this.files = new Map()
  }

  /** A choice that depends only on the seed and the key: stable while the shrinker removes other parts. */
  style(key, options) {
    return options[hash(this.seed, key) % options.length]
  }

  /** A name that no other file exports or imports, so that imports never collide. */
  unique(name) {
    let free = name
    for (let n = 2; this.#names.has(free); n++) free = `${name}${n}`
    this.#names.add(free)
    return free
  }

  /** The file at this path (no extension), created on first use; `fill` writes its content once. */
  file(path, fill) {
    let file = this.files.get(path)
    if (!file) {
      file = new SourceFile(this, path)
      this.files.set(path, file)
      fill?.(file)
    }
    return file
  }

  get extension() {
    return this.module === 'ts' ? 'ts' : 'js'
  }

  render() {
    const out = {}
    for (const file of this.files.values()) out[`${file.path}.${this.extension}`] = file.render()
    const manifest = { name: 'generated-server', private: true, version: '1.0.0', dependencies: this.packages }
    if (this.module === 'esm') manifest.type = 'module'
    out['package.json'] = `${JSON.stringify(manifest, null, 2)}\n`
    return out
  }
}

class SourceFile {
  #packages = new Map()
  #imports = new Map()
  #exports = new Map()
  #default = null
  #reexports = []
  body = []

  constructor(project, path) {
    this.project = project
    this.path = path
  }

  get isEsm() {
    return this.project.module !== 'cjs'
  }

  /** The local name of a package, or of one of its exports. */
  pkg(name, member) {
    const entry = this.#packages.get(name) ?? { default: null, named: new Set() }
    this.#packages.set(name, entry)
    if (member) {
      entry.named.add(member)
      return member
    }
    return (entry.default = PACKAGES[name].as)
  }

  /** An expression for an export of another file; `name` is null for its default export. */
  use(target, name) {
    if (target === this) return name ?? target.#default
    const key = target.path
    const style = this.project.style(`import ${this.path} ${target.path}`, ['names', 'names', 'names', 'module', 'member'])
    const entry = this.#imports.get(key) ?? { target, style, default: null, names: new Set(), module: null }
    this.#imports.set(key, entry)
    if (name === null || name === undefined) {
      // One name per target in the whole project, as people do; unique among all exported names.
      entry.default ??= target.localName ??= this.project.unique(target.defaultHint ?? camel(target.path))
      return entry.default
    }
    if (style === 'module') {
      entry.module ??= target.moduleName ??= this.project.unique(`${camel(target.path)}Module`)
      return `${entry.module}.${name}`
    }
    entry.names.add(name)
    return name
  }

  /** Appends a declaration such as `function x() {}` or `const x = …`, exported or not. */
  declare(name, code, exported = true) {
    const inline = this.isEsm && exported && this.project.style(`inline ${this.path}`, [true, true, false])
    this.body.push(inline ? `export ${code}` : code)
    if (exported && !inline) this.#exports.set(name, name)
    return name
  }

  write(...lines) {
    this.body.push(...lines)
  }

  exportDefault(expression) {
    this.#default = expression
  }

  get hasDefault() {
    return this.#default !== null
  }

  /** Makes this a barrel: `name` of this file is the default (or `source`) export of another file. */
  reexport(name, target, source = null) {
    this.#reexports.push({ name, target, source })
  }

  specifier(target) {
    const from = this.path.split('/').slice(0, -1)
    const to = target.path.split('/')
    let shared = 0
    while (shared < from.length && from[shared] === to[shared]) shared++
    const up = from.slice(shared).map(() => '..')
    let path = [...up, ...to.slice(shared)].join('/')
    if (!path.startsWith('.')) path = `./${path}`
    if (this.project.module === 'esm') return `${path}.js`
    // CommonJS and TypeScript may name the folder of an index file.
    return path.endsWith('/index') ? path.slice(0, -'/index'.length) : path
  }

  render() {
    const lines = this.isEsm ? this.#esmHead() : this.#cjsHead()
    const tail = this.isEsm ? this.#esmTail() : this.#cjsTail()
    return `${[...lines, lines.length ? '' : null, ...this.body, tail.length ? '' : null, ...tail].filter((line) => line !== null).join('\n')}\n`
  }

  #cjsHead() {
    const lines = this.project.style(`strict ${this.path}`, [false, false, true]) ? [`'use strict';`, ''] : []
    for (const [name, entry] of this.#packages) {
      const local = PACKAGES[name].as
      const names = [...entry.named].join(', ')
      if (entry.default) lines.push(`const ${local} = require('${name}');`)
      if (names) lines.push(entry.default ? `const { ${names} } = ${local};` : `const { ${names} } = require('${name}');`)
    }
    for (const { target, style, default: local, names, module } of this.#imports.values()) {
      const from = `require('${this.specifier(target)}')`
      if (local) lines.push(`const ${local} = ${from};`)
      if (module) lines.push(`const ${module} = ${from};`)
      if (names.size && style === 'member') for (const name of names) lines.push(`const ${name} = ${from}.${name};`)
      else if (names.size) lines.push(`const { ${[...names].join(', ')} } = ${from};`)
    }
    return lines
  }

  #esmHead() {
    const lines = []
    for (const [name, entry] of this.#packages) {
      const names = entry.named.size ? `{ ${[...entry.named].join(', ')} }` : ''
      lines.push(`import ${[entry.default ? PACKAGES[name].as : '', names].filter(Boolean).join(', ')} from '${name}';`)
    }
    for (const { target, default: local, names, module } of this.#imports.values()) {
      const from = `from '${this.specifier(target)}';`
      const named = names.size ? `{ ${[...names].join(', ')} }` : ''
      if (local || named) lines.push(`import ${[local, named].filter(Boolean).join(', ')} ${from}`)
      if (module) lines.push(`import * as ${module} ${from}`)
    }
    for (const { name, target, source } of this.#reexports) lines.push(`export { ${source ?? 'default'} as ${name} } from '${this.specifier(target)}';`)
    return lines
  }

  #cjsTail() {
    const lines = []
    if (this.#default) lines.push(`module.exports = ${this.#default};`)
    const members = [...this.#exports.keys()]
    if (members.length) {
      const style = this.#default ? 'assign' : this.project.style(`export ${this.path}`, ['object', 'object', 'exports', 'assign'])
      if (style === 'object') lines.push(`module.exports = { ${members.join(', ')} };`)
      else for (const name of members) lines.push(`${style === 'exports' ? 'exports' : 'module.exports'}.${name} = ${name};`)
    }
    if (this.#reexports.length) {
      const value = ({ target, source }) => `require('${this.specifier(target)}')${source ? `.${source}` : ''}`
      if (this.project.style(`barrel ${this.path}`, [true, false])) {
        lines.push('module.exports = {', ...this.#reexports.map((entry) => `  ${entry.name}: ${value(entry)},`), '};')
      } else for (const entry of this.#reexports) lines.push(`exports.${entry.name} = ${value(entry)};`)
    }
    return lines
  }

  #esmTail() {
    const lines = []
    if (this.#exports.size) lines.push(`export { ${[...this.#exports.keys()].join(', ')} };`)
    if (this.#default) lines.push(`export default ${this.#default};`)
    return lines
  }
}

/** `routes/user-orders` → `userOrders`; an index file is called after its folder. */
export function camel(path) {
  const parts = path.split('/')
  const last = parts.at(-1) === 'index' ? (parts.at(-2) ?? 'main') : parts.at(-1)
  return last.replace(/[^a-zA-Z0-9]+(.)?/g, (_, next) => (next ? next.toUpperCase() : ''))
}
