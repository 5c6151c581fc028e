import assert from 'node:assert/strict'
import test from 'node:test'
import { keysOf, readJson } from '../src/json-text.js'
import { normalForm } from '../src/normal-form.js'
import { load, readWire } from '../src/read.js'
import { read } from '../src/read-any.js'
import { Refused } from '../src/refused.js'

/** The codes and pointers of a refusal. */
function refusal(act) {
  try {
    act()
  } catch (error) {
    if (error instanceof Refused) return error.findings.map(({ code, pointer }) => `${code} ${pointer}`)
    throw error
  }
  return []
}

test('keys keep the order in which they were written, also those that look like indices', () => {
  assert.deepEqual(keysOf(readJson('{"b": 1, "10": 2, "9": 3}')), ['b', '10', '9'])
  assert.deepEqual(
    refusal(() => readWire('["always", {"action": "abort", "b": "x", "7": "y"}]')),
    ['PIR0205 /1/b', 'PIR0205 /1/7'],
  )
})

test('a key may be any name that objects have', () => {
  const term = readWire('["filter_text", [{"__proto__": 1, "constructor": 2, "toString": 3}]]')
  assert.deepEqual(Object.keys(term[1][0]), ['__proto__', 'constructor', 'toString'])
  assert.equal(Object.getPrototypeOf(term[1][0]), Object.prototype)
  assert.deepEqual(refusal(() => readWire('["chain", [{}]]')).length, 2)
})

test('a surrogate is whole only if both halves are written alike', () => {
  assert.equal(readJson('"\\ud83d\\ude00"'), '\u{1f600}')
  for (const text of ['"\ud83d\\ude00"', '"\\ud83d\ude00"', '"\\ud83d"', '"\\ude00\\ud83d"', '"\ud83dx"']) {
    assert.deepEqual(
      refusal(() => readJson(text)),
      ['PIR0113 null'],
      JSON.stringify(text),
    )
  }
})

test('decoded values are taken for what their texts say', () => {
  assert.deepEqual(load(['lit', 2n ** 60n]), ['lit', 2 ** 60])
  assert.ok(Object.is(load(['lit', -0])[1], 0))
  assert.deepEqual(
    refusal(() => load(['lit', 10n ** 400n])),
    ['PIR0110 /1'],
  )
  assert.deepEqual(
    refusal(() => load(['lit', NaN])),
    ['PIR0112 /1'],
  )
  assert.deepEqual(
    refusal(() => load(['is', '\ud800'])),
    ['PIR0113 /1'],
  )
  for (const foreign of [undefined, () => 0, Symbol('s'), new Map(), new Date(0), new Uint8Array(1)]) {
    assert.deepEqual(
      refusal(() => load(['lit', foreign])),
      ['PIR0214 /1'],
    )
  }
})

test('a value that contains itself is refused where it is too deep', () => {
  const term = ['and', ['top']]
  term.push(term)
  assert.deepEqual(
    refusal(() => load(term)),
    [`PIR0301 ${'/2'.repeat(63)}/1`],
  )
})

test('a value whose parts are shared beyond measure is refused in little time', () => {
  let term = ['top']
  for (let i = 0; i < 60; i++) term = ['and', term, term]
  assert.equal(refusal(() => load(term)).length, 1)
})

test('deep texts are refused and never recursed into', () => {
  const deep = 250000
  assert.match(refusal(() => readWire('['.repeat(deep)))[0], /^PIR0310 /)
  assert.match(refusal(() => read(`filter ${'('.repeat(deep)}`))[0], /^PIR0310 /)
})

test('a loaded term shares nothing with the value it was loaded from', () => {
  const value = ['tag_in', 'region', ['eu']]
  const term = load(value)
  value[2].push('us')
  assert.deepEqual(term, ['tag_in', 'region', ['eu']])
})

test('taking the normal form changes no term', () => {
  const term = readWire('["and", ["tag_in", "region", ["b", "a", "b"]], ["top"], ["and", ["is", "no_log"]]]')
  const before = JSON.stringify(term)
  const normal = normalForm(term)
  assert.deepEqual(normal, ['and', ['is', 'no_log'], ['tag_in', 'region', ['a', 'b']]])
  assert.deepEqual(normalForm(normal), normal)
  assert.equal(JSON.stringify(term), before)
})

test('a name that objects have is no operation', () => {
  for (const op of ['constructor', '__proto__', 'toString'])
    assert.deepEqual(
      refusal(() => load([op])),
      ['PIR0202 /0'],
    )
})

test('what JSON forbids in a record comes before what is wrong with its members', () => {
  assert.deepEqual(
    refusal(() => load(['always', { action: [], attempts: null }])),
    ['PIR0115 /1/attempts', 'PIR0205 /1/action'],
  )
  assert.deepEqual(
    refusal(() => load(['always', { action: 'x', '\ud800': 1 }])),
    ['PIR0113 /1', 'PIR0207 /1/action'],
  )
  assert.deepEqual(
    refusal(() => load(['chain', [{ modle: null, provider: 5 }]])),
    ['PIR0115 /1/0/modle', 'PIR0205 /1/0/provider', 'PIR0209 /1/0'],
  )
})
