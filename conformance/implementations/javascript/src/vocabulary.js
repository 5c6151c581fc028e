import { fingerprint } from './canonical.js'
import { isForbidden } from './forbidden.js'
import { keysOf, readJson } from './json-text.js'
import { finding, refuse, refuseAll } from './refused.js'
import { sourceText } from './source.js'
import { compareText, isWellFormed, quote, step, utf8Length } from './text.js'
import { CANDIDATE_KEYS, CORE, DERIVED, STANDARD } from './vocabulary-tables.js'

/**
 * Vocabularies: chapter Vocabulary.
 *
 * @typedef {import('./vocabulary-tables.js').Field} Field
 * @typedef {import('./vocabulary-tables.js').Param} Param
 * @typedef {import('./refused.js').Finding} Finding
 *
 * @typedef {object} Declared
 * @property {string} name what messages call it
 * @property {ReadonlyMap<string, Field>} fields
 * @property {readonly string[]} tiers lowest first
 * @property {ReadonlyMap<string, Param>} params
 * @property {ReadonlyMap<string, string>} needs to the capability that answers each
 * @property {ReadonlySet<string>} recipes names of filter steps
 * @property {ReadonlyMap<string, string>} customs to the version of each
 */

const TEXT_BYTES = 256
const ENTRIES = 1024
const FIELD_SORTS = ['num', 'bool', 'tag', 'tags']
const FIELD_SOURCES = ['catalogue', 'state', 'request', 'derived']
const PARAM_SORTS = ['number', 'integer', 'string', 'boolean']
const FILE_KEYS = ['vocabulary', 'name', 'extends', 'about', 'fields', 'tiers', 'params', 'needs', 'recipes', 'customs']
const FIELD_KEYS = ['sort', 'default', 'unit', 'source', 'minimum', 'maximum', 'about']
const PARAM_KEYS = ['sort', 'minimum', 'maximum', 'choices', 'about']

/** @type {Map<string, Vocabulary>} */
const SHIPPED = new Map()

/** What policies can speak of. */
export class Vocabulary {
  /** @param {Declared} declared */
  constructor(declared) {
    this.name = declared.name
    this.fields = declared.fields
    this.tiers = declared.tiers
    this.params = declared.params
    this.needs = declared.needs
    this.recipes = declared.recipes
    this.customs = declared.customs
    this.fingerprint = fingerprint('vocabulary/1', recordOfVocabulary(declared), { scores: true })
    Object.freeze(this)
  }
}

/**
 * A shipped vocabulary, or one from a file.
 *
 * @param {string | object} given `core`, `standard`, or the decoded JSON of a vocabulary file
 * @returns {Vocabulary}
 * @throws {import('./refused.js').Refused} PIR0701 to PIR0706
 */
export function vocabulary(given) {
  if (typeof given !== 'string') return new FileReader(given).read()
  return shipped(given) ?? refuse('PIR0702', null, `there is no vocabulary ${quote(given)}; it is \`core\` or \`standard\``)
}

/**
 * A vocabulary from the text of a JSON file.
 *
 * @param {string | Uint8Array} source
 * @returns {Vocabulary}
 * @throws {import('./refused.js').Refused}
 */
export function readVocabulary(source) {
  return new FileReader(readJson(sourceText(source), { nulls: true })).read()
}

/**
 * @param {string} name
 * @returns {Vocabulary | undefined}
 */
function shipped(name) {
  let made = SHIPPED.get(name)
  if (made === undefined && (name === 'core' || name === 'standard')) {
    const added = name === 'core' ? { fields: [], needs: [], recipes: [] } : STANDARD
    made = new Vocabulary({
      name,
      fields: new Map([...CORE.fields, ...added.fields]),
      tiers: CORE.tiers,
      params: new Map(CORE.params),
      needs: new Map([...CORE.needs, ...added.needs]),
      recipes: new Set([...CORE.recipes, ...added.recipes]),
      customs: new Map(),
    })
    SHIPPED.set(name, made)
  }
  return made
}

/** @param {Declared} declared */
function recordOfVocabulary({ fields, tiers, params, needs, recipes, customs }) {
  const pairs = (/** @type {ReadonlyMap<string, any>} */ map) => [...map].sort(([a], [b]) => compareText(a, b))
  const sortedChoices = (/** @type {Param} */ param) =>
    param.choices === undefined ? param : { ...param, choices: [...param.choices].sort(compareText) }
  return {
    fields: pairs(fields),
    tiers,
    params: pairs(params).map(([name, param]) => [name, sortedChoices(param)]),
    needs: pairs(needs),
    recipes: [...recipes].sort(compareText),
    customs: pairs(customs),
  }
}

/** Reads the decoded JSON of a vocabulary file; everything that is wrong is found, in the order of the file. */
class FileReader {
  /** @param {any} file */
  constructor(file) {
    this.file = file
    /** @type {Finding[]} */
    this.findings = []
  }

  /** @returns {Vocabulary} */
  read() {
    const { file } = this
    if (!isRecord(file)) refuse('PIR0701', '', 'a vocabulary file is an object')
    this.onlyKeys(file, '', FILE_KEYS, (key) => key === '$schema' || key.startsWith('x-'))
    if (!has(file, 'vocabulary')) this.shape('', 'the key `vocabulary`, the version of the format, is missing')
    else if (file.vocabulary !== 1) this.shape('/vocabulary', 'the version of the format is 1')
    const name = this.required(file, '', 'name', (value, pointer) => this.name(value, pointer))
    if (name === 'core' || name === 'standard') this.find('PIR0703', '/name', `${quote(name)} is a shipped vocabulary`)
    const base = this.base()
    this.optional(file, '', 'about', (value, pointer) => this.text(value, pointer))
    const fields = new Map(base.fields)
    const params = new Map(base.params)
    const needs = new Map(base.needs)
    const customs = new Map(base.customs)
    this.table('fields', fields, (given, pointer, field) => this.field(given, pointer, field))
    const tiers = this.tiers(base.tiers)
    this.table('params', params, (given, pointer, param) => {
      if (!isForbidden(param)) return this.param(given, pointer)
      this.find('PIR0705', pointer, `no vocabulary can declare the parameter ${quote(param)}`)
      return undefined
    })
    this.table('needs', needs, (given, pointer) => this.name(given, pointer))
    const recipes = this.names(file.recipes, '/recipes', (entry, pointer) => this.name(entry, pointer)) ?? []
    this.table('customs', customs, (given, pointer) => this.name(given, pointer))
    refuseAll(this.inOrder())
    return new Vocabulary({ name, fields, tiers, params, needs, recipes: new Set([...base.recipes, ...recipes]), customs })
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
   * @param {string} pointer
   * @param {string} message
   * @returns {undefined}
   */
  shape(pointer, message) {
    this.find('PIR0701', pointer, message)
    return undefined
  }

  /** The findings in the order of the file. */
  inOrder() {
    if (this.findings.length < 2) return this.findings
    /** @type {Map<string, number>} */
    const places = new Map()
    /** @type {[any, string][]} */
    const waiting = [[this.file, '']]
    while (waiting.length > 0) {
      const [value, pointer] = waiting.pop()
      places.set(pointer, places.size)
      if (typeof value !== 'object' || value === null) continue
      const keys = Array.isArray(value) ? [...value.keys()] : keysOf(value)
      for (const key of [...keys].reverse()) waiting.push([value[key], pointer + step(key)])
    }
    const placeOf = (/** @type {Finding} */ { pointer }) => places.get(pointer) ?? -1
    return this.findings.sort((a, b) => placeOf(a) - placeOf(b))
  }

  /** @returns {Vocabulary} */
  base() {
    const name = this.optional(this.file, '', 'extends', (value, pointer) => this.text(value, pointer))
    const base = shipped(name ?? 'core')
    if (base !== undefined) return base
    this.find('PIR0702', '/extends', `there is no shipped vocabulary ${quote(name)}; it is \`core\` or \`standard\``)
    return shipped('core')
  }

  /**
   * @param {Record<string, any>} record
   * @param {string} pointer
   * @param {string[]} keys
   * @param {(key: string) => boolean} [others]
   */
  onlyKeys(record, pointer, keys, others = () => false) {
    for (const key of keysOf(record)) {
      if (keys.includes(key) || others(key)) continue
      this.shape(pointer + step(key), `there is no key ${quote(key)} here`)
    }
  }

  /**
   * @template T
   * @param {Record<string, any>} record
   * @param {string} pointer
   * @param {string} key
   * @param {(value: any, pointer: string) => T} look
   * @returns {T | undefined}
   */
  optional(record, pointer, key, look) {
    return has(record, key) ? look(record[key], pointer + step(key)) : undefined
  }

  /**
   * @template T
   * @param {Record<string, any>} record
   * @param {string} pointer
   * @param {string} key
   * @param {(value: any, pointer: string) => T} look
   * @returns {T | undefined}
   */
  required(record, pointer, key, look) {
    return has(record, key) ? look(record[key], pointer + step(key)) : this.shape(pointer, `the key \`${key}\` is missing`)
  }

  /**
   * @param {any} value
   * @param {string} pointer
   * @returns {string | undefined}
   */
  text(value, pointer) {
    if (typeof value !== 'string') return this.shape(pointer, 'a text is due here')
    if (!isWellFormed(value)) return this.shape(pointer, 'a text with a lone surrogate')
    if (utf8Length(value) > TEXT_BYTES) return this.shape(pointer, `a text of more than ${TEXT_BYTES} bytes`)
    return value
  }

  /**
   * @param {any} value
   * @param {string} pointer
   * @returns {string | undefined}
   */
  name(value, pointer) {
    const text = this.text(value, pointer)
    return text === '' ? this.shape(pointer, 'a name or version is not empty') : text
  }

  /**
   * @param {any} value
   * @param {string} pointer
   * @returns {number | undefined}
   */
  number(value, pointer) {
    const number = typeof value === 'bigint' ? Number(value) : value
    if (typeof number !== 'number' || !Number.isFinite(number)) return this.shape(pointer, 'a finite number is due here')
    return number === 0 ? 0 : number
  }

  /**
   * @param {any} value
   * @param {string} pointer
   * @param {string[]} words
   * @returns {any}
   */
  oneOf(value, pointer, words) {
    return words.includes(value) ? value : this.shape(pointer, `one of ${words.map(quote).join(', ')} is due here`)
  }

  /**
   * Reads a table of the file into one of the extended vocabulary.
   *
   * @param {string} key
   * @param {Map<string, any>} declared
   * @param {(given: any, pointer: string, name: string) => any} look
   */
  table(key, declared, look) {
    const table = this.file[key]
    if (!has(this.file, key)) return
    if (!isRecord(table)) {
      this.shape(`/${key}`, 'an object is due here')
      return
    }
    const names = keysOf(table).filter((name) => table[name] !== null)
    if (declared.size + names.length > ENTRIES) {
      this.shape(`/${key}`, `more than ${ENTRIES} entries, those of the extended vocabulary included`)
      return
    }
    const before = new Set(declared.keys())
    for (const name of names) {
      const pointer = `/${key}${step(name)}`
      if (this.name(name, pointer) === undefined) continue
      if (before.has(name)) {
        this.find('PIR0703', pointer, `${quote(name)} is declared by the extended vocabulary`)
        continue
      }
      declared.set(name, look(table[name], pointer, name))
    }
  }

  /**
   * A list of texts, no one twice.
   *
   * @param {any} list
   * @param {string} pointer
   * @param {(entry: any, pointer: string) => string | undefined} look
   * @returns {string[] | undefined}
   */
  names(list, pointer, look) {
    if (list === undefined || list === null) return undefined
    if (!Array.isArray(list)) return this.shape(pointer, 'a list is due here')
    if (list.length > ENTRIES) return this.shape(pointer, `more than ${ENTRIES} entries`)
    const seen = new Set()
    list.forEach((entry, i) => {
      const text = look(entry, pointer + step(i))
      if (text === undefined) return
      if (seen.has(text)) this.find('PIR0704', pointer + step(i), `${quote(text)} stands twice in its list`)
      seen.add(text)
    })
    return [...seen]
  }

  /**
   * @param {readonly string[]} base
   * @returns {readonly string[]}
   */
  tiers(base) {
    const before = this.findings.length
    const tiers = this.names(this.file.tiers, '/tiers', (entry, pointer) => this.name(entry, pointer))
    if (tiers === undefined) return base
    const kept = tiers.filter((tier) => base.includes(tier))
    if (this.findings.length === before && (kept.length !== base.length || kept.some((tier, i) => tier !== base[i]))) {
      this.find('PIR0703', '/tiers', `the tiers ${base.map(quote).join(', ')} must all stand here, in this order`)
    }
    return tiers
  }

  /**
   * @param {any} given
   * @param {string} pointer
   * @param {string} name
   * @returns {Field | undefined}
   */
  field(given, pointer, name) {
    if (!isRecord(given)) return this.shape(pointer, 'the declaration of a field is an object')
    const before = this.findings.length
    this.onlyKeys(given, pointer, FIELD_KEYS)
    const sort = this.required(given, pointer, 'sort', (value, at) => this.oneOf(value, at, FIELD_SORTS))
    const source = this.required(given, pointer, 'source', (value, at) => this.oneOf(value, at, FIELD_SOURCES))
    const byDefault = this.optional(given, pointer, 'default', (value, at) => this.default(value, at))
    const unit = this.optional(given, pointer, 'unit', (value, at) => this.text(value, at))
    const minimum = this.optional(given, pointer, 'minimum', (value, at) => this.number(value, at))
    const maximum = this.optional(given, pointer, 'maximum', (value, at) => this.number(value, at))
    this.optional(given, pointer, 'about', (value, at) => this.text(value, at))
    if (this.findings.length > before) return undefined
    if (source === 'derived') this.find('PIR0706', `${pointer}/source`, 'only the language has derived fields')
    else if (DERIVED.has(name)) this.find('PIR0706', pointer, `${quote(name)} is a derived field of the language`)
    const due = sort === 'num' ? 'number' : sort === 'bool' ? 'boolean' : 'undefined'
    if (due !== typeof byDefault && source !== 'derived') {
      if (byDefault === undefined) this.find('PIR0704', pointer, `a \`${sort}\` has a default`)
      else this.find('PIR0704', `${pointer}/default`, due === 'undefined' ? `a \`${sort}\` has no default` : `the default is no \`${sort}\``)
    }
    this.range(minimum, maximum, pointer, sort === 'num')
    if (CANDIDATE_KEYS.has(name) && (sort !== 'tag' || source !== 'catalogue')) {
      this.find('PIR0704', pointer, `${quote(name)} is a key of every candidate, so the field is a \`tag\` of the \`catalogue\``)
    }
    if (name.startsWith('supports_') && sort === 'bool' && source === 'catalogue' && byDefault === true) {
      this.find('PIR0704', `${pointer}/default`, 'the default of a capability is false')
    }
    return defined({ sort, source, default: byDefault, unit, minimum, maximum })
  }

  /**
   * @param {any} value
   * @param {string} pointer
   * @returns {any} whether it is of the sort of its field is another matter
   */
  default(value, pointer) {
    if (value === 'inf') return Infinity
    if (value === '-inf') return -Infinity
    return typeof value === 'number' || typeof value === 'bigint' ? this.number(value, pointer) : value
  }

  /**
   * @param {any} given
   * @param {string} pointer
   * @returns {Param | undefined}
   */
  param(given, pointer) {
    if (!isRecord(given)) return this.shape(pointer, 'the declaration of a parameter is an object')
    const before = this.findings.length
    this.onlyKeys(given, pointer, PARAM_KEYS)
    const sort = this.required(given, pointer, 'sort', (value, at) => this.oneOf(value, at, PARAM_SORTS))
    const minimum = this.optional(given, pointer, 'minimum', (value, at) => this.number(value, at))
    const maximum = this.optional(given, pointer, 'maximum', (value, at) => this.number(value, at))
    const choices = this.names(given.choices, `${pointer}/choices`, (value, at) => this.text(value, at))
    this.optional(given, pointer, 'about', (value, at) => this.text(value, at))
    if (this.findings.length > before) return undefined
    this.range(minimum, maximum, pointer, sort === 'number' || sort === 'integer')
    if (choices !== undefined && sort !== 'string') {
      this.find('PIR0704', `${pointer}/choices`, 'only a `string` has choices')
    } else if (choices?.length === 0) this.find('PIR0704', `${pointer}/choices`, 'choices are one or more')
    return defined({ sort, minimum, maximum, choices })
  }

  /**
   * @param {number | undefined} minimum
   * @param {number | undefined} maximum
   * @param {string} pointer
   * @param {boolean} allowed
   */
  range(minimum, maximum, pointer, allowed) {
    if (!allowed) {
      if (minimum !== undefined) this.find('PIR0704', `${pointer}/minimum`, 'only a number has a range')
      if (maximum !== undefined) this.find('PIR0704', `${pointer}/maximum`, 'only a number has a range')
    } else if (minimum > maximum) this.find('PIR0704', `${pointer}/minimum`, 'the minimum is above the maximum')
  }
}

/** @param {any} value */
function isRecord(value) {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/**
 * Whether a record has a key; null stands for an absent one.
 *
 * @param {Record<string, any>} record
 * @param {string} key
 */
function has(record, key) {
  return Object.hasOwn(record, key) && record[key] !== null && record[key] !== undefined
}

/**
 * @template {object} T
 * @param {T} record
 * @returns {T} without the keys that are undefined
 */
function defined(record) {
  return /** @type {T} */ (Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined)))
}
