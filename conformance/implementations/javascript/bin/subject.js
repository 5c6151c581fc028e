#!/usr/bin/env node
import { Buffer } from 'node:buffer'
import process from 'node:process'
import { readJson } from '../src/json-text.js'
import { writeMessage } from '../src/message-text.js'
import { answer, hello } from '../src/subject.js'

/**
 * Speaks the protocol of the conformance suite over the standard input and output. Lines end with a line feed and with
 * nothing else, so they are cut from the bytes: readers of lines of text also cut at U+2028.
 */

const LINE_FEED = 0x0a

/** @type {Buffer[]} */
let pieces = []
for await (const chunk of process.stdin) {
  let start = 0
  for (let end = chunk.indexOf(LINE_FEED); end >= 0; end = chunk.indexOf(LINE_FEED, start)) {
    pieces.push(chunk.subarray(start, end))
    await reply(Buffer.concat(pieces).toString('utf8'))
    pieces = []
    start = end + 1
  }
  pieces.push(chunk.subarray(start))
}
const rest = Buffer.concat(pieces)
if (rest.length > 0) await reply(rest.toString('utf8'))

/** @param {string} line */
async function reply(line) {
  const message = readJson(line, { lenient: true })
  const said = message.type === 'hello' ? hello() : { id: message.id, ...answer(message.kind, message.input) }
  if (process.stdout.write(`${writeMessage(said)}\n`)) return
  await new Promise((resolve) => process.stdout.once('drain', resolve))
}
