// Hooks that guard nothing: what attaches an identity, and what real servers run on every request.
import { indent } from './dialects.mjs'
import { sourceLines } from './credentials.mjs'
import { verifier, VERIFIERS } from './verifiers.mjs'

export function attachHook(ctx, recv) {
  const { attach, cookies } = ctx.server
  const file = ctx.project.file(ctx.project.path('plugins/attach-user'))
  const inner = { ...ctx, file, key: 'attach' }
  const kind = attach.sound ? attach.verify : ['decode', 'base64'][attach.style % 2]
  const call = `${verifier(inner, file, kind, attach.style % 3 ? 'lib' : 'same')}(token)`
  const set = [`const user = ${VERIFIERS[kind].async ? `await ${call}` : call};`, 'if (user) {', '  request.user = user;', '}']
  const source = { from: cookies && attach.style % 2 ? 'cookieDestructured' : 'optionalSplit', helper: 'none' }
  const any = ctx.project.module === 'ts' ? ': any' : ''
  const lines = [...sourceLines(inner, source, 'request'), ...(attach.style > 3 ? set : ['if (token) {', ...indent(set), '}'])]
  file.declare('attachUser', `async function attachUser(request${any}) {\n${indent(lines).join('\n')}\n}\n`)
  // @fastify/jwt brings its own `user` decorator.
  const decorate = ctx.server.fastifyJwt ? [] : [`${recv}.decorateRequest('user', null);`]
  return [...decorate, `${recv}.addHook('onRequest', ${ctx.file.use(file, 'attachUser')});`]
}

export function noiseHook(ctx, kind, recv) {
  const any = ctx.project.module === 'ts' ? ': any' : ''
  switch (kind) {
    case 'requestId': return [`${recv}.addHook('onRequest', async (request${any}, reply${any}) => {`, `  reply.header('x-request-id', request.id);`, '});']
    case 'timing': return [`${recv}.addHook('onResponse', async (request${any}, reply${any}) => {`, '  request.log.info({ ms: reply.elapsedTime });', '});']
    default: {
      // Answers 429: a rejection, but not of anonymous callers as such.
      const name = ctx.project.unique('hits')
      ctx.file.write(`const ${name} = new Map();`, '')
      return [`${recv}.addHook('onRequest', async (request${any}, reply${any}) => {`, `  const count = (${name}.get(request.ip) || 0) + 1;`, `  ${name}.set(request.ip, count);`, '  if (count > 100000) {',
        `    return reply.code(429).send({ error: 'too many requests' });`, '  }', '});']
    }
  }
}
