import { observe, observeNumber } from './observations.js'
import { holds } from './scores.js'
import { evaluateScorer } from './scorers.js'

/**
 * @typedef {import('./machine.js').Machine} Machine
 * @typedef {import('../signature.js').Term} Term
 *
 * The value of a predicate: null where it accepts, else the reason why it rejects.
 * @typedef {string | null} Verdict
 */

const ACCEPT = null

/**
 * Evaluates a predicate at one candidate.
 *
 * @param {Machine} machine
 * @param {Term} term in normal form
 * @param {number} i the candidate
 * @returns {Verdict}
 */
export function evaluatePredicate(machine, term, i) {
  switch (term[0]) {
    case 'and':
      return conjunction(machine, term, i)
    case 'or':
      return disjunction(machine, term, i)
    case 'not':
      if (evaluatePredicate(machine, term[1], i) === ACCEPT) return reject(machine, 'not/reject', i, 'not')
      return accept(machine, 'not/accept', i)
    case 'test':
      return test(machine, term, i)
    case 'meets_req':
      return meetsRequirements(machine, i)
    case 'top':
      return accept(machine, 'top/accept', i)
    case 'bot':
      return reject(machine, 'bot/reject', i, 'bot')
    default:
      return atom(machine, term, i)
  }
}

/**
 * @param {Machine} machine
 * @param {string} rule
 * @param {number} i
 * @returns {Verdict}
 */
function accept(machine, rule, i) {
  machine.step(rule, i)
  return ACCEPT
}

/**
 * @param {Machine} machine
 * @param {string} rule
 * @param {number} i
 * @param {string} reason
 * @returns {Verdict}
 */
function reject(machine, rule, i, reason) {
  machine.step(rule, i)
  return reason
}

/**
 * @param {Machine} machine
 * @param {Term} term
 * @param {number} i
 */
function conjunction(machine, term, i) {
  for (let part = 1; part < term.length; part++) {
    const verdict = evaluatePredicate(machine, term[part], i)
    if (verdict !== ACCEPT) return reject(machine, 'and/reject', i, verdict)
    if (part < term.length - 1) machine.step('and/next', i)
  }
  return accept(machine, 'and/accept', i)
}

/**
 * @param {Machine} machine
 * @param {Term} term
 * @param {number} i
 */
function disjunction(machine, term, i) {
  for (let part = 1; part < term.length; part++) {
    const verdict = evaluatePredicate(machine, term[part], i)
    if (verdict === ACCEPT) return accept(machine, 'or/accept', i)
    if (part < term.length - 1) machine.step('or/next', i)
  }
  return reject(machine, 'or/reject', i, 'or')
}

/**
 * The scorer of a `test` is evaluated over the population of the one candidate.
 *
 * @param {Machine} machine
 * @param {Term} term
 * @param {number} i
 */
function test(machine, [, scorer, relation, bound], i) {
  const [score] = evaluateScorer(machine, scorer, [i])
  return holds(score, relation, bound) ? accept(machine, 'test/accept', i) : reject(machine, 'test/reject', i, 'test')
}

/**
 * An atom with an `accept` and a `reject` rule.
 *
 * @param {Machine} machine
 * @param {Term} term
 * @param {number} i
 */
function atom(machine, term, i) {
  const op = term[0]
  if (accepts(machine, term, i)) return accept(machine, `${op}/accept`, i)
  return reject(machine, `${op}/reject`, i, reasonOf(term))
}

/**
 * The condition of an atom.
 *
 * @param {Machine} machine
 * @param {Term} term
 * @param {number} i
 * @returns {boolean}
 */
function accepts(machine, [op, a, b, c], i) {
  const { snapshot, facts } = machine
  switch (op) {
    case 'scope_matches':
      return snapshot.scope(i) === undefined || snapshot.scope(i) === facts.scope
    case 'is':
      return observe(machine, i, a).value === true
    case 'cmp':
      return holds(observeNumber(machine, i, a), b, c)
    case 'tier_eq':
      return isOfTier(machine, i, a)
    case 'min_tier':
      return snapshot.tierRanks[i] >= rankOf(machine, a)
    case 'family_eq':
      return snapshot.family(i) === a
    case 'provider_eq':
      return snapshot.provider(i) === a
    case 'served_by_eq':
      return snapshot.servedBy(i) === a
    case 'has_cap':
      return snapshot.capabilities[i].has(a)
    case 'tag_in':
      return hasTag(observe(machine, i, a).value, b)
    case 'known':
      return observe(machine, i, a).known
    default:
      throw new TypeError(`no predicate: ${op}`)
  }
}

/** @param {Term} term */
function reasonOf([op, a, b]) {
  switch (op) {
    case 'scope_matches':
      return 'scope'
    case 'is':
      return `is:${a}`
    case 'cmp':
      return `cmp:${a}:${b}`
    case 'tier_eq':
      return 'tier'
    case 'min_tier':
      return 'min_tier'
    case 'family_eq':
      return 'model_family'
    case 'provider_eq':
      return 'provider_id'
    case 'served_by_eq':
      return 'served_by'
    case 'has_cap':
      return `missing_capability:${a}`
    case 'tag_in':
      return `tag:${a}`
    case 'known':
      return `known:${a}`
    default:
      throw new TypeError(`no predicate: ${op}`)
  }
}

/**
 * @param {Machine} machine
 * @param {string} tier declared
 */
function rankOf(machine, tier) {
  return /** @type {number} */ (machine.snapshot.ranks.get(tier))
}

/**
 * Whether the tier of a candidate is this one. One that nobody declares has the rank -1, which no tier has.
 *
 * @param {Machine} machine
 * @param {number} i
 * @param {string} tier declared
 */
function isOfTier(machine, i, tier) {
  return machine.snapshot.tierRanks[i] === rankOf(machine, tier)
}

/**
 * @param {import('../field-values.js').FieldValue | undefined} observed a tag, a set of tags, or nothing
 * @param {readonly string[]} names
 */
function hasTag(observed, names) {
  if (observed === undefined) return false
  if (typeof observed === 'string') return names.includes(observed)
  return /** @type {readonly string[]} */ (observed).some((tag) => names.includes(tag))
}

/**
 * The checks of `meets_req`, in order; the first that holds rejects.
 *
 * @param {Machine} machine
 * @param {number} i
 */
function meetsRequirements(machine, i) {
  const { snapshot, facts, vocabulary } = machine
  const no = (/** @type {string} */ check, reason = check) => reject(machine, `meets_req/${check}`, i, reason)

  for (const need of facts.needs) {
    const capability = /** @type {string} */ (vocabulary.needs.get(need))
    if (!snapshot.capabilities[i].has(capability)) return no('missing_capability', `missing_capability:${need}`)
  }
  const { min_context: minContext, model_family: family, tier, privacy, min_tok_s: minSpeed } = facts
  if (minContext !== undefined && observeNumber(machine, i, 'context') < minContext) return no('min_context')
  if (family !== undefined && snapshot.family(i) !== family) return no('model_family')
  if (tier !== undefined && !isOfTier(machine, i, tier)) return no('tier')
  if (privacy !== 'standard') {
    const tee = observe(machine, i, 'has_tee').value === true
    if (privacy === 'tee_required' && !tee) return no('tee_required')
    if (privacy === 'no_log' && !tee && observe(machine, i, 'no_log').value !== true) return no('no_log')
  }
  if (minSpeed !== undefined) {
    const speed = observe(machine, i, 'tok_s')
    if (!speed.known || /** @type {number} */ (speed.value) < minSpeed) return no('min_tok_s')
  }
  return accept(machine, 'meets_req/accept', i)
}
