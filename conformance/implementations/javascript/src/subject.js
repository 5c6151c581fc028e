import * as catalogue from './kinds/catalogue.js'
import * as decisions from './kinds/decisions.js'
import * as evaluation from './kinds/evaluation.js'
import * as flows from './kinds/flows.js'
import * as terms from './kinds/terms.js'
import * as texts from './kinds/texts.js'
import { Refused } from './refused.js'

/**
 * The subject of the conformance suite: chapter Conformance. `bin/subject.js` moves the lines.
 *
 * @typedef {(input: Record<string, any>) => Record<string, unknown>} Kind
 *
 * @typedef {{result: Record<string, unknown>}
 *   | {refused: {code: string, pointer: string | null}[]}
 *   | {error: string}} Answer
 */

/** @type {Map<string, Kind>} */
const KINDS = new Map([
  ['syntax', terms.syntax],
  ['admission', terms.admission],
  ['normal-form', terms.normalForm],
  ['encoding', terms.encoding],
  ['decoding', terms.decoding],
  ['identity', terms.identity],
  ['vocabulary', terms.vocabulary],
  ['floor', terms.floor],
  ['snapshot', catalogue.snapshot],
  ['facts', catalogue.facts],
  ['import', catalogue.importList],
  ['compare', catalogue.compare],
  ['predicate', evaluation.predicate],
  ['score', evaluation.score],
  ['order', evaluation.order],
  ['transform', evaluation.transform],
  ['failure', evaluation.failure],
  ['step', evaluation.step],
  ['work', evaluation.work],
  ['policy', decisions.policy],
  ['failover', decisions.failover],
  ['lint', texts.lint],
  ['print', texts.print],
  ['flow-syntax', flows.flowSyntax],
  ['flow-admission', flows.flowAdmission],
  ['flow-lint', flows.flowLint],
  ['flow-encoding', flows.flowEncoding],
  ['flow-decoding', flows.flowDecoding],
  ['flow-print', flows.flowPrint],
  ['assembly', flows.assembly],
  ['flow-calls', flows.flowCalls],
  ['schedule', flows.schedule],
])

/** The features besides `core`. */
const FEATURES = [
  'tags',
  'pointwise-test',
  'known',
  'rerank',
  'drop-param',
  'authoring',
  'printing',
  'peer',
  'lints',
  'files',
  'imports',
  'flows',
]

/** What the subject says of itself. */
export function hello() {
  return {
    type: 'hello',
    implementation: 'policy-ir-javascript',
    version: '0.1.0',
    language: ['policy-ir/1'],
    features: FEATURES,
    kinds: [...KINDS.keys()],
    findings: 'all',
  }
}

/**
 * Answers a request.
 *
 * @param {string} kind
 * @param {Record<string, any>} input
 * @returns {Answer}
 */
export function answer(kind, input) {
  const ask = KINDS.get(kind)
  if (ask === undefined) return { error: `there is no kind ${JSON.stringify(kind)}` }
  try {
    return { result: ask(input) }
  } catch (error) {
    if (error instanceof Refused) {
      return { refused: error.findings.map(({ code, pointer }) => ({ code, pointer: pointer ?? null })) }
    }
    return { error: error instanceof Error ? String(error.stack) : String(error) }
  }
}
