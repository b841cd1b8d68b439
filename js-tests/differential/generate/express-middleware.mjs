// Middleware that guards nothing: what attaches an identity if there is one, and what real servers put in front of everything.
import { indent } from './dialects.mjs'
import { verifier, VERIFIERS } from './verifiers.mjs'
import { sourceLines } from './credentials.mjs'

/** The middleware that sets `req.user` for a valid credential and lets everyone through; a broken one believes an unsigned token. */
export function attachExpression(ctx) {
  const { attach } = ctx.server
  const file = ctx.project.file(ctx.project.path(ctx.project.style('attach path', ['middleware/attach-user', 'middleware/session', 'lib/passport-like'])))
  const name = 'attachUser'
  if (!ctx.project.memo.has(name)) {
    ctx.project.memo.set(name, true)
    const inner = { ...ctx, file, key: 'attach' }
    const kind = attach.sound ? attach.verify : ['decode', 'base64'][attach.style % 2]
    const call = `${verifier(inner, file, kind, attach.style % 3 ? 'lib' : 'same')}(token)`
    const isAsync = Boolean(VERIFIERS[kind].async)
    const target = attach.kind === 'locals' ? 'res.locals.user' : 'req.user'
    const set = [`const user = ${isAsync ? `await ${call}` : call};`, 'if (user) {', `  ${target} = user;`, '}']
    const source = { from: ctx.server.cookies && attach.style % 2 ? 'cookieDestructured' : 'optionalSplit', helper: 'none' }
    const lines = [...sourceLines(inner, source, 'req'),
      ...(attach.kind === 'isAuthenticated' ? ['req.isAuthenticated = () => Boolean(req.user);'] : []),
      ...(attach.style > 3 ? set : ['if (token) {', ...indent(set), '}']), 'next();']
    const any = ctx.project.module === 'ts' ? ': any' : ''
    file.declare(name, `${isAsync ? 'async ' : ''}function ${name}(req${any}, res${any}, next${any}) {\n${indent(lines).join('\n')}\n}\n`)
  }
  return ctx.file.use(file, name)
}

const BODIES = {
  cors: ['res.setHeader("Access-Control-Allow-Origin", "https://app.example.com");', 'res.setHeader("Access-Control-Allow-Headers", "Authorization, Content-Type");', 'next();'],
  headers: [`res.setHeader('X-Content-Type-Options', 'nosniff');`, 'next();'],
  requestLog: ['req.startedAt = Date.now();', `console.debug(req.method, req.url);`, 'next();'],
  // Answers 429 and 503: rejections, but not of anonymous callers as such.
  rateLimit: ['const count = (hits.get(req.ip) || 0) + 1;', 'hits.set(req.ip, count);', 'if (count > 100000) {', `  return res.status(429).json({ error: 'too many requests' });`, '}', 'next();'],
  maintenance: [`if (process.env.MAINTENANCE === 'on') {`, `  return res.status(503).json({ error: 'maintenance' });`, '}', 'next();'],
}

export function middlewareExpression(ctx, kind) {
  const file = ctx.project.file(ctx.project.path('middleware/common'))
  const memo = `common ${kind}`
  if (!ctx.project.memo.has(memo)) {
    ctx.project.memo.set(memo, true)
    const any = ctx.project.module === 'ts' ? ': any' : ''
    if (kind === 'rateLimit') file.write('const hits = new Map();')
    file.declare(kind, `function ${kind}(req${any}, res${any}, next${any}) {\n${indent(BODIES[kind]).join('\n')}\n}\n`)
  }
  return ctx.file.use(file, kind)
}
