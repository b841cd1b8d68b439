// A small seeded generator of random numbers (mulberry32). The whole test rests on it: one seed is one server, on every machine.

/** Hashes any values to an unsigned 32-bit number (FNV-1a with a final mix), for choices that must not depend on draw order. */
export function hash(...values) {
  let h = 0x811c9dc5
  for (const char of values.join('\u0000')) h = Math.imul(h ^ char.codePointAt(0), 0x01000193)
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return (h ^ (h >>> 16)) >>> 0
}

export class Rng {
  #state

  constructor(...seed) {
    this.#state = hash('authlint', ...seed)
  }

  /** A number in [0, 1). */
  next() {
    this.#state = (this.#state + 0x6d2b79f5) | 0
    let t = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }

  /** An integer from low to high, both included. */
  int(low, high) {
    return low + Math.floor(this.next() * (high - low + 1))
  }

  chance(probability) {
    return this.next() < probability
  }

  pick(list) {
    return list[Math.floor(this.next() * list.length)]
  }

  /** Picks a key of `{ key: weight }`. */
  weighted(weights) {
    const entries = Object.entries(weights).filter(([, weight]) => weight > 0)
    let at = this.next() * entries.reduce((sum, [, weight]) => sum + weight, 0)
    for (const [key, weight] of entries) {
      at -= weight
      if (at < 0) return key
    }
    return entries.at(-1)[0]
  }

  shuffle(list) {
    const copy = [...list]
    for (let i = copy.length - 1; i > 0; i--) {
      const j = this.int(0, i)
      ;[copy[i], copy[j]] = [copy[j], copy[i]]
    }
    return copy
  }
}
