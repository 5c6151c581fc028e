import { keysOf, NESTING, readJson, recordOf } from './json-text.js'
import { finding, refuse, Refused, refuseAll } from './refused.js'
import { MODEL_KEYS, PROVIDER_KEYS, RELATIONS, SIGNATURE, TERM_SORTS, VERBS } from './signature.js'
import { SOURCE_BYTES, sourceText } from './source.js'
import { isWellFormed, quote, step, utf8Length } from './text.js'

/**
 * Reading: chapter Syntax.
 *
 * @typedef {import('./signature.js').Term} Term
 * @typedef {import('./refused.js').Finding} Finding
 *
 * @typedef {object} Bounds
 * @property {number} depth the greatest depth of a term
 * @property {number} nodes the most nodes of a term
 */

/** @type {Bounds} */
export const TERM_BOUNDS = { depth: 64, nodes: 4096 }
const STRING_BYTES = 256
const ENTRIES = 64
const MOST_FINDINGS = 100

/**
 * Reads a term from a text in the wire syntax, which is JSON.
 *
 * @param {string | Uint8Array} source
 * @param {object} [options]
 * @param {string} [options.sort] the sort that is due; any where absent
 * @returns {Term}
 * @throws {Refused}
 */
export function readWire(source, { sort } = {}) {
  const value = readJson(sourceText(source))
  refuseAll(findingsOf(value, { sort }))
  return value
}

/**
 * Loads a term from decoded JSON values: lists, plain objects, strings, booleans, numbers and BigInts. The term shares
 * nothing with the value.
 *
 * @param {unknown} value
 * @param {object} [options]
 * @param {string} [options.sort] the sort that is due; any where absent
 * @returns {Term}
 * @throws {Refused}
 */
export function load(value, { sort } = {}) {
  const copy = new Loader({ nesting: NESTING, size: SOURCE_BYTES }).load(value)
  refuseAll(findingsOf(copy, { sort }))
  return copy
}

/**
 * A copy of decoded JSON values in which every number is a binary64, and no zero is negative.
 *
 * @param {unknown} value
 * @param {object} [options]
 * @param {number} [options.nesting] the most lists and records within each other
 * @returns {any}
 * @throws {Refused} for null, numbers that are not finite, lone surrogates, and what is no JSON
 */
export function loadValue(value, { nesting = NESTING } = {}) {
  return new Loader({ nesting, size: Infinity }).load(value)
}

/**
 * What is wrong with a JSON value as a term: the rules `sort/...` and `bound/...`, in the order of the text.
 *
 * @param {any} value lists, records, well-formed strings, finite numbers, booleans
 * @param {object} [options]
 * @param {string} [options.sort] the sort that is due; any where absent
 * @param {Bounds} [options.bounds]
 * @returns {Finding[]}
 */
export function findingsOf(value, { sort, bounds = TERM_BOUNDS } = {}) {
  const checker = new Checker(bounds)
  try {
    checker.term(value, sort === 'Pointwise' ? 'Scorer' : sort, 1)
  } catch (error) {
    if (!(error instanceof Enough)) throw error
  }
  return checker.findings
}

/** Thrown where the rest of an input is not looked at. */
class Enough extends Error {}

class Checker {
  /** @param {Bounds} bounds */
  constructor(bounds) {
    this.bounds = bounds
    this.nodes = 0
    this.tooDeep = false
    /** @type {(string | number)[]} */
    this.path = []
    /** @type {Finding[]} */
    this.findings = []
  }

  /**
   * @param {string} code
   * @param {string} message
   * @param {object} [more]
   * @param {string | number} [more.key] the member that it is about, of the value at the path
   * @param {string} [more.found]
   * @param {string} [more.expected]
   */
  find(code, message, { key, found, expected } = {}) {
    const pointer = this.path.map(step).join('') + (key === undefined ? '' : step(key))
    this.findings.push(finding(code, pointer, message, found, expected))
    if (this.findings.length >= MOST_FINDINGS) throw new Enough()
  }

  /**
   * @param {any} value
   * @param {string | undefined} due
   * @param {number} depth
   */
  term(value, due, depth) {
    if (!Array.isArray(value) || typeof value[0] !== 'string') {
      this.find('PIR0201', 'a term is a list with the name of an operation at its head', {
        found: kindOf(value),
        expected: due === undefined ? 'a term' : `a ${due}`,
      })
      if (Array.isArray(value)) this.loose(value, depth, 0)
      return
    }
    this.nodes++
    if (this.nodes > this.bounds.nodes) {
      this.find('PIR0302', `the term has more than ${this.bounds.nodes} nodes`)
      throw new Enough()
    }
    if (depth > this.bounds.depth) {
      if (!this.tooDeep) this.find('PIR0301', `the term is deeper than ${this.bounds.depth}`)
      this.tooDeep = true
      return
    }
    const operation = SIGNATURE.get(value[0])
    if (operation === undefined) {
      this.find('PIR0202', `there is no operation ${quote(value[0])}`, { key: 0 })
      this.loose(value, depth)
      return
    }
    if (due !== undefined && operation.sort !== due) {
      this.find('PIR0203', `${quote(value[0])} is of another sort than is due here`, {
        found: `a ${operation.sort}`,
        expected: `a ${due}`,
      })
    }
    const { args, variadic } = operation
    const count = value.length - 1
    if (variadic ? count < 1 : count !== args.length) {
      const takes = variadic ? 'one argument or more' : args.length === 1 ? 'one argument' : `${args.length} arguments`
      this.find('PIR0204', `${quote(value[0])} has the wrong number of arguments`, { found: `${count}`, expected: takes })
      this.loose(value, depth)
      return
    }
    for (let i = 1; i <= count; i++) {
      const sort = variadic ? args[0] : args[i - 1]
      this.path.push(i)
      if (TERM_SORTS.has(sort)) this.term(value[i], sort === 'Pointwise' ? 'Scorer' : sort, depth + 1)
      else this.parameter(value[i], sort)
      this.path.pop()
    }
  }

  /**
   * Looks at the entries of a list where no operation says what they are.
   *
   * @param {any[]} list
   * @param {number} depth
   * @param {number} [from] the first entry to look at
   */
  loose(list, depth, from = 1) {
    for (let i = from; i < list.length; i++) {
      const argument = list[i]
      if (!Array.isArray(argument) || typeof argument[0] !== 'string' || !SIGNATURE.has(argument[0])) continue
      this.path.push(i)
      this.term(argument, undefined, depth + 1)
      this.path.pop()
    }
  }

  /**
   * @param {any} value
   * @param {string} sort
   */
  parameter(value, sort) {
    switch (sort) {
      case 'Num':
      case 'Count':
        this.number(value)
        return
      case 'Rel':
        this.word(value, RELATIONS, 'PIR0206', 'relation')
        return
      case 'Scalar':
        if (typeof value === 'string') this.string(value)
        else if (typeof value !== 'number' && typeof value !== 'boolean') this.type(value, 'a number, a string or a boolean')
        return
      case 'Names':
        if (!this.list(value, 'a list of strings')) return
        if (value.length === 0) this.find('PIR0210', 'the list has no entries; it needs one')
        this.each(value, (entry) => this.string(entry))
        return
      case 'Recipe':
        if (!this.list(value, 'a list')) return
        this.each(value, (entry) => this.filterStep(entry))
        return
      case 'Chain':
        if (!this.list(value, 'a list')) return
        this.each(value, (entry) => this.chainEntry(entry))
        return
      case 'Action':
        this.action(value)
        return
      default:
        this.string(value)
    }
  }

  /**
   * @param {any[]} list
   * @param {(entry: any) => void} look
   */
  each(list, look) {
    for (let i = 0; i < list.length; i++) {
      this.path.push(i)
      look(list[i])
      this.path.pop()
    }
  }

  /**
   * @param {any} record
   * @param {(key: string, value: any) => void} look at the path of the member
   */
  eachMember(record, look) {
    for (const key of keysOf(record)) {
      this.path.push(key)
      look(key, record[key])
      this.path.pop()
    }
  }

  /** @param {any} value */
  number(value) {
    if (typeof value !== 'number') this.type(value, 'a number')
  }

  /**
   * @param {any} value
   * @returns {boolean} whether it is a string within its bound
   */
  string(value) {
    if (typeof value === 'string') return this.withinBytes(value)
    this.type(value, 'a string')
    return false
  }

  /**
   * Looks at a word that the language itself has; how long another one is does not matter.
   *
   * @param {any} value
   * @param {Set<string>} words
   * @param {string} code
   * @param {string} what
   */
  word(value, words, code, what) {
    if (typeof value !== 'string') this.type(value, 'a string')
    else if (!words.has(value)) {
      const expected = `one of ${[...words].map(quote).join(', ')}`
      this.find(code, `${quote(value)} is no ${what}`, { found: quote(value), expected })
    }
  }

  /** @param {string} text */
  withinBytes(text) {
    if (text.length * 3 <= STRING_BYTES || utf8Length(text) <= STRING_BYTES) return true
    this.find('PIR0303', `a string of more than ${STRING_BYTES} bytes`)
    return false
  }

  /**
   * @param {any} value
   * @param {string} expected
   * @returns {boolean} whether it is a list within its bound
   */
  list(value, expected) {
    if (!Array.isArray(value)) return this.type(value, expected)
    return this.withinEntries(value.length)
  }

  /**
   * @param {any} value
   * @param {string} expected
   * @returns {boolean} whether it is a record within its bound
   */
  record(value, expected) {
    if (typeof value !== 'object' || Array.isArray(value)) return this.type(value, expected)
    return this.withinEntries(Object.keys(value).length)
  }

  /** @param {number} count */
  withinEntries(count) {
    if (count <= ENTRIES) return true
    this.find('PIR0304', `${count} entries; ${ENTRIES} are the most`)
    return false
  }

  /**
   * @param {any} value
   * @param {string} expected
   * @returns {false}
   */
  type(value, expected) {
    this.find('PIR0205', `${expected} is due here`, { found: kindOf(value), expected })
    return false
  }

  /** @param {any} entry */
  filterStep(entry) {
    if (typeof entry === 'string') {
      this.string(entry)
      return
    }
    if (!this.record(entry, 'a string or a record of numbers')) return
    this.eachMember(entry, (key, value) => {
      this.withinBytes(key)
      this.number(value)
    })
  }

  /** @param {any} entry */
  chainEntry(entry) {
    if (!this.record(entry, 'a record of strings')) return
    this.eachMember(entry, (key, value) => {
      if (PROVIDER_KEYS.includes(key) || MODEL_KEYS.includes(key)) {
        this.string(value)
        return
      }
      this.withinBytes(key)
      this.find('PIR0208', `an entry of a chain has no key ${quote(key)}`)
    })
    const has = (/** @type {string} */ key) => Object.hasOwn(entry, key)
    if (!PROVIDER_KEYS.some(has)) this.find('PIR0209', 'an entry of a chain needs `provider` or `provider_id`')
    if (!MODEL_KEYS.some(has)) this.find('PIR0209', 'an entry of a chain needs `model` or `model_family`')
  }

  /** @param {any} action */
  action(action) {
    if (!this.record(action, 'a record')) return
    this.eachMember(action, (key, value) => {
      switch (key) {
        case 'action':
        case 'then_action':
          this.word(value, VERBS, 'PIR0207', 'action')
          return
        case 'backoff_ms':
          if (!Array.isArray(value)) {
            if (typeof value !== 'number') this.type(value, 'a number or a list of numbers')
          } else if (this.withinEntries(value.length)) this.each(value, (entry) => this.number(entry))
          return
        default:
          this.withinBytes(key)
          this.number(value)
      }
    })
    if (!Object.hasOwn(action, 'action')) this.find('PIR0209', 'an action needs the key `action`')
  }
}

/** @param {any} value */
function kindOf(value) {
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list'
  switch (typeof value) {
    case 'string':
      return `the string ${quote(value)}`
    case 'number':
      return `the number ${value}`
    case 'boolean':
      return `\`${value}\``
    default:
      return 'a record'
  }
}

/** Takes decoded values for what their texts would say. */
class Loader {
  /**
   * @param {object} bounds
   * @param {number} bounds.nesting
   * @param {number} bounds.size the most bytes of the text
   */
  constructor({ nesting, size }) {
    this.nesting = nesting
    this.size = size
    /** @type {(string | number)[]} */
    this.path = []
    /** @type {object[]} */
    this.open = []
    /** @type {Finding[]} */
    this.findings = []
    // The bytes that the shortest text of the value has at least, and at most: the shortest text of a number is worth
    // looking for only where it could matter.
    this.least = 0
    this.most = 0
  }

  /** @param {unknown} value */
  load(value) {
    let copy
    try {
      copy = this.copy(value)
    } catch (error) {
      if (!(error instanceof Enough)) throw error
    }
    if (this.findings.length === 0 && this.most > this.size && shortestText(copy) > this.size) this.tooLarge()
    refuseAll(this.findings)
    return copy
  }

  /** @returns {never} */
  tooLarge() {
    return refuse('PIR0004', null, `the text of this value has more than ${this.size} bytes`)
  }

  /**
   * @param {string} code
   * @param {string} message
   */
  find(code, message) {
    this.findings.push(finding(code, this.path.map(step).join(''), message))
    if (this.findings.length >= MOST_FINDINGS) throw new Enough()
  }

  /**
   * @param {number} least
   * @param {number} [most]
   */
  takes(least, most = least) {
    this.least += least
    this.most += most
    if (this.least > this.size) this.tooLarge()
  }

  /**
   * @param {any} value
   * @returns {any}
   */
  copy(value) {
    switch (typeof value) {
      case 'string':
        this.text(value)
        return value
      case 'boolean':
        this.takes(value ? 4 : 5)
        return value
      case 'number':
        if (!Number.isFinite(value)) this.find('PIR0112', `\`${value}\` is no number`)
        this.takes(1, 25)
        return value === 0 ? 0 : value
      case 'bigint': {
        const number = Number(value)
        if (!Number.isFinite(number)) this.find('PIR0110', 'an integer too large for a binary64')
        this.takes(1, 25)
        return number
      }
      case 'object':
        if (value === null) {
          this.find('PIR0115', '`null` is no value; leave it out')
          return null
        }
        if (Array.isArray(value)) return this.list(value)
        if (isPlain(value)) return this.record(value)
    }
    this.find('PIR0214', `${typeof value === 'object' ? 'an object of a class' : typeof value} is no JSON value`)
    return undefined
  }

  /** @param {object} container */
  enter(container) {
    if (this.open.length >= this.nesting) {
      if (this.open.includes(container) || new Set(this.open).size < this.open.length) {
        this.path.length = TERM_BOUNDS.depth
        this.find('PIR0301', 'the value contains itself')
      } else this.find('PIR0310', `more than ${this.nesting} brackets are open`)
      throw new Enough()
    }
    this.open.push(container)
  }

  /** @param {any[]} list */
  list(list) {
    this.enter(list)
    this.takes(list.length === 0 ? 2 : 1 + list.length)
    const copy = new Array(list.length)
    for (let i = 0; i < list.length; i++) {
      this.path.push(i)
      copy[i] = this.copy(list[i])
      this.path.pop()
    }
    this.open.pop()
    return copy
  }

  /** @param {Record<string, any>} record */
  record(record) {
    this.enter(record)
    if (Object.getOwnPropertySymbols(record).length > 0) this.find('PIR0214', 'a key of a record is a string')
    /** @type {[string, any][]} */
    const entries = []
    for (const key of keysOf(record)) {
      this.path.push(key)
      this.text(key)
      entries.push([key, this.copy(record[key])])
      this.path.pop()
    }
    this.takes(entries.length === 0 ? 2 : 1 + 2 * entries.length)
    this.open.pop()
    return recordOf(entries)
  }

  /** @param {string} text */
  text(text) {
    if (!isWellFormed(text)) this.find('PIR0113', 'a surrogate that is not half of a pair')
    this.takes(writtenLength(text))
  }
}

/** @param {object} value */
function isPlain(value) {
  const prototype = Object.getPrototypeOf(value)
  return prototype === null || prototype === Object.prototype || Object.getPrototypeOf(prototype) === null
}

/**
 * The bytes of the shortest JSON string for a text.
 *
 * @param {string} text
 */
function writtenLength(text) {
  let bytes = utf8Length(text) + 2
  // eslint-disable-next-line no-control-regex
  for (const [char] of text.matchAll(/["\\\u0000-\u001f]/g)) bytes += '"\\\b\t\n\f\r'.includes(char) ? 1 : 5
  return bytes
}

/**
 * The bytes of the shortest JSON text of a value.
 *
 * @param {any} value
 * @returns {number}
 */
function shortestText(value) {
  if (typeof value === 'string') return writtenLength(value)
  if (typeof value === 'boolean') return value ? 4 : 5
  if (typeof value === 'number') return shortestNumber(value)
  if (Array.isArray(value)) {
    return value.reduce((sum, entry) => sum + shortestText(entry), value.length === 0 ? 2 : 1 + value.length)
  }
  const keys = Object.keys(value)
  return keys.reduce(
    (sum, key) => sum + writtenLength(key) + shortestText(value[key]),
    keys.length === 0 ? 2 : 1 + 2 * keys.length,
  )
}

/**
 * The bytes of the shortest JSON number for a value: its shortest digits with the point in the best place.
 *
 * @param {number} value
 */
function shortestNumber(value) {
  if (value === 0) return 1
  const [mantissa, exponent] = Math.abs(value).toExponential().split('e')
  const digits = mantissa.replace('.', '')
  const power = Number(exponent) - (digits.length - 1)
  let best = power >= 0 ? digits.length + power : digits.length <= -power ? 2 - power : digits.length + 1
  for (let point = 0; point <= digits.length; point++) {
    const scale = power + point
    const exponentLength = scale === 0 ? 0 : 1 + String(scale).length
    best = Math.min(best, digits.length + (point > 0 ? 1 : 0) + (point === digits.length ? 1 : 0) + exponentLength)
  }
  return best + (value < 0 ? 1 : 0)
}
