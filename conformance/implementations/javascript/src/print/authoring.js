import { RESERVED } from '../authoring/tokens.js'
import { SIGNATURE, subtermPlaces } from '../signature.js'
import { bracket, chain, group, plan, prefix, sequence, suffix, text } from './docs.js'
import { attachComments } from './comments.js'
import { layOut } from './layout.js'
import { columns, escaped, orderedKeys, plain } from './wire.js'

/**
 * The formatter of the authoring syntax: chapter Authoring syntax, section Formatting.
 *
 * @typedef {import('../authoring/nodes.js').Node} Node
 * @typedef {import('../authoring/tokens.js').Comment} Comment
 * @typedef {import('../signature.js').Term} Term
 * @typedef {import('./docs.js').Doc} Doc
 *
 * @typedef {object} Source a text that the term was read from
 * @property {string} text
 * @property {Node} root
 * @property {readonly Comment[]} comments
 *
 * @typedef {object} ClauseDoc
 * @property {string} word
 * @property {Doc} doc
 * @property {Node | undefined} node
 */

const CLAUSE_OF_SORT = new Map([
  ['Pred', 'filter'],
  ['Scorer', 'rank'],
  ['Selector', 'select'],
  ['Xform', 'mutate'],
  ['FailPlan', 'fallback'],
])
const CLAUSES = [...CLAUSE_OF_SORT.values()]
const RELATION_MARKS = new Map([
  ['lt', '<'],
  ['le', '<='],
  ['eq', '=='],
  ['ne', '!='],
  ['ge', '>='],
  ['gt', '>'],
])
const ATTRIBUTE_OF = new Map([
  ['provider_eq', 'provider'],
  ['family_eq', 'family'],
  ['served_by_eq', 'served_by'],
  ['tier_eq', 'tier'],
])
const INFIX = new Map([
  ['and', 'and'],
  ['or', 'or'],
  ['add', '+'],
])
/** The longest reason, as it is written, that actions are aligned behind. */
const MOST_ALIGNED = 32
const WORD = /^[A-Za-z_][A-Za-z0-9_]*$/
/**
 * @param {Term} term
 * @param {Source} [source] with the comments to keep
 * @returns {string} ends with a line feed
 */
export function printAuthoring(term, source) {
  const isPolicy = term[0] === 'policy'
  const clauses = isPolicy
    ? clausesOf(term, source?.root)
    : [{ word: CLAUSE_OF_SORT.get(SIGNATURE.get(term[0]).sort), doc: docOf(term, source?.root), node: source?.root }]
  return layOut(clauses, isPolicy, source ? attachComments(clauses, isPolicy, source) : undefined)
}

/**
 * @param {Term} policy
 * @param {Node} [root] where the policy stands in its source
 * @returns {ClauseDoc[]} all five clauses
 */
export function clausesOf(policy, root) {
  return CLAUSES.map((word, i) => {
    const node = kid(root, i + 1)
    return { word, doc: docOf(policy[i + 1], node), node: node?.clause ? node : undefined }
  })
}

/**
 * @param {Node | undefined} node
 * @param {number} i
 * @returns {Node | undefined}
 */
const kid = (node, i) => node?.kids?.[i] ?? undefined

/**
 * @param {Term} term
 * @param {Node | undefined} node
 * @returns {Doc}
 */
function docOf(term, node) {
  const [op, ...args] = term
  const at = (i) => kid(node, i)
  switch (op) {
    case 'is':
    case 'field':
      return text(name(args[0]), node)
    case 'lit':
      return text(number(args[0]), node)
    case 'cmp':
      return text(`${name(args[0])} ${RELATION_MARKS.get(args[1])} ${number(args[2])}`, node)
    case 'tag_in':
      return members(`${name(args[0])} in {`, args[1].map(string), at(2)?.kids, node)
    case 'min_tier':
      return text(`tier >= ${name(args[0])}`, node)
    case 'test': {
      const tail = ` ${RELATION_MARKS.get(args[1])} ${number(args[2])}`
      return bracket('test(', ')', [suffix(docOf(args[0], at(1)), tail)], node)
    }
    case 'not':
      return negation(args[0], at(1), node)
    case 'and':
    case 'or':
    case 'add': {
      if (op === 'or' && attributeOfAll(args)) return oneOf(term, 'in', node)
      if (args.length === 1) break
      return chain(
        INFIX.get(op),
        args.map((part, i) => operand(part, at(i + 1))),
        node,
      )
    }
    case 'scale':
      return prefix(`${number(args[0])} * `, operand(args[1], at(2)), node)
    case 'seq':
      if (args.length === 1) break
      return sequence(
        args.map((part, i) => operand(part, at(i + 1))),
        node,
      )
    case 'always':
      return action(args[0], at(1), node)
    case 'override':
      return failPlan(term, node)
  }
  const attribute = ATTRIBUTE_OF.get(op)
  if (attribute) return text(`${attribute} == ${valueOf(op, args[0])}`, node)
  return functionForm(term, node)
}

/**
 * @param {Term} term
 * @param {Node | undefined} node
 */
function functionForm(term, node) {
  const [op, ...args] = term
  const { args: sorts, variadic } = SIGNATURE.get(op)
  if (args.length === 0) return text(op, node)
  if (sorts[0] === 'Recipe' || sorts[0] === 'Chain') {
    const entries = args[0].map((entry, i) => {
      const at = kid(kid(node, 1), i)
      return sorts[0] === 'Recipe' ? recipeStep(entry, at) : chainEntry(entry, at)
    })
    return bracket(`${op}(`, ')', entries, node)
  }
  const subterms = new Set(subtermPlaces(term))
  const docs = args.map((arg, i) => {
    const at = kid(node, i + 1)
    const sort = variadic ? sorts[0] : sorts[i]
    if (subterms.has(i + 1)) return sort === 'Xform' ? operand(arg, at) : docOf(arg, at)
    return parameter(arg, sort, at)
  })
  return bracket(`${op}(`, ')', docs, node)
}

/**
 * @param {any} value
 * @param {string} sort
 * @param {Node | undefined} node
 * @returns {Doc}
 */
function parameter(value, sort, node) {
  if (sort === 'Names') return members('{', value.map(string), node?.kids, node)
  if (sort === 'Action') return action(value, node, node)
  if (typeof value === 'number') return text(number(value), node)
  if (typeof value === 'boolean') return text(String(value), node)
  const quoted = ['Name', 'ParamName', 'Sym', 'Scalar'].includes(sort)
  return text(sort === 'Rel' ? value : quoted ? string(value) : name(value), node)
}

/**
 * A term as a part of an operator: in parentheses where it is written with one between its own parts.
 *
 * @param {Term} term
 * @param {Node | undefined} node
 * @returns {Doc}
 */
function operand(term, node) {
  const doc = docOf(term, node)
  return doc.type === 'chain' || doc.type === 'sequence' ? group(doc, node) : doc
}

function negation(term, inner, node) {
  const [op, arg] = term
  if (op === 'tag_in') return members(`${name(arg)} not in {`, term[2].map(string), kid(inner, 2)?.kids, node)
  if (ATTRIBUTE_OF.has(op)) return text(`${ATTRIBUTE_OF.get(op)} != ${valueOf(op, arg)}`, node)
  if (op === 'or' && attributeOfAll(term.slice(1))) return oneOf(term, 'not in', inner)
  return prefix('not ', operand(term, inner), node)
}

/** The attribute that all predicates ask for, if there is one. */
function attributeOfAll(predicates) {
  const [[first]] = predicates
  return predicates.every(([op]) => op === first) ? ATTRIBUTE_OF.get(first) : undefined
}

function oneOf(term, word, node) {
  const [, ...parts] = term
  const values = parts.map(([op, value]) => valueOf(op, value))
  return members(`${attributeOfAll(parts)} ${word} {`, values, node?.kids?.slice(1), node)
}

function valueOf(op, value) {
  return op === 'tier_eq' ? name(value) : string(value)
}

function members(opening, texts, kids, node) {
  return bracket(
    opening,
    '}',
    texts.map((one, i) => text(one, kids?.[i] ?? undefined)),
    node,
  )
}

function action(record, recordNode, node) {
  const keys = orderedKeys(record).filter((key) => key !== 'action')
  if (keys.length === 0) return text(record.action, node)
  const settings = keys.map((key) => {
    const member = recordNode?.members?.get(key)
    const value = record[key]
    if (Array.isArray(value)) {
      const numbers = value.map((entry, i) => text(number(entry), kid(member?.node, i)))
      return prefix(`${name(key)}: `, bracket('[', ']', numbers, member?.node), member)
    }
    return text(`${name(key)}: ${typeof value === 'number' ? number(value) : value}`, member)
  })
  return bracket(`${record.action}(`, ')', settings, node)
}

function failPlan(term, node) {
  const overrides = []
  let inner = term
  let at = node
  while (inner[0] === 'override') {
    overrides.unshift({ reason: name(inner[2]), record: inner[3], reasonNode: kid(at, 2), actionNode: kid(at, 3) })
    at = kid(at, 1)
    inner = inner[1]
  }
  const longest = Math.max(...overrides.map(({ reason }) => columns(reason)))
  const width = longest <= MOST_ALIGNED ? longest : 0
  const lines = overrides.map(({ reason, record, reasonNode, actionNode }) => {
    const space = ' '.repeat(Math.max(width - columns(reason), 0) + 1)
    const place = reasonNode && { start: reasonNode.start, end: actionNode.end }
    return prefix(`on ${reason}:${space}`, action(record, actionNode, actionNode), place)
  })
  return plan(docOf(inner, at), lines, node)
}

function recipeStep(entry, node) {
  if (typeof entry === 'string') return text(string(entry), node)
  const settings = orderedKeys(entry).map((key) => text(`${name(key)}: ${number(entry[key])}`, node?.members?.get(key)))
  return bracket('{', '}', settings, node)
}

function chainEntry(entry, node) {
  const keys = orderedKeys(entry)
  if (keys.join() === 'provider,model') return text(`${string(entry.provider)}: ${string(entry.model)}`, node)
  const word = (key) => (key === 'provider' ? key : name(key))
  const parts = keys.map((key) => text(`${word(key)}: ${string(entry[key])}`, node?.members?.get(key)))
  return bracket('{', '}', parts, node)
}

// --- words -------------------------------------------------------------------------------------------------------

/** @param {string} value */
export function name(value) {
  return WORD.test(value) && !RESERVED.has(value) ? value : quoted(value, '`')
}

/** @param {string} value */
export function string(value) {
  return quoted(value, '"')
}

/**
 * @param {string} value
 * @param {string} mark
 */
function quoted(value, mark) {
  return mark + escaped(value).replaceAll(mark, `\\${mark}`) + mark
}

/** @param {number} value */
function number(value) {
  const [mantissa, power] = value.toExponential().split('e')
  const exponent = Number(power)
  if (value !== 0 && (exponent < -4 || exponent > 15)) return `${mantissa}e${exponent}`
  const [, sign, whole, rest] = /^(-?)(\d+)(.*)$/.exec(plain(mantissa, exponent))
  const grouped = whole.length < 5 ? whole : whole.replace(/\B(?=(?:\d{3})+$)/g, '_')
  return sign + grouped + rest
}
