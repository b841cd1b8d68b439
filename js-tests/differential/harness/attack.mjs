// What an anonymous attacker can send: nothing, or anything that needs no secret. Each endpoint gets every combination until one reaches its work.
import './fast-crypto.mjs'
import jwt from 'jsonwebtoken'

/** Known to the servers through their environment, never to the attacker. */
export const SECRETS = { JWT_SECRET: 'differential-jwt-secret-3c9e1f', API_KEY: 'differential-api-key-77d2a0' }

const claims = { id: 1, sub: '1', userId: 1, email: 'user@example.com', role: 'admin', isAdmin: true }
const forged = jwt.sign(claims, 'the-attackers-own-key')
const basic = `Basic ${Buffer.from('admin:guess').toString('base64')}`

const AUTHORIZATION = [`Bearer ${forged}`, 'Bearer garbage', basic, forged]
const OTHER_HEADERS = { 'x-access-token': forged, 'x-api-key': 'garbage', 'x-user-id': '1', 'x-role': 'admin' }
const COOKIE = `token=${forged}; session=garbage; sessionId=1; connect.sid=s%3Agarbage.garbage`
const QUERY = `?token=${forged}&api_key=garbage&userId=1&role=admin&admin=true`
const BODY = JSON.stringify({ name: 'n', title: 't', email: 'user@example.com', userId: 1, role: 'admin', password: 'guess', token: forged })

/** Every subset of the channels with the most plausible value, then the other spellings of an Authorization header, alone and with everything else. */
export const VARIANTS = (() => {
  const list = []
  const add = (authorization, headers, cookie, query) => list.push({ headers: { ...headers, ...(authorization && { authorization }), ...(cookie && { cookie }) }, query })
  for (let channels = 0; channels < 16; channels++) {
    // The bare request first, then all channels at once, then the rest.
    const on = channels === 0 ? 0 : 16 - channels
    add(on & 1 ? AUTHORIZATION[0] : null, on & 2 ? OTHER_HEADERS : {}, on & 4 ? COOKIE : null, on & 8 ? QUERY : '')
  }
  for (const authorization of AUTHORIZATION.slice(1)) {
    add(authorization, OTHER_HEADERS, COOKIE, QUERY)
    add(authorization, {}, null, '')
  }
  return list
})()

/** The requests of one endpoint. One for any method is tried with those that guards tell apart; a parameter also with the names that guards let through. */
export function* requestsFor(endpoint) {
  for (const method of endpoint.method === 'ALL' ? ['GET', 'POST', 'OPTIONS'] : [endpoint.method]) {
    for (const url of [endpoint.url, ...(endpoint.otherUrls ?? [])]) {
      for (const variant of VARIANTS) {
        const body = ['POST', 'PUT', 'PATCH', 'DELETE'].includes(method) ? BODY : null
        yield { method, url: url + variant.query, headers: variant.headers, body }
      }
    }
  }
}
