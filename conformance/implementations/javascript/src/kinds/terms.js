import { admit } from '../admission.js'
import { digestOf, fingerprintOf, readRecord, readTerm, recordBytes, termBytes } from '../canonical.js'
import { effectiveUnder, readFloor } from '../floor.js'
import { recordOf } from '../json-text.js'
import { identity as identityOf } from '../peer.js'
import { read } from '../read-any.js'
import { load, loadValue } from '../read.js'
import { spellScore } from '../semantics/scores.js'
import { bytesOfHex, hexOf } from '../text.js'
import { readVocabulary } from '../vocabulary.js'
import { NoSuchRequest, vocabularyOf } from './inputs.js'

/**
 * The kinds about terms as such: reading, admission, normal form, encoding.
 *
 * @typedef {import('./inputs.js').Input} Input
 */

/** How deep the value of a record may be: its own list takes one of the 128 levels. */
const VALUE_LEVELS = 127

/** @param {Input} input */
export function syntax(input) {
  const { sort } = input
  if (Object.hasOwn(input, 'value')) return { term: load(input.value, { sort }) }
  const source = Object.hasOwn(input, 'bytes') ? bytesOfHex(input.bytes) : input.text
  return { term: read(source, { syntax: input.syntax ?? 'wire', sort }) }
}

/** @param {Input} input */
export function admission(input) {
  const { sort } = admit(input.term, vocabularyOf(input), { policy: input.as === 'policy' })
  return { sort }
}

/** @param {Input} input */
export function normalForm(input) {
  return { term: admit(input.term, vocabularyOf(input)).normal }
}

/** @param {Input} input */
export function encoding(input) {
  if (Object.hasOwn(input, 'term')) {
    const { normal } = admit(input.term, vocabularyOf(input))
    return { bytes: hexOf(termBytes(normal)), fingerprint: fingerprintOf(normal) }
  }
  if (!isOfRecords(input.value)) throw new NoSuchRequest('a record holds no null and no number beyond binary64')
  const bytes = recordBytes(input.tag, loadValue(input.value, { nesting: VALUE_LEVELS }))
  return { bytes: hexOf(bytes), fingerprint: digestOf(bytes) }
}

/**
 * Whether a value has no null and no number beyond binary64, at whatever depth.
 *
 * @param {any} value
 */
function isOfRecords(value) {
  const left = [value]
  while (left.length > 0) {
    const one = left.pop()
    if (one === null) return false
    if ((typeof one === 'number' || typeof one === 'bigint') && !Number.isFinite(Number(one))) return false
    if (typeof one === 'object') for (const entry of Object.values(one)) left.push(entry)
  }
  return true
}

/** @param {Input} input */
export function decoding(input) {
  const bytes = bytesOfHex(input.bytes)
  if (input.as === 'record') return { value: withSpeltScores(readRecord(bytes)) }
  return { term: readTerm(bytes, { effective: input.as === 'effective' }) }
}

/**
 * @param {any} value
 * @returns {any}
 */
function withSpeltScores(value) {
  if (typeof value === 'number') return spellScore(value)
  if (Array.isArray(value)) return value.map(withSpeltScores)
  if (typeof value !== 'object') return value
  return recordOf(Object.entries(value).map(([key, entry]) => [key, withSpeltScores(entry)]))
}

/** @param {Input} input */
export function identity(input) {
  const { string, sha256, short } = identityOf(admit(input.term, vocabularyOf(input)).term)
  return { string, sha256, short }
}

/** @param {Input} input */
export function vocabulary(input) {
  const declared = Object.hasOwn(input, 'text') ? readVocabulary(input.text) : vocabularyOf(input)
  return { fingerprint: declared.fingerprint }
}

/** @param {Input} input */
export function floor(input) {
  const declared = vocabularyOf(input)
  const lower = input.floor === undefined || input.floor === null ? null : readFloor(input.floor, declared)
  const policy = admit(input.policy, declared, { policy: true })
  const { policyFingerprint, fingerprint, normal } = effectiveUnder(policy, lower)
  return { policy: policyFingerprint, effective: fingerprint, term: normal }
}
