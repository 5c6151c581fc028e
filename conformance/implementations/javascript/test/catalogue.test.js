import assert from 'node:assert/strict'
import test from 'node:test'
import { readCandidates } from '../src/candidates.js'
import { differences } from '../src/catalogue-differences.js'
import { readCatalogueFile } from '../src/catalogue-files.js'
import { takeSnapshot } from '../src/snapshot.js'
import { vocabulary } from '../src/vocabulary.js'
import { findingsOf } from './findings.js'

const standard = vocabulary('standard')

const refusal = (candidates) => findingsOf(() => takeSnapshot(candidates, standard, '/candidates'))

test('family and served model stand in for each other, and the provider for the route', () => {
  const [candidate] = takeSnapshot([{ id: 'a', provider: 'p', served_model: 'm' }], standard).candidates
  assert.equal(candidate.family, 'm')
  assert.equal(candidate.served_by, 'p')
})

test('everything that is wrong with a catalogue is found, in order', () => {
  const candidates = [
    { id: 'a', provider: 'p', family: 'm', fields: { nope: 1, id: 'x', bucket: 0, price_in: -1, price_out: 'free' } },
    { id: 'a', provider: '', unknown: 1 },
    7,
  ]
  assert.deepEqual(refusal(candidates), [
    ['PIR0604', '/candidates/0/fields/nope'],
    ['PIR0612', '/candidates/0/fields/id'],
    ['PIR0610', '/candidates/0/fields/bucket'],
    ['PIR0616', '/candidates/0/fields/price_in'],
    ['PIR0605', '/candidates/0/fields/price_out'],
    ['PIR0603', '/candidates/1/id'],
    ['PIR0615', '/candidates/1/provider'],
    ['PIR0601', '/candidates/1/unknown'],
    ['PIR0606', '/candidates/1'],
    ['PIR0601', '/candidates/2'],
  ])
})

test('a value that contradicts the capabilities is refused, either way', () => {
  const one = (capabilities, value) => [
    { id: 'a', provider: 'p', family: 'm', capabilities, fields: { supports_tools: value } },
  ]
  assert.deepEqual(refusal(one([], true)), [['PIR0617', '/candidates/0/fields/supports_tools']])
  assert.deepEqual(refusal(one(['supports_tools'], false)), [['PIR0617', '/candidates/0/fields/supports_tools']])
  assert.deepEqual(refusal(one(['supports_tools'], true)), [])
  assert.deepEqual(refusal(one([], false)), [])
})

test('new state changes the state part only, and null takes an observation away', () => {
  const before = takeSnapshot([{ id: 'a', provider: 'p', family: 'm' }], standard)
  const after = before.update({ a: { latency_ms: 300 } })
  assert.equal(after.catalogue, before.catalogue)
  assert.notEqual(after.state, before.state)
  assert.deepEqual(before.observe(0, 'latency_ms'), { value: Infinity, known: false })
  assert.deepEqual(after.observe(0, 'latency_ms'), { value: 300, known: true })
  assert.equal(after.update({ a: { latency_ms: null } }).fingerprint, before.fingerprint)
})

test('an update is refused for unknown ids and fields that are not state', () => {
  const snapshot = takeSnapshot([{ id: 'a', provider: 'p', family: 'm' }], standard)
  const update = { a: { price_in: 1, tok_s: -1 }, 'x/y': { tok_s: 1 } }
  assert.deepEqual(
    findingsOf(() => snapshot.update(update)),
    [
      ['PIR0613', '/a/price_in'],
      ['PIR0616', '/a/tok_s'],
      ['PIR0614', '/x~1y'],
    ],
  )
})

test('an observation that equals the default is still an observation', () => {
  const of = (fields) => takeSnapshot([{ id: 'a', provider: 'p', family: 'm', fields }], standard).fingerprint
  assert.notEqual(of({ context: 0 }), of({}))
  assert.equal(of({ context: -0 }), of({ context: 0 }))
})

test('a catalogue file names its vocabulary, and null is absent in it', () => {
  const text =
    '{"catalog": 1, "vocabulary": "standard", "x-mine": [null], "about": null, "candidates": ' +
      '[{"id": "a", "provider": "p", "family": "m", "tier": null}]}'
  assert.equal(readCatalogueFile(text).size, 1)
  assert.deepEqual(
    findingsOf(() => readCatalogueFile(text.replace('1', '2'))),
    [['PIR0602', '/catalog']],
  )
  assert.deepEqual(
    findingsOf(() => readCatalogueFile('{}')),
    [
      ['PIR0606', ''],
      ['PIR0606', ''],
      ['PIR0606', ''],
    ],
  )
  assert.deepEqual(
    findingsOf(() => readCatalogueFile(text.replace('"standard"', '"house"'))),
    [['PIR0702', '/vocabulary']],
  )
})

test('two catalogues differ in who is there, in values and in order', () => {
  const read = (candidates) => readCandidates(candidates, standard)
  const model = (id, rest = {}) => ({ id, provider: 'p', family: 'm', ...rest })
  const before = read([model('a', { fields: { price_in: 1, labels: ['x', 'y'] } }), model('b'), model('c')])
  const after = read([
    model('d'),
    model('c'),
    model('a', { tier: 'partner', fields: { context: 5, labels: ['y', 'x'] } }),
  ])
  assert.deepEqual(differences(before, after), {
    added: ['d'],
    removed: ['b'],
    changed: [
      ['a', 'tier', null, 'partner'],
      ['a', 'fields/context', null, 5],
      ['a', 'fields/price_in', 1, null],
    ],
    reordered: true,
  })
})
