import { fingerprintOf } from './canonical.js'
import { normalForm } from './normal-form.js'
import { load } from './read.js'
import { finding, refuseAll } from './refused.js'
import { keysInOrder, SIGNATURE, subtermPlaces } from './signature.js'
import { quote, step } from './text.js'

/**
 * Admission: chapter Admission.
 *
 * @typedef {import('./signature.js').Term} Term
 * @typedef {import('./vocabulary.js').Vocabulary} Vocabulary
 * @typedef {import('./vocabulary-tables.js').Param} Param
 * @typedef {import('./refused.js').Finding} Finding
 */

const GREATEST_SEED = Number.MAX_SAFE_INTEGER
/** The sorts of fields that an operation takes. */
const FIELD_SORTS = {
  is: ['bool'],
  cmp: ['num'],
  field: ['num'],
  tag_in: ['tag', 'tags'],
  known: ['num', 'bool', 'tag', 'tags'],
}
const MOST_ATTEMPTS = 10
const MOST_BACKOFF_MS = 60000
const MOST_BACKOFFS = 16
const MOST_BREAKER_MS = 3600000

/** An admitted term with what follows from it. Nothing of it changes, so its fingerprint stays the right one. */
export class Admitted {
  /**
   * @param {Term} term
   * @param {Term} normal
   * @param {Vocabulary} vocabulary
   */
  constructor(term, normal, vocabulary) {
    /** The source term. */
    this.term = frozen(term)
    /** Its normal form. */
    this.normal = frozen(normal)
    this.vocabulary = vocabulary
    this.sort = SIGNATURE.get(term[0]).sort
    /** The fingerprint of the normal form. */
    this.fingerprint = fingerprintOf(normal)
    Object.freeze(this)
  }
}

/**
 * Admits a term under a vocabulary.
 *
 * @param {unknown} value the term, in decoded wire syntax
 * @param {Vocabulary} vocabulary
 * @param {object} [options]
 * @param {boolean} [options.policy] whether a policy is due
 * @returns {Admitted}
 * @throws {import('./refused.js').Refused} with every finding, in the order of the term
 */
export function admit(value, vocabulary, { policy = false } = {}) {
  const term = load(value)
  refuseAll(check(term, vocabulary, { policy }))
  return new Admitted(term, normalForm(term), vocabulary)
}

/**
 * @template T
 * @param {T} value of bounded depth; what is frozen of it is so to the ground
 * @returns {T} itself, frozen with all that is in it
 */
export function frozen(value) {
  if (typeof value !== 'object' || Object.isFrozen(value)) return value
  for (const member of Object.values(value)) frozen(member)
  return Object.freeze(value)
}

/**
 * What keeps a term from being admitted.
 *
 * @param {Term} term well sorted, within the bounds
 * @param {Vocabulary} vocabulary
 * @param {object} [options]
 * @param {boolean} [options.policy] whether a policy is due
 * @param {string} [options.root] the pointer of the term itself
 * @returns {Finding[]} in the order of the term
 */
export function check(term, vocabulary, { policy = false, root = '' } = {}) {
  const checker = new Checker(vocabulary)
  if (policy && term[0] !== 'policy') {
    checker.find('PIR0213', root, `a policy is due here, not a ${SIGNATURE.get(term[0]).sort}`)
  }
  checker.node(term, root, false)
  return checker.findings
}

class Checker {
  /** @param {Vocabulary} vocabulary */
  constructor(vocabulary) {
    this.vocabulary = vocabulary
    /** @type {Finding[]} */
    this.findings = []
  }

  /**
   * @param {string} code
   * @param {string} pointer
   * @param {string} message
   */
  find(code, pointer, message) {
    this.findings.push(finding(code, pointer, message))
  }

  /**
   * @param {Term} term
   * @param {string} pointer
   * @param {boolean} inTest whether it stands below a `test`
   */
  node(term, pointer, inTest) {
    const [op, first, second, third] = term
    switch (op) {
      case 'is':
      case 'cmp':
      case 'field':
      case 'tag_in':
      case 'known':
        this.field(op, first, `${pointer}/1`)
        break
      case 'tier_eq':
      case 'min_tier':
        if (!this.vocabulary.tiers.includes(first)) this.find('PIR0403', `${pointer}/1`, `there is no tier ${quote(first)}`)
        break
      case 'filter_text':
      case 'filter_image':
        this.recipe(first, `${pointer}/1`)
        break
      case 'custom':
        if (!this.vocabulary.customs.has(first)) {
          this.find('PIR0408', `${pointer}/1`, `there is no custom transform ${quote(first)}`)
        }
        break
      case 'set_param':
      case 'inject_seed':
      case 'drop_param':
      case 'clamp_param':
      case 'jitter':
        this.param(term, pointer)
        break
      case 'normalize':
        if (inTest) this.find('PIR0211', pointer, 'a `normalize` below a `test`, which sees one candidate only')
        break
      case 'top_k':
        if (!Number.isInteger(first) || first < 1) {
          this.find('PIR0212', `${pointer}/1`, `a count is an integral number of 1 or more, not ${first}`)
        }
        break
      case 'always':
        this.action(first, `${pointer}/1`)
        break
      case 'override':
        this.node(first, `${pointer}/1`, inTest)
        this.action(third, `${pointer}/3`)
        return
      case 'test':
        this.node(first, `${pointer}/1`, true)
        return
    }
    for (const place of subtermPlaces(term)) this.node(term[place], `${pointer}/${place}`, inTest)
  }

  /**
   * @param {keyof typeof FIELD_SORTS} op
   * @param {string} name
   * @param {string} pointer
   */
  field(op, name, pointer) {
    const field = this.vocabulary.fields.get(name)
    if (field === undefined) this.find('PIR0401', pointer, `there is no field ${quote(name)}`)
    else if (!FIELD_SORTS[op].includes(field.sort)) {
      this.find('PIR0402', pointer, `${quote(name)} is a \`${field.sort}\`, which \`${op}\` does not take`)
    }
  }

  /**
   * @param {(string | Record<string, number>)[]} recipe
   * @param {string} pointer
   */
  recipe(recipe, pointer) {
    recipe.forEach((entry, i) => {
      if (typeof entry === 'string') this.filterStep(entry, `${pointer}/${i}`)
      else for (const key of keysInOrder(entry)) this.filterStep(key, `${pointer}/${i}${step(key)}`)
    })
  }

  /**
   * @param {string} name
   * @param {string} pointer
   */
  filterStep(name, pointer) {
    if (!this.vocabulary.recipes.has(name)) this.find('PIR0407', pointer, `there is no filter step ${quote(name)}`)
  }

  /**
   * @param {Term} term
   * @param {string} pointer
   */
  param([op, name, second, third], pointer) {
    const param = this.vocabulary.params.get(name)
    if (param === undefined) {
      this.find('PIR0404', `${pointer}/1`, `there is no request parameter ${quote(name)}`)
      return
    }
    if (op === 'drop_param') return
    if (op === 'set_param') {
      this.value(second, param, `${pointer}/2`)
      return
    }
    if (param.sort !== 'number' && param.sort !== 'integer') {
      this.find('PIR0405', `${pointer}/1`, `${quote(name)} is a \`${param.sort}\`; \`${op}\` needs a number`)
      return
    }
    const { minimum = -Infinity, maximum = Infinity } = param
    switch (op) {
      case 'inject_seed':
        if (minimum > 0 || maximum < GREATEST_SEED) {
          this.find('PIR0406', `${pointer}/1`, `the range of ${quote(name)} does not hold every seed`)
        }
        return
      case 'clamp_param':
        this.value(second, param, `${pointer}/2`)
        this.value(third, param, `${pointer}/3`)
        return
      case 'jitter':
        if (param.sort === 'integer') {
          this.find('PIR0405', `${pointer}/1`, `${quote(name)} is an \`integer\`; a jitter makes fractions`)
        } else if (Math.abs(second) > maximum - minimum) {
          this.find('PIR0406', `${pointer}/2`, `the jitter is wider than the range of ${quote(name)}`)
        }
    }
  }

  /**
   * @param {unknown} value
   * @param {Param} param
   * @param {string} pointer
   */
  value(value, param, pointer) {
    if (!isOfSort(value, param.sort)) {
      this.find('PIR0405', pointer, `the parameter takes a \`${param.sort}\``)
      return
    }
    const { minimum = -Infinity, maximum = Infinity, choices } = param
    if (typeof value === 'number' && !(minimum <= value && value <= maximum)) {
      this.find('PIR0406', pointer, `${value} is outside of ${minimum} to ${maximum}`)
    }
    if (typeof value === 'string' && choices !== undefined && !choices.includes(value)) {
      this.find('PIR0406', pointer, `${quote(value)} is none of ${choices.map(quote).join(', ')}`)
    }
  }

  /**
   * @param {Record<string, any>} action
   * @param {string} pointer
   */
  action(action, pointer) {
    for (const key of keysInOrder(action)) {
      const value = action[key]
      const at = pointer + step(key)
      switch (key) {
        case 'attempts':
          if (!Number.isInteger(value) || value < 0 || value > MOST_ATTEMPTS) {
            this.find('PIR0305', at, `attempts are an integral number from 0 to ${MOST_ATTEMPTS}`)
          }
          break
        case 'backoff_ms':
          if (!Array.isArray(value)) {
            this.backoff(value, at)
            break
          }
          if (value.length > MOST_BACKOFFS) this.find('PIR0307', at, `${MOST_BACKOFFS} backoffs are the most`)
          value.forEach((entry, i) => this.backoff(entry, `${at}/${i}`))
          break
        case 'open_breaker_ms':
          if (value < 0 || value > MOST_BREAKER_MS) {
            this.find('PIR0308', at, `the time that a breaker is open is from 0 to ${MOST_BREAKER_MS}`)
          }
          break
        case 'then_action':
          if (value === 'retry_same') this.find('PIR0409', at, '`retry_same` cannot follow itself')
      }
    }
  }

  /**
   * @param {number} value
   * @param {string} pointer
   */
  backoff(value, pointer) {
    if (value < 0 || value > MOST_BACKOFF_MS) this.find('PIR0306', pointer, `a backoff is from 0 to ${MOST_BACKOFF_MS}`)
  }
}

/**
 * @param {unknown} value
 * @param {Param['sort']} sort
 */
function isOfSort(value, sort) {
  switch (sort) {
    case 'number':
      return typeof value === 'number'
    case 'integer':
      return Number.isInteger(value)
    default:
      return typeof value === sort
  }
}
