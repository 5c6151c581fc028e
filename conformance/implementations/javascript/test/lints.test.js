import assert from 'node:assert/strict'
import test from 'node:test'
import { answer } from '../src/subject.js'
import { readAuthoring } from '../src/authoring/index.js'
import { lint } from '../src/lints/index.js'
import { intervalOf } from '../src/lints/intervals.js'
import { Sight } from '../src/lints/sight.js'
import { takeSnapshot } from '../src/snapshot.js'
import { vocabulary } from '../src/vocabulary.js'

const standard = vocabulary('standard')
const MODELS = [
  { id: 'a', provider: 'p', family: 'm', fields: { price_in: 2, price_out: 4, context: 1000, region: 'eu' } },
  { id: 'b', provider: 'q', family: 'm', fields: { price_in: 1 } },
]

function warnings(text, models) {
  const snapshot = models === undefined ? null : takeSnapshot(models, standard)
  return lint(readAuthoring(text), standard, snapshot).map(({ code, pointer }) => `${code} ${pointer}`)
}

function interval(text, models) {
  const snapshot = models === undefined ? null : takeSnapshot(models, standard)
  return intervalOf(readAuthoring(`rank ${text}`), new Sight(standard, snapshot))
}

test('an interval holds what a scorer may give', () => {
  assert.deepEqual(interval('price_in'), { low: 0, high: Infinity, undef: false })
  assert.deepEqual(interval('neg(price_in)'), { low: -Infinity, high: 1, undef: false })
  assert.deepEqual(interval('price_in + neg(price_out)'), { low: -Infinity, high: Infinity, undef: true })
  assert.deepEqual(interval('call_cost'), { low: 0, high: Infinity, undef: true })
  assert.deepEqual(interval('0 * price_in'), { low: 0, high: 0, undef: false })
  assert.deepEqual(interval('clamp(5, 2, success_rate)'), { low: 5, high: 5, undef: false })
  assert.deepEqual(interval('gate(bot, price_in + neg(price_out))'), { low: 0, high: 0, undef: false })
  assert.deepEqual(interval('price_in', MODELS), { low: 1, high: 2, undef: false })
  assert.deepEqual(interval('normalize(price_in)', MODELS.slice(1)), { low: 0, high: 0, undef: false })
  assert.ok(!(interval('price_in', []).low <= interval('price_in', []).high))
})

test('a gate warns where its 0 outranks what it accepts', () => {
  assert.deepEqual(warnings('rank gate(disabled, -1 * context)'), ['PIR0501 '])
  assert.deepEqual(warnings('rank neg(gate(disabled, context))'), ['PIR0501 /1'])
  assert.deepEqual(warnings('rank gate(disabled, context)'), [])
  assert.deepEqual(warnings('rank gate(disabled, -5)'), [])
  assert.deepEqual(warnings('rank gate(top, -1 * context)'), [])
  assert.deepEqual(warnings('filter test(gate(disabled, -1 * context) > 0)'), [])
  assert.deepEqual(warnings('select rank_by(gate(disabled, -1 * context), argmax)'), ['PIR0501 /1'])
  assert.deepEqual(warnings('rank 0 * gate(disabled, -1 * context)'), [])
})

test('a negative factor warns where it turns negative scores', () => {
  assert.deepEqual(warnings('rank -1 * credits'), ['PIR0502 '])
  assert.deepEqual(warnings('rank -1 * context'), [])
  assert.deepEqual(warnings('rank neg(-1 * credits)'), [])
  assert.deepEqual(warnings('rank clamp(1, 0, neg(-1 * credits))'), ['PIR0504 ', 'PIR0502 /3/1'])
})

test('a refused tag warns unless the field is present', () => {
  assert.deepEqual(warnings('filter region not in {"eu"}'), ['PIR0503 '])
  assert.deepEqual(warnings('filter known(region) and region not in {"eu"}'), [])
  assert.deepEqual(warnings('filter known(region) or region not in {"eu"}'), ['PIR0503 /2'])
  assert.deepEqual(warnings('filter not (not known(region) or region in {"eu"})'), [])
  assert.deepEqual(warnings('filter not not region in {"eu"}'), [])
  assert.deepEqual(warnings('filter id not in {"a"}'), [])
  assert.deepEqual(warnings('filter region not in {"us"}', MODELS.slice(0, 1)), [])
  assert.deepEqual(warnings('filter region not in {"us"}', MODELS), ['PIR0503 '])
  assert.deepEqual(warnings('policy { filter known(region) select prefer(region not in {"eu"}, argmax) }'), [])
})

test('a filter that accepts nobody warns at the conjunct that does', () => {
  assert.deepEqual(warnings('filter (top and provider == "x") and family == "m"', MODELS), ['PIR0505 /1/2'])
  assert.deepEqual(warnings('filter provider == "p" and not provider == "p"', MODELS), ['PIR0505 '])
  assert.deepEqual(warnings('filter bot', []), [])
  assert.deepEqual(warnings('filter disabled and tok_s > 5', MODELS), [])
})

test('terms that look at what candidates lack warn once', () => {
  assert.deepEqual(warnings('filter meets_req and context > 5', MODELS), ['PIR0506 /1'])
  assert.deepEqual(warnings('policy { filter known(context) rank context }', MODELS), [])
  assert.deepEqual(warnings('rank price_in + price_out + price_out', MODELS), ['PIR0507 /2'])
  assert.deepEqual(warnings('rank call_cost + price_out', MODELS), ['PIR0507 /1'])
})

test('a text that is not in normal form C warns, a key too', () => {
  assert.deepEqual(warnings('filter has_cap("e\u0301")'), ['PIR0508 /1'])
  assert.deepEqual(warnings('fallback abort(`e\u0301`: 1)'), ['PIR0508 /1/e\u0301'])
})

test('warnings and findings about the members of a record come by their keys', () => {
  const marked = 'e\u0301'
  const entry = { provider_id: marked, model: marked }
  const warned = answer('lint', { term: ['chain', [entry]] }).result.warnings.map(({ pointer }) => pointer)
  assert.deepEqual(warned, ['/1/0/model', '/1/0/provider_id'])
  const action = { action: 'abort', then_action: 'retry_same', backoff_ms: [1, -1] }
  const { refused } = answer('admission', { term: ['always', action] })
  assert.deepEqual(
    refused.map(({ code }) => code),
    ['PIR0306', 'PIR0409'],
  )
})
