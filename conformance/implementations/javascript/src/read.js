import { keysOf, readJson, recordOf } from './json-text.js'
import { refuseAll } from './refused.js'
import { sourceText } from './source.js'
import { findingsOf, findingsOfValue } from './well-sorted.js'

export { findingsOf, TERM_BOUNDS } from './well-sorted.js'

/**
 * Reading: chapter Syntax.
 *
 * @typedef {import('./signature.js').Term} Term
 */

/**
 * Reads a term from a text in the wire syntax, which is JSON.
 *
 * @param {string | Uint8Array} source
 * @param {object} [options]
 * @param {string} [options.sort] the sort that is due; any where absent
 * @returns {Term}
 * @throws {import('./refused.js').Refused}
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
 * @throws {import('./refused.js').Refused}
 */
export function load(value, { sort } = {}) {
  refuseAll(findingsOf(value, { sort }))
  return copyOf(value)
}

/**
 * A copy of decoded JSON values in which every number is a binary64, and no zero is negative.
 *
 * @param {unknown} value
 * @param {object} options
 * @param {number} options.nesting the most lists and records within each other
 * @returns {any}
 * @throws {import('./refused.js').Refused} for null, numbers that are not finite, lone surrogates, and too many levels
 */
export function loadValue(value, { nesting }) {
  refuseAll(findingsOfValue(value, nesting))
  return copyOf(value)
}

/**
 * @param {any} value of which nothing is refused, and so of bounded depth
 * @returns {any}
 */
export function copyOf(value) {
  if (typeof value === 'number' || typeof value === 'bigint') return Number(value) + 0
  if (typeof value !== 'object') return value
  if (Array.isArray(value)) return value.map(copyOf)
  return recordOf(keysOf(value).map((key) => [key, copyOf(value[key])]))
}
