import { FORMULAS } from './formulas.js'

/**
 * What a scorer may give: chapter Lints, section Intervals.
 *
 * @typedef {object} Interval
 * @property {number} low greater than `high` if the range is empty
 * @property {number} high
 * @property {boolean} undef whether undefined is possible
 *
 * @typedef {import('./sight.js').Sight} Sight
 * @typedef {import('../signature.js').Term} Term
 */

/** @type {Interval} */
const EMPTY = { low: Infinity, high: -Infinity, undef: false }

/**
 * @param {number} value
 * @returns {Interval}
 */
const only = (value) => ({ low: value, high: value, undef: false })

/** @param {Interval} interval */
export const isEmpty = ({ low, high }) => !(low <= high)

/** @param {Interval} interval */
export const isConstant = ({ low, high, undef }) => low === high && !undef

/**
 * The least range with some scores; those that are undefined are left out.
 *
 * @param {readonly number[]} scores
 * @param {boolean} undef
 * @returns {Interval}
 */
export function hull(scores, undef = false) {
  let { low, high } = EMPTY
  for (const score of scores) {
    if (score < low) low = score
    if (score > high) high = score
  }
  return { low, high, undef }
}

/**
 * @param {Interval} a
 * @param {Interval} b
 * @returns {Interval}
 */
function add(a, b) {
  const meets = (x, y) => (x.high === Infinity && y.low === -Infinity) || (y.high === Infinity && x.low === -Infinity)
  const empty = isEmpty(a) || isEmpty(b)
  const undef = a.undef || b.undef || (!empty && meets(a, b))
  if (empty) return { ...EMPTY, undef }
  return hull([a.low + b.low, a.low + b.high, a.high + b.low, a.high + b.high], undef)
}

/**
 * @param {Interval} a
 * @param {Interval} b
 * @returns {Interval}
 */
function multiply(a, b) {
  const holdsZero = ({ low, high }) => low <= 0 && high >= 0
  const holdsInfinity = ({ low, high }) => low === -Infinity || high === Infinity
  const empty = isEmpty(a) || isEmpty(b)
  const meet = (holdsZero(a) && holdsInfinity(b)) || (holdsInfinity(a) && holdsZero(b))
  const undef = a.undef || b.undef || (!empty && meet)
  if (empty) return { ...EMPTY, undef }
  const product = (x, y) => {
    if (!Number.isNaN(x * y)) return x * y
    // One is 0 and the other infinite: the finite numbers of the infinite range make it 0, if there are any.
    const infinite = x === 0 ? b : a
    return infinite.low < infinite.high ? 0 : NaN
  }
  const ends = [product(a.low, b.low), product(a.low, b.high), product(a.high, b.low), product(a.high, b.high)]
  return hull(ends, undef)
}

/**
 * @param {Term} scorer
 * @param {Sight} sight
 * @returns {Interval}
 */
export function intervalOf(scorer, sight) {
  const known = sight.intervals.get(scorer)
  if (known) return known
  const interval = compute(scorer, sight)
  sight.intervals.set(scorer, interval)
  return interval
}

/**
 * @param {Term} scorer
 * @param {Sight} sight
 * @returns {Interval}
 */
function compute(scorer, sight) {
  const [op] = scorer
  switch (op) {
    case 'zero':
      return only(0)
    case 'lit':
      return only(scorer[1])
    case 'field':
      return fieldInterval(scorer[1], sight)
    case 'add':
      return scorer.slice(1).reduce((sum, part) => add(sum, intervalOf(part, sight)), only(0))
    case 'scale':
      return scorer[1] === 0 ? only(0) : multiply(only(scorer[1]), intervalOf(scorer[2], sight))
    case 'neg': {
      const { low, high, undef } = intervalOf(scorer[1], sight)
      return low <= high ? { low: 1 - high, high: 1 - low, undef } : { ...EMPTY, undef }
    }
    case 'normalize': {
      const part = intervalOf(scorer[1], sight)
      if (isEmpty(part)) return part
      return { low: 0, high: part.low === part.high ? 0 : 1, undef: part.undef }
    }
    case 'clamp': {
      const [, least, greatest, inner] = scorer
      const part = intervalOf(inner, sight)
      const clamped = (value) => (value < least ? least : value > greatest ? greatest : value)
      return isEmpty(part) ? part : hull([clamped(part.low), clamped(part.high)], part.undef)
    }
    case 'gate': {
      const truth = sight.truth(scorer[1])
      const part = truth.accepts ? intervalOf(scorer[2], sight) : EMPTY
      if (!truth.refuses) return part
      // Whoever is refused has the score 0, even where everybody else's is undefined.
      return { low: Math.min(part.low, 0), high: Math.max(part.high, 0), undef: part.undef }
    }
    default:
      throw new TypeError(`${op} is no scorer`)
  }
}

/**
 * @param {string} name
 * @param {Sight} sight
 * @returns {Interval}
 */
export function fieldInterval(name, sight) {
  if (sight.members?.length === 0) return EMPTY
  const field = sight.vocabulary.fields.get(name)
  if (field.source === 'derived') {
    const { products, divisor } = FORMULAS.get(name)
    const parts = products.map(([a, b]) => multiply(fieldInterval(a, sight), fieldInterval(b, sight)))
    const { low, high, undef } = parts.reduce(add)
    return low <= high ? { low: low / divisor, high: high / divisor, undef } : { ...EMPTY, undef }
  }
  if (field.source === 'catalogue' && sight.members) {
    return hull(sight.members.map((i) => /** @type {number} */ (sight.snapshot.observe(i, name).value)))
  }
  const { minimum = -Number.MAX_VALUE, maximum = Number.MAX_VALUE } = field
  return hull([minimum, maximum, /** @type {number} */ (field.default)])
}

/**
 * Whether a score of an interval may stand in a relation to a number, and whether one may not.
 *
 * @param {Interval} interval
 * @param {string} relation
 * @param {number} number
 * @returns {import('./sight.js').Truth}
 */
export function comparison(interval, relation, number) {
  if (isEmpty(interval)) return { accepts: false, refuses: interval.undef }
  const { low, high, undef } = interval
  const inside = low <= number && number <= high
  const other = !(low === number && high === number)
  const [accepts, refuses] = {
    lt: [low < number, high >= number],
    le: [low <= number, high > number],
    eq: [inside, other],
    ne: [other, inside],
    ge: [high >= number, low < number],
    gt: [high > number, low <= number],
  }[relation]
  return { accepts, refuses: refuses || undef }
}
