import { admit } from '../admission.js'
import { factsOfChat } from '../chat.js'
import { readSeed } from '../decision.js'
import { readFacts } from '../facts.js'
import { readJson } from '../json-text.js'
import { load } from '../read.js'
import { SIGNATURE } from '../signature.js'
import { takeSnapshot } from '../snapshot.js'
import { vocabulary } from '../vocabulary.js'

/**
 * The parts that inputs of several kinds have (chapter Conformance, section Kinds). Kinds read them in the order of
 * that table.
 *
 * @typedef {Record<string, any>} Input
 * @typedef {import('../vocabulary.js').Vocabulary} Vocabulary
 */

/** A request that its kind does not have: the runner is at fault, and no rule of the language is broken. */
export class NoSuchRequest extends Error {
  name = 'NoSuchRequest'
}

/**
 * @param {Input} input
 * @returns {Vocabulary}
 */
export function vocabularyOf(input) {
  return vocabulary(input.vocabulary ?? 'standard')
}

/**
 * The normal form of the admitted term of an input.
 *
 * @param {Input} input
 * @param {Vocabulary} declared
 * @param {string} sort that is due
 */
export function normalTermOf(input, declared, sort) {
  return admit(load(input.term, { sort }), declared).normal
}

/**
 * The normal form of the admitted term of an input, of whatever sort.
 *
 * @param {Input} input
 * @param {Vocabulary} declared
 */
export function admittedTermOf(input, declared) {
  return admit(load(input.term), declared).normal
}

/**
 * The sort of the term of an input, which must be well sorted.
 *
 * @param {Input} input
 * @returns {string}
 */
export function sortOf(input) {
  return SIGNATURE.get(load(input.term)[0]).sort
}

/**
 * @param {Input} input
 * @param {Vocabulary} declared
 */
export function snapshotOf(input, declared) {
  return takeSnapshot(input.candidates ?? [], declared, '/candidates')
}

/**
 * The facts of an input, with those of its chat body where it has one, decoded or as a text.
 *
 * @param {Input} input
 * @param {Vocabulary} declared
 */
export function factsOf(input, declared) {
  const stated = readFacts(input.facts, declared)
  if (Object.hasOwn(input, 'body')) return factsOfChat(input.body, declared, stated)
  if (!Object.hasOwn(input, 'text')) return stated
  return factsOfChat(readJson(input.text, { lenient: true }), declared, stated)
}

/** @param {Input} input */
export function seedOf(input) {
  return readSeed(input.seed)
}
