import { quote } from '../text.js'
import { leaf, term } from './nodes.js'
import { Terms } from './terms.js'
import { CLAUSES } from './tokens.js'

/** @typedef {import('./nodes.js').Node} Node */

/** Which sort a clause is of. */
export const CLAUSE_SORTS = new Map([
  ['filter', 'Pred'],
  ['rank', 'Scorer'],
  ['select', 'Selector'],
  ['mutate', 'Xform'],
  ['fallback', 'FailPlan'],
])

const DEFAULTS = new Map([
  ['filter', () => ['top']],
  ['rank', () => ['zero']],
  ['select', () => ['argmax']],
  ['mutate', () => ['id']],
  ['fallback', () => ['always', { action: 'next_candidate' }]],
])

/**
 * Reads the tokens of a file: chapter Authoring syntax, section Grammar. Sorts and bounds are not checked here, and an
 * argument of another kind than is due is taken as it stands: the wire form that comes of it has what is wrong in it.
 * So the stack grows with open brackets only, of which there are at most 128.
 */
export class Parser extends Terms {
  /** @returns {Node | undefined} undefined only if something was found */
  file() {
    if (this.isWord('policy')) return this.policy()
    if (!this.isClauseWord()) {
      this.report(
        'PIR0123',
        'a text starts with `policy`, or with one of `filter`, `rank`, `select`, `mutate`, `fallback`',
      )
      return undefined
    }
    const [node] = this.clauses().values()
    return node
  }

  policy() {
    const start = this.next()
    this.take('{')
    this.outer = 1
    const clauses = this.clauses()
    this.take('}')
    if (this.token.kind !== 'end') this.fail('PIR0107', `${quote(this.token.text)} stands behind the policy`)
    return this.policyOf(clauses, { start: start.start, end: this.last.end })
  }

  /**
   * @param {Map<string, Node>} clauses
   * @param {{start: number, end: number}} place
   * @returns {Node}
   */
  policyOf(clauses, place) {
    const args = CLAUSES.map(
      (word) => clauses.get(word) ?? leaf(DEFAULTS.get(word)(), { start: place.start, end: place.start }),
    )
    return term('policy', args, place, place)
  }

  /** The clauses up to a closing brace, or to the end where no brace is open. */
  clauses() {
    const braced = this.open.length > 0
    /** @type {Map<string, Node>} */
    const clauses = new Map()
    let seen = 0
    while (this.token.kind !== 'end' && !(braced && this.isMark('}'))) {
      const word = this.token
      if (!this.isClauseWord()) this.unexpected('a clause')
      else {
        if (!braced && seen === 1) this.report('PIR0124', 'several clauses stand in `policy { }`')
        else if (clauses.has(word.text)) this.report('PIR0118', `the clause ${quote(word.text)} occurs twice`)
        seen++
        const node = this.clause()
        if (!clauses.has(word.text)) clauses.set(word.text, node)
      }
      if (this.stopped) this.goOn()
    }
    return clauses
  }

  /** Goes to the next clause. */
  goOn() {
    const { stop } = this
    this.stop = null
    while (this.token.kind !== 'end' && !this.isClause()) this.next()
    // A closing brace, which would be missed, has been skipped too.
    if (this.token.kind === 'end') this.stop = stop
    else this.open.length = this.outer
  }

  /** @returns {Node} */
  clause() {
    const word = this.next()
    const node = this.clauseTerm(word.text)
    const sort = CLAUSE_SORTS.get(word.text)
    if (this.isMark(';')) {
      const semicolon = this.next()
      // Predicates and scorers have operators between them, and no semicolons.
      const joined = sort === 'Pred' || sort === 'Scorer'
      if (joined && !this.endsClause(this.token)) this.fail('PIR0128', 'a semicolon ends the clause', semicolon)
    } else if (!this.endsClause(this.token)) this.between(sort)
    return { ...node, clause: word.text }
  }

  clauseTerm(word) {
    switch (word) {
      case 'filter':
        return this.pred()
      case 'rank':
        return this.scorer()
      case 'select':
        return this.selector()
      case 'mutate':
        return this.sequence()
      default:
        return this.plan()
    }
  }
}
