import { isWellFormed, quote, utf8Length } from '../text.js'
import { finding } from '../refused.js'
import { Checker, Enough, found, kindOf, MOST_FINDINGS } from '../well-sorted.js'

/**
 * The wire form of flows and its bounds: chapter Flows.
 *
 * @typedef {import('../refused.js').Finding} Finding
 * @typedef {import('../signature.js').Term} Term
 *
 * @typedef {object} Call the record of an `llm` node
 * @property {string} system
 * @property {Term} policy
 * @property {string[]} inputs
 * @property {string} [template]
 * @property {'fail' | 'input'} [on_error]
 *
 * @typedef {['input'] | ['llm', Call] | ['output', string]} FlowNode
 * @typedef {['flow', Record<string, FlowNode>]} Flow
 */

/** The most bytes of a source, and the most open brackets of a wire text. */
export const SOURCE_BYTES = 1048576
export const NESTING = 70

export const MOST_NODES = 256
export const MOST_INPUTS = 32
export const TEXT_BYTES = 32768
export const TEXTS_BYTES = 1048576
export const POLICIES_NODES = 65536
/** The most characters of the policies of a text, each counted as often as a node uses it. */
export const SHARED_CHARACTERS = 4194304

/** What a failed call makes of a flow. */
export const ON_ERROR = new Set(['fail', 'input'])

/** The keys of an `llm` node, in the order in which they are written. */
export const CALL_KEYS = ['system', 'policy', 'inputs', 'template', 'on_error']
const REQUIRED_KEYS = ['system', 'policy', 'inputs']

/** How many arguments each kind of node has. */
const ARGUMENTS = new Map([
  ['input', 0],
  ['llm', 1],
  ['output', 1],
])

const NODE_NAME = /^[A-Za-z_][A-Za-z0-9_]{0,63}$/

/**
 * Whether a node can have a name.
 *
 * @param {string} name
 */
export function isNodeName(name) {
  return NODE_NAME.test(name)
}

/**
 * The record of a node as it is written: its keys in their order, `on_error` only where it is `input`.
 *
 * @param {Call} call
 * @returns {Call}
 */
export function tidyCall(call) {
  const keys = CALL_KEYS.filter((key) => Object.hasOwn(call, key) && (key !== 'on_error' || call[key] === 'input'))
  return /** @type {any} */ (Object.fromEntries(keys.map((key) => [key, call[key]])))
}

/**
 * What is wrong with a decoded value as a flow, in the order of the text.
 *
 * @param {any} value
 * @returns {Finding[]}
 */
export function flowFindings(value) {
  return found(new FlowChecker(), (checker) => checker.flow(value)).slice(0, MOST_FINDINGS)
}

/**
 * What is wrong with the text of an `llm` node by itself.
 *
 * @param {string} text
 * @param {string} pointer
 * @returns {Finding[]}
 */
export function textFindings(text, pointer) {
  if (!isTooLong(text)) return []
  return [finding('PIR1012', pointer, `a text of more than ${TEXT_BYTES} bytes`)]
}

/** @param {string} text */
function isTooLong(text) {
  return text.length * 3 > TEXT_BYTES && utf8Length(text) > TEXT_BYTES
}

class FlowChecker extends Checker {
  constructor() {
    super()
    this.textBytes = 0
    this.policyNodes = 0
  }

  /** @param {any} value */
  flow(value) {
    if (!this.lawful(value)) return
    if (!Array.isArray(value) || value.length !== 2 || value[0] !== 'flow' || !isRecord(value[1])) {
      const expected = 'a list of `"flow"` and the record of its nodes'
      this.find('PIR1001', 'this is no flow', { found: kindOf(value), expected })
      return
    }
    this.path.push(1)
    if (this.lawful(value[1])) this.nodeRecord(value[1])
    this.path.pop()
  }

  /** @param {any} record */
  nodeRecord(record) {
    const count = Object.keys(record).length
    if (count > MOST_NODES) {
      this.find('PIR1010', `${count} nodes; ${MOST_NODES} are the most`)
      return
    }
    this.eachMember(record, (name, node) => {
      if (!isNodeName(name)) this.find('PIR1008', `${quote(name)} is no name of a node`)
      this.node(node)
    })
  }

  /** @param {any} node that JSON allows */
  node(node) {
    if (!Array.isArray(node) || typeof node[0] !== 'string') {
      this.find('PIR1002', 'a node is a list with its kind at its head', { found: kindOf(node) })
      return
    }
    const [kind, argument] = node
    const count = ARGUMENTS.get(kind)
    if (count === undefined) {
      if (isWellFormed(kind)) this.find('PIR1002', `there is no kind ${quote(kind)} of nodes`, { key: 0 })
      else this.find('PIR0113', 'a surrogate that is not half of a pair', { key: 0 })
      return
    }
    if (node.length - 1 !== count) {
      this.find('PIR1003', `${quote(kind)} has the wrong number of arguments`, {
        found: `${node.length - 1}`,
        expected: `${count}`,
      })
      return
    }
    if (count === 0) return
    this.path.push(1)
    if (this.lawful(argument)) {
      if (kind === 'output') this.due(typeof argument === 'string', argument, 'a string')
      else if (this.due(isRecord(argument), argument, 'a record')) this.call(argument)
    }
    this.path.pop()
  }

  /** @param {any} record */
  call(record) {
    this.eachMember(record, (key, value) => {
      switch (key) {
        case 'system':
        case 'template':
          if (this.due(typeof value === 'string', value, 'a string')) this.text(value)
          return
        case 'policy':
          this.policy(value)
          return
        case 'inputs':
          if (this.due(Array.isArray(value), value, 'a list of strings')) this.inputs(value)
          return
        case 'on_error':
          if (!this.due(typeof value === 'string', value, 'a string') || ON_ERROR.has(value)) return
          this.find('PIR1007', `${quote(value)} is neither \`fail\` nor \`input\``)
          return
        default:
          this.find('PIR1005', `an \`llm\` node has no key ${quote(key)}`)
      }
    })
    for (const key of REQUIRED_KEYS) {
      if (!Object.hasOwn(record, key)) this.find('PIR1006', `an \`llm\` node needs the key \`${key}\``)
    }
  }

  /** @param {any[]} inputs */
  inputs(inputs) {
    if (inputs.length > MOST_INPUTS) {
      this.find('PIR1011', `${inputs.length} inputs; ${MOST_INPUTS} are the most`)
      return
    }
    this.each(inputs, (input) => this.lawful(input) && this.due(typeof input === 'string', input, 'a string'))
  }

  /** @param {string} text */
  text(text) {
    if (isTooLong(text)) this.find('PIR1012', `a text of more than ${TEXT_BYTES} bytes`)
    this.textBytes += utf8Length(text)
    if (this.textBytes <= TEXTS_BYTES) return
    this.find('PIR1013', `the texts of the flow have together more than ${TEXTS_BYTES} bytes`)
    throw new Enough()
  }

  /**
   * Looks at a policy, whose bounds are its own.
   *
   * @param {any} policy
   */
  policy(policy) {
    const { path, findings } = this
    const depth = path.length
    const before = findings.length
    const pointer = this.pointer()
    this.nodes = 0
    this.tooDeep = false
    try {
      this.term(policy, 'Policy', 1)
    } catch (error) {
      if (!(error instanceof Enough) || findings.length >= MOST_FINDINGS) throw error
    }
    path.length = depth
    this.policyNodes += this.nodes
    if (this.policyNodes <= POLICIES_NODES) return
    const message = `the policies of the flow have together more than ${POLICIES_NODES} nodes`
    findings.splice(before, 0, finding('PIR1014', pointer, message))
    throw new Enough()
  }

  /**
   * @param {boolean} holds
   * @param {any} value
   * @param {string} expected
   */
  due(holds, value, expected) {
    if (!holds) this.find('PIR1004', `${expected} is due here`, { found: kindOf(value), expected })
    return holds
  }
}

/** @param {any} value */
function isRecord(value) {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
