import { quote } from '../text.js'
import { CLOSERS, Cursor } from './cursor.js'
import { leaf, listNode, recordNode } from './nodes.js'
import { RESERVED } from './tokens.js'

/**
 * @typedef {import('./nodes.js').Node} Node
 * @typedef {import('./nodes.js').Member} Member
 * @typedef {import('./tokens.js').Token} Token
 */

const NOT_FINITE = /^(?:nan|infinity|inf)$/i

/** Reads arguments that are no terms. One of another kind is taken as it stands, and refused in the wire form. */
export class Parameters extends Cursor {
  number() {
    const { kind, text } = this.token
    if (kind === 'number') return this.literal()
    if (kind === 'word' && NOT_FINITE.test(text)) return this.notFinite()
    if (kind === 'string') return leaf(this.token.value, this.next())
    if (kind === 'word' && (text === 'true' || text === 'false')) return leaf(text === 'true', this.next())
    if (this.isClause() || kind === 'end') return this.unexpected('a number')
    if (kind === 'mark' && !this.startsValue()) return this.unexpected('a number')
    const start = this.token
    if (kind === 'block') return this.otherKind()
    this.skipValue()
    return leaf(start.text, { start: start.start, end: this.last.end })
  }

  notFinite() {
    this.report('PIR0112', `${quote(this.token.text)} is no number of the language`)
    return this.hole(this.next())
  }

  string() {
    const { kind, text } = this.token
    if (kind === 'string') return this.literal()
    if (kind === 'number') return leaf(this.token.value, this.next())
    if (this.startsValue()) return this.otherKind()
    if ((kind !== 'word' && kind !== 'quoted') || this.isClause()) return this.unexpected('a text in double quotes')
    this.report('PIR0125', `the value ${quote(String(this.token.value ?? text))} has no double quotes`)
    const start = this.token
    this.skipValue()
    return this.hole({ start: start.start, end: this.last.end })
  }

  scalar() {
    const { kind, text } = this.token
    if (kind === 'word' && NOT_FINITE.test(text)) return this.notFinite()
    if (kind === 'word' && (text === 'true' || text === 'false')) return leaf(text === 'true', this.next())
    if (kind === 'number') return this.literal()
    return this.string()
  }

  /** @returns {Node} */
  name() {
    const { kind, text } = this.token
    if (kind === 'number') return leaf(this.token.value, this.next())
    if (this.startsValue()) return this.otherKind()
    if (kind === 'string') this.report('PIR0126', `the name ${quote(String(this.token.value))} is in double quotes`)
    else if (kind !== 'word' && kind !== 'quoted') return this.unexpected('a name')
    else if (this.isMark('(', this.following) && !RESERVED.has(text)) return this.otherKind()
    if (this.isClause()) return this.unexpected('a name')
    if (kind === 'word' && RESERVED.has(text))
      this.report('PIR0127', `${quote(text)} is reserved; write it in backticks`)
    return kind === 'quoted' ? this.literal() : leaf(this.token.value ?? text, this.next())
  }

  nameOrString() {
    return this.token.kind === 'string' ? this.literal() : this.name()
  }

  relation() {
    const { kind, text } = this.token
    if (kind === 'number') return leaf(this.token.value, this.next())
    if (this.isRelation() || this.isMark('*')) return leaf(text, this.next())
    if (this.startsValue()) return this.otherKind()
    if (kind === 'string') this.report('PIR0126', 'a relation has no quotes')
    else if (kind === 'quoted') this.report('PIR0206', `${quote(text)} is no relation`)
    else if (kind !== 'word') return this.unexpected('a relation')
    if (kind !== 'word') return this.hole(this.next())
    return leaf(this.token.value ?? text, this.next())
  }

  names() {
    const { kind } = this.token
    if (kind === 'string' || kind === 'number') return leaf(this.token.value, this.next())
    if (kind === 'word' && !this.isClause()) return leaf(this.token.text, this.next())
    if (!this.isMark('{') && this.startsValue()) return leaf(0, this.otherKind())
    const opening = this.token
    const values = this.items(
      '{',
      () => this.string(),
      () => 'Name',
    )
    if (this.stopped) values.push(this.hole())
    return listNode(values, opening, this.last)
  }

  /** Whether a mark stands here that is taken for a value of another kind, or a text of several lines, which is none. */
  startsValue() {
    return this.token.kind === 'block' || this.isOpening() || this.isMark('*') || this.isRelation()
  }

  /** A value of another kind than is due. */
  otherKind() {
    const start = this.token
    this.skipValue()
    if (start.kind === 'block' && start.broken) return this.hole(start)
    return leaf([], { start: start.start, end: this.last.end })
  }

  /** The number on the right of a relation. */
  comparedWith(relation, left) {
    const { kind, text } = this.token
    if (kind === 'number') return this.literal()
    if (kind === 'word' && NOT_FINITE.test(text)) return this.notFinite()
    if (kind === 'word' && this.isClause() && !this.isMark('(', this.following)) return this.unexpected('a number')
    if (['word', 'string', 'quoted'].includes(kind) || this.startsValue()) {
      return this.fail('PIR0121', 'only a field is compared, and only with a number', this.anyBroken(relation, left))
    }
    return this.unexpected('a number')
  }

  /** Of a mistaken operator, what follows is not reported. */
  anyBroken(relation, left) {
    return relation.broken ? relation : this.token.broken ? this.token : left
  }

  // --- records ------------------------------------------------------------------------------------------------------

  /** @returns {Node} */
  action() {
    const verb = this.token
    if (verb.kind === 'string') this.report('PIR0126', 'an action has no quotes')
    else if (verb.kind !== 'word') return this.unexpected('an action')
    if (this.isClause()) return this.unexpected('an action')
    if (verb.kind === 'word' && RESERVED.has(verb.text)) {
      return this.fail('PIR0207', `${quote(verb.text)} is no action`)
    }
    this.next()
    /** @type {Map<string, Member>} */
    const members = new Map([
      ['action', { start: verb.start, end: verb.end, node: leaf(verb.value ?? verb.text, verb) }],
    ])
    if (this.isMark('('))
      this.items(
        '(',
        () => this.setting(members),
        () => 'Setting',
      )
    return recordNode(members, verb, this.last)
  }

  /** @param {Map<string, Member>} members */
  setting(members) {
    /** @type {Node} */
    let key
    this.member(
      members,
      () => (key = this.key()),
      () => {
        const { kind, text } = this.token
        if (key.value === 'then_action') {
          // The wire form has a text here, which must not be quoted in this syntax: any other value says so.
          if (kind === 'string') return leaf(true, this.next())
          if (kind === 'word' && !RESERVED.has(text)) return leaf(text, this.next())
        }
        if (this.isMark('[')) {
          const opening = this.token
          const numbers = this.items(
            '[',
            () => this.number(),
            () => 'Num',
          )
          return listNode(numbers, opening, this.last)
        }
        return this.number()
      },
      'Value',
    )
  }

  /** @returns {Node} the name before a colon */
  key() {
    const { kind, text } = this.token
    if (kind === 'number' || this.startsValue()) return this.unexpected('a key')
    // A word with brackets behind it is a name here, which lacks its colon.
    if (kind === 'word' && this.isMark('(', this.following) && !RESERVED.has(text)) return leaf(text, this.next())
    return this.name()
  }

  /**
   * @param {Map<string, Member>} members
   * @param {() => Node} name
   * @param {() => Node} value
   * @param {string} part what the value is
   */
  member(members, name, value, part) {
    const isComplete = this.completion()
    const key = name()
    const again = members.has(key.value)
    this.takeColon(part)
    const node = value()
    // Of an entry that is not complete nothing is said.
    if (!isComplete()) return
    if (again) this.report('PIR0114', `the key ${quote(String(key.value))} is there already`, key)
    else members.set(key.value, { start: key.start, end: node.end, node })
  }

  recipeStep() {
    if (!this.isMark('{')) return this.string()
    const opening = this.token
    /** @type {Map<string, Member>} */
    const members = new Map()
    this.items(
      '{',
      () => this.member(
          members,
          () => this.key(),
          () => this.number(),
          'Num',
        ),
      () => 'Amount',
    )
    return recordNode(members, opening, this.last)
  }

  chainEntry() {
    const start = this.token
    const isComplete = this.completion()
    /** @type {Map<string, Member>} */
    const members = new Map()
    if (this.isMark('{')) {
      this.items(
        '{',
        () => {
          const key = () => (this.isWord('provider') ? leaf('provider', this.next()) : this.key())
          this.member(members, key, () => this.string(), 'Name')
        },
        () => 'Member',
      )
    } else {
      const provider = this.string()
      this.takeColon('Name')
      const model = this.string()
      members.set('provider', { start: provider.start, end: provider.end, node: provider })
      members.set('model', { start: model.start, end: model.end, node: model })
    }
    if (!isComplete()) {
      for (const key of ['provider', 'model']) if (!members.has(key)) members.set(key, { ...start, node: this.hole() })
    }
    return recordNode(members, start, this.last)
  }
}
