import { drawRanks } from './draws.js'
import { chargedLength, sortingCharge } from './machine.js'
import { evaluatePredicate } from './predicates.js'
import { evaluateScorer } from './scorers.js'
import { descending } from './scores.js'

/**
 * @typedef {import('./machine.js').Machine} Machine
 * @typedef {import('../signature.js').Term} Term
 *
 * @typedef {object} Ranked
 * @property {number} candidate
 * @property {number} score
 *
 * The value of a selector: the ranking, and by what each candidate that is not in it was cut.
 * @typedef {{ ranking: Ranked[], cuts: Map<number, 'chain' | 'top_k'> }} Selection
 */

const NO_SEED = 0

/**
 * Evaluates a selector over a population with a score for each member.
 *
 * @param {Machine} machine
 * @param {Term} term in normal form
 * @param {readonly Ranked[]} population in its order
 * @param {number} [demand] how many ranks of a `sample` matter; Infinity for no demand
 * @returns {Selection}
 */
export function evaluateSelector(machine, term, population, demand = Infinity) {
  const [op] = term
  switch (op) {
    case 'argmax':
      machine.wholeStep('select/argmax', sortingCharge(population.length))
      return uncut(inDescendingOrder(population))
    case 'ordered':
      machine.wholeStep('select/ordered', chargedLength(population.length))
      return uncut([...population])
    case 'sample':
      return sample(machine, term, population, demand)
    case 'chain':
      return chain(machine, term, population)
    case 'top_k':
      return topK(machine, term, population, demand)
    case 'prefer':
      return prefer(machine, term, population)
    case 'rank_by':
      return rankBy(machine, term, population)
    default:
      throw new TypeError(`no selector: ${op}`)
  }
}

/**
 * @param {Ranked[]} ranking
 * @returns {Selection}
 */
function uncut(ranking) {
  return { ranking, cuts: new Map() }
}

/** @param {readonly Ranked[]} members */
function inDescendingOrder(members) {
  return descending(members.map(({ score }) => score)).map((at) => members[at])
}

/**
 * @param {Machine} machine
 * @param {Term} term
 * @param {readonly Ranked[]} population
 * @param {number} demand
 */
function sample(machine, [, temperature], population, demand) {
  const ranks = Math.min(demand, population.length)
  const m = chargedLength(population.length)
  machine.wholeStep('select/sample', sortingCharge(population.length) + m * ranks)
  const order = inDescendingOrder(population)
  const places = order.map((_, place) => place)
  return uncut(drawRanks(places, temperature, ranks, machine.seed ?? NO_SEED).map((place) => order[place]))
}

/**
 * @param {Machine} machine
 * @param {Term} term
 * @param {readonly Ranked[]} population
 * @returns {Selection}
 */
function chain(machine, [, entries], population) {
  /** @type {Map<string, number>} */
  const positions = new Map()
  for (const { provider, model } of entries) positions.set(pair(provider, model), positions.size + 1)
  /** @type {Ranked[][]} the members at each position */
  const found = Array.from(positions, () => [])
  /** @type {Selection['cuts']} */
  const cuts = new Map()
  for (const { candidate } of population) {
    const position = positions.get(pair(machine.snapshot.provider(candidate), machine.snapshot.family(candidate)))
    if (position === undefined) cuts.set(candidate, 'chain')
    else found[position - 1].push({ candidate, score: -position })
  }
  machine.wholeStep('select/chain', sortingCharge(population.length))
  return { ranking: found.flat(), cuts }
}

/**
 * One text for two, which no other two have.
 *
 * @param {string} provider
 * @param {string} model
 */
function pair(provider, model) {
  return `${provider.length}:${provider}${model}`
}

/**
 * @param {Machine} machine
 * @param {Term} term
 * @param {readonly Ranked[]} population
 * @param {number} demand
 * @returns {Selection}
 */
function topK(machine, [, count, selector], population, demand) {
  const { ranking, cuts } = evaluateSelector(machine, selector, population, Math.min(count, demand))
  const first = ranking.slice(0, count)
  const kept = new Set(first.map(({ candidate }) => candidate))
  for (const { candidate } of population) {
    if (!kept.has(candidate) && !cuts.has(candidate)) cuts.set(candidate, 'top_k')
  }
  machine.wholeStep('select/top_k', chargedLength(population.length))
  return { ranking: first, cuts }
}

/**
 * @param {Machine} machine
 * @param {Term} term
 * @param {readonly Ranked[]} population
 * @returns {Selection}
 */
function prefer(machine, [, predicate, selector], population) {
  const { ranking, cuts } = evaluateSelector(machine, selector, population)
  /** @type {Ranked[]} */
  const matches = []
  /** @type {Ranked[]} */
  const others = []
  for (const ranked of ranking) {
    if (evaluatePredicate(machine, predicate, ranked.candidate) === null) {
      machine.step('prefer/match', ranked.candidate)
      matches.push(ranked)
    } else {
      machine.step('prefer/other', ranked.candidate)
      others.push(ranked)
    }
  }
  machine.wholeStep('select/prefer', chargedLength(ranking.length))
  return { ranking: [...matches, ...others], cuts }
}

/**
 * @param {Machine} machine
 * @param {Term} term
 * @param {readonly Ranked[]} population
 * @returns {Selection}
 */
function rankBy(machine, [, scorer, selector], population) {
  const { ranking, cuts } = evaluateSelector(machine, selector, population)
  const candidates = ranking.map(({ candidate }) => candidate)
  const scores = evaluateScorer(machine, scorer, candidates)
  machine.wholeStep('select/rank_by', sortingCharge(ranking.length))
  return { ranking: inDescendingOrder(candidates.map((candidate, at) => ({ candidate, score: scores[at] }))), cuts }
}
