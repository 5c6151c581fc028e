import assert from 'node:assert/strict'
import test from 'node:test'
import { decode, encode } from '../src/cbor.js'
import { recordOf } from '../src/json-text.js'
import { Refused } from '../src/refused.js'
import { bytesOfHex, compareText, hexOf, utf8 } from '../src/text.js'
import { writtenNumber } from '../src/peer.js'
import { answer } from '../src/subject.js'
import { generator } from './generator.js'

const NUMBERS = [0, 1, 23, 24, 255, 256, 65535, 65536, 4294967295, 4294967296, 2 ** 53 - 1, 2 ** 53, 0.5, 0.1, 2 ** -14]
NUMBERS.push(
  2 ** -24,
  3 * 2 ** -24,
  2 ** -25,
  65504,
  65504.5,
  65520.5,
  2 ** -126,
  2 ** -149,
  5e-324,
  1e300,
  2 ** 60,
  1e21,
)
const TEXTS = ['', 'a', 'aa', '__proto__', 'é', '\ufb01', '\u{1f600}', '\ue000', 'x'.repeat(30), '1', '0']

function randomValue(next, depth) {
  switch (next(depth > 0 ? 5 : 3)) {
    case 0:
      return NUMBERS[next(NUMBERS.length)] * (next(2) === 0 ? 1 : -1) + 0
    case 1:
      return TEXTS[next(TEXTS.length)]
    case 2:
      return next(2) === 0
    case 3:
      return Array.from({ length: next(5) }, () => randomValue(next, depth - 1))
    default:
      return recordOf(
        new Map(Array.from({ length: next(5) }, () => [TEXTS[next(TEXTS.length)], randomValue(next, depth - 1)])),
      )
  }
}

test('what is encoded is read back', () => {
  const next = generator(7)
  for (let i = 0; i < 2000; i++) {
    const value = randomValue(next, 4)
    assert.deepEqual(decode(encode(value)), value)
  }
})

test('bytes that are accepted are the encoding of what they hold, and all others are refused by one finding', () => {
  const next = generator(11)
  let accepted = 0
  for (let i = 0; i < 20000; i++) {
    const bytes = encode(randomValue(next, 3))
    for (let changes = next(3); changes > 0; changes--) bytes[next(bytes.length)] ^= 1 << next(8)
    try {
      assert.equal(hexOf(encode(decode(bytes, { scores: true }), { scores: true })), hexOf(bytes))
      accepted++
    } catch (error) {
      if (!(error instanceof Refused)) throw error
      assert.equal(error.findings.length, 1)
      assert.match(error.findings[0].code, /^PIR080[1-4]$|^PIR0310$/)
    }
  }
  assert.ok(accepted > 5000)
})

test('every number of half precision is written as one, and every other is not', () => {
  const view = new DataView(new ArrayBuffer(4))
  for (let fraction = 1; fraction < 1024; fraction++) {
    const subnormal = fraction * 2 ** -24
    assert.equal(hexOf(encode(subnormal)), `f9${fraction.toString(16).padStart(4, '0')}`)
    assert.equal(encode(subnormal + 2 ** -35).length, 5)
  }
  for (let bits = 0x0400; bits < 0x7c00; bits += 7) {
    const half = bytesOfHex(`f9${bits.toString(16).padStart(4, '0')}`)
    const value = (1 + (bits & 1023) / 1024) * 2 ** ((bits >> 10) - 15)
    if (!Number.isInteger(value)) assert.deepEqual(encode(value), half)
    view.setFloat32(0, value)
    const single = new Uint8Array([0xfa, ...new Uint8Array(view.buffer)])
    assert.throws(
      () => decode(single),
      (error) => error.findings[0].code === 'PIR0802',
    )
  }
})

test('a claim of many entries takes no memory', () => {
  for (const head of ['9bffffffffffffffff', 'bb00ffffffffffffff', '7bffffffffffffffff', '9affffffff']) {
    assert.throws(
      () => decode(bytesOfHex(head)),
      (error) => error.findings[0].code === 'PIR0801',
    )
  }
})

test('nesting is refused at the level after the last, and never recursed into', () => {
  const nested = (levels) => new Uint8Array([...new Array(levels - 1).fill(0x81), 0x80])
  assert.equal(JSON.stringify(decode(nested(67))).length, 134)
  for (const levels of [68, 100000]) {
    assert.throws(
      () => decode(nested(levels)),
      (error) => error.findings[0].code === 'PIR0310',
    )
  }
})

test('texts are in the order of their UTF-8 bytes', () => {
  const order = (a, b) => Math.sign(Buffer.compare(utf8(a), utf8(b)))
  for (const a of TEXTS) for (const b of TEXTS) assert.equal(Math.sign(compareText(a, b)), order(a, b), `${a} ${b}`)
})

test('a number of the peer has 17 digits, ties to even', () => {
  assert.equal(writtenNumber(12345678901234.5625), '12345678901234.562')
  assert.equal(writtenNumber(12345678901234.6875), '12345678901234.688')
  assert.equal(writtenNumber(99999999999999999), '1e+17')
  assert.equal(writtenNumber(2 ** 53 + 2), '9007199254740994')
  assert.equal(writtenNumber(5e-324), '4.9406564584124654e-324')
  assert.equal(writtenNumber(0.0001), '0.0001')
  assert.equal(writtenNumber(-0.00001), '-1.0000000000000001e-05')
})

test('a value with null, or with a number beyond binary64, is no request', () => {
  const deep = Array.from({ length: 100_000 }).reduce((inner) => [inner], null)
  for (const value of [null, [1, null], { a: { b: null } }, Infinity, [-Infinity], { a: 10n ** 400n }, deep]) {
    const reply = answer('encoding', { value, tag: 'facts/1' })
    assert.equal(typeof (/** @type {any} */ (reply).error), 'string')
  }
  assert.ok('result' in answer('encoding', { value: { a: [1, 10n ** 20n] }, tag: 'facts/1' }))
  assert.deepEqual(Object.keys(answer('encoding', { value: '\ud800', tag: 'facts/1' })), ['refused'])
})
