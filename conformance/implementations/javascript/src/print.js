import { parseAuthoring } from './authoring/index.js'
import { printAuthoring } from './print/authoring.js'
import { printWire } from './print/wire.js'
import { readWire } from './read.js'
import { sourceText, syntaxOf } from './source.js'

export { printAuthoring, printWire }

/**
 * Writes a text in the one way of a syntax: of a text in the authoring syntax that stays in it, comments are kept.
 *
 * @param {string | Uint8Array} source in either syntax
 * @param {'wire' | 'authoring'} to
 * @returns {string} ends with a line feed
 * @throws {import('./refused.js').Refused}
 */
export function format(source, to) {
  const text = sourceText(source)
  if (syntaxOf(text) === 'wire') {
    const term = readWire(text)
    return to === 'wire' ? printWire(term) : printAuthoring(term)
  }
  const { term, root, comments } = parseAuthoring(text)
  return to === 'wire' ? printWire(term) : printAuthoring(term, { text, root, comments })
}
