import { isName, isObject } from '../field-values.js'
import { refuse } from '../refused.js'
import { announcement, aside, entries, familyOf, Importer, isDate, limit, price, without } from './common.js'

/**
 * OpenRouter's list of models: chapter Catalogue, section OpenRouter.
 *
 * @typedef {import('./common.js').Columns} Columns
 */

const PER_TOKEN = 6
const PROVIDER = 'openrouter'

/** @type {Columns} */
const COLUMNS = new Map([
  ...['id', 'name', 'canonical_slug', 'description', 'created', 'links'].map(aside),
  [
    'pricing',
    {
      open: true,
      members: new Map([
        ['prompt', price('price_in', PER_TOKEN)],
        ['completion', price('price_out', PER_TOKEN)],
        ['input_cache_read', price('price_cache_read', PER_TOKEN)],
      ]),
    },
  ],
  ['context_length', limit('context')],
  ['top_provider', { members: new Map([['max_completion_tokens', limit('max_output')]]) }],
  [
    'supported_parameters',
    entries({
      tools: 'supports_tools',
      parallel_tool_calls: 'supports_parallel_tools',
      response_format: 'supports_json_mode',
      structured_outputs: 'supports_structured_outputs',
      reasoning: 'supports_reasoning',
      logprobs: 'supports_logprobs',
      seed: 'supports_seed',
    }),
  ],
  [
    'architecture',
    {
      members: new Map([
        [
          'input_modalities',
          entries({ image: 'supports_vision', audio: 'supports_audio', video: 'supports_video', file: 'supports_file' }),
        ],
        ['output_modalities', entries({ image: 'supports_image_output', audio: 'supports_audio_output' })],
      ]),
    },
  ],
  ['expiration_date', announcement(isDate)],
])

/**
 * @param {unknown} document decoded JSON
 * @param {import('../vocabulary.js').Vocabulary} vocabulary
 * @returns {import('./common.js').Imported}
 */
export function importOpenrouter(document, vocabulary) {
  const models = isObject(document) && Object.hasOwn(document, 'data') ? document.data : null
  if (!Array.isArray(models)) return refuse('PIR0607', '', 'it is an object with the list `data`')
  const importer = new Importer(vocabulary, COLUMNS)
  for (const [i, model] of models.entries()) {
    const reason = reasonAgainst(model)
    if (reason === null) importer.take(model, `/data/${i}`, identityOf(model.id))
    else importer.skip(`/data/${i}`, reason)
  }
  return importer.imported()
}

/** @param {unknown} model */
function reasonAgainst(model) {
  if (!isObject(model)) return 'a model is an object'
  if (!Object.hasOwn(model, 'id') || !isName(model.id)) return 'it has no id'
  const about = Object.hasOwn(model, 'architecture') ? model.architecture : null
  const given = isObject(about) && Object.hasOwn(about, 'output_modalities') ? about.output_modalities : null
  return Array.isArray(given) && !given.includes('text') ? 'it gives no text' : null
}

/** @param {string} id */
function identityOf(id) {
  const plain = without(id, id.replace(/:.*$/s, ''))
  return { id: `${PROVIDER}/${id}`, provider: PROVIDER, family: familyOf(plain), served_model: id }
}
