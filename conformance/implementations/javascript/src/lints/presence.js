import { fieldsRead } from './formulas.js'

/**
 * @typedef {import('../signature.js').Term} Term
 * @typedef {import('../vocabulary.js').Vocabulary} Vocabulary
 */

/** The fields that are present where a predicate has an outcome: chapter Lints, section Predicates. */
export class Presence {
  /** @type {Map<boolean, Map<Term, Set<string>>>} */
  #seen = new Map([
    [true, new Map()],
    [false, new Map()],
  ])

  /** @param {Vocabulary} vocabulary */
  constructor(vocabulary) {
    this.vocabulary = vocabulary
  }

  /**
   * @param {Term} predicate
   * @param {boolean} accepts the outcome
   * @returns {ReadonlySet<string>}
   */
  where(predicate, accepts) {
    const seen = this.#seen.get(accepts)
    let fields = seen.get(predicate)
    if (fields === undefined) {
      fields = this.#where(predicate, accepts)
      seen.set(predicate, fields)
    }
    return fields
  }

  /**
   * @param {Term} predicate
   * @param {boolean} accepts
   * @returns {Set<string>}
   */
  #where(predicate, accepts) {
    const [op, ...args] = predicate
    if (op === 'known' && accepts) return new Set([args[0], ...fieldsRead(args[0], this.vocabulary)])
    if (op === 'tag_in' && accepts) return new Set([args[0]])
    if (op === 'not') return new Set(this.where(args[0], !accepts))
    if (op !== 'and' && op !== 'or') return new Set()
    const parts = args.map((part) => this.where(part, accepts))
    if (accepts === (op === 'and')) return new Set(parts.flatMap((fields) => [...fields]))
    const [first, ...others] = parts
    return new Set([...first].filter((field) => others.every((fields) => fields.has(field))))
  }
}
