import { columns } from './wire.js'

/**
 * @typedef {import('./authoring.js').ClauseDoc} ClauseDoc
 * @typedef {import('./comments.js').Attached} Attached
 * @typedef {import('./comments.js').Entry} Entry
 * @typedef {import('./docs.js').Doc} Doc
 */

const WIDTH = 100
const INDENT = 2
const WORD_WIDTH = 'fallback '.length

/**
 * @param {ClauseDoc[]} clauses
 * @param {boolean} isPolicy
 * @param {Attached} [attached]
 * @returns {string} ends with a line feed
 */
export function layOut(clauses, isPolicy, attached) {
  const inside = attached?.inside ?? clauses.map((clause) => ({ clause, behind: [], blank: false }))
  if (!isPolicy) return lines(inside, 0, false)
  const body = `policy {\n${lines(inside, INDENT, true)}}`
  if (!attached) return `${body}\n`
  let result = ''
  for (const { comment, behind, blank } of attached.outside) {
    if (blank && result) result += '\n'
    result += `${comment ?? withBehind(body, behind)}\n`
  }
  return result
}

/**
 * @param {Entry[]} entries
 * @param {number} indent
 * @param {boolean} aligned
 * @returns {string} lines, each with its line feed
 */
export function lines(entries, indent, aligned) {
  let result = ''
  for (const { clause, comment, behind, blank } of entries) {
    if (blank && result) result += '\n'
    result += ' '.repeat(indent)
    if (clause) {
      const head = aligned ? clause.word.padEnd(WORD_WIDTH) : `${clause.word} `
      const column = indent + head.length
      result += withBehind(head + render(clause.doc, indent, column, 0), behind)
    } else result += comment
    result += '\n'
  }
  return result
}

/**
 * @param {string} content
 * @param {readonly string[]} behind
 */
export function withBehind(content, behind) {
  return behind.length === 0 ? content : `${content}  ${behind.join(' ')}`
}

/**
 * @param {Doc} doc
 * @returns {boolean} whether comments stand in it
 */
function hasComments(doc) {
  return (
    doc.after.length > 0 || doc.items.some((item) => item.before.length + item.behind.length > 0 || hasComments(item))
  )
}

/** @type {WeakMap<Doc, string>} */
const FLAT = new WeakMap()

/**
 * @param {Doc} doc
 * @returns {string} on one line
 */
function flat(doc) {
  let line = FLAT.get(doc)
  if (line === undefined) {
    line = flatParts(doc)
    FLAT.set(doc, line)
  }
  return line
}

/** @param {Doc} doc */
function flatParts({ type, text, operator, opening, closing, items }) {
  const parts = items.map(flat)
  switch (type) {
    case 'text':
      return text
    case 'chain':
      return parts.join(` ${operator} `)
    case 'sequence':
      return parts.join('; ')
    case 'plan':
      return parts.join(' ')
    case 'prefix':
      return text + parts[0]
    case 'suffix':
      return parts[0] + text
    default:
      return opening + parts.join(', ') + closing
  }
}

/**
 * @param {Doc} doc
 * @param {number} indent how deep the lines around are
 * @param {number} column where it starts itself
 * @param {number} tail how many columns are needed behind it
 * @returns {string}
 */
function render(doc, indent, column, tail) {
  const { type, text, items } = doc
  const whole = type !== 'plan' && !hasComments(doc)
  if (whole && column + columns(flat(doc)) + tail <= WIDTH) return flat(doc)
  const tailOf = (/** @type {number} */ i, between = 0) => (i === items.length - 1 ? tail : between)
  switch (type) {
    case 'text':
      return text
    case 'prefix':
      return text + render(items[0], indent, column + columns(text), tail)
    case 'suffix':
      return render(items[0], indent, column, tail + columns(text)) + text
    case 'chain':
      return stacked(doc, column, (item, i) => {
        const head = i === 0 ? '' : `${doc.operator} `
        const start = column + head.length
        return head + render(item, start, start, tailOf(i))
      })
    case 'plan':
      return stacked(doc, column, (item, i) => render(item, column, column, tailOf(i)))
    case 'sequence':
      return stacked(doc, column, (item, i) => {
        const mark = i === items.length - 1 ? '' : ';'
        return render(item, column, column, tailOf(i, 1)) + mark
      })
    case 'group':
      return parenthesised(doc, column, tail)
    default: {
      if (items.length === 0 && doc.after.length === 0) return flat(doc)
      const inner = indent + INDENT
      const body = stacked(doc, inner, (item) => `${render(item, inner, inner, 1)},`)
      return `${doc.opening}\n${' '.repeat(inner)}${body}\n${' '.repeat(indent)}${doc.closing}`
    }
  }
}

/**
 * The parts of an operator in parentheses, under the first of them. A comment behind the last one has the closing
 * parenthesis on a line of its own.
 *
 * @param {Doc} doc
 * @param {number} column
 * @param {number} tail
 */
function parenthesised(doc, column, tail) {
  const inner = column + 1
  const [item] = doc.items
  const content = stacked(doc, inner, () => render(item, inner, inner, tail + 1))
  const first = item.before.length > 0 ? `(\n${' '.repeat(inner)}` : '('
  const last = item.behind.length + doc.after.length > 0 ? `\n${' '.repeat(column)})` : ')'
  return first + content + last
}

/**
 * Items with a line each, and the comments around them.
 *
 * @param {Doc} doc
 * @param {number} column
 * @param {(item: Doc, i: number) => string} write
 */
function stacked(doc, column, write) {
  // There may be more comments than a call takes arguments.
  const rows = doc.items.flatMap((item, i) => [...item.before, withBehind(write(item, i), item.behind)])
  return rows.concat(doc.after).join(`\n${' '.repeat(column)}`)
}
