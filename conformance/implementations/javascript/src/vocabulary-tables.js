/**
 * What the shipped vocabularies declare: chapter Vocabulary, sections Core and Standard.
 *
 * @typedef {'num' | 'bool' | 'tag' | 'tags'} FieldSort
 * @typedef {'catalogue' | 'state' | 'request' | 'derived'} FieldSource
 *
 * @typedef {object} Field
 * @property {FieldSort} sort
 * @property {FieldSource} source
 * @property {number | boolean} [default] what is observed where the field is missing; a number may be infinite
 * @property {string} [unit]
 * @property {number} [minimum]
 * @property {number} [maximum]
 *
 * @typedef {object} Param
 * @property {'number' | 'integer' | 'string' | 'boolean'} sort
 * @property {number} [minimum]
 * @property {number} [maximum]
 * @property {readonly string[]} [choices]
 */

const TOKENS_PRICE = 'USD/Mtok'

/**
 * @param {FieldSource} source
 * @param {number} byDefault
 * @param {string} unit
 * @param {number} [minimum]
 * @param {number} [maximum]
 * @returns {Field}
 */
function num(source, byDefault, unit, minimum, maximum) {
  return withRange({ sort: 'num', source, default: byDefault, unit }, minimum, maximum)
}

/**
 * @param {FieldSource} source
 * @returns {Field}
 */
function flag(source) {
  return { sort: 'bool', source, default: false }
}

/**
 * @param {FieldSort} sort
 * @returns {Field}
 */
function published(sort) {
  return { sort, source: 'catalogue' }
}

function benchmark() {
  return num('catalogue', 0, 'ratio', 0, 1)
}

/**
 * @param {'number' | 'integer'} sort
 * @param {number} minimum
 * @param {number} maximum
 * @returns {Param}
 */
function amount(sort, minimum, maximum) {
  return { sort, minimum, maximum }
}

/**
 * @template T
 * @param {T} declaration
 * @param {number} [minimum]
 * @param {number} [maximum]
 * @returns {T}
 */
function withRange(declaration, minimum, maximum) {
  return {
    ...declaration,
    ...(minimum === undefined ? {} : { minimum }),
    ...(maximum === undefined ? {} : { maximum }),
  }
}

export const CORE = {
  /** @type {[string, Field][]} */
  fields: [
    ['breaker_open', flag('state')],
    ['context', num('catalogue', 0, 'tokens', 0)],
    ['credits', num('state', 0, 'USD')],
    ['disabled', flag('state')],
    ['has_tee', flag('catalogue')],
    ['latency_ms', num('state', Infinity, 'ms', 0)],
    ['no_log', flag('catalogue')],
    ['price_in', num('catalogue', Infinity, TOKENS_PRICE, 0)],
    ['price_out', num('catalogue', Infinity, TOKENS_PRICE, 0)],
    ['success_rate', num('state', 1, 'ratio', 0, 1)],
    ['tok_s', num('state', 0, 'tokens/s', 0)],
  ],
  tiers: ['fallback', 'marketplace', 'partner'],
  /** @type {[string, Param][]} */
  params: [
    ['first_token_timeout_ms', amount('integer', 1, 3600000)],
    ['frequency_penalty', amount('number', -2, 2)],
    ['max_tokens', amount('integer', 1, 2147483647)],
    ['presence_penalty', amount('number', -2, 2)],
    ['reasoning_effort', { sort: 'string', choices: ['high', 'low', 'medium', 'minimal', 'none', 'xhigh'] }],
    ['seed', amount('integer', 0, 9007199254740991)],
    ['temperature', amount('number', 0, 2)],
    ['timeout_ms', amount('integer', 1, 3600000)],
    ['top_k', amount('integer', 0, 2147483647)],
    ['top_p', amount('number', 0, 1)],
  ],
  /** @type {[string, string][]} */
  needs: [
    ['json_mode', 'supports_json_mode'],
    ['seed', 'supports_seed'],
    ['tools', 'supports_tools'],
    ['vision', 'supports_vision'],
  ],
  /** @type {string[]} */
  recipes: [],
}

/** What `standard` adds to `core`. */
export const STANDARD = {
  /** @type {[string, Field][]} */
  fields: [
    ...['agents', 'coding', 'intelligence', 'long_context', 'math', 'multilingual', 'reasoning', 'vision'].map(
      (what) => /** @type {[string, Field]} */ ([`bench_${what}`, benchmark()]),
    ),
    ['bucket', num('request', 0, 'ratio', 0, 1)],
    ['budget_left', num('request', Infinity, 'USD')],
    ['call_cost', { sort: 'num', source: 'derived', unit: 'USD' }],
    ['completion_tokens', num('request', 0, 'tokens', 0)],
    ['deprecated', flag('catalogue')],
    ['id', published('tag')],
    ['labels', published('tags')],
    ['license', published('tag')],
    ['max_output', num('catalogue', 0, 'tokens', 0)],
    ['open_weights', flag('catalogue')],
    ['price_cache_read', num('catalogue', Infinity, TOKENS_PRICE, 0)],
    ['prompt_tokens', num('request', 0, 'tokens', 0)],
    ['region', published('tag')],
    ['served_model', published('tag')],
    ...[
      'audio',
      'audio_output',
      'file',
      'image_output',
      'json_mode',
      'logprobs',
      'parallel_tools',
      'prompt_cache',
      'reasoning',
      'seed',
      'structured_outputs',
      'tools',
      'video',
      'vision',
    ].map((what) => /** @type {[string, Field]} */ ([`supports_${what}`, flag('catalogue')])),
  ],
  recipes: [
    'BlurFaces',
    'DetectPromptInjection',
    'DownscaleImage',
    'RedactImageText',
    'RedactPII',
    'RedactSecrets',
    'RedactURLs',
    'StripImageMetadata',
    'StripInvisibleText',
    'TruncateText',
  ],
  /** @type {[string, string][]} */
  needs: [
    ['audio', 'supports_audio'],
    ['file', 'supports_file'],
    ['logprobs', 'supports_logprobs'],
    ['parallel_tools', 'supports_parallel_tools'],
    ['reasoning', 'supports_reasoning'],
    ['structured_outputs', 'supports_structured_outputs'],
  ],
}

/** The fields with a formula of this specification. */
export const DERIVED = new Set(['call_cost'])

/** The keys of every candidate, which a field of the same name shows. */
export const CANDIDATE_KEYS = new Set(['id', 'provider', 'family', 'served_model', 'served_by', 'tier', 'scope'])
