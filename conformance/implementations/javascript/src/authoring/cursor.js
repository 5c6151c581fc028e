import { finding } from '../refused.js'
import { quote } from '../text.js'
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

/** The closing marks of the opening ones. */
export const CLOSERS = new Map([
  ['(', ')'],
  ['[', ']'],
  ['{', '}'],
])

const OPERATORS = new Set(['and', 'or', 'not', 'in'])

/** Thrown where reading cannot go on, and caught at the clause. */
export const SKIP = Symbol('skip')

/** A place in the tokens of a text, and what was found on the way to it. */
export class Cursor {
  /** @param {readonly Token[]} tokens */
  constructor(tokens) {
    this.tokens = tokens
    this.at = 0
    /** @type {string[]} the opening marks that are not closed yet */
    this.open = []
    /** How many of them are around the clauses. */
    this.outer = 0
    /** @type {PlacedFinding[]} */
    this.findings = []
  }

  get token() {
    return this.tokens[this.at]
  }

  get following() {
    return this.tokens[Math.min(this.at + 1, this.tokens.length - 1)]
  }

  next() {
    const token = this.token
    if (token.kind !== 'end') this.at++
    return token
  }

  /** @returns {{end: number}} */
  get last() {
    return this.tokens[Math.max(this.at - 1, 0)]
  }

  isMark(text, token = this.token) {
    return token.kind === 'mark' && token.text === text
  }

  isWord(text, token = this.token) {
    return token.kind === 'word' && token.text === text
  }

  isClause(token = this.token) {
    return token.kind === 'word' && CLAUSES.includes(token.text)
  }

  isName(token = this.token) {
    return token.kind === 'quoted' || (token.kind === 'word' && !RESERVED.has(token.text))
  }

  isRelation(token = this.token) {
    return token.kind === 'mark' && RELATIONS.has(token.text)
  }

  /** Whether a term could start here. */
  startsTerm() {
    const { kind, text } = this.token
    if (kind === 'word') return !this.isClause() && !['policy', 'on', 'and', 'or', 'in', 'true', 'false'].includes(text)
    return ['string', 'quoted', 'number'].includes(kind) || this.isMark('(')
  }

  /**
   * @param {string} code
   * @param {string} message
   * @param {{start: number, broken?: boolean, cut?: boolean}} [token] of one that is wrong itself nothing more is said
   */
  report(code, message, token = this.token) {
    if (!token.broken && !token.cut) this.findings.push({ ...finding(code, null, message), at: token.start })
  }

  /**
   * Gives up on the clause.
   *
   * @param {string} code
   * @param {string} message
   * @param {{start: number, broken?: boolean, cut?: boolean}} [token]
   * @returns {never}
   */
  fail(code, message, token = this.token) {
    this.report(code, message, token)
    throw SKIP
  }

  /**
   * The token cannot stand where it is.
   *
   * @param {string} expected
   * @returns {never}
   */
  unexpected(expected) {
    const { kind, text } = this.token
    const ends = kind === 'end' ? this.open.length > 0 : this.isClause() && this.open.length > this.outer
    if (ends) this.fail('PIR0103', `${quote(this.open.at(-1))} is not closed`)
    if (kind === 'end') this.fail('PIR0102', `the text ends where ${expected} is due`)
    if (kind === 'mark' && [...CLOSERS.values()].includes(text) && CLOSERS.get(this.open.at(-1)) !== text) {
      const around = this.open.some((mark) => CLOSERS.get(mark) === text)
      if (around) this.fail('PIR0103', `${quote(this.open.at(-1))} is not closed`)
      this.fail('PIR0104', `${quote(text)} closes nothing`)
    }
    return this.fail('PIR0102', `${quote(text)} cannot stand here; ${expected} is due`)
  }

  take(mark) {
    if (!this.isMark(mark)) this.unexpected(quote(mark))
    if (CLOSERS.has(mark)) this.open.push(mark)
    else if (CLOSERS.get(this.open.at(-1)) === mark) this.open.pop()
    return this.next()
  }

  takeColon() {
    if (this.isMark(':')) return this.next()
    const value = ['word', 'string', 'quoted', 'number'].includes(this.token.kind) && !this.isClause()
    if (value || ['(', '[', '{'].some((mark) => this.isMark(mark))) this.fail('PIR0105', 'a colon is missing')
    return this.unexpected('`:`')
  }

  /**
   * Items in brackets, separated by commas.
   *
   * @template T
   * @param {string} opening
   * @param {(index: number) => T} item
   * @returns {T[]}
   */
  items(opening, item) {
    const closing = CLOSERS.get(opening)
    this.take(opening)
    const items = []
    while (!this.isMark(closing)) {
      items.push(item(items.length))
      if (this.isMark(',')) this.next()
      else if (this.isMark(';')) {
        this.report('PIR0128', 'arguments are separated by commas')
        this.next()
      } else if (!this.isMark(closing)) {
        const starts = (this.startsTerm() && !this.isWord('not')) || this.isMark('{') || this.isMark('[')
        if (!starts) this.unexpected(`a comma or ${quote(closing)}`)
        this.report('PIR0105', 'a comma is missing')
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
   * Something stands behind a term that can neither end nor continue it.
   *
   * @param {boolean} joined whether there are operators between terms of that sort
   * @returns {never}
   */
  between(joined) {
    const { text } = this.token
    if (this.isMark(',') || this.isMark(';')) this.fail('PIR0128', `${quote(text)} separates nothing here`)
    if (joined && this.startsTerm()) {
      const before = this.tokens[this.at - 1]
      if (this.isCapital(before) && /^not$/i.test(before.text)) this.capital(before)
      if (this.isCapital()) this.capital()
      this.fail('PIR0129', 'two terms have no operator between them')
    }
    return this.unexpected('an operator or the end')
  }

  /** Whether the token is an operator of predicates but for its letters. */
  isCapital(token = this.token) {
    const { kind, text } = token
    return kind === 'word' && OPERATORS.has(text.toLowerCase()) && !OPERATORS.has(text)
  }

  /** @returns {never} */
  capital(token = this.token) {
    return this.fail('PIR0119', `${quote(token.text)} is no operator; write it in small letters`, token)
  }

  /**
   * A term in parentheses.
   *
   * @param {() => Node} content
   * @param {boolean} [joined] whether there are operators between terms of that sort
   * @returns {Node}
   */
  group(content, joined = false) {
    const opening = this.take('(')
    const node = content()
    if (!this.isMark(')')) this.between(joined)
    const closing = this.take(')')
    return { ...node, start: opening.start, end: closing.end }
  }
}
