// Compares authlint's inventory of a server with what the running server did.

/** Parameters by position, wildcards by being one. */
export const shape = (path) =>
  `/${path}`.replace(/\/+/g, '/').replace(/(.)\/$/, '$1').replace(/\{\/?\*[\w]*\}/g, '*').replace(/\*\w*/g, '*').replace(/:\w+(\([^)]*\))?\??/g, ':')

const RANK = { none: 0, optional: 1, unknown: 2, required: 3 }

/**
 * @param server `{ endpoints: { method, path, ref, tags }[] }`
 * @param truth per endpoint 'open', 'closed' or 'shadowed'
 * @param inventory authlint's endpoints
 */
export function compare(server, truth, inventory) {
  const result = { agreed: 0, unknown: 0, shadowed: 0, disagreements: [], unknowns: [] }
  const left = new Map()
  for (const found of inventory) {
    const key = `${found.method} ${shape(found.path)}`
    left.set(key, [...(left.get(key) ?? []), found])
  }
  const expected = new Set()
  server.endpoints.forEach((endpoint, i) => {
    const key = `${endpoint.method} ${shape(endpoint.path)}`
    expected.add(key)
    const found = left.get(key)
    const problem = (kind, verdict = null) => result.disagreements.push({ kind, truth: truth[i], verdict, method: endpoint.method, path: endpoint.path, ref: endpoint.ref, tags: endpoint.tags })
    if (!found) return problem('missing')
    const verdict = found.reduce((worst, { auth }) => (RANK[auth] < RANK[worst] ? auth : worst), found[0].auth)
    if (truth[i] === 'shadowed') result.shadowed++
    else if (verdict === 'unknown') {
      result.unknown++
      result.unknowns.push({ kind: 'unknown', truth: truth[i], verdict, method: endpoint.method, path: endpoint.path, ref: endpoint.ref, tags: endpoint.tags })
    } else if ((truth[i] === 'closed') === (verdict === 'required')) result.agreed++
    else problem(verdict === 'required' ? 'called safe, is open' : 'called open, is safe', verdict)
  })
  for (const [key, found] of left) {
    if (!expected.has(key)) result.disagreements.push({ kind: 'invented', truth: null, verdict: found[0].auth, method: found[0].method, path: found[0].path, ref: null, tags: ['invented'] })
  }
  return result
}
