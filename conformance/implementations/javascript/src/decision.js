import { expect, expectCount, expectObject, expectPlace } from './arguments.js'
import { fingerprint } from './canonical.js'
import { answer, next } from './failover.js'
import { refuse } from './refused.js'
import { isSeed, Machine } from './semantics/machine.js'
import { evaluatePolicy } from './semantics/policies.js'
import { spellScore } from './semantics/scores.js'
import { Attempt, evaluateTransform } from './semantics/transforms.js'
import { nodesOf } from './signature.js'
import { MOST_WORK, work } from './work.js'

/**
 * @typedef {import('./facts.js').Facts} Facts
 * @typedef {import('./signature.js').Term} Term
 * @typedef {import('./snapshot.js').Snapshot} Snapshot
 * @typedef {import('./floor.js').Effective} Effective
 *
 * What a decision has in JSON: chapter Decisions, section JSON.
 * @typedef {object} DecisionJson
 * @property {string} policy
 * @property {string} effective
 * @property {string} vocabulary
 * @property {string} snapshot
 * @property {string} facts
 * @property {number | null} seed
 * @property {{ id: string, score: number | string }[]} ordered
 * @property {{ id: string, reason: string }[]} rejected
 * @property {{ id: string, by: string }[]} cut
 * @property {string} fingerprint
 */

const TRANSFORM = 4
const FALLBACK = 5

/**
 * Reads a seed: an integral number from 0 to 2^53 - 1, or none.
 *
 * @param {unknown} seed
 * @returns {number | undefined}
 */
export function readSeed(seed) {
  if (seed === undefined || seed === null) return undefined
  if (!isSeed(seed)) return refuse('PIR0730', '', 'a seed is an integral number from 0 to 2^53 - 1')
  return seed + 0
}

/**
 * Decides. The same four things give the same decision, bit for bit, wherever this runs.
 *
 * @param {Effective} policy
 * @param {Snapshot} snapshot of the vocabulary of the policy
 * @param {Facts} facts likewise
 * @param {number | null} [seed]
 * @param {object} [options]
 * @param {number} [options.workLimit] a limit of the host's own
 * @param {import('./semantics/machine.js').Step[] | null} [options.trace] receives the steps
 * @returns {Decision}
 */
export function decide(policy, snapshot, facts, seed, { workLimit = MOST_WORK, trace = null } = {}) {
  const checkedSeed = readSeed(seed)
  const amount = work(policy.normal, snapshot.size)
  const limit = Math.min(MOST_WORK, workLimit)
  if (amount > limit) refuse('PIR0309', '', `the work of the decision is ${amount}, over the limit of ${limit}`)

  const machine = new Machine({ vocabulary: policy.vocabulary, snapshot, facts, seed: checkedSeed }, trace)
  const outcome = evaluatePolicy(machine, policy.normal)
  machine.checkCharge(snapshot.size === 0 ? 1 : 2 * amount)
  return new Decision(policy, snapshot, facts, checkedSeed, outcome, machine.charge)
}

/** A decision, with what it was made from. */
export class Decision {
  /**
   * @param {Effective} policy
   * @param {Snapshot} snapshot
   * @param {Facts} facts
   * @param {number | undefined} seed
   * @param {import('./semantics/policies.js').Outcome} outcome
   * @param {number} charge the sum of the charges of its steps
   */
  constructor(policy, snapshot, facts, seed, outcome, charge) {
    this.policy = policy
    this.snapshot = snapshot
    this.facts = facts
    this.seed = seed
    this.outcome = outcome
    this.charge = charge
  }

  /** The record that the decision is identified by, its scores as numbers, undefined ones as NaN. */
  record() {
    const { snapshot, outcome } = this
    /** @type {Record<string, unknown>} */
    const record = {
      policy: this.policy.policyFingerprint,
      effective: this.policy.fingerprint,
      vocabulary: this.policy.vocabulary.fingerprint,
      snapshot: snapshot.fingerprint,
      facts: this.facts.fingerprint,
      ordered: outcome.ranking.map(({ candidate, score }) => [snapshot.id(candidate), score]),
      rejected: outcome.rejected.map(([candidate, reason]) => [snapshot.id(candidate), reason]),
      cut: inCatalogueOrder(outcome.cuts).map(([candidate, by]) => [snapshot.id(candidate), by]),
    }
    if (this.seed !== undefined) record.seed = this.seed
    return record
  }

  get fingerprint() {
    return fingerprint('decision/1', this.record(), { scores: true })
  }

  /** @returns {DecisionJson} */
  toJSON() {
    const record = /** @type {any} */ (this.record())
    return {
      ...record,
      seed: this.seed ?? null,
      ordered: record.ordered.map((/** @type {any} */ [id, score]) => ({ id, score: spellScore(score) })),
      rejected: record.rejected.map((/** @type {any} */ [id, reason]) => ({ id, reason })),
      cut: record.cut.map((/** @type {any} */ [id, by]) => ({ id, by })),
      fingerprint: fingerprint('decision/1', record, { scores: true }),
    }
  }

  /**
   * What to send to the candidate at a position of `ordered`. The given request is not changed.
   *
   * @param {number} position from 0
   * @param {Record<string, unknown>} request
   * @returns {import('./semantics/transforms.js').Sent}
   */
  attempt(position, request) {
    expectPlace('position', position, 'ordered', this.outcome.ranking.length)
    expectObject('request', request)
    const { candidate } = this.outcome.ranking[position]
    const { vocabulary, normal } = this.policy
    const { snapshot, facts, seed } = this
    const machine = new Machine({ vocabulary, snapshot, facts, seed })
    const sent = transform(machine, normal[TRANSFORM], candidate, request)
    return { candidate: snapshot.candidates[candidate], ...sent }
  }

  /**
   * What to do when the attempt at a position has failed.
   *
   * @param {number} position
   * @param {number} retries of the same position so far
   * @param {string} reason
   * @returns {import('./failover.js').Next}
   */
  next(position, retries, reason) {
    expectPlace('position', position, 'ordered', this.outcome.ranking.length)
    expectCount('retries', retries)
    expect(typeof reason === 'string', 'reason', reason, 'a string')
    const { action } = answer(this.policy.normal[FALLBACK], reason, this.policy.vocabulary)
    return next(action, this.entries(), position, retries)
  }

  /** @returns {import('./failover.js').Entry[]} */
  entries() {
    return this.outcome.ranking.map(({ candidate }) => [
      this.snapshot.provider(candidate),
      this.snapshot.family(candidate),
    ])
  }
}

/**
 * Evaluates a transform at one candidate.
 *
 * @param {Machine} machine
 * @param {Term} term in normal form
 * @param {number} candidate
 * @param {Record<string, unknown>} request not changed
 */
export function transform(machine, term, candidate, request) {
  const attempt = new Attempt(request)
  evaluateTransform(machine, term, candidate, attempt)
  machine.checkCharge(2 * nodesOf(term).length)
  return { request: attempt.request, directives: attempt.directives }
}

/**
 * @param {ReadonlyMap<number, string>} cuts
 * @returns {[number, string][]}
 */
export function inCatalogueOrder(cuts) {
  return [...cuts].sort(([a], [b]) => a - b)
}
