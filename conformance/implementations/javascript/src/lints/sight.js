import { FORMULAS } from './formulas.js'
import { comparison, fieldInterval, intervalOf } from './intervals.js'

/**
 * @typedef {object} Truth
 * @property {boolean} accepts whether a predicate may accept
 * @property {boolean} refuses whether it may refuse
 *
 * @typedef {import('../signature.js').Term} Term
 * @typedef {import('../snapshot.js').Snapshot} Snapshot
 * @typedef {import('../vocabulary.js').Vocabulary} Vocabulary
 */

/** @type {Truth} */
const EITHER = { accepts: true, refuses: true }

/** What is known without looking at a call: chapter Lints, section What is known. */
export class Sight {
  /**
   * @param {Vocabulary} vocabulary
   * @param {Snapshot | null} snapshot
   * @param {readonly number[] | null} [members] the candidates that are looked at; of a snapshot all where absent
   */
  constructor(vocabulary, snapshot, members) {
    this.vocabulary = vocabulary
    this.snapshot = snapshot
    this.members = members ?? (snapshot === null ? null : Array.from({ length: snapshot.size }, (_, i) => i))
    /** @type {Map<Term, import('./intervals.js').Interval>} */
    this.intervals = new Map()
    /** @type {Map<Term, Truth>} */
    this.truths = new Map()
  }

  /**
   * @param {Term} predicate
   * @returns {Truth}
   */
  truth(predicate) {
    let truth = this.truths.get(predicate)
    if (truth === undefined) {
      truth = this.#truth(predicate)
      this.truths.set(predicate, truth)
    }
    return truth
  }

  /**
   * @param {Term} predicate
   * @returns {Truth}
   */
  #truth(predicate) {
    const [op, name] = predicate
    const { snapshot } = this
    switch (op) {
      case 'top':
        return { accepts: true, refuses: false }
      case 'bot':
        return { accepts: false, refuses: true }
      case 'and': {
        const parts = predicate.slice(1).map((part) => this.truth(part))
        return { accepts: parts.every((part) => part.accepts), refuses: parts.some((part) => part.refuses) }
      }
      case 'or': {
        const parts = predicate.slice(1).map((part) => this.truth(part))
        return { accepts: parts.some((part) => part.accepts), refuses: parts.every((part) => part.refuses) }
      }
      case 'not': {
        const part = this.truth(name)
        return { accepts: part.refuses, refuses: part.accepts }
      }
      case 'meets_req':
        return EITHER
      case 'scope_matches':
        return { accepts: true, refuses: this.#catalogue((i) => snapshot.scope(i) === undefined).refuses }
      case 'cmp':
        return comparison(fieldInterval(name, this), predicate[2], predicate[3])
      case 'test':
        return comparison(intervalOf(name, this), predicate[2], predicate[3])
      case 'known':
        return this.#known(name)
      case 'is':
        return this.#field(name, (i) => snapshot.observe(i, name).value === true)
      case 'tag_in':
        return this.#field(name, (i) => {
          const { value } = snapshot.observe(i, name)
          const tags = value === undefined ? [] : typeof value === 'string' ? [value] : [.../** @type {any} */ (value)]
          return tags.some((tag) => predicate[2].includes(tag))
        })
      case 'tier_eq':
        return this.#catalogue((i) => snapshot.tierRanks[i] === snapshot.ranks.get(name))
      case 'min_tier':
        return this.#catalogue((i) => snapshot.tierRanks[i] >= snapshot.ranks.get(name))
      case 'family_eq':
        return this.#catalogue((i) => snapshot.family(i) === name)
      case 'provider_eq':
        return this.#catalogue((i) => snapshot.provider(i) === name)
      case 'served_by_eq':
        return this.#catalogue((i) => snapshot.servedBy(i) === name)
      case 'has_cap':
        return this.#catalogue((i) => snapshot.capabilities[i].has(name))
      default:
        throw new TypeError(`${op} is no predicate`)
    }
  }

  /**
   * @param {string} name
   * @returns {Truth}
   */
  #known(name) {
    if (this.vocabulary.fields.get(name).source !== 'derived') {
      return this.#field(name, (i) => this.snapshot.observe(i, name).known)
    }
    const parts = FORMULAS.get(name)
      .products.flat()
      .map((part) => this.#known(part))
    return { accepts: parts.every((part) => part.accepts), refuses: parts.some((part) => part.refuses) }
  }

  /**
   * @param {string} name a field that is not derived
   * @param {(i: number) => boolean} holds
   */
  #field(name, holds) {
    const shown = this.vocabulary.fields.get(name).source === 'catalogue' || this.members?.length === 0
    return shown ? this.#catalogue(holds) : EITHER
  }

  /**
   * What the catalogue says of the candidates; anything without one.
   *
   * @param {(i: number) => boolean} holds
   * @returns {Truth}
   */
  #catalogue(holds) {
    if (this.members === null) return EITHER
    return { accepts: this.members.some(holds), refuses: this.members.some((i) => !holds(i)) }
  }
}
