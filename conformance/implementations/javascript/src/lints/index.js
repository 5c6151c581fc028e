import { finding } from '../refused.js'
import { keysInOrder, SIGNATURE, subtermPlaces } from '../signature.js'
import { quote, step } from '../text.js'
import { fieldsRead } from './formulas.js'
import { intervalOf, isConstant, isEmpty } from './intervals.js'
import { Presence } from './presence.js'
import { Sight } from './sight.js'

/**
 * @typedef {import('../refused.js').Finding} Finding
 * @typedef {import('../signature.js').Term} Term
 * @typedef {import('../snapshot.js').Snapshot} Snapshot
 * @typedef {import('../vocabulary.js').Vocabulary} Vocabulary
 */

/** Fields that every candidate has, whatever the catalogue says. */
const ALWAYS_PRESENT = new Set(['id', 'provider', 'family', 'served_model', 'served_by'])
const PRICE_UNIT = 'USD/Mtok'

/**
 * Warnings about an admitted term that probably does not mean what its author meant: chapter Lints.
 *
 * @param {Term} term the source term
 * @param {Vocabulary} vocabulary
 * @param {Snapshot | null} [snapshot]
 * @returns {Finding[]} in the order of the places in the term
 */
export function lint(term, vocabulary, snapshot = null) {
  const linter = new Linter(term, vocabulary, snapshot)
  linter.walk(term, [])
  return linter.findings()
}

class Linter {
  /**
   * @param {Term} root
   * @param {Vocabulary} vocabulary
   * @param {Snapshot | null} snapshot
   */
  constructor(root, vocabulary, snapshot) {
    this.root = root
    this.sort = SIGNATURE.get(root[0]).sort
    this.vocabulary = vocabulary
    this.snapshot = snapshot
    this.sight = new Sight(vocabulary, snapshot)
    this.presence = new Presence(vocabulary)
    /** @type {ReadonlySet<string>} what is present where the filter of a policy accepts */
    this.filtered = this.sort === 'Policy' ? this.presence.where(root[1], true) : new Set()
    /** @type {Set<string>} fields that a node before has looked at */
    this.lookedAt = new Set()
    /** @type {{path: (string | number)[], code: string, message: string}[]} */
    this.found = []
  }

  /** @returns {Finding[]} */
  findings() {
    const order = this.found.map((one, i) => ({ ...one, i }))
    order.sort((a, b) => comparePaths(a.path, b.path) || (a.code < b.code ? -1 : a.code > b.code ? 1 : a.i - b.i))
    return order.map(({ path, code, message }) => finding(code, path.map(step).join(''), message))
  }

  /**
   * @param {string} code
   * @param {(string | number)[]} path
   * @param {string} message
   */
  find(code, path, message) {
    this.found.push({ code, path: [...path], message })
  }

  /**
   * Looks at a node and at all below it, in the order of the term.
   *
   * @param {Term} node
   * @param {(string | number)[]} path
   */
  walk(node, path) {
    const { sort, args, variadic } = SIGNATURE.get(node[0])
    const atRoot = path.length === 0
    if (atRoot && sort === 'Scorer') this.ranks(node, path, true)
    if (node[0] === 'policy') this.ranks(node[2], [2], true)
    if (node[0] === 'rank_by') this.ranks(node[1], [...path, 1], true)
    if (node[0] === 'policy') this.acceptsNothing(node[1], [1])
    if (atRoot && sort === 'Pred') this.acceptsNothing(node, path)
    if (atRoot && sort === 'Pred') this.negatedTags(node, path)
    this.clamp(node, path)
    this.looks(node, path)
    const subterms = new Set(subtermPlaces(node))
    for (let i = 1; i < node.length; i++) {
      const at = [...path, i]
      if (!subterms.has(i)) {
        this.strings(node[i], at)
        continue
      }
      const due = variadic ? args[0] : args[i - 1]
      if (due === 'Pred' && sort !== 'Pred') this.negatedTags(node[i], at)
      this.walk(node[i], at)
    }
  }

  // --- rank terms -----------------------------------------------------------------------------------------------

  /**
   * @param {Term} node at a place that ranks
   * @param {(string | number)[]} path
   * @param {boolean} rising
   */
  ranks(node, path, rising) {
    const go = (place, direction) => this.ranks(node[place], [...path, place], direction)
    const [op] = node
    if (op === 'add') for (const place of subtermPlaces(node)) go(place, rising)
    else if (op === 'normalize') go(1, rising)
    else if (op === 'neg') go(1, !rising)
    else if (op === 'clamp') go(3, node[1] <= node[2] ? rising : !rising)
    else if (op === 'gate') {
      this.gate(node, path, rising)
      go(2, rising)
    } else if (op === 'scale') {
      this.scale(node, path, rising)
      if (node[1] !== 0) go(2, node[1] > 0 ? rising : !rising)
    }
  }

  gate(node, path, rising) {
    const { accepts, refuses } = this.sight.truth(node[1])
    const interval = intervalOf(node[2], this.sight)
    if (!accepts || !refuses || isEmpty(interval) || isConstant(interval)) return
    if (rising ? interval.low < 0 : interval.high > 0) {
      this.find('PIR0501', path, 'the score 0 of what the gate refuses outranks what it accepts')
    }
  }

  scale(node, path, rising) {
    const interval = intervalOf(node[2], this.sight)
    if (!rising || node[1] >= 0 || isEmpty(interval) || isConstant(interval)) return
    if (interval.low < 0) this.find('PIR0502', path, 'the negative factor makes what scored worst score best')
  }

  clamp(node, path) {
    const [low, high] =
      node[0] === 'clamp' ? [node[1], node[2]] : node[0] === 'clamp_param' ? [node[2], node[3]] : [0, 0]
    if (low > high) this.find('PIR0504', path, 'the lower bound is above the upper one')
  }

  // --- predicates -----------------------------------------------------------------------------------------------

  /**
   * @param {Term} root a predicate that is no part of another
   * @param {(string | number)[]} at
   */
  negatedTags(root, at) {
    const inFilter = this.sort === 'Policy' && at[0] === 1
    const outside = inFilter ? new Set() : this.filtered
    /**
     * @param {Term} node
     * @param {(string | number)[]} path
     * @param {boolean} counts the outcome of the node that counts towards acceptance
     * @param {(string | number)[] | null} negation the path of the innermost `not` around it
     * @param {readonly ReadonlySet<string>[]} present by the connectives around it
     */
    const go = (node, path, counts, negation, present) => {
      const [op] = node
      if (op === 'tag_in' && !counts && !this.mayNotBeMissing(node[1], present)) {
        this.find('PIR0503', negation, `a candidate without ${quote(node[1])} gets through`)
      }
      if (op === 'not') go(node[1], [...path, 1], !counts, path, present)
      if (op !== 'and' && op !== 'or') return
      const all = counts === (op === 'and')
      const here = all ? [...present, this.presence.where(node, counts)] : present
      for (const place of subtermPlaces(node)) go(node[place], [...path, place], counts, negation, here)
    }
    go(root, at, true, null, [outside])
  }

  /**
   * @param {string} name
   * @param {readonly ReadonlySet<string>[]} present
   */
  mayNotBeMissing(name, present) {
    if (ALWAYS_PRESENT.has(name) || present.some((fields) => fields.has(name))) return true
    return this.inCatalogue(name) && this.snapshot !== null && this.lacking([name]).length === 0
  }

  /** @param {string} name */
  inCatalogue(name) {
    return this.vocabulary.fields.get(name)?.source === 'catalogue'
  }

  /**
   * @param {readonly string[]} names fields of the catalogue
   * @returns {readonly number[]} the candidates that lack one of them
   */
  lacking(names) {
    return this.sight.members.filter((i) => names.some((name) => !this.snapshot.observe(i, name).known))
  }

  /**
   * @param {Term} predicate
   * @param {(string | number)[]} path
   */
  acceptsNothing(predicate, path) {
    if (this.snapshot === null || this.snapshot.size === 0) return
    const each = this.sight.members.map((i) => new Sight(this.vocabulary, this.snapshot, [i]))
    const nobody = (part) => !each.some((sight) => sight.truth(part).accepts)
    if (!nobody(predicate)) return
    const conjuncts = (node, at) =>
      node[0] === 'and'
        ? subtermPlaces(node).flatMap((place) => conjuncts(node[place], [...at, place]))
        : [{ node, at }]
    const empty = conjuncts(predicate, path).find(({ node }) => nobody(node))
    this.find('PIR0505', empty?.at ?? path, 'no candidate of the snapshot is ever accepted')
  }

  // --- the catalogue --------------------------------------------------------------------------------------------

  /**
   * @param {Term} node
   * @param {(string | number)[]} path
   */
  looks(node, path) {
    if (this.snapshot === null || !['Policy', 'Pred', 'Scorer', 'Selector'].includes(this.sort)) return
    if (this.sort === 'Policy' && Number(path[0]) > 3) return
    const [op] = node
    if (op !== 'cmp' && op !== 'field' && op !== 'meets_req') return
    const read = op === 'meets_req' ? ['context'] : fieldsRead(node[1], this.vocabulary)
    const fresh = read.filter((name) => !this.lookedAt.has(name) && !this.filtered.has(name) && this.inCatalogue(name))
    for (const name of fresh) this.lookedAt.add(name)
    const first = (lacking) => `${lacking.length} candidates, ${quote(this.snapshot.id(lacking[0]))} the first of them`
    if (fresh.includes('context')) {
      const lacking = this.lacking(['context'])
      if (lacking.length > 0) this.find('PIR0506', path, `there is no context of ${first(lacking)}`)
    }
    const prices = fresh.filter((name) => this.vocabulary.fields.get(name).unit === PRICE_UNIT)
    const lacking = this.lacking(prices)
    if (lacking.length > 0) this.find('PIR0507', path, `there is no price of ${first(lacking)}`)
  }

  // --- strings --------------------------------------------------------------------------------------------------

  /**
   * @param {any} value a parameter
   * @param {(string | number)[]} path
   */
  strings(value, path) {
    if (typeof value === 'string') this.string(value, path)
    else if (Array.isArray(value)) value.forEach((entry, i) => this.strings(entry, [...path, i]))
    else if (typeof value === 'object') {
      for (const key of keysInOrder(value)) {
        this.string(key, [...path, key])
        this.strings(value[key], [...path, key])
      }
    }
  }

  string(text, path) {
    if (text !== text.normalize('NFC')) this.find('PIR0508', path, `${quote(text)} is not in Unicode normal form C`)
  }
}

/**
 * The order of places in a term: a node before its parts; members of a record as they were looked at.
 *
 * @param {(string | number)[]} a
 * @param {(string | number)[]} b
 */
function comparePaths(a, b) {
  const shorter = Math.min(a.length, b.length)
  for (let i = 0; i < shorter; i++) {
    if (typeof a[i] === 'number' && typeof b[i] === 'number' && a[i] !== b[i]) return Number(a[i]) - Number(b[i])
    if (a[i] !== b[i]) return 0
  }
  return a.length - b.length
}
