import { encode } from '../cbor.js'
import { keysOf } from '../json-text.js'
import { clausesOf, name as printName, string as printText } from '../print/authoring.js'
import { attachComments } from '../print/comments.js'
import { lines, withBehind } from '../print/layout.js'
import { hexOf } from '../text.js'
import { printBlock } from './block.js'
import { distribute, withoutComments, withoutHead } from './comments.js'

/**
 * The authoring layout of flows: chapter Flows, section Printing.
 *
 * @typedef {import('../signature.js').Term} Term
 * @typedef {import('./authoring.js').FlowSource} FlowSource
 * @typedef {import('./comments.js').Around} Around
 * @typedef {import('./comments.js').Note} Note
 * @typedef {import('./parser.js').PolicyNode} PolicyNode
 * @typedef {import('./shape.js').Flow} Flow
 *
 * @typedef {import('../print/comments.js').Entry[]} PolicyText its clauses and the comments between them
 *
 * @typedef {object} SettingText
 * @property {string} word
 * @property {string} [shown] what stands behind the word; absent for a policy in braces, and where nothing is written
 * @property {PolicyText} [policy]
 * @property {Around} [around]
 *
 * @typedef {object} StatementText
 * @property {string} head
 * @property {PolicyText} [policy]
 * @property {SettingText[]} [settings]
 * @property {readonly Note[]} [after] comments behind the last setting
 * @property {Around} around
 */

const INDENT = 2
const STATEMENT = INDENT
const SETTING = 2 * INDENT
const BLOCK = 3 * INDENT
const SETTINGS = ['policy', 'system', 'template', 'on_error']

/**
 * @param {Flow} flow that was not written in the authoring syntax
 * @returns {string} ends with a line feed
 */
export function printFlow([, nodes]) {
  const shared = sharedPolicies(Object.values(nodes))
  /** @type {StatementText[]} */
  const statements = [...shared.names].map(([key, name]) => ({
    head: `policy ${name} {`,
    policy: plainPolicy(shared.terms.get(key)),
    around: apart(),
  }))
  for (const name of keysOf(nodes)) {
    const node = nodes[name]
    if (node[0] !== 'llm') {
      statements.push({ head: headOf(node[0], name, node[1]), around: apart() })
      continue
    }
    const { policy, inputs, ...texts } = node[1]
    const named = shared.names.get(keyOf(policy))
    const first = named === undefined ? { word: 'policy', policy: plainPolicy(policy) } : { word: 'policy', shown: named }
    const rest = SETTINGS.slice(1).map((word) => ({ word, shown: shownOf(word, texts[word]) }))
    statements.push({ head: headOf('llm', name, inputs), settings: [first, ...rest], around: apart() })
  }
  return `flow {\n${statementLines(statements, [])}}\n`
}

/**
 * Writes a text in the authoring syntax in the one way, with its comments.
 *
 * @param {FlowSource} source
 * @returns {string} ends with a line feed
 */
export function formatFlowText({ text, parsed, comments }) {
  const { arounds, after } = distribute(text, [parsed], comments)
  const [around] = arounds
  const inside = distribute(text, parsed.statements, withoutHead(text, around, parsed.brace))
  const statements = parsed.statements.map((statement, i) => statementText(text, statement, inside.arounds[i]))
  let result = notes(around.before, 0, true, '')
  if (around.blank && result !== '') result += '\n'
  result += `${withBehind(`flow {\n${statementLines(statements, inside.after)}}`, around.behind)}\n`
  return notes(after, 0, true, result)
}

/**
 * @param {string} text
 * @param {import('./parser.js').Statement} statement
 * @param {Around} around
 * @returns {StatementText}
 */
function statementText(text, { word, name, root, target, inputs, settings, body }, around) {
  if (root !== undefined) {
    const policy = policyText(text, root, around)
    return { head: `policy ${printName(name.value)} {`, policy, around }
  }
  if (word !== 'llm') {
    withoutComments(text, around)
    return { head: headOf(word, name.value, target?.value), around }
  }
  const inside = distribute(text, settings, withoutHead(text, around, body.start))
  const written = settings.map((setting, i) => settingText(text, setting, inside.arounds[i]))
  written.sort((a, b) => SETTINGS.indexOf(a.word) - SETTINGS.indexOf(b.word))
  const values = inputs.map(({ value }) => value)
  return { head: headOf('llm', name.value, values), settings: written, after: inside.after, around }
}

/**
 * @param {string} text
 * @param {import('./parser.js').Setting} setting
 * @param {Around} around
 * @returns {SettingText}
 */
function settingText(text, { word, value, root }, around) {
  if (root !== undefined) return { word, policy: policyText(text, root, around), around }
  withoutComments(text, around)
  return { word, shown: word === 'policy' ? printName(value.value) : shownOf(word, value.value), around }
}

/**
 * @param {string} text
 * @param {PolicyNode} root
 * @param {Around} around
 * @returns {PolicyText}
 */
function policyText(text, root, around) {
  const comments = withoutHead(text, around, root.brace)
  return attachComments(clausesOf(root.value, root), true, { text, root, comments }).inside
}

/**
 * @param {Term} policy without a source
 * @returns {PolicyText}
 */
function plainPolicy(policy) {
  return clausesOf(policy).map((clause) => ({ clause, behind: [], blank: false }))
}

/**
 * @param {'input' | 'llm' | 'output'} kind
 * @param {string} name
 * @param {any} [reads]
 */
function headOf(kind, name, reads) {
  if (kind === 'input') return `input ${printName(name)}`
  if (kind === 'output') return `output ${printName(name)}(${printName(reads)})`
  return `llm ${printName(name)}(${reads.map(printName).join(', ')}) {`
}

/**
 * What stands behind the word of a setting.
 *
 * @param {string} word but `policy`
 * @param {string | undefined} value
 * @returns {string | undefined} undefined where the setting is not written
 */
function shownOf(word, value) {
  if (value === undefined) return undefined
  if (word === 'on_error') return value === 'input' ? value : undefined
  if (word === 'system' && value === '') return undefined
  return value.includes('\n') ? printBlock(value, BLOCK) : printText(value)
}

/**
 * @param {readonly StatementText[]} statements
 * @param {readonly Note[]} after
 */
function statementLines(statements, after) {
  let result = ''
  for (const { head, policy, settings, after: last, around } of statements) {
    result = notes(around.before, STATEMENT, true, result)
    if (around.blank && result !== '') result += '\n'
    let shown = ' '.repeat(STATEMENT) + head
    if (policy !== undefined) shown += `\n${lines(policy, STATEMENT + INDENT, true)}${' '.repeat(STATEMENT)}}`
    if (settings !== undefined) shown += `\n${settingLines(settings, last ?? [])}${' '.repeat(STATEMENT)}}`
    result += `${withBehind(shown, around.behind)}\n`
  }
  return notes(after, STATEMENT, true, result)
}

/**
 * @param {readonly SettingText[]} settings in their order
 * @param {readonly Note[]} after
 */
function settingLines(settings, after) {
  const width = Math.max(0, ...settings.filter(({ shown }) => shown !== undefined).map(({ word }) => word.length))
  const indent = ' '.repeat(SETTING)
  let result = ''
  for (const { word, shown, policy, around = apart() } of settings) {
    result = notes(around.before, SETTING, false, result)
    if (policy !== undefined) {
      const whole = `${indent}policy {\n${lines(policy, SETTING + INDENT, true)}${indent}}`
      result += `${withBehind(whole, around.behind)}\n`
    } else if (shown !== undefined) {
      result += `${withBehind(`${indent}${word.padEnd(width)} ${shown}`, around.behind)}\n`
    } else {
      for (const comment of around.behind) result += `${indent}${comment}\n`
    }
  }
  return notes(after, SETTING, false, result)
}

/**
 * @param {readonly Note[]} all
 * @param {number} indent
 * @param {boolean} blanks whether empty lines between them stay
 * @param {string} before what is written already
 */
function notes(all, indent, blanks, before) {
  let result = before
  for (const { comment, blank } of all) {
    if (blanks && blank && result !== '') result += '\n'
    result += `${' '.repeat(indent)}${comment}\n`
  }
  return result
}

/** Around an item of a flow that was not written in this syntax. @returns {Around} */
function apart() {
  return { before: [], behind: [], blank: true, inside: [] }
}

/** What says whether policies are equal. @param {Term} policy */
function keyOf(policy) {
  return hexOf(encode(policy))
}

/**
 * The policies that stand at two nodes or more, with their names.
 *
 * @param {import('./shape.js').FlowNode[]} nodes
 */
function sharedPolicies(nodes) {
  const counts = new Map()
  const terms = new Map()
  for (const node of nodes) {
    if (node[0] !== 'llm') continue
    const key = keyOf(node[1].policy)
    terms.set(key, node[1].policy)
    counts.set(key, (counts.get(key) ?? 0) + 1)
  }
  const shared = [...counts].filter(([, count]) => count > 1)
  return { terms, names: new Map(shared.map(([key], i) => [key, `p${i + 1}`])) }
}
