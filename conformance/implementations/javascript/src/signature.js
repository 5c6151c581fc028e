import { compareText } from './text.js'

/**
 * The signature of the language: chapter Syntax, section Signature.
 *
 * A term in memory is its decoded wire value, the list `[op, ...arguments]`.
 *
 * @typedef {[string, ...any[]]} Term
 *
 * @typedef {object} Operation
 * @property {string} op
 * @property {string} sort the sort of the terms that it makes
 * @property {readonly string[]} args the sorts of its arguments; of a variadic operation the one sort of all
 * @property {boolean} variadic whether it takes one or more arguments of that sort
 * @property {string} feature
 * @property {readonly number[]} subterms places in the term, from 1, of arguments that are subterms, unless it is variadic
 */

/** The sorts whose values are terms. `Pointwise` is read as `Scorer`. */
export const TERM_SORTS = new Set(['Policy', 'Pred', 'Scorer', 'Selector', 'Xform', 'FailPlan', 'Pointwise'])

const TABLE = `
top           Pred
bot           Pred
and           Pred     Pred+
or            Pred     Pred+
not           Pred     Pred
meets_req     Pred
scope_matches Pred
is            Pred     BoolField
cmp           Pred     NumField Rel Num
tier_eq       Pred     Tier
min_tier      Pred     Tier
family_eq     Pred     Name
provider_eq   Pred     Name
served_by_eq  Pred     Name
has_cap       Pred     Name
tag_in        Pred     TagField Names              @tags
test          Pred     Pointwise Rel Num           @pointwise-test
known         Pred     Field                       @known
zero          Scorer
lit           Scorer   Num
field         Scorer   NumField
add           Scorer   Scorer+
scale         Scorer   Num Scorer
neg           Scorer   Scorer
normalize     Scorer   Scorer
clamp         Scorer   Num Num Scorer
gate          Scorer   Pred Scorer
argmax        Selector
ordered       Selector
sample        Selector Num
chain         Selector Chain
top_k         Selector Count Selector
prefer        Selector Pred Selector
rank_by       Selector Scorer Selector             @rerank
id            Xform
seq           Xform    Xform+
set_param     Xform    ParamName Scalar
inject_seed   Xform    ParamName
drop_param    Xform    ParamName                   @drop-param
clamp_param   Xform    ParamName Num Num
jitter        Xform    ParamName Num
filter_text   Xform    Recipe
filter_image  Xform    Recipe
custom        Xform    Sym
when          Xform    Pred Xform
always        FailPlan Action
override      FailPlan FailPlan Reason Action
policy        Policy   Pred Scorer Selector Xform FailPlan
`

/** @type {Map<string, Operation>} */
export const SIGNATURE = new Map(
  TABLE.trim()
    .split('\n')
    .map((line) => {
      const words = line.split(/ +/)
      const feature = words[words.length - 1].startsWith('@') ? words.pop().slice(1) : 'core'
      const [op, sort, ...given] = words
      const variadic = given.length === 1 && given[0].endsWith('+')
      const args = variadic ? [given[0].slice(0, -1)] : given
      const subterms = variadic ? [] : args.flatMap((arg, i) => (TERM_SORTS.has(arg) ? [i + 1] : []))
      return [op, { op, sort, args, variadic, feature, subterms }]
    }),
)

export const RELATIONS = new Set(['lt', 'le', 'eq', 'ne', 'ge', 'gt'])

/** What an action can say to do. */
export const VERBS = new Set(['retry_same', 'next_candidate', 'next_provider_same_model', 'disable_provider', 'abort'])

export const PROVIDER_KEYS = ['provider', 'provider_id']
export const MODEL_KEYS = ['model', 'model_family']

/**
 * The places of the subterms of a term, in order: `term[place]` is a subterm.
 *
 * @param {Term} term
 * @returns {readonly number[]}
 */
export function subtermPlaces(term) {
  const operation = SIGNATURE.get(term[0])
  if (!operation.variadic) return operation.subterms
  return Array.from({ length: term.length - 1 }, (_, i) => i + 1)
}

/**
 * @param {Term} term
 * @returns {Term[]} its subterms, in order
 */
export function subtermsOf(term) {
  const operation = SIGNATURE.get(term[0])
  return operation.variadic ? term.slice(1) : operation.subterms.map((place) => term[place])
}

/**
 * The nodes of a term in the order of their places in the text: each before its subterms.
 *
 * @param {Term} term
 * @returns {Term[]}
 */
export function nodesOf(term) {
  const nodes = []
  const waiting = [term]
  while (waiting.length > 0) {
    const node = waiting.pop()
    nodes.push(node)
    const subterms = subtermsOf(node)
    for (let i = subterms.length - 1; i >= 0; i--) waiting.push(subterms[i])
  }
  return nodes
}

/**
 * The operations of a term, each once, in the order of their first places.
 *
 * @param {Term} term
 * @returns {Set<string>}
 */
export function operationsOf(term) {
  return new Set(nodesOf(term).map((node) => node[0]))
}

const ACTION_KEYS = ['action', 'attempts', 'backoff_ms', 'then_action', 'open_breaker_ms']

/**
 * The keys of a record of a term in the order in which findings about them come: those of an action as its table has
 * them, others by code points.
 *
 * @param {Record<string, any>} record
 * @returns {string[]}
 */
export function keysInOrder(record) {
  const first = typeof record.action === 'string' ? ACTION_KEYS.filter((key) => Object.hasOwn(record, key)) : []
  const further = Object.keys(record).filter((key) => !first.includes(key))
  return [...first, ...further.sort(compareText)]
}
