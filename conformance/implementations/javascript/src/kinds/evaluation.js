import { inCatalogueOrder, transform as transformRequest } from '../decision.js'
import { answer } from '../failover.js'
import { Machine } from '../semantics/machine.js'
import { evaluatePredicate } from '../semantics/predicates.js'
import { evaluateScorer } from '../semantics/scorers.js'
import { readScore, spellScore } from '../semantics/scores.js'
import { evaluateSelector } from '../semantics/selectors.js'
import { work as workOf } from '../work.js'
import { evaluateDecision } from './decisions.js'
import {
  admittedTermOf,
  factsOf,
  NoSuchRequest,
  normalTermOf,
  seedOf,
  snapshotOf,
  sortOf,
  vocabularyOf,
} from './inputs.js'

/**
 * The kinds that evaluate a term by itself.
 *
 * @typedef {import('./inputs.js').Input} Input
 * @typedef {import('../semantics/machine.js').Step} Step
 *
 * @typedef {object} Evaluated
 * @property {Record<string, unknown>} value the result of the kind
 * @property {number} charge
 * @property {readonly string[]} ids of the candidates that steps number
 *
 * @typedef {(input: Input, trace: Step[] | null) => Evaluated} Evaluate
 */

/** @type {Evaluate} */
function evaluatePredicates(input, trace) {
  const vocabulary = vocabularyOf(input)
  const term = normalTermOf(input, vocabulary, 'Pred')
  const snapshot = snapshotOf(input, vocabulary)
  const machine = new Machine({ vocabulary, snapshot, facts: factsOf(input, vocabulary) }, trace)
  const reasons = everyone(snapshot).map((i) => evaluatePredicate(machine, term, i))
  return { value: { reasons }, charge: machine.charge, ids: snapshot.ids }
}

/** @type {Evaluate} */
function evaluateScores(input, trace) {
  const vocabulary = vocabularyOf(input)
  const term = normalTermOf(input, vocabulary, 'Scorer')
  const snapshot = snapshotOf(input, vocabulary)
  const machine = new Machine({ vocabulary, snapshot, facts: factsOf(input, vocabulary) }, trace)
  const scores = [...evaluateScorer(machine, term, everyone(snapshot))].map(spellScore)
  return { value: { scores }, charge: machine.charge, ids: snapshot.ids }
}

/** @type {Evaluate} */
function evaluateOrder(input, trace) {
  const vocabulary = vocabularyOf(input)
  const term = normalTermOf(input, vocabulary, 'Selector')
  const snapshot = snapshotOf(input, vocabulary)
  const machine = new Machine({ vocabulary, snapshot, facts: factsOf(input, vocabulary), seed: seedOf(input) }, trace)
  const scores = input.scores ?? everyone(snapshot).map(() => 0)
  if (!Array.isArray(scores) || scores.length !== snapshot.size) {
    throw new NoSuchRequest('there is one score for each candidate')
  }
  const population = everyone(snapshot).map((candidate) => ({ candidate, score: readScore(scores[candidate]) }))
  const { ranking, cuts } = evaluateSelector(machine, term, population)
  const ordered = ranking.map(({ candidate, score }) => [snapshot.id(candidate), spellScore(score)])
  const cut = inCatalogueOrder(cuts).map(([candidate, by]) => [snapshot.id(candidate), by])
  return { value: { ordered, cut }, charge: machine.charge, ids: snapshot.ids }
}

/** @type {Evaluate} */
function evaluateTransform(input, trace) {
  const vocabulary = vocabularyOf(input)
  const term = normalTermOf(input, vocabulary, 'Xform')
  const snapshot = snapshotOf(input, vocabulary)
  if (snapshot.size === 0) throw new NoSuchRequest('a transform is for a candidate')
  const machine = new Machine({ vocabulary, snapshot, facts: factsOf(input, vocabulary), seed: seedOf(input) }, trace)
  return { value: transformRequest(machine, term, 0, input.request), charge: machine.charge, ids: snapshot.ids }
}

/** @type {Evaluate} */
function evaluateFailure(input, trace) {
  const vocabulary = vocabularyOf(input)
  const term = normalTermOf(input, vocabulary, 'FailPlan')
  const { action, charge } = answer(term, input.reason, vocabulary, trace)
  return { value: { action }, charge, ids: [] }
}

/** @type {Map<string, Evaluate>} */
const EVALUATIONS = new Map([
  ['Pred', evaluatePredicates],
  ['Scorer', evaluateScores],
  ['Selector', evaluateOrder],
  ['Xform', evaluateTransform],
  ['FailPlan', evaluateFailure],
  ['Policy', (input, trace) => evaluateDecision({ ...input, policy: input.term }, trace)],
])

/** @param {Input} input */
export const predicate = (input) => evaluatePredicates(input, null).value

/** @param {Input} input */
export const score = (input) => evaluateScores(input, null).value

/** @param {Input} input */
export const order = (input) => evaluateOrder(input, null).value

/** @param {Input} input */
export const transform = (input) => evaluateTransform(input, null).value

/** @param {Input} input */
export const failure = (input) => evaluateFailure(input, null).value

/**
 * The steps of an evaluation, with the result of the kind of the sort.
 *
 * @param {Input} input
 */
export function step(input) {
  vocabularyOf(input)
  const evaluate = EVALUATIONS.get(sortOf(input))
  /** @type {Step[]} */
  const trace = []
  const { value, charge, ids } = evaluate(input, trace)
  const steps = trace.map(({ rule, candidate }) => ({ rule, candidate: candidate === null ? null : ids[candidate] }))
  return { steps, charge, value }
}

/** @param {Input} input */
export function work(input) {
  const term = admittedTermOf(input, vocabularyOf(input))
  return { work: workOf(term, input.count) }
}

/**
 * The population of all candidates.
 *
 * @param {import('../snapshot.js').Snapshot} snapshot
 */
function everyone(snapshot) {
  return Array.from({ length: snapshot.size }, (_, i) => i)
}
