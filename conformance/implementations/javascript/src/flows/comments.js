import { asWritten, blankBefore, isOwnLine } from '../print/comments.js'

/**
 * Where the comments of a flow go: chapter Flows, section Printing.
 *
 * @typedef {import('../authoring/tokens.js').Comment} Comment
 * @typedef {import('./parser.js').Place} Place
 *
 * @typedef {object} Note a comment that has a line of its own
 * @property {string} comment as it is written
 * @property {boolean} blank whether an empty line stands before it
 *
 * @typedef {object} Around what stands at an item
 * @property {Note[]} before
 * @property {string[]} behind
 * @property {boolean} blank whether an empty line stands before the item
 * @property {Comment[]} inside the comments that stand in the item itself
 */

/**
 * Gives comments to the items of a list.
 *
 * @param {string} text
 * @param {readonly Place[]} items in the order of the text
 * @param {readonly Comment[]} comments likewise
 * @returns {{arounds: Around[], after: Note[]}} for each item, and what stands behind the last one
 */
export function distribute(text, items, comments) {
  /** @type {Around[]} */
  const arounds = items.map(({ start }) => ({ before: [], behind: [], blank: blankBefore(text, start), inside: [] }))
  /** @type {Note[]} */
  const after = []
  let next = 0
  for (const comment of comments) {
    const { start } = comment
    while (next < items.length && items[next].end <= start) next++
    if (next < items.length && items[next].start <= start) arounds[next].inside.push(comment)
    else if (next > 0 && isBehind(text, items[next - 1], start)) arounds[next - 1].behind.push(asWritten(comment.text))
    else (arounds[next]?.before ?? after).push(noteOf(text, comment))
  }
  return { arounds, after }
}

/**
 * Moves the comments before a brace out of the item that has it.
 *
 * @param {string} text
 * @param {Around} around
 * @param {number} brace
 * @returns {Comment[]} those behind the brace
 */
export function withoutHead(text, around, brace) {
  const within = around.inside.filter(({ start }) => start > brace)
  moveBefore(text, around, around.inside.slice(0, around.inside.length - within.length))
  return within
}

/**
 * Moves all comments out of an item.
 *
 * @param {string} text
 * @param {Around} around
 */
export function withoutComments(text, around) {
  moveBefore(text, around, around.inside)
}

/**
 * Moves comments from an item to lines before it, behind the empty line that stands there.
 *
 * @param {string} text
 * @param {Around} around
 * @param {readonly Comment[]} comments
 */
function moveBefore(text, around, comments) {
  for (const comment of comments) {
    const note = noteOf(text, comment)
    around.before.push({ ...note, blank: note.blank || around.blank })
    around.blank = false
  }
}

/**
 * @param {string} text
 * @param {Place} item
 * @param {number} start of a comment
 */
function isBehind(text, { end }, start) {
  return !isOwnLine(text, start) && !text.slice(end, start).includes('\n')
}

/**
 * @param {string} text
 * @param {Comment} comment
 * @returns {Note}
 */
function noteOf(text, comment) {
  return { comment: asWritten(comment.text), blank: blankBefore(text, comment.start) }
}
