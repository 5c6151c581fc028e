import { readCandidates } from '../candidates.js'
import { differences } from '../catalogue-differences.js'
import { readCatalogueFile } from '../catalogue-files.js'
import { importPrices } from '../imports/index.js'
import { factsOf, snapshotOf, vocabularyOf } from './inputs.js'

/**
 * The kinds about what a decision is made over.
 *
 * @typedef {import('./inputs.js').Input} Input
 */

/** @param {Input} input */
export function snapshot(input) {
  const taken = Object.hasOwn(input, 'text') ? snapshotOfFile(input) : snapshotOf(input, vocabularyOf(input))
  const { fingerprint, catalogue, state } = Object.hasOwn(input, 'state') ? taken.update(input.state) : taken
  return { fingerprint, catalogue, state }
}

/** @param {Input} input */
function snapshotOfFile(input) {
  const beside = Object.hasOwn(input, 'vocabulary') ? vocabularyOf(input) : undefined
  return readCatalogueFile(input.text, beside)
}

/** @param {Input} input */
export function facts(input) {
  const read = factsOf(input, vocabularyOf(input))
  return { facts: read.record(), fingerprint: read.fingerprint }
}

/** @param {Input} input */
export function compare(input) {
  const declared = vocabularyOf(input)
  const before = readCandidates(input.old, declared, '/candidates')
  return differences(before, readCandidates(input.new, declared, '/candidates'))
}

/** @param {Input} input */
export function importList(input) {
  const { candidates, skipped } = importPrices(input.document, input.format, vocabularyOf(input))
  return { candidates, skipped: skipped.map(({ code, pointer }) => ({ code, pointer })) }
}
