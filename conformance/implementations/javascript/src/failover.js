import { nodesOf } from './signature.js'
import { evaluateFailurePlan } from './semantics/failure-plans.js'
import { Machine } from './semantics/machine.js'

/**
 * @typedef {import('./signature.js').Term} Term
 * @typedef {import('./semantics/failure-plans.js').Action} Action
 * @typedef {import('./vocabulary.js').Vocabulary} Vocabulary
 *
 * Who serves an entry of `ordered`, and which model.
 * @typedef {readonly [provider: string, family: string]} Entry
 *
 * What to do after a failure.
 * @typedef {object} Next
 * @property {number | null} position of `ordered`; null to stop
 * @property {number} retries how many of that position this makes
 * @property {number} wait_ms how long to wait first
 * @property {string | null} disable a provider that the host is to disable
 * @property {number | null} open_breaker_ms how long to keep other calls away from the candidate that failed
 * @property {Record<string, number>} extra the further keys of the action
 * @property {string[]} rules the ids of the rules by which this follows
 */

const KNOWN_KEYS = new Set(['action', 'attempts', 'backoff_ms', 'then_action', 'open_breaker_ms'])
const DEFAULT_ATTEMPTS = 1
const DEFAULT_THEN = 'next_candidate'

/**
 * What a failure plan answers to a reason.
 *
 * @param {Term} plan in normal form
 * @param {string} reason
 * @param {Vocabulary} vocabulary
 * @param {import('./semantics/machine.js').Step[] | null} [trace]
 * @returns {{ action: Action, charge: number }}
 */
export function answer(plan, reason, vocabulary, trace = null) {
  const machine = new Machine({ vocabulary }, trace)
  const action = evaluateFailurePlan(machine, plan, reason)
  machine.checkCharge(nodesOf(plan).length)
  return { action, charge: machine.charge }
}

/**
 * What to do when the attempt at a position has failed (chapter Decisions, section Failover).
 *
 * @param {Action} action that the failure plan answers
 * @param {readonly Entry[]} ordered
 * @param {number} position
 * @param {number} retries of the same position so far
 * @returns {Next}
 */
export function next(action, ordered, position, retries) {
  const extra = furtherKeys(action)
  if (action.action === 'retry_same' && retries < (action.attempts ?? DEFAULT_ATTEMPTS)) {
    return {
      position,
      retries: retries + 1,
      wait_ms: backoff(action.backoff_ms, retries),
      disable: null,
      open_breaker_ms: null,
      extra,
      rules: ['retry_same/again'],
    }
  }
  /** @type {string[]} */
  const rules = []
  let verb = action.action
  if (verb === 'retry_same') {
    rules.push('retry_same/then')
    verb = action.then_action ?? DEFAULT_THEN
  }
  const to = target(verb, ordered, position)
  rules.push(`${verb}/${to === null ? 'stop' : 'advance'}`)
  return {
    position: to,
    retries: 0,
    wait_ms: 0,
    disable: verb === 'disable_provider' ? ordered[position][0] : null,
    open_breaker_ms: action.open_breaker_ms ?? null,
    extra,
    rules,
  }
}

/**
 * The position that an action other than a retry goes to, null to stop.
 *
 * @param {string} verb
 * @param {readonly Entry[]} ordered
 * @param {number} position
 * @returns {number | null}
 */
function target(verb, ordered, position) {
  const [provider, family] = ordered[position]
  switch (verb) {
    case 'next_candidate':
      return firstLater(ordered, position, () => true)
    case 'next_provider_same_model':
      return firstLater(ordered, position, (other) => other[1] === family && other[0] !== provider)
    case 'disable_provider':
      return firstLater(ordered, position, (other) => other[0] !== provider)
    case 'abort':
      return null
    default:
      throw new TypeError(`no action: ${verb}`)
  }
}

/**
 * @param {readonly Entry[]} ordered
 * @param {number} position
 * @param {(entry: Entry) => boolean} wanted
 */
function firstLater(ordered, position, wanted) {
  const at = ordered.findIndex((entry, i) => i > position && wanted(entry))
  return at === -1 ? null : at
}

/**
 * @param {number | readonly number[] | undefined} backoffs
 * @param {number} retries
 */
function backoff(backoffs, retries) {
  if (backoffs === undefined) return 0
  if (typeof backoffs === 'number') return backoffs
  return backoffs.length === 0 ? 0 : backoffs[Math.min(retries, backoffs.length - 1)]
}

/** @param {Action} action */
function furtherKeys(action) {
  /** @type {Record<string, number>} */
  const extra = Object.create(null)
  for (const key of Object.keys(action)) {
    if (!KNOWN_KEYS.has(key)) extra[key] = action[key]
  }
  return extra
}
