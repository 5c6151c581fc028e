import { over, plus, times } from './scores.js'

/**
 * @typedef {import('./machine.js').Machine} Machine
 * @typedef {import('../field-values.js').FieldValue} FieldValue
 * @typedef {{ value: FieldValue | undefined, known: boolean }} Observation
 */

const PER_TOKENS = 1000000

/** The formulas of derived fields: the fields that each reads, and its value. */
const FORMULAS = new Map([
  [
    'call_cost',
    {
      reads: ['prompt_tokens', 'price_in', 'completion_tokens', 'price_out'],
      /** @param {number[]} observed */
      value: ([promptTokens, priceIn, completionTokens, priceOut]) =>
        over(plus(times(promptTokens, priceIn), times(completionTokens, priceOut)), PER_TOKENS),
    },
  ],
])

/**
 * What a policy sees of a candidate in a field: a value, and whether it is known.
 *
 * @param {Machine} machine
 * @param {number} candidate
 * @param {string} name
 * @returns {Observation}
 */
export function observe(machine, candidate, name) {
  const field = machine.vocabulary.fields.get(name)
  switch (field.source) {
    case 'catalogue':
    case 'state':
      return machine.snapshot.observe(candidate, name)
    case 'request': {
      const stated = machine.facts.fields.get(name)
      return stated === undefined ? { value: field.default, known: false } : { value: stated, known: true }
    }
    case 'derived':
      return derive(machine, candidate, name)
    default:
      throw new TypeError(`a field of the source ${field.source}`)
  }
}

/**
 * @param {Machine} machine
 * @param {number} candidate
 * @param {string} name
 * @returns {Observation}
 */
function derive(machine, candidate, name) {
  const formula = FORMULAS.get(name)
  const observed = formula.reads.map((read) => observe(machine, candidate, read))
  const values = observed.map(({ value }) => /** @type {number} */ (value))
  return { value: formula.value(values), known: observed.every(({ known }) => known) }
}

/**
 * The values of a numeric field for a population. What they have in common is looked up once.
 *
 * @param {Machine} machine
 * @param {readonly number[]} population
 * @param {string} name
 * @returns {Float64Array}
 */
export function observeNumbers(machine, population, name) {
  const column = machine.snapshot.columns.get(name)
  if (column === undefined) return Float64Array.from(population, (i) => observeNumber(machine, i, name))
  const missing = /** @type {number} */ (machine.vocabulary.fields.get(name).default)
  const values = new Float64Array(population.length)
  for (let member = 0; member < values.length; member++) {
    values[member] = /** @type {number | undefined} */ (column[population[member]]) ?? missing
  }
  return values
}

/**
 * The value of a numeric field; undefined scores may come from formulas.
 *
 * @param {Machine} machine
 * @param {number} candidate
 * @param {string} name
 * @returns {number}
 */
export function observeNumber(machine, candidate, name) {
  return /** @type {number} */ (observe(machine, candidate, name).value)
}
