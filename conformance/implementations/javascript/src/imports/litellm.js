import { isName, isObject, membersOf } from '../field-values.js'
import { refuse } from '../refused.js'
import { step } from '../text.js'
import { announcement, aside, entries, familyOf, flag, Importer, isDate, limit, price, without } from './common.js'

/**
 * LiteLLM's price file: chapter Catalogue, section LiteLLM.
 *
 * @typedef {import('./common.js').Columns} Columns
 */

const PER_TOKEN = 6
const MODES = ['chat', 'responses']
const SAMPLE = 'sample_spec'
const BEDROCK = ['bedrock', 'bedrock_converse', 'bedrock_mantle']
const AZURE_ZONE = /^(eu|us|us-gov|apac|global|global-standard)\/(.+)$/s
const AWS_REGION = /^[a-z]{2}(?:-[a-z]+)+-[0-9]+$/
const BEDROCK_REGION = /^(us-gov|us|eu|apac|au|jp|in|ca|global)\.(.*\..*)$/s
const MAKER =
  /^(?:ai21|amazon|anthropic|cohere|google|meta|minimax|mistral|moonshot|moonshotai|nvidia|openai|qwen|twelvelabs|writer|xai|zai)\./
const REVISION = /(?<=.)-v?[1-9][0-9]*:0$|(?<=[0-9])-v1$/s

/** @type {Columns} */
const COLUMNS = new Map([
  ...['litellm_provider', 'mode'].map(aside),
  ['supported_regions', { field: 'region', sort: 'tag', read: takeRegions }],
  ['input_cost_per_token', price('price_in', PER_TOKEN)],
  ['output_cost_per_token', price('price_out', PER_TOKEN)],
  ['cache_read_input_token_cost', price('price_cache_read', PER_TOKEN)],
  ['max_input_tokens', limit('context')],
  ['max_output_tokens', limit('max_output')],
  ['supports_function_calling', flag('supports_tools')],
  ['supports_parallel_function_calling', flag('supports_parallel_tools')],
  ['supports_response_schema', flag('supports_structured_outputs')],
  ['supports_reasoning', flag('supports_reasoning')],
  ['supports_prompt_caching', flag('supports_prompt_cache')],
  ['supports_vision', flag('supports_vision')],
  ['supports_audio_input', flag('supports_audio')],
  ['supports_video_input', flag('supports_video')],
  ['supports_pdf_input', flag('supports_file')],
  ['supports_audio_output', flag('supports_audio_output')],
  ['supports_web_search', flag('supports_web_search')],
  ['supports_computer_use', flag('supports_computer_use')],
  ['supported_modalities', entries({ image: 'supports_vision', audio: 'supports_audio', video: 'supports_video' })],
  ['supported_output_modalities', entries({ image: 'supports_image_output', audio: 'supports_audio_output' })],
  ['deprecation_date', announcement(isDate)],
])

/**
 * @param {unknown} document decoded JSON
 * @param {import('../vocabulary.js').Vocabulary} vocabulary
 * @returns {import('./common.js').Imported}
 */
export function importLitellm(document, vocabulary) {
  if (!isObject(document) || !membersOf(document).some(([, row]) => isOfFormat(row))) {
    return refuse('PIR0607', '', 'it is an object from model keys to rows with `litellm_provider`')
  }
  const importer = new Importer(vocabulary, COLUMNS)
  for (const [key, row] of membersOf(document)) {
    const reason = reasonAgainst(key, row)
    if (reason === null) takeRow(importer, key, /** @type {Record<string, unknown>} */ (row))
    else importer.skip(step(key), reason)
  }
  return importer.imported()
}

/** @param {unknown} row */
function isOfFormat(row) {
  return isObject(row) && Object.hasOwn(row, 'litellm_provider') && row.litellm_provider !== null
}

/**
 * @param {string} key
 * @param {unknown} row
 */
function reasonAgainst(key, row) {
  if (key === SAMPLE) return 'it explains the file'
  if (!isObject(row)) return 'a row is an object'
  if (!Object.hasOwn(row, 'mode') || !MODES.includes(/** @type {string} */ (row.mode))) return 'its mode is no chat'
  if (!Object.hasOwn(row, 'litellm_provider') || !isName(row.litellm_provider)) return 'it has no provider'
  return null
}

/**
 * @param {Importer} importer
 * @param {string} key
 * @param {Record<string, unknown>} record
 */
function takeRow(importer, key, record) {
  const provider = /** @type {string} */ (record.litellm_provider)
  const { model, region } = readKey(key, provider)
  const identity = { id: key, provider, family: familyOf(spelling(model, provider)), served_model: model }
  importer.take(record, step(key), identity, region === undefined ? {} : { region })
}

/**
 * What a key says: `litellm/model` and `litellm/region`.
 *
 * @param {string} key
 * @param {string} provider
 * @returns {{ model: string, region: string | undefined }}
 */
function readKey(key, provider) {
  if (BEDROCK.includes(provider)) {
    const model = without(key, key.slice(key.lastIndexOf('/') + 1))
    const segment = key.split('/').find((part) => AWS_REGION.test(part))
    return { model, region: segment ?? BEDROCK_REGION.exec(model)?.[1] }
  }
  const prefix = [provider, provider.split('-')[0]].find((name) => key.startsWith(`${name}/`))
  const model = prefix === undefined ? key : without(key, key.slice(prefix.length + 1))
  const zoned = provider === 'azure' ? AZURE_ZONE.exec(model) : null
  if (zoned === null) return { model, region: undefined }
  return { model: zoned[2], region: zoned[1] === 'global-standard' ? 'global' : zoned[1] }
}

/**
 * What the family is read off: `litellm/bedrock`, `litellm/fireworks`, `litellm/vertex`.
 *
 * @param {string} model
 * @param {string} provider
 */
function spelling(model, provider) {
  if (BEDROCK.includes(provider)) {
    const name = BEDROCK_REGION.exec(model)?.[2] ?? model
    return without(name, name.replace(MAKER, '')).replace(/^deepseek\./, 'deepseek-').replace(REVISION, '')
  }
  if (provider === 'fireworks_ai') return model.replace(/(?<=[0-9])p(?=[0-9])/g, '.')
  if (!provider.startsWith('vertex_ai')) return model
  return model.replace(/(?<=.)@default$/s, '').replace(/(?<=.)-maas$/s, '')
}

/**
 * The regions of a row, where its key states none: `litellm/region`.
 *
 * @param {import('./common.js').Row} row
 * @param {unknown} regions
 */
function takeRegions(row, regions) {
  if (row.fields.has('region')) return true
  if (!Array.isArray(regions)) return false
  return regions.length === 0 || (regions.length === 1 && row.put('region', regions[0]))
}
