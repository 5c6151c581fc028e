import { isHostsOwn, MOST_FINDINGS, scanCandidates } from './candidates.js'
import { isObject, membersOf } from './field-values.js'
import { readJson } from './json-text.js'
import { finding, refuse, refuseAll } from './refused.js'
import { snapshotOf } from './snapshot.js'
import { sourceText } from './source.js'
import { quote, step } from './text.js'
import { vocabulary } from './vocabulary.js'

/**
 * @typedef {import('./refused.js').Finding} Finding
 * @typedef {import('./vocabulary.js').Vocabulary} Vocabulary
 */

const MOST_BYTES = 16 * 1024 * 1024
const VERSION = 1
const REQUIRED = ['catalog', 'vocabulary', 'candidates']
const KEYS = new Set([...REQUIRED, 'about', 'date', 'sources'])
const SHIPPED = ['core', 'standard']

/**
 * Takes a snapshot of a catalogue file in JSON (chapter Catalogue, section Files).
 *
 * @param {string | Uint8Array} source
 * @param {Vocabulary} [beside] the vocabulary that the host gives beside it; else the shipped one that the file names
 * @returns {import('./snapshot.js').Snapshot}
 */
export function readCatalogueFile(source, beside) {
  const file = readJson(sourceText(source, { limit: MOST_BYTES, sizeCode: 'PIR0611' }), { nulls: true })
  if (!isObject(file)) return refuse('PIR0601', '', 'a catalogue file is an object')

  const declared = beside ?? namedVocabulary(file.vocabulary)
  /** @type {Finding[]} */
  const findings = []
  /** @type {import('./candidates.js').Candidate[]} */
  let candidates = []
  for (const [key, value] of membersOf(file)) {
    if (isHostsOwn(key)) continue
    if (key === 'candidates' && value !== null && declared !== null) {
      const scanned = scanCandidates(value, declared, '/candidates')
      candidates = scanned.candidates
      findings.push(...scanned.findings)
    } else {
      findings.push(...memberFindings(key, value, beside !== undefined))
    }
  }
  for (const key of REQUIRED) {
    if ((file[key] ?? null) !== null) continue
    findings.push(finding('PIR0606', '', `a catalogue file has the key ${quote(key)}`))
  }
  refuseAll(findings.slice(0, MOST_FINDINGS))
  return snapshotOf(candidates, declared)
}

/** @param {unknown} name */
function namedVocabulary(name) {
  return SHIPPED.includes(/** @type {string} */ (name)) ? vocabulary(name) : null
}

/**
 * What is wrong with a member of a file other than the candidates.
 *
 * @param {string} key
 * @param {unknown} value
 * @param {boolean} anyVocabulary whether the file may name any
 * @returns {Finding[]}
 */
function memberFindings(key, value, anyVocabulary) {
  const at = step(key)
  if (!KEYS.has(key)) return [finding('PIR0601', at, `a catalogue file has no key ${quote(key)}`)]
  if (value === null) return []
  switch (key) {
    case 'catalog':
      return value === VERSION ? [] : [finding('PIR0602', at, `the version of the format is ${VERSION}`)]
    case 'vocabulary':
      if (typeof value !== 'string') return [finding('PIR0601', at, 'a vocabulary is named by a text')]
      if (anyVocabulary || SHIPPED.includes(value)) return []
      return [finding('PIR0702', at, `no vocabulary ${quote(value)} is shipped`)]
    case 'candidates':
      return []
    case 'about':
    case 'date':
      return typeof value === 'string' ? [] : [finding('PIR0601', at, 'it is a text')]
    case 'sources':
      return sourceFindings(value, at)
    default:
      throw new TypeError(`a key that nobody reads: ${key}`)
  }
}

/**
 * @param {unknown} value
 * @param {string} at
 */
function sourceFindings(value, at) {
  if (!Array.isArray(value)) return [finding('PIR0601', at, 'sources are a list of texts')]
  return value.flatMap((source, i) =>
    typeof source === 'string' ? [] : [finding('PIR0601', `${at}/${i}`, 'a source is a text')],
  )
}
