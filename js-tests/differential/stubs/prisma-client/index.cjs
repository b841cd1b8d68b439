// A stand-in for the generated Prisma client: one user (an administrator: whoever can choose an id would choose theirs), no sessions, no API keys, and any amount of business data.
const record = require('../record.cjs')

const user = { id: 1, email: 'user@example.com', role: 'admin' }

function find(model, { where = {} } = {}) {
  // As the real client does: a unique look-up by `undefined` is an error, not the first row.
  if (Object.values(where).every((value) => value === undefined)) throw new Error('findUnique() needs a value')
  if (model === 'user') return String(where.id) === '1' ? user : null
  if (model === 'session' || model === 'apiKey') return null
  return { id: 1, ...where }
}

function delegate(model) {
  const call = (answer) => async (args) => {
    record(model, args)
    // The identity look-ups must be really asynchronous, or a forgotten await would go unnoticed.
    await new Promise((resolve) => setImmediate(resolve))
    return answer(args)
  }
  return {
    findUnique: call((args) => find(model, args)), findFirst: call((args) => find(model, args)), findMany: call(() => [{ id: 1 }]),
    create: call((args) => ({ id: 2, ...args?.data })), update: call((args) => ({ id: 1, ...args?.data })), delete: call(() => ({ id: 1 })),
  }
}

class PrismaClient {
  constructor() {
    return new Proxy(this, { get: (_, model) => (typeof model === 'string' && model !== 'then' ? delegate(model) : undefined) })
  }
}

exports.PrismaClient = PrismaClient
