import { CLOSERS } from '../authoring/cursor.js'
import { Parser } from '../authoring/parser.js'
import { RESERVED } from '../authoring/tokens.js'
import { closed } from './unclosed.js'
import { quote } from '../text.js'
import { isNodeName, MOST_NODES, ON_ERROR } from './shape.js'

/**
 * Reads the tokens of a flow: chapter Flows, section Authoring syntax.
 *
 * @typedef {import('../authoring/nodes.js').Node} Node
 * @typedef {import('../authoring/tokens.js').Token} Token
 *
 * @typedef {{start: number, end: number}} Place
 *
 * @typedef {Node & {brace: number}} PolicyNode a policy, and where its brace is
 *
 * @typedef {object} Setting
 * @property {string} word
 * @property {number} start
 * @property {number} end
 * @property {Node} value a text, a word, or the name of a policy
 * @property {PolicyNode} [root] a policy that is written here
 *
 * @typedef {object} Statement
 * @property {'policy' | 'input' | 'llm' | 'output'} word
 * @property {Node} name
 * @property {number} start
 * @property {number} end
 * @property {PolicyNode} [root] of a policy
 * @property {Node} [target] of an output
 * @property {Node[]} [inputs] of an `llm` node
 * @property {Place} [list] the brackets of these
 * @property {Setting[]} [settings]
 * @property {Place} [body] the braces of these
 *
 * @typedef {object} ParsedFlow
 * @property {number} start
 * @property {number} end
 * @property {number} brace
 * @property {Statement[]} statements
 */

const STATEMENTS = new Set(['policy', 'input', 'llm', 'output'])
const SETTINGS = new Set(['policy', 'system', 'template', 'on_error'])

/** How many brackets stand around statements, and around settings. */
const IN_FLOW = 1
const IN_NODE = 2

/** After an error it goes on behind what is wrong, so a token is looked at a few times at most. */
export class FlowParser extends Parser {
  /**
   * @param {string} text
   * @param {readonly Token[]} read
   * @param {readonly number[]} strays
   */
  constructor(text, read, strays) {
    const { tokens, findings } = closed(text, read)
    super(tokens, strays)
    this.findings.push(...findings)
    this.brackets = bracketsOf(tokens)
    // Outside of policies the word of a clause ends nothing.
    this.outer = Infinity
    /** Where the policy ends that is read: the index of a token. */
    this.policyEnd = tokens.length - 1
    /** @type {Statement[]} */
    this.statements = []
  }

  /** @returns {ParsedFlow} */
  flow() {
    const { start } = this.token
    if (!this.isWord('flow')) this.fail('PIR1001', 'a flow begins with the word `flow`')
    this.next()
    const { start: brace } = this.token
    this.take('{')
    const names = { node: new Set(), policy: new Set() }
    let nodes = 0
    this.each(IN_FLOW, STATEMENTS, () => {
      const token = this.token
      const statement = this.statement(names)
      if (statement === undefined) return
      this.statements.push(statement)
      if (statement.word !== 'policy' && ++nodes === MOST_NODES + 1) {
        this.report('PIR1010', `a flow has ${MOST_NODES} nodes at most`, token)
      }
    })
    this.take('}')
    const { end } = this.last
    if (this.token.kind !== 'end') this.report('PIR0107', `${quote(this.token.text)} stands behind the flow`)
    return { start, end, brace, statements: this.statements }
  }

  /**
   * Reads parts up to the closing brace around them.
   *
   * @param {number} depth how many brackets stand around the parts
   * @param {ReadonlySet<string>} words that parts begin with
   * @param {() => void} part
   */
  each(depth, words, part) {
    while (this.token.kind !== 'end' && !this.isMark('}')) {
      const before = this.at
      part()
      if (this.at > before) this.separator()
      if (this.stopped) this.goToPart(depth, words, before)
    }
  }

  /** The semicolon that may stand behind a statement or a setting. */
  separator() {
    if (this.isMark(',')) this.report('PIR0128', 'what ends a statement or a setting is a semicolon')
    if (this.isMark(',') || this.isMark(';')) this.next()
  }

  /**
   * Goes on at the next part, or at the end of the parts.
   *
   * @param {number} depth
   * @param {ReadonlySet<string>} words
   * @param {number} before where the last part began
   */
  goToPart(depth, words, before) {
    const { tokens, stop } = this
    const isPart = (/** @type {number} */ i) => {
      const around = this.brackets.depths[i]
      return around < depth || (around === depth && tokens[i].kind === 'word' && words.has(tokens[i].text))
    }
    if (this.at === before) this.at++
    while (this.at < tokens.length - 1 && !isPart(this.at)) this.at++
    this.at = Math.min(this.at, tokens.length - 1)
    // At the end everything has been said.
    this.stop = tokens[this.at].kind === 'end' ? stop : null
    this.open.length = depth
  }

  /**
   * @param {{node: Set<string>, policy: Set<string>}} names that there are already
   * @returns {Statement | undefined}
   */
  statement(names) {
    const word = this.token
    if (word.kind !== 'word') return void this.unexpected('a statement')
    if (!STATEMENTS.has(word.text)) return void this.fail('PIR1040', `${quote(word.text)} starts no statement`)
    this.next()
    const kind = /** @type {Statement['word']} */ (word.text)
    const token = this.token
    if (this.isNextStatement()) return void this.fail('PIR0102', `a name is due behind ${quote(kind)}`)
    const name = this.nameOf(kind === 'policy' ? 'a policy' : 'a node')
    if (this.stopped) return undefined
    if (kind !== 'policy' && typeof name.value === 'string' && !isNodeName(name.value)) {
      this.report('PIR1008', `${quote(name.value)} is no name of a node`, token)
    }
    const taken = kind === 'policy' ? names.policy : names.node
    if (taken.has(name.value)) this.report('PIR1041', `there is ${quote(String(name.value))} already`, token)
    taken.add(name.value)
    const rest = this.restOf(kind)
    return { word: kind, name, start: word.start, end: this.last.end, ...rest }
  }

  /** Whether the next statement begins where a name is due: its word is no name if a name stands behind it. */
  isNextStatement() {
    const { token, following } = this
    const isWord = token.kind === 'word' && STATEMENTS.has(token.text)
    return isWord && this.isName(following) && !(following.kind === 'word' && STATEMENTS.has(following.text))
  }

  /**
   * What stands behind the name of a statement.
   *
   * @param {Statement['word']} kind
   */
  restOf(kind) {
    switch (kind) {
      case 'policy':
        return { root: this.policyBody(this.tokens[this.at - 2]) }
      case 'input':
        return {}
      case 'llm':
        return this.llm()
      default: {
        this.take('(')
        const target = this.listedName()
        this.takeListEnd()
        return { target }
      }
    }
  }

  /** The inputs and settings of an `llm` node. */
  llm() {
    const { start } = this.token
    const inputs = this.items(
      '(',
      () => this.listedName(),
      () => 'NodeName',
    )
    const list = { start, end: this.last.end }
    const opening = this.token
    this.take('{')
    /** @type {Setting[]} */
    const settings = []
    /** @type {Set<string>} */
    const words = new Set()
    if (!this.stopped) {
      this.each(IN_NODE, SETTINGS, () => {
        const setting = this.settingOf(words)
        if (setting !== undefined) settings.push(setting)
      })
    }
    const closing = this.token
    this.take('}')
    if (!words.has('policy')) this.report('PIR1006', 'an `llm` node needs a policy', closing)
    return { inputs, list, settings, body: { start: opening.start, end: closing.end } }
  }

  /**
   * @param {Set<string>} words those of the settings before
   * @returns {Setting | undefined}
   */
  settingOf(words) {
    const word = this.token
    if (word.kind !== 'word') return void this.unexpected('a setting')
    if (STATEMENTS.has(word.text) && !SETTINGS.has(word.text)) return void this.fail('PIR0103', 'the node is not closed')
    if (!SETTINGS.has(word.text)) return void this.fail('PIR1040', `${quote(word.text)} starts no setting`)
    if (words.has(word.text)) this.report('PIR1043', `the node has ${quote(word.text)} already`)
    words.add(word.text)
    this.next()
    const rest = this.valueOf(word)
    return { word: word.text, start: word.start, end: this.last.end, ...rest }
  }

  /**
   * @param {Token} word
   * @returns {{value: Node, root?: PolicyNode}}
   */
  valueOf(word) {
    if (word.text === 'on_error') return { value: this.onError() }
    if (word.text !== 'policy') return { value: this.prompt() }
    if (!this.isMark('{')) return { value: this.nameOf('a policy') }
    const root = this.policyBody(word)
    return { value: root, root }
  }

  /**
   * The clauses of a policy in their braces.
   *
   * @param {Token} word
   * @returns {PolicyNode}
   */
  policyBody(word) {
    const opening = this.at
    this.take('{')
    if (this.stopped) return { ...this.hole(), brace: word.end }
    const { outer, policyEnd } = this
    this.outer = this.open.length
    this.policyEnd = this.brackets.closers.get(opening) ?? this.tokens.length - 1
    const clauses = this.clauses()
    this.take('}')
    this.outer = outer
    this.policyEnd = policyEnd
    const policy = this.policyOf(clauses, { start: word.start, end: this.last.end })
    return { ...policy, brace: this.tokens[opening].start }
  }

  /** Goes to the next clause of the policy, or to its closing brace. */
  goOn() {
    const { stop } = this
    this.stop = null
    while (this.at < this.policyEnd && !this.isClause()) this.at++
    if (this.at > this.policyEnd) this.at = this.policyEnd
    if (this.token.kind === 'end') this.stop = stop
    else this.open.length = this.outer
  }

  /**
   * @param {string} what has the name
   * @returns {Node}
   */
  nameOf(what) {
    const { kind, text } = this.token
    if (kind === 'quoted') return this.literal()
    if (kind === 'string') {
      this.report('PIR0126', `the name of ${what} is in double quotes`)
      return this.hole(this.next())
    }
    if (kind !== 'word') return this.unexpected(`the name of ${what}`)
    if (RESERVED.has(text)) this.report('PIR0127', `${quote(text)} is reserved; write it in backticks`)
    const token = this.next()
    return token.broken ? this.hole(token) : { value: text, start: token.start, end: token.end }
  }

  /**
   * A name in parentheses.
   *
   * @returns {Node}
   */
  listedName() {
    const { kind } = this.token
    if (this.isMark('{')) return this.unclosedList()
    const isOther = kind === 'number' || kind === 'block' || (kind === 'mark' && !this.isSeparator())
    return isOther ? this.other('the name of a node') : this.nameOf('a node')
  }

  /** Whether a mark stands here that separates or ends names. */
  isSeparator() {
    return [',', ';', ')', ']', '}'].some((mark) => this.isMark(mark))
  }

  takeListEnd() {
    if (this.isMark('{')) this.unclosedList()
    else this.take(')')
  }

  /** @returns {Node} */
  unclosedList() {
    return this.fail('PIR0103', 'a list of names is not closed')
  }

  /**
   * Something else than is due.
   *
   * @param {string} due
   * @returns {Node}
   */
  other(due) {
    const { start, text } = this.token
    this.report('PIR0205', `${due} is due here, not ${quote(text)}`)
    this.skipValue()
    return this.hole({ start, end: this.last.end })
  }

  /**
   * Outside of policies there is no arithmetic.
   *
   * @param {string} expected
   */
  misplaced(expected) {
    return this.outer === Infinity ? this.unexpected(expected) : super.misplaced(expected)
  }

  /**
   * What stands behind a name can be no brace.
   *
   * @param {string | undefined} part
   * @returns {Node}
   */
  between(part) {
    return part === 'NodeName' && this.isMark('{') ? this.unclosedList() : super.between(part)
  }

  /** @returns {Node} */
  prompt() {
    const { kind, text } = this.token
    if (kind === 'string' || kind === 'block') return this.literal()
    if (kind === 'number' || this.startsValue()) return this.other('a text')
    if (kind !== 'word' && kind !== 'quoted') return this.unexpected('a text')
    this.report('PIR0125', `the text ${quote(text)} has no double quotes`)
    return this.hole(this.next())
  }

  /** @returns {Node} */
  onError() {
    const due = '`fail` or `input`'
    const { kind, text } = this.token
    if (kind === 'number' || this.startsValue()) return this.other(due)
    if (kind === 'string') {
      this.report('PIR0126', `${due} has no quotes`)
      return this.hole(this.next())
    }
    if (kind !== 'word' && kind !== 'quoted') return this.unexpected(due)
    if (kind !== 'word' || !ON_ERROR.has(text)) this.report('PIR1007', `${quote(text)} is neither \`fail\` nor \`input\``)
    const { start, end } = this.next()
    return { value: text, start, end }
  }
}

/**
 * The brackets of a text, as far as they match: one that is not closed ends where one around it does.
 *
 * @param {readonly Token[]} tokens
 * @returns {{depths: Int32Array, closers: Map<number, number>}} how many stand around each token, and where each ends
 */
function bracketsOf(tokens) {
  const depths = new Int32Array(tokens.length)
  /** @type {Map<number, number>} */
  const closers = new Map()
  /** @type {number[]} */
  const open = []
  /** How many of each kind are open. @type {Map<string, number>} */
  const counts = new Map()
  const count = (/** @type {string} */ closing, /** @type {number} */ change) =>
    counts.set(closing, (counts.get(closing) ?? 0) + change)
  for (const [i, { kind, text }] of tokens.entries()) {
    if (kind === 'mark' && counts.get(text) > 0) {
      for (let closes = ''; closes !== text; ) {
        const opening = open.pop()
        closes = CLOSERS.get(tokens[opening].text)
        count(closes, -1)
        closers.set(opening, i)
      }
    }
    depths[i] = open.length
    if (kind === 'mark' && CLOSERS.has(text)) {
      open.push(i)
      count(CLOSERS.get(text), 1)
    }
  }
  return { depths, closers }
}
