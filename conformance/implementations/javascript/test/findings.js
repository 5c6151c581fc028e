import assert from 'node:assert/strict'
import { Refused } from '../src/refused.js'

/**
 * The codes and pointers that refuse something, none where it is accepted.
 *
 * @param {() => unknown} make
 */
export function findingsOf(make) {
  try {
    make()
  } catch (error) {
    assert.ok(error instanceof Refused)
    return error.findings.map(({ code, pointer }) => [code, pointer])
  }
  return []
}
