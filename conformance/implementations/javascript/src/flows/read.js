import { readJson, recordOf, keysOf } from '../json-text.js'
import { copyOf } from '../read.js'
import { refuseAll } from '../refused.js'
import { sourceText, syntaxOf } from '../source.js'
import { readFlowAuthoring } from './authoring.js'
import { flowFindings, NESTING, SOURCE_BYTES, tidyCall } from './shape.js'

/**
 * Reading flows: chapter Flows, section Wire form.
 *
 * @typedef {import('./shape.js').Flow} Flow
 */

/**
 * Reads a flow from a text in the wire syntax or the authoring syntax.
 *
 * @param {string | Uint8Array} source
 * @param {object} [options]
 * @param {'wire' | 'authoring' | 'auto'} [options.syntax] `auto` goes by the first character
 * @returns {Flow}
 * @throws {import('../refused.js').Refused}
 */
export function readFlow(source, { syntax = 'auto' } = {}) {
  const text = sourceText(source, { limit: SOURCE_BYTES })
  const written = syntax === 'auto' ? syntaxOf(text) : syntax
  return written === 'wire' ? readFlowWire(text) : readFlowAuthoring(text)
}

/**
 * @param {string} text of a source
 * @returns {Flow}
 */
export function readFlowWire(text) {
  const value = readJson(text, { nesting: NESTING })
  refuseAll(flowFindings(value))
  return tidy(value)
}

/**
 * Loads a flow from decoded JSON values. It shares nothing with the value.
 *
 * @param {unknown} value
 * @returns {Flow}
 * @throws {import('../refused.js').Refused}
 */
export function loadFlow(value) {
  refuseAll(flowFindings(value))
  return tidy(copyOf(value))
}

/**
 * A flow as it is written: the keys of a node in their order, `on_error` only where it is `input`.
 *
 * @param {Flow} flow well formed
 * @returns {Flow}
 */
function tidy([head, nodes]) {
  const entries = keysOf(nodes).map((name) => {
    const node = nodes[name]
    return [name, node[0] === 'llm' ? ['llm', tidyCall(node[1])] : node]
  })
  return [head, recordOf(/** @type {any} */ (entries))]
}
