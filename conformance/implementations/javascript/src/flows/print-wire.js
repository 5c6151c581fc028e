import { keysOf } from '../json-text.js'
import { broken, columns, printString, Writer } from '../print/wire.js'
import { CALL_KEYS, tidyCall } from './shape.js'

/**
 * The wire layout of flows: chapter Flows, section Printing.
 *
 * @typedef {import('./shape.js').Flow} Flow
 * @typedef {import('./shape.js').FlowNode} FlowNode
 * @typedef {import('./shape.js').Call} Call
 * @typedef {import('../signature.js').Term} Term
 */

const WIDTH = 100

/**
 * @param {Flow} flow
 * @returns {string} ends with a line feed
 */
export function printFlowWire(flow) {
  return `${new FlowWriter(WIDTH).flow(flow)}\n`
}

class FlowWriter extends Writer {
  /** Policies as they are written: all stand equally deep, and nodes may share one. @type {Map<Term, string>} */
  policies = new Map()

  /** @param {Flow} flow */
  flow([, nodes]) {
    const entries = keysOf(nodes).map((name) => /** @type {[string, FlowNode]} */ ([name, nodes[name]]))
    const record = `{${entries.map(([name, node]) => `${printString(name)}: ${this.nodeLine(node)}`).join(', ')}}`
    return this.headed('flow', record, 0, 0, (indent) => {
      const inner = indent + 2
      return entries.map(([name, node]) => this.member(name, inner, (column) => this.flowNode(node, inner, column)))
    })
  }

  /**
   * A list of a word and a record.
   *
   * @param {string} word
   * @param {string} record on one line
   * @param {number} indent
   * @param {number} column
   * @param {(indent: number) => string[]} members of the record, where it is broken
   */
  headed(word, record, indent, column, members) {
    const line = `["${word}", ${record}]`
    if (this.fits(line, column)) return line
    const inner = indent + 2
    const shown = this.fits(record, inner) ? record : broken('{', members(inner), '}', inner)
    return broken(`["${word}",`, [shown], ']', indent)
  }

  /**
   * @param {string} key
   * @param {number} indent
   * @param {(column: number) => string} value
   */
  member(key, indent, value) {
    const start = `${printString(key)}: `
    return start + value(indent + columns(start))
  }

  /** @param {FlowNode} node */
  nodeLine(node) {
    return node[0] === 'llm' ? `["llm", ${this.callLine(tidyCall(node[1]))}]` : this.line(node)
  }

  /** @param {Call} call */
  callLine(call) {
    return `{${keysOfCall(call).map((key) => `${printString(key)}: ${this.line(call[key])}`).join(', ')}}`
  }

  /**
   * @param {FlowNode} node
   * @param {number} indent
   * @param {number} column
   */
  flowNode(node, indent, column) {
    if (node[0] !== 'llm') return this.line(node)
    const call = tidyCall(node[1])
    return this.headed('llm', this.callLine(call), indent, column, (around) => {
      const inner = around + 2
      const value = (/** @type {string} */ key, /** @type {number} */ at) =>
        key === 'policy' ? this.policy(call.policy, inner, at) : this.parameter(call[key], inner, at)
      return keysOfCall(call).map((key) => this.member(key, inner, (at) => value(key, at)))
    })
  }

  /**
   * @param {Term} policy
   * @param {number} indent
   * @param {number} column
   */
  policy(policy, indent, column) {
    let written = this.policies.get(policy)
    if (written === undefined) {
      written = this.node(policy, indent, column)
      this.policies.set(policy, written)
    }
    return written
  }
}

/** @param {Call} call */
function keysOfCall(call) {
  return CALL_KEYS.filter((key) => Object.hasOwn(call, key))
}
