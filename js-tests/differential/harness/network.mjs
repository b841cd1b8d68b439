// The slow way to ask, over a real socket: shows that inject.mjs changes nothing about the truth.
import http from 'node:http'
import net from 'node:net'

const bind = net.Server.prototype.listen

export async function overNetwork(server, { method, url, headers, body }) {
  delete server.address
  if (!server.listening) {
    bind.call(server, 0, '127.0.0.1')
    server.unref()
    await new Promise((resolve) => server.once('listening', resolve))
  }
  return new Promise((resolve) => {
    const extra = body === null ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }
    const req = http.request({ port: server.address().port, host: '127.0.0.1', method, path: url, headers: { ...headers, ...extra }, agent: false, timeout: 400 }, (res) => {
      res.resume()
      res.on('close', () => setTimeout(() => resolve({ status: res.statusCode }), 2))
    })
    req.on('timeout', () => req.destroy())
    req.on('error', () => resolve({ status: null }))
    req.end(body)
  })
}
