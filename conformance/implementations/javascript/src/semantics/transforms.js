import { utf8 } from '../text.js'
import { MODULUS, Stream } from './draws.js'
import { evaluatePredicate } from './predicates.js'

/**
 * @typedef {import('./machine.js').Machine} Machine
 * @typedef {import('../signature.js').Term} Term
 *
 * What the host is to do to the message itself.
 * @typedef {object} Directives
 * @property {{ recipe: unknown[], seed?: number }} [filter_text]
 * @property {{ recipe: unknown[], seed?: number }} [filter_image]
 * @property {[string, string][]} customs symbols with their versions
 *
 * What to send, and where.
 * @typedef {object} Sent
 * @property {import('../candidates.js').Candidate} candidate
 * @property {Record<string, unknown>} request
 * @property {Directives} directives
 */

/** A request on its way, and the directives that were collected. */
export class Attempt {
  /** @param {Record<string, unknown>} request not changed, and not kept */
  constructor(request) {
    // An object without a prototype, so that no parameter means anything to the language underneath.
    /** @type {Record<string, unknown>} */
    this.request = Object.assign(Object.create(null), request)
    /** @type {Directives} */
    this.directives = { customs: [] }
  }

  /** @param {string} param */
  has(param) {
    return Object.hasOwn(this.request, param)
  }

  /**
   * The value of a numeric parameter as the nearest binary64, an infinity beyond that; undefined of any other.
   *
   * @param {string} param
   * @returns {number | undefined}
   */
  number(param) {
    const value = this.has(param) ? this.request[param] : undefined
    if (typeof value === 'bigint') return Number(value)
    return typeof value === 'number' ? value + 0 : undefined
  }

  /**
   * @param {string} param
   * @param {string | number | boolean} value
   */
  write(param, value) {
    this.request[param] = typeof value === 'number' ? value + 0 : value
  }

  /** @param {string} param */
  drop(param) {
    delete this.request[param]
  }
}

/**
 * Evaluates a transform at one candidate.
 *
 * @param {Machine} machine
 * @param {Term} term in normal form
 * @param {number} i the candidate
 * @param {Attempt} attempt what it changes
 */
export function evaluateTransform(machine, term, i, attempt) {
  const [op] = term
  if (op === 'seq') {
    for (let part = 1; part < term.length; part++) {
      evaluateTransform(machine, term[part], i, attempt)
      machine.step(part < term.length - 1 ? 'seq/next' : 'seq/done', i)
    }
  } else if (op === 'when') {
    if (evaluatePredicate(machine, term[1], i) === null) {
      machine.step('when/take', i)
      evaluateTransform(machine, term[2], i, attempt)
    } else {
      machine.step('when/skip', i)
    }
  } else {
    machine.step(`${op}/${apply(machine, term, attempt)}`, i)
  }
}

/**
 * Does what a plain transform does.
 *
 * @param {Machine} machine
 * @param {Term} term
 * @param {Attempt} attempt
 * @returns {string} the rest of the id of the rule
 */
function apply(machine, [op, a, b, c], attempt) {
  switch (op) {
    case 'id':
      return 'done'
    case 'set_param':
      attempt.write(a, b)
      return 'set'
    case 'inject_seed':
      if (machine.seed === undefined) return 'unseeded'
      attempt.write(a, machine.seed)
      return 'set'
    case 'drop_param':
      if (!attempt.has(a)) return 'absent'
      attempt.drop(a)
      return 'drop'
    case 'clamp_param':
      return clampParam(attempt, a, b, c)
    case 'jitter':
      return jitter(machine, attempt, a, b)
    case 'filter_text':
    case 'filter_image':
      attempt.directives[op] =
        machine.seed === undefined ? { recipe: a } : { recipe: a, seed: machine.seed % MODULUS }
      return 'hold'
    case 'custom':
      attempt.directives.customs.push([a, /** @type {string} */ (machine.vocabulary.customs.get(a))])
      return 'attach'
    default:
      throw new TypeError(`no transform: ${op}`)
  }
}

/**
 * @param {Attempt} attempt
 * @param {string} param
 * @param {number} lo
 * @param {number} hi
 */
function clampParam(attempt, param, lo, hi) {
  const value = attempt.number(param)
  if (value === undefined) return 'skip'
  if (value < lo) {
    attempt.write(param, lo)
    return 'low'
  }
  if (value > hi) {
    attempt.write(param, hi)
    return 'high'
  }
  return 'keep'
}

/**
 * @param {Machine} machine
 * @param {Attempt} attempt
 * @param {string} param
 * @param {number} amount
 */
function jitter(machine, attempt, param, amount) {
  if (machine.seed === undefined) return 'unseeded'
  const seed = ((machine.seed % MODULUS) + hash(`jitter:${param}`)) % MODULUS
  const shift = (2 * new Stream(seed).draw() - 1) * amount
  const value = attempt.number(param)
  if (value === undefined) {
    attempt.write(param, shift)
    return 'set'
  }
  const shifted = value + shift
  if (!Number.isFinite(shifted)) return 'overflow'
  attempt.write(param, shifted)
  return 'shift'
}

/** @param {string} text */
function hash(text) {
  let h = 0
  for (const byte of utf8(text)) h = (31 * h + byte) % MODULUS
  return h
}
