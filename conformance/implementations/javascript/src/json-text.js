import { refuse } from './refused.js'
import { isWellFormed, quote, step } from './text.js'

/**
 * A reader of JSON texts: chapter Syntax, section JSON. It stops at the first thing that is wrong. It does not recurse.
 */

/** The most open brackets and braces in the text of a term: `json/nesting`. */
export const NESTING = 66

const SPACE = /[ \t\n\r]*/y
const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y
const PLAIN = /[^"\\\u0000-\u001f]*/y
// How far a number that is malformed, and a word, reaches.
const NUMBER_RUN = /[-+.A-Za-z0-9_]*/y
const WORD_RUN = /[A-Za-z0-9_]+/y
const NOT_FINITE = /^[-+]?(?:nan|inf|infinity)$/i
const PAST_COMMENTS = /(?:[ \t\n\r]+|\/\/[^\n\r]*|#[^\n\r]*|\/\*[^]*?\*\/)*/y
const INDEX = /^(?:0|[1-9][0-9]*)$/
const ESCAPED = new Map([
  ['"', '"'],
  ['\\', '\\'],
  ['/', '/'],
  ['b', '\b'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
])

/** The written order of the keys of records that an engine would order otherwise. */
const WRITTEN_ORDER = new WeakMap()

/**
 * The keys of a record in the order in which they were written. An engine puts keys that look like indices first; the
 * reader here remembers where they stood.
 *
 * @param {object} record
 * @returns {string[]}
 */
export function keysOf(record) {
  return WRITTEN_ORDER.get(record) ?? Object.keys(record)
}

/**
 * Makes a record of keys and values, whatever the keys are: `__proto__` is a key like any other.
 *
 * @param {Iterable<readonly [string, any]>} entries of distinct keys, in their order
 * @returns {Record<string, any>}
 */
export function recordOf(entries) {
  /** @type {Record<string, any>} */
  const record = {}
  const keys = []
  let disturbed = false
  for (const [key, value] of entries) {
    put(record, key, value)
    keys.push(key)
    disturbed ||= INDEX.test(key)
  }
  if (disturbed) WRITTEN_ORDER.set(record, keys)
  return record
}

/**
 * @param {Record<string, any>} record
 * @param {string} key
 * @param {any} value
 */
function put(record, key, value) {
  if (key !== '__proto__') record[key] = value
  else Object.defineProperty(record, key, { value, writable: true, enumerable: true, configurable: true })
}

/**
 * Reads one JSON value.
 *
 * @param {string} text
 * @param {object} [options]
 * @param {boolean} [options.nulls] whether null may stand
 * @param {number} [options.nesting] the most open brackets and braces
 * @param {boolean} [options.lenient] reads what messages carry: any nesting, lone surrogates, null, numbers beyond
 *   binary64 (a BigInt if written as an integer, else an infinity or 0), and of equal keys the last
 * @returns {any} lists, records, strings, numbers, booleans, and null where it may stand
 * @throws {import('./refused.js').Refused} PIR0101 to PIR0117 and PIR0310
 */
export function readJson(text, { nulls = false, nesting = NESTING, lenient = false } = {}) {
  const reader = new Reader(text, nulls || lenient, lenient ? Infinity : nesting, lenient)
  return reader.read()
}

/** What the reader waits for. */
const VALUE = 0
const FIRST_ITEM = 1
const ITEM = 2
const AFTER_ITEM = 3
const FIRST_KEY = 4
const KEY = 5
const COLON = 6
const MEMBER = 7
const AFTER_MEMBER = 8
const END = 9

class Reader {
  /**
   * @param {string} text
   * @param {boolean} nulls
   * @param {number} nesting
   * @param {boolean} lenient
   */
  constructor(text, nulls, nesting, lenient) {
    this.text = text
    this.nulls = nulls
    this.nesting = nesting
    this.lenient = lenient
    this.at = 0
    /** @type {{list: any[] | null, record: Map<string, any> | null, key: string}[]} */
    this.open = []
    this.comma = -1
    /** @type {any} the value of the last token */
    this.value = undefined
  }

  read() {
    const { text, open } = this
    let state = VALUE
    let whole
    for (;;) {
      SPACE.lastIndex = this.at
      this.at += SPACE.exec(text)[0].length
      if (state === END) {
        if (this.at < text.length) this.afterValue()
        return whole
      }
      if (this.at >= text.length) {
        if (open.length === 0) this.fail('PIR0005', 'the source is empty')
        this.fail('PIR0103', `a ${this.opener()} is not closed at the end of the text`)
      }
      const start = this.at
      const token = this.token()
      let value
      let finished = false
      switch (token) {
        case '[':
        case '{':
          this.mayBegin(state, start)
          if (open.length >= this.nesting) {
            refuse('PIR0310', this.pointer(), `more than ${this.nesting} brackets are open`)
          }
          open.push(token === '[' ? { list: [], record: null, key: '' } : { list: null, record: new Map(), key: '' })
          state = token === '[' ? FIRST_ITEM : FIRST_KEY
          break
        case ']':
        case '}': {
          this.mayClose(token, state, start)
          const closed = open.pop()
          value = closed.list ?? recordOf(closed.record)
          finished = true
          break
        }
        case ',':
          if (state === AFTER_ITEM) state = ITEM
          else if (state === AFTER_MEMBER) state = KEY
          else this.failAt(start, 'PIR0102', 'a comma cannot stand here')
          this.comma = start
          break
        case ':':
          if (state !== COLON) this.failAt(start, 'PIR0102', 'a colon cannot stand here')
          state = MEMBER
          break
        case 'string':
          if (state === FIRST_KEY || state === KEY) {
            const top = open[open.length - 1]
            if (top.record.has(this.value) && !this.lenient) {
              this.failAt(start, 'PIR0114', `the key ${quote(this.value)} stands twice in its record`)
            }
            top.key = this.value
            state = COLON
            break
          }
          this.mayBegin(state, start)
          value = this.value
          finished = true
          break
        default:
          this.mayBegin(state, start)
          if (token === 'null' && !this.nulls) this.failAt(start, 'PIR0115', '`null` is no value; leave it out')
          value = this.value
          finished = true
      }
      if (!finished) continue
      if (open.length === 0) {
        whole = value
        state = END
        continue
      }
      const top = open[open.length - 1]
      if (top.list !== null) {
        top.list.push(value)
        state = AFTER_ITEM
      } else {
        top.record.set(top.key, value)
        state = AFTER_MEMBER
      }
    }
  }

  /**
   * Reads one token; leaves its value in `this.value`.
   *
   * @returns {string} a structural character, or `string`, `number`, `boolean`, `null`
   */
  token() {
    const { text } = this
    const char = text[this.at]
    switch (char) {
      case '[':
      case ']':
      case '{':
      case '}':
      case ',':
      case ':':
        this.at++
        return char
      case '"':
        this.value = this.string()
        return 'string'
      case "'":
        return this.fail('PIR0117', 'strings stand in double quotes')
      case '#':
        return this.comment()
      case '/':
        if (text[this.at + 1] === '/' || text[this.at + 1] === '*') return this.comment()
        break
    }
    if ((char >= '0' && char <= '9') || char === '-' || char === '+' || char === '.') return this.number()
    WORD_RUN.lastIndex = this.at
    const word = WORD_RUN.exec(text)?.[0]
    if (word === 'true' || word === 'false' || word === 'null') {
      this.at += word.length
      this.value = word === 'null' ? null : word === 'true'
      return word === 'null' ? 'null' : 'boolean'
    }
    if (word !== undefined && NOT_FINITE.test(word)) return this.fail('PIR0112', `${quote(word)} is no number`)
    return this.fail(
      'PIR0101',
      `${quote(word ?? String.fromCodePoint(text.codePointAt(this.at)))} starts no token of JSON`,
    )
  }

  number() {
    const { text } = this
    NUMBER.lastIndex = this.at
    const written = NUMBER.exec(text)?.[0] ?? ''
    NUMBER_RUN.lastIndex = this.at
    const run = NUMBER_RUN.exec(text)[0]
    if (run !== written) {
      if (NOT_FINITE.test(run)) return this.fail('PIR0112', `${quote(run)} is no number`)
      return this.fail('PIR0109', `${quote(run)} is not how JSON writes a number`)
    }
    const value = Number(written)
    if (!Number.isFinite(value)) {
      if (!this.lenient) return this.fail('PIR0110', `${quote(written)} is too large for a binary64`)
      this.value = /[.eE]/.test(written) ? value : BigInt(written)
    } else {
      if (value === 0 && !this.lenient && /[1-9]/.test(written.replace(/[eE].*/, ''))) {
        return this.fail('PIR0111', `${quote(written)} is too small for a binary64`)
      }
      this.value = value === 0 && !this.lenient ? 0 : value
    }
    this.at += written.length
    return 'number'
  }

  string() {
    const { text } = this
    const start = this.at
    let at = start + 1
    PLAIN.lastIndex = at
    const plain = PLAIN.exec(text)[0]
    at += plain.length
    if (text[at] === '"' && (this.lenient || isWellFormed(plain))) {
      this.at = at + 1
      return plain
    }
    this.mustEnd(start)
    at = start + 1
    let value = ''
    // Whether what came before is a high surrogate that waits for its half, and how it was written.
    let high = 0
    const lone = () => this.fail('PIR0113', 'a surrogate that is not half of a pair')
    for (;;) {
      const char = text[at]
      const unit = text.charCodeAt(at)
      if (char !== '\\') {
        if (high !== 0) lone()
        if (char === '"') break
        if (unit < 0x20) this.fail('PIR0108', 'a control character in a string; escape it')
        if (unit >= 0xd800 && unit < 0xe000 && !this.lenient) {
          if (isLone(text, at)) lone()
          value += char + text[++at]
        } else value += char
        at++
        continue
      }
      const letter = text[at + 1]
      if (letter !== 'u') {
        if (high !== 0) lone()
        const meant = ESCAPED.get(letter)
        if (meant === undefined) this.fail('PIR0108', `${quote(text.slice(at, at + 2))} is no escape of JSON`)
        value += meant
        at += 2
        continue
      }
      const digits = text.slice(at + 2, at + 6)
      if (!/^[0-9a-fA-F]{4}$/.test(digits)) {
        if (high !== 0) lone()
        this.fail('PIR0108', `${quote(text.slice(at, at + 6))} is no escape of JSON`)
      }
      const escaped = parseInt(digits, 16)
      at += 6
      value += String.fromCharCode(escaped)
      if (this.lenient) continue
      const trailing = escaped >= 0xdc00 && escaped < 0xe000
      if (high !== 0 ? !trailing : trailing) lone()
      high = escaped >= 0xd800 && escaped < 0xdc00 ? escaped : 0
    }
    this.at = at + 1
    return value
  }

  /**
   * A string without an end is one before anything else is wrong with it.
   *
   * @param {number} start
   */
  mustEnd(start) {
    const { text } = this
    let at = start + 1
    while (at < text.length && text[at] !== '"' && text[at] !== '\n' && text[at] !== '\r') {
      // A backslash takes a quote along, and no line end.
      at += text[at] === '\\' && text[at + 1] !== '\n' && text[at + 1] !== '\r' ? 2 : 1
    }
    if (text[at] !== '"') this.fail('PIR0108', 'a string has no end')
  }

  /**
   * What stands after the value, be it as wrong by itself as it may.
   *
   * @returns {never}
   */
  afterValue() {
    const rest = this.text.slice(this.at, this.at + 2)
    if (rest[0] === '#' || rest === '//' || rest === '/*') return this.comment()
    if (rest[0] === ']' || rest[0] === '}') return this.fail('PIR0104', `${quote(rest[0])} closes nothing`)
    return this.fail('PIR0107', 'something stands after the value; a text is one value')
  }

  /** @returns {never} */
  comment() {
    PAST_COMMENTS.lastIndex = this.at
    const next = this.at + PAST_COMMENTS.exec(this.text)[0].length
    const last = this.lastCharacter()
    if (last === this.comma && last >= 0 && (this.text[next] === ']' || this.text[next] === '}')) {
      this.failAt(last, 'PIR0106', 'a comma before a closing bracket')
    }
    return this.fail('PIR0116', 'JSON has no comments')
  }

  /** The place of the last character before this that is not white space. */
  lastCharacter() {
    let at = this.at - 1
    while (at >= 0 && ' \t\n\r'.includes(this.text[at])) at--
    return at
  }

  /**
   * @param {number} state
   * @param {number} start
   */
  mayBegin(state, start) {
    switch (state) {
      case AFTER_ITEM:
      case AFTER_MEMBER:
        return this.failAt(start, 'PIR0105', 'a comma is missing before this')
      case COLON:
        return this.failAt(start, 'PIR0105', 'a colon is missing before this')
      case FIRST_KEY:
      case KEY:
        return this.failAt(start, 'PIR0102', 'a key is due here, which is a string')
    }
  }

  /**
   * @param {string} closer
   * @param {number} state
   * @param {number} start
   */
  mayClose(closer, state, start) {
    const { open } = this
    const matches = (/** @type {{list: any}} */ { list }) => (list !== null) === (closer === ']')
    if (open.length === 0 || !matches(open[open.length - 1])) {
      if (open.some(matches)) this.failAt(start, 'PIR0103', `a ${this.opener()} is not closed before ${quote(closer)}`)
      this.failAt(start, 'PIR0104', `${quote(closer)} closes nothing`)
    }
    if (state === ITEM || state === KEY) this.failAt(this.comma, 'PIR0106', 'a comma before a closing bracket')
    if (state === COLON) this.failAt(start, 'PIR0102', 'a colon and a value are missing after the key')
    if (state === MEMBER) this.failAt(start, 'PIR0102', 'a value is missing after the colon')
  }

  /** The pointer of the value that is due. */
  pointer() {
    return this.open.map(({ list, key }) => step(list === null ? key : list.length)).join('')
  }

  opener() {
    return this.open[this.open.length - 1].list !== null ? 'bracket' : 'brace'
  }

  /**
   * @param {string} code
   * @param {string} message
   * @returns {never}
   */
  fail(code, message) {
    return this.failAt(this.at, code, message)
  }

  /**
   * @param {number} at
   * @param {string} code
   * @param {string} message
   * @returns {never}
   */
  failAt(at, code, message) {
    const lines = this.text.slice(0, at).split(/\r\n|\n|\r/)
    const column = [...lines[lines.length - 1]].length + 1
    return refuse(code, null, `${message} (line ${lines.length}, column ${column})`)
  }
}

/**
 * Whether the code unit at a place is a surrogate that is not half of a pair.
 *
 * @param {string} text
 * @param {number} at
 */
function isLone(text, at) {
  const unit = text.charCodeAt(at)
  if (unit < 0xd800 || unit >= 0xe000) return false
  if (unit >= 0xdc00) return true
  const next = text.charCodeAt(at + 1)
  return !(next >= 0xdc00 && next < 0xe000)
}
