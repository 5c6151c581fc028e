import { evaluatePredicate } from './predicates.js'
import { evaluateScorer } from './scorers.js'
import { evaluateSelector } from './selectors.js'

/**
 * @typedef {import('./machine.js').Machine} Machine
 * @typedef {import('../signature.js').Term} Term
 *
 * @typedef {object} Outcome
 * @property {import('./selectors.js').Ranked[]} ranking
 * @property {[number, string][]} rejected candidates with reasons, in catalogue order
 * @property {Map<number, 'chain' | 'top_k'>} cuts
 */

/**
 * Rejects, ranks and selects. The transform and the failure plan take no part.
 *
 * @param {Machine} machine
 * @param {Term} term a policy in normal form
 * @returns {Outcome}
 */
export function evaluatePolicy(machine, [, filter, rank, selector]) {
  /** @type {number[]} */
  const survivors = []
  /** @type {Outcome['rejected']} */
  const rejected = []
  for (let i = 0; i < machine.snapshot.size; i++) {
    const reason = evaluatePredicate(machine, filter, i)
    if (reason === null) {
      machine.step('filter/keep', i)
      survivors.push(i)
    } else {
      machine.step('filter/drop', i)
      rejected.push([i, reason])
    }
  }
  if (survivors.length === 0) {
    machine.step('decision/empty', null)
    return { ranking: [], rejected, cuts: new Map() }
  }
  const scores = evaluateScorer(machine, rank, survivors)
  const population = survivors.map((candidate, at) => ({ candidate, score: scores[at] }))
  const { ranking, cuts } = evaluateSelector(machine, selector, population)
  machine.step('decision/done', null)
  return { ranking, rejected, cuts }
}
