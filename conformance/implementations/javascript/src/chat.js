import { MOST_FINDINGS } from './candidates.js'
import { Facts } from './facts.js'
import { isObject, membersOf, readFieldValue, setOf } from './field-values.js'
import { finding, refuseAll } from './refused.js'
import { isWellFormed, quote, step, utf8Length } from './text.js'

/**
 * @typedef {import('./refused.js').Finding} Finding
 * @typedef {import('./vocabulary.js').Vocabulary} Vocabulary
 */

const MOST_DEPTH = 64
const MOST_BYTES = 2 ** 26
const MOST_VALUES = 2 ** 18
const BYTES_PER_TOKEN = 3
const TOKENS_PER_MESSAGE = 8
const TOKENS_PER_IMAGE = 1024
const DEFAULT_COMPLETION_TOKENS = 1024

const PART_NEEDS = new Map([
  ['image_url', 'vision'],
  ['input_audio', 'audio'],
  ['file', 'file'],
])
const TOOL_ROLES = ['tool', 'function']
const FORMAT_NEEDS = new Map([
  ['json_object', 'json_mode'],
  ['json_schema', 'structured_outputs'],
])

/**
 * Derives request facts from the body of a chat completions request (chapter Facts, section From a chat body).
 *
 * @param {unknown} body decoded JSON
 * @param {Vocabulary} vocabulary
 * @param {Facts} [stated] the facts that the host adds
 * @returns {Facts}
 */
export function factsOfChat(body, vocabulary, stated = new Facts({})) {
  const reader = new ChatReader(vocabulary)
  reader.read(body)
  refuseAll(reader.findings)
  const facts = reader.join(stated)
  refuseAll(reader.findings)
  return facts
}

/** What ends the reading of a body that is too large, or in which too much is wrong. */
class Ended extends Error {}

class ChatReader {
  /** @param {Vocabulary} vocabulary */
  constructor(vocabulary) {
    this.vocabulary = vocabulary
    /** @type {Finding[]} */
    this.findings = []
    /** @type {Set<string>} */
    this.needs = new Set()
    this.bytes = 0
    this.values = 0
    this.messageCount = 0
    this.images = 0
    /** @type {number | undefined} */
    this.maxCompletionTokens = undefined
    /** @type {number | undefined} */
    this.maxTokens = undefined
  }

  /** @param {unknown} body */
  read(body) {
    if (!isObject(body)) {
      this.refuse('', 'a body is an object')
      return
    }
    try {
      for (const [key, value] of membersOf(body)) this.member(key, value)
      if (body.messages === undefined || body.messages === null) this.refuse('/messages', 'a body has `messages`')
    } catch (error) {
      if (!(error instanceof Ended)) throw error
    }
  }

  /**
   * @param {string} key
   * @param {unknown} value
   */
  member(key, value) {
    if (value === null) return
    const at = step(key)
    if (key === 'messages') this.messages(value)
    else if (key === 'tools' || key === 'functions') this.toolList(value, at)
    else if (key === 'response_format') this.responseFormat(value)
    else if (key === 'max_completion_tokens') this.maxCompletionTokens = this.limit(value, at)
    else if (key === 'max_tokens') this.maxTokens = this.limit(value, at)
  }

  /** @param {unknown} messages */
  messages(messages) {
    if (!Array.isArray(messages)) {
      this.refuse('/messages', '`messages` are a list')
      return
    }
    for (const [i, message] of messages.entries()) {
      const at = `/messages/${i}`
      this.countValue(at)
      this.messageCount++
      if (isObject(message)) this.message(message, at)
      else this.refuse(at, 'a message is an object')
    }
  }

  /**
   * @param {Record<string, unknown>} message
   * @param {string} at
   */
  message(message, at) {
    const given = (/** @type {string} */ key) => (Object.hasOwn(message, key) ? message[key] : null)
    if (TOOL_ROLES.includes(/** @type {string} */ (given('role')))) this.need('tools', `${at}/role`)
    if (given('tool_calls') !== null) this.toolList(given('tool_calls'), `${at}/tool_calls`)
    if (given('function_call') !== null) this.functionCall(given('function_call'), `${at}/function_call`)
    if (given('content') !== null) this.content(given('content'), `${at}/content`)
  }

  /**
   * @param {unknown} content
   * @param {string} at
   */
  content(content, at) {
    if (typeof content === 'string') {
      this.text(content, at)
    } else if (Array.isArray(content)) {
      for (const [i, part] of content.entries()) this.part(part, `${at}/${i}`)
    } else {
      this.refuse(at, '`content` is a string or a list')
    }
  }

  /**
   * @param {unknown} part
   * @param {string} at
   */
  part(part, at) {
    this.countValue(at)
    if (!isObject(part)) {
      this.refuse(at, 'a content part is an object')
      return
    }
    const type = Object.hasOwn(part, 'type') ? part.type : undefined
    if (type === 'text' || type === 'refusal') {
      const text = Object.hasOwn(part, type) ? part[type] : undefined
      if (typeof text === 'string') this.text(text, at + step(type))
      else this.refuse(at + step(type), `\`${type}\` is a string`)
    } else if (typeof type === 'string' && PART_NEEDS.has(type)) {
      if (type === 'image_url') this.images++
      this.need(PART_NEEDS.get(type), at)
    } else {
      this.refuse(`${at}/type`, 'a content part of another type')
    }
  }

  /**
   * @param {unknown} list
   * @param {string} at
   */
  toolList(list, at) {
    if (!Array.isArray(list)) {
      this.refuse(at, 'it is a list')
    } else if (list.length > 0) {
      this.need('tools', at)
      this.json(list, at, 1)
    }
  }

  /**
   * @param {unknown} call
   * @param {string} at
   */
  functionCall(call, at) {
    if (!isObject(call)) {
      this.refuse(at, '`function_call` is an object')
    } else if (Object.keys(call).length > 0) {
      this.need('tools', at)
      this.json(call, at, 1)
    }
  }

  /** @param {unknown} format */
  responseFormat(format) {
    const at = '/response_format'
    if (!isObject(format)) {
      this.refuse(at, '`response_format` is an object')
      return
    }
    const type = Object.hasOwn(format, 'type') ? format.type : undefined
    if (typeof type === 'string' && FORMAT_NEEDS.has(type)) this.need(FORMAT_NEEDS.get(type), at)
    else if (type !== 'text') this.refuse(`${at}/type`, 'a response format of another type')
  }

  /**
   * @param {unknown} value
   * @param {string} at
   */
  limit(value, at) {
    if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value + 0
    this.refuse(at, 'it is an integral number from 0 to 2^53 - 1')
    return undefined
  }

  /**
   * @param {string} need
   * @param {string} at the place that brings it
   */
  need(need, at) {
    if (this.needs.has(need)) return
    this.needs.add(need)
    if (!this.vocabulary.needs.has(need)) {
      this.found('PIR0712', at, `the vocabulary maps the need ${quote(need)} to no capability`)
    }
  }

  /**
   * @param {string} text
   * @param {string} at
   */
  text(text, at) {
    if (!isWellFormed(text)) this.found('PIR0113', at, 'a surrogate that is not half of a pair')
    this.countBytes(utf8Length(text), at)
  }

  /**
   * Counts the JSON bytes of a value. It goes no deeper than 64 levels, so it may call itself.
   *
   * @param {unknown} value
   * @param {string} at
   * @param {number} level
   */
  json(value, at, level) {
    this.countValue(at)
    if (level > MOST_DEPTH) {
      this.refuse(at, `a value deeper than ${MOST_DEPTH} levels`)
      return
    }
    if (value === null || value === true) this.countBytes(4, at)
    else if (value === false) this.countBytes(5, at)
    else if (typeof value === 'number' || typeof value === 'bigint') this.countBytes(8, at)
    else if (typeof value === 'string') {
      this.countBytes(2, at)
      this.text(value, at)
    } else if (Array.isArray(value)) {
      this.countBytes(2 + Math.max(0, value.length - 1), at)
      for (const [i, entry] of value.entries()) this.json(entry, `${at}/${i}`, level + 1)
    } else {
      const entries = membersOf(/** @type {object} */ (value))
      this.countBytes(2 + Math.max(0, entries.length - 1), at)
      for (const [key] of entries) {
        this.countBytes(3, at)
        this.text(key, at)
      }
      for (const [key, entry] of entries) this.json(entry, at + step(key), level + 1)
    }
  }

  /**
   * @param {number} bytes
   * @param {string} at
   */
  countBytes(bytes, at) {
    this.bytes += bytes
    if (this.bytes > MOST_BYTES) this.end(at, `more than ${MOST_BYTES} bytes of text and tools`)
  }

  /** @param {string} at */
  countValue(at) {
    this.values++
    if (this.values > MOST_VALUES) this.end(at, `more than ${MOST_VALUES} messages, parts and values`)
  }

  /**
   * @param {string} at
   * @param {string} message
   * @returns {never}
   */
  end(at, message) {
    this.refuse(at, message)
    throw new Ended()
  }

  /**
   * @param {string} at
   * @param {string} message
   */
  refuse(at, message) {
    this.found('PIR0720', at, message)
  }

  /**
   * The hundredth finding ends the reading.
   *
   * @param {string} code
   * @param {string} at
   * @param {string} message
   */
  found(code, at, message) {
    this.findings.push(finding(code, at, message))
    if (this.findings.length === MOST_FINDINGS) throw new Ended()
  }

  /**
   * The derived facts and those that the host states, together.
   *
   * @param {Facts} stated
   */
  join(stated) {
    const derived = new Map([
      ['completion_tokens', this.maxCompletionTokens ?? this.maxTokens ?? DEFAULT_COMPLETION_TOKENS],
      ['prompt_tokens', this.promptTokens()],
    ])
    const fields = new Map(stated.fields)
    let amount = 0
    for (const [name, tokens] of derived) {
      const field = this.vocabulary.fields.get(name)
      const numeric = field?.source === 'request' && field.sort === 'num'
      if (numeric && !fields.has(name)) fields.set(name, this.derivedAmount(name, tokens, field))
      amount += numeric ? /** @type {number} */ (fields.get(name)) : tokens
    }
    if (!Number.isFinite(amount)) this.refuseSum('PIR0714', 'no finite number')
    else if (amount < 0) this.refuseSum('PIR0716', 'below 0')
    return new Facts({
      needs: setOf([...stated.needs, ...this.needs]),
      privacy: stated.privacy,
      min_context: Math.max(amount, stated.min_context ?? 0),
      model_family: stated.model_family,
      tier: stated.tier,
      min_tok_s: stated.min_tok_s,
      scope: stated.scope,
      fields,
    })
  }

  /**
   * @param {string} code
   * @param {string} what
   */
  refuseSum(code, what) {
    this.findings.push(finding(code, '/min_context', `the sum of the amounts that are stated is ${what}`))
  }

  /**
   * @param {string} name
   * @param {number} tokens
   * @param {import('./vocabulary.js').Field} field
   */
  derivedAmount(name, tokens, field) {
    if ('faults' in readFieldValue(tokens, field)) {
      this.findings.push(finding('PIR0716', `/fields${step(name)}`, `${tokens} is outside the range of the field`))
    }
    return tokens
  }

  promptTokens() {
    const whole = (this.bytes - (this.bytes % BYTES_PER_TOKEN)) / BYTES_PER_TOKEN
    const text = this.bytes % BYTES_PER_TOKEN === 0 ? whole : whole + 1
    return text + TOKENS_PER_MESSAGE * this.messageCount + TOKENS_PER_IMAGE * this.images
  }
}
