// jsonwebtoken first tries every string key as a public key, which OpenSSL takes most of a millisecond to refuse: two thirds of the time of this whole test.
// A text without a PEM header is refused at once instead, with the same outcome. Import this before jsonwebtoken.
import crypto from 'node:crypto'
import { syncBuiltinESMExports } from 'node:module'

const { createPublicKey } = crypto
crypto.createPublicKey = function (key) {
  if (typeof key === 'string' && !key.includes('-----BEGIN')) throw new Error('not a public key')
  return createPublicKey.call(this, key)
}
syncBuiltinESMExports()
