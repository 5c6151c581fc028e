import { blake3 } from '@noble/hashes/blake3.js'
import { decode, encode } from './cbor.js'
import { firstRedex, normalForm } from './normal-form.js'
import { findingsOf, TERM_BOUNDS } from './read.js'
import { refuse, refuseAll } from './refused.js'
import { compareBytes, hexOf } from './text.js'

/**
 * Canonical bytes and fingerprints: chapter Encoding.
 *
 * @typedef {import('./signature.js').Term} Term
 */

const TAG = 'policy-ir/1'
const LEVELS = 67

/** What an effective term may have beyond others: an `and` and a `seq`, and the floor. */
const EFFECTIVE_BOUNDS = { depth: 66, nodes: 8192 }
const EFFECTIVE_LEVELS = 69
const RECORD_LEVELS = 128

/**
 * The bytes of the record of some kind: the list of its tag and its value.
 *
 * @param {string} tag
 * @param {any} value
 * @param {object} [options]
 * @param {boolean} [options.scores] whether infinities and NaN, which is *undefined*, may occur
 * @returns {Uint8Array}
 */
export function recordBytes(tag, value, { scores = false } = {}) {
  return encode([tag, value], { scores })
}

/**
 * The fingerprint of the record of some kind.
 *
 * @param {string} tag such as `facts/1`
 * @param {any} value
 * @param {object} [options]
 * @param {boolean} [options.scores] whether infinities and NaN, which is *undefined*, may occur
 * @returns {string} `blake3:` and 64 hexadecimal digits
 */
export function fingerprint(tag, value, { scores = false } = {}) {
  return digestOf(recordBytes(tag, value, { scores }))
}

/**
 * @param {Uint8Array} bytes
 * @returns {string} `blake3:` and 64 hexadecimal digits
 */
export function digestOf(bytes) {
  return `blake3:${hexOf(blake3(bytes))}`
}

/**
 * @param {Term} normal a term in normal form
 * @returns {Uint8Array} its canonical bytes
 */
export function termBytes(normal) {
  return recordBytes(TAG, normal)
}

/**
 * @param {Term} normal a term in normal form
 * @returns {string} `blake3:` and 64 hexadecimal digits
 */
export function fingerprintOf(normal) {
  return digestOf(termBytes(normal))
}

/**
 * Reads the canonical bytes of a term, and no other bytes.
 *
 * @param {Uint8Array} bytes
 * @param {object} [options]
 * @param {boolean} [options.effective] whether it is an effective policy, which has wider bounds
 * @returns {Term} in normal form
 * @throws {import('./refused.js').Refused} one finding, or those of an item that is no term
 */
export function readTerm(bytes, { effective = false } = {}) {
  const item = decode(bytes, { levels: effective ? EFFECTIVE_LEVELS : LEVELS })
  if (!Array.isArray(item) || item.length !== 2 || item[0] !== TAG) {
    refuse('PIR0805', null, `these are not the bytes of a \`${TAG}\` term`)
  }
  const term = item[1]
  refuseAll(findingsOf(term, { bounds: effective ? EFFECTIVE_BOUNDS : TERM_BOUNDS }))
  if (compareBytes(encode(normalForm(term)), encode(term)) !== 0) {
    refuse('PIR0806', firstRedex(term), 'the term is not in normal form')
  }
  return term
}

/**
 * Reads the bytes of a record that is stored beside terms: its tag and its value.
 *
 * @param {Uint8Array} bytes
 * @returns {any} infinities and NaN, which is *undefined*, among the numbers
 * @throws {import('./refused.js').Refused} one finding
 */
export function readRecord(bytes) {
  return decode(bytes, { scores: true, levels: RECORD_LEVELS })
}
