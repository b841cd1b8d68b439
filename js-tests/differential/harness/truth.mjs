// Boots generated servers with the real framework and finds out, by asking as an anonymous attacker, which endpoints are open.
import http from 'node:http'
import { createRequire } from 'node:module'
import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { transform } from 'sucrase'
import { requestsFor, SECRETS } from './attack.mjs'
import { inject } from './inject.mjs'
import { writeFiles } from './world.mjs'

// Thrown errors are the normal case here; their stack traces are not read.
Error.stackTraceLimit = 0

let captured = null
/** The last error that nothing caught: why a server did not start. */
let stray = null

/** Makes this process a place where generated servers can be booted: `listen` is caught, the environment is set, stray rejections are ignored. */
export function prepareProcess() {
  Object.assign(process.env, SECRETS, { NODE_ENV: 'test' })
  for (const name of ['debug', 'log', 'error', 'warn']) console[name] = () => {}
  process.on('unhandledRejection', (error) => {
    stray = error
  })
  process.on('uncaughtException', (error) => {
    stray = error
  })
  // Generated servers exit when they cannot start.
  process.exit = () => {}
  http.Server.prototype.listen = function listen(...args) {
    captured = this
    const callback = args.find((arg) => typeof arg === 'function')
    if (callback) this.once('listening', callback)
    this.address = () => ({ address: '127.0.0.1', family: 'IPv4', port: 3000 })
    setImmediate(() => this.emit('listening'))
    return this
  }
}

/** The files as they are run: TypeScript loses its types, everything else stays as authlint sees it. */
function runnable(server) {
  if (server.module !== 'ts') return server.files
  return Object.fromEntries(Object.entries(server.files).map(([path, code]) => (path.endsWith('.ts')
    ? [path.replace(/\.ts$/, '.js'), transform(code, { transforms: ['typescript', 'imports'] }).code] : [path, code])))
}

async function boot(server, directory) {
  captured = null
  stray = null
  const entry = join(directory, server.entry.replace(/\.ts$/, '.js'))
  if (server.module === 'esm') await import(pathToFileURL(entry))
  else createRequire(join(directory, 'package.json'))(entry)
  const deadline = Date.now() + 10_000
  while (!captured && !stray && Date.now() < deadline) await new Promise((resolve) => setImmediate(resolve))
  if (!captured) throw new Error(`the server never listened: ${stray?.stack ?? stray}`)
  return captured
}

/**
 * @param server what `renderServer` returned
 * @param world the folder made by `createWorld`
 * @returns {Promise<{ truth: ('open' | 'closed' | 'shadowed')[] }>} per endpoint, in order
 */
export async function findTruth(server, world, id, send = inject) {
  const directory = join(world, server.framework, `s${id}`)
  mkdirSync(directory)
  try {
    writeFiles(directory, runnable(server))
    const target = await boot(server, directory)
    const truth = []
    for (const endpoint of server.endpoints) truth.push(await probe(target, endpoint, send, server.framework.startsWith('express')))
    return { truth }
  } finally {
    const { cache } = createRequire(import.meta.url)
    for (const key of Object.keys(cache)) if (key.startsWith(directory)) delete cache[key]
    rmSync(directory, { recursive: true, force: true })
  }
}

async function probe(target, endpoint, send, guardsAnswer404) {
  const reached = new Set()
  globalThis.__workReached = (ref) => reached.add(ref)
  // Most open endpoints answer the bare request; the other requests go out together, which costs far fewer turns of the event loop.
  const [bare, ...others] = requestsFor(endpoint)
  const answers = [await send(target, bare)]
  if (!reached.has(endpoint.ref)) answers.push(...await Promise.all(others.map((request) => send(target, request))))
  // The URL does not lead to what the generator believes to be there. (In Express, `next('router')` and error handlers that go on end in 404 as well.)
  if (!guardsAnswer404 && !reached.size && answers.every(({ status }) => status === 404)) throw new Error(`${endpoint.method} ${endpoint.url} does not exist`)
  if (reached.has(endpoint.ref)) return 'open'
  // Another endpoint answers this URL: what this one does cannot be observed.
  return reached.size ? 'shadowed' : 'closed'
}
