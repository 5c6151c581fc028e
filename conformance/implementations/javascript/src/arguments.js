import { quote } from './text.js'

/**
 * The mistakes that a program makes when it calls the library, each with the argument, what was found and what is due.
 * Input that is wrong is no mistake of the program: what reads it refuses it.
 */

/**
 * @param {boolean} holds
 * @param {string} name of the argument
 * @param {unknown} given
 * @param {string} due
 */
export function expect(holds, name, given, due) {
  if (!holds) throw new TypeError(mistake(name, given, due))
}

/**
 * A text, or its bytes.
 *
 * @param {string} name
 * @param {unknown} given
 */
export function expectSource(name, given) {
  expect(typeof given === 'string' || given instanceof Uint8Array, name, given, 'a string or a Uint8Array')
}

/**
 * @param {string} name
 * @param {unknown} given
 */
export function expectFlag(name, given) {
  expect(typeof given === 'boolean', name, given, 'a boolean')
}

/**
 * One of some words.
 *
 * @param {string} name
 * @param {unknown} given
 * @param {readonly string[]} words
 * @param {string} [other] what could stand in their place
 */
export function expectWord(name, given, words, other) {
  if (words.includes(/** @type {string} */ (given))) return
  const all = words.map(quote)
  if (other !== undefined) all.unshift(other)
  const due = `${all.slice(0, -1).join(', ')} or ${all.at(-1)}`
  throw new (typeof given === 'string' ? RangeError : TypeError)(mistake(name, given, due))
}

/**
 * An integral number from 0.
 *
 * @param {string} name
 * @param {unknown} given
 */
export function expectCount(name, given) {
  if (isCount(given)) return
  throw new (typeof given === 'number' ? RangeError : TypeError)(mistake(name, given, 'an integral number from 0'))
}

/**
 * The place of an entry of a list.
 *
 * @param {string} name
 * @param {unknown} given
 * @param {string} list
 * @param {number} length of the list
 */
export function expectPlace(name, given, list, length) {
  if (isCount(given) && given < length) return
  const due = `the number, from 0, of an entry of \`${list}\`, which has ${length}`
  throw new (typeof given === 'number' ? RangeError : TypeError)(mistake(name, given, due))
}

/**
 * @param {unknown} given
 * @returns {given is number}
 */
function isCount(given) {
  return Number.isInteger(given) && /** @type {number} */ (given) >= 0
}

/**
 * @param {string} name
 * @param {unknown} given
 */
export function expectObject(name, given) {
  expect(typeof given === 'object' && given !== null && !Array.isArray(given), name, given, 'an object')
}

/**
 * @param {unknown} given
 * @param {readonly string[]} names of the options that there are
 */
export function expectOptions(given, names) {
  expectObject('options', given)
  const other = Object.keys(/** @type {object} */ (given)).find((key) => !names.includes(key))
  if (other === undefined) return
  throw new TypeError(`\`options\` has the key ${quote(other)}; due are none but ${names.map(quote).join(', ')}`)
}

/**
 * @param {string} name
 * @param {unknown} given
 * @param {string} due
 */
function mistake(name, given, due) {
  return `\`${name}\` is ${shown(given)}; due is ${due}`
}

/** @param {unknown} value */
function shown(value) {
  if (typeof value === 'string') return `the string ${quote(value)}`
  if (typeof value === 'function' || typeof value === 'symbol') return `a ${typeof value}`
  if (typeof value !== 'object' || value === null) return String(value)
  if (Array.isArray(value)) return 'a list'
  const name = Object.getPrototypeOf(value)?.constructor?.name
  return typeof name !== 'string' || name === 'Object' ? 'an object' : `an object of the class ${quote(name)}`
}
