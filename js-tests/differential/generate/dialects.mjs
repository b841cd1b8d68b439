// How one framework spells "reject" and "go on". The checks (checks.mjs) are written once against this and come out as Express middleware, an async
// Fastify hook, a Fastify hook with `done`, or the first lines of a handler.

/** Ways to reject. `stops: false` ways cannot be used where the bug is "goes on after rejecting", because they throw. */
const EXPRESS_FAILS = {
  json: (res) => [`${res}.status(401).json({ error: 'unauthorized' })`],
  send: (res) => [`${res}.status(403).send('Forbidden')`],
  sendStatus: (res) => [`${res}.sendStatus(401)`],
  end: (res) => [`${res}.status(401).end()`],
  redirect: (res) => [`${res}.redirect('/login')`],
  statusThenJson: (res) => [`${res}.status(401)`, `${res}.json({ message: 'Please sign in' })`],
}
const FASTIFY_FAILS = {
  code: (reply) => [`${reply}.code(401).send({ error: 'unauthorized' })`],
  status: (reply) => [`${reply}.status(403).send({ message: 'Forbidden' })`],
  codeThenSend: (reply) => [`${reply}.code(401)`, `${reply}.send({ error: 'unauthorized' })`],
}

/** @typedef {{ kind: string, req: string, res: string, next: string | null, async: boolean, inHandler: boolean, typed: boolean }} Dialect */

export function dialect(framework, { callback = false, inHandler = false, typed = false, names = 0 } = {}) {
  if (framework.startsWith('express')) {
    const [req, res] = names % 4 === 3 ? ['request', 'response'] : ['req', 'res']
    return { kind: 'express', req, res, next: 'next', inHandler, typed }
  }
  const [req, res] = names % 3 === 2 ? ['req', 'reply'] : ['request', 'reply']
  return { kind: callback ? 'fastify-done' : 'fastify-async', req, res, next: callback ? 'done' : null, inHandler, typed }
}

/** The parameter list of a guard, with types in TypeScript files. */
export function guardParams(d) {
  if (d.kind === 'express') return d.typed ? `${d.req}: any, ${d.res}: any, ${d.next}: () => void` : `${d.req}, ${d.res}, ${d.next}`
  const pair = d.typed ? `${d.req}: any, ${d.res}: any` : `${d.req}, ${d.res}`
  return d.next ? `${pair}, ${d.next}${d.typed ? ': any' : ''}` : pair
}

export function handlerParams(d) {
  return d.typed ? `${d.req}: any, ${d.res}: any` : `${d.req}, ${d.res}`
}

/** The names of the ways to reject that fit the place. */
export function failStyles(framework, { canThrow, canNext, goesOn, callback }) {
  const express = framework.startsWith('express')
  const styles = Object.keys(express ? EXPRESS_FAILS : FASTIFY_FAILS)
  styles.push('helper')
  if (goesOn) return styles
  if (canNext && express) styles.push('nextError', 'nextObject', 'nextRouter')
  if (canNext && callback) styles.push('doneError', 'doneError')
  if (canThrow) styles.push('throw', 'throw')
  return styles
}

/**
 * The statements of a rejection. `stop` says whether control leaves the function: forgetting it is the classic bug.
 * @returns {string[]}
 */
export function failLines(ctx, d, style, stop) {
  if (style === 'throw') {
    const HttpError = ctx.file.use(httpErrorFile(ctx), 'HttpError')
    return [`throw new ${HttpError}(401, 'unauthorized');`]
  }
  if (style === 'doneError') return [`${d.next}(new Error('unauthorized'));`, 'return;']
  // As the Express documentation shows it: leave the whole router.
  if (style === 'nextRouter') return [`return ${d.next}('router');`]
  if (style === 'nextError' || style === 'nextObject') {
    const value = style === 'nextError' ? `new Error('unauthorized')` : `{ status: 401, message: 'unauthorized' }`
    return [`return ${d.next}(${value});`]
  }
  if (style === 'helper') {
    const helper = ctx.file.use(responsesFile(ctx, d), 'unauthorized')
    return stop ? [`return ${helper}(${d.res});`] : [`${helper}(${d.res});`]
  }
  const table = d.kind === 'express' ? EXPRESS_FAILS : FASTIFY_FAILS
  const statements = (table[style] ?? Object.values(table)[0])(d.res)
  const last = statements.at(-1)
  const before = statements.slice(0, -1).map((line) => `${line};`)
  if (!stop) return [...before, `${last};`]
  // A hook with `done` must not return the reply's promise: it would be taken for an async hook.
  const separate = d.kind === 'fastify-done' || ctx.project.style(`stop ${ctx.key}`, [false, false, true])
  if (!separate) return [...before, `return ${last};`]
  return [...before, `${last};`, d.kind === 'fastify-async' ? `return ${d.res};` : 'return;']
}

function httpErrorFile(ctx) {
  return ctx.project.file(ctx.project.path('lib/errors'), (file) => {
    const typed = ctx.project.module === 'ts'
    file.declare('HttpError', [
      'class HttpError extends Error {',
      ...(typed ? ['  status: number;', '  statusCode: number;'] : []),
      `  constructor(status${typed ? ': number' : ''}, message${typed ? ': string' : ''}) {`,
      '    super(message);', '    this.status = status;', '    this.statusCode = status;', '  }', '}', '',
    ].join('\n'))
  })
}

function responsesFile(ctx, d) {
  return ctx.project.file(ctx.project.path('lib/responses'), (file) => {
    const any = ctx.project.module === 'ts' ? ': any' : ''
    const send = d.kind === 'express' ? `res.status(401).json({ error: 'unauthorized' })` : `res.code(401).send({ error: 'unauthorized' })`
    const code = ctx.project.style('unauthorized', [
      `function unauthorized(res${any}) {\n  return ${send};\n}\n`,
      `const unauthorized = (res${any}) => ${send};\n`,
      `const unauthorized = (res${any}, message = 'unauthorized') => {\n  ${send.replace("'unauthorized'", 'message')};\n  return res;\n};\n`,
    ])
    file.declare('unauthorized', code)
  })
}

/** `if (test) { … }` with the lines indented, on one line now and then. */
export function ifBlock(test, lines) {
  return [`if (${test}) {`, ...indent(lines), '}']
}

export const indent = (lines, by = 2) => lines.map((line) => (line ? ' '.repeat(by) + line.split('\n').join(`\n${' '.repeat(by)}`) : line))
