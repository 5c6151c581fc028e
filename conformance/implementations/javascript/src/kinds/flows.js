import { factsOfChat } from '../chat.js'
import { readFacts } from '../facts.js'
import { admitFlow, checkTemplate, effectivePolicies, lintFlow } from '../flows/admission.js'
import { assemble } from '../flows/assembly.js'
import { flowBytes, readFlowBytes } from '../flows/canonical.js'
import { estimateCalls } from '../flows/cost.js'
import { formatFlow } from '../flows/print.js'
import { loadFlow, readFlow } from '../flows/read.js'
import { schedule as runSchedule } from '../flows/run.js'
import { textFindings } from '../flows/shape.js'
import { Refused, refuseAll } from '../refused.js'
import { bytesOfHex, hexOf } from '../text.js'
import { vocabulary as shipped } from '../vocabulary.js'
import { NoSuchRequest, seedOf, snapshotOf, vocabularyOf } from './inputs.js'

/**
 * The kinds about flows.
 *
 * @typedef {import('./inputs.js').Input} Input
 */

/** @param {Input} input */
export function flowSyntax(input) {
  if (Object.hasOwn(input, 'value')) return { flow: loadFlow(input.value) }
  const source = Object.hasOwn(input, 'bytes') ? bytesOfHex(input.bytes) : input.text
  return { flow: readFlow(source, { syntax: input.syntax ?? 'wire' }) }
}

/** @param {Input} input */
export function flowAdmission(input) {
  const flow = admitFlow(input.flow, vocabularyOf(input))
  const running = effectivePolicies(flow, input.floor ?? null)
  const policies = Object.fromEntries([...running].map(([name, { fingerprint }]) => [name, fingerprint]))
  return { last: flow.last, policies }
}

/** @param {Input} input */
export function flowLint(input) {
  const vocabulary = vocabularyOf(input)
  const flow = admitFlow(input.flow, vocabulary)
  const snapshot = Object.hasOwn(input, 'candidates') ? snapshotOf(input, vocabulary) : null
  return { warnings: lintFlow(flow, snapshot).map(({ code, pointer }) => ({ code, pointer })) }
}

/** @param {Input} input */
export function flowEncoding(input) {
  const { normal, fingerprint } = admitFlow(input.flow, vocabularyOf(input))
  return { bytes: hexOf(flowBytes(normal)), fingerprint }
}

/** @param {Input} input */
export function flowDecoding(input) {
  return { flow: readFlowBytes(bytesOfHex(input.bytes)) }
}

/** @param {Input} input */
export function flowPrint(input) {
  return { text: formatFlow(input.text, input.to) }
}

/** @param {Input} input */
export function assembly({ system, inputs, template }) {
  if (inputs.length === 0) throw new NoSuchRequest('a node has one input or more')
  refuseAll(textFindings(system, '/system'))
  refuseAll(inputs.flatMap((value, i) => (typeof value === 'string' ? [] : messageFindings(value, `/inputs/${i}`))))
  if (template !== undefined) {
    refuseAll(textFindings(template, '/template'))
    refuseAll(checkTemplate(template, inputs.length, '/template'))
  }
  const { rule, ...made } = assemble({ system, template }, inputs)
  return { rule, ...made }
}

/**
 * What is wrong with the messages of a body.
 *
 * @param {unknown} messages
 * @param {string} at where they stand in the input
 * @returns {import('../refused.js').Finding[]}
 */
function messageFindings(messages, at) {
  try {
    factsOfChat({ messages }, shipped('standard'))
  } catch (error) {
    if (!(error instanceof Refused)) throw error
    return error.findings.map((one) => ({ ...one, pointer: at + one.pointer.slice('/messages'.length) }))
  }
  return []
}

/** @param {Input} input */
export function flowCalls(input) {
  const vocabulary = vocabularyOf(input)
  const flow = admitFlow(input.flow, vocabulary)
  const policies = effectivePolicies(flow, input.floor ?? null)
  const snapshot = snapshotOf(input, vocabulary)
  const stated = readFacts(input.facts, vocabulary)
  factsOfChat(input.body, vocabulary, stated)
  const { nodes, usd, most_usd } = estimateCalls(flow, policies, snapshot, stated, input.body, seedOf(input))
  return { nodes: nodes.map((node) => ({ ...node, facts: node.facts?.fingerprint ?? null })), usd, most_usd }
}

/** @param {Input} input */
export function schedule(input) {
  const vocabulary = vocabularyOf(input)
  const flow = admitFlow(input.flow, vocabulary)
  factsOfChat({ messages: input.messages }, vocabulary)
  return runSchedule(flow, input.messages, new Map(Object.entries(input.answers)), input.priority)
}
