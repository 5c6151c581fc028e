import { CLOSERS } from '../authoring/cursor.js'
import { CLAUSES, opensPolicy, RESERVED } from '../authoring/tokens.js'
import { finding } from '../refused.js'
import { quote } from '../text.js'

/**
 * Policies and lists of names that are not closed where a statement or a setting shows it: chapter Flows, section
 * Authoring syntax.
 *
 * @typedef {import('../authoring/tokens.js').PlacedFinding} PlacedFinding
 * @typedef {import('../authoring/tokens.js').Token} Token
 */

/** What stands behind the name of a statement: null where anything may. */
const BEHIND_NAME = new Map([
  ['policy', '{'],
  ['input', null],
  ['llm', '('],
  ['output', '('],
])
const LISTS = new Set(['llm', 'output'])
const BEFORE = new Set(['{', '}', ';'])
const AS_NAME = new Set([')', ',', ':', 'in', '<', '<=', '==', '!=', '>=', '>', '+', '*'])

/**
 * Closes what is open where it cannot be.
 *
 * @param {string} text
 * @param {readonly Token[]} tokens
 * @returns {{tokens: Token[], findings: PlacedFinding[]}}
 */
export function closed(text, tokens) {
  /** @type {Token[]} */
  const whole = []
  /** @type {PlacedFinding[]} */
  const findings = []
  /** The brackets that are open, from that of a policy or of a list of names on. @type {string[]} */
  let open = []
  for (const [i, token] of tokens.entries()) {
    if (open.length > 0 && beginsPart(text, tokens, i)) {
      const message = `${quote(open[0])} is not closed where ${quote(token.text)} begins`
      findings.push({ ...finding('PIR0103', null, message), at: token.start })
      const at = tokens[i - 1].end
      // As one that is broken it ends, and says nothing of, whatever else is open.
      whole.push({ kind: 'mark', text: CLOSERS.get(open[0]), start: at, end: at, broken: true })
      open = []
    }
    open = opened(open, tokens, i)
    whole.push(token)
  }
  return { tokens: whole, findings }
}

/**
 * The brackets that are open behind a token.
 *
 * @param {string[]} open those before it
 * @param {readonly Token[]} tokens
 * @param {number} i
 * @returns {string[]}
 */
function opened(open, tokens, i) {
  const { kind, text } = tokens[i]
  if (kind === 'word' && CLAUSES.includes(text) && open.length > 0) {
    return AS_NAME.has(tokens[i + 1].text) || tokens[i + 1].arithmetic ? open : open.slice(0, 1)
  }
  if (kind !== 'mark') return open
  if (open.length === 0) {
    if (text === '{' && opensPolicy(tokens.slice(Math.max(i - 2, 0), i))) return ['{']
    return text === '(' && i > 1 && tokens[i - 2].kind === 'word' && LISTS.has(tokens[i - 2].text) ? ['('] : open
  }
  if (open[0] === '(') return ['{', '}', ')', ']'].includes(text) ? [] : open
  if (CLOSERS.has(text)) open.push(text)
  else if (text === '}' && open.lastIndexOf('{') === 0) return []
  else if ([')', ']', '}'].includes(text)) closeOne(open, text)
  return open
}

/**
 * Takes off what a closing bracket closes, with what is open in it; of another kind the innermost.
 *
 * @param {string[]} open
 * @param {string} closing
 */
function closeOne(open, closing) {
  const at = open.findLastIndex((mark) => CLOSERS.get(mark) === closing)
  open.length = Math.max(at > 0 ? at : open.length - 1, 1)
}

/**
 * Whether a statement or a setting begins at a token, and nothing else can.
 *
 * @param {string} text
 * @param {readonly Token[]} tokens
 * @param {number} i
 */
function beginsPart(text, tokens, i) {
  const { kind, text: word, start } = tokens[i]
  if (kind !== 'word' || i === 0) return false
  const before = tokens[i - 1]
  const isFirst = (before.kind === 'mark' && BEFORE.has(before.text)) || text.slice(before.end, start).includes('\n')
  return isFirst && (isStatement(word, tokens, i) || isSetting(word, tokens[i + 1]))
}

/**
 * @param {string} word
 * @param {readonly Token[]} tokens
 * @param {number} i
 */
function isStatement(word, tokens, i) {
  if (!BEHIND_NAME.has(word) || !isName(tokens[i + 1])) return false
  const due = BEHIND_NAME.get(word)
  return due === null || (tokens[i + 2].kind === 'mark' && tokens[i + 2].text === due)
}

/**
 * @param {string} word
 * @param {Token} next
 */
function isSetting(word, next) {
  if (word === 'policy') return isName(next) || (next.kind === 'mark' && next.text === '{')
  if (word === 'on_error') return isName(next)
  return (word === 'system' || word === 'template') && (next.kind === 'string' || next.kind === 'block')
}

/** @param {Token} token */
function isName({ kind, text }) {
  return kind === 'quoted' || (kind === 'word' && !RESERVED.has(text))
}
