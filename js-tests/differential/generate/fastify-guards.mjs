// Guard references in Fastify: decorators, library hooks, strategies of @fastify/auth, and hooks that exempt some routes.
import { guardExpression, guardTags } from './guards.mjs'
import { indent } from './dialects.mjs'
import { secret } from './verifiers.mjs'

const typed = (ctx) => (ctx.project.module === 'ts' ? ': any' : '')
const guardOf = (ctx, ref) => ctx.server.guards.find(({ id }) => id === ref.guard)

export function refTags(server, ref) {
  if (!ref) return []
  if (ref.library === 'auth') return [`library:auth-${ref.relation}`, ...ref.members.flatMap((id) => guardTags(server, { guard: id }))]
  if (ref.library) return [`library:${ref.library}`]
  const guard = server.guards.find(({ id }) => id === ref.guard)
  const form = guard.shape === 'decorator' ? [`decorator:${ref.lazy ? 'lazy' : 'direct'}`, `auth-plugin:${server.authPlugin.form}${server.authPlugin.late ? '-late' : ''}`] : []
  return [ref.stage && `stage:${ref.stage}`, ...form, ...guardTags(server, ref)].filter(Boolean)
}

/** The expression of a guard in a scope whose instance is called `recv`. */
export function fastifyGuard(ctx, ref, recv) {
  if (ref.library === 'basic') return `${recv}.basicAuth`
  if (ref.library === 'bearer') return `${recv}.verifyBearerAuth`
  if (ref.library === 'auth') {
    const members = ref.members.map((id) => guardExpression(ctx, { guard: id, args: null })).join(', ')
    return `${recv}.auth([${members}]${ref.spelled ? `, { relation: '${ref.relation}' }` : ''})`
  }
  const guard = guardOf(ctx, ref)
  // A decorator that is nowhere to be found is worth testing where it is silently undefined, not where calling it crashes.
  const lost = ctx.server.authPlugin.form === 'encapsulated' && ref.lazy
  if (guard.shape !== 'decorator' || lost) return guardExpression(ctx, ref)
  const decorator = `${recv}.${decoratorName(ctx, guard)}`
  if (!ref.lazy) return decorator
  const any = typed(ctx)
  return guard.callback ? `(request${any}, reply${any}, done${any}) => ${decorator}(request, reply, done)` : `async (request${any}, reply${any}) => ${decorator}(request, reply)`
}

/** Whether the expression can stand in an array: an undefined decorator there stops the server from starting. */
export const fitsArray = (ctx, ref) => ref.library === 'auth' || (!ref.library && (guardOf(ctx, ref).shape !== 'decorator' || ref.lazy))

function decoratorName(ctx, guard) {
  const memo = `decorator ${guard.id}`
  let name = ctx.project.memo.get(memo)
  if (!name) {
    name = ctx.project.unique(guard.name)
    ctx.project.memo.set(memo, name)
    ctx.decorators.push({ guard, name })
  }
  return name
}

/** `instance.decorate('authenticate', …)` for every decorator that was used, in a plugin file or straight on the root. */
export function decorationLines(ctx, recv) {
  const { decorators, server } = ctx
  if (!decorators.length) return []
  const decorate = (inner, target) => decorators.map(({ guard, name }) => `${target}.decorate('${name}', ${guardExpression(inner, { guard: guard.id, args: null })});`)
  if (server.authPlugin.form === 'direct') return decorate(ctx, recv)
  const file = ctx.project.file(ctx.project.path(ctx.project.style('auth plugin', ['plugins/auth', 'plugins/authenticate'])))
  file.defaultHint = 'authPlugin'
  const lines = decorate({ ...ctx, file }, 'fastify')
  const any = typed(ctx)
  const wrapped = server.authPlugin.form === 'fp'
  const named = ctx.project.style('auth plugin fn', [true, false])
  const body = indent(lines).join('\n')
  if (named || !wrapped) {
    file.declare('authPlugin', `async function authPlugin(fastify${any}, options${any}) {\n${body}\n}\n`, false)
    file.exportDefault(wrapped ? `${file.pkg('fastify-plugin')}(authPlugin)` : 'authPlugin')
    file.defaultHint = ctx.project.unique('authenticationPlugin')
  } else file.exportDefault(`${file.pkg('fastify-plugin')}(async (fastify${any}) => {\n${body}\n})`)
  return [`${server.awaits ? 'await ' : ''}${recv}.register(${ctx.file.use(file)});`]
}

/** A hook statement, with its exemption if it has one. */
export function hookLines(ctx, item, recv) {
  const expression = fastifyGuard(ctx, item.guard, recv)
  if (!item.exempt) return [`${recv}.addHook('${item.stage}', ${expression});`]
  const any = typed(ctx)
  const callback = item.guard.library || guardOf(ctx, item.guard).callback
  const test = exemption(ctx, item.exempt)
  if (callback) return [`${recv}.addHook('${item.stage}', (request${any}, reply${any}, done${any}) => {`, `  if (${test}) {`, '    done();', '    return;', '  }', `  ${call(ctx, item, expression, recv)}(request, reply, done);`, '});']
  return [`${recv}.addHook('${item.stage}', async (request${any}, reply${any}) => {`, `  if (${test}) return;`, `  ${ctx.project.style(`hook ${item.exempt.full}`, ['await', 'return'])} ${call(ctx, item, expression, recv)}(request, reply);`, '});']
}

/** Library hooks read `this`. */
function call(ctx, item, expression, recv) {
  if (item.guard.library) return `${expression}.bind(${recv})`
  return /^(async )?\(/.test(expression) ? `(${expression})` : expression
}

function exemption(ctx, { kind, value, full }) {
  ctx.exempted.add(value)
  switch (kind) {
    case 'startsWith': return `request.url.startsWith('${value}')`
    case 'equals': return `request.url === '${value}'`
    case 'list': {
      const name = ctx.project.unique('PUBLIC_PATHS')
      ctx.file.declare(name, `const ${name} = ['/health', '${full}'];`, false)
      return `${name}.includes(request.routeOptions.url)`
    }
    case 'set': {
      const name = ctx.project.unique('OPEN_ROUTES')
      ctx.file.declare(name, `const ${name} = new Set(['/health', '${full}']);`, false)
      return `${name}.has(request.routeOptions.url)`
    }
    case 'some': return `['/health', '${value}'].some((prefix) => request.url.startsWith(prefix))`
    case 'routeUrl': return `request.routeOptions.url === '${full}'`
    case 'get': return `request.method === 'GET'`
    case 'method': return `request.method === 'OPTIONS'`
    default: return `request.routeOptions.config.public`
  }
}

/** Registrations of the libraries that the plan uses, at the root. */
export function libraryLines(ctx, recv) {
  const { server, file } = ctx
  const wait = server.awaits ? 'await ' : ''
  const lines = []
  if (server.cookies) lines.push(`${wait}${recv}.register(${file.pkg('@fastify/cookie')});`)
  if (server.fastifyJwt) lines.push(`${wait}${recv}.register(${file.pkg('@fastify/jwt')}, { secret: ${secret(ctx, file)} });`)
  if (server.attach?.kind === 'session') lines.push(`${wait}${recv}.register(${file.pkg('@fastify/session')}, { secret: 'a-session-secret-of-more-than-32-characters', cookie: { secure: false } });`)
  if (server.libraries.auth) lines.push(`${wait}${recv}.register(${file.pkg('@fastify/auth')});`)
  if (server.libraries.bearer) lines.push(`${wait}${recv}.register(${file.pkg('@fastify/bearer-auth')}, { keys: new Set([${secret(ctx, file, 'api')}]), addHook: false });`)
  if (server.libraries.basic) {
    const any = typed(ctx)
    file.declare('validate', [`async function validate(username${any}, password${any}) {`, `  if (username !== 'admin' || password !== ${secret(ctx, file, 'api')}) {`, `    throw new Error('wrong credentials');`, '  }', '}', ''].join('\n'), false)
    lines.push(`${wait}${recv}.register(${file.pkg('@fastify/basic-auth')}, { validate, authenticate: true });`)
  }
  return lines
}
