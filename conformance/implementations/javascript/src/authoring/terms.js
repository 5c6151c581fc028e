import { SIGNATURE, VERBS } from '../signature.js'
import { quote } from '../text.js'
import { CLOSERS, RELATIONS } from './cursor.js'
import { leaf, listNode, term } from './nodes.js'
import { Parameters } from './parameters.js'
import { RESERVED } from './tokens.js'

/**
 * @typedef {import('./nodes.js').Node} Node
 * @typedef {import('./tokens.js').Token} Token
 */

const ATTRIBUTES = new Map([
  ['provider', 'provider_eq'],
  ['family', 'family_eq'],
  ['served_by', 'served_by_eq'],
  ['tier', 'tier_eq'],
])

/** Reads terms, of each sort by a method of its own. */
export class Terms extends Parameters {
  // --- predicates -----------------------------------------------------------------------------------------------

  pred() {
    return this.joined('or', () => this.joined('and', () => this.negation()))
  }

  /** @returns {Node} */
  joined(word, part) {
    const parts = [part()]
    while (this.isWord(word)) {
      this.next()
      parts.push(part())
    }
    return parts.length === 1 ? parts[0] : term(word, parts, parts[0], parts.at(-1))
  }

  negation() {
    const words = []
    while (this.isWord('not')) words.push(this.next())
    let node = this.condition()
    while (words.length > 0) node = term('not', [node], words.pop(), node)
    return node
  }

  /** @returns {Node} */
  condition() {
    const start = this.token
    const node = this.conditionStart()
    if (this.isRelation()) {
      // What is no predicate has that wrong with it.
      const isPredicate = node.kids?.[0] !== null || SIGNATURE.get(node.value[0])?.sort === 'Pred'
      if (isPredicate) this.fail('PIR0121', 'only a field is compared, and only with a number')
      else this.stopHere()
      return node
    }
    if (this.isMark('+') || this.isMark('*')) this.fail('PIR0203', 'a sum or product is a scorer', start)
    else if (this.isCapital()) this.capital()
    return node
  }

  /** @returns {never} */
  numberInstead() {
    const start = this.token
    this.next()
    if (this.isRelation()) return this.fail('PIR0121', 'a comparison starts with the field')
    if (this.isMark('+') || this.isMark('*')) return this.fail('PIR0203', 'a sum or product is a scorer', start)
    this.report('PIR0201', 'a number is no predicate', start)
    return this.hole(start)
  }

  arithmeticFollows() {
    return this.isMark('+') || this.isMark('*') || this.token.arithmetic
  }

  conditionStart() {
    const { kind, text } = this.token
    if (this.isMark('(')) return this.group('Pred', () => this.pred())
    if (kind === 'number') return this.numberInstead()
    const compared = this.isRelation(this.following) || this.isWord('in', this.following)
    if (kind === 'string' && !compared) return this.otherValue('a predicate')
    if (kind === 'word' && (text === 'true' || text === 'false')) return this.otherValue('a predicate')
    if (this.isCapital() && this.isMark('(', this.following)) return this.capital()
    if (kind === 'string' || kind === 'quoted') return this.comparison(this.name())
    if (kind !== 'word') return this.unexpected('a predicate')
    if (this.isCall()) return text === 'policy' ? this.comparison(this.name()) : this.call()
    if (ATTRIBUTES.has(text)) return this.isMark('(', this.following) ? this.noOperation() : this.attribute()
    if (RESERVED.has(text) && SIGNATURE.has(text) && !['and', 'or', 'policy'].includes(text)) return this.constant()
    if (RESERVED.has(text)) this.reserved('a predicate')
    return this.comparison(this.name())
  }

  /** A number, text or boolean where a term is due. */
  otherValue(expected) {
    this.report('PIR0201', `${quote(this.token.text)} is not ${expected}`)
    return this.hole(this.next())
  }

  /** The word of an operation, which has none of its arguments behind it. */
  constant() {
    const word = this.next()
    if (!SIGNATURE.get(word.text)?.args.length) return term(word.text, [], word, word)
    this.misplaced('`(`')
    return this.callOf(word, [])
  }

  /**
   * A reserved word may have been meant as a name; otherwise it cannot stand here.
   *
   * @param {string} expected
   */
  reserved(expected) {
    const { text } = this.token
    if (text === 'and' || text === 'or') return this.unexpected(expected)
    return this.isClause() ? this.unexpected(expected) : undefined
  }

  /** @param {Node} name */
  comparison(name) {
    if (this.isRelation()) {
      const relation = this.next()
      const number = this.comparedWith(relation, name)
      return term('cmp', [name, leaf(RELATIONS.get(relation.text), relation), number], name, number)
    }
    if (this.isWord('in') || (this.isWord('not') && this.isWord('in', this.following))) {
      return this.membership(name, () => {
        const opening = this.token
        const names = listNode(
          this.values(() => this.string(), 'Name'),
          opening,
          this.last,
        )
        return term('tag_in', [name, names], name, names)
      })
    }
    return term('is', [name], name, name)
  }

  membership(from, positive) {
    const negative = this.isWord('not')
    if (negative) this.next()
    this.next()
    const node = positive()
    return negative ? term('not', [node], from, node) : node
  }

  /**
   * The values in braces behind `in`.
   *
   * @param {() => Node} value
   * @param {string} sort
   */
  values(value, sort) {
    const opening = this.token
    const values = this.items('{', value, () => sort)
    if (values.length === 0) this.report('PIR0210', 'there are no values', opening)
    if (values.length === 0) values.push(this.hole())
    return values
  }

  attribute() {
    const word = this.next()
    const op = ATTRIBUTES.get(word.text)
    const isTier = word.text === 'tier'
    const value = () => (isTier ? this.nameOrString() : this.string())
    if (this.isRelation()) {
      const relation = this.next()
      const allowed = relation.text === '==' || relation.text === '!=' || (isTier && relation.text === '>=')
      if (!allowed) this.report('PIR0122', `${quote(word.text)} has no relation ${quote(relation.text)}`, relation)
      const right = value()
      if (relation.text === '>=') return term('min_tier', [right], word, right)
      const equal = term(op, [right], word, right)
      return relation.text === '!=' ? term('not', [equal], word, right) : equal
    }
    if (this.isWord('in') || (this.isWord('not') && this.isWord('in', this.following))) {
      return this.membership(word, () => {
        const values = this.values(value, isTier ? 'Tier' : 'Name')
        const parts = values.map((part) => term(op, [part], part, part))
        return term('or', parts, word, this.last)
      })
    }
    return this.fail('PIR0127', `${quote(word.text)} is reserved; compare it, or write it in backticks`, word)
  }

  // --- scorers --------------------------------------------------------------------------------------------------

  /** @param {boolean} [compared] whether a relation may follow, as in `test` */
  scorer(compared = false) {
    const start = this.token
    const parts = [this.product()]
    while (this.isMark('+')) {
      this.next()
      parts.push(this.product())
    }
    const joined = ['and', 'or', 'in', 'not'].some((word) => this.isWord(word))
    if (joined || (this.isRelation() && !compared)) {
      this.fail('PIR0203', 'a predicate stands where a scorer is due', this.token.broken ? this.token : start)
    }
    return parts.length === 1 ? parts[0] : term('add', parts, parts[0], parts.at(-1))
  }

  product() {
    const factors = []
    while (this.token.kind === 'number' && this.isMark('*', this.following)) {
      factors.push(this.literal())
      this.next()
    }
    let node = this.score()
    while (factors.length > 0) {
      const factor = factors.pop()
      node = term('scale', [factor, node], factor, node)
    }
    const subtracts = this.token.kind === 'number' && this.token.text.startsWith('-')
    if (this.isMark('*')) this.fail('PIR0120', 'only a number is a factor, and it comes first')
    else if (subtracts || this.token.arithmetic) this.fail('PIR0120', 'scorers have no subtraction')
    return node
  }

  score() {
    if (this.isMark('+') && this.following.kind === 'number') {
      this.report('PIR0109', 'a number has no sign `+`')
      this.next()
    }
    const { kind, text } = this.token
    if (this.isMark('(')) return this.group('Scorer', () => this.scorer())
    if (kind === 'number') {
      const number = this.literal()
      return term('lit', [number], number, number)
    }
    if (kind === 'word' && ATTRIBUTES.has(text) && this.isMark('(', this.following)) return this.noOperation()
    if (kind === 'word' && (text === 'not' || ATTRIBUTES.has(text))) return this.predicateInstead('PIR0203')
    if (this.isCall() && text !== 'policy') return this.call()
    if (kind === 'word' && (text === 'true' || text === 'false')) return this.otherValue('a scorer')
    if (kind === 'word' && RESERVED.has(text)) {
      if (SIGNATURE.has(text) && !['and', 'or', 'policy'].includes(text)) return this.constant()
      this.reserved('a scorer')
    }
    if (!['word', 'quoted', 'string'].includes(kind)) return this.unexpected('a scorer')
    const name = this.name()
    return term('field', [name], name, name)
  }

  /**
   * A predicate that starts with a reserved word, where another term is due: what is wrong is its sort.
   *
   * @param {string} code for the word of an attribute alone
   */
  predicateInstead(code) {
    const next = this.following
    const whole = this.isRelation(next) || this.isWord('in', next) || this.isWord('not', next)
    if (this.isWord('not') || whole) return this.negation()
    this.report(code, `${quote(this.token.text)} is not the term that is due here`)
    return this.hole(this.next())
  }

  /** A word that is no operation, with brackets behind it as if it were. */
  noOperation() {
    return this.fail('PIR0202', `there is no operation ${quote(this.token.text)}`)
  }

  // --- selectors and transforms ---------------------------------------------------------------------------------

  selector() {
    if (this.isMark('(')) return this.group('Selector', () => this.selector())
    return this.operation('a selector')
  }

  /** A word that can only be an operation, with its arguments if it has any. */
  operation(expected) {
    const { kind, text } = this.token
    if (kind === 'number' || kind === 'string') return this.otherValue(expected)
    if (kind !== 'word') return this.unexpected(expected)
    if (text === 'not' || ATTRIBUTES.has(text)) return this.predicateInstead('PIR0202')
    if (VERBS.has(text)) return this.plan()
    if (this.isCall()) return this.call()
    if (SIGNATURE.has(text)) return this.constant()
    if (this.isClause()) return this.unexpected(expected)
    // There is no such operation, and what follows is not known to belong to it.
    const word = this.token
    const node = this.constant()
    this.skipItem()
    return word.broken ? this.hole(word) : node
  }

  transform() {
    if (this.isMark('(')) return this.group('Xform', () => this.sequence())
    return this.operation('a transform')
  }

  sequence() {
    const grouped = this.open.at(-1) === '('
    const parts = [this.transform()]
    for (;;) {
      if (this.isMark(',')) this.report('PIR0128', 'transforms are separated by semicolons')
      else if (this.begins('Xform')) {
        this.report('PIR0105', 'a semicolon is missing')
        parts.push(this.transform())
        continue
      } else if (!this.isMark(';')) break
      else if (!grouped && this.endsClause(this.following)) break
      this.next()
      parts.push(this.transform())
    }
    return parts.length === 1 ? parts[0] : term('seq', parts, parts[0], parts.at(-1))
  }

  endsClause(token) {
    return token.kind === 'end' || this.isClauseWord(token) || this.isMark('}', token)
  }

  // --- failure plans --------------------------------------------------------------------------------------------

  plan() {
    let node = this.planBase()
    while (this.isWord('on')) {
      this.next()
      const reason = this.nameOrString()
      this.takeColon('Action')
      const action = this.action()
      node = term('override', [node, reason, action], node, action)
    }
    return node
  }

  planBase() {
    const { kind, text } = this.token
    if (this.isMark('(')) return this.group('FailPlan', () => this.plan())
    if (kind === 'number' || kind === 'string') return this.otherValue('a failure plan')
    if (kind === 'word' && SIGNATURE.has(text)) {
      return this.isMark('(', this.following) || RESERVED.has(text) ? this.operation('a failure plan') : this.constant()
    }
    const action = this.action()
    return term('always', [action], action, action)
  }

  // --- function forms -------------------------------------------------------------------------------------------

  /** Whether a function form starts here: a word that is no reserved one, but for those of operations, and brackets. */
  isCall() {
    const { kind, text } = this.token
    return kind === 'word' && this.isMark('(', this.following) && (!RESERVED.has(text) || SIGNATURE.has(text))
  }

  /** An operation's word and, in parentheses, its arguments. */
  call() {
    const word = this.next()
    const operation = SIGNATURE.get(word.text)
    if (!operation) {
      this.items(
        '(',
        () => this.skipItem(),
        () => undefined,
      )
      return term(word.text, [], word, this.last)
    }
    const [sort] = operation.args
    if (sort === 'Recipe' || sort === 'Chain') {
      const opening = this.token
      const [item, part] = sort === 'Recipe' ? [() => this.recipeStep(), 'Step'] : [() => this.chainEntry(), 'Entry']
      const entries = this.items('(', item, () => part)
      return term(word.text, [listNode(entries, opening, this.last)], word, this.last)
    }
    if (word.text === 'test') return this.test(word)
    const sortOf = (index) => (operation.variadic ? sort : operation.args[index])
    const around = this.commas
    this.commas = []
    const args = this.items('(', (index) => this.argument(sortOf(index)), sortOf)
    if (!operation.variadic) this.joinArguments(args, operation.args.length)
    this.commas = around
    // A word without arguments has no parentheses either: an argument too many stands for them.
    if (operation.args.length === 0 && args.length === 0) args.push(leaf(0, word))
    return this.callOf(word, args)
  }

  /**
   * Of too many arguments, takes two with nothing between them for the operands of an operator that is missing.
   *
   * @param {Node[]} args
   * @param {number} due
   */
  joinArguments(args, due) {
    for (const { index, found } of this.commas.reverse()) {
      if (args.length <= due) return
      if (found !== undefined) found.code = 'PIR0129'
      args.splice(index, 1)
    }
  }

  /**
   * An operation with its arguments. If reading has stopped, their number is not known: holes stand for those that it
   * has not come to, and those that are too many are left out.
   *
   * @param {Token} word
   * @param {Node[]} args
   * @returns {Node}
   */
  callOf(word, args) {
    const { args: sorts, variadic } = SIGNATURE.get(word.text)
    const due = sorts.length
    if (this.stopped) {
      while (args.length < due) args.push(this.hole())
      if (!variadic) args.length = due
    }
    const node = term(word.text, args, word, this.last)
    if (args.length < due) return { ...node, counted: this.last.start }
    return !variadic && args.length > due ? { ...node, counted: args[due].start } : node
  }

  /** `test` has a form of its own besides, with a relation as a mark. */
  test(word) {
    const sorts = SIGNATURE.get('test').args
    /** @type {Node[]} */
    const args = []
    let compared = false
    const item = () => {
      const node = args.length === 0 ? this.scorer(true) : this.argument(sorts[args.length])
      args.push(node)
      if (args.length > 1 || !this.isRelation()) return
      compared = true
      const relation = this.next()
      const number = this.comparedWith(relation, node)
      args.push(leaf(RELATIONS.get(relation.text), relation), number)
      if (this.isRelation() || this.arithmeticFollows()) this.fail('PIR0121', 'a scorer is compared with one number')
    }
    this.items('(', item, (index) => (compared ? undefined : sorts[index]))
    return this.callOf(word, args)
  }

  /**
   * @param {string | undefined} sort undefined for an argument too many
   * @returns {Node}
   */
  argument(sort) {
    switch (sort) {
      case 'Pred':
        return this.pred()
      case 'Scorer':
      case 'Pointwise':
        return this.scorer()
      case 'Selector':
        return this.selector()
      case 'FailPlan':
        return this.plan()
      case 'Xform':
        return this.transform()
      case 'Num':
      case 'Count':
        return this.number()
      case 'Rel':
        return this.relation()
      case 'NumField':
      case 'BoolField':
      case 'TagField':
      case 'Field':
        return this.name()
      case 'Tier':
      case 'Reason':
        return this.nameOrString()
      case 'Name':
      case 'ParamName':
      case 'Sym':
        return this.string()
      case 'Names':
        return this.names()
      case 'Scalar':
        return this.scalar()
      case 'Action':
        return this.action()
      default: {
        const start = this.token
        this.skipItem()
        return leaf(0, { start: start.start, end: this.last.end })
      }
    }
  }
}
