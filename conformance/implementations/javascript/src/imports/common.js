import { showsCapability } from '../candidates.js'
import { isName, isObject, membersOf, readFieldValue } from '../field-values.js'
import { recordOf } from '../json-text.js'
import { finding } from '../refused.js'
import { compareText, quote, step } from '../text.js'

/**
 * What the importers of all formats have in common: chapter Catalogue, section Importers.
 *
 * @typedef {import('../refused.js').Finding} Finding
 * @typedef {import('../vocabulary.js').Vocabulary} Vocabulary
 * @typedef {import('../vocabulary.js').Field} Field
 *
 * @typedef {object} ImportedCandidate a candidate as in a catalogue file
 * @property {string} id
 * @property {string} provider
 * @property {string} family
 * @property {string} [served_model] where it is not the family
 * @property {string[]} capabilities sorted
 * @property {Record<string, unknown>} fields
 *
 * @typedef {object} Imported
 * @property {ImportedCandidate[]} candidates sorted by id
 * @property {Finding[]} skipped what is left out
 *
 * @typedef {object} Identity who a row is about
 * @property {string} id
 * @property {string} provider
 * @property {string} family
 * @property {string} served_model
 *
 * @typedef {object} Column what the key of a row becomes
 * @property {string} [field] the field that must be declared for it
 * @property {Field['sort']} [sort] of that field
 * @property {(row: Row, value: unknown) => boolean} [read] whether the value is imported; a column that has neither
 *   this nor members is read elsewhere, or not at all
 * @property {Columns} [members] of an object
 * @property {boolean} [open] whether other members of that object are columns too
 *
 * @typedef {ReadonlyMap<string, Column>} Columns
 */

const NOT_IMPORTED = 'PIR0609'
const DECIMAL = /^([0-9]+)(?:\.([0-9]+))?(?:[eE]([+-]?[0-9]+))?$/
const DATE = /^(.+)[-@]20[0-9]{2}(?:[0-9]{4}|-[0-9]{2}-[0-9]{2})$/s

/** Gathers the candidates of a list, and what is left out of it. */
export class Importer {
  /**
   * @param {Vocabulary} vocabulary
   * @param {Columns} columns of a row
   */
  constructor(vocabulary, columns) {
    this.vocabulary = vocabulary
    this.columns = columns
    /** @type {Map<string, ImportedCandidate>} */
    this.candidates = new Map()
    /** @type {Finding[]} */
    this.rows = []
    /** @type {Finding[]} */
    this.values = []
    /** @type {Map<string, { rows: number, pointer: string }>} */
    this.unknown = new Map()
  }

  /**
   * Leaves a row out.
   *
   * @param {string} pointer
   * @param {string} reason
   */
  skip(pointer, reason) {
    this.rows.push(finding('PIR0608', pointer, reason))
  }

  /**
   * Imports a row.
   *
   * @param {Record<string, unknown>} record
   * @param {string} pointer
   * @param {Identity} identity
   * @param {Record<string, string>} [stated] tags that its names state, of which those count that are declared
   */
  take(record, pointer, identity, stated = {}) {
    if (!Object.values(identity).every(isName)) return this.skip(pointer, 'its names are texts of 1 to 256 bytes')
    if (this.candidates.has(identity.id)) return this.skip(pointer, `another row has the id ${quote(identity.id)}`)
    const row = new Row(this, pointer)
    for (const [field, value] of Object.entries(stated)) {
      if (row.declares({ field, sort: 'tag' })) row.put(field, value)
    }
    row.members(record, { members: this.columns, open: true }, [])
    this.candidates.set(identity.id, row.candidate(identity))
  }

  /** @returns {Imported} */
  imported() {
    const columns = [...this.unknown].sort(([a], [b]) => compareText(a, b))
    const findings = columns.map(([name, { rows, pointer }]) =>
      finding(NOT_IMPORTED, pointer, `nothing corresponds to ${quote(name)}; rows that have it: ${rows}`),
    )
    return {
      candidates: [...this.candidates.values()].sort((a, b) => compareText(a.id, b.id)),
      skipped: [...this.rows, ...this.values, ...findings],
    }
  }
}

/** What one row says of its candidate. */
export class Row {
  /**
   * @param {Importer} importer
   * @param {string} pointer
   */
  constructor(importer, pointer) {
    this.importer = importer
    this.vocabulary = importer.vocabulary
    this.pointer = pointer
    /** @type {Map<string, unknown>} */
    this.fields = new Map()
    /** What flags say of capabilities. @type {Map<string, boolean>} */
    this.flags = new Map()
    /** What lists say of them. @type {Map<string, boolean>} */
    this.listed = new Map()
  }

  /**
   * @param {Record<string, unknown>} record
   * @param {Column} column of the record
   * @param {readonly string[]} path of the record in the row
   */
  members(record, { members, open }, path) {
    for (const [key, value] of membersOf(record).filter(([, value]) => value !== null)) {
      const column = members.get(key)
      if (column !== undefined && this.declares(column)) this.read(column, value, [...path, key])
      else if (column !== undefined || open) this.unknown([...path, key])
    }
  }

  /**
   * Whether the vocabulary has the field that a column is imported to.
   *
   * @param {Column} column
   */
  declares({ field, sort }) {
    if (field === undefined) return true
    const declared = this.vocabulary.fields.get(field)
    return declared !== undefined && declared.source === 'catalogue' && declared.sort === sort
  }

  /**
   * @param {Column} column
   * @param {unknown} value
   * @param {readonly string[]} path
   */
  read(column, value, path) {
    const { members, read } = column
    if (members !== undefined && isObject(value)) this.members(value, column, path)
    else if (members !== undefined) this.leave(path, 'it is no object')
    else if (read !== undefined && !read(this, value)) this.leave(path, 'it is not imported')
  }

  /**
   * Leaves a value out.
   *
   * @param {readonly string[]} path
   * @param {string} reason
   */
  leave(path, reason) {
    const message = `${quote(path.join('.'))}: ${reason}`
    this.importer.values.push(finding(NOT_IMPORTED, this.pointerOf(path), message))
  }

  /** @param {readonly string[]} path */
  pointerOf(path) {
    return this.pointer + path.map(step).join('')
  }

  /** @param {readonly string[]} path */
  unknown(path) {
    const { unknown } = this.importer
    const name = path.join('.')
    const known = unknown.get(name)
    if (known === undefined) unknown.set(name, { rows: 1, pointer: this.pointerOf(path) })
    else known.rows++
  }

  /**
   * Gives a field a value, if it is one that the field takes.
   *
   * @param {string} name of a declared field
   * @param {unknown} value
   * @returns {boolean}
   */
  put(name, value) {
    const read = readFieldValue(value, this.vocabulary.fields.get(name))
    if (!('value' in read)) return false
    this.fields.set(name, read.value)
    return true
  }

  /**
   * @param {Identity} identity
   * @returns {ImportedCandidate}
   */
  candidate({ id, provider, family, served_model }) {
    const said = new Map([...this.listed, ...this.flags])
    if (said.get('supports_structured_outputs') && !said.has('supports_json_mode')) said.set('supports_json_mode', true)
    const capabilities = [...said].filter(([, has]) => has).map(([name]) => name)
    for (const [name, has] of said) {
      const field = this.vocabulary.fields.get(name)
      if (!has && field !== undefined && showsCapability(field, name)) this.fields.set(name, false)
    }
    return {
      id,
      provider,
      family,
      ...(served_model === family ? {} : { served_model }),
      capabilities: capabilities.sort(compareText),
      fields: recordOf(this.fields),
    }
  }
}

/**
 * A key that is imported to no field and is no column either: what says which model a row is about, and words for
 * people.
 *
 * @param {string} key
 * @returns {[string, Column]}
 */
export function aside(key) {
  return [key, {}]
}

/**
 * A price.
 *
 * @param {string} field
 * @param {number} places that the decimal point moves to the right
 * @returns {Column}
 */
export function price(field, places) {
  return {
    field,
    sort: 'num',
    read: (row, value) => {
      const moved = movedPrice(value, places)
      return moved !== undefined && row.put(field, moved)
    },
  }
}

/**
 * A price with its decimal point moved, as the nearest binary64: `import/price`.
 *
 * @param {unknown} value
 * @param {number} places
 * @returns {number | undefined} undefined where there is none
 */
export function movedPrice(value, places) {
  if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'bigint') return undefined
  const written = DECIMAL.exec(String(value))
  if (written === null) return undefined
  const [, whole, part = '', exponent = '0'] = written
  if (!/[1-9]/.test(whole + part)) return 0
  // An exponent of so many digits that this rounds it is far out of range in any case.
  const moved = Number(`${whole}${part}e${Number(exponent) + places - part.length}`)
  return Number.isFinite(moved) && moved > 0 ? moved : undefined
}

/**
 * A limit of tokens: `import/limit`.
 *
 * @param {string} field
 * @returns {Column}
 */
export function limit(field) {
  return {
    field,
    sort: 'num',
    read: (row, value) => {
      const tokens = typeof value === 'bigint' ? Number(value) : value
      return Number.isInteger(tokens) && /** @type {number} */ (tokens) >= 1 && row.put(field, tokens)
    },
  }
}

/**
 * A flag that gives a capability: `import/flag`.
 *
 * @param {string} capability
 * @returns {Column}
 */
export function flag(capability) {
  return {
    read: (row, value) => {
      if (typeof value !== 'boolean') return false
      row.flags.set(capability, value)
      return true
    },
  }
}

/**
 * A flag that is a field.
 *
 * @param {string} field
 * @returns {Column}
 */
export function truth(field) {
  return { field, sort: 'bool', read: (row, value) => row.put(field, value) }
}

/**
 * A list whose entries give capabilities. It is complete: what is not in it is known to be missing.
 *
 * @param {Record<string, string>} capabilities by entry
 * @returns {Column}
 */
export function entries(capabilities) {
  return {
    read: (row, value) => {
      if (!Array.isArray(value)) return false
      for (const [entry, capability] of Object.entries(capabilities)) row.listed.set(capability, value.includes(entry))
      return true
    },
  }
}

/**
 * The announcement of a model's end: `import/deprecated`.
 *
 * @param {(value: unknown) => boolean | undefined} isAnnounced undefined for what is no announcement at all
 * @returns {Column}
 */
export function announcement(isAnnounced) {
  const field = 'deprecated'
  return {
    field,
    sort: 'bool',
    read: (row, value) => {
      const announced = isAnnounced(value)
      return announced === true ? row.put(field, true) : announced === false
    },
  }
}

/**
 * Any text that is not empty announces an end.
 *
 * @param {unknown} value
 */
export function isDate(value) {
  return typeof value === 'string' && value !== '' ? true : undefined
}

/**
 * The family that a name is of, by its spelling: section Families.
 *
 * @param {string} name
 */
export function familyOf(name) {
  const segment = without(name, name.slice(name.lastIndexOf('/') + 1))
  const small = segment.replace(/[A-Z]/g, (letter) => letter.toLowerCase())
  return DATE.exec(small)?.[1] ?? small
}

/**
 * What is left of a name, unless nothing is.
 *
 * @param {string} name
 * @param {string} rest
 */
export function without(name, rest) {
  return rest === '' ? name : rest
}
