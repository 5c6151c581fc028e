import { TEXT_KEYS } from './candidates.js'
import { compareText } from './text.js'

/**
 * @typedef {import('./candidates.js').Candidate} Candidate
 *
 * @typedef {object} Differences
 * @property {string[]} added ids, in the order of the new catalogue
 * @property {string[]} removed ids, in the order of the old one
 * @property {[id: string, name: string, before: unknown, after: unknown][]} changed absent values are null
 * @property {boolean} reordered whether the ids that both have stand in another order
 */

const KEYS = [...TEXT_KEYS, 'capabilities']

/**
 * What differs between two catalogues (chapter Catalogue, section Differences).
 *
 * @param {readonly Candidate[]} before
 * @param {readonly Candidate[]} after
 * @returns {Differences}
 */
export function differences(before, after) {
  const old = new Map(before.map((candidate) => [candidate.id, candidate]))
  const ids = new Set(after.map(({ id }) => id))
  const kept = after.filter(({ id }) => old.has(id))
  const stayed = before.filter(({ id }) => ids.has(id))
  return {
    added: after.filter(({ id }) => !old.has(id)).map(({ id }) => id),
    removed: before.filter(({ id }) => !ids.has(id)).map(({ id }) => id),
    changed: kept.flatMap((candidate) => changesOf(old.get(candidate.id), candidate)),
    reordered: kept.some(({ id }, i) => id !== stayed[i].id),
  }
}

/**
 * @param {Record<string, any>} before
 * @param {Record<string, any>} after
 * @returns {Differences['changed']}
 */
function changesOf(before, after) {
  const fields = [...new Set([...before.fields.keys(), ...after.fields.keys()])].sort(compareText)
  /** @type {(name: string, old: unknown, now: unknown) => [string, unknown, unknown]} */
  const value = (name, old, now) => [name, old, now]
  const values = [
    ...KEYS.map((key) => value(key, before[key], after[key])),
    ...fields.map((name) => value(`fields/${name}`, before.fields.get(name), after.fields.get(name))),
  ]
  return values
    .filter(([, old, now]) => !same(old, now))
    .map(([name, old, now]) => [after.id, name, old ?? null, now ?? null])
}

/**
 * Whether two values are the same; sets are sorted lists.
 *
 * @param {unknown} a
 * @param {unknown} b
 */
function same(a, b) {
  if (!Array.isArray(a) || !Array.isArray(b)) return a === b
  return a.length === b.length && a.every((entry, i) => entry === b[i])
}
