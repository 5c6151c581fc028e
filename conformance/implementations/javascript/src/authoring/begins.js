import { SIGNATURE, VERBS, RELATIONS } from '../signature.js'
import { RESERVED } from './tokens.js'

/**
 * With which tokens the parts of a text begin: chapter Authoring syntax, section Grammar.
 *
 * @typedef {import('./tokens.js').Token} Token
 * @typedef {(token: Token, next: Token) => boolean} Begins
 */

const isMark = (text) => (token) => token.kind === 'mark' && token.text === text
const isKind = (kind) => (token) => token.kind === kind
const isOneOf = (words) => (token) => token.kind === 'word' && words.has(token.text)
const anyOf =
  (...ways) =>
  (token, next) =>
    ways.some((way) => way(token, next))

const bracket = isMark('(')
const string = isKind('string')
const number = isKind('number')
/** @type {Begins} */
const name = (token) => token.kind === 'quoted' || (token.kind === 'word' && !RESERVED.has(token.text))

const OPERATIONS = (sort) =>
  isOneOf(new Set([...SIGNATURE.values()].filter((op) => op.sort === sort).map(({ op }) => op)))
const PREDICATES = new Set([
  'not',
  'top',
  'bot',
  'meets_req',
  'scope_matches',
  'provider',
  'family',
  'served_by',
  'tier',
])
const called = (words) => (token, next) => isOneOf(words)(token) && bracket(next)

/** @type {Begins} */
const pred = anyOf(bracket, name, isOneOf(PREDICATES), called(new Set(['and', 'or'])))
const scorer = anyOf(bracket, name, number, isOneOf(new Set(['zero'])))
const nameOrString = anyOf(name, string)
const verb = isOneOf(VERBS)

/** @type {Map<string, Begins>} */
const BEGINS = new Map([
  ['Pred', pred],
  ['Scorer', scorer],
  ['Pointwise', scorer],
  ['Selector', anyOf(bracket, OPERATIONS('Selector'))],
  ['Xform', anyOf(bracket, OPERATIONS('Xform'))],
  ['FailPlan', anyOf(bracket, verb, OPERATIONS('FailPlan'))],
  ['Num', number],
  ['Count', number],
  ['Rel', isOneOf(RELATIONS)],
  ...['NumField', 'BoolField', 'TagField', 'Field', 'Setting', 'Amount', 'NodeName'].map((sort) => [sort, name]),
  ['Member', anyOf(name, isOneOf(new Set(['provider'])))],
  ['Tier', nameOrString],
  ['Reason', nameOrString],
  ...['Name', 'ParamName', 'Sym'].map((sort) => [sort, string]),
  ['Names', isMark('{')],
  ['Scalar', anyOf(number, string, isOneOf(new Set(['true', 'false'])))],
  ['Action', verb],
  ['Value', anyOf(number, isMark('['), verb)],
  ['Step', anyOf(string, isMark('{'))],
  ['Entry', anyOf(string, isMark('{'))],
])

/**
 * Whether a part of a text could begin with a token.
 *
 * @param {string | undefined} part a sort, or a part that has none; undefined for none at all
 * @param {Token} token
 * @param {Token} next the one behind it
 */
export function begins(part, token, next) {
  return part !== undefined && BEGINS.get(part)(token, next)
}
