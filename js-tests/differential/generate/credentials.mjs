// Where a check takes the credential from: the request expressions people write, directly or through a helper of another file.
import { fn } from './verifiers.mjs'

const TOKEN_SOURCES = {
  split: (q) => [`const token = ${q}.headers.authorization && ${q}.headers.authorization.split(' ')[1];`],
  optionalSplit: (q) => [`const token = ${q}.headers.authorization?.split(' ')[1];`],
  replace: (q) => [`const header = ${q}.headers.authorization || '';`, `const token = header.replace('Bearer ', '');`],
  pair: (q) => [`const [scheme, token] = (${q}.headers.authorization || '').split(' ');`],
  startsWith: (q) => [`const header = ${q}.headers.authorization;`, `const token = header && header.startsWith('Bearer ') ? header.slice(7) : null;`],
  bracket: (q) => [`const token = (${q}.headers['authorization'] || '').slice('Bearer '.length);`],
  accessHeader: (q) => [`const token = ${q}.headers['x-access-token'];`],
  query: (q) => [`const token = ${q}.query.token;`],
  headerOrQuery: (q) => [`const token = ${q}.headers['x-access-token'] || ${q}.query.token;`],
  letAssigned: (q) => ['let token;', `if (${q}.headers.authorization && ${q}.headers.authorization.startsWith('Bearer')) {`, `  token = ${q}.headers.authorization.split(' ')[1];`, '}'],
}
const EXPRESS_TOKEN_SOURCES = {
  get: (q) => [`const token = (${q}.get('Authorization') || '').replace(/^Bearer /i, '');`],
  header: (q) => [`const token = ${q}.header('x-access-token');`],
}
const COOKIE_SOURCES = {
  cookie: (q) => [`const token = ${q}.cookies.token;`],
  cookieDestructured: (q) => [`const { token } = ${q}.cookies || {};`],
  cookieOrHeader: (q) => [`const token = (${q}.cookies && ${q}.cookies.token) || ${q}.headers['x-access-token'];`],
}
const KEY_SOURCES = {
  keyHeader: (q) => [`const token = ${q}.headers['x-api-key'];`],
  keyHeaderOrQuery: (q) => [`const token = ${q}.headers['x-api-key'] || ${q}.query.api_key;`],
  keyDestructured: (q) => [`const { 'x-api-key': token } = ${q}.headers;`],
}
const EXPRESS_KEY_SOURCES = { keyGet: (q) => [`const token = ${q}.get('x-api-key');`] }

const all = { ...TOKEN_SOURCES, ...EXPRESS_TOKEN_SOURCES, ...COOKIE_SOURCES, ...KEY_SOURCES, ...EXPRESS_KEY_SOURCES }

/** Picks a source for the plan. */
export function planSource(rng, { framework, cookies, key }) {
  const express = framework.startsWith('express')
  const tables = key ? [KEY_SOURCES, express ? EXPRESS_KEY_SOURCES : {}] : [TOKEN_SOURCES, express ? EXPRESS_TOKEN_SOURCES : {}, cookies ? COOKIE_SOURCES : {}]
  return { from: rng.pick(tables.flatMap(Object.keys)), helper: rng.weighted({ none: 6, same: 1, lib: 3 }) }
}

/** The statements that leave the credential in a local called `token`. */
export function sourceLines(ctx, source, req) {
  const lines = all[source.from]
  if (source.helper === 'none') return lines(req)
  const home = source.helper === 'lib' ? ctx.project.file(ctx.project.path(ctx.project.style('http helpers', ['lib/http', 'lib/request', 'utils/headers']))) : ctx.file
  const memo = `${home.path} source ${source.from}`
  let name = ctx.project.memo.get(memo)
  if (!name) {
    name = ctx.project.unique(ctx.project.style(memo, ['getToken', 'extractToken', 'tokenFrom']))
    ctx.project.memo.set(memo, name)
    home.declare(name, fn(ctx, name, ['req'], [...lines('req'), 'return token;']), home !== ctx.file)
  }
  return [`const token = ${ctx.file.use(home, name)}(${req});`]
}
