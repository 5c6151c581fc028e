import { compareText } from '../text.js'
import { assemble, textOfValue } from './assembly.js'

/**
 * How a flow runs: chapter Semantics of flows.
 *
 * @typedef {import('./admission.js').AdmittedFlow} AdmittedFlow
 * @typedef {import('./assembly.js').Assembled} Assembled
 * @typedef {import('./assembly.js').Message} Message
 * @typedef {import('./assembly.js').Value} Value
 *
 * @typedef {{text: string} | {failed: string}} Answer what the world says of a call
 *
 * @typedef {'waiting' | 'ready' | 'running' | 'done' | 'passed' | 'failed'} NodeState
 *
 * @typedef {{returned: string} | {failed: [string, string][]}} FlowOutcome
 *
 * @typedef {object} Possible
 * @property {string} rule
 * @property {() => void} apply
 */

const TOO_LONG = 'context_overflow'
const UNKNOWN = 'unknown'

/** The state of each node of a flow, and its outcome. The host says what comes of the calls. */
export class FlowRun {
  /**
   * @param {AdmittedFlow} flow
   * @param {readonly Message[]} messages of the caller
   */
  constructor(flow, messages) {
    this.flow = flow
    /** @type {Map<string, NodeState>} */
    this.states = new Map([...flow.calls.keys(), flow.output].map((name) => [name, 'waiting']))
    this.states.set(flow.input, 'done')
    /** @type {Map<string, Value>} */
    this.values = new Map([[flow.input, messages]])
    /** @type {Map<string, Assembled>} */
    this.assembled = new Map()
    /** @type {Map<string, string>} */
    this.reasons = new Map()
    /** @type {string | null} */
    this.returned = null
  }

  /**
   * The step that is possible at a node, given the answer of its call.
   *
   * @param {string} name
   * @param {Answer} [answer] of a running node
   * @returns {Possible | null}
   */
  possible(name, answer) {
    const { flow, states } = this
    const state = states.get(name)
    if (name === flow.output) return state === 'waiting' && this.values.has(flow.last) ? this.returns() : null
    if (state === 'ready') return { rule: 'flow/run', apply: () => states.set(name, 'running') }
    if (state === 'running') return answer === undefined ? null : this.ends(name, answer)
    if (state !== 'waiting') return null
    const call = flow.calls.get(name)
    if (!call.inputs.every((input) => this.values.has(input))) return null
    const assembled = assemble(
      call,
      call.inputs.map((input) => this.values.get(input)),
    )
    if (!('messages' in assembled)) return { rule: 'flow/too-long', apply: () => this.fail(name, TOO_LONG) }
    return {
      rule: 'flow/ready',
      apply: () => {
        this.assembled.set(name, assembled)
        states.set(name, 'ready')
      },
    }
  }

  /**
   * @param {string} name of a running node
   * @param {Answer} answer
   * @returns {Possible}
   */
  ends(name, answer) {
    if ('text' in answer) return { rule: 'flow/done', apply: () => this.settle(name, 'done', answer.text) }
    if (this.flow.calls.get(name).on_error === 'input') {
      return { rule: 'flow/passed', apply: () => this.settle(name, 'passed', this.assembled.get(name).text) }
    }
    return { rule: 'flow/failed', apply: () => this.fail(name, answer.failed) }
  }

  /** @returns {Possible} */
  returns() {
    const { flow } = this
    return {
      rule: 'flow/returned',
      apply: () => {
        this.returned = textOfValue(this.values.get(flow.last))
        this.settle(flow.output, 'done', this.returned)
      },
    }
  }

  /**
   * @param {string} name
   * @param {NodeState} state
   * @param {string} value
   */
  settle(name, state, value) {
    this.states.set(name, state)
    this.values.set(name, value)
  }

  /**
   * @param {string} name
   * @param {string} reason
   */
  fail(name, reason) {
    this.states.set(name, 'failed')
    this.reasons.set(name, reason)
  }

  /**
   * What has come of the flow where no step is left; of one that is stopped early, what is known.
   *
   * @returns {FlowOutcome}
   */
  get outcome() {
    if (this.returned !== null) return { returned: this.returned }
    return { failed: [...this.reasons].sort(([a], [b]) => compareText(a, b)) }
  }
}

/**
 * Runs a flow whose answers are known, by priority.
 *
 * @param {AdmittedFlow} flow
 * @param {readonly Message[]} messages of the caller
 * @param {ReadonlyMap<string, Answer>} answers those of other nodes fail
 * @param {readonly string[]} priority
 */
export function schedule(flow, messages, answers, priority) {
  const run = new FlowRun(flow, messages)
  const order = orderOf(run, priority)
  /** @type {[string, string][]} */
  const steps = []
  /** @type {[string, readonly Message[]][]} */
  const requests = []
  for (;;) {
    const next = firstPossible(run, order, answers)
    if (next === undefined) break
    next.apply()
    steps.push([next.rule, next.name])
    if (next.rule === 'flow/run') requests.push([next.name, run.assembled.get(next.name).messages])
  }
  const values = flow.names.filter((name) => run.values.has(name)).map((name) => [name, run.values.get(name)])
  return { steps, requests, values, outcome: run.outcome }
}

/**
 * The nodes of a flow by priority: those that are not in the list come after it, in the order of their names.
 *
 * @param {FlowRun} run
 * @param {readonly string[]} priority
 */
function orderOf({ states }, priority) {
  const named = priority.filter((name) => states.has(name))
  return [...new Set([...named, ...[...states.keys()].sort(compareText)])]
}

/**
 * @param {FlowRun} run
 * @param {readonly string[]} order
 * @param {ReadonlyMap<string, Answer>} answers
 * @returns {(Possible & {name: string}) | undefined}
 */
function firstPossible(run, order, answers) {
  for (const name of order) {
    const possible = run.possible(name, answers.get(name) ?? { failed: UNKNOWN })
    if (possible !== null) return { ...possible, name }
  }
  return undefined
}
