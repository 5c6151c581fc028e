import { isObject, membersOf } from '../field-values.js'
import { refuse } from '../refused.js'
import { step } from '../text.js'
import { announcement, aside, entries, familyOf, flag, Importer, limit, price, truth } from './common.js'

/**
 * The list of models.dev: chapter Catalogue, section models.dev.
 *
 * @typedef {import('./common.js').Columns} Columns
 */

const PER_MILLION = 0

/** @type {Columns} */
const COLUMNS = new Map([
  ...['id', 'name', 'family'].map(aside),
  [
    'cost',
    {
      open: true,
      members: new Map([
        ['input', price('price_in', PER_MILLION)],
        ['output', price('price_out', PER_MILLION)],
        ['cache_read', price('price_cache_read', PER_MILLION)],
      ]),
    },
  ],
  [
    'limit',
    {
      open: true,
      members: new Map([
        ['context', limit('context')],
        ['output', limit('max_output')],
      ]),
    },
  ],
  ['tool_call', flag('supports_tools')],
  ['reasoning', flag('supports_reasoning')],
  ['structured_output', flag('supports_structured_outputs')],
  [
    'modalities',
    {
      members: new Map([
        [
          'input',
          entries({ image: 'supports_vision', audio: 'supports_audio', video: 'supports_video', pdf: 'supports_file' }),
        ],
        ['output', entries({ image: 'supports_image_output', audio: 'supports_audio_output' })],
      ]),
    },
  ],
  ['open_weights', truth('open_weights')],
  ['status', announcement((status) => (typeof status === 'string' ? status === 'deprecated' : undefined))],
])

/**
 * @param {unknown} document decoded JSON
 * @param {import('../vocabulary.js').Vocabulary} vocabulary
 * @returns {import('./common.js').Imported}
 */
export function importModelsDev(document, vocabulary) {
  const providers = isObject(document) ? membersOf(document) : []
  if (!providers.some(([, provider]) => hasModels(provider))) {
    return refuse('PIR0607', '', 'it is an object from providers to objects with `models`')
  }
  const importer = new Importer(vocabulary, COLUMNS)
  for (const [key, provider] of providers) {
    if (hasModels(provider)) takeModels(importer, key, provider.models)
    else importer.skip(step(key), 'a provider has an object of models')
  }
  return importer.imported()
}

/**
 * @param {Importer} importer
 * @param {string} provider
 * @param {Record<string, unknown>} models
 */
function takeModels(importer, provider, models) {
  for (const [key, model] of membersOf(models)) {
    const pointer = `${step(provider)}/models${step(key)}`
    const identity = { id: `${provider}/${key}`, provider, family: familyOf(key), served_model: key }
    const reason = reasonAgainst(model)
    if (reason === null) importer.take(/** @type {Record<string, unknown>} */ (model), pointer, identity)
    else importer.skip(pointer, reason)
  }
}

/**
 * @param {unknown} provider
 * @returns {provider is {models: Record<string, unknown>}}
 */
function hasModels(provider) {
  return isObject(provider) && Object.hasOwn(provider, 'models') && isObject(provider.models)
}

/** @param {unknown} model */
function reasonAgainst(model) {
  if (!isObject(model)) return 'a model is an object'
  const kinds = Object.hasOwn(model, 'modalities') ? model.modalities : null
  const given = isObject(kinds) && Object.hasOwn(kinds, 'output') ? kinds.output : null
  return Array.isArray(given) && !given.includes('text') ? 'it gives no text' : null
}
