import { SIGNATURE, subtermsOf } from './signature.js'

/** @typedef {import('./signature.js').Term} Term */

/** The most work of a decision: 2^27. */
export const MOST_WORK = 2 ** 27

/**
 * The work of a term over so many candidates (chapter Semantics, section Work). It is counted in integers of any size;
 * what is given is the nearest number.
 *
 * @param {Term} term in normal form
 * @param {number} count how many candidates, an integral number of 0 or more
 * @returns {number}
 */
export function work(term, count) {
  const n = BigInt(count)
  return Number(n === 0n ? 0n : workOf(term, n, ceilLog2(n), n))
}

/**
 * @param {Term} term
 * @param {bigint} n
 * @param {bigint} log the binary logarithm of n, rounded up
 * @param {bigint} demand the least count of the `top_k` nodes directly around the term, at most n
 * @returns {bigint}
 */
function workOf(term, n, log, demand) {
  const [op] = term
  let sum = n
  if (SIGNATURE.get(op).sort === 'Selector') sum += n * log
  if (op === 'sample') sum += n * demand
  const passed = op === 'top_k' ? least(demand, BigInt(term[1])) : n
  for (const subterm of subtermsOf(term)) sum += workOf(subterm, n, log, passed)
  return sum
}

/**
 * @param {bigint} a
 * @param {bigint} b
 */
function least(a, b) {
  return a < b ? a : b
}

/** @param {bigint} n 1 or more */
function ceilLog2(n) {
  return n === 1n ? 0n : BigInt((n - 1n).toString(2).length)
}
