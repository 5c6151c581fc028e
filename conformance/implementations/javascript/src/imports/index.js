import { importLitellm } from './litellm.js'
import { importModelsDev } from './models-dev.js'
import { importOpenrouter } from './openrouter.js'

/** @typedef {'litellm' | 'openrouter' | 'models.dev'} PriceListFormat */

const FORMATS = new Map([
  ['litellm', importLitellm],
  ['openrouter', importOpenrouter],
  ['models.dev', importModelsDev],
])

export const PRICE_LIST_FORMATS = [...FORMATS.keys()]

/**
 * Imports a price list that somebody else maintains (chapter Catalogue, section Importers). It invents nothing: what
 * the list does not say is missing, and what is left out is reported.
 *
 * @param {unknown} document the decoded JSON of the list
 * @param {PriceListFormat} format
 * @param {import('../vocabulary.js').Vocabulary} vocabulary
 * @returns {import('./common.js').Imported} candidates as in a catalogue file, and warnings about what is left out
 * @throws {import('../refused.js').Refused} PIR0607 for what is no list of the format
 */
export function importPrices(document, format, vocabulary) {
  const importList = FORMATS.get(format)
  if (importList === undefined) throw new TypeError(`there is no format ${format}`)
  return importList(document, vocabulary)
}
