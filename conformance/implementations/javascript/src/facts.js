import { fingerprint } from './canonical.js'
import { MOST_FINDINGS } from './candidates.js'
import { finiteNumber, isName, isObject, membersOf, readFieldValue, setOf } from './field-values.js'
import { finding, refuseAll } from './refused.js'
import { compareText, quote, step } from './text.js'

/**
 * @typedef {import('./field-values.js').FieldValue} FieldValue
 * @typedef {import('./refused.js').Finding} Finding
 * @typedef {import('./vocabulary.js').Vocabulary} Vocabulary
 */

const PRIVACY_LEVELS = ['standard', 'no_log', 'tee_required']
const AMOUNTS = ['min_context', 'min_tok_s']
const NAMES = ['model_family', 'scope']
const KEYS = new Set(['needs', 'tier', 'privacy', 'fields', ...AMOUNTS, ...NAMES])
const VALUE_CODES = Object.freeze({ sort: 'PIR0714', name: 'PIR0714', range: 'PIR0716' })

/** What a policy sees of one request. */
export class Facts {
  /**
   * @param {object} stated
   * @param {readonly string[]} [stated.needs] a sorted set
   * @param {string} [stated.privacy]
   * @param {number} [stated.min_context]
   * @param {string} [stated.model_family]
   * @param {string} [stated.tier]
   * @param {number} [stated.min_tok_s]
   * @param {string} [stated.scope]
   * @param {ReadonlyMap<string, FieldValue>} [stated.fields]
   */
  constructor(stated) {
    this.needs = stated.needs ?? []
    this.privacy = stated.privacy ?? 'standard'
    this.min_context = stated.min_context
    this.model_family = stated.model_family
    this.tier = stated.tier
    this.min_tok_s = stated.min_tok_s
    this.scope = stated.scope
    this.fields = stated.fields ?? new Map()
    Object.freeze(this)
  }

  /** The record that facts are identified by; chapter Facts, section Fingerprint. */
  record() {
    const fields = [...this.fields].sort(([a], [b]) => compareText(a, b))
    /** @type {Record<string, unknown>} */
    const record = { needs: [...this.needs], privacy: this.privacy, fields }
    for (const key of /** @type {const} */ (['min_context', 'model_family', 'tier', 'min_tok_s', 'scope'])) {
      if (this[key] !== undefined) record[key] = this[key]
    }
    return record
  }

  get fingerprint() {
    return fingerprint('facts/1', this.record())
  }
}

/**
 * Reads a record of request facts (chapter Facts, section The record).
 *
 * @param {unknown} value decoded JSON; nothing is stated where it is undefined
 * @param {Vocabulary} vocabulary
 * @returns {Facts}
 */
export function readFacts(value, vocabulary) {
  if (value === undefined) return new Facts({})
  const reader = new FactsReader(vocabulary)
  const facts = reader.read(value)
  refuseAll(reader.findings.slice(0, MOST_FINDINGS))
  return facts
}

class FactsReader {
  /** @param {Vocabulary} vocabulary */
  constructor(vocabulary) {
    this.vocabulary = vocabulary
    /** @type {Finding[]} */
    this.findings = []
  }

  /** @param {unknown} record */
  read(record) {
    if (!isObject(record)) {
      this.refuse('PIR0710', '', 'facts are an object')
      return new Facts({})
    }
    /** @type {Record<string, any>} */
    const stated = {}
    for (const [key, value] of membersOf(record)) {
      const at = step(key)
      if (!KEYS.has(key)) this.refuse('PIR0711', at, `facts have no key ${quote(key)}`)
      else if (value === null) continue
      else if (key === 'needs') stated.needs = this.needs(value)
      else if (AMOUNTS.includes(key)) stated[key] = this.amount(value, at)
      else if (NAMES.includes(key)) stated[key] = this.name(value, at)
      else if (key === 'tier') stated.tier = this.tier(value)
      else if (key === 'privacy') stated.privacy = this.privacy(value)
      else stated.fields = this.fields(value)
    }
    return new Facts(stated)
  }

  /** @param {unknown} value */
  needs(value) {
    if (!Array.isArray(value)) return this.refuse('PIR0714', '/needs', 'needs are a list of names')
    /** @type {Set<string>} */
    const needs = new Set()
    for (const [i, need] of value.entries()) {
      const at = `/needs/${i}`
      if (typeof need !== 'string') this.refuse('PIR0714', at, 'a need is a text')
      else if (!this.vocabulary.needs.has(need)) {
        this.refuse('PIR0712', at, `the vocabulary maps the need ${quote(need)} to no capability`)
      } else needs.add(need)
    }
    return setOf(needs)
  }

  /**
   * @param {unknown} value
   * @param {string} at
   */
  amount(value, at) {
    const number = finiteNumber(value)
    if (number === undefined) return this.refuse('PIR0714', at, 'it is a finite number')
    if (number < 0) return this.refuse('PIR0716', at, 'it is 0 or more')
    return number
  }

  /**
   * @param {unknown} value
   * @param {string} at
   */
  name(value, at) {
    return isName(value) ? value : this.refuse('PIR0714', at, 'it is a text of 1 to 256 bytes')
  }

  /** @param {unknown} value */
  tier(value) {
    if (typeof value !== 'string') return this.refuse('PIR0714', '/tier', 'a tier is a text')
    if (this.vocabulary.tiers.includes(value)) return value
    return this.refuse('PIR0403', '/tier', `the vocabulary declares no tier ${quote(value)}`)
  }

  /** @param {unknown} value */
  privacy(value) {
    if (typeof value === 'string' && PRIVACY_LEVELS.includes(value)) return value
    return this.refuse('PIR0713', '/privacy', 'it is `standard`, `no_log` or `tee_required`')
  }

  /** @param {unknown} value */
  fields(value) {
    /** @type {Map<string, FieldValue>} */
    const fields = new Map()
    if (!isObject(value)) {
      this.refuse('PIR0714', '/fields', 'fields are an object')
      return fields
    }
    for (const [name, given] of membersOf(value)) {
      const read = this.field(name, given)
      if (read !== undefined) fields.set(name, read)
    }
    return fields
  }

  /**
   * @param {string} name
   * @param {unknown} given
   * @returns {FieldValue | undefined}
   */
  field(name, given) {
    const at = `/fields${step(name)}`
    const field = this.vocabulary.fields.get(name)
    if (field?.source !== 'request') return this.refuse('PIR0715', at, `${quote(name)} is no field of the request`)
    if (given === null) return undefined
    const read = readFieldValue(given, field)
    if ('value' in read) return read.value
    for (const { fault, path, message } of read.faults) {
      this.refuse(VALUE_CODES[fault], at + path.map(step).join(''), message)
    }
    return undefined
  }

  /**
   * @param {string} code
   * @param {string} at
   * @param {string} message
   * @returns {undefined}
   */
  refuse(code, at, message) {
    this.findings.push(finding(code, at, message))
    return undefined
  }
}
