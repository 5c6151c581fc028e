/**
 * A generator of numbers below a bound that gives the same ones each time (xorshift).
 *
 * @param {number} seed
 */
export function generator(seed) {
  let state = seed
  return (below) => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) % below
  }
}
