// Sends a request to an http.Server without a network: Node's own request and response objects over a socket that leads nowhere.
// (Real sockets cost ten times as much; `run.mjs --http` uses them to show that the truth is the same.)
import http from 'node:http'
import { Duplex } from 'node:stream'

class Nowhere extends Duplex {
  remoteAddress = '127.0.0.1'
  _read() {}
  _write(chunk, encoding, done) {
    done()
  }
  setTimeout() {
    return this
  }
  setKeepAlive() {
    return this
  }
  setNoDelay() {
    return this
  }
}

/** Turns of the event loop without an answer after which a request counts as hanging (an Express 4 guard that rejects asynchronously). */
const PATIENCE = 60

/** @returns {Promise<{ status: number | null }>} null when the request hangs */
export function inject(server, { method, url, headers, body }) {
  return new Promise((resolve) => {
    const socket = new Nowhere()
    const req = new http.IncomingMessage(socket)
    req.method = method
    req.url = url
    req.httpVersion = '1.1'
    req.httpVersionMajor = 1
    req.httpVersionMinor = 1
    req.headers = { host: 'localhost', ...headers }
    if (body !== null) Object.assign(req.headers, { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(body)) })
    req.rawHeaders = Object.entries(req.headers).flat()
    if (body !== null) req.push(body)
    req.push(null)
    req.complete = true
    const res = new http.ServerResponse(req)
    res.assignSocket(socket)
    let open = true
    const done = (status) => {
      if (!open) return
      open = false
      // One more turn: work that a guard starts after answering has still to be seen.
      setImmediate(() => setImmediate(() => {
        socket.destroy()
        resolve({ status })
      }))
    }
    res.on('finish', () => done(res.statusCode))
    let turns = 0
    const wait = () => {
      if (!open) return
      if (++turns > PATIENCE) done(null)
      else setImmediate(wait)
    }
    server.emit('request', req, res)
    setImmediate(wait)
  })
}
