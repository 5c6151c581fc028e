import assert from 'node:assert/strict'
import test from 'node:test'
import { readJson } from '../src/json-text.js'
import { writeMessage } from '../src/message-text.js'

test('a message is written as it was read', () => {
  const texts = [
    '{"b":[1,-0.0,0.1,true,null,"\\u2028é"],"1":{},"__proto__":{"x":[]},"a":1e+100}',
    `[1${'0'.repeat(400)},1e999,-1e999]`,
    '"x"',
    `${'['.repeat(20000)}${']'.repeat(20000)}`,
  ]
  for (const text of texts) {
    const written = writeMessage(readJson(text, { lenient: true }))
    assert.equal(written, text.replace('\\u2028', '\u2028'))
  }
})
