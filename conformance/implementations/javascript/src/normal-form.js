import { encode } from './cbor.js'
import { SIGNATURE, subtermPlaces } from './signature.js'
import { compareBytes, compareText } from './text.js'

/**
 * The normal form: chapter Normal form. Subterms are brought to it first, so that each node needs each of its equations
 * once; depth is bounded, so recursion is.
 *
 * @typedef {import('./signature.js').Term} Term
 */

const TOP = /** @type {Term} */ (['top'])
const BOT = /** @type {Term} */ (['bot'])
const ZERO = /** @type {Term} */ (['zero'])
const ID = /** @type {Term} */ (['id'])

/**
 * @param {Term} term well sorted, within the bounds; it is not changed
 * @returns {Term}
 */
export function normalForm(term) {
  return contractum(term[0] === 'override' ? term : withSubterms(term, normalForm))
}

/**
 * What the equations make of a node, once; the node itself where none applies. A nest of overrides is one node.
 *
 * @param {Term} node
 * @returns {Term}
 */
function contractum(node) {
  const [op, first, second] = node
  switch (op) {
    case 'and':
      return ofSiblings(node, TOP, BOT, true)
    case 'or':
      return ofSiblings(node, BOT, TOP, true)
    case 'add':
      return ofSiblings(node, ZERO, null, false)
    case 'seq':
      return sequence(node)
    case 'not':
      if (first[0] === 'not') return first[1]
      if (first[0] === 'top') return BOT
      return first[0] === 'bot' ? TOP : node
    case 'scale':
      if (first === 1) return second
      return first === 0 || second[0] === 'zero' ? ZERO : node
    case 'gate':
      if (first[0] === 'top') return second
      return first[0] === 'bot' || second[0] === 'zero' ? ZERO : node
    case 'normalize':
      return first[0] === 'normalize' || first[0] === 'zero' ? first : node
    case 'prefer':
      return first[0] === 'top' || first[0] === 'bot' ? second : node
    case 'when':
      if (first[0] === 'top') return second
      return first[0] === 'bot' || second[0] === 'id' ? ID : node
    case 'tag_in':
      return ['tag_in', first, [...new Set(second)].sort(compareText)]
    case 'chain':
      return ['chain', pairsOf(first)]
    case 'override':
      return collapse(node)
    default:
      return node
  }
}

/**
 * The pointer of the first node that an equation applies to.
 *
 * @param {Term} term
 * @param {string} [pointer] of the term
 * @returns {string | undefined} undefined for a term in normal form
 */
export function firstRedex(term, pointer = '') {
  if (compareBytes(encode(contractum(term)), encode(term)) !== 0) return pointer
  if (term[0] === 'override') return undefined
  for (const place of subtermPlaces(term)) {
    const found = firstRedex(term[place], `${pointer}/${place}`)
    if (found !== undefined) return found
  }
  return undefined
}

/**
 * @param {Term} term
 * @param {(subterm: Term) => Term} change
 * @returns {Term} the term with its subterms changed
 */
export function withSubterms(term, change) {
  const { variadic, subterms } = SIGNATURE.get(term[0])
  const node = /** @type {Term} */ (term.slice())
  if (variadic) for (let i = 1; i < node.length; i++) node[i] = change(node[i])
  else for (const place of subterms) node[place] = change(node[place])
  return node
}

/**
 * The children of a node, with those of children of the same operation in their places.
 *
 * @param {Term} node
 * @returns {Term[]}
 */
export function flattened(node) {
  const [op, ...children] = node
  return children.flatMap((child) => (child[0] === op ? child.slice(1) : [child]))
}

/**
 * A node of `and`, `or` or `add`.
 *
 * @param {Term} node
 * @param {Term} unit what is dropped, and what is left of nothing
 * @param {Term | null} absorber
 * @param {boolean} dedupe whether of equal children one is kept
 * @returns {Term}
 */
function ofSiblings(node, unit, absorber, dedupe) {
  const children = flattened(node).filter((child) => child[0] !== unit[0])
  if (absorber !== null && children.some((child) => child[0] === absorber[0])) return absorber
  if (children.length === 0) return unit
  if (children.length === 1) return children[0]
  const sorted = children
    .map((child) => ({ child, bytes: encode(child) }))
    .sort((a, b) => compareBytes(a.bytes, b.bytes))
    .filter(({ bytes }, i, all) => !dedupe || i === 0 || compareBytes(all[i - 1].bytes, bytes) !== 0)
    .map(({ child }) => child)
  return sorted.length === 1 ? sorted[0] : [node[0], ...sorted]
}

/**
 * @param {Term} node of `seq`
 * @returns {Term}
 */
function sequence(node) {
  const children = flattened(node).filter((child) => child[0] !== 'id')
  if (children.length === 0) return ID
  return children.length === 1 ? children[0] : ['seq', ...children]
}

/** @param {Record<string, string>[]} entries */
function pairsOf(entries) {
  /** @type {Map<string, {provider: string, model: string}>} */
  const pairs = new Map()
  for (const entry of entries) {
    const provider = Object.hasOwn(entry, 'provider') ? entry.provider : entry.provider_id
    const model = Object.hasOwn(entry, 'model') ? entry.model : entry.model_family
    const pair = JSON.stringify([provider, model])
    if (!pairs.has(pair)) pairs.set(pair, { provider, model })
  }
  return [...pairs.values()]
}

/**
 * A nest of overrides, as a whole: `failplan/collapse`.
 *
 * @param {Term} nest
 * @returns {Term}
 */
export function collapse(nest) {
  /** @type {Map<string, any>} */
  const actions = new Map()
  let base = nest
  for (; base[0] === 'override'; base = base[1]) {
    const [, , reason, action] = base
    if (!actions.has(reason)) actions.set(reason, action)
  }
  const ofBase = encode(base[1])
  const kept = [...actions].filter(([, action]) => compareBytes(encode(action), ofBase) !== 0)
  kept.sort(([a], [b]) => compareText(a, b))
  return kept.reduce((plan, [reason, action]) => ['override', plan, reason, action], base)
}
