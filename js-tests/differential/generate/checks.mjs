// A check: credential → verification → reject or go on, with an optional bug. The same check can be a guard or the first lines of a handler:
// what "go on" means is given by the caller as `pass`.
import { planSource, sourceLines } from './credentials.mjs'
import { failLines, failStyles, ifBlock, indent } from './dialects.mjs'
import { fn, inlineVerification, secret, verifier, VERIFIERS } from './verifiers.mjs'

/** flow → the verifications it can use and the bugs it can have (`broken` kinds are a bug by themselves). */
const FLOWS = {
  value: { kinds: ['jwtNull', 'jwtAsyncNull', 'dbSession', 'mapSession', 'apiKeyDb'], broken: ['decode', 'decodeDb', 'base64'], bugs: ['noReturn', 'notAwaited', 'ignored', 'inverted', 'optional'] },
  throws: { kinds: ['jwt', 'jwtAsync', 'jwtThenUser'], broken: [], bugs: ['catchPasses', 'swallowed', 'noReturn', 'notAwaited', 'optional'] },
  callback: { kinds: ['jwtCallback'], broken: [], bugs: ['errorIgnored', 'noReturn', 'passOutside', 'optional'] },
  promise: { kinds: ['jwtAsync', 'jwtThenUser'], broken: [], bugs: ['catchPasses', 'finallyPasses', 'notAwaited'] },
  result: { kinds: ['result'], broken: [], bugs: ['ignored', 'noReturn', 'notAwaited'] },
  boolean: { kinds: ['apiKeyEquals', 'apiKeyIncludes', 'apiKeyTiming', 'apiKeyStrict', 'apiKeyHash', 'apiKeyAsync'], broken: ['present'], bugs: ['noReturn', 'inverted', 'ignored', 'notAwaited', 'optional'] },
  responds: { kinds: ['responds'], broken: [], bugs: ['ignored'] },
  ensures: { kinds: ['ensures'], broken: [], bugs: ['notAwaited', 'swallowed'] },
  jwtVerify: { kinds: ['jwtVerify'], broken: ['jwtDecode'], bugs: ['notAwaited', 'swallowed'] },
  ambient: { kinds: ['ambient'], broken: [], bugs: ['noReturn', 'inverted', 'notCalled'] },
}
const HELPER_FLOWS = new Set(['result', 'responds', 'ensures'])

/**
 * @param {import('./prng.mjs').Rng} rng
 * @param {{ framework: string, cookies: boolean, ambient: string | null, callback?: boolean, inHandler?: boolean, sound: boolean }} options
 */
export function planCheck(rng, options) {
  const { framework, ambient, fastifyJwt = false, callback = false, inHandler = false, sound } = options
  const asyncFastify = framework.startsWith('fastify') && !callback
  const flow = rng.weighted({
    value: 6, throws: 5, result: 2, boolean: 4, ensures: callback ? 0 : inHandler ? 3 : 1.5, responds: callback ? 0 : inHandler ? 2 : 1,
    callback: asyncFastify ? 0 : 3, promise: asyncFastify ? 0 : 2, ambient: ambient ? 8 : 0, jwtVerify: fastifyJwt && !callback ? 9 : 0,
  })
  let { kinds, bugs, broken } = FLOWS[flow]
  if (callback) {
    // A hook with `done` must not be async, so only what it can call without await.
    kinds = kinds.filter((kind) => flow === 'promise' || !VERIFIERS[kind]?.async)
    broken = broken.filter((kind) => !VERIFIERS[kind].async)
  }
  let bug = null
  let verify = rng.pick(kinds)
  if (!sound) {
    const async = VERIFIERS[verify]?.async || flow === 'promise' || flow === 'ensures' || flow === 'result' || flow === 'jwtVerify'
    bugs = bugs.filter((b) => (b !== 'notAwaited' || async) && (b !== 'notCalled' || ambient === 'isAuthenticated') && !(b === 'notAwaited' && callback && flow !== 'promise'))
    if (broken.length && rng.chance(0.4)) verify = rng.pick(broken)
    else bug = rng.pick(bugs)
  }
  const goesOn = ['noReturn'].includes(bug)
  const canThrow = !callback && !['callback', 'promise'].includes(flow)
  return {
    flow, verify, bug, ambient: flow === 'ambient' ? ambient : null,
    source: planSource(rng, { framework, cookies: options.cookies, key: verify.startsWith('apiKey') || (verify === 'present' && rng.chance(0.5)) }),
    where: HELPER_FLOWS.has(flow) ? rng.pick(['same', 'lib', 'lib']) : rng.pick(['inline', 'inline', 'same', 'lib', 'lib']),
    fail: rng.pick(failStyles(framework, { canThrow, canNext: !inHandler, goesOn, callback })),
    innerSync: callback || rng.chance(0.4),
    style: rng.int(0, 11),
  }
}

/** The feature tags of a check, for the report of disagreements. */
export function checkTags(check) {
  return [`check:${check.flow}/${check.ambient ?? check.verify}`, check.bug && `bug:${check.bug}`, `fail:${check.fail}`, `source:${check.source.from}`,
    check.source.helper !== 'none' && `source-helper:${check.source.helper}`, `verifier:${check.where}`].filter(Boolean)
}

/**
 * @param pass `{ lines(): string[], awaits: boolean }`: what to do for an authenticated caller
 * @returns {{ lines: string[], awaits: boolean }}
 */
export function renderCheck(ctx, check, d, pass, allowMissing = null) {
  const fail = (stop = true) => failLines(ctx, d, check.fail, stop)
  const stopUnlessBug = () => fail(check.bug !== 'noReturn')
  const build = { ctx, check, d, pass, fail, stopUnlessBug, attach: (value) => (d.inHandler ? [] : [`${d.req}.user = ${value};`]) }
  const tokenLines = HELPER_FLOWS.has(check.flow) || ['ambient', 'jwtVerify'].includes(check.flow) ? [] : sourceLines(ctx, check.source, d.req)
  const { lines, awaits } = BUILDERS[check.flow](build)
  const missing = check.bug === 'optional' ? '!token' : allowMissing && tokenLines.length ? `!token && ${allowMissing}` : null
  const early = missing ? ifBlock(missing, leaving(pass.lines())) : []
  return { lines: [...tokenLines, ...early, ...lines], awaits: awaits || pass.awaits }
}

/** The lines, with a `return` at the end unless there is one. */
const leaving = (lines) => (/^return\b/.test(lines.at(-1) ?? '') ? lines : [...lines, 'return;'])

/** The verification as an expression, and whether it is a promise that the check waits for. */
function verification({ ctx, check }) {
  const isAsync = Boolean(VERIFIERS[check.verify]?.async)
  const inline = check.where === 'inline' ? inlineVerification(ctx, ctx.file, check.verify, 'token') : null
  const call = inline ?? `${verifier(ctx, ctx.file, check.verify, check.where === 'lib' ? 'lib' : 'same')}(token)`
  const awaits = isAsync && check.bug !== 'notAwaited'
  return { value: awaits ? `await ${call}` : call, call, awaits, inline: Boolean(inline) }
}

/** `return user ? next() : res.sendStatus(401);`, where both sides are one expression and nothing is wrong. */
function ternary(b, test) {
  if (b.check.bug || b.check.style !== 5 || b.d.kind !== 'express' || b.d.inHandler) return null
  const [pass, ...morePass] = b.pass.lines()
  const [fail, ...moreFail] = b.fail()
  if (morePass.length || moreFail.length || /^throw/.test(fail)) return null
  const bare = (line) => line.replace(/^return /, '').replace(/;$/, '')
  return [`return ${test} ? ${bare(pass)} : ${bare(fail)};`]
}

const BUILDERS = {
  value(b) {
    const { value, awaits } = verification(b)
    const bind = `const user = ${value};`
    const on = [...b.attach('user'), ...b.pass.lines()]
    if (b.check.bug === 'ignored') return { lines: [bind, ...on], awaits }
    if (b.check.bug === 'inverted') return { lines: [bind, ...ifBlock('user', b.fail()), ...on], awaits }
    const short = ternary(b, 'user')
    if (short && b.pass.lines().length) return { lines: [bind, ...short], awaits }
    if (b.check.bug !== 'noReturn' && b.check.style % 4 === 1) return { lines: [bind, 'if (user) {', ...indent(on), '} else {', ...indent(b.fail(false)), '}'], awaits }
    const test = ['!user', '!user', 'user == null', '!user || !user.id'][b.check.bug === 'notAwaited' ? 0 : b.check.style % 4]
    const early = b.check.style > 7 && !b.check.bug ? ifBlock('!token', b.fail()) : []
    return { lines: [...early, bind, ...ifBlock(test, b.stopUnlessBug()), ...on], awaits }
  },

  throws(b) {
    const { value, awaits } = verification(b)
    const on = b.pass.lines()
    const { bug, style } = b.check
    const early = style > 7 && !bug ? ifBlock('!token', b.fail()) : []
    const assign = b.d.inHandler ? `const user = ${value};` : `${b.d.req}.user = ${value};`
    const tried = (body, caught) => ['try {', ...indent(body), ...(style % 2 ? ['} catch {'] : ['} catch (err) {']), ...indent(caught), '}']
    if (bug === 'catchPasses') return { lines: tried([assign, ...on], b.pass.lines()), awaits }
    if (bug === 'swallowed') return { lines: [...tried([assign], ['// carry on as a guest']), ...on], awaits }
    if (!bug && style % 4 === 1) return { lines: [...early, ...tried([assign, ...on], b.fail())], awaits }
    if (!bug && style % 4 === 2 && (!awaits || b.d.kind !== 'express')) return { lines: [...early, assign, ...on], awaits }
    return { lines: [...early, ...tried([assign], b.stopUnlessBug()), ...on], awaits }
  },

  callback(b) {
    const { check, ctx } = b
    const jwt = ctx.file.pkg('jsonwebtoken')
    const arrow = (params) => `${b.pass.awaits ? 'async ' : ''}(${params}) => {`
    const on = [...b.attach('payload'), ...b.pass.lines()]
    const open = `${jwt}.verify(token, ${secret(ctx, ctx.file)}, `
    if (check.bug === 'passOutside') return { lines: [`${open}${arrow('err, payload')}`, ...indent(['if (err) return;', ...b.attach('payload')]), '});', ...b.pass.lines()], awaits: false }
    const test = check.bug === 'errorIgnored' ? [] : ifBlock('err', b.stopUnlessBug())
    return { lines: [`${open}${arrow('err, payload')}`, ...indent([...test, ...on]), '});'], awaits: false }
  },

  promise(b) {
    const { call } = verification(b)
    const on = [...b.attach('user'), ...b.pass.lines()]
    const arrow = b.pass.awaits ? 'async ' : ''
    const { bug, style } = b.check
    if (bug === 'notAwaited') return { lines: [`${call}.catch(() => {});`, ...b.pass.lines()], awaits: false }
    if (bug === 'finallyPasses') return { lines: [`${call}`, `  .then((user) => {`, ...indent(b.attach('user'), 4), '  })', '  .catch(() => {})', `  .finally(${arrow}() => {`, ...indent(b.pass.lines(), 4), '  });'], awaits: false }
    const caught = bug === 'catchPasses' ? b.pass.lines() : b.fail()
    if (style % 3 === 1 && bug !== 'catchPasses') return { lines: [`${call}.then(${arrow}(user) => {`, ...indent(on), '}, () => {', ...indent(caught), '});'], awaits: false }
    return { lines: [call, `  .then(${arrow}(user) => {`, ...indent(on, 4), '  })', `  .catch(${bug === 'catchPasses' ? arrow : ''}() => {`, ...indent(caught, 4), '  });'], awaits: false }
  },

  result(b) {
    const isAsync = !b.check.innerSync || b.check.bug === 'notAwaited'
    const name = requestHelper(b, isAsync ? 'resultAsync' : 'result')
    const awaits = isAsync && b.check.bug !== 'notAwaited'
    const call = `${awaits ? 'await ' : ''}${name}(${b.d.req})`
    const destructured = b.check.style % 2 === 0
    const bind = destructured ? `const { error, user } = ${call};` : `const auth = ${call};`
    const user = destructured ? 'user' : 'auth.user'
    const test = b.check.bug === 'ignored' ? [] : ifBlock(destructured ? (b.check.style % 4 ? 'error || !user' : 'error') : 'auth.error', b.stopUnlessBug())
    // A promise has no `error`: the un-awaited form must test that, not the missing user.
    if (b.check.bug === 'notAwaited') return { lines: [bind, ...ifBlock(destructured ? 'error' : 'auth.error', b.fail()), ...b.attach(user), ...b.pass.lines()], awaits }
    return { lines: [bind, ...test, ...b.attach(user), ...b.pass.lines()], awaits }
  },

  boolean(b) {
    const { value, awaits, inline, call } = verification(b)
    const on = b.pass.lines()
    if (b.check.bug === 'ignored') return { lines: [inline ? `const valid = ${value};` : `${value};`, ...on], awaits }
    const short = ternary(b, value)
    if (short && !b.check.bug) return { lines: short, awaits }
    const wrap = inline || awaits ? `(${value})` : value
    if (b.check.bug === 'inverted') return { lines: [...ifBlock(value, b.fail()), ...on], awaits }
    if (b.check.bug !== 'noReturn' && b.check.style % 3 === 1) return { lines: [`if (${value}) {`, ...indent(on), '} else {', ...indent(b.fail(false)), '}'], awaits }
    const negated = inline && call.includes(' === ') ? call.replace(' === ', ' !== ') : `!${wrap}`
    return { lines: [...ifBlock(negated, b.stopUnlessBug()), ...on], awaits }
  },

  responds(b) {
    const call = `await ${requestHelper(b, 'responds')}(${b.d.req}, ${b.d.res})`
    if (b.check.bug === 'ignored') return { lines: [`${call};`, ...b.pass.lines()], awaits: true }
    const leave = b.d.kind === 'fastify-async' ? `return ${b.d.res};` : 'return;'
    return { lines: [`const user = ${call};`, `if (!user) ${leave}`, ...b.attach('user'), ...b.pass.lines()], awaits: true }
  },

  ensures(b) {
    const name = requestHelper(b, 'ensures')
    if (b.check.bug === 'notAwaited') return { lines: [`${name}(${b.d.req});`, ...b.pass.lines()], awaits: false }
    if (b.check.bug === 'swallowed') return { lines: ['try {', `  await ${name}(${b.d.req});`, '} catch (err) {', `  console.debug('anonymous request');`, '}', ...b.pass.lines()], awaits: true }
    if (b.check.style % 2 && b.d.next) return { lines: ['try {', `  await ${name}(${b.d.req});`, ...indent(b.pass.lines()), '} catch (err) {', `  ${b.d.inHandler ? b.fail().join(' ') : `${b.d.next}(err);`}`, '}'], awaits: true }
    return { lines: [`await ${name}(${b.d.req});`, ...b.pass.lines()], awaits: true }
  },

  /** `request.jwtVerify()` of @fastify/jwt. */
  jwtVerify(b) {
    const call = `${b.d.req}.${b.check.verify}()`
    const on = b.pass.lines()
    if (b.check.bug === 'notAwaited') return { lines: ['try {', `  ${call}.catch(() => {});`, '} catch (err) {', ...indent(b.fail()), '}', ...on], awaits: false }
    if (b.check.bug === 'swallowed') return { lines: ['try {', `  await ${call};`, '} catch (err) {', `  ${b.d.req}.log.info('no valid token');`, '}', ...on], awaits: true }
    if (b.check.style % 3 === 0) return { lines: [`await ${call};`, ...on], awaits: true }
    const caught = b.check.style % 3 === 1 && !b.d.inHandler ? [`${b.d.res}.send(err);`] : b.fail()
    return { lines: ['try {', `  await ${call};`, '} catch (err) {', ...indent(caught), '}', ...on], awaits: true }
  },

  ambient(b) {
    const { bug, ambient, style } = b.check
    const q = b.d.req
    const tests = { user: [`!${q}.user`, `!${q}.user || !${q}.user.id`, `${q}.user?.role !== 'admin'`, `!${q}.user || ${q}.user.role !== 'admin'`], locals: [`!${b.d.res}.locals.user`, `${b.d.res}.locals.user === undefined`], isAuthenticated: [`!${q}.isAuthenticated()`], session: [`!${q}.session.userId`, `!${q}.session || !${q}.session.userId`] }
    const test = tests[ambient][style % tests[ambient].length]
    const on = b.pass.lines()
    if (bug === 'notCalled') return { lines: [...ifBlock(`!${q}.isAuthenticated`, b.fail()), ...on], awaits: false }
    const positive = { user: `${q}.user`, locals: `${b.d.res}.locals.user`, isAuthenticated: `${q}.isAuthenticated()`, session: `${q}.session.userId` }[ambient]
    const short = ternary(b, positive)
    if (short) return { lines: short, awaits: false }
    if (bug === 'inverted') return { lines: [...ifBlock(positive, b.fail()), ...on], awaits: false }
    if (bug !== 'noReturn' && style % 3 === 1) return { lines: [`if (${positive}) {`, ...indent(on), '} else {', ...indent(b.fail(false)), '}'], awaits: false }
    return { lines: [...ifBlock(test, b.stopUnlessBug()), ...on], awaits: false }
  },
}

/** Helpers that see the whole request: answer `{ error, user }`, respond and answer null, or throw. */
function requestHelper(b, kind) {
  const { ctx, check, d } = b
  const home = check.where === 'lib' ? ctx.project.file(ctx.project.path(ctx.project.style(`home ${kind}`, ['lib/authenticate', 'services/auth', 'auth/request']))) : ctx.file
  const memo = `${home.path} ${kind} ${check.source.from}`
  let name = ctx.project.memo.get(memo)
  if (!name) {
    name = ctx.project.unique({ result: 'parseAuth', resultAsync: 'authenticateRequest', responds: 'authenticate', ensures: 'ensureUser' }[kind])
    ctx.project.memo.set(memo, name)
    const inner = { ...ctx, file: home, key: memo }
    const q = d.inHandler ? 'req' : d.req
    const token = sourceLines(inner, check.source, q)
    const find = verifier(inner, home, kind === 'result' ? 'jwtNull' : 'jwtAsyncNull', ctx.project.style(memo, ['lib', 'same']))
    const lines = {
      result: () => [...token, `if (!token) return { error: 'missing token' };`, `const user = ${find}(token);`, `return user ? { user } : { error: 'invalid token' };`],
      resultAsync: () => [...token, `if (!token) return { error: 'missing token', user: null };`, `const user = await ${find}(token);`,
        `if (!user) return { error: 'invalid token', user: null };`, 'return { error: null, user };'],
      responds: () => {
        const reject = failLines(inner, { ...d, req: q, inHandler: false }, d.kind === 'express' ? 'json' : 'code', false)
        return [...token, `const user = await ${find}(token);`, 'if (!user) {', ...indent(reject), '  return null;', '}', 'return user;']
      },
      ensures: () => [...token, `const user = await ${find}(token);`, ...ifBlock('!user', failLines(inner, d, 'throw', true)), 'return user;'],
    }[kind]()
    home.declare(name, fn(ctx, name, kind === 'responds' ? [q, d.res] : [q], lines, kind !== 'result'), home !== ctx.file)
  }
  return ctx.file.use(home, name)
}
