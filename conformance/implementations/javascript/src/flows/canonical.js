import { digestOf, recordBytes } from '../canonical.js'
import { decode, encode } from '../cbor.js'
import { keysOf, recordOf } from '../json-text.js'
import { firstRedex, normalForm } from '../normal-form.js'
import { refuse, refuseAll } from '../refused.js'
import { compareBytes, step } from '../text.js'
import { flowFindings, tidyCall } from './shape.js'

/**
 * The normal form, canonical bytes and fingerprints of flows: chapter Flows, sections Normal form and Encoding.
 *
 * @typedef {import('./shape.js').Flow} Flow
 * @typedef {import('./shape.js').FlowNode} FlowNode
 * @typedef {import('../signature.js').Term} Term
 */

const TAG = 'flow-ir/1'
const LEVELS = 71

/**
 * @param {Flow} flow well formed; it is not changed
 * @param {(policy: Term) => Term} [normalOf] the normal form of a policy
 * @returns {Flow}
 */
export function normalFlow([head, nodes], normalOf = normalForm) {
  const entries = keysOf(nodes).map((name) => /** @type {[string, FlowNode]} */ ([name, normalNode(nodes[name], normalOf)]))
  return [head, recordOf(entries)]
}

/**
 * @param {FlowNode} node
 * @param {(policy: Term) => Term} normalOf
 * @returns {FlowNode}
 */
function normalNode(node, normalOf) {
  return node[0] === 'llm' ? ['llm', tidyCall({ ...node[1], policy: normalOf(node[1].policy) })] : node
}

/**
 * @param {Flow} normal a flow in normal form
 * @returns {Uint8Array} its canonical bytes
 */
export function flowBytes(normal) {
  return recordBytes(TAG, normal)
}

/**
 * @param {Flow} normal a flow in normal form
 * @returns {string} `blake3:` and 64 hexadecimal digits
 */
export function flowFingerprint(normal) {
  return digestOf(flowBytes(normal))
}

/**
 * Reads the canonical bytes of a flow, and no other bytes.
 *
 * @param {Uint8Array} bytes
 * @returns {Flow} in normal form
 * @throws {import('../refused.js').Refused} one finding, or those of an item that is no flow
 */
export function readFlowBytes(bytes) {
  const item = decode(bytes, { levels: LEVELS })
  if (!Array.isArray(item) || item.length !== 2 || item[0] !== TAG) {
    refuse('PIR0805', null, `these are not the bytes of a \`${TAG}\` record`)
  }
  const flow = item[1]
  refuseAll(flowFindings(flow))
  const redex = firstRedexOf(flow)
  if (redex !== undefined) refuse('PIR0806', redex, 'the flow is not in normal form')
  return flow
}

/**
 * The pointer of the first part of a flow that is not in normal form.
 *
 * @param {Flow} flow
 */
function firstRedexOf([, nodes]) {
  for (const name of keysOf(nodes)) {
    const node = nodes[name]
    if (node[0] !== 'llm') continue
    const [, call] = node
    const pointer = `/1${step(name)}/1`
    for (const key of keysOf(call)) {
      if (key === 'on_error' && call.on_error === 'fail') return `${pointer}/on_error`
      if (key !== 'policy' || compareBytes(encode(normalForm(call.policy)), encode(call.policy)) === 0) continue
      return firstRedex(call.policy, `${pointer}/policy`)
    }
  }
  return undefined
}
