/**
 * What a reader of the authoring syntax makes: values of the wire form, each with its place in the text.
 *
 * @typedef {object} Node
 * @property {any} value
 * @property {number} start in UTF-16 code units
 * @property {number} end
 * @property {(Node | null)[]} [kids] of a list: the nodes of its entries; null for the operation of a term
 * @property {Map<string, Member>} [members] of a record
 * @property {number} [counted] of a term with another number of arguments than is due: where that is noticed
 * @property {string} [clause] of an argument of a policy: the word of its clause, where the text has one
 *
 * @typedef {object} Member
 * @property {number} start where its key starts
 * @property {number} end where its value ends
 * @property {Node} node its value
 */

/**
 * @param {any} value
 * @param {{start: number, end: number}} place
 * @returns {Node}
 */
export function leaf(value, { start, end }) {
  return { value, start, end }
}

/**
 * @param {string} op
 * @param {Node[]} args
 * @param {{start: number}} from
 * @param {{end: number}} to
 * @returns {Node}
 */
export function term(op, args, from, to) {
  return { value: [op, ...args.map((arg) => arg.value)], kids: [null, ...args], start: from.start, end: to.end }
}

/**
 * @param {Node[]} entries
 * @param {{start: number}} from
 * @param {{end: number}} to
 * @returns {Node}
 */
export function listNode(entries, from, to) {
  return { value: entries.map((entry) => entry.value), kids: entries, start: from.start, end: to.end }
}

/**
 * @param {Map<string, Member>} members
 * @param {{start: number}} from
 * @param {{end: number}} to
 * @returns {Node}
 */
export function recordNode(members, from, to) {
  const value = {}
  for (const [key, { node }] of members) {
    // A plain assignment would take `__proto__` for something else than a key.
    Object.defineProperty(value, key, { value: node.value, enumerable: true, configurable: true, writable: true })
  }
  return { value, members, start: from.start, end: to.end }
}

/**
 * The place of a finding in the text: where the value starts that its pointer points at, with the exceptions of the
 * chapter Syntax, section Findings. Where the text has no such value, the nearest one around it stands for it.
 *
 * @param {Node} root
 * @param {import('../refused.js').Finding} finding
 * @returns {number}
 */
export function placeOf(root, { code, pointer }) {
  let node = root
  const keys = (pointer ?? '')
    .split('/')
    .slice(1)
    .map((key) => key.replace(/~1/g, '/').replace(/~0/g, '~'))
  for (const [i, key] of keys.entries()) {
    const member = node.members?.get(key)
    if (member) {
      const last = i === keys.length - 1
      const aboutKey = code === 'PIR0208' || (code === 'PIR0303' && typeof member.node.value !== 'string')
      if (last && aboutKey) return member.start
      node = member.node
      continue
    }
    const kid = node.kids?.[Number(key)]
    if (!kid) break
    node = kid
  }
  return code === 'PIR0204' ? (node.counted ?? node.start) : node.start
}
