import assert from 'node:assert/strict'
import test from 'node:test'
import { importPrices, Refused, takeSnapshot, vocabulary } from '../src/index.js'
import { familyOf, movedPrice } from '../src/imports/common.js'

const standard = vocabulary('standard')
const core = vocabulary('core')

const litellm = (row, key = 'acme/m') => ({ [key]: { litellm_provider: 'acme', mode: 'chat', ...row } })
const openrouter = (model) => ({ data: [{ id: 'acme/m', ...model }] })
const modelsDev = (model) => ({ acme: { models: { m: model } } })

function imported(document, format, under = standard) {
  const { candidates, skipped } = importPrices(document, format, under)
  takeSnapshot(candidates, under)
  return { candidates, skipped: skipped.map(({ code, pointer }) => `${code} ${pointer}`) }
}

function onlyOf(document, format, under) {
  const { candidates } = imported(document, format, under)
  assert.equal(candidates.length, 1)
  return candidates[0]
}

test('what is no list of a format is refused as a whole', () => {
  const lists = { litellm: litellm({}), openrouter: openrouter({}), 'models.dev': modelsDev({}) }
  for (const format of Object.keys(lists)) {
    const others = Object.keys(lists).filter((other) => other !== format)
    for (const document of [null, [], {}, 'x', 7, true, ...others.map((other) => lists[other])]) {
      assert.throws(
        () => importPrices(document, format, standard),
        (error) => error instanceof Refused && error.findings[0].code === 'PIR0607' && error.findings[0].pointer === '',
      )
    }
    assert.equal(imported(lists[format], format).candidates.length, 1)
  }
  assert.throws(() => importPrices({}, 'csv', standard), RangeError)
})

test('one model is imported from each of the lists', () => {
  const rows = {
    litellm: litellm({
      input_cost_per_token: 2.8e-7,
      output_cost_per_token: '0.0000011',
      max_input_tokens: 1000,
      max_output_tokens: 100,
      supports_response_schema: true,
      supports_vision: false,
    }),
    openrouter: openrouter({
      pricing: { prompt: '0.00000028', completion: '1.1e-6' },
      context_length: 1000,
      top_provider: { max_completion_tokens: 100, is_moderated: true },
      supported_parameters: ['structured_outputs', 'response_format'],
      architecture: { input_modalities: ['text'], output_modalities: ['text'], tokenizer: 'x' },
    }),
    'models.dev': modelsDev({
      cost: { input: 0.28, output: 1.1 },
      limit: { context: 1000, output: 100 },
      structured_output: true,
      modalities: { input: ['text'], output: ['text'] },
    }),
  }
  for (const [format, document] of Object.entries(rows)) {
    const { candidates, skipped } = imported(document, format)
    const [{ family, capabilities, fields }] = candidates
    assert.deepEqual(skipped, [], format)
    assert.equal(family, 'm')
    assert.deepEqual(capabilities, ['supports_json_mode', 'supports_structured_outputs'])
    const { price_in, price_out, context, max_output, supports_vision } = fields
    assert.deepEqual([price_in, price_out, context, max_output, supports_vision], [0.28, 1.1, 1000, 100, false])
  }
})

test('rows come first of what is left out, then values, then columns', () => {
  const document = {
    ...litellm({ zone: 1, source: 'x', input_cost_per_token: 'free', supports_vision: 'yes' }, 'b'),
    e: 5,
    ...litellm({ source: 'y', max_input_tokens: 0 }, 'a'),
    f: { mode: 'embedding', other: 1 },
  }
  const { candidates, skipped } = imported(document, 'litellm')
  assert.deepEqual(candidates.map(({ id }) => id), ['a', 'b'])
  assert.deepEqual(skipped, [
    'PIR0608 /e',
    'PIR0608 /f',
    'PIR0609 /b/input_cost_per_token',
    'PIR0609 /b/supports_vision',
    'PIR0609 /a/max_input_tokens',
    'PIR0609 /b/source',
    'PIR0609 /b/zone',
  ])
})

test('of two rows with one id the first counts, and ids need not be told apart by their parts', () => {
  const document = { a: { models: { 'b/c': { tool_call: true } } }, 'a/b': { models: { c: { tool_call: false } } } }
  const { candidates, skipped } = imported(document, 'models.dev')
  assert.deepEqual(candidates.map(({ id, capabilities }) => [id, capabilities]), [['a/b/c', ['supports_tools']]])
  assert.deepEqual(skipped, ['PIR0608 /a~1b/models/c'])
})

test('under a vocabulary without a field its values are columns, and capabilities stay', () => {
  const row = { supports_vision: true, supports_web_search: true, supports_reasoning: false, supported_regions: ['eu'] }
  const { candidates, skipped } = imported(litellm({ ...row, deprecation_date: '2026-01-01' }), 'litellm', core)
  assert.deepEqual(candidates[0].capabilities, ['supports_vision', 'supports_web_search'])
  assert.deepEqual(candidates[0].fields, {})
  assert.deepEqual(skipped, ['PIR0609 /acme~1m/deprecation_date', 'PIR0609 /acme~1m/supported_regions'])
})

test('a value outside the range that a house declares is left out', () => {
  const max_output = { sort: 'num', source: 'catalogue', default: 0, maximum: 50 }
  const house = vocabulary({ vocabulary: 1, name: 'house', extends: 'core', fields: { max_output } })
  assert.deepEqual(imported(modelsDev({ limit: { output: 51 } }), 'models.dev', house).skipped, [
    'PIR0609 /acme/models/m/limit/output',
  ])
})

test('a flag of a row counts before a list of its modalities', () => {
  const { capabilities, fields } = onlyOf(
    litellm({ supported_modalities: ['image', 'audio'], supports_vision: false }),
    'litellm',
  )
  assert.deepEqual(capabilities, ['supports_audio'])
  assert.deepEqual(fields, { supports_video: false, supports_vision: false })
})

test('a complete list that lacks the mode of JSON says so', () => {
  const { capabilities, fields } = onlyOf(openrouter({ supported_parameters: ['structured_outputs'] }), 'openrouter')
  assert.deepEqual(capabilities, ['supports_structured_outputs'])
  assert.equal(fields.supports_json_mode, false)
})

test('the point of a price is moved in its decimal text', () => {
  assert.equal(movedPrice(2.8e-7, 6), 0.28)
  assert.equal(movedPrice('0.00000015', 6), 0.15)
  assert.equal(movedPrice('5e-330', 6), 5e-324)
  assert.equal(movedPrice(`1e${'9'.repeat(400)}`, 6), undefined)
  assert.equal(movedPrice(`1e-${'9'.repeat(400)}`, 6), undefined)
  assert.ok(Object.is(movedPrice(-0, 6), 0))
  for (const price of ['-0', '-1', -1, '', '.5', '5.', '+1', ' 1', '1\n', 'NaN', NaN, Infinity, null, true, [1], {}]) {
    assert.equal(movedPrice(price, 6), undefined)
  }
})

test('families are read off names, and nothing is left without one', () => {
  const families = {
    'meta-llama/Llama-3.3-70B': 'llama-3.3-70b',
    'gpt-5-2025-08-07': 'gpt-5',
    'x@20250807': 'x',
    'x-2025-0807': 'x-2025-0807',
    '-20250807': '-20250807',
    'p/': 'p/',
    'É/É': 'É',
  }
  for (const [name, family] of Object.entries(families)) assert.equal(familyOf(name), family)
})

test('keys of LiteLLM state the model, the family and the region', () => {
  const cases = [
    ['azure', 'azure/global-standard/GPT-X-2026-01-02', 'GPT-X-2026-01-02', 'gpt-x', 'global'],
    ['azure', 'azure/eu/', 'eu/', 'eu/', undefined],
    ['bedrock', 'bedrock/eu-central-1/us.amazon.nova-x-v1:0', 'us.amazon.nova-x-v1:0', 'nova-x', 'eu-central-1'],
    ['bedrock_converse', 'au.deepseek.r9-v2:0', 'au.deepseek.r9-v2:0', 'deepseek-r9', 'au'],
    ['bedrock', 'meta.', 'meta.', 'meta.', undefined],
    ['bedrock', 'x-v0:0', 'x-v0:0', 'x-v0:0', undefined],
    ['bedrock', 'meta.llama3-v1', 'meta.llama3-v1', 'llama3', undefined],
    ['fireworks_ai', 'fireworks_ai/a/1p2p3', 'a/1p2p3', '1.2.3', undefined],
    ['vertex_ai-models', 'vertex_ai/x-maas@default', 'x-maas@default', 'x', undefined],
    ['vertex_ai', 'vertex_ai/-maas', '-maas', '-maas', undefined],
  ]
  for (const [litellm_provider, key, model, family, region] of cases) {
    const row = onlyOf({ [key]: { litellm_provider, mode: 'responses', supported_regions: [] } }, 'litellm')
    assert.deepEqual([row.served_model ?? row.family, row.family, row.fields.region], [model, family, region], key)
  }
})

test('a name of the host language is a name like any other', () => {
  const document = JSON.parse('{"__proto__": {"models": {"constructor": {"__proto__": 1, "tool_call": true}}}}')
  const { candidates, skipped } = imported(document, 'models.dev')
  assert.deepEqual(candidates.map(({ id }) => id), ['__proto__/constructor'])
  assert.deepEqual(candidates[0].capabilities, ['supports_tools'])
  assert.deepEqual(skipped, ['PIR0609 /__proto__/models/constructor/__proto__'])
})
