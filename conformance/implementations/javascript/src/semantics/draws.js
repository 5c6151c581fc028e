/** The one generator that all draws come from: s <- 16807 * s mod M. All products stay below 2^46. */

/** M, a prime. */
export const MODULUS = 2147483647

const MULTIPLIER = 16807
const FIRST_STEPS = 4

/** A stream of draws. */
export class Stream {
  /** @param {number} seed an integer from 0 to 2^53 - 1 */
  constructor(seed) {
    this.state = seed % MODULUS || MODULUS - 1
    for (let i = 0; i < FIRST_STEPS; i++) this.advance()
  }

  advance() {
    this.state = (MULTIPLIER * this.state) % MODULUS
  }

  /** The next draw, between 0 and 1. */
  draw() {
    this.advance()
    return this.state / MODULUS
  }
}

/**
 * Draws the first ranks of `sample(t)`.
 *
 * @param {readonly number[]} order the members as `argmax` orders them
 * @param {number} temperature
 * @param {number} ranks how many to draw, at most as many as there are members
 * @param {number} seed
 * @returns {number[]} the members that were drawn
 */
export function drawRanks(order, temperature, ranks, seed) {
  const t = Math.max(temperature, 0)
  const factor = t / (t + 1)
  const remaining = [...order]
  const weights = new Float64Array(order.length)
  for (let i = 0, weight = 1; i < weights.length; i++, weight *= factor) weights[i] = weight

  const stream = new Stream(seed)
  const drawn = []
  for (let left = order.length; drawn.length < ranks; left--) {
    const u = stream.draw()
    const at = firstReaching(weights, left, u * sumOf(weights, left))
    drawn.push(remaining[at])
    remaining.splice(at, 1)
    weights.copyWithin(at, at + 1, left)
  }
  return drawn
}

/**
 * @param {Float64Array} weights
 * @param {number} count how many of them
 */
function sumOf(weights, count) {
  let sum = 0
  for (let i = 0; i < count; i++) sum += weights[i]
  return sum
}

/**
 * The first place where the partial sum is at least this. There is one, since no draw reaches 1.
 *
 * @param {Float64Array} weights
 * @param {number} count how many of them
 * @param {number} target
 */
function firstReaching(weights, count, target) {
  let sum = 0
  for (let i = 0; i < count; i++) {
    sum += weights[i]
    if (sum >= target) return i
  }
  throw new Error('a draw reached beyond all weights')
}
