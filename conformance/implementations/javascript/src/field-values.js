import { keysOf } from './json-text.js'
import { compareText, isWellFormed, utf8Length } from './text.js'

/** @typedef {import('./vocabulary.js').Field} Field */

/**
 * A value of a field: a number, a boolean, a text, or a set of texts as a sorted list.
 *
 * @typedef {number | boolean | string | readonly string[]} FieldValue
 */

/**
 * What can be wrong with a value: it is of another sort, it is a text that is no name, or it is out of range.
 *
 * @typedef {{ fault: 'sort' | 'name' | 'range', path: readonly (string | number)[], message: string }} ValueFault
 */

const LONGEST_NAME = 256

/**
 * Whether a value is a text of 1 to 256 UTF-8 bytes.
 *
 * @param {unknown} value
 * @returns {value is string}
 */
export function isName(value) {
  if (typeof value !== 'string' || value === '' || value.length > LONGEST_NAME) return false
  return utf8Length(value) <= LONGEST_NAME && isWellFormed(value)
}

/**
 * @param {unknown} value
 * @returns {value is Record<string, unknown>}
 */
export function isObject(value) {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/**
 * A finite number as the nearest binary64, integers of any size among them, -0 as 0; undefined for anything else.
 *
 * @param {unknown} value
 * @returns {number | undefined}
 */
export function finiteNumber(value) {
  const number = typeof value === 'bigint' ? Number(value) : value
  return typeof number === 'number' && Number.isFinite(number) ? number + 0 : undefined
}

/**
 * The members of a record that are there, in the order in which they were written.
 *
 * @param {Record<string, unknown>} record
 * @returns {[string, unknown][]}
 */
export function membersOf(record) {
  return keysOf(record).map((key) => [key, record[key]])
}

/**
 * The texts as a set: sorted by code points, each once.
 *
 * @param {Iterable<string>} texts
 * @returns {string[]}
 */
export function setOf(texts) {
  return [...new Set(texts)].sort(compareText)
}

/**
 * Reads what a source supplies for a field, by the sort of the field (chapter Catalogue, section Values).
 *
 * @param {unknown} value decoded JSON
 * @param {Field} field
 * @returns {{ value: FieldValue } | { faults: ValueFault[] }}
 */
export function readFieldValue(value, field) {
  switch (field.sort) {
    case 'num':
      return readNumber(value, field)
    case 'bool':
      return typeof value === 'boolean' ? { value } : fault('sort', [], 'the field is true or false')
    case 'tag':
      return readTag(value)
    case 'tags':
      return readTags(value)
    default:
      throw new TypeError(`a field of the sort ${field.sort}`)
  }
}

/**
 * @param {unknown} value
 * @param {Field} field
 */
function readNumber(value, field) {
  const number = finiteNumber(value)
  if (number === undefined) return fault('sort', [], 'the field is a finite number')
  const least = field.minimum ?? -Infinity
  const greatest = field.maximum ?? Infinity
  if (number < least || number > greatest) {
    return fault('range', [], `the field is a number from ${least} to ${greatest}`)
  }
  return { value: number }
}

/** @param {unknown} value */
function readTag(value) {
  if (typeof value !== 'string') return fault('sort', [], 'the field is a text')
  return isName(value) ? { value } : fault('name', [], 'a tag has 1 to 256 bytes')
}

/** @param {unknown} value */
function readTags(value) {
  if (!Array.isArray(value)) return fault('sort', [], 'the field is a list of texts')
  /** @type {ValueFault[]} */
  const faults = []
  for (const [at, tag] of value.entries()) {
    if (typeof tag !== 'string') faults.push({ fault: 'sort', path: [at], message: 'a tag is a text' })
    else if (!isName(tag)) faults.push({ fault: 'name', path: [at], message: 'a tag has 1 to 256 bytes' })
  }
  return faults.length > 0 ? { faults } : { value: Object.freeze(setOf(value)) }
}

/**
 * @param {ValueFault['fault']} kind
 * @param {readonly (string | number)[]} path
 * @param {string} message
 * @returns {{ faults: ValueFault[] }}
 */
function fault(kind, path, message) {
  return { faults: [{ fault: kind, path, message }] }
}
