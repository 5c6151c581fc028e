import { expect } from '../arguments.js'
import { requestOf } from './assembly.js'
import { FlowRun } from './run.js'

/**
 * @typedef {import('./admission.js').AdmittedFlow} AdmittedFlow
 * @typedef {import('./run.js').FlowOutcome} FlowOutcome
 *
 * @typedef {object} FlowRequest a call that is to be made
 * @property {string} node
 * @property {Record<string, any>} request a chat body, to which the transform of the policy is yet to be applied
 */

/** A flow that runs: the host makes its calls, as many at once as it likes, and says what came of them. */
export class RunningFlow {
  #run
  #body
  /** The nodes whose calls were taken. @type {Set<string>} */
  #taken = new Set()

  /**
   * @param {AdmittedFlow} flow
   * @param {Record<string, any>} body of the caller
   */
  constructor(flow, body) {
    this.flow = flow
    this.#body = body
    this.#run = new FlowRun(flow, body.messages)
  }

  /**
   * Takes the calls that can be made now. Each is given once, and runs from then on.
   *
   * @returns {FlowRequest[]} in the order of the names of their nodes
   */
  take() {
    const { flow } = this
    const taken = []
    for (const name of flow.names) {
      // A node becomes ready, and then runs; or it is too long.
      while (['waiting', 'ready'].includes(this.#run.states.get(name))) {
        const possible = this.#run.possible(name)
        if (possible === null) break
        possible.apply()
      }
      if (this.#run.states.get(name) !== 'running' || this.#taken.has(name)) continue
      this.#taken.add(name)
      const { messages } = this.#run.assembled.get(name)
      taken.push({ node: name, request: requestOf(this.#body, messages, name === flow.last) })
    }
    return taken
  }

  /**
   * Says that a call was answered.
   *
   * @param {string} node
   * @param {string} text of the answer
   */
  answer(node, text) {
    expect(typeof text === 'string', 'text', text, 'a string')
    this.#end(node, { text })
  }

  /**
   * Says that a call has failed for good.
   *
   * @param {string} node
   * @param {string} reason
   */
  fail(node, reason) {
    expect(typeof reason === 'string', 'reason', reason, 'a string')
    this.#end(node, { failed: reason })
  }

  /**
   * @param {string} node
   * @param {import('./run.js').Answer} answer
   */
  #end(node, answer) {
    const isRunning = this.#run.states.get(node) === 'running'
    expect(isRunning, 'node', node, 'the name of a node whose call was taken and has not ended')
    this.#run.ends(node, answer).apply()
    this.#run.possible(this.flow.output)?.apply()
  }

  /**
   * What has come of the flow: null while it may still return. Once a node has failed, it has failed as a whole.
   *
   * @returns {FlowOutcome | null}
   */
  get outcome() {
    const { outcome, reasons } = this.#run
    return 'returned' in outcome || reasons.size > 0 ? outcome : null
  }
}
