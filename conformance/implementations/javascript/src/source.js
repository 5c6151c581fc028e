import { refuse } from './refused.js'
import { utf8Length } from './text.js'

/** The most bytes of a source text: `source/size`. */
export const SOURCE_BYTES = 262144

const DECODER = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const BLANK = /^[ \t\n\r]*$/
const FIRST = /[^ \t\n\r]/

/**
 * The characters of a source text: chapter Syntax, section Source text. Of its rules the first that is broken is
 * reported, with a null pointer.
 *
 * @param {string | Uint8Array} source
 * @param {object} [options]
 * @param {number} [options.limit] the most bytes
 * @param {boolean} [options.blank] whether it may hold nothing but white space
 * @param {string} [options.sizeCode] the code for a source that is too large
 * @returns {string}
 * @throws {import('./refused.js').Refused} PIR0002 to PIR0005
 */
export function sourceText(source, { limit = SOURCE_BYTES, blank = false, sizeCode = 'PIR0004' } = {}) {
  const size = typeof source === 'string' ? textSize(source, limit) : source.length
  if (size > limit) refuse(sizeCode, null, `the source has more than ${limit} bytes`)
  const text = typeof source === 'string' ? source : decoded(source)
  if (text.charCodeAt(0) === 0xfeff) refuse('PIR0003', null, 'the source begins with a byte-order mark; remove it')
  if (!blank && BLANK.test(text)) refuse('PIR0005', null, 'the source is empty')
  return text
}

/**
 * @param {string} text
 * @param {number} limit
 */
function textSize(text, limit) {
  // Three bytes are the most that a code unit takes, so most texts need no count.
  return text.length * 3 <= limit ? text.length : utf8Length(text)
}

/** @param {Uint8Array} bytes */
function decoded(bytes) {
  try {
    return DECODER.decode(bytes)
  } catch {
    return refuse('PIR0002', null, 'the source is not well-formed UTF-8')
  }
}

/**
 * In which syntax a text is written, by its first character.
 *
 * @param {string} text
 * @returns {'wire' | 'authoring'}
 */
export function syntaxOf(text) {
  const found = FIRST.exec(text)
  return found !== null && '[{"'.includes(found[0]) ? 'wire' : 'authoring'
}
