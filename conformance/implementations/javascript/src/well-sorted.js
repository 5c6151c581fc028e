import { keysOf } from './json-text.js'
import { finding } from './refused.js'
import { MODEL_KEYS, PROVIDER_KEYS, RELATIONS, SIGNATURE, TERM_SORTS, VERBS } from './signature.js'
import { isWellFormed, quote, step, utf8Length } from './text.js'

/**
 * Well-sorted terms and their bounds: chapter Syntax.
 *
 * @typedef {import('./refused.js').Finding} Finding
 *
 * @typedef {object} Bounds
 * @property {number} depth the greatest depth of a term
 * @property {number} nodes the most nodes of a term
 */

/** Stands in a value for a part that could not be read, and of which nothing is found. */
export const HOLE = Symbol('hole')

/** @type {Bounds} */
export const TERM_BOUNDS = { depth: 64, nodes: 4096 }
const STRING_BYTES = 256
const ENTRIES = 64
export const MOST_FINDINGS = 100

/**
 * What is wrong with a decoded value as a term, in the order of the text: the rules `sort/...` and `bound/...`, and, at
 * the values that are looked at, what JSON forbids.
 *
 * @param {any} value
 * @param {object} [options]
 * @param {string} [options.sort] the sort that is due; any where absent
 * @param {Bounds} [options.bounds]
 * @param {boolean} [options.placed] whether findings are put in order by places in a text: then arguments are looked at
 *   whatever their number is
 * @returns {Finding[]}
 */
export function findingsOf(value, { sort, bounds = TERM_BOUNDS, placed = false } = {}) {
  return examine(value, { sort, bounds, placed }).findings
}

/**
 * What `findingsOf` finds, and how many nodes were looked at.
 *
 * @param {any} value
 * @param {object} options
 * @param {string} [options.sort]
 * @param {Bounds} [options.bounds]
 * @param {boolean} [options.placed]
 * @returns {{findings: Finding[], nodes: number}}
 */
export function examine(value, { sort, bounds = TERM_BOUNDS, placed = false }) {
  const checker = new Checker(bounds, placed)
  const findings = found(checker, () => checker.term(value, sort === 'Pointwise' ? 'Scorer' : sort, 1))
  return { findings, nodes: checker.nodes }
}

/**
 * What is wrong with a decoded value that is no term.
 *
 * @param {any} value
 * @param {number} nesting the most lists and records within each other
 * @returns {Finding[]}
 */
export function findingsOfValue(value, nesting) {
  return found(new Checker(TERM_BOUNDS), (checker) => checker.anything(value, nesting))
}

/**
 * What is found until there is enough of it.
 *
 * @template {Checker} C
 * @param {C} checker
 * @param {(checker: C) => void} look
 * @returns {Finding[]}
 */
export function found(checker, look) {
  try {
    look(checker)
  } catch (error) {
    if (!(error instanceof Enough)) throw error
  }
  return checker.findings
}

/** Thrown where the rest of an input is not looked at. */
export class Enough extends Error {}

/** Looks at decoded values, each at its path. */
export class Checker {
  /**
   * @param {Bounds} [bounds]
   * @param {boolean} [placed]
   */
  constructor(bounds = TERM_BOUNDS, placed = false) {
    this.bounds = bounds
    this.placed = placed
    this.nodes = 0
    this.tooDeep = false
    /** @type {(string | number)[]} */
    this.path = []
    /** @type {Finding[]} */
    this.findings = []
  }

  /** The pointer of the value that is looked at. */
  pointer() {
    return this.path.map(step).join('')
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
    const pointer = this.pointer() + (key === undefined ? '' : step(key))
    this.findings.push(finding(code, pointer, message, found, expected))
    if (this.findings.length >= MOST_FINDINGS) throw new Enough()
  }

  /**
   * @param {any} value
   * @param {string | undefined} due
   * @param {number} depth
   */
  term(value, due, depth) {
    if (!this.lawful(value)) return
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
      if (isWellFormed(value[0])) this.find('PIR0202', `there is no operation ${quote(value[0])}`, { key: 0 })
      else this.find('PIR0113', 'a surrogate that is not half of a pair', { key: 0 })
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
      this.find('PIR0204', `${quote(value[0])} has the wrong number of arguments`, {
        found: `${count}`,
        expected: takes,
      })
      if (!this.placed) {
        this.loose(value, depth)
        return
      }
    }
    for (let i = 1; i <= count; i++) {
      const sort = variadic ? args[0] : args[i - 1]
      if (sort === undefined) {
        this.loose(value, depth, i)
        return
      }
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
   * Whether a value by itself is one that JSON has, and not null.
   *
   * @param {any} value
   * @returns {boolean}
   */
  lawful(value) {
    if (value === HOLE) return false
    switch (typeof value) {
      case 'boolean':
        return true
      case 'string':
        return this.wellFormed(value)
      case 'number':
        if (!Number.isFinite(value)) this.find('PIR0112', `\`${value}\` is no number`)
        return Number.isFinite(value)
      case 'bigint':
        if (Number.isFinite(Number(value))) return true
        this.find('PIR0110', 'an integer too large for a binary64')
        return false
      case 'object':
        if (value === null) {
          this.find('PIR0115', '`null` is no value; leave it out')
          return false
        }
        if (Array.isArray(value)) return true
        if (isPlain(value)) {
          if (Object.getOwnPropertySymbols(value).length === 0) return true
          this.find('PIR0214', 'a key of a record is a string')
          return false
        }
    }
    this.find('PIR0214', `${typeof value === 'object' ? 'an object of a class' : typeof value} is no JSON value`)
    return false
  }

  /** @param {string} text */
  wellFormed(text) {
    if (isWellFormed(text)) return true
    this.find('PIR0113', 'a surrogate that is not half of a pair')
    return false
  }

  /**
   * Looks at a value that is no term.
   *
   * @param {any} value
   * @param {number} levels how many lists and records may be within each other from here on
   */
  anything(value, levels) {
    if (!this.lawful(value) || typeof value !== 'object') return
    if (levels === 0) {
      this.find('PIR0310', 'lists and records within each other beyond the bound')
      throw new Enough()
    }
    if (Array.isArray(value)) this.each(value, (entry) => this.anything(entry, levels - 1))
    else {
      for (const key of keysOf(value)) {
        if (this.wellFormed(key)) this.at(key, () => this.anything(value[key], levels - 1))
      }
    }
  }

  /**
   * @param {any} value
   * @param {string} sort
   */
  parameter(value, sort) {
    if (!this.lawful(value)) return
    switch (sort) {
      case 'Num':
      case 'Count':
        this.number(value)
        return
      case 'Rel':
        this.word(value, RELATIONS, 'PIR0206', 'relation')
        return
      case 'Scalar':
        if (typeof value === 'string') this.withinBytes(value)
        else if (!isNumber(value) && typeof value !== 'boolean') this.type(value, 'a number, a string or a boolean')
        return
      case 'Names':
        if (!this.list(value, 'a list of strings')) return
        if (value.length === 0) this.find('PIR0210', 'the list has no entries; it needs one')
        this.each(value, (entry) => this.lawful(entry) && this.string(entry))
        return
      case 'Recipe':
        if (!this.list(value, 'a list')) return
        this.each(value, (entry) => this.lawful(entry) && this.filterStep(entry))
        return
      case 'Chain':
        if (!this.list(value, 'a list')) return
        this.each(value, (entry) => this.lawful(entry) && this.chainEntry(entry))
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
   * @param {(key: string, value: any) => void} look at each member that JSON allows, at its path
   */
  eachMember(record, look) {
    // What JSON forbids in a record comes before anything else about its members.
    const lawful = keysOf(record).filter((key) => this.wellFormed(key) && this.at(key, () => this.lawful(record[key])))
    for (const key of lawful) this.at(key, () => look(key, record[key]))
  }

  /**
   * @template T
   * @param {string} key
   * @param {() => T} look at the member of that key
   * @returns {T}
   */
  at(key, look) {
    this.path.push(key)
    const seen = look()
    this.path.pop()
    return seen
  }

  /** @param {any} value */
  number(value) {
    if (!isNumber(value)) this.type(value, 'a number')
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
      this.withinBytes(key)
      switch (key) {
        case 'action':
        case 'then_action':
          this.word(value, VERBS, 'PIR0207', 'action')
          return
        case 'backoff_ms':
          if (!Array.isArray(value)) {
            if (!isNumber(value)) this.type(value, 'a number or a list of numbers')
          } else if (this.withinEntries(value.length)) {
            this.each(value, (entry) => this.lawful(entry) && this.number(entry))
          }
          return
        default:
          this.number(value)
      }
    })
    if (!Object.hasOwn(action, 'action')) this.find('PIR0209', 'an action needs the key `action`')
  }
}

/** @param {any} value */
export function kindOf(value) {
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list'
  switch (typeof value) {
    case 'string':
      return `the string ${quote(value)}`
    case 'number':
    case 'bigint':
      return `the number ${value}`
    case 'boolean':
      return `\`${value}\``
    default:
      return 'a record'
  }
}

/** @param {object} value */
function isPlain(value) {
  const prototype = Object.getPrototypeOf(value)
  return prototype === null || prototype === Object.prototype || Object.getPrototypeOf(prototype) === null
}

/** @param {any} value */
function isNumber(value) {
  return typeof value === 'number' || typeof value === 'bigint'
}
