/**
 * Where comments go: chapter Authoring syntax, section Formatting.
 *
 * @typedef {import('./docs.js').Doc} Doc
 * @typedef {import('./authoring.js').ClauseDoc} ClauseDoc
 * @typedef {import('./authoring.js').Source} Source
 *
 * @typedef {object} Entry a clause or a comment, which has a line of its own
 * @property {ClauseDoc} [clause]
 * @property {string} [comment]
 * @property {string[]} behind comments behind the clause
 * @property {boolean} blank whether an empty line stands before it
 *
 * @typedef {object} Attached
 * @property {Entry[]} outside what stands in the file: comments, and the policy as the entry without either
 * @property {Entry[]} inside of a policy
 */

const BRACKETED = new Set(['bracket', 'group'])
const CONTAINERS = new Set(['chain', 'sequence', 'plan', 'bracket', 'group'])

/**
 * Gives each comment to the item that it belongs to.
 *
 * @param {ClauseDoc[]} clauses
 * @param {boolean} isPolicy
 * @param {Source} source
 * @returns {Attached}
 */
export function attachComments(clauses, isPolicy, { text, root, comments }) {
  const written = clauses.filter(({ node }) => node).sort((a, b) => a.node.start - b.node.start)
  const spans = written.map((clause) => ({ clause, ...clauseSpan(text, clause.node) }))
  /** @type {Map<ClauseDoc, {comment: string, blank: boolean}[]>} */
  const leading = new Map(clauses.map((clause) => [clause, []]))
  /** @type {Map<ClauseDoc, string[]>} */
  const behind = new Map(clauses.map((clause) => [clause, []]))
  const first = []
  const last = []
  const trailing = []
  const behindPolicy = []

  for (const { text: content, start } of comments) {
    const comment = asWritten(content)
    const own = isOwnLine(text, start)
    const entry = { comment, blank: blankBefore(text, start) }
    const holder = spans.find((span) => span.start <= start && start < span.end)
    if (holder) {
      if (start < holder.clause.node.start) leading.get(holder.clause).push(entry)
      else if (!place(holder.clause.doc, start, own, comment)) {
        if (own) leading.get(holder.clause).push(entry)
        else behind.get(holder.clause).push(comment)
      }
      continue
    }
    if (isPolicy && start < root.start) first.push(entry)
    else if (isPolicy && start >= root.end) {
      if (own || text.slice(root.end, start).includes('\n')) last.push(entry)
      else behindPolicy.push(comment)
    } else {
      const before = spans.filter((span) => span.end <= start).at(-1)
      const next = spans.find((span) => span.start > start)
      if (!own && before && !text.slice(before.end, start).includes('\n')) behind.get(before.clause).push(comment)
      else if (next) leading.get(next.clause).push(entry)
      else trailing.push(entry)
    }
  }

  /** @type {Entry[]} */
  const inside = []
  for (const clause of clauses) {
    const span = spans.find((one) => one.clause === clause)
    for (const { comment, blank } of leading.get(clause)) inside.push({ comment, behind: [], blank })
    inside.push({ clause, behind: behind.get(clause), blank: span !== undefined && blankBefore(text, span.start) })
  }
  for (const { comment, blank } of trailing) inside.push({ comment, behind: [], blank })
  if (!isPolicy) return { outside: [], inside }
  const outside = [
    ...first.map((entry) => ({ ...entry, behind: [] })),
    { behind: behindPolicy, blank: blankBefore(text, root.start) },
    ...last.map((entry) => ({ ...entry, behind: [] })),
  ]
  return { outside, inside }
}

/** From the word of a clause to the end of its term: the word is the last one before it. */
function clauseSpan(text, node) {
  return { start: text.lastIndexOf(node.clause, node.start - 1), end: node.end }
}

/** A comment as it is written. */
export function asWritten(content) {
  let end = content.length
  while (end > 0 && ' \t'.includes(content[end - 1])) end--
  const trimmed = content.slice(0, end)
  return /^["'`\p{L}\p{N}]/u.test(trimmed) ? `# ${trimmed}` : `#${trimmed}`
}

export function isOwnLine(text, start) {
  let at = start
  while (at > 0 && ' \t'.includes(text[at - 1])) at--
  return at === 0 || '\r\n'.includes(text[at - 1])
}

/** Whether an empty line stands before a place. */
export function blankBefore(text, start) {
  let lines = 0
  for (let at = start; at > 0 && ' \t\r\n'.includes(text[at - 1]); at--) {
    const isEnd = text[at - 1] === '\n' || (text[at - 1] === '\r' && text[at] !== '\n')
    if (isEnd) lines++
  }
  return lines > 1
}

/**
 * Gives a comment to an item of a doc.
 *
 * @param {Doc} doc
 * @param {number} start of the comment
 * @param {boolean} own whether it stands on a line of its own
 * @param {string} comment
 * @returns {boolean} false if the doc has no items to give it to
 */
function place(doc, start, own, comment) {
  if (!doc.place || start < doc.place.start || start >= doc.place.end) return false
  if (!CONTAINERS.has(doc.type)) return doc.items.some((item) => place(item, start, own, comment))
  const items = inSourceOrder(doc)
  const behindIt = firstAfter(items, start)
  const previous = items[behindIt - 1]
  const holder = previous && start < previous.place.end ? previous : undefined
  if (holder) {
    if (place(holder, start, own, comment)) return true
    // Without brackets, what stands before the first item or behind the last one stands around the whole.
    const outermost = doc.items.indexOf(holder) === (own ? 0 : doc.items.length - 1)
    if (outermost && !BRACKETED.has(doc.type)) return false
    holder[own ? 'before' : 'behind'].push(comment)
    return true
  }
  const before = previous
  const next = items[behindIt]
  if ((!before || !next) && !BRACKETED.has(doc.type)) return false
  if (!own && before) before.behind.push(comment)
  else if (next) next.before.push(comment)
  else doc.after.push(comment)
  return true
}

/** @type {WeakMap<Doc, Doc[]>} */
const SORTED = new WeakMap()

/**
 * The items of a doc that stand in the source, in the order in which they stand there.
 *
 * @param {Doc} doc
 * @returns {Doc[]}
 */
function inSourceOrder(doc) {
  let items = SORTED.get(doc)
  if (items === undefined) {
    items = doc.items.filter((item) => item.place).sort((a, b) => a.place.start - b.place.start)
    SORTED.set(doc, items)
  }
  return items
}

/**
 * @param {readonly Doc[]} items in source order
 * @param {number} start
 * @returns {number} the index of the first one that starts after a place
 */
function firstAfter(items, start) {
  let low = 0
  let high = items.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (items[middle].place.start > start) high = middle
    else low = middle + 1
  }
  return low
}
