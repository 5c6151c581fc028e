/**
 * @typedef {import('./machine.js').Machine} Machine
 * @typedef {import('../signature.js').Term} Term
 *
 * @typedef {Record<string, any>} Action a record with `action`, and other keys as far as they are present
 */

/**
 * What a failure plan answers to a reason.
 *
 * @param {Machine} machine
 * @param {Term} term in normal form
 * @param {string} reason
 * @returns {Action}
 */
export function evaluateFailurePlan(machine, term, reason) {
  let plan = term
  while (plan[0] === 'override') {
    const [, rest, overridden, action] = plan
    if (overridden === reason) {
      machine.step('override/answer', null)
      return action
    }
    machine.step('override/pass', null)
    plan = rest
  }
  machine.step('always/answer', null)
  return plan[1]
}
