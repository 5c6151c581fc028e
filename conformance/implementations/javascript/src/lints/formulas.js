/**
 * The formulas of the derived fields: a sum of products, divided. Chapter Vocabulary, section Fields.
 *
 * @typedef {object} Formula
 * @property {readonly (readonly [string, string])[]} products pairs of fields
 * @property {number} divisor
 */

/** @type {ReadonlyMap<string, Formula>} */
export const FORMULAS = new Map([
  [
    'call_cost',
    {
      products: [
        ['prompt_tokens', 'price_in'],
        ['completion_tokens', 'price_out'],
      ],
      divisor: 1000000,
    },
  ],
])

/**
 * The fields that a field shows: those of its formula if it is derived, else itself.
 *
 * @param {string} name
 * @param {import('../vocabulary.js').Vocabulary} vocabulary
 * @returns {readonly string[]}
 */
export function fieldsRead(name, vocabulary) {
  return vocabulary.fields.get(name).source === 'derived' ? FORMULAS.get(name).products.flat() : [name]
}
