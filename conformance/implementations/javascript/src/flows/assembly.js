import { keysOf } from '../json-text.js'
import { utf8Length } from '../text.js'
import { partsOf } from './template.js'

/**
 * Values of nodes, and what a node sends: chapter Calls of a flow, sections Values and Assembly.
 *
 * @typedef {Record<string, any>} Message of a chat body
 *
 * @typedef {string | readonly Message[]} Value a text, or the caller's messages
 *
 * @typedef {object} Assembled
 * @property {string} rule
 * @property {readonly Message[]} messages
 * @property {string} text
 *
 * @typedef {{rule: 'assemble/limit'}} TooLong
 */

/** The most bytes of the text of a user message that is assembled. */
export const MESSAGE_BYTES = 4194304

const SEPARATOR = '\n\n'

/**
 * The text of a value: of messages that of the last one of the user.
 *
 * @param {Value} value
 * @returns {string}
 */
export function textOfValue(value) {
  if (typeof value === 'string') return value
  const message = value.findLast((one) => Object.hasOwn(one, 'role') && one.role === 'user')
  return message === undefined ? '' : textOfMessage(message)
}

/**
 * @param {Message} message
 * @returns {string}
 */
export function textOfMessage(message) {
  const content = Object.hasOwn(message, 'content') ? message.content : undefined
  if (typeof content === 'string') return content
  if (!Array.isArray(content)) return ''
  const isText = (/** @type {any} */ part) => Object.hasOwn(part, 'type') && part.type === 'text'
  return content
    .filter(isText)
    .map(({ text }) => text)
    .join('\n')
}

/**
 * The messages of an `llm` node.
 *
 * @param {{system: string, template?: string}} call
 * @param {readonly Value[]} values those of its inputs, one or more
 * @returns {Assembled | TooLong}
 */
export function assemble({ system, template }, values) {
  const head = system === '' ? [] : [{ role: 'system', content: system }]
  const texts = values.map(textOfValue)
  if (template === undefined && values.length === 1 && typeof values[0] !== 'string') {
    return { rule: 'assemble/messages', messages: [...head, ...values[0]], text: texts[0] }
  }
  const { rule, parts } = partsFor(template, texts)
  // What would be too long is never made.
  const lengths = texts.map(utf8Length)
  let bytes = 0
  for (const part of parts) bytes += typeof part === 'number' ? lengths[part] : utf8Length(part)
  if (bytes > MESSAGE_BYTES) return { rule: 'assemble/limit' }
  const text = parts.map((part) => (typeof part === 'number' ? texts[part] : part)).join('')
  return { rule, messages: [...head, { role: 'user', content: text }], text }
}

/**
 * What the text of a user message is made of: texts, and the numbers of inputs.
 *
 * @param {string | undefined} template
 * @param {readonly string[]} texts those of the inputs
 * @returns {{rule: string, parts: (string | number)[]}}
 */
function partsFor(template, texts) {
  if (template !== undefined) return { rule: 'assemble/template', parts: partsOf(template) }
  if (texts.length === 1) return { rule: 'assemble/single', parts: [0] }
  const sections = texts.flatMap((_, i) => [`${i === 0 ? '' : SEPARATOR}[input ${i + 1}]\n`, i])
  return { rule: 'assemble/sections', parts: sections }
}

/**
 * The request of a node: that of the last one is the caller's body with other messages.
 *
 * @param {Record<string, any>} body of the caller
 * @param {readonly Message[]} messages
 * @param {boolean} isLast
 * @returns {Record<string, any>}
 */
export function requestOf(body, messages, isLast) {
  if (!isLast) return { messages }
  const request = Object.create(null)
  for (const key of keysOf(body)) request[key] = key === 'messages' ? messages : body[key]
  return request
}
