// The functions that turn a credential into an identity (or fail to): token parsers, session and key look-ups, and the ones that only look at a token.
// Each can stand in the guard's own file or in a library file that other guards share.
import { indent } from './dialects.mjs'

const param = (ctx, name) => (ctx.project.module === 'ts' ? `${name}: any` : name)

/** The expression of the signing key or API key as this project spells it. */
export function secret(ctx, file, which = 'jwt') {
  const env = which === 'jwt' ? 'JWT_SECRET' : 'API_KEY'
  const key = which === 'jwt' ? 'jwtSecret' : 'apiKey'
  const style = ctx.project.style(`secret ${which}`, ['env', 'config', 'config', 'constant'])
  if (style === 'env') return `process.env.${env}`
  if (style === 'config') {
    ctx.project.config.set(key, `process.env.${env}`)
    return `${file.use(configFile(ctx))}.${key}`
  }
  return file.use(ctx.project.file(ctx.project.path('lib/secrets'), (secrets) => {
    for (const name of ['JWT_SECRET', 'API_KEY']) secrets.declare(name, `const ${name} = process.env.${name};`)
  }), env)
}

/** The project's config file; its entries are collected while the rest is written (Project finishes it in server.mjs). */
export function configFile(ctx) {
  const path = ctx.project.path(ctx.project.style('config path', ['config', 'config/index', 'lib/config']))
  return ctx.project.file(path, (file) => {
    file.defaultHint = 'config'
  })
}

/** The database client, a stub of @prisma/client or pg at run time; every call with a `ref` is recorded as an endpoint's work. */
export function prisma(ctx, file) {
  const client = ctx.project.file(ctx.project.path(ctx.project.style('db path', ['db', 'lib/prisma', 'database/client'])), (db) => {
    const PrismaClient = db.pkg('@prisma/client', 'PrismaClient')
    db.defaultHint = 'prisma'
    db.write(`const prisma = new ${PrismaClient}();`)
    db.exportDefault('prisma')
  })
  return file.use(client)
}

/** kind → { async, sound, code(ctx, file, name) }: what it returns on failure is part of the kind. */
export const VERIFIERS = {
  // Throws on a bad token.
  jwt: { name: 'parseToken', code: (c, f, n) => fn(c, n, ['token'], [`return ${f.pkg('jsonwebtoken')}.verify(token, ${secret(c, f)});`]) },
  jwtAsync: {
    name: 'parseTokenAsync', async: true,
    code: (c, f, n) => {
      const verify = `${f.pkg('jsonwebtoken')}.verify(token, ${secret(c, f)}`
      return c.project.style(`promisified ${f.path}`, [true, false])
        ? fn(c, n, ['token'], ['return new Promise((resolve, reject) => {', `  ${verify}, (err, payload) => (err ? reject(err) : resolve(payload)));`, '});'])
        : fn(c, n, ['token'], [`const payload = ${verify});`, 'return payload;'], true)
    },
  },
  jwtThenUser: {
    name: 'loadUser', async: true,
    code: (c, f, n) => fn(c, n, ['token'], [
      `const payload = ${f.pkg('jsonwebtoken')}.verify(token, ${secret(c, f)});`,
      `const user = await ${prisma(c, f)}.user.findUnique({ where: { id: payload.id } });`,
      `if (!user) throw new Error('unknown user');`, 'return user;'], true),
  },
  // Answers null or undefined on a bad token.
  jwtNull: { name: 'verifyToken', code: (c, f, n) => fn(c, n, ['token'], ['try {', `  return ${f.pkg('jsonwebtoken')}.verify(token, ${secret(c, f)});`, '} catch (err) {', '  return null;', '}']) },
  jwtAsyncNull: {
    name: 'userFromToken', async: true,
    code: (c, f, n) => fn(c, n, ['token'], ['if (!token) return null;', 'try {', `  const payload = ${f.pkg('jsonwebtoken')}.verify(token, ${secret(c, f)});`,
      `  return await ${prisma(c, f)}.user.findUnique({ where: { id: payload.id } });`, '} catch {', '  return null;', '}'], true),
  },
  dbSession: {
    name: 'findSession', async: true,
    code: (c, f, n) => fn(c, n, ['token'], ['if (!token) return null;', `return ${prisma(c, f)}.session.findUnique({ where: { token } });`], true),
  },
  mapSession: {
    name: 'sessionFor',
    code: (c, f, n) => {
      const open = c.project.unique('openSession')
      f.write(`const ${n}Store = new Map();`, '')
      // What a login would call.
      f.declare(open, fn(c, open, ['token', 'user'], [`${n}Store.set(token, user);`, 'return token;']))
      return fn(c, n, ['token'], [`return ${n}Store.get(token);`])
    },
  },
  apiKeyDb: {
    name: 'findApiKey', async: true,
    code: (c, f, n) => fn(c, n, ['token'], [`return token ? ${prisma(c, f)}.apiKey.findUnique({ where: { key: String(token) } }) : null;`], true),
  },
  // Answers true or false.
  apiKeyEquals: { name: 'isValidKey', code: (c, f, n) => fn(c, n, ['key'], [`return key === ${secret(c, f, 'api')};`]) },
  apiKeyIncludes: { name: 'isKnownKey', code: (c, f, n) => fn(c, n, ['key'], [`const keys = [${secret(c, f, 'api')}, 'rotated-key-2f6b'];`, 'return keys.includes(key);']) },
  apiKeyTiming: {
    name: 'sameKey',
    code: (c, f, n) => fn(c, n, ['key'], [`const given = Buffer.from(String(key || ''));`, `const wanted = Buffer.from(String(${secret(c, f, 'api')}));`,
      `return given.length === wanted.length && ${f.pkg('node:crypto')}.timingSafeEqual(given, wanted);`]),
  },
  apiKeyStrict: { name: 'keyMatches', code: (c, f, n) => fn(c, n, ['key'], [`const wanted = ${secret(c, f, 'api')};`, 'return Boolean(wanted) && key === wanted;']) },
  apiKeyHash: {
    name: 'hashMatches',
    code: (c, f, n) => fn(c, n, ['key'], [`const digest = (text${c.project.module === 'ts' ? ': any' : ''}) => ${f.pkg('node:crypto')}.createHash('sha256').update(String(text)).digest('hex');`,
      `return digest(key) === digest(${secret(c, f, 'api')});`]),
  },
  apiKeyAsync: { name: 'checkKey', async: true, code: (c, f, n) => fn(c, n, ['key'], ['await null;', `return key === ${secret(c, f, 'api')};`], true) },
  // Only look at the token: an attacker writes it himself.
  decode: { name: 'decodeToken', broken: true, code: (c, f, n) => fn(c, n, ['token'], [`return ${f.pkg('jsonwebtoken')}.decode(token);`]) },
  decodeDb: {
    name: 'userOfToken', broken: true, async: true,
    code: (c, f, n) => fn(c, n, ['token'], [`const claims = ${f.pkg('jsonwebtoken')}.decode(token);`, 'if (!claims) return null;',
      `return ${prisma(c, f)}.user.findUnique({ where: { id: claims.id } });`], true),
  },
  base64: {
    name: 'readClaims', broken: true,
    code: (c, f, n) => fn(c, n, ['token'], ['try {', `  return JSON.parse(Buffer.from(token.split('.')[1], 'base64').toString('utf8'));`, '} catch (err) {', '  return null;', '}']),
  },
  present: { name: 'hasToken', broken: true, code: (c, f, n) => fn(c, n, ['token'], [c.project.style(`present ${n}`, ['return Boolean(token);', `return typeof token === 'string' && token.length > 0;`, 'return token !== undefined;'])]) },
}

/** Declares the helper where the check wants it and returns how `file` calls it. */
export function verifier(ctx, file, kind, where) {
  const home = where === 'lib' ? ctx.project.file(ctx.project.path(ctx.project.style(`home ${kind}`, ['lib/tokens', 'lib/tokens', 'services/credentials', 'auth/verify']))) : file
  const memo = `${home.path} ${kind}`
  let name = ctx.project.memo.get(memo)
  if (!name) {
    name = ctx.project.unique(VERIFIERS[kind].name)
    ctx.project.memo.set(memo, name)
    home.declare(name, VERIFIERS[kind].code(ctx, home, name), home !== file)
  }
  return file.use(home, name)
}

/** The same verification written straight into the guard; null where it needs statements. */
export function inlineVerification(ctx, file, kind, token) {
  switch (kind) {
    case 'jwt': return `${file.pkg('jsonwebtoken')}.verify(${token}, ${secret(ctx, file)})`
    case 'decode': return `${file.pkg('jsonwebtoken')}.decode(${token})`
    case 'apiKeyEquals': return `${token} === ${secret(ctx, file, 'api')}`
    case 'apiKeyIncludes': return `[${secret(ctx, file, 'api')}].includes(${token})`
    case 'present': return token
    default: return null
  }
}

/** A function in one of the spellings people use. */
export function fn(ctx, name, params, lines, isAsync = false) {
  const list = params.map((p) => param(ctx, p)).join(', ')
  const arrow = ctx.project.style(`fn ${name}`, [true, false, false])
  const body = indent(lines).join('\n')
  return arrow ? `const ${name} = ${isAsync ? 'async ' : ''}(${list}) => {\n${body}\n};\n` : `${isAsync ? 'async ' : ''}function ${name}(${list}) {\n${body}\n}\n`
}
