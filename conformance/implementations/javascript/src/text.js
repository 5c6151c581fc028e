const ENCODER = new TextEncoder()
const LONE_SURROGATE = /[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?:[^\uD800-\uDBFF]|^)[\uDC00-\uDFFF]/

/**
 * Compares two texts by their code points, which is the order of their UTF-8 bytes. The order of UTF-16 code units,
 * which `<` has, differs from it: there the surrogates come before U+E000.
 *
 * @param {string} a
 * @param {string} b
 * @returns {number} negative, zero or positive
 */
export function compareText(a, b) {
  if (a === b) return 0
  const shorter = Math.min(a.length, b.length)
  for (let i = 0; i < shorter; i++) {
    const x = a.charCodeAt(i)
    const y = b.charCodeAt(i)
    if (x !== y) return lift(x) - lift(y)
  }
  return a.length - b.length
}

/**
 * Moves surrogates above all other code units. Where two texts differ first inside a pair, both units are trailing
 * surrogates and keep their order.
 *
 * @param {number} unit
 */
function lift(unit) {
  if (unit < 0xd800) return unit
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800
}

/**
 * @param {string} text without lone surrogates
 * @returns {Uint8Array}
 */
export function utf8(text) {
  return ENCODER.encode(text)
}

/**
 * The number of bytes that a text has in UTF-8; a lone surrogate counts as three.
 *
 * @param {string} text
 */
export function utf8Length(text) {
  let bytes = 0
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit < 0x80) bytes += 1
    else if (unit < 0x800) bytes += 2
    else if (unit >= 0xd800 && unit < 0xdc00 && isTrailing(text.charCodeAt(i + 1))) {
      bytes += 4
      i++
    } else bytes += 3
  }
  return bytes
}

/** @param {number} unit */
function isTrailing(unit) {
  return unit >= 0xdc00 && unit < 0xe000
}

/**
 * Whether each surrogate of a text is half of a pair.
 *
 * @param {string} text
 */
export function isWellFormed(text) {
  return !LONE_SURROGATE.test(text)
}

/**
 * Compares two sequences of bytes; one that begins another comes first.
 *
 * @param {Uint8Array} a
 * @param {Uint8Array} b
 * @returns {number} negative, zero or positive
 */
export function compareBytes(a, b) {
  const shorter = Math.min(a.length, b.length)
  for (let i = 0; i < shorter; i++) {
    if (a[i] !== b[i]) return a[i] - b[i]
  }
  return a.length - b.length
}

/**
 * @param {Uint8Array} bytes
 * @returns {string} lower-case hexadecimal digits
 */
export function hexOf(bytes) {
  let text = ''
  for (const byte of bytes) text += byte.toString(16).padStart(2, '0')
  return text
}

/**
 * @param {string} text hexadecimal digits
 * @returns {Uint8Array}
 */
export function bytesOfHex(text) {
  if (text.length % 2 !== 0 || /[^0-9a-fA-F]/.test(text)) throw new TypeError('not hexadecimal')
  const bytes = new Uint8Array(text.length / 2)
  for (let i = 0; i < bytes.length; i++) bytes[i] = parseInt(text.slice(2 * i, 2 * i + 2), 16)
  return bytes
}

/**
 * A member of a JSON Pointer (RFC 6901), with its slash.
 *
 * @param {string | number} key
 */
export function step(key) {
  return typeof key === 'number' ? `/${key}` : `/${key.replace(/~/g, '~0').replace(/\//g, '~1')}`
}

/**
 * A text as messages show it: in backticks, control characters escaped, cut to 64 characters.
 *
 * @param {string} text
 */
export function quote(text) {
  const points = [...text.slice(0, 200)]
  const cut = points.length > 64 ? `${points.slice(0, 64).join('')}...` : text
  const shown = cut.replace(
    /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff]/g,
    (char, at) => {
      const unit = char.charCodeAt(0)
      if (unit >= 0xd800 && unit < 0xe000) {
        const paired = unit < 0xdc00 ? isTrailing(cut.charCodeAt(at + 1)) : isLeading(cut.charCodeAt(at - 1))
        if (paired) return char
      }
      return `\\u${unit.toString(16).padStart(4, '0')}`
    },
  )
  return `\`${shown}\``
}

/** @param {number} unit */
function isLeading(unit) {
  return unit >= 0xd800 && unit < 0xdc00
}
