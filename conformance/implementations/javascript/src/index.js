/**
 * policy-ir in JavaScript: read, admit, normalise, fingerprint and decide policies.
 *
 * What is refused throws `Refused`, whose `findings` say everything that is wrong.
 *
 * @typedef {import('./signature.js').Term} Term a decoded wire term: `[operation, ...arguments]`
 * @typedef {import('./refused.js').Finding} Finding
 * @typedef {import('./vocabulary.js').Vocabulary} Vocabulary
 * @typedef {import('./admission.js').Admitted} Admitted
 * @typedef {import('./floor.js').Effective} Effective
 * @typedef {import('./snapshot.js').Snapshot} Snapshot
 * @typedef {import('./facts.js').Facts} Facts
 * @typedef {import('./decision.js').Decision} Decision
 */

import { admit } from './admission.js'
import { read } from './read-any.js'
import { Refused } from './refused.js'
import { vocabulary } from './vocabulary.js'

export { admit, read, Refused, vocabulary }
export { readTerm as readBytes, termBytes as bytesOf, fingerprintOf } from './canonical.js'
export { readCatalogueFile } from './catalogue-files.js'
export { factsOfChat } from './chat.js'
export { decide } from './decision.js'
export { readFacts } from './facts.js'
export { effective } from './floor.js'
export { importPrices } from './imports/index.js'
export { lint } from './lints/index.js'
export { normalForm } from './normal-form.js'
export { identity as peerIdentity } from './peer.js'
export { format } from './print.js'
export { load } from './read.js'
export { takeSnapshot } from './snapshot.js'
export { readVocabulary } from './vocabulary.js'

/**
 * Reads and admits a policy in one go, and says what is wrong with it instead of throwing.
 *
 * @param {string | Uint8Array | unknown[]} source a text in either syntax, or a decoded wire term
 * @param {object} [options]
 * @param {Vocabulary | string} [options.vocabulary] or the name of a shipped one
 * @returns {{policy: Admitted, findings: readonly []} | {policy: null, findings: readonly Finding[]}}
 */
export function validate(source, { vocabulary: declared = 'standard' } = {}) {
  try {
    const term = typeof source === 'string' || source instanceof Uint8Array ? read(source, { syntax: 'auto' }) : source
    const under = typeof declared === 'string' ? vocabulary(declared) : declared
    return { policy: admit(term, under, { policy: true }), findings: [] }
  } catch (error) {
    if (!(error instanceof Refused)) throw error
    return { policy: null, findings: error.findings }
  }
}
