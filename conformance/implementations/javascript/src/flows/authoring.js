import { inOrder } from '../authoring/index.js'
import { placeOf } from '../authoring/nodes.js'
import { tokensOf } from '../authoring/tokens.js'
import { recordOf } from '../json-text.js'
import { columns } from '../print/wire.js'
import { finding, refuse, Refused } from '../refused.js'
import { sourceText } from '../source.js'
import { quote, step, utf8Length } from '../text.js'
import { examine, HOLE } from '../well-sorted.js'
import { FlowParser } from './parser.js'
import { MOST_INPUTS, POLICIES_NODES, SHARED_CHARACTERS, SOURCE_BYTES, TEXT_BYTES, TEXTS_BYTES, tidyCall } from './shape.js'

/**
 * Reads flows in the authoring syntax: chapter Flows, section Authoring syntax.
 *
 * @typedef {import('../authoring/nodes.js').Node} Node
 * @typedef {import('../authoring/tokens.js').Comment} Comment
 * @typedef {import('../authoring/tokens.js').PlacedFinding} PlacedFinding
 * @typedef {import('../refused.js').Finding} Finding
 * @typedef {import('./parser.js').ParsedFlow} ParsedFlow
 * @typedef {import('./parser.js').Statement} Statement
 * @typedef {import('./shape.js').Flow} Flow
 *
 * @typedef {object} FlowSource a text that a flow was read from
 * @property {string} text
 * @property {Flow} flow
 * @property {ParsedFlow} parsed
 * @property {readonly Comment[]} comments
 * @property {readonly Finding[]} warnings
 */

/**
 * @param {string | Uint8Array} source
 * @returns {Flow}
 * @throws {Refused}
 */
export function readFlowAuthoring(source) {
  return parseFlow(source).flow
}

/**
 * Reads a text with the places of everything in it.
 *
 * @param {string | Uint8Array} source
 * @returns {FlowSource}
 * @throws {Refused}
 */
export function parseFlow(source) {
  const text = sourceText(source, { limit: SOURCE_BYTES })
  const { tokens, comments, findings } = tokensOf(text, { flow: true })
  if (tokens[0].kind === 'end' && findings.length === 0) refuse('PIR0005', null, 'the text holds nothing but comments')
  const strays = findings.filter(({ code }) => code === 'PIR0101').map(({ at }) => at)
  const parser = new FlowParser(text, tokens, strays)
  const parsed = parser.flow()
  const checker = new Checker(parsed, declaredIn(tokens))
  checker.check()
  if (findings.length + parser.findings.length === 0) checker.sharing(text)
  const found = [...findings, ...parser.findings, ...checker.findings]
  if (found.length > 0) throw new Refused(inOrder(found))
  return { text, flow: checker.flow(), parsed, comments, warnings: checker.warnings() }
}

/**
 * The names of the policies that are declared anywhere in a text, whatever is wrong with it. A text that is cut off may
 * declare any: then it is null.
 *
 * @param {readonly import('../authoring/tokens.js').Token[]} tokens
 * @returns {Set<unknown> | null}
 */
function declaredIn(tokens) {
  if (tokens.at(-1).cut) return null
  const names = new Set()
  for (let i = 2; i < tokens.length; i++) {
    if (tokens[i].text !== '{' || tokens[i - 2].text !== 'policy' || tokens[i - 2].kind !== 'word') continue
    const { kind, text, value } = tokens[i - 1]
    names.add(kind === 'word' ? text : value)
  }
  return names
}

/** Finds what is wrong with the flow that a text says. */
class Checker {
  /**
   * @param {ParsedFlow} parsed
   * @param {Set<unknown> | null} declared
   */
  constructor({ statements }, declared) {
    this.statements = statements
    this.declared = declared
    /** @type {PlacedFinding[]} */
    this.findings = []
    /** @type {Map<unknown, import('./parser.js').PolicyNode>} */
    this.policies = new Map()
    for (const { word, name, root } of statements) {
      if (word === 'policy' && !this.policies.has(name.value)) this.policies.set(name.value, root)
    }
    /** What a policy has been found to hold. @type {Map<Node, number>} */
    this.nodes = new Map()
  }

  /**
   * @param {string} code
   * @param {string} message
   * @param {{start: number}} place
   * @param {string | null} [pointer]
   */
  find(code, message, place, pointer = null) {
    this.findings.push({ ...finding(code, pointer, message), at: place.start })
  }

  check() {
    for (const { word, name, settings, inputs, list } of this.statements) {
      if (word !== 'llm') continue
      const pointer = typeof name.value === 'string' ? `/1${step(name.value)}/1` : null
      const count = inputs.filter(({ value }) => value !== HOLE).length
      if (count > MOST_INPUTS) this.find('PIR1011', `a node has ${MOST_INPUTS} inputs at most`, list)
      for (const setting of settings) this.setting(setting, pointer)
    }
    for (const root of this.policies.values()) this.policy(root, null)
    this.bounds()
  }

  /**
   * @param {import('./parser.js').Setting} setting
   * @param {string | null} pointer of the record of its node
   */
  setting({ word, value, root }, pointer) {
    if (word === 'policy') {
      const used = root ?? this.policies.get(value.value)
      if (used !== undefined) this.policy(used, pointer === null ? null : `${pointer}/policy`)
      else if (value.value !== HOLE && this.declared !== null && !this.declared.has(value.value)) {
        this.find('PIR1042', `no statement declares the policy ${quote(String(value.value))}`, value)
      }
    } else if (typeof value.value === 'string' && word !== 'on_error' && utf8Length(value.value) > TEXT_BYTES) {
      this.find('PIR1012', `a text of more than ${TEXT_BYTES} bytes`, value, pointer && pointer + step(word))
    }
  }

  /**
   * Finds what is wrong with a policy, once.
   *
   * @param {Node} root
   * @param {string | null} pointer of the first node that uses it; null where none does
   */
  policy(root, pointer) {
    if (this.nodes.has(root)) return
    const { findings, nodes } = examine(root.value, { sort: 'Policy', placed: true })
    this.nodes.set(root, nodes)
    for (const one of findings) {
      this.findings.push({ ...one, pointer: pointer && pointer + one.pointer, at: placeOf(root, one) })
    }
  }

  /** The bounds of all texts and policies together. */
  bounds() {
    let texts = 0
    let nodes = 0
    for (const { word, value, root } of this.statements.flatMap(({ settings }) => settings ?? [])) {
      if (word === 'policy') {
        const before = nodes
        nodes += this.nodes.get(root ?? this.policies.get(value.value)) ?? 0
        if (before <= POLICIES_NODES && nodes > POLICIES_NODES) {
          this.find('PIR1014', `the policies of the flow have together more than ${POLICIES_NODES} nodes`, value)
        }
      } else if (word !== 'on_error' && typeof value.value === 'string') {
        const before = texts
        texts += utf8Length(value.value)
        if (before <= TEXTS_BYTES && texts > TEXTS_BYTES) {
          this.find('PIR1013', `the texts of the flow have together more than ${TEXTS_BYTES} bytes`, value)
        }
      }
    }
  }

  /**
   * The length of what the policies of all nodes are written with, where nothing else is wrong.
   *
   * @param {string} text
   */
  sharing(text) {
    if (this.findings.length > 0) return
    /** @type {Map<Node, number>} */
    const lengths = new Map()
    let sum = 0
    for (const { word, value, root } of this.statements.flatMap(({ settings }) => settings ?? [])) {
      if (word !== 'policy') continue
      const used = root ?? this.policies.get(value.value)
      if (!lengths.has(used)) lengths.set(used, columns(text.slice(used.brace, used.end)))
      sum += lengths.get(used)
      if (sum <= SHARED_CHARACTERS) continue
      this.find('PIR1014', `the policies of all nodes have together more than ${SHARED_CHARACTERS} characters`, value)
      return
    }
  }

  /**
   * The wire form of a text that nothing is wrong with. Nodes share the policies that they name.
   *
   * @returns {Flow}
   */
  flow() {
    const nodes = this.statements
      .filter(({ word }) => word !== 'policy')
      .map((statement) => [statement.name.value, this.node(statement)])
    return ['flow', recordOf(/** @type {any} */ (nodes))]
  }

  /**
   * @param {Statement} statement
   * @returns {import('./shape.js').FlowNode}
   */
  node({ word, target, inputs, settings }) {
    if (word === 'output') return ['output', target.value]
    if (word !== 'llm') return ['input']
    /** @type {any} */
    const call = { system: '', inputs: inputs.map(({ value }) => value) }
    for (const { word: key, value, root } of settings) {
      call[key] = key === 'policy' ? (root ?? this.policies.get(value.value)).value : value.value
    }
    return ['llm', tidyCall(call)]
  }

  /** @returns {Finding[]} */
  warnings() {
    const used = new Set(
      this.statements.flatMap(({ settings }) => settings ?? []).map(({ root, value }) => root ?? value.value),
    )
    return [...this.policies.keys()]
      .filter((name) => !used.has(/** @type {any} */ (name)))
      .map((name) => finding('PIR1044', null, `no node uses the policy ${quote(String(name))}`))
  }
}
