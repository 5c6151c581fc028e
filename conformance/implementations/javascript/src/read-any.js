import { readAuthoring } from './authoring/index.js'
import { readWire } from './read.js'
import { sourceText, syntaxOf } from './source.js'

/**
 * Reads a term from a text in the wire syntax or the authoring syntax.
 *
 * @param {string | Uint8Array} source
 * @param {object} [options]
 * @param {'wire' | 'authoring' | 'auto'} [options.syntax] `auto` goes by the first character
 * @param {string} [options.sort] the sort that is due; any where absent
 * @returns {import('./signature.js').Term}
 * @throws {import('./refused.js').Refused}
 */
export function read(source, { syntax = 'auto', sort } = {}) {
  if (syntax === 'wire') return readWire(source, { sort })
  if (syntax === 'authoring') return readAuthoring(source, { sort })
  const text = sourceText(source)
  return syntaxOf(text) === 'wire' ? readWire(text, { sort }) : readAuthoring(text, { sort })
}
