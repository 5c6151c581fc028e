import { Admitted, check, frozen } from '../admission.js'
import { effectiveUnder, readFloor } from '../floor.js'
import { keysOf } from '../json-text.js'
import { lint } from '../lints/index.js'
import { normalForm } from '../normal-form.js'
import { finding, refuseAll } from '../refused.js'
import { compareText, quote, step } from '../text.js'
import { flowFingerprint, normalFlow } from './canonical.js'
import { cyclesOf, reachedFrom, reversed, shortestCycle } from './graph.js'
import { loadFlow } from './read.js'
import { referencesOf, refersTo } from './template.js'

/**
 * Admission of flows: chapter Flows, section Admission.
 *
 * @typedef {import('./shape.js').Flow} Flow
 * @typedef {import('./shape.js').FlowNode} FlowNode
 * @typedef {import('./shape.js').Call} Call
 * @typedef {import('../refused.js').Finding} Finding
 * @typedef {import('../vocabulary.js').Vocabulary} Vocabulary
 * @typedef {import('../floor.js').Effective} Effective
 */

/** The rules about policies and templates; the shape of the graph may be right where they are broken. */
const BESIDE_THE_GRAPH = new Set(['PIR1028'])

/** An admitted flow with what follows from it. Nothing of it changes, so its fingerprint stays the right one. */
export class AdmittedFlow {
  /**
   * @param {Flow} flow
   * @param {Vocabulary} vocabulary
   */
  constructor(flow, vocabulary) {
    /** The source of the flow. */
    this.flow = frozen(flow)
    this.vocabulary = vocabulary
    const nodes = nodesOf(flow)
    /** The `llm` nodes, in the order in which they are written. @type {ReadonlyMap<string, Call>} */
    this.calls = new Map(nodes.flatMap(([name, node]) => (node[0] === 'llm' ? [[name, node[1]]] : [])))
    /** The admitted policies of the `llm` nodes. @type {ReadonlyMap<string, Admitted>} */
    this.policies = new Map(
      [...this.calls].map(([name, { policy }]) => [name, new Admitted(policy, normalForm(policy), vocabulary)]),
    )
    const [output, [, last]] = nodes.find(([, node]) => node[0] === 'output')
    /** The name of the input node. */
    this.input = nodes.find(([, node]) => node[0] === 'input')[0]
    /** The name of the output node. */
    this.output = output
    /** The name of the last node, whose answer is that of the flow. */
    this.last = /** @type {string} */ (last)
    const normals = new Map([...this.policies.values()].map(({ term, normal }) => [term, normal]))
    /** The normal form of the flow. */
    this.normal = frozen(normalFlow(flow, (policy) => normals.get(policy)))
    /** The fingerprint of the normal form. */
    this.fingerprint = flowFingerprint(this.normal)
    Object.freeze(this)
  }

  /** The names of the `llm` nodes, in order. */
  get names() {
    return [...this.calls.keys()].sort(compareText)
  }
}

/**
 * Admits a flow under a vocabulary.
 *
 * @param {unknown} value the flow, in the decoded wire form
 * @param {Vocabulary} vocabulary
 * @returns {AdmittedFlow}
 * @throws {import('../refused.js').Refused} with every finding
 */
export function admitFlow(value, vocabulary) {
  const flow = loadFlow(value)
  refuseAll(checkFlow(flow, vocabulary))
  return new AdmittedFlow(flow, vocabulary)
}

/**
 * What runs at each `llm` node where a flow meets the floor of a host.
 *
 * @param {AdmittedFlow} flow
 * @param {any} [floor] in decoded wire syntax; null for none
 * @returns {Map<string, Effective>} in the order of the nodes
 * @throws {import('../refused.js').Refused} for what is wrong with the floor
 */
export function effectivePolicies(flow, floor = null) {
  const lower = floor === null ? null : readFloor(floor, flow.vocabulary)
  return new Map([...flow.policies].map(([name, policy]) => [name, effectiveUnder(policy, lower)]))
}

/**
 * Warnings about an admitted flow.
 *
 * @param {AdmittedFlow} flow
 * @param {import('../snapshot.js').Snapshot | null} [snapshot]
 * @returns {Finding[]} in the order of the nodes
 */
export function lintFlow({ calls, vocabulary }, snapshot = null) {
  const warnings = []
  for (const [name, { policy, inputs, template }] of calls) {
    const pointer = `/1${step(name)}/1`
    for (const one of lint(policy, vocabulary, snapshot)) {
      warnings.push({ ...one, pointer: `${pointer}/policy${one.pointer}` })
    }
    if (template === undefined) continue
    const referred = new Set(referencesOf(template).map(Number))
    for (const [i, input] of inputs.entries()) {
      if (referred.has(i + 1)) continue
      const message = `the template drops ${quote(input)}, for which the node waits`
      warnings.push(finding('PIR1045', `${pointer}/inputs/${i}`, message))
    }
  }
  return warnings
}

/**
 * @param {Flow} flow
 * @returns {[string, FlowNode][]}
 */
function nodesOf([, nodes]) {
  return keysOf(nodes).map((name) => [name, nodes[name]])
}

/**
 * What keeps a flow from being admitted.
 *
 * @param {Flow} flow well formed
 * @param {Vocabulary} vocabulary
 * @returns {Finding[]} in the order of the chapter
 */
function checkFlow(flow, vocabulary) {
  const nodes = new Map(nodesOf(flow))
  const ofPolicies = new Set()
  const findings = []
  for (const [name, node] of nodes) {
    const pointer = `/1${step(name)}/1`
    if (node[0] === 'llm') {
      const wrong = check(node[1].policy, vocabulary, { policy: true, root: `${pointer}/policy` })
      for (const one of wrong) ofPolicies.add(one)
      findings.push(...wrong, ...checkCall(node[1], nodes, pointer))
    } else if (node[0] === 'output') {
      findings.push(...checkOutput(node[1], nodes, pointer))
    }
  }
  const graph = new Graph(nodes)
  findings.push(...graph.ends('input', 'PIR1020'), ...graph.ends('output', 'PIR1021'), ...graph.cycles())
  const broken = findings.some((one) => !ofPolicies.has(one) && !BESIDE_THE_GRAPH.has(one.code))
  return broken ? findings : [...findings, ...graph.strays()]
}

/**
 * @param {Call} call
 * @param {Map<string, FlowNode>} nodes
 * @param {string} pointer
 * @returns {Finding[]}
 */
function checkCall({ inputs, template }, nodes, pointer) {
  const at = (/** @type {number} */ i) => `${pointer}/inputs/${i}`
  const findings = []
  for (const [i, input] of inputs.entries()) {
    if (!nodes.has(input)) findings.push(finding('PIR1022', at(i), `there is no node ${quote(input)}`))
  }
  for (const [i, input] of inputs.entries()) {
    if (nodes.get(input)?.[0] === 'output') findings.push(finding('PIR1023', at(i), `${quote(input)} is the output`))
  }
  const seen = new Set()
  for (const [i, input] of inputs.entries()) {
    if (seen.has(input)) findings.push(finding('PIR1024', at(i), `${quote(input)} is an input already`))
    seen.add(input)
  }
  return template === undefined ? findings : [...findings, ...checkTemplate(template, inputs.length, `${pointer}/template`)]
}

/**
 * @param {string} template
 * @param {number} count how many inputs there are
 * @param {string} pointer
 * @returns {Finding[]}
 */
export function checkTemplate(template, count, pointer) {
  const stray = referencesOf(template).find((digits) => !refersTo(digits, count))
  return stray === undefined ? [] : [finding('PIR1028', pointer, `${quote(`$${stray}`)} refers to no input`)]
}

/**
 * @param {string} name
 * @param {Map<string, FlowNode>} nodes
 * @param {string} pointer
 * @returns {Finding[]}
 */
function checkOutput(name, nodes, pointer) {
  const node = nodes.get(name)
  if (node === undefined) return [finding('PIR1022', pointer, `there is no node ${quote(name)}`)]
  return node[0] === 'llm' ? [] : [finding('PIR1029', pointer, `${quote(name)} is no \`llm\` node`)]
}

/** The nodes of a flow, each with those that it reads. */
class Graph {
  /** @param {Map<string, FlowNode>} nodes */
  constructor(nodes) {
    this.names = [...nodes.keys()]
    this.kinds = [...nodes.values()].map(([kind]) => kind)
    const numbers = new Map(this.names.map((name, i) => [name, i]))
    this.reads = [...nodes.values()].map((node) => {
      const read = node[0] === 'llm' ? node[1].inputs : node.slice(1)
      return read.filter((name) => numbers.has(name)).map((name) => numbers.get(name))
    })
  }

  /**
   * What is wrong with the number of nodes of a kind that there is one of.
   *
   * @param {string} kind
   * @param {string} code
   */
  ends(kind, code) {
    const all = this.names.map((_, i) => i).filter((i) => this.kinds[i] === kind)
    if (all.length === 0) return [finding(code, '/1', `no node is an \`${kind}\``)]
    return all.slice(1).map((i) => this.at(code, i, `there is an \`${kind}\` already`))
  }

  /**
   * A finding about a node.
   *
   * @param {string} code
   * @param {number} i
   * @param {string} message
   */
  at(code, i, message) {
    return finding(code, `/1${step(this.names[i])}`, message)
  }

  cycles() {
    return cyclesOf(this.reads).map(([first]) => {
      const way = shortestCycle(this.reads, first).map((i) => this.names[i])
      return this.at('PIR1025', first, `a node depends on itself: ${way.map(quote).join(' reads ')}`)
    })
  }

  /** The nodes that are on no way from the input to the output. */
  strays() {
    const fed = reachedFrom(reversed(this.reads), this.kinds.indexOf('input'))
    const used = reachedFrom(this.reads, this.kinds.indexOf('output'))
    const others = (/** @type {Set<number>} */ reached) => this.names.map((_, i) => i).filter((i) => !reached.has(i))
    return [
      ...others(fed).map((i) => this.at('PIR1026', i, `${quote(this.names[i])} does not depend on the input`)),
      ...others(used).map((i) => this.at('PIR1027', i, `the output does not depend on ${quote(this.names[i])}`)),
    ]
  }
}
