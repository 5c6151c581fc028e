import { sourceText, syntaxOf } from '../source.js'
import { parseFlow } from './authoring.js'
import { formatFlowText, printFlow } from './print-authoring.js'
import { printFlowWire } from './print-wire.js'
import { readFlowWire } from './read.js'
import { SOURCE_BYTES } from './shape.js'

export { printFlow, printFlowWire }

/**
 * Writes the text of a flow in the one way of a syntax: of a text in the authoring syntax that stays in it, comments and
 * the names of policies are kept.
 *
 * @param {string | Uint8Array} source in either syntax
 * @param {'wire' | 'authoring'} to
 * @returns {string} ends with a line feed
 * @throws {import('../refused.js').Refused}
 */
export function formatFlow(source, to) {
  const text = sourceText(source, { limit: SOURCE_BYTES })
  if (syntaxOf(text) === 'wire') {
    const flow = readFlowWire(text)
    return to === 'wire' ? printFlowWire(flow) : printFlow(flow)
  }
  const parsed = parseFlow(text)
  return to === 'wire' ? printFlowWire(parsed.flow) : formatFlowText(parsed)
}
