import { fingerprint } from './canonical.js'
import { MOST_FINDINGS, readCandidates, readObservation, showsCapability, TEXT_KEYS } from './candidates.js'
import { isObject, membersOf } from './field-values.js'
import { finding, Refused } from './refused.js'
import { compareText, quote, step } from './text.js'

/**
 * @typedef {import('./candidates.js').Candidate} Candidate
 * @typedef {import('./field-values.js').FieldValue} FieldValue
 * @typedef {import('./refused.js').Finding} Finding
 * @typedef {import('./vocabulary.js').Vocabulary} Vocabulary
 */

/**
 * The observations of one key or field, one for each candidate; undefined where there is none.
 *
 * @typedef {readonly (FieldValue | undefined)[]} Column
 */

const NO_TIER = 'fallback'

/**
 * Takes a snapshot of a catalogue: checks the candidates and numbers them in the order in which they came.
 *
 * @param {unknown} candidates decoded JSON, as in a catalogue file
 * @param {Vocabulary} vocabulary
 * @param {string} [at] the pointer of the list
 * @returns {Snapshot}
 */
export function takeSnapshot(candidates, vocabulary, at = '') {
  return snapshotOf(readCandidates(candidates, vocabulary, at), vocabulary)
}

/**
 * @param {readonly Candidate[]} candidates
 * @param {Vocabulary} vocabulary
 */
export function snapshotOf(candidates, vocabulary) {
  /** @type {Map<string, (FieldValue | undefined)[]>} */
  const columns = new Map()
  /** @type {Set<string>} */
  const capabilityFields = new Set()
  for (const [name, field] of vocabulary.fields) {
    if (field.source !== 'catalogue' && field.source !== 'state') continue
    const none = () => new Array(candidates.length).fill(undefined)
    columns.set(name, TEXT_KEYS.includes(name) ? keyColumn(name, candidates) : none())
    if (showsCapability(field, name)) capabilityFields.add(name)
  }
  for (const [i, { fields, capabilities }] of candidates.entries()) {
    for (const [name, value] of fields) columns.get(name)[i] = value
    for (const capability of capabilities) if (capabilityFields.has(capability)) columns.get(capability)[i] = true
  }
  return new Snapshot(vocabulary, candidates, columns)
}

/**
 * @param {string} key
 * @param {readonly Candidate[]} candidates
 */
function keyColumn(key, candidates) {
  return candidates.map((candidate) => /** @type {any} */ (candidate)[key])
}

/** A catalogue at one moment, checked and fingerprinted. It never changes; new state makes a new one. */
export class Snapshot {
  /** @type {Map<string, string>} */
  #digests

  /**
   * @param {Vocabulary} vocabulary
   * @param {readonly Candidate[]} candidates
   * @param {ReadonlyMap<string, Column>} columns those of the declared fields
   * @param {ReadonlyMap<string, string>} [digests] of the columns that another snapshot has as well
   */
  constructor(vocabulary, candidates, columns, digests = new Map()) {
    this.vocabulary = vocabulary
    this.candidates = candidates
    this.columns = columns
    this.size = candidates.length
    this.#digests = new Map(digests)
    /** @type {readonly ReadonlySet<string>[]} */
    this.capabilities = candidates.map(({ capabilities }) => new Set(capabilities))
    const ranks = new Map(vocabulary.tiers.map((tier, rank) => [tier, rank]))
    /** @type {readonly number[]} the rank of the tier of each candidate, -1 for one that is not declared */
    this.tierRanks = candidates.map(({ tier }) => ranks.get(tier ?? NO_TIER) ?? -1)
    this.ranks = ranks
  }

  get ids() {
    return this.candidates.map(({ id }) => id)
  }

  /** @param {number} i */
  id(i) {
    return this.candidates[i].id
  }

  /** @param {number} i */
  provider(i) {
    return this.candidates[i].provider
  }

  /** @param {number} i */
  family(i) {
    return this.candidates[i].family
  }

  /** @param {number} i */
  servedBy(i) {
    return this.candidates[i].served_by
  }

  /** @param {number} i */
  scope(i) {
    return this.candidates[i].scope
  }

  /**
   * What was observed of a candidate in a field whose source is `catalogue` or `state`, else its default.
   *
   * @param {number} i
   * @param {string} name of such a field
   * @returns {{ value: FieldValue | undefined, known: boolean }}
   */
  observe(i, name) {
    const column = this.columns.get(name)
    if (column === undefined) throw new TypeError(`the snapshot has no column ${quote(name)}`)
    const observed = column[i]
    if (observed !== undefined) return { value: observed, known: true }
    return { value: this.vocabulary.fields.get(name).default, known: false }
  }

  /** The fingerprint of the snapshot. */
  get fingerprint() {
    return fingerprint('snapshot/1', [this.catalogue, this.state])
  }

  /** The digest of what the catalogue says. */
  get catalogue() {
    const keys = [...TEXT_KEYS, 'capabilities'].map((key) => [
      key,
      key === 'capabilities' ? 'tags' : 'tag',
      keyColumn(key, this.candidates),
    ])
    const parts = [this.size, this.#listed('key', keys), this.#listed('field', this.#fieldsOf('catalogue'))]
    return fingerprint('snapshot-catalogue/1', parts)
  }

  /** The digest of what the host has observed. */
  get state() {
    return fingerprint('snapshot-state/1', [this.size, this.#listed('field', this.#fieldsOf('state'))])
  }

  /** @param {string} source */
  #fieldsOf(source) {
    const fields = [...this.vocabulary.fields].filter(([, field]) => field.source === source)
    return fields.map(([name, field]) => [name, field.sort, this.columns.get(name)])
  }

  /**
   * The names and digests of the columns that have an observation, sorted by name.
   *
   * @param {string} kind
   * @param {any[][]} columns lists of a name, a sort and a column
   */
  #listed(kind, columns) {
    const held = columns.filter(([, , column]) => column.some((/** @type {unknown} */ seen) => seen !== undefined))
    held.sort(([a], [b]) => compareText(a, b))
    return held.map(([name, sort, column]) => [name, this.#digest(`${kind}:${name}`, name, sort, column)])
  }

  /**
   * @param {string} place
   * @param {string} name
   * @param {string} sort
   * @param {Column} column
   */
  #digest(place, name, sort, column) {
    let digest = this.#digests.get(place)
    if (digest === undefined) {
      const present = column.map((observed) => observed !== undefined)
      const values = column.filter((observed) => observed !== undefined)
      digest = fingerprint('column/1', [name, sort, present, values])
      this.#digests.set(place, digest)
    }
    return digest
  }

  /**
   * A new snapshot with new state: ids of candidates to state fields to values, null for no observation any more.
   *
   * @param {unknown} state decoded JSON
   * @returns {Snapshot}
   */
  update(state) {
    const { changes, findings } = this.#changes(state)
    if (findings.length > 0) throw new Refused(findings.slice(0, MOST_FINDINGS))
    const columns = new Map(this.columns)
    const digests = new Map(this.#digests)
    for (const [name, values] of changes) {
      const column = [...columns.get(name)]
      for (const [i, value] of values) column[i] = value
      columns.set(name, Object.freeze(column))
      digests.delete(`field:${name}`)
    }
    return new Snapshot(this.vocabulary, this.candidates, columns, digests)
  }

  /** @param {unknown} state */
  #changes(state) {
    /** @type {Finding[]} */
    const findings = []
    /** @type {Map<string, Map<number, FieldValue | undefined>>} */
    const changes = new Map()
    if (!isObject(state)) {
      return { changes, findings: [finding('PIR0601', '', 'an update of the state is an object')] }
    }
    const numbers = new Map(this.candidates.map(({ id }, i) => [id, i]))
    for (const [id, fields] of membersOf(state)) {
      const i = numbers.get(id)
      if (i === undefined) findings.push(finding('PIR0614', step(id), `no candidate has the id ${quote(id)}`))
      else if (!isObject(fields)) findings.push(finding('PIR0601', step(id), 'the state of a candidate is an object'))
      else this.#candidateChanges(i, fields, step(id), changes, findings)
    }
    return { changes, findings }
  }

  /**
   * @param {number} i
   * @param {Record<string, unknown>} fields
   * @param {string} pointer
   * @param {Map<string, Map<number, FieldValue | undefined>>} changes
   * @param {Finding[]} findings
   */
  #candidateChanges(i, fields, pointer, changes, findings) {
    for (const [name, given] of membersOf(fields)) {
      const at = pointer + step(name)
      const field = this.vocabulary.fields.get(name)
      if (field?.source !== 'state') {
        findings.push(finding('PIR0613', at, `${quote(name)} is no field of the state`))
        continue
      }
      const value = given === null ? undefined : readObservation(given, field, at, findings)
      if (!changes.has(name)) changes.set(name, new Map())
      changes.get(name).set(i, value)
    }
  }
}
