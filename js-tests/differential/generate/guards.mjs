// Guards: a check dressed as people dress it (plain function, factory, option, static method, bound method, array, wrapped, library middleware),
// and the references to it from routes and mounts.
import { checkTags, planCheck, renderCheck } from './checks.mjs'
import { dialect, guardParams, indent } from './dialects.mjs'
import { sourceLines } from './credentials.mjs'
import { secret, verifier, VERIFIERS } from './verifiers.mjs'

const NAMES = {
  sound: ['requireAuth', 'authenticateUser', 'ensureLoggedIn', 'isAuthenticated', 'protect', 'checkAuth', 'verifyAccess', 'authorize', 'gatekeeper', 'beforeRequest'],
  // Broken guards keep trustworthy names: a verdict by name must fail here.
  broken: ['requireAuth', 'authMiddleware', 'ensureUser2', 'isLoggedIn', 'protectRoute', 'checkToken', 'authGuard', 'secured'],
}

export function planGuard(rng, server, sound) {
  const fastify = server.framework.startsWith('fastify')
  const callback = fastify && rng.chance(0.35)
  const library = !fastify && rng.chance(0.1)
  const check = library ? null : planCheck(rng, { framework: server.framework, cookies: server.cookies, ambient: server.attach?.kind ?? null, fastifyJwt: server.fastifyJwt, callback, sound })
  const shapes = fastify
    ? { plain: 6, factory: 2, option: 1, object: 2, decorator: 4 }
    : { plain: 8, factory: 3, option: 2, object: 2, classStatic: 1, classField: 1, classBound: 1, classAlias: 1, constructorFn: 1, array: 1.5, pair: 1.5, wrapped: 1.5, router: 0.7 }
  const shape = library ? rng.pick(['expressJwt', 'basicAuth', 'passport']) : rng.weighted(shapes)
  const guard = {
    id: `g${server.guards.length + 1}`, name: `${rng.pick(NAMES[sound ? 'sound' : 'broken'])}`, sound, check, shape, callback,
    home: rng.pick(['middleware/auth', 'middleware/auth', 'own', 'own', 'lib/guards']), spelling: rng.int(0, 5),
  }
  server.guards.push(guard)
  return guard
}

/** A reference to a guard: which guard, and with what arguments when it is a factory. `optional` makes a sound option factory let anyone through. */
export function refTo(rng, guard, sound = guard.sound) {
  const args = guard.shape === 'factory' ? rng.pick(['none', 'role', 'object'])
    : guard.shape === 'option' ? (sound ? rng.pick(['none', 'required']) : rng.pick(guard.sound ? ['optional'] : ['none', 'optional'])) : null
  return { guard: guard.id, args, wrapped: !guard.check ? false : rng.chance(0.04) }
}

export function guardTags(server, ref) {
  const guard = server.guards.find(({ id }) => id === ref.guard)
  return [`guard:${guard.shape}`, ref.args && `args:${ref.args}`, ref.wrapped && 'guard-arrow', ...(guard.shape === 'pair' ? [`pair:${guard.sound ? 'verified' : 'decoded'}`] : guard.check ? checkTags(guard.check) : [`library:${guard.shape}${guard.sound ? '' : '-optional'}`])].filter(Boolean)
}

const ARGS = { none: '', role: `'admin'`, object: `{ role: 'admin' }`, optional: '{ optional: true }', required: '{ optional: false }' }

/** The expression of a guard reference in `file`; declares the guard on first use. */
export function guardExpression(ctx, ref) {
  const guard = ctx.server.guards.find(({ id }) => id === ref.guard)
  const { home, name } = declareGuard(ctx, guard)
  const base = ctx.file.use(home, name)
  const expression = {
    factory: () => `${base}(${ARGS[ref.args]})`, option: () => `${base}(${ARGS[ref.args]})`, object: () => `${base}.required`,
    classStatic: () => `${base}.check`, classField: () => `${base}.check`, constructorFn: () => `${base}.check`, classBound: () => `${base}.check.bind(${base})`,
  }[guard.shape]?.() ?? base
  if (ref.wrapped && !['array', 'pair', 'router'].includes(guard.shape) && ctx.server.framework.startsWith('express')) return `(req, res, next) => ${expression}(req, res, next)`
  return expression
}

function guardHome(ctx, guard) {
  const path = guard.home === 'own' ? `middleware/${guard.name.replace(/[A-Z]/g, (c) => `-${c.toLowerCase()}`)}-${guard.id}` : guard.home
  return ctx.project.file(ctx.project.path(path))
}

function declareGuard(ctx, guard) {
  const memo = `guard ${guard.id}`
  const known = ctx.project.memo.get(memo)
  if (known) return known
  const home = guardHome(ctx, guard)
  const unique = ctx.project.unique(guard.name)
  // A file of its own may have the guard as its default export.
  const asDefault = guard.home === 'own' && ctx.project.style(`default ${memo}`, [true, false])
  if (asDefault) home.defaultHint = unique
  const entry = { home, name: asDefault ? null : unique }
  ctx.project.memo.set(memo, entry)
  const inner = { ...ctx, file: home, key: memo }
  if (guard.check) SHAPES[guard.shape](inner, guard, unique, !asDefault)
  else LIBRARIES[guard.shape](inner, guard, unique, !asDefault)
  if (asDefault) home.exportDefault(unique)
  return entry
}

/** The guard as a function expression's parts. */
function guardFunction(ctx, guard, allowMissing = null) {
  const { framework } = ctx.server
  const d = dialect(framework, { callback: guard.callback, typed: ctx.project.module === 'ts', names: guard.spelling })
  const stops = d.next && guard.spelling % 3 === 1
  const pass = { lines: () => (d.next ? [stops && !guard.callback ? `return ${d.next}();` : `${d.next}();`] : []), awaits: false }
  const { lines, awaits } = renderCheck(ctx, guard.check, d, pass, allowMissing)
  const isAsync = awaits || d.kind === 'fastify-async'
  return { params: guardParams(d), body: indent(lines).join('\n'), isAsync }
}

const arrow = ({ params, body, isAsync }) => `${isAsync ? 'async ' : ''}(${params}) => {\n${body}\n}`
const deeper = (text) => text.split('\n').map((line, i) => (i && line ? `  ${line}` : line)).join('\n')

const SHAPES = {
  plain(ctx, guard, name, exported) {
    const f = guardFunction(ctx, guard)
    if (guard.spelling % 2) home(ctx).declare(name, `const ${name} = ${arrow(f)};\n`, exported)
    else home(ctx).declare(name, `${f.isAsync ? 'async ' : ''}function ${name}(${f.params}) {\n${f.body}\n}\n`, exported)
  },
  factory(ctx, guard, name, exported) {
    const f = guardFunction(ctx, guard)
    const any = ctx.project.module === 'ts' ? '?: any' : ''
    if (guard.spelling % 2) home(ctx).declare(name, `const ${name} = (role${any}) => ${arrow(f)};\n`, exported)
    else home(ctx).declare(name, `function ${name}(role${any}) {\n  return ${f.isAsync ? 'async ' : ''}function (${f.params}) {\n${indent(f.body.split('\n')).join('\n')}\n  };\n}\n`, exported)
  },
  option(ctx, guard, name, exported) {
    const destructured = guard.spelling % 2
    const f = guardFunction(ctx, guard, destructured ? 'optional' : 'options.optional')
    const any = ctx.project.module === 'ts' ? ': any' : ''
    const params = destructured ? `{ optional = false }${any} = {}` : `options${any} = {}`
    // A flow without a token of its own has nothing to be optional about: the option then skips the whole guard.
    const uses = f.body.includes('optional')
    const skip = ctx.server.framework.startsWith('express') ? '(req, res, next) => next()' : 'async () => {}'
    const head = uses ? '' : `  if (${destructured ? 'optional' : 'options.optional'}) return ${skip};\n`
    home(ctx).declare(name, `function ${name}(${params}) {\n${head}  return ${deeper(arrow(f))};\n}\n`, exported)
  },
  object(ctx, guard, name, exported) {
    const pass = ctx.server.framework.startsWith('express') ? '(req, res, next) => next()' : 'async () => {}'
    home(ctx).declare(name, `const ${name} = {\n  required: ${deeper(arrow(guardFunction(ctx, guard)))},\n  optional: ${pass},\n};\n`, exported)
  },
  classStatic(ctx, guard, name, exported) {
    const f = guardFunction(ctx, guard)
    home(ctx).declare(name, `class ${name} {\n  static ${f.isAsync ? 'async ' : ''}check(${f.params}) {\n${indent(f.body.split('\n')).join('\n')}\n  }\n}\n`, exported)
  },
  classField(ctx, guard, name, exported) {
    const type = `${name[0].toUpperCase()}${name.slice(1)}Guard`
    home(ctx).declare(name, `class ${type} {\n  check = ${deeper(arrow(guardFunction(ctx, guard)))};\n}\n`, false)
    home(ctx).declare(name, `const ${name} = new ${type}();\n`, exported)
  },
  classBound(ctx, guard, name, exported) {
    const f = guardFunction(ctx, guard)
    const type = `${name[0].toUpperCase()}${name.slice(1)}Service`
    const fields = ctx.project.module === 'ts' ? '  calls: number;\n\n' : ''
    home(ctx).declare(type, `class ${type} {\n${fields}  constructor() {\n    this.calls = 0;\n  }\n\n  ${f.isAsync ? 'async ' : ''}check(${f.params}) {\n    this.calls += 1;\n${indent(f.body.split('\n')).join('\n')}\n  }\n}\n`, false)
    home(ctx).declare(name, `const ${name} = new ${type}();\n`, exported)
  },
  /** The method of an instance, under a name of its own. */
  classAlias(ctx, guard, name, exported) {
    const f = guardFunction(ctx, guard)
    const type = `${name[0].toUpperCase()}${name.slice(1)}Gate`
    const instance = ctx.project.unique('gate')
    home(ctx).declare(type, `class ${type} {\n  ${f.isAsync ? 'async ' : ''}check(${f.params}) {\n${indent(f.body.split('\n')).join('\n')}\n  }\n}\n`, false)
    home(ctx).declare(instance, `const ${instance} = new ${type}();\n`, false)
    home(ctx).declare(name, `const ${name} = ${instance}.check.bind(${instance});\n`, exported)
  },
  /** A function that is called with `new`, as before there were classes. */
  constructorFn(ctx, guard, name, exported) {
    const type = `${name[0].toUpperCase()}${name.slice(1)}Handler`
    const self = ctx.project.module === 'ts' ? 'this: any' : ''
    home(ctx).declare(type, `function ${type}(${self}) {\n  this.check = ${deeper(arrow(guardFunction(ctx, guard)))};\n}\n`, false)
    home(ctx).declare(name, `const ${name} = new ${ctx.project.module === 'ts' ? `(${type} as any)` : type}();\n`, exported)
  },
  array(ctx, guard, name, exported) {
    const f = guardFunction(ctx, guard)
    const first = ctx.project.unique('noStore')
    const any = ctx.project.module === 'ts' ? ': any' : ''
    home(ctx).declare(first, `const ${first} = (req${any}, res${any}, next${any}) => {\n  res.set('Cache-Control', 'no-store');\n  next();\n};\n`, false)
    home(ctx).declare(name, `const ${name} = [${first}, ${arrow(f)}];\n`, exported)
  },
  /** One middleware loads the user, the next insists on one. */
  pair(ctx, guard, name, exported) {
    const any = ctx.project.module === 'ts' ? ': any' : ''
    const kind = guard.sound ? ['jwtNull', 'dbSession', 'jwtAsyncNull'][guard.spelling % 3] : ['decode', 'base64', 'decodeDb'][guard.spelling % 3]
    const isAsync = Boolean(VERIFIERS[kind].async)
    const place = ['req.account', 'res.locals.account', 'req.auth'][guard.spelling % 3]
    const load = ctx.project.unique('loadAccount')
    const need = ctx.project.unique('requireAccount')
    const params = `(req${any}, res${any}, next${any})`
    const token = sourceLines(ctx, { from: 'optionalSplit', helper: 'none' }, 'req')
    const call = `${verifier(ctx, home(ctx), kind, 'lib')}(token)`
    const store = guard.spelling > 2 ? [`${place} = ${isAsync ? `await ${call}` : call};`, 'next();'] : [`const account = ${isAsync ? `await ${call}` : call};`, 'if (account) {', `  ${place} = account;`, '}', 'next();']
    home(ctx).declare(load, `const ${load} = ${isAsync ? 'async ' : ''}${params} => {\n${indent([...token, ...store]).join('\n')}\n};\n`, false)
    home(ctx).declare(need, `const ${need} = ${params} => {\n  if (!${place}) {\n    return res.status(401).json({ error: 'unauthorized' });\n  }\n  next();\n};\n`, false)
    home(ctx).declare(name, `const ${name} = [${load}, ${need}];\n`, exported)
  },
  wrapped(ctx, guard, name, exported) {
    const f = guardFunction(ctx, guard)
    const wrap = home(ctx).use(asyncHandlerFile(ctx), 'asyncHandler')
    home(ctx).declare(name, `const ${name} = ${wrap}(${arrow({ ...f, isAsync: true })});\n`, exported)
  },
  router(ctx, guard, name, exported) {
    const Router = home(ctx).pkg('express', 'Router')
    home(ctx).declare(name, `const ${name} = ${Router}();\n`, exported)
    home(ctx).write(`${name}.use(${arrow(guardFunction(ctx, guard))});\n`)
  },
  // The function itself; the plugin that decorates the instance with it is written by fastify-plugins.mjs.
  decorator(ctx, guard, name, exported) {
    SHAPES.plain(ctx, guard, name, exported)
  },
}

const LIBRARIES = {
  expressJwt(ctx, guard, name, exported) {
    const f = home(ctx)
    const optional = guard.sound ? '' : ', credentialsRequired: false'
    f.declare(name, `const ${name} = ${f.pkg('express-jwt', 'expressjwt')}({ secret: ${secret(ctx, f)}, algorithms: ['HS256']${optional} });\n`, exported)
  },
  basicAuth(ctx, guard, name, exported) {
    const f = home(ctx)
    const how = guard.sound ? `users: { admin: ${secret(ctx, f, 'api')} }, challenge: true` : 'authorizer: async (user, password) => false'
    f.declare(name, `const ${name} = ${f.pkg('express-basic-auth')}({ ${how} });\n`, exported)
  },
  passport(ctx, guard, name, exported) {
    const f = home(ctx)
    const strategy = `strategy-${guard.id}`
    const any = ctx.project.module === 'ts' ? ': any' : ''
    f.write(`${f.pkg('passport')}.use('${strategy}', new ${f.pkg('passport-http-bearer', 'Strategy')}((token${any}, done${any}) => {`,
      `  done(null, token === ${secret(ctx, f, 'api')} ? { id: 1 } : false);`, '}));', '')
    const middleware = `passport.authenticate('${strategy}', { session: false })`
    // Broken: a middleware that calls authenticate() but never runs what it returns.
    f.declare(name, guard.sound ? `const ${name} = ${middleware};\n` : `const ${name} = (req${any}, res${any}, next${any}) => {\n  ${middleware};\n  next();\n};\n`, exported)
  },
}

const home = (ctx) => ctx.file

/** The wrapper that forwards a rejected promise to `next`, in a file of its own. */
export function asyncHandlerFile(ctx) {
  return ctx.project.file(ctx.project.path(ctx.project.style('async handler', ['lib/async-handler', 'utils/catch-async'])), (file) => {
    const any = ctx.project.module === 'ts' ? ': any' : ''
    file.declare('asyncHandler', ctx.project.style('async handler code', [
      `const asyncHandler = (fn${any}) => (req${any}, res${any}, next${any}) => Promise.resolve(fn(req, res, next)).catch(next);\n`,
      `function asyncHandler(fn${any}) {\n  return async (req${any}, res${any}, next${any}) => {\n    try {\n      await fn(req, res, next);\n    } catch (err) {\n      next(err);\n    }\n  };\n}\n`,
      `const asyncHandler = (fn${any}) => function wrapped(req${any}, res${any}, next${any}) {\n  return fn(req, res, next).catch(next);\n};\n`,
    ]))
  })
}

/** `withAuth(handler)`: the check around the handler instead of before it. Returns the name of the wrapper in `ctx.file`. */
export function wrapperExpression(ctx, guard) {
  const memo = `hof ${guard.id}`
  let entry = ctx.project.memo.get(memo)
  if (!entry) {
    const file = ctx.project.file(ctx.project.path('middleware/with-auth'))
    const name = ctx.project.unique('withAuth')
    entry = { file, name }
    ctx.project.memo.set(memo, entry)
    const inner = { ...ctx, file, key: memo }
    const typed = ctx.project.module === 'ts'
    const d = dialect(ctx.server.framework, { inHandler: true, typed, names: guard.spelling })
    const call = `return handler(${d.req}, ${d.res});`
    const { lines } = renderCheck(inner, guard.check, d, { lines: () => [call], awaits: true })
    file.declare(name, `const ${name} = (handler${typed ? ': any' : ''}) => async (${typed ? `${d.req}: any, ${d.res}: any` : `${d.req}, ${d.res}`}) => {\n${indent(lines).join('\n')}\n};\n`)
  }
  return ctx.file.use(entry.file, entry.name)
}
