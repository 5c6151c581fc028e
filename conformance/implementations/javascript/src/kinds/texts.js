import { admit } from '../admission.js'
import { lint as lintTerm } from '../lints/index.js'
import { format } from '../print.js'
import { load } from '../read.js'
import { takeSnapshot } from '../snapshot.js'
import { vocabularyOf } from './inputs.js'

/**
 * The kinds about what people read: warnings and formatted texts.
 *
 * @typedef {import('./inputs.js').Input} Input
 */

/** @param {Input} input */
export function lint(input) {
  const vocabulary = vocabularyOf(input)
  const { term } = admit(load(input.term), vocabulary)
  const snapshot = Object.hasOwn(input, 'candidates') ? takeSnapshot(input.candidates, vocabulary) : null
  const warnings = lintTerm(term, vocabulary, snapshot)
  return { warnings: warnings.map(({ code, pointer }) => ({ code, pointer })) }
}

/** @param {Input} input */
export function print(input) {
  return { text: format(input.text, input.to) }
}
