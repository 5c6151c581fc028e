import { chargedLength } from './machine.js'
import { observeNumbers } from './observations.js'
import { evaluatePredicate } from './predicates.js'
import { minus, over, plus, times } from './scores.js'

/**
 * @typedef {import('./machine.js').Machine} Machine
 * @typedef {import('../signature.js').Term} Term
 */

/**
 * Evaluates a scorer over a population.
 *
 * @param {Machine} machine
 * @param {Term} term in normal form
 * @param {readonly number[]} population distinct candidates
 * @returns {Float64Array} one score for each member, in its order
 */
export function evaluateScorer(machine, term, population) {
  const [op] = term
  switch (op) {
    case 'zero':
      return scored(machine, 'zero/score', new Float64Array(population.length))
    case 'lit':
      return scored(machine, 'lit/score', new Float64Array(population.length).fill(term[1] + 0))
    case 'field':
      return scored(machine, 'field/score', observeNumbers(machine, population, term[1]))
    case 'add':
      return sum(machine, term, population)
    case 'scale': {
      const part = evaluateScorer(machine, term[2], population)
      return scored(machine, 'scale/score', part.map((score) => times(term[1], score)))
    }
    case 'neg': {
      const part = evaluateScorer(machine, term[1], population)
      return scored(machine, 'neg/score', part.map((score) => minus(1, score)))
    }
    case 'clamp': {
      const [, lo, hi] = term
      const part = evaluateScorer(machine, term[3], population)
      return scored(machine, 'clamp/score', part.map((score) => clamp(lo, hi, score)))
    }
    case 'normalize': {
      const { rule, scores } = normalize(evaluateScorer(machine, term[1], population))
      return scored(machine, rule, scores)
    }
    case 'gate':
      return gate(machine, term, population)
    default:
      throw new TypeError(`no scorer: ${op}`)
  }
}

/**
 * @param {Machine} machine
 * @param {string} rule
 * @param {Float64Array} scores
 */
function scored(machine, rule, scores) {
  machine.wholeStep(rule, chargedLength(scores.length))
  return scores
}

/**
 * From left to right, starting from 0.
 *
 * @param {Machine} machine
 * @param {Term} term
 * @param {readonly number[]} population
 */
function sum(machine, term, population) {
  const total = new Float64Array(population.length)
  for (let at = 1; at < term.length; at++) {
    const part = evaluateScorer(machine, term[at], population)
    for (let member = 0; member < total.length; member++) total[member] = plus(total[member], part[member])
    scored(machine, at < term.length - 1 ? 'add/next' : 'add/score', total)
  }
  return total
}

/**
 * @param {number} lo
 * @param {number} hi
 * @param {number} score
 */
function clamp(lo, hi, score) {
  if (score < lo) return lo
  return score > hi ? hi : score
}

/**
 * The scorer first, over the whole population, then the predicate at each member.
 *
 * @param {Machine} machine
 * @param {Term} term
 * @param {readonly number[]} population
 */
function gate(machine, [, predicate, scorer], population) {
  const scores = evaluateScorer(machine, scorer, population)
  for (const [member, i] of population.entries()) {
    if (evaluatePredicate(machine, predicate, i) === null) {
      machine.step('gate/open', i)
    } else {
      machine.step('gate/shut', i)
      scores[member] = 0
    }
  }
  return scored(machine, 'gate/score', scores)
}

/**
 * Exactly one of five rules. Undefined values stay undefined, and count for nothing.
 *
 * @param {Float64Array} scores
 * @returns {{ rule: string, scores: Float64Array }}
 */
export function normalize(scores) {
  const bounds = survey(scores)
  const { lo, hi, least, greatest, finite } = bounds
  if (!(least < greatest)) return { rule: 'normalize/degenerate', scores: scores.map(degenerate) }
  if (!finite) return { rule: 'normalize/infinite', scores: scores.map(infinite) }
  if (lo === hi) return { rule: 'normalize/single', scores: scores.map(single(bounds)) }
  const span = minus(hi, lo)
  if (span < Infinity) {
    return { rule: 'normalize/scale', scores: scores.map(scaled((score) => over(minus(score, lo), span))) }
  }
  const halfSpan = minus(hi / 2, lo / 2)
  return {
    rule: 'normalize/halve',
    scores: scores.map(scaled((score) => over(minus(score / 2, lo / 2), halfSpan))),
  }
}

/**
 * The bounds of the defined values, and of the finite ones. The comparisons leave undefined values out.
 *
 * @param {Float64Array} scores
 */
function survey(scores) {
  let [lo, hi, least, greatest, finite] = [Infinity, -Infinity, Infinity, -Infinity, false]
  for (const score of scores) {
    if (score < least) least = score
    if (score > greatest) greatest = score
    if (!Number.isFinite(score)) continue
    finite = true
    if (score < lo) lo = score
    if (score > hi) hi = score
  }
  return { lo, hi, least, greatest, finite }
}

/** @param {number} score */
function degenerate(score) {
  return Number.isNaN(score) ? NaN : 0
}

/** @param {number} score undefined or infinite */
function infinite(score) {
  if (Number.isNaN(score)) return NaN
  return score > 0 ? 1 : 0
}

/** @param {{ least: number, greatest: number }} bounds */
function single({ least, greatest }) {
  const both = least === -Infinity && greatest === Infinity
  const atOne = least === -Infinity ? 1 : 0
  const middle = both ? 0.5 : atOne
  return (/** @type {number} */ score) => (Number.isFinite(score) ? middle : infinite(score))
}

/** @param {(score: number) => number} finite */
function scaled(finite) {
  return (/** @type {number} */ score) => (Number.isFinite(score) ? finite(score) : infinite(score))
}
