import * as admission from './admission.js'
import { expect, expectCount, expectFlag, expectOptions, expectSource, expectWord } from './arguments.js'
import * as canonical from './canonical.js'
import * as catalogueFiles from './catalogue-files.js'
import * as chat from './chat.js'
import * as decision from './decision.js'
import * as stated from './facts.js'
import * as floors from './floor.js'
import * as flowAdmission from './flows/admission.js'
import * as flowCanonical from './flows/canonical.js'
import * as flowCost from './flows/cost.js'
import { RunningFlow } from './flows/host.js'
import * as flowPrint from './flows/print.js'
import * as flowReading from './flows/read.js'
import * as imports from './imports/index.js'
import * as lints from './lints/index.js'
import * as normal from './normal-form.js'
import * as peer from './peer.js'
import * as print from './print.js'
import * as anySyntax from './read-any.js'
import * as reading from './read.js'
import { Refused } from './refused.js'
import { TERM_SORTS } from './signature.js'
import * as snapshots from './snapshot.js'
import * as vocabularies from './vocabulary.js'

/**
 * policy-ir in JavaScript: read, admit, normalise, fingerprint and decide policies.
 *
 * Input that is wrong is refused: `Refused` has `findings`, which say everything that is wrong with it. A mistake of the
 * program throws a `TypeError` or `RangeError` that says which argument it is, what was found and what is due. Those
 * are looked for here and in the methods of a decision; the modules behind this one do not look again.
 *
 * @typedef {import('./signature.js').Term} Term a decoded wire term: `[operation, ...arguments]`
 * @typedef {import('./refused.js').Finding} Finding
 * @typedef {import('./vocabulary.js').Vocabulary} Vocabulary
 * @typedef {import('./admission.js').Admitted} Admitted
 * @typedef {import('./floor.js').Effective} Effective
 * @typedef {import('./snapshot.js').Snapshot} Snapshot
 * @typedef {import('./facts.js').Facts} Facts
 * @typedef {import('./decision.js').Decision} Decision
 * @typedef {import('./decision.js').DecisionJson} DecisionJson
 * @typedef {import('./candidates.js').Candidate} Candidate
 * @typedef {import('./failover.js').Next} Next
 * @typedef {import('./semantics/transforms.js').Sent} Sent
 * @typedef {import('./semantics/machine.js').Step} Step
 * @typedef {import('./peer.js').Identity} Identity
 * @typedef {import('./imports/common.js').Imported} Imported
 * @typedef {import('./imports/index.js').PriceListFormat} PriceListFormat
 * @typedef {import('./flows/shape.js').Flow} Flow the decoded wire form of a flow: `['flow', nodes]`
 * @typedef {import('./flows/admission.js').AdmittedFlow} AdmittedFlow
 * @typedef {import('./flows/cost.js').FlowEstimate} FlowEstimate
 *
 * @typedef {'Policy' | 'Pred' | 'Scorer' | 'Selector' | 'Xform' | 'FailPlan' | 'Pointwise'} Sort
 *
 * A vocabulary, or the name of a shipped one.
 * @typedef {Vocabulary | 'core' | 'standard'} Declared
 */

export { Refused }

const SHIPPED = ['core', 'standard']
const SYNTAXES = ['wire', 'authoring']
const SORTS = [...TERM_SORTS]

/** What facts were read under, which they do not say themselves. @type {WeakMap<Facts, Vocabulary>} */
const READ_UNDER = new WeakMap()

/**
 * Reads and admits a policy in one go, and gives what is wrong with it instead of throwing.
 *
 * @param {unknown} source a text in either syntax, its bytes, or a decoded wire term
 * @param {object} [options]
 * @param {Declared} [options.vocabulary] `standard` where absent
 * @returns {{policy: Admitted, findings: readonly []} | {policy: null, findings: readonly Finding[]}}
 */
export function validate(source, options = {}) {
  expectOptions(options, ['vocabulary'])
  const { vocabulary: declared = 'standard' } = options
  const under = vocabularyOf(declared)
  try {
    const term = typeof source === 'string' || source instanceof Uint8Array ? anySyntax.read(source) : source
    return { policy: admission.admit(term, under, { policy: true }), findings: [] }
  } catch (error) {
    if (!(error instanceof Refused)) throw error
    return { policy: null, findings: error.findings }
  }
}

/**
 * Reads a term from a text.
 *
 * @param {string | Uint8Array} source
 * @param {object} [options]
 * @param {'wire' | 'authoring' | 'auto'} [options.syntax] `auto`, which goes by the first character, where absent
 * @param {Sort} [options.sort] that is due; any where absent
 * @returns {Term}
 */
export function read(source, options = {}) {
  expectSource('source', source)
  expectOptions(options, ['syntax', 'sort'])
  const { syntax = 'auto', sort } = options
  expectWord('syntax', syntax, [...SYNTAXES, 'auto'])
  return anySyntax.read(source, { syntax, sort: sortOf(sort) })
}

/**
 * Loads a term from decoded JSON. Its shape is checked, but nothing that a vocabulary says.
 *
 * @param {unknown} value
 * @param {object} [options]
 * @param {Sort} [options.sort] that is due; any where absent
 * @returns {Term} which shares nothing with the value
 */
export function load(value, options = {}) {
  expectOptions(options, ['sort'])
  return reading.load(value, { sort: sortOf(options.sort) })
}

/**
 * Admits a term under a vocabulary.
 *
 * @param {unknown} term in decoded JSON, or admitted
 * @param {Declared} vocabulary
 * @param {object} [options]
 * @param {boolean} [options.policy] whether a policy is due
 * @returns {Admitted}
 */
export function admit(term, vocabulary, options = {}) {
  const under = vocabularyOf(vocabulary)
  expectOptions(options, ['policy'])
  const { policy = false } = options
  expectFlag('policy', policy)
  return admission.admit(sourceOf(term), under, { policy })
}

/**
 * The normal form of a term.
 *
 * @param {unknown} term in decoded JSON, admitted or effective
 * @returns {Term}
 */
export function normalForm(term) {
  if (term instanceof admission.Admitted || term instanceof floors.Effective) return term.normal
  return normal.normalForm(reading.load(term))
}

/**
 * The fingerprint of the normal form of a term: the name of a policy.
 *
 * @param {unknown} term in decoded JSON, admitted or effective
 * @returns {string} `blake3:` and 64 hexadecimal digits
 */
export function fingerprintOf(term) {
  return canonical.fingerprintOf(normalForm(term))
}

/**
 * The canonical bytes of the normal form of a term.
 *
 * @param {unknown} term in decoded JSON, admitted or effective
 * @returns {Uint8Array}
 */
export function bytesOf(term) {
  return canonical.termBytes(normalForm(term))
}

/**
 * Reads the canonical bytes of a term, and refuses all others.
 *
 * @param {Uint8Array} bytes
 * @param {object} [options]
 * @param {boolean} [options.effective] whether it is an effective policy, which has wider bounds
 * @returns {Term} in normal form
 */
export function readBytes(bytes, options = {}) {
  expect(bytes instanceof Uint8Array, 'bytes', bytes, 'a Uint8Array')
  expectOptions(options, ['effective'])
  const { effective: wide = false } = options
  expectFlag('effective', wide)
  return canonical.readTerm(bytes, { effective: wide })
}

/**
 * The identity that a router of sigma-pol/v2 gives a policy.
 *
 * @param {unknown} term in decoded JSON, or admitted
 * @returns {Identity}
 */
export function peerIdentity(term) {
  return peer.identity(reading.load(sourceOf(term)))
}

/**
 * Writes a text in the one way of a syntax. Of a text in the authoring syntax that stays in it, comments are kept.
 *
 * @param {string | Uint8Array} source in either syntax
 * @param {'wire' | 'authoring'} to
 * @returns {string} ends with a line feed
 */
export function format(source, to) {
  expectSource('source', source)
  expectWord('to', to, SYNTAXES)
  return print.format(source, to)
}

/**
 * Warnings about a term that probably does not mean what its author meant.
 *
 * @param {unknown} term in decoded JSON, or admitted
 * @param {Declared} vocabulary
 * @param {Snapshot} [snapshot] of that vocabulary
 * @returns {Finding[]} in the order of the places in the term
 */
export function lint(term, vocabulary, snapshot) {
  const under = vocabularyOf(vocabulary)
  if (snapshot !== undefined && snapshot !== null) expectSnapshot(snapshot, under)
  return lints.lint(admission.admit(sourceOf(term), under).term, under, snapshot ?? null)
}

/**
 * A shipped vocabulary, or one of a host.
 *
 * @param {unknown} given `core`, `standard`, or the decoded JSON of a vocabulary file
 * @returns {Vocabulary}
 */
export function vocabulary(given) {
  return given instanceof vocabularies.Vocabulary ? given : vocabularies.vocabulary(/** @type {any} */ (given))
}

/**
 * A vocabulary from the text of a JSON file.
 *
 * @param {string | Uint8Array} source
 * @returns {Vocabulary}
 */
export function readVocabulary(source) {
  expectSource('source', source)
  return vocabularies.readVocabulary(source)
}

/**
 * Takes a snapshot of a catalogue.
 *
 * @param {unknown} candidates decoded JSON, as in a catalogue file
 * @param {Declared} vocabulary
 * @returns {Snapshot}
 */
export function takeSnapshot(candidates, vocabulary) {
  return snapshots.takeSnapshot(candidates, vocabularyOf(vocabulary))
}

/**
 * Takes a snapshot of the text of a catalogue file in JSON.
 *
 * @param {string | Uint8Array} source
 * @param {Declared} [vocabulary] beside the file; the shipped one that it names where absent
 * @returns {Snapshot}
 */
export function readCatalogueFile(source, vocabulary) {
  expectSource('source', source)
  return catalogueFiles.readCatalogueFile(source, vocabulary === undefined ? undefined : vocabularyOf(vocabulary))
}

/**
 * Imports a price list that somebody else maintains.
 *
 * @param {unknown} document the decoded JSON of the list
 * @param {PriceListFormat} format
 * @param {Declared} vocabulary
 * @returns {Imported} candidates for `takeSnapshot`, and findings about what is left out
 */
export function importPrices(document, format, vocabulary) {
  expectWord('format', format, imports.PRICE_LIST_FORMATS)
  return imports.importPrices(document, format, vocabularyOf(vocabulary))
}

/**
 * Reads what is stated of a request.
 *
 * @param {unknown} value decoded JSON; nothing is stated where it is undefined
 * @param {Declared} vocabulary
 * @returns {Facts}
 */
export function readFacts(value, vocabulary) {
  const under = vocabularyOf(vocabulary)
  return factsUnder(under, stated.readFacts(value, under))
}

/**
 * Derives facts from the body of a chat completions request.
 *
 * @param {unknown} body decoded JSON
 * @param {Declared} vocabulary
 * @param {Facts} [facts] that the host adds
 * @returns {Facts}
 */
export function factsOfChat(body, vocabulary, facts) {
  const under = vocabularyOf(vocabulary)
  if (facts !== undefined) expectFacts(facts, under)
  return factsUnder(under, chat.factsOfChat(body, under, facts))
}

/**
 * What runs where a caller's policy meets the floor of a host.
 *
 * @param {Admitted} policy
 * @param {unknown} [floor] decoded JSON: a predicate, or an object of `filter` and perhaps `mutate`; null for none
 * @returns {Effective}
 */
export function effective(policy, floor = null) {
  expectPolicy(policy, false)
  return floors.effective(policy, floor)
}

/**
 * Decides. The same four things give the same decision, bit for bit, wherever this runs.
 *
 * @param {Admitted | Effective} policy
 * @param {Snapshot} snapshot of the vocabulary of the policy
 * @param {Facts} facts likewise
 * @param {number | null} [seed] an integral number from 0 to 2^53 - 1
 * @param {object} [options]
 * @param {number} [options.workLimit] a limit of the host's own on the work of a decision
 * @param {Step[] | null} [options.trace] receives the steps
 * @returns {Decision}
 */
export function decide(policy, snapshot, facts, seed, options = {}) {
  expectPolicy(policy, true)
  expectSnapshot(snapshot, policy.vocabulary)
  expectFacts(facts, policy.vocabulary)
  expectOptions(options, ['workLimit', 'trace'])
  const { workLimit, trace = null } = options
  if (workLimit !== undefined) expectCount('workLimit', workLimit)
  expect(trace === null || Array.isArray(trace), 'trace', trace, 'a list')
  const running = policy instanceof floors.Effective ? policy : floors.effective(policy)
  return decision.decide(running, snapshot, facts, seed, { workLimit, trace })
}

/**
 * Reads a flow from a text.
 *
 * @param {string | Uint8Array} source
 * @param {object} [options]
 * @param {'wire' | 'authoring' | 'auto'} [options.syntax] `auto`, which goes by the first character, where absent
 * @returns {Flow}
 */
export function readFlow(source, options = {}) {
  expectSource('source', source)
  expectOptions(options, ['syntax'])
  const { syntax = 'auto' } = options
  expectWord('syntax', syntax, [...SYNTAXES, 'auto'])
  return flowReading.readFlow(source, { syntax })
}

/**
 * Loads a flow from decoded JSON. Its shape is checked, but nothing that a vocabulary says.
 *
 * @param {unknown} value
 * @returns {Flow} which shares nothing with the value
 */
export function loadFlow(value) {
  return flowReading.loadFlow(value)
}

/**
 * Admits a flow under a vocabulary.
 *
 * @param {unknown} flow in decoded JSON, or admitted
 * @param {Declared} vocabulary
 * @returns {AdmittedFlow}
 */
export function admitFlow(flow, vocabulary) {
  return flowAdmission.admitFlow(sourceOfFlow(flow), vocabularyOf(vocabulary))
}

/**
 * The normal form of a flow.
 *
 * @param {unknown} flow in decoded JSON, or admitted
 * @returns {Flow}
 */
export function normalFlow(flow) {
  if (flow instanceof flowAdmission.AdmittedFlow) return flow.normal
  return flowCanonical.normalFlow(flowReading.loadFlow(flow))
}

/**
 * The fingerprint of the normal form of a flow.
 *
 * @param {unknown} flow in decoded JSON, or admitted
 * @returns {string} `blake3:` and 64 hexadecimal digits
 */
export function fingerprintOfFlow(flow) {
  return flowCanonical.flowFingerprint(normalFlow(flow))
}

/**
 * The canonical bytes of the normal form of a flow.
 *
 * @param {unknown} flow in decoded JSON, or admitted
 * @returns {Uint8Array}
 */
export function bytesOfFlow(flow) {
  return flowCanonical.flowBytes(normalFlow(flow))
}

/**
 * Reads the canonical bytes of a flow, and refuses all others.
 *
 * @param {Uint8Array} bytes
 * @returns {Flow} in normal form
 */
export function readFlowBytes(bytes) {
  expect(bytes instanceof Uint8Array, 'bytes', bytes, 'a Uint8Array')
  return flowCanonical.readFlowBytes(bytes)
}

/**
 * Writes the text of a flow in the one way of a syntax. Of a text in the authoring syntax that stays in it, comments
 * and the names of policies are kept.
 *
 * @param {string | Uint8Array} source in either syntax
 * @param {'wire' | 'authoring'} to
 * @returns {string} ends with a line feed
 */
export function formatFlow(source, to) {
  expectSource('source', source)
  expectWord('to', to, SYNTAXES)
  return flowPrint.formatFlow(source, to)
}

/**
 * Warnings about a flow and its policies.
 *
 * @param {unknown} flow in decoded JSON, or admitted
 * @param {Declared} vocabulary
 * @param {Snapshot} [snapshot] of that vocabulary
 * @returns {Finding[]} in the order of the nodes
 */
export function lintFlow(flow, vocabulary, snapshot) {
  const under = vocabularyOf(vocabulary)
  if (snapshot !== undefined && snapshot !== null) expectSnapshot(snapshot, under)
  return flowAdmission.lintFlow(flowAdmission.admitFlow(sourceOfFlow(flow), under), snapshot ?? null)
}

/**
 * What runs at each `llm` node where a flow meets the floor of a host.
 *
 * @param {AdmittedFlow} flow
 * @param {unknown} [floor] decoded JSON: a predicate, or an object of `filter` and perhaps `mutate`; null for none
 * @returns {Map<string, Effective>} by the names of the nodes
 */
export function effectivePolicies(flow, floor = null) {
  expectFlow(flow)
  return flowAdmission.effectivePolicies(flow, floor)
}

/**
 * What a flow is likely to cost, before anything is sent.
 *
 * @param {AdmittedFlow} flow
 * @param {Snapshot} snapshot of the vocabulary of the flow
 * @param {Facts} facts likewise: what the host states
 * @param {unknown} body of the caller, in decoded JSON
 * @param {number | null} [seed] an integral number from 0 to 2^53 - 1
 * @param {object} [options]
 * @param {unknown} [options.floor]
 * @returns {FlowEstimate}
 */
export function estimateFlow(flow, snapshot, facts, body, seed, options = {}) {
  expectFlow(flow)
  expectSnapshot(snapshot, flow.vocabulary)
  expectFacts(facts, flow.vocabulary)
  expectOptions(options, ['floor'])
  const policies = flowAdmission.effectivePolicies(flow, options.floor ?? null)
  chat.factsOfChat(body, flow.vocabulary, facts)
  const given = /** @type {Record<string, any>} */ (body)
  return flowCost.estimateCalls(flow, policies, snapshot, facts, given, decision.readSeed(seed))
}

/**
 * The facts of the call of a node: derived from its request, with what the host states for it.
 *
 * @param {AdmittedFlow} flow
 * @param {string} node
 * @param {unknown} request of the node, in decoded JSON
 * @param {Facts} facts that the host states for the flow
 * @returns {Facts}
 */
export function factsOfNode(flow, node, request, facts) {
  expectFlow(flow)
  expect(flow.calls.has(node), 'node', node, 'the name of an `llm` node of the flow')
  expectFacts(facts, flow.vocabulary)
  const given = /** @type {Record<string, any>} */ (request)
  return factsUnder(flow.vocabulary, flowCost.factsOfNode(flow.vocabulary, given, facts, node === flow.last))
}

/**
 * The seed of a node.
 *
 * @param {number | null | undefined} seed of the flow
 * @param {string} node
 * @returns {number | undefined}
 */
export function seedOfNode(seed, node) {
  expect(typeof node === 'string', 'node', node, 'a string')
  return flowCost.seedOfNode(decision.readSeed(seed), node)
}

/**
 * Begins to run a flow. The host makes its calls.
 *
 * @param {AdmittedFlow} flow
 * @param {unknown} body of the caller, in decoded JSON
 * @returns {RunningFlow}
 */
export function startFlow(flow, body) {
  expectFlow(flow)
  chat.factsOfChat(body, flow.vocabulary)
  return new RunningFlow(flow, /** @type {Record<string, any>} */ (body))
}

/**
 * @param {Declared} given
 * @returns {Vocabulary}
 */
function vocabularyOf(given) {
  if (given instanceof vocabularies.Vocabulary) return given
  expectWord('vocabulary', given, SHIPPED, 'a vocabulary')
  return vocabularies.vocabulary(given)
}

/** @param {Sort | undefined} given */
function sortOf(given) {
  if (given !== undefined) expectWord('sort', given, SORTS)
  return given
}

/**
 * The source term of what is admitted; anything else is yet to be read.
 *
 * @param {unknown} given
 */
function sourceOf(given) {
  return given instanceof admission.Admitted ? given.term : given
}

/**
 * The source of a flow that is admitted; anything else is yet to be read.
 *
 * @param {unknown} given
 */
function sourceOfFlow(given) {
  return given instanceof flowAdmission.AdmittedFlow ? given.flow : given
}

/** @param {unknown} given */
function expectFlow(given) {
  expect(given instanceof flowAdmission.AdmittedFlow, 'flow', given, 'what `admitFlow` gives')
}

/**
 * @param {Vocabulary} vocabulary
 * @param {Facts} facts
 */
function factsUnder(vocabulary, facts) {
  READ_UNDER.set(facts, vocabulary)
  return facts
}

/**
 * @param {unknown} given
 * @param {boolean} orEffective
 */
function expectPolicy(given, orEffective) {
  if (orEffective && given instanceof floors.Effective) return
  const due = orEffective ? 'what `validate`, `admit` or `effective` gives' : 'what `validate` or `admit` gives'
  expect(given instanceof admission.Admitted, 'policy', given, due)
  const { sort } = /** @type {Admitted} */ (given)
  if (sort !== 'Policy') throw new TypeError(`\`policy\` is an admitted ${sort}; due is an admitted Policy`)
}

/**
 * @param {unknown} given
 * @param {Vocabulary} due
 */
function expectSnapshot(given, due) {
  expect(given instanceof snapshots.Snapshot, 'snapshot', given, 'what `takeSnapshot` or `readCatalogueFile` gives')
  expectUnder('snapshot', /** @type {Snapshot} */ (given).vocabulary, due)
}

/**
 * @param {unknown} given
 * @param {Vocabulary} due
 */
function expectFacts(given, due) {
  const under = READ_UNDER.get(/** @type {Facts} */ (given))
  expect(under !== undefined, 'facts', given, 'what `readFacts` or `factsOfChat` gives')
  expectUnder('facts', /** @type {Vocabulary} */ (under), due)
}

/**
 * @param {string} name
 * @param {Vocabulary} found
 * @param {Vocabulary} due
 */
function expectUnder(name, found, due) {
  if (found.fingerprint === due.fingerprint) return
  throw new TypeError(`\`${name}\` is under the vocabulary ${described(found)}; due is ${described(due)}`)
}

/** @param {Vocabulary} vocabulary */
function described({ name, fingerprint }) {
  return `\`${name}\` (${fingerprint.slice(0, 14)})`
}
