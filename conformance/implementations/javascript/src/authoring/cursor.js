import { finding } from '../refused.js'
import { HOLE } from '../well-sorted.js'
import { quote } from '../text.js'
import { begins } from './begins.js'
import { leaf } from './nodes.js'
import { CLAUSES, RESERVED } from './tokens.js'

/**
 * @typedef {import('./nodes.js').Node} Node
 * @typedef {import('./tokens.js').Token} Token
 * @typedef {import('./tokens.js').PlacedFinding} PlacedFinding
 */

/** The marks of relations, and their names in the wire form. */
export const RELATIONS = new Map([
  ['<', 'lt'],
  ['<=', 'le'],
  ['==', 'eq'],
  ['!=', 'ne'],
  ['>=', 'ge'],
  ['>', 'gt'],
])

/**
 * Whether there are operators between terms of a sort.
 *
 * @param {string | undefined} part
 */
const isJoined = (part) => part === 'Pred' || part === 'Scorer' || part === 'Pointwise'

/** The closing marks of the opening ones. */
export const CLOSERS = new Map([
  ['(', ')'],
  ['[', ']'],
  ['{', '}'],
])

/** What stands behind a name, and not behind the word of a clause. */
const AS_NAME = new Set([')', ',', ':', '+', '*', 'in', ...RELATIONS.keys()])

/** What is found where something is missing. */
const MISSING = new Set(['PIR0102', 'PIR0103', 'PIR0105'])

const OPERATORS = new Set(['and', 'or', 'not', 'in'])

/** A place in the tokens of a text, and what was found on the way to it. */
export class Cursor {
  /**
   * @param {readonly Token[]} tokens
   * @param {readonly number[]} [strays] the places of characters that are in no token
   */
  constructor(tokens, strays = []) {
    this.tokens = tokens
    this.strays = strays
    this.at = 0
    /** @type {string[]} the opening marks that are not closed yet */
    this.open = []
    /** How many of them are around the clauses. */
    this.outer = 0
    /** @type {PlacedFinding[]} */
    this.findings = []
    /**
     * The places in the last arguments where a comma is missing unless it is an operator, and what was reported there:
     * nothing if the token behind is wrong itself.
     *
     * @type {{index: number, found: PlacedFinding | undefined}[]}
     */
    this.commas = []
    /**
     * What stands for all further tokens once a clause has been given up. So every method returns what it has read of
     * the clause until then, with holes, and nothing more is reported of it.
     *
     * @type {Token | null}
     */
    this.stop = null
  }

  get token() {
    return this.stop ?? this.tokens[this.at]
  }

  get following() {
    return this.stop ?? this.tokens[Math.min(this.at + 1, this.tokens.length - 1)]
  }

  get stopped() {
    return this.stop !== null
  }

  next() {
    const token = this.token
    if (token.kind !== 'end') this.at++
    return token
  }

  /** @returns {{start: number, end: number}} */
  get last() {
    return this.tokens[Math.max(this.at - 1, 0)]
  }

  /**
   * Takes a number or text that may stand here.
   *
   * @returns {Node}
   */
  literal() {
    const { late, value } = this.token
    if (late) this.report(late.code, late.message, { start: late.at ?? this.token.start })
    return leaf(value, this.next())
  }

  isMark(text, token = this.token) {
    return token.kind === 'mark' && token.text === text
  }

  isWord(text, token = this.token) {
    return token.kind === 'word' && token.text === text
  }

  /** Whether a clause begins here: what stands behind its word may show that the word was meant as a name. */
  isClause() {
    return this.isClauseWord() && !AS_NAME.has(this.following.text) && !this.following.arithmetic
  }

  isClauseWord(token = this.token) {
    return token.kind === 'word' && CLAUSES.includes(token.text)
  }

  isName(token = this.token) {
    return token.kind === 'quoted' || (token.kind === 'word' && !RESERVED.has(token.text))
  }

  isRelation(token = this.token) {
    return token.kind === 'mark' && RELATIONS.has(token.text)
  }

  /** @param {string | undefined} part */
  begins(part) {
    return begins(part, this.token, this.following)
  }

  /**
   * @param {string} code
   * @param {string} message
   * @param {{start: number, broken?: boolean, cut?: boolean}} [token] of one that is wrong itself nothing more is said
   * @returns {PlacedFinding | undefined} what was reported, if anything was
   */
  report(code, message, token = this.token) {
    if (this.stopped || token.broken || token.cut) return undefined
    const found = { ...finding(code, null, message), at: token.start }
    this.findings.push(found)
    return found
  }

  /**
   * Gives up on the clause.
   *
   * @param {string} code
   * @param {string} message
   * @param {{start: number, broken?: boolean, cut?: boolean}} [token]
   * @returns {Node} a hole
   */
  fail(code, message, token = this.token) {
    this.report(code, message, token)
    return this.stopHere()
  }

  /** @returns {Node} a hole */
  stopHere() {
    const { start } = this.token
    this.stop ??= { kind: 'end', text: '', start, end: start }
    return this.hole()
  }

  /**
   * What stands for a value that could not be read, and of which nothing is said.
   *
   * @param {{start: number, end: number}} [place]
   * @returns {Node}
   */
  hole(place = this.token) {
    return leaf(HOLE, place)
  }

  /**
   * The token cannot stand where it is.
   *
   * @param {string} expected
   * @returns {Node} a hole
   */
  unexpected(expected) {
    const { kind, text } = this.token
    const ends = kind === 'end' ? this.open.length > 0 : this.isClause() && this.open.length > this.outer
    if (ends) return this.fail('PIR0103', `${quote(this.open.at(-1))} is not closed`)
    if (kind === 'end') return this.fail('PIR0102', `the text ends where ${expected} is due`)
    if (kind === 'mark' && [...CLOSERS.values()].includes(text) && CLOSERS.get(this.open.at(-1)) !== text) {
      const around = this.open.some((mark) => CLOSERS.get(mark) === text)
      if (around) return this.fail('PIR0103', `${quote(this.open.at(-1))} is not closed`)
      return this.fail('PIR0104', `${quote(text)} closes nothing`)
    }
    return this.fail('PIR0102', `${quote(text)} cannot stand here; ${expected} is due`)
  }

  /**
   * The token cannot stand behind what is there.
   *
   * @param {string} expected
   */
  misplaced(expected) {
    return this.isMark('*')
      ? this.fail('PIR0120', 'only a number is a factor, and it comes first')
      : this.unexpected(expected)
  }

  take(mark) {
    if (!this.isMark(mark)) return this.misplaced(quote(mark))
    if (CLOSERS.has(mark)) this.open.push(mark)
    else if (CLOSERS.get(this.open.at(-1)) === mark) this.open.pop()
    return this.next()
  }

  /** @param {string} part what stands behind the colon */
  takeColon(part) {
    if (this.isMark(':')) return this.next()
    return this.begins(part) ? this.fail('PIR0105', 'a colon is missing') : this.misplaced('`:`')
  }

  /**
   * Items in brackets, separated by commas.
   *
   * @template T
   * @param {string} opening
   * @param {(index: number) => T} item
   * @param {(index: number) => string | undefined} part what an item is; undefined for one too many
   * @returns {T[]}
   */
  items(opening, item, part) {
    const closing = CLOSERS.get(opening)
    this.take(opening)
    const items = []
    while (!this.stopped && !this.isMark(closing)) {
      if (this.token.kind === 'end') break
      if (this.isMark(',') || this.isMark(';')) {
        this.report('PIR0102', 'nothing stands between two separators')
        items.push(/** @type {any} */ (this.hole()))
      } else items.push(item(items.length))
      const last = items.length - 1
      // Where an operator is missing, what stands behind it belongs to the same item.
      while (this.missesOperator(part(last)) && !this.begins(part(last + 1))) {
        this.report('PIR0129', 'two terms have no operator between them')
        item(last)
      }
      if (this.isMark(',')) this.next()
      else if (this.isMark(';')) {
        this.report('PIR0128', 'arguments are separated by commas')
        this.next()
      } else if (!this.isMark(closing)) {
        const before = part(items.length - 1)
        if (!this.begins(part(items.length))) this.between(before)
        else {
          const found = this.report('PIR0105', 'a comma is missing')
          if (this.begins(before) && isJoined(before)) this.commas.push({ index: items.length, found })
        }
      }
    }
    this.take(closing)
    return items
  }

  /** Goes to the end of an item, behind whatever it is. */
  skipItem() {
    let depth = 0
    for (;;) {
      if (this.token.kind === 'end' || this.isClause()) return
      if (depth === 0 && [',', ';', ')', ']', '}'].some((mark) => this.isMark(mark))) return
      if (this.token.kind === 'mark' && CLOSERS.has(this.token.text)) depth++
      if ([')', ']', '}'].some((mark) => this.isMark(mark))) depth--
      this.next()
    }
  }

  /**
   * Begins to watch a part of a record.
   *
   * @returns {() => boolean} whether nothing was missing in it until then, and all its characters were in tokens
   */
  completion() {
    const { start } = this.token
    const seen = this.findings.length
    return () => {
      if (this.stopped || this.findings.slice(seen).some(({ code }) => MISSING.has(code))) return false
      const { end } = this.last
      return !this.strays.some((at) => at >= start && at < end)
    }
  }

  /** Goes behind a value, whatever it is: a token, brackets, or a word and brackets. */
  skipValue() {
    if (this.token.kind === 'word') this.next()
    else if (!this.isOpening()) {
      this.next()
      return
    }
    let depth = 0
    do {
      if (this.isOpening()) depth++
      else if (depth === 0 || this.token.kind === 'end') return
      else if (this.token.kind === 'mark' && ')]}'.includes(this.token.text)) depth--
      this.next()
    } while (depth > 0)
  }

  isOpening() {
    return this.token.kind === 'mark' && CLOSERS.has(this.token.text)
  }

  /**
   * Something stands behind a part that can neither end nor continue it.
   *
   * @param {string | undefined} part
   * @returns {Node} a hole
   */
  between(part) {
    if (isJoined(part)) {
      const { text } = this.token
      if (this.isMark(',') || this.isMark(';')) return this.fail('PIR0128', `${quote(text)} separates nothing here`)
      const before = this.tokens[this.at - 1]
      if (part === 'Pred' && this.isCapital(before) && /^not$/i.test(before.text)) return this.capital(before)
      if (part === 'Pred' && this.isCapital()) return this.capital()
      if (this.missesOperator(part)) return this.fail('PIR0129', 'two terms have no operator between them')
    }
    return this.misplaced('an operator or the end')
  }

  /** @param {string | undefined} part */
  missesOperator(part) {
    const isCapital = part === 'Pred' && (this.isCapital() || this.isCapital(this.tokens[this.at - 1]))
    return isJoined(part) && !isCapital && this.begins(part)
  }

  /** Whether the token is an operator of predicates but for its letters. */
  isCapital(token = this.token) {
    const { kind, text } = token
    return kind === 'word' && OPERATORS.has(text.toLowerCase()) && !OPERATORS.has(text)
  }

  /** @returns {Node} a hole */
  capital(token = this.token) {
    return this.fail('PIR0119', `${quote(token.text)} is no operator; write it in small letters`, token)
  }

  /**
   * A term in parentheses.
   *
   * @param {string} sort
   * @param {() => Node} content
   * @returns {Node}
   */
  group(sort, content) {
    const opening = this.take('(')
    const node = content()
    if (!this.isMark(')')) this.between(sort)
    const closing = this.take(')')
    return { ...node, start: opening.start, end: closing.end }
  }
}
