/**
 * What the formatter lays out: words, and what can be broken into lines.
 *
 * @typedef {object} Place
 * @property {number} start
 * @property {number} end
 *
 * @typedef {object} Doc
 * @property {'text' | 'chain' | 'sequence' | 'plan' | 'bracket' | 'group' | 'prefix' | 'suffix'} type
 * @property {string} [text] of a word itself; what stands before a prefix's item, or behind a suffix's
 * @property {string} [operator] of a chain
 * @property {string} [opening] of brackets
 * @property {string} [closing]
 * @property {Doc[]} items its parts, in order
 * @property {Place | undefined} place in the source
 * @property {string[]} before comments on lines of their own before it
 * @property {string[]} behind comments behind it
 * @property {string[]} after comments on lines of their own after its last item
 */

/**
 * @param {Doc['type']} type
 * @param {Doc[]} items
 * @param {Place | undefined} place
 * @param {Partial<Doc>} rest
 * @returns {Doc}
 */
function doc(type, items, place, rest) {
  return {
    type,
    items,
    place: place && { start: place.start, end: place.end },
    before: [],
    behind: [],
    after: [],
    ...rest,
  }
}

/** One or more words. */
export const text = (content, place) => doc('text', [], place, { text: content })

/** Operands with an operator between them, which starts a line. */
export const chain = (operator, items, place) => doc('chain', items, place, { operator })

/** Transforms with semicolons between them. */
export const sequence = (items, place) => doc('sequence', items, place, {})

/** An action and `on` lines. */
export const plan = (base, lines, place) => doc('plan', [base, ...lines], place, {})

/** Items in brackets, with commas. */
export const bracket = (opening, closing, items, place) => doc('bracket', items, place, { opening, closing })

/** One operand in parentheses. */
export const group = (item, place) => doc('group', [item], place, { opening: '(', closing: ')' })

export const prefix = (content, item, place) => doc('prefix', [item], place, { text: content })

export const suffix = (item, content, place = item.place) => doc('suffix', [item], place, { text: content })
