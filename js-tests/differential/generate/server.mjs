// From a seed to a server: the plan, the files, the endpoints that they declare. Pure: the same seed gives the same bytes.
import { renderExpress } from './express-render.mjs'
import { planExpress } from './express-plan.mjs'
import { planFastify } from './fastify-plan.mjs'
import { renderFastify } from './fastify-render.mjs'
import { Rng } from './prng.mjs'
import { repair } from './repair.mjs'
import { Project } from './project.mjs'
import { configFile } from './verifiers.mjs'

export const FRAMEWORKS = ['express4', 'express5', 'fastify5', 'fastify4']
const VERSIONS = { express4: { express: '^4.22.3' }, express5: { express: '^5.3.0' }, fastify4: { fastify: '^4.29.1' }, fastify5: { fastify: '^5.12.8' } }

/** @returns the plan: plain data, from which `renderServer` makes the files */
export function planServer(seed, only = null) {
  const rng = new Rng('server', seed)
  const drawn = rng.weighted({ express4: 3, express5: 4, fastify5: 4, fastify4: 1.5 })
  const framework = only ?? drawn
  return repair(framework.startsWith('express') ? planExpress(rng, framework, seed) : planFastify(rng, framework, seed))
}

/** @returns {{ files: Record<string, string>, entry: string, endpoints: object[], framework: string, seed: number | string, module: string }} */
export function renderServer(plan) {
  const project = new Project({ seed: plan.seed, module: plan.module, packages: VERSIONS[plan.framework] })
  project.memo = new Map()
  project.config = new Map([['port', 'process.env.PORT || 3000']])
  project.path = (path) => `${plan.layout}${path}`
  const ctx = { project, server: plan, endpoints: [], exempted: new Set() }
  const entry = plan.framework.startsWith('express') ? renderExpress(ctx) : renderFastify(ctx)
  const config = configFile(ctx)
  if (project.config.size > 1) {
    config.write('const config = {', ...[...project.config].map(([key, code]) => `  ${key}: ${code},`), '};')
    config.exportDefault('config')
  } else project.files.delete(config.path)
  tryExemptedNames(ctx)
  return { seed: plan.seed, framework: plan.framework, module: plan.module, entry, files: project.render(), endpoints: ctx.endpoints }
}

/** `/users/:id` also answers `/users/health`, which a guard may let through. */
function tryExemptedNames({ endpoints, exempted }) {
  const names = (exempted.size ? ['health', ...exempted] : []).flatMap((path) => (path ?? '').split('/')).filter((name) => name && !/[:*(]/.test(name))
  for (const endpoint of endpoints.filter(({ url }) => url.endsWith('/1'))) endpoint.otherUrls = names.map((name) => endpoint.url.replace(/1$/, name))
}

export const makeServer = (seed, only) => renderServer(planServer(seed, only))
