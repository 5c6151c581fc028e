/**
 * One reason why an input is refused.
 *
 * @typedef {object} Finding
 * @property {string} code `PIR` and four digits; see the chapter Diagnostics
 * @property {string | null} pointer a JSON Pointer into the wire form of the input; null where there is no structure yet
 * @property {string} message one line, lowercase, the author's own text in backticks
 * @property {string} [found] what stands there, where the message has not said it
 * @property {string} [expected] what could stand there, where the message has not said it
 */

/** An input that is refused, with everything that is wrong with it, in order. */
export class Refused extends Error {
  /** @param {readonly Finding[]} findings one or more */
  constructor(findings) {
    super(findings.map(line).join('\n'))
    this.name = 'Refused'
    /** @type {readonly Finding[]} */
    this.findings = findings
  }
}

/** @param {Finding} finding */
function line({ code, pointer, message }) {
  return pointer ? `${code} at ${pointer}: ${message}` : `${code}: ${message}`
}

/**
 * @param {string} code
 * @param {string | null} pointer
 * @param {string} message
 * @param {string} [found]
 * @param {string} [expected]
 * @returns {Finding}
 */
export function finding(code, pointer, message, found, expected) {
  /** @type {Finding} */
  const made = { code, pointer, message }
  if (found !== undefined) made.found = found
  if (expected !== undefined) made.expected = expected
  return made
}

/**
 * Refuses an input for one reason.
 *
 * @param {string} code
 * @param {string | null} pointer
 * @param {string} message
 * @param {string} [found]
 * @param {string} [expected]
 * @returns {never}
 */
export function refuse(code, pointer, message, found, expected) {
  throw new Refused([finding(code, pointer, message, found, expected)])
}

/**
 * Refuses an input if anything was found.
 *
 * @param {readonly Finding[]} findings
 */
export function refuseAll(findings) {
  if (findings.length > 0) throw new Refused(findings)
}
