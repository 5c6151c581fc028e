import { blake3 } from '@noble/hashes/blake3.js'
import { recordBytes } from '../canonical.js'
import { factsOfChat } from '../chat.js'
import { decide } from '../decision.js'
import { Facts } from '../facts.js'
import { Refused } from '../refused.js'
import { Machine } from '../semantics/machine.js'
import { observe } from '../semantics/observations.js'
import { plus } from '../semantics/scores.js'
import { assemble, requestOf } from './assembly.js'

/**
 * Facts, seeds and costs of the nodes of a flow: chapter Calls of a flow.
 *
 * @typedef {import('./admission.js').AdmittedFlow} AdmittedFlow
 * @typedef {import('./assembly.js').Value} Value
 * @typedef {import('../decision.js').Decision} Decision
 * @typedef {import('../floor.js').Effective} Effective
 * @typedef {import('../snapshot.js').Snapshot} Snapshot
 * @typedef {import('../vocabulary.js').Vocabulary} Vocabulary
 *
 * @typedef {object} CallEstimate
 * @property {string} node
 * @property {Facts | null} facts null where its input is too long
 * @property {number | null} seed
 * @property {string | null} candidate the first that would be tried
 * @property {number | null} usd
 * @property {number | null} most_usd
 *
 * @typedef {object} FlowEstimate
 * @property {CallEstimate[]} nodes in the order of their names
 * @property {number | null} usd
 * @property {number | null} most_usd
 */

/** What an answer that is not known yet is taken for: a text of the usual length. */
const USUAL_TEXT = 'x'.repeat(3072)

const COST = 'call_cost'
const OF_THE_LAST = ['prompt_tokens', 'completion_tokens']

/**
 * The seed of a node.
 *
 * @param {number | undefined} seed of the flow
 * @param {string} name
 * @returns {number | undefined}
 */
export function seedOfNode(seed, name) {
  if (seed === undefined) return undefined
  const digest = blake3(recordBytes('flow-seed/1', [seed, name]))
  const bits = new DataView(digest.buffer, digest.byteOffset)
  return bits.getUint32(0) * 2 ** 21 + (bits.getUint32(4) >>> 11)
}

/**
 * What is stated of a call, as far as it is stated for a node before the last.
 *
 * @param {Facts} stated
 * @returns {Facts}
 */
export function statedForOthers(stated) {
  const fields = new Map([...stated.fields].filter(([name]) => !OF_THE_LAST.includes(name)))
  return new Facts({ ...stated, needs: [], min_context: undefined, fields })
}

/**
 * The facts of the call of a node.
 *
 * @param {Vocabulary} vocabulary
 * @param {Record<string, any>} request of the node
 * @param {Facts} stated by the host
 * @param {boolean} isLast
 * @returns {Facts}
 * @throws {Refused} for a request that no facts can be derived from
 */
export function factsOfNode(vocabulary, request, stated, isLast) {
  return factsOfChat(request, vocabulary, isLast ? stated : statedForOthers(stated))
}

/**
 * What a flow is likely to cost, before anything is sent.
 *
 * @param {AdmittedFlow} flow
 * @param {ReadonlyMap<string, Effective>} policies that run at its nodes
 * @param {Snapshot} snapshot
 * @param {Facts} stated
 * @param {Record<string, any>} body one that facts can be derived from
 * @param {number | undefined} seed
 * @returns {FlowEstimate}
 */
export function estimateCalls(flow, policies, snapshot, stated, body, seed) {
  const nodes = flow.names.map((name) => {
    const facts = estimatedFacts(flow, name, stated, body)
    const seedHere = seedOfNode(seed, name)
    const costs = facts === null ? [] : costsOf(decide(policies.get(name), snapshot, facts, seedHere))
    const [first = null] = costs
    const most = costs.every(({ usd }) => usd !== null) && costs.length > 0 ? Math.max(...costs.map(({ usd }) => usd)) : null
    return {
      node: name,
      facts,
      seed: seedHere ?? null,
      candidate: first?.candidate ?? null,
      usd: first?.usd ?? null,
      most_usd: most,
    }
  })
  return { nodes, usd: sumOf(nodes.map(({ usd }) => usd)), most_usd: sumOf(nodes.map((node) => node.most_usd)) }
}

/**
 * The facts of a node with texts of the usual length for those that are not known yet.
 *
 * @param {AdmittedFlow} flow
 * @param {string} name
 * @param {Facts} stated
 * @param {Record<string, any>} body
 */
function estimatedFacts(flow, name, stated, body) {
  const call = flow.calls.get(name)
  /** @type {Value[]} */
  const values = call.inputs.map((input) => (input === flow.input ? body.messages : USUAL_TEXT))
  const assembled = assemble(call, values)
  if (!('messages' in assembled)) return null
  const isLast = name === flow.last
  try {
    return factsOfNode(flow.vocabulary, requestOf(body, assembled.messages, isLast), stated, isLast)
  } catch (error) {
    // The system prompt may be what takes a request over a bound.
    if (error instanceof Refused) return null
    throw error
  }
}

/**
 * The cost of a call at each candidate that may be tried, in order.
 *
 * @param {Decision} decision
 * @returns {{candidate: string, usd: number | null}[]}
 */
function costsOf({ policy: { vocabulary }, snapshot, facts, outcome }) {
  const declared = vocabulary.fields.has(COST)
  const machine = new Machine({ vocabulary, snapshot, facts })
  return outcome.ranking.map(({ candidate }) => {
    const { value, known } = declared ? observe(machine, candidate, COST) : { value: undefined, known: false }
    const usd = known && typeof value === 'number' && Number.isFinite(value) ? value : null
    return { candidate: snapshot.id(candidate), usd }
  })
}

/** @param {(number | null)[]} parts */
function sumOf(parts) {
  return parts.some((part) => part === null) ? null : parts.reduce(plus, 0)
}
