import { sha256 } from '@noble/hashes/sha2.js'
import { collapse, flattened, withSubterms } from './normal-form.js'
import { finding, refuseAll } from './refused.js'
import { SIGNATURE, subtermPlaces } from './signature.js'
import { compareText, hexOf, quote, utf8 } from './text.js'

/**
 * The identity that a router of sigma-pol/v2 gives a policy: chapter Interoperation.
 *
 * @typedef {import('./signature.js').Term} Term
 *
 * @typedef {object} Identity
 * @property {string} string the canonical string
 * @property {string} sha256 the identity: 64 hexadecimal digits
 * @property {string} short the short fingerprint
 */

const PREFIX = 'sigma-pol/v2:'
const GREATEST_INTEGER = 2 ** 53
const DIGITS = 17
const ESCAPES = new Map([
  ['\\', '\\\\'],
  ['"', '\\"'],
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
])

/**
 * @param {Term} term a source term, admitted
 * @returns {Identity}
 * @throws {import('./refused.js').Refused} PIR0810 at each operation that the peer does not have
 */
export function identity(term) {
  refuseAll(strangers(term, ''))
  const string = PREFIX + written(peerForm(term))
  const bytes = utf8(string)
  return { string, sha256: hexOf(sha256(bytes)), short: shortOf(bytes) }
}

/**
 * @param {Term} term
 * @param {string} pointer
 * @returns {import('./refused.js').Finding[]}
 */
function strangers(term, pointer) {
  const own =
    SIGNATURE.get(term[0]).feature === 'core'
      ? []
      : [finding('PIR0810', pointer, `sigma-pol/v2 has no operation ${quote(term[0])}`)]
  return own.concat(...subtermPlaces(term).map((place) => strangers(term[place], `${pointer}/${place}`)))
}

/**
 * The peer's normal form.
 *
 * @param {Term} term
 * @returns {Term}
 */
function peerForm(term) {
  if (term[0] === 'override') return collapse(term)
  const node = withSubterms(term, peerForm)
  const [op, first, second] = node
  switch (op) {
    case 'and':
      return ofSiblings(node, 'top', 'bot', true)
    case 'or':
      return ofSiblings(node, 'bot', 'top', true)
    case 'add':
      return ofSiblings(node, 'zero', null, true)
    case 'seq':
      return ofSiblings(node, 'id', null, false)
    case 'not':
      if (first[0] === 'not') return first[1]
      if (first[0] === 'top') return ['bot']
      return first[0] === 'bot' ? ['top'] : node
    case 'scale':
      if (first === 1) return second
      return first === 0 || second[0] === 'zero' ? ['zero'] : node
    case 'gate':
      if (first[0] === 'top') return second
      return first[0] === 'bot' || second[0] === 'zero' ? ['zero'] : node
    case 'normalize':
      return first[0] === 'normalize' ? first : node
    default:
      return node
  }
}

/**
 * @param {Term} node
 * @param {string} unit
 * @param {string | null} absorber
 * @param {boolean} sort whether siblings are put in the order of their strings
 * @returns {Term}
 */
function ofSiblings(node, unit, absorber, sort) {
  const children = flattened(node).filter((child) => child[0] !== unit)
  if (absorber !== null && children.some((child) => child[0] === absorber)) return [absorber]
  if (children.length === 0) return [unit]
  if (children.length === 1) return children[0]
  if (!sort) return [node[0], ...children]
  const keyed = children.map((child) => ({ child, string: written(child) }))
  keyed.sort((a, b) => compareText(a.string, b.string))
  return [node[0], ...keyed.map(({ child }) => child)]
}

/**
 * @param {Term} term
 * @returns {string}
 */
function written(term) {
  const places = new Set(subtermPlaces(term))
  const args = term.slice(1).map((argument, i) => (places.has(i + 1) ? written(argument) : writtenParameter(argument)))
  return `(${[term[0], ...args].join(' ')})`
}

/**
 * @param {any} value
 * @returns {string}
 */
function writtenParameter(value) {
  switch (typeof value) {
    case 'number':
      return writtenNumber(value)
    case 'string':
      return writtenText(value)
    case 'boolean':
      return String(value)
  }
  if (Array.isArray(value)) return `[${value.map(writtenParameter).join(',')}]`
  const keys = Object.keys(value).sort(compareText)
  if (keys.length === 0) return '[]'
  return `{${keys.map((key) => `${writtenText(key)}:${writtenParameter(value[key])}`).join(',')}}`
}

/** @param {string} text */
function writtenText(text) {
  return `"${text.replace(/[\\"\n\r\t]/g, (char) => ESCAPES.get(char))}"`
}

/**
 * @param {number} value finite
 * @returns {string}
 */
export function writtenNumber(value) {
  if (Number.isInteger(value) && Math.abs(value) <= GREATEST_INTEGER) return String(value === 0 ? 0 : value)
  const sign = value < 0 ? '-' : ''
  const { digits, power } = roundedDigits(Math.abs(value))
  const kept = digits.replace(/0+$/, '')
  if (power < -4 || power > 16) {
    const size = String(Math.abs(power)).padStart(2, '0')
    return `${sign}${withPoint(kept, 1)}e${power < 0 ? '-' : '+'}${size}`
  }
  if (power < 0) return `${sign}0.${'0'.repeat(-power - 1)}${kept}`
  return sign + withPoint(kept.padEnd(power + 1, '0'), power + 1)
}

/**
 * @param {string} digits
 * @param {number} place of the point
 */
function withPoint(digits, place) {
  return digits.length > place ? `${digits.slice(0, place)}.${digits.slice(place)}` : digits
}

/**
 * The 17 significant digits of a number, ties to even, and the power of ten of the first. The formatters of the engine
 * take ties upwards.
 *
 * @param {number} value finite, above 0
 * @returns {{digits: string, power: number}}
 */
function roundedDigits(value) {
  const view = new DataView(new ArrayBuffer(8))
  view.setFloat64(0, value)
  const bits = view.getBigUint64(0)
  const biased = Number(bits >> 52n)
  const fraction = bits & 0xfffffffffffffn
  const whole = biased === 0 ? fraction : fraction | 0x10000000000000n
  const scale = (biased === 0 ? 1 : biased) - 1075
  const exact = (scale >= 0 ? whole << BigInt(scale) : whole * 5n ** BigInt(-scale)).toString()
  const power = exact.length - 1 + Math.min(scale, 0)
  if (exact.length <= DIGITS) return { digits: exact.padEnd(DIGITS, '0'), power }
  const head = BigInt(exact.slice(0, DIGITS))
  const tail = exact.slice(DIGITS)
  const isHalf = /^50*$/.test(tail)
  const up = isHalf ? head % 2n === 1n : tail[0] >= '5'
  const digits = (up ? head + 1n : head).toString()
  return { digits: digits.slice(0, DIGITS), power: power + digits.length - DIGITS }
}

/** @param {Uint8Array} bytes */
function shortOf(bytes) {
  let h1 = 5381
  let h2 = 52711
  for (const byte of bytes) {
    h1 = (31 * h1 + byte) % 2147483647
    h2 = (37 * h2 + byte) % 2147483629
  }
  return `${h1}-${h2}`
}
