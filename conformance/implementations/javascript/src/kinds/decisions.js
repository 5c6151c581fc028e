import { admit } from '../admission.js'
import { decide } from '../decision.js'
import { answer, next } from '../failover.js'
import { effective } from '../floor.js'
import { MOST_WORK } from '../work.js'
import { factsOf, normalTermOf, seedOf, snapshotOf, vocabularyOf } from './inputs.js'

/**
 * The kinds about decisions and what follows them.
 *
 * @typedef {import('./inputs.js').Input} Input
 */

/**
 * @param {Input} input
 * @param {import('../semantics/machine.js').Step[] | null} trace
 */
export function evaluateDecision(input, trace) {
  const vocabulary = vocabularyOf(input)
  const policy = effective(admit(input.policy, vocabulary, { policy: true }), input.floor ?? null)
  const snapshot = snapshotOf(input, vocabulary)
  const facts = factsOf(input, vocabulary)
  const seed = seedOf(input)
  const decision = decide(policy, snapshot, facts, seed, { workLimit: input.work_limit ?? MOST_WORK, trace })
  return { value: decision.toJSON(), charge: decision.charge, ids: snapshot.ids }
}

/** @param {Input} input */
export const policy = (input) => evaluateDecision(input, null).value

/** @param {Input} input */
export function failover(input) {
  const vocabulary = vocabularyOf(input)
  const plan = normalTermOf(input, vocabulary, 'FailPlan')
  const { action } = answer(plan, input.reason, vocabulary)
  return next(action, input.ordered, input.position, input.retries)
}
