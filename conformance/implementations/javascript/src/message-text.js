import { keysOf } from './json-text.js'

/**
 * Writes a message of the conformance protocol. Unlike `JSON.stringify` it writes every value that the reader of
 * messages gives as it was: integers of any size, a negative zero, numbers beyond binary64, and any nesting.
 *
 * @param {unknown} message lists, records, strings, numbers, BigInts, booleans and null
 * @returns {string} without a line end
 */
export function writeMessage(message) {
  /** @type {string[]} */
  const pieces = []
  /** @type {(() => void)[]} what is still to be written, the next last */
  const waiting = []
  const write = (/** @type {unknown} */ value) => {
    if (Array.isArray(value)) {
      const entries = value.map((entry) => () => write(entry))
      enclose('[', entries, ']')
    } else if (typeof value === 'object' && value !== null) {
      const record = /** @type {Record<string, unknown>} */ (value)
      const members = keysOf(record)
        .filter((key) => record[key] !== undefined)
        .map((key) => () => {
          pieces.push(JSON.stringify(key), ':')
          write(record[key])
        })
      enclose('{', members, '}')
    } else {
      pieces.push(scalar(value))
    }
  }
  const enclose = (/** @type {string} */ opening, /** @type {(() => void)[]} */ parts, /** @type {string} */ closing) => {
    pieces.push(opening)
    waiting.push(() => pieces.push(closing))
    for (let i = parts.length - 1; i >= 0; i--) {
      waiting.push(parts[i])
      if (i > 0) waiting.push(() => pieces.push(','))
    }
  }
  waiting.push(() => write(message))
  while (waiting.length > 0) waiting.pop()()
  return pieces.join('')
}

/** @param {unknown} value */
function scalar(value) {
  if (typeof value === 'bigint') return String(value)
  if (typeof value !== 'number') return JSON.stringify(value)
  if (Object.is(value, -0)) return '-0.0'
  if (Number.isFinite(value)) return String(value)
  if (Number.isNaN(value)) throw new TypeError('a message has no undefined number')
  return value > 0 ? '1e999' : '-1e999'
}
