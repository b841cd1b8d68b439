// The folder in which servers are booted: one subfolder per framework version with the node_modules that its servers see.
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const here = dirname(dirname(fileURLToPath(import.meta.url)))
const shared = ['jsonwebtoken', 'cookie-parser', 'express-session', 'express-jwt', 'express-basic-auth', 'passport', 'passport-http-bearer']
const STUBS = { '@prisma/client': 'prisma-client', pg: 'pg', pino: 'pino' }
const PACKAGES = {
  express4: { express: 'express4' },
  express5: { express: 'express5' },
  fastify5: {
    fastify: 'fastify5', 'fastify-plugin': 'fastify-plugin', '@fastify/jwt': '@fastify/jwt', '@fastify/auth': '@fastify/auth', '@fastify/bearer-auth': '@fastify/bearer-auth',
    '@fastify/basic-auth': '@fastify/basic-auth', '@fastify/cookie': '@fastify/cookie', '@fastify/session': '@fastify/session', '@fastify/autoload': '@fastify/autoload',
  },
  fastify4: {
    fastify: 'fastify4', 'fastify-plugin': 'fastify-plugin4', '@fastify/jwt': 'fastify-jwt8', '@fastify/auth': 'fastify-auth4', '@fastify/bearer-auth': 'fastify-bearer-auth9',
    '@fastify/basic-auth': 'fastify-basic-auth5', '@fastify/cookie': 'fastify-cookie9', '@fastify/session': 'fastify-session10', '@fastify/autoload': 'fastify-autoload5',
  },
}

/** Creates the world, on a RAM disk where there is one. */
export function createWorld() {
  const root = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'authlint-differential-'))
  for (const [framework, packages] of Object.entries(PACKAGES)) {
    const modules = join(root, framework, 'node_modules')
    const link = (name, target) => {
      mkdirSync(dirname(join(modules, name)), { recursive: true })
      symlinkSync(target, join(modules, name), 'dir')
    }
    for (const [name, source] of Object.entries({ ...packages, ...Object.fromEntries(shared.map((name) => [name, name])) })) link(name, join(here, 'node_modules', source))
    for (const [name, stub] of Object.entries(STUBS)) link(name, join(here, 'stubs', stub))
  }
  const remove = () => rmSync(root, { recursive: true, force: true })
  process.once('exit', remove)
  return { root, remove }
}

/** Writes files below `directory`. */
export function writeFiles(directory, files) {
  const made = new Set()
  for (const [path, content] of Object.entries(files)) {
    const target = join(directory, path)
    const parent = dirname(target)
    if (!made.has(parent)) mkdirSync(parent, { recursive: true })
    made.add(parent)
    writeFileSync(target, content)
  }
}
