import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { readJson } from '../src/json-text.js'
import { writeMessage } from '../src/message-text.js'
import { answer, hello } from '../src/subject.js'

const VECTORS = fileURLToPath(new URL('../../../vectors/', import.meta.url))
const KINDS = new Set(hello().kinds)

/** A text of a vector: a list stands for the concatenation of its parts. */
function joined(parts) {
  if (!Array.isArray(parts)) return parts
  return parts.map((part) => (Array.isArray(part) ? part[0].repeat(part[1]) : part)).join('')
}

function inputOf({ input }) {
  const sent = { ...input }
  for (const key of ['text', 'bytes']) if (Object.hasOwn(sent, key)) sent[key] = joined(sent[key])
  return sent
}

/** What is compared of a refusal: see `compare/findings`. */
function comparable(vector, findings) {
  const [first] = vector.expect.refused
  const ofText =
    first.pointer === null ||
    first.code < 'PIR0130' ||
    (vector.kind === 'syntax' &&
      ['authoring', 'auto'].includes(vector.input.syntax) &&
      Object.hasOwn(vector.input, 'text'))
  if (ofText) return findings[0].code
  return findings.map(({ code, pointer }) => ({ code, pointer }))
}

/** What travels: a reply is written as a message. */
function sent(reply) {
  return readJson(writeMessage(reply), { lenient: true })
}

/**
 * What is wrong with the outcome of a vector, null where it is due.
 *
 * @param {Record<string, any>} vector
 */
function difference(vector) {
  const reply = sent(answer(vector.kind, inputOf(vector)))
  const both = vector.expect.refused !== undefined && reply.refused !== undefined
  try {
    if (both) assert.deepEqual(comparable(vector, reply.refused), comparable(vector, vector.expect.refused))
    else assert.deepEqual(reply, sent(vector.expect))
    return null
  } catch (error) {
    return `${vector.id}: ${error.message}`
  }
}

for (const file of readdirSync(VECTORS, { recursive: true })
  .filter((name) => name.endsWith('.json'))
  .sort()) {
  const { kind, vectors } = readJson(readFileSync(join(VECTORS, file), 'utf8'), { lenient: true })
  test(`every vector of ${file} has its outcome`, { skip: !KINDS.has(kind) && `no kind ${kind}` }, () => {
    const differences = vectors.map((vector) => difference({ ...vector, kind })).filter((one) => one !== null)
    if (differences.length > 0) assert.fail(differences.join('\n'))
  })
}
