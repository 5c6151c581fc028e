import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import test from 'node:test'
import { fingerprintOf, readTerm, termBytes } from '../src/canonical.js'
import { decode, encode } from '../src/cbor.js'
import { effective } from '../src/floor.js'
import { readJson } from '../src/json-text.js'
import { normalForm } from '../src/normal-form.js'
import { identity } from '../src/peer.js'
import { readWire } from '../src/read.js'
import { Refused } from '../src/refused.js'
import { SIGNATURE } from '../src/signature.js'
import { bytesOfHex, hexOf } from '../src/text.js'
import { readVocabulary, vocabulary } from '../src/vocabulary.js'
import { admit } from '../src/admission.js'

const SPEC = new URL('../../../../docs/spec/', import.meta.url)

/** The rows of the table of a chapter whose header is given, each a list of its cells without their backticks. */
function rows(chapter, header) {
  const lines = readFileSync(new URL(`${chapter}.md`, SPEC), 'utf8').split('\n')
  const start = lines.findIndex((line) => line === header)
  assert.ok(start >= 0, `${chapter}.md has a table ${header}`)
  const end = lines.findIndex((line, i) => i > start && !line.startsWith('|'))
  return lines.slice(start + 2, end).map((line) =>
    line
      .slice(1, -1)
      .split(/(?<= )\|(?= )/)
      .map((cell) => cell.trim())
      .map((cell) => /^`(.*)`$/.exec(cell)?.[1] ?? cell),
  )
}

test('the signature is that of the chapter', () => {
  const due = rows('syntax', '| operation | sort | arguments | feature |')
  assert.equal(due.length, SIGNATURE.size)
  for (const [op, sort, takes, feature] of due) {
    const args = takes.split(' ').filter((arg) => arg !== '')
    const operation = SIGNATURE.get(op)
    const given = operation.args.map((arg) => (operation.variadic ? `${arg}+` : arg))
    assert.deepEqual([operation.sort, given, operation.feature], [sort, args, feature], op)
  }
})

test('the normal forms of the examples are theirs', () => {
  for (const [term, normal] of rows('normal-form', '| term | normal form |')) {
    assert.deepEqual(normalForm(readWire(term)), readWire(normal), term)
  }
})

test('values have the bytes of the examples', () => {
  for (const [value, bytes] of rows('encoding', '| value | bytes |').slice(-23)) {
    assert.equal(hexOf(encode(readJson(value))), bytes, value)
    assert.deepEqual(decode(bytesOfHex(bytes)), readJson(value), bytes)
  }
})

test('terms have the bytes and fingerprints of the examples', () => {
  for (const [term, bytes, fingerprint] of rows('encoding', '| term | bytes | fingerprint |')) {
    const normal = normalForm(readWire(term))
    assert.equal(hexOf(termBytes(normal)), bytes, term)
    assert.equal(fingerprintOf(normal), fingerprint, term)
    assert.deepEqual(readTerm(bytesOfHex(bytes)), normal)
  }
})

test('the policy that is shown byte by byte has its fingerprint', () => {
  const policy = readWire(`["policy",
      ["and", ["meets_req"], ["not", ["is", "disabled"]],
              ["has_cap", "supports_tools"], ["cmp", "bench_intelligence", "ge", 0.5]],
      ["neg", ["normalize", ["field", "price_out"]]], ["argmax"], ["id"], ["always", {"action": "next_candidate"}]]`)
  assert.deepEqual(normalForm(policy), policy)
  assert.equal(fingerprintOf(policy), 'blake3:408a44182ae2740dd586a17ce937ee82ed4737366fc21d3e0779410cd18d9e24')
})

test('the bytes that the chapter refuses are refused with its codes', () => {
  for (const [bytes, code] of rows('encoding', '| bytes | code | why |')) {
    assert.throws(
      () => readTerm(bytesOfHex(bytes)),
      (error) => error instanceof Refused && error.findings[0].code === code,
      bytes,
    )
  }
})

test('canonical strings, identities and short fingerprints are those of the chapter', () => {
  for (const [term, string] of rows('interop', '| term | canonical string |')) {
    assert.equal(identity(readWire(term)).string, string, term)
  }
  const [[string, sha256, short]] = rows('interop', '| canonical string | identity | short |')
  const [[term]] = rows('interop', '| term | canonical string |')
  assert.deepEqual(identity(readWire(term)), { string, sha256, short })
})

test('the shipped vocabularies have the fingerprints of the chapter, and the example of a file is read', () => {
  for (const [name, fingerprint] of rows('vocabulary', '| vocabulary | fingerprint |')) {
    assert.equal(vocabulary(name).fingerprint, fingerprint)
  }
  const chapter = readFileSync(new URL('vocabulary.md', SPEC), 'utf8')
  const house = readVocabulary(/```json\n([^]*?)```/.exec(chapter)[1])
  assert.deepEqual(house.tiers, ['fallback', 'marketplace', 'partner', 'own'])
  assert.equal(house.fields.get('off').unit, undefined)
})

test('a floor stands before the filter and after the transform', () => {
  const chapter = readFileSync(new URL('admission.md', SPEC), 'utf8')
  const floor = readJson(/```json\n([^]*?)```/.exec(chapter)[1])
  const policy = admit(
    ['policy', ['is', 'no_log'], ['zero'], ['argmax'], ['drop_param', 'seed'], ['always', { action: 'abort' }]],
    vocabulary('core'),
    { policy: true },
  )
  const { normal, policyFingerprint } = effective(policy, floor)
  assert.deepEqual(normal.slice(1), [
    ['and', ['is', 'no_log'], ['cmp', 'price_out', 'le', 30]],
    ['zero'],
    ['argmax'],
    ['seq', ['drop_param', 'seed'], ['clamp_param', 'max_tokens', 1, 4096]],
    ['always', { action: 'abort' }],
  ])
  assert.equal(policyFingerprint, policy.fingerprint)
})
