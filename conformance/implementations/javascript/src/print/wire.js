import { subtermPlaces, VERBS } from '../signature.js'
import { compareText } from '../text.js'

/**
 * The wire layout: chapter Syntax, section Printing.
 *
 * @typedef {import('../signature.js').Term} Term
 */

const WIDTH = 100
const ACTION_KEYS = ['action', 'attempts', 'backoff_ms', 'then_action', 'open_breaker_ms']
const CHAIN_KEYS = ['provider', 'provider_id', 'model', 'model_family']
const SHORT = new Map([
  ['\\', '\\\\'],
  ['\b', '\\b'],
  ['\f', '\\f'],
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
])
const ESCAPED = new RegExp(
  '[\\\\\\u0000-\\u001f\\u007f-\\u009f\\u00ad\\u061c\\u180e\\u200b-\\u200f\\u2028-\\u202e\\u2060-\\u206f' +
    '\\ufeff\\ufff9-\\ufffb\\u{e0000}-\\u{e007f}]',
  'gu',
)

/**
 * @param {Term} term
 * @param {number} [width]
 * @returns {string} ends with a line feed
 */
export function printWire(term, width = WIDTH) {
  return `${new Writer(width).node(term, 0, 0)}\n`
}

export class Writer {
  /** @param {number} width */
  constructor(width) {
    this.width = width
    /** @type {Map<object, string>} values on one line */
    this.lines = new Map()
  }

  /**
   * @param {Term} term
   * @param {number} indent of the line
   * @param {number} column where it starts, from 0
   * @returns {string}
   */
  node(term, indent, column) {
    const line = this.line(term)
    if (this.fits(line, column)) return line
    const subterms = new Set(subtermPlaces(term))
    const first = term.findIndex((part, place) => subterms.has(place) || typeof part === 'object')
    if (first < 0) return line
    const head = `[${term
      .slice(0, first)
      .map((part) => this.line(part))
      .join(', ')},`
    const inner = indent + 2
    const parts = term.slice(first).map((part, i) => {
      return subterms.has(first + i) ? this.node(part, inner, inner) : this.parameter(part, inner, inner)
    })
    return broken(head, parts, ']', indent)
  }

  /**
   * @param {any} value
   * @param {number} indent
   * @param {number} column
   * @returns {string}
   */
  parameter(value, indent, column) {
    const line = this.line(value)
    if (typeof value !== 'object' || this.fits(line, column)) return line
    const inner = indent + 2
    if (Array.isArray(value)) {
      if (value.length === 0) return line
      return broken(
        '[',
        value.map((entry) => this.parameter(entry, inner, inner)),
        ']',
        indent,
      )
    }
    const keys = orderedKeys(value)
    if (keys.length === 0) return line
    const members = keys.map((key) => {
      const start = `${printString(key)}: `
      return start + this.parameter(value[key], inner, inner + columns(start))
    })
    return broken('{', members, '}', indent)
  }

  /**
   * @param {any} value
   * @returns {string} on one line
   */
  line(value) {
    if (typeof value === 'string') return printString(value)
    if (typeof value === 'number') return printNumber(value)
    if (typeof value !== 'object') return String(value)
    let line = this.lines.get(value)
    if (line === undefined) {
      if (Array.isArray(value)) line = `[${value.map((entry) => this.line(entry)).join(', ')}]`
      else
        line = `{${orderedKeys(value)
          .map((key) => `${printString(key)}: ${this.line(value[key])}`)
          .join(', ')}}`
      this.lines.set(value, line)
    }
    return line
  }

  /**
   * @param {string} line
   * @param {number} column from 0
   */
  fits(line, column) {
    // A character has two code units at most, so what is long needs no count.
    return line.length < 2 * this.width && column + columns(line) < this.width
  }
}

/**
 * @param {string} head
 * @param {readonly string[]} parts
 * @param {string} closing
 * @param {number} indent
 */
export function broken(head, parts, closing, indent) {
  const inner = ' '.repeat(indent + 2)
  return `${head}\n${parts.map((part) => inner + part).join(',\n')}\n${' '.repeat(indent)}${closing}`
}

/**
 * The keys of a record in the order in which they are written: those with a meaning first, the others by code points.
 *
 * @param {Record<string, unknown>} record
 * @returns {string[]}
 */
export function orderedKeys(record) {
  const keys = Object.keys(record)
  const isAction = typeof record.action === 'string' && VERBS.has(record.action)
  const isChain = !isAction && keys.some((key) => typeof record[key] === 'string')
  const first = isAction ? ACTION_KEYS : isChain ? CHAIN_KEYS : []
  const named = first.filter((key) => keys.includes(key))
  return [...named, ...keys.filter((key) => !named.includes(key)).sort(compareText)]
}

/** @param {string} text the number of its code points */
export function columns(text) {
  let count = 0
  for (const _ of text) count++
  return count
}

/**
 * @param {string} text
 * @returns {string} in double quotes
 */
export function printString(text) {
  return `"${escaped(text).replaceAll('"', '\\"')}"`
}

/**
 * A text with everything escaped but its quotes.
 *
 * @param {string} text
 */
export function escaped(text) {
  return text.replace(ESCAPED, (char) => SHORT.get(char) ?? escapedUnits(char))
}

/** @param {string} char one character */
function escapedUnits(char) {
  return char
    .split('')
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('')
}

/**
 * @param {number} value finite
 * @returns {string}
 */
export function printNumber(value) {
  if (Number.isSafeInteger(value)) return String(value)
  const [mantissa, power] = value.toExponential().split('e')
  const exponent = Number(power)
  if (exponent < -4 || exponent > 15) {
    return `${mantissa}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`
  }
  const text = plain(mantissa, exponent)
  return text.includes('.') ? text : `${text}.0`
}

/**
 * A decimal number without exponent.
 *
 * @param {string} mantissa one digit, and perhaps a point and more digits
 * @param {number} exponent
 */
export function plain(mantissa, exponent) {
  const sign = mantissa.startsWith('-') ? '-' : ''
  const digits = mantissa.replace(/[-.]/g, '')
  if (exponent < 0) return `${sign}0.${'0'.repeat(-exponent - 1)}${digits}`
  if (digits.length <= exponent + 1) return sign + digits.padEnd(exponent + 1, '0')
  return `${sign}${digits.slice(0, exponent + 1)}.${digits.slice(exponent + 1)}`
}
