import { check, frozen } from './admission.js'
import { fingerprintOf } from './canonical.js'
import { keysOf } from './json-text.js'
import { normalForm } from './normal-form.js'
import { load } from './read.js'
import { finding, refuse, Refused, refuseAll } from './refused.js'
import { nodesOf } from './signature.js'
import { quote, step } from './text.js'

/**
 * Floors: chapter Admission, section Floor.
 *
 * @typedef {import('./signature.js').Term} Term
 * @typedef {import('./admission.js').Admitted} Admitted
 * @typedef {import('./vocabulary.js').Vocabulary} Vocabulary
 *
 * @typedef {object} Floor
 * @property {Term} filter
 * @property {Term | null} mutate
 */

const MOST_NODES = 4094

/** What runs where a caller's policy meets a floor. Nothing of it changes. */
export class Effective {
  /**
   * @param {Admitted} policy of the caller
   * @param {Term} normal
   * @param {string} fingerprint
   */
  constructor(policy, normal, fingerprint) {
    /** The fingerprint of the caller's policy. */
    this.policyFingerprint = policy.fingerprint
    /** The fingerprint of the effective policy. */
    this.fingerprint = fingerprint
    /** The effective policy, in normal form. */
    this.normal = frozen(normal)
    this.vocabulary = policy.vocabulary
    Object.freeze(this)
  }
}

/**
 * Reads a floor: a record of `filter` and perhaps `mutate`, or a predicate alone.
 *
 * @param {any} value in decoded wire syntax
 * @param {Vocabulary} vocabulary that of the policy
 * @returns {Floor}
 * @throws {Refused} with pointers into the floor
 */
export function readFloor(value, vocabulary) {
  if (Array.isArray(value)) return admitted({ filter: { value, root: '' }, mutate: null }, vocabulary)
  if (typeof value !== 'object' || value === null) refuse('PIR0740', '', 'a floor is a record or a predicate')
  const findings = []
  for (const key of keysOf(value)) {
    if (key === 'filter' || key === 'mutate' || value[key] === null) continue
    findings.push(finding('PIR0740', step(key), `a floor has no key ${quote(key)}`))
  }
  const part = (/** @type {string} */ key) =>
    Object.hasOwn(value, key) && value[key] !== null ? { value: value[key], root: step(key) } : null
  const filter = part('filter')
  if (filter === null) findings.push(finding('PIR0740', '', 'a floor needs the key `filter`'))
  refuseAll(findings)
  return admitted({ filter, mutate: part('mutate') }, vocabulary)
}

/**
 * @typedef {{value: any, root: string}} Part
 *
 * @param {{filter: Part, mutate: Part | null}} parts
 * @param {Vocabulary} vocabulary
 * @returns {Floor}
 */
function admitted({ filter, mutate }, vocabulary) {
  const findings = []
  const loaded = (/** @type {Part} */ { value, root }, /** @type {string} */ sort) => {
    try {
      return load(value, { sort })
    } catch (error) {
      if (!(error instanceof Refused)) throw error
      findings.push(...error.findings.map((one) => ({ ...one, pointer: one.pointer === null ? null : root + one.pointer })))
    }
  }
  const first = loaded(filter, 'Pred')
  const second = mutate === null ? null : loaded(mutate, 'Xform')
  refuseAll(findings)
  findings.push(...check(first, vocabulary, { root: filter.root }))
  if (second !== null) findings.push(...check(second, vocabulary, { root: mutate.root }))
  refuseAll(findings)
  if (nodesOf(first).length + (second === null ? 0 : nodesOf(second).length) > MOST_NODES) {
    refuse('PIR0741', '', `the terms of a floor have together more than ${MOST_NODES} nodes`)
  }
  return { filter: first, mutate: second }
}

/**
 * What runs where a caller's policy meets the floor of a host.
 *
 * @param {Admitted} policy
 * @param {any} [floor] in decoded wire syntax; null for none
 * @returns {Effective}
 * @throws {Refused} for what is wrong with the floor
 */
export function effective(policy, floor = null) {
  return effectiveUnder(policy, floor === null ? null : readFloor(floor, policy.vocabulary))
}

/**
 * @param {Admitted} policy
 * @param {Floor | null} floor
 * @returns {Effective}
 */
export function effectiveUnder(policy, floor) {
  if (floor === null) return new Effective(policy, policy.normal, policy.fingerprint)
  const [, filter, rank, select, mutate, fallback] = policy.term
  const normal = normalForm([
    'policy',
    ['and', floor.filter, filter],
    rank,
    select,
    floor.mutate === null ? mutate : ['seq', mutate, floor.mutate],
    fallback,
  ])
  return new Effective(policy, normal, fingerprintOf(normal))
}
