/** The references of templates: chapter Calls of a flow, section Assembly. */

const REFERENCE = /\$([0-9]+)/g
const MOST_DIGITS = 2

/**
 * The references of a template, in order, as they are written.
 *
 * @param {string} template
 * @returns {string[]} digits
 */
export function referencesOf(template) {
  return Array.from(template.matchAll(REFERENCE), ([, digits]) => digits)
}

/**
 * Whether a reference is that of an input, written without a leading zero.
 *
 * @param {string} digits
 * @param {number} count how many inputs there are, at most 99
 */
export function refersTo(digits, count) {
  return !digits.startsWith('0') && digits.length <= MOST_DIGITS && Number(digits) <= count
}

/**
 * The parts of a template, in order: texts of its own, and the numbers of inputs, from 0.
 *
 * @param {string} template whose references are all those of inputs
 * @returns {(string | number)[]}
 */
export function partsOf(template) {
  /** @type {(string | number)[]} */
  const parts = []
  let at = 0
  for (const { 0: whole, 1: digits, index } of template.matchAll(REFERENCE)) {
    parts.push(template.slice(at, index), Number(digits) - 1)
    at = index + whole.length
  }
  parts.push(template.slice(at))
  return parts
}
