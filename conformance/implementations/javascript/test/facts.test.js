import assert from 'node:assert/strict'
import test from 'node:test'
import { factsOfChat } from '../src/chat.js'
import { readFacts } from '../src/facts.js'
import { vocabulary } from '../src/vocabulary.js'
import { findingsOf } from './findings.js'

const standard = vocabulary('standard')
const core = vocabulary('core')

test('facts written in another order, or with null, have the same fingerprint', () => {
  const one = readFacts(
    { needs: ['vision', 'tools', 'tools'], scope: null, fields: { bucket: 0.5, budget_left: 1 } },
    standard,
  )
  const other = readFacts(
    { fields: { budget_left: 1, bucket: 0.5, prompt_tokens: null }, needs: ['tools', 'vision'] },
    standard,
  )
  assert.equal(one.fingerprint, other.fingerprint)
  assert.deepEqual(one.record(), {
    needs: ['tools', 'vision'],
    privacy: 'standard',
    fields: [
      ['bucket', 0.5],
      ['budget_left', 1],
    ],
  })
})

test('everything that is wrong with facts is found', () => {
  const facts = {
    needs: ['nope'],
    privacy: 'secret',
    tier: 'gold',
    min_context: -1,
    min_tok_s: 'x',
    scope: '',
    other: 1,
    fields: { price_in: 1, bucket: 2 },
  }
  assert.deepEqual(
    findingsOf(() => readFacts(facts, standard)),
    [
      ['PIR0712', '/needs/0'],
      ['PIR0713', '/privacy'],
      ['PIR0403', '/tier'],
      ['PIR0716', '/min_context'],
      ['PIR0714', '/min_tok_s'],
      ['PIR0714', '/scope'],
      ['PIR0711', '/other'],
      ['PIR0715', '/fields/price_in'],
      ['PIR0716', '/fields/bucket'],
    ],
  )
  assert.deepEqual(
    findingsOf(() => readFacts([], standard)),
    [['PIR0710', '']],
  )
})

test('the JSON bytes of the example of the chapter are 16', () => {
  // ceil(16 / 3) and no message
  const facts = factsOfChat({ messages: [], tools: [{ a: 1.5 }] }, standard)
  assert.equal(facts.fields.get('prompt_tokens'), 6)
  assert.deepEqual(facts.needs, ['tools'])
})

test('a body gives needs and amounts', () => {
  const body = {
    messages: [
      {
        role: 'user',
        content: [
          { type: 'text', text: 'grüße' },
          { type: 'image_url', image_url: {} },
        ],
      },
      { role: 'assistant', content: null },
    ],
    max_tokens: 100,
    response_format: { type: 'json_object' },
  }
  const facts = factsOfChat(body, standard)
  assert.deepEqual(facts.needs, ['json_mode', 'vision'])
  assert.equal(facts.fields.get('prompt_tokens'), 3 + 16 + 1024)
  assert.equal(facts.min_context, 3 + 16 + 1024 + 100)
  assert.equal(factsOfChat(body, core).fields.size, 0)
})

test('stated facts replace amounts, and can only ask for more context', () => {
  const body = { messages: [{ role: 'user', content: 'abc' }] }
  const stated = (facts) => factsOfChat(body, standard, readFacts(facts, standard))
  assert.equal(stated({ fields: { prompt_tokens: 50 } }).min_context, 50 + 1024)
  assert.equal(stated({ min_context: 5 }).min_context, 9 + 1024)
  assert.equal(stated({ min_context: 5000 }).min_context, 5000)
})

test('a body that is not understood is refused in the order of the body', () => {
  const body = {
    max_tokens: 1.5,
    messages: [7, { content: 5 }, { content: [{ type: 'video' }, { type: 'text', text: 1 }] }],
    tools: {},
    response_format: { type: 'xml' },
  }
  assert.deepEqual(
    findingsOf(() => factsOfChat(body, standard)).map(([code]) => code),
    Array(7).fill('PIR0720'),
  )
})

test('a tool that is too deep is refused where it is', () => {
  let deep = []
  for (let i = 0; i < 63; i++) deep = [deep]
  assert.deepEqual(
    findingsOf(() => factsOfChat({ messages: [], tools: deep }, standard)),
    [],
  )
  assert.deepEqual(
    findingsOf(() => factsOfChat({ messages: [], tools: [deep] }, standard)).map(([code]) => code),
    ['PIR0720'],
  )
})

test('the hundredth finding is the last', () => {
  const many = (count) => Array.from({ length: count }, () => 7)
  assert.equal(findingsOf(() => factsOfChat({ messages: many(120) }, standard)).length, 100)
  assert.equal(findingsOf(() => readFacts({ needs: many(120) }, standard)).length, 100)
})

test('needs that are no texts are found and never sorted', () => {
  assert.deepEqual(
    findingsOf(() => readFacts({ needs: [null, '', 3] }, standard)),
    [
      ['PIR0714', '/needs/0'],
      ['PIR0712', '/needs/1'],
      ['PIR0714', '/needs/2'],
    ],
  )
})
