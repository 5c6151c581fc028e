/**
 * The arithmetic of scores: binary64, the infinities, and undefined, which is NaN here and nowhere outside. Each
 * result has 0 added to it, which turns -0 into 0 and changes nothing else.
 *
 * A vector is a Float64Array with one score for each member of a population.
 */

/**
 * @param {number} a
 * @param {number} b
 */
export function plus(a, b) {
  return a + b + 0
}

/**
 * @param {number} a
 * @param {number} b
 */
export function minus(a, b) {
  return a - b + 0
}

/**
 * @param {number} a
 * @param {number} b
 */
export function times(a, b) {
  return a * b + 0
}

/**
 * @param {number} a
 * @param {number} b finite and not 0
 */
export function over(a, b) {
  return a / b + 0
}

/**
 * Whether `a REL b`; no relation holds where either is undefined, `ne` neither.
 *
 * @param {number} a
 * @param {string} relation
 * @param {number} b
 * @returns {boolean}
 */
export function holds(a, relation, b) {
  switch (relation) {
    case 'lt':
      return a < b
    case 'le':
      return a <= b
    case 'eq':
      return a === b
    case 'ne':
      return a < b || a > b
    case 'ge':
      return a >= b
    case 'gt':
      return a > b
    default:
      throw new TypeError(`no relation: ${relation}`)
  }
}

/**
 * The indices of a vector in descending order of its scores, undefined last. The sort is stable: those that are equal,
 * or undefined, stay in the order in which they were.
 *
 * @param {ArrayLike<number>} scores
 * @returns {number[]}
 */
export function descending(scores) {
  const indices = Array.from({ length: scores.length }, (_, index) => index)
  return indices.sort((a, b) => compareDescending(scores[a], scores[b]))
}

/**
 * A total comparison. It does not subtract, since the difference of equal infinities is undefined.
 *
 * @param {number} a
 * @param {number} b
 */
function compareDescending(a, b) {
  if (a > b) return -1
  if (a < b) return 1
  if (a === b) return 0
  return Number(Number.isNaN(a)) - Number(Number.isNaN(b))
}

/**
 * A score as JSON has it.
 *
 * @param {number} score
 * @returns {number | 'inf' | '-inf' | 'undefined'}
 */
export function spellScore(score) {
  if (Number.isNaN(score)) return 'undefined'
  if (score === Infinity) return 'inf'
  return score === -Infinity ? '-inf' : score + 0
}

/**
 * Reads what `spellScore` writes, and -0 as 0.
 *
 * @param {unknown} spelled
 * @returns {number}
 */
export function readScore(spelled) {
  if (typeof spelled === 'number') return spelled + 0
  switch (spelled) {
    case 'inf':
      return Infinity
    case '-inf':
      return -Infinity
    case 'undefined':
      return NaN
    case '-0':
      return 0
    default:
      throw new TypeError('a score is a number, `inf`, `-inf` or `undefined`')
  }
}
