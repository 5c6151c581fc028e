import { isName, isObject, membersOf, readFieldValue, setOf } from './field-values.js'
import { finding, Refused } from './refused.js'
import { quote, step } from './text.js'

/**
 * @typedef {import('./refused.js').Finding} Finding
 * @typedef {import('./vocabulary.js').Vocabulary} Vocabulary
 * @typedef {import('./field-values.js').FieldValue} FieldValue
 */

/**
 * A model as one provider serves it. `tier` and `scope` are undefined where the catalogue has none; the other keys
 * that may be absent have what stands in for them.
 *
 * @typedef {object} Candidate
 * @property {string} id
 * @property {string} provider
 * @property {string} family
 * @property {string} served_model
 * @property {string} served_by
 * @property {string | undefined} tier
 * @property {string | undefined} scope
 * @property {readonly string[]} capabilities
 * @property {ReadonlyMap<string, FieldValue>} fields the observations under `fields`
 */

/** The keys of a candidate whose values are single texts. */
export const TEXT_KEYS = Object.freeze(['id', 'provider', 'family', 'served_model', 'served_by', 'tier', 'scope'])
const KEYS = new Set([...TEXT_KEYS, 'capabilities', 'fields'])

/** The most findings that a catalogue is refused with. */
export const MOST_FINDINGS = 100

const MOST_CANDIDATES = 65536
const CAPABILITY_PREFIX = 'supports_'
const VALUE_CODES = Object.freeze({ sort: 'PIR0605', name: 'PIR0615', range: 'PIR0616' })

/**
 * Reads a list of candidates as in a catalogue file (chapter Catalogue, sections Candidates and Values).
 *
 * @param {unknown} list decoded JSON
 * @param {Vocabulary} vocabulary
 * @param {string} [at] the pointer of the list
 * @returns {Candidate[]}
 */
export function readCandidates(list, vocabulary, at = '') {
  const { candidates, findings } = scanCandidates(list, vocabulary, at)
  if (findings.length > 0) throw new Refused(findings)
  return candidates
}

/**
 * As `readCandidates`, but gives what it found instead of refusing.
 *
 * @param {unknown} list decoded JSON
 * @param {Vocabulary} vocabulary
 * @param {string} at the pointer of the list
 * @returns {{ candidates: Candidate[], findings: Finding[] }}
 */
export function scanCandidates(list, vocabulary, at) {
  if (!Array.isArray(list)) {
    return { candidates: [], findings: [finding('PIR0601', at, 'the candidates are a list')] }
  }
  if (list.length > MOST_CANDIDATES) {
    const message = `a catalogue has at most ${MOST_CANDIDATES} candidates`
    return { candidates: [], findings: [finding('PIR0611', at, message)] }
  }
  /** @type {Finding[]} */
  const findings = []
  /** @type {Candidate[]} */
  const candidates = []
  const seen = new Set()
  for (let i = 0; i < list.length && findings.length < MOST_FINDINGS; i++) {
    const reader = new CandidateReader(vocabulary, `${at}/${i}`, seen)
    candidates.push(reader.read(list[i]))
    findings.push(...reader.findings)
  }
  return { candidates, findings: findings.slice(0, MOST_FINDINGS) }
}

/**
 * Whether a field shows the capability of its name.
 *
 * @param {import('./vocabulary.js').Field} field
 * @param {string} name
 */
export function showsCapability(field, name) {
  return field.sort === 'bool' && field.source === 'catalogue' && name.startsWith(CAPABILITY_PREFIX)
}

/**
 * Whether a value of a field is read as its sort says, with the codes of a catalogue.
 *
 * @param {unknown} value
 * @param {import('./vocabulary.js').Field} field
 * @param {string} pointer
 * @param {Finding[]} findings receives what is wrong
 * @returns {FieldValue | undefined}
 */
export function readObservation(value, field, pointer, findings) {
  const read = readFieldValue(value, field)
  if ('value' in read) return read.value
  for (const { fault, path, message } of read.faults) {
    findings.push(finding(VALUE_CODES[fault], pointer + path.map(step).join(''), message))
  }
  return undefined
}

class CandidateReader {
  /**
   * @param {Vocabulary} vocabulary
   * @param {string} pointer of the candidate
   * @param {Set<string>} seen the ids of the candidates before it
   */
  constructor(vocabulary, pointer, seen) {
    this.vocabulary = vocabulary
    this.pointer = pointer
    this.seen = seen
    /** @type {Finding[]} */
    this.findings = []
  }

  /**
   * @param {unknown} record
   * @returns {Candidate}
   */
  read(record) {
    if (!isObject(record)) {
      this.refuse('PIR0601', '', 'a candidate is an object')
      return incomplete()
    }
    /** @type {Map<string, string>} */
    const texts = new Map()
    /** @type {string[]} */
    let capabilities = []
    /** @type {Map<string, FieldValue>} */
    let fields = new Map()
    for (const [key, value] of membersOf(record)) {
      if (isHostsOwn(key)) continue
      if (!KEYS.has(key)) this.refuse('PIR0601', step(key), `a candidate has no key ${quote(key)}`)
      else if (value === null) continue
      else if (TEXT_KEYS.includes(key)) this.text(key, value, texts)
      else if (key === 'capabilities') capabilities = this.capabilities(value)
      else fields = this.fields(value, capabilitiesOf(record))
    }
    this.required(record)
    return Object.freeze({ ...complete(texts), capabilities: Object.freeze(capabilities), fields })
  }

  /**
   * @param {string} key
   * @param {unknown} value
   * @param {Map<string, string>} texts
   */
  text(key, value, texts) {
    if (!this.name(value, step(key))) return
    if (key === 'id') {
      if (this.seen.has(value)) this.refuse('PIR0603', '/id', `another candidate has the id ${quote(value)}`)
      this.seen.add(value)
    }
    texts.set(key, value)
  }

  /**
   * @param {unknown} value
   * @param {string} at
   * @returns {value is string}
   */
  name(value, at) {
    if (isName(value)) return true
    this.refuse(typeof value === 'string' ? 'PIR0615' : 'PIR0601', at, 'it is a text of 1 to 256 bytes')
    return false
  }

  /** @param {unknown} value */
  capabilities(value) {
    if (!Array.isArray(value)) {
      this.refuse('PIR0601', '/capabilities', 'capabilities are a list')
      return []
    }
    for (const [at, capability] of value.entries()) {
      this.name(capability, `/capabilities/${at}`)
    }
    return setOf(value.filter(isName))
  }

  /**
   * @param {unknown} value
   * @param {ReadonlySet<unknown> | null} capabilities null where they could not be read
   */
  fields(value, capabilities) {
    /** @type {Map<string, FieldValue>} */
    const fields = new Map()
    if (!isObject(value)) {
      this.refuse('PIR0601', '/fields', 'fields are an object')
      return fields
    }
    for (const [name, given] of membersOf(value)) {
      if (given === null) continue
      const read = this.field(name, given, capabilities)
      if (read !== undefined) fields.set(name, read)
    }
    return fields
  }

  /**
   * @param {string} name
   * @param {unknown} given
   * @param {ReadonlySet<unknown> | null} capabilities
   */
  field(name, given, capabilities) {
    const at = `/fields${step(name)}`
    const field = this.vocabulary.fields.get(name)
    if (field === undefined) return this.refuse('PIR0604', at, `the vocabulary declares no field ${quote(name)}`)
    if (TEXT_KEYS.includes(name)) return this.refuse('PIR0612', at, `${quote(name)} is a key of the candidate`)
    if (field.source !== 'catalogue' && field.source !== 'state') {
      return this.refuse('PIR0610', at, `the source of ${quote(name)} is ${field.source}`)
    }
    const read = readObservation(given, field, this.pointer + at, this.findings)
    const shown = capabilities !== null && showsCapability(field, name) ? capabilities.has(name) : read
    if (read !== undefined && read !== shown) {
      return this.refuse('PIR0617', at, `${quote(name)} contradicts the capabilities`)
    }
    return read
  }

  /** @param {Record<string, unknown>} record */
  required(record) {
    const has = (/** @type {string} */ key) => Object.hasOwn(record, key) && record[key] !== null
    for (const key of ['id', 'provider']) {
      if (!has(key)) this.refuse('PIR0606', '', `a candidate has the key ${quote(key)}`)
    }
    if (!has('family') && !has('served_model')) {
      this.refuse('PIR0606', '', 'a candidate has the key `family` or `served_model`')
    }
  }

  /**
   * @param {string} code
   * @param {string} at
   * @param {string} message
   * @returns {undefined}
   */
  refuse(code, at, message) {
    this.findings.push(finding(code, this.pointer + at, message))
    return undefined
  }
}

/**
 * Whether a key of a file is the host's own and ignored.
 *
 * @param {string} key
 */
export function isHostsOwn(key) {
  return key === '$schema' || key.startsWith('x-')
}

/**
 * The capabilities that a value under `fields` could contradict, null where they cannot be told.
 *
 * @param {Record<string, unknown>} record
 */
function capabilitiesOf(record) {
  const given = Object.hasOwn(record, 'capabilities') ? record.capabilities ?? [] : []
  return Array.isArray(given) ? new Set(given) : null
}

/** @param {ReadonlyMap<string, string>} texts */
function complete(texts) {
  const provider = texts.get('provider') ?? ''
  const family = texts.get('family') ?? texts.get('served_model') ?? ''
  return {
    id: texts.get('id') ?? '',
    provider,
    family,
    served_model: texts.get('served_model') ?? family,
    served_by: texts.get('served_by') ?? provider,
    tier: texts.get('tier'),
    scope: texts.get('scope'),
  }
}

/** @returns {Candidate} what stands for a candidate that is refused */
function incomplete() {
  return Object.freeze({ ...complete(new Map()), capabilities: [], fields: new Map() })
}
