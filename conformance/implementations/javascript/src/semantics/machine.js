/**
 * What an evaluation has in its hands: the environment, and the count of its steps. The module of each sort evaluates
 * its terms by walking to the redex and calling `step` with the rule that rewrites it, so that steps are counted,
 * charged and traced in the order of the rules. Terms are at most 66 deep, so walking recurses.
 */

/**
 * @typedef {import('../snapshot.js').Snapshot} Snapshot
 * @typedef {import('../facts.js').Facts} Facts
 * @typedef {import('../vocabulary.js').Vocabulary} Vocabulary
 *
 * @typedef {object} Step
 * @property {string} rule
 * @property {number | null} candidate the candidate that it is about; null where it is about a population or an answer
 */

const GREATEST_SEED = Number.MAX_SAFE_INTEGER

export class Machine {
  /**
   * @param {object} environment
   * @param {Vocabulary} environment.vocabulary
   * @param {Snapshot} [environment.snapshot] not needed for failure plans
   * @param {Facts} [environment.facts] likewise
   * @param {number | undefined} [environment.seed]
   * @param {Step[] | null} [trace] receives the steps
   */
  constructor({ vocabulary, snapshot, facts, seed }, trace = null) {
    this.vocabulary = vocabulary
    this.snapshot = snapshot
    this.facts = facts
    this.seed = seed
    this.trace = trace
    /** The sum of the charges of the steps so far. */
    this.charge = 0
  }

  /**
   * One step by a rule that is about one candidate, or about an answer or the end of a decision.
   *
   * @param {string} rule
   * @param {number | null} candidate
   */
  step(rule, candidate) {
    this.charge += 1
    this.trace?.push({ rule, candidate })
  }

  /**
   * One step by a rule that works on a whole population or ranking.
   *
   * @param {string} rule
   * @param {number} charge
   */
  wholeStep(rule, charge) {
    this.charge += charge
    this.trace?.push({ rule, candidate: null })
  }

  /**
   * Makes sure that an evaluation was within the bound that every evaluation is within.
   *
   * @param {number} bound
   */
  checkCharge(bound) {
    if (this.charge > bound) throw new Error(`an evaluation was charged ${this.charge}, over its bound of ${bound}`)
  }
}

/**
 * The length that a step over a population or ranking is charged by.
 *
 * @param {number} length
 */
export function chargedLength(length) {
  return Math.max(length, 1)
}

/**
 * The charge of a step that sorts.
 *
 * @param {number} length
 */
export function sortingCharge(length) {
  const m = chargedLength(length)
  return m + m * ceilLog2(m)
}

/**
 * The binary logarithm of n, rounded up, in integers.
 *
 * @param {number} n an integer from 1 to 2^32
 */
export function ceilLog2(n) {
  return n <= 1 ? 0 : 32 - Math.clz32(n - 1)
}

/**
 * Whether a value is a seed: an integral number from 0 to 2^53 - 1.
 *
 * @param {unknown} value
 * @returns {value is number}
 */
export function isSeed(value) {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= GREATEST_SEED
}
