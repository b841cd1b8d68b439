// Runs seeds in child processes, a batch each, as many at a time as there are cores.
import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { createWorld } from './world.mjs'

const BATCH = 250
const worker = fileURLToPath(new URL('./worker.mjs', import.meta.url))

/** @returns {Promise<{ results: object[], engine: boolean, ms: number, memory: number }>} results in the order of the seeds */
export async function runServers(seeds, { only = null, jobs = 2, http = false, keep = false, shrinkLimit = 0, onBatch } = {}) {
  const world = createWorld()
  const started = performance.now()
  const size = Math.max(1, Math.min(BATCH, Math.ceil(seeds.length / jobs)))
  const batches = []
  for (let i = 0; i < seeds.length; i += size) batches.push({ index: batches.length, seeds: seeds.slice(i, i + size) })
  const answers = new Array(batches.length)
  let next = 0
  let done = 0
  const lane = async () => {
    while (next < batches.length) {
      const { index, seeds: part } = batches[next++]
      answers[index] = await runBatch({ seeds: part, only, http, keep, shrinkLimit, world: world.root })
      done += part.length
      onBatch?.(done)
    }
  }
  try {
    await Promise.all(Array.from({ length: Math.min(jobs, batches.length) }, lane))
  } finally {
    world.remove()
  }
  return { results: answers.flatMap(({ results }) => results), engine: answers.every(({ engine }) => engine), ms: performance.now() - started, memory: Math.max(...answers.map(({ memory }) => memory)) }
}

function runBatch(message) {
  return new Promise((resolve, reject) => {
    const child = fork(worker, { stdio: ['ignore', 'ignore', 'pipe', 'ipc'], serialization: 'advanced' })
    let noise = ''
    child.stderr.on('data', (data) => (noise = (noise + data).slice(-2000)))
    let answer = null
    child.on('message', (reply) => {
      if (reply.ready) child.send(message)
      else {
        answer = reply
        child.send({ stop: true })
      }
    })
    child.on('error', reject)
    child.on('exit', (code) => (answer ? resolve(answer) : reject(new Error(`the worker for seeds ${message.seeds[0]}… ended with ${code}: ${noise}`))))
  })
}
