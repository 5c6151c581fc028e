import { findingsOf } from '../read.js'
import { Refused, refuse } from '../refused.js'
import { sourceText } from '../source.js'
import { placeOf } from './nodes.js'
import { CLAUSE_SORTS, Parser } from './parser.js'
import { tokensOf } from './tokens.js'

/**
 * @typedef {import('./nodes.js').Node} Node
 * @typedef {import('./tokens.js').Comment} Comment
 * @typedef {import('../signature.js').Term} Term
 */

/** More would help nobody, and make a report of megabytes. */
const MOST_FINDINGS = 100

/**
 * Reads a text in the authoring syntax: chapter Authoring syntax.
 *
 * @param {string | Uint8Array} source
 * @param {{sort?: string}} [options] the sort that is due; any where absent
 * @returns {Term}
 * @throws {Refused} with what is wrong with the source, or else with the text and the term that it says
 */
export function readAuthoring(source, { sort } = {}) {
  return parseAuthoring(source, { sort }).term
}

/**
 * Reads a text with the places of everything in it.
 *
 * @param {string | Uint8Array} source
 * @param {{sort?: string}} [options]
 * @returns {{term: Term, root: Node, comments: Comment[], text: string}}
 * @throws {Refused}
 */
export function parseAuthoring(source, { sort } = {}) {
  const text = sourceText(source)
  const { tokens, comments, findings } = tokensOf(text)
  if (tokens[0].kind === 'end' && findings.length === 0) refuse('PIR0005', null, 'the text holds nothing but comments')
  const strays = findings.filter(({ code }) => code === 'PIR0101').map(({ at }) => at)
  const parser = new Parser(tokens, strays)
  const root = tokens[0].kind === 'end' ? undefined : parser.file()
  if (root === undefined) throw new Refused(inOrder([...findings, ...parser.findings]))

  // The clause says which sort is due; that of the whole text may be another one.
  const due = root.clause === undefined ? 'Policy' : CLAUSE_SORTS.get(root.clause)
  const placed = (one) => ({ ...one, at: placeOf(root, one) })
  const found = [...findings, ...parser.findings, ...findingsOf(root.value, { sort: due, placed: true }).map(placed)]
  const wanted = sort === 'Pointwise' ? 'Scorer' : sort
  if (found.length === 0 && wanted !== due) found.push(...findingsOf(root.value, { sort: wanted, placed: true }).map(placed))
  if (found.length > 0) throw new Refused(inOrder(found))
  return { term: root.value, root, comments, text }
}

/** By place; of those that start together, what was found first stays first. */
export function inOrder(findings) {
  findings.sort((a, b) => a.at - b.at)
  return findings.slice(0, MOST_FINDINGS).map(({ at, ...finding }) => finding)
}
