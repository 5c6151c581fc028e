import assert from 'node:assert/strict'
import test from 'node:test'
import { Facts, readFacts } from '../src/facts.js'
import { drawRanks, Stream } from '../src/semantics/draws.js'
import { ceilLog2, Machine } from '../src/semantics/machine.js'
import { evaluatePredicate } from '../src/semantics/predicates.js'
import { evaluateScorer, normalize } from '../src/semantics/scorers.js'
import { descending, holds, plus, times } from '../src/semantics/scores.js'
import { evaluateSelector } from '../src/semantics/selectors.js'
import { Attempt, evaluateTransform } from '../src/semantics/transforms.js'
import { takeSnapshot } from '../src/snapshot.js'
import { vocabulary } from '../src/vocabulary.js'

const standard = vocabulary('standard')
const NONE = new Facts({})

const MODELS = [
  {
    id: 'a',
    provider: 'p',
    family: 'm',
    tier: 'partner',
    capabilities: ['supports_tools'],
    fields: { price_in: 2, price_out: 4, tok_s: 0 },
  },
  {
    id: 'b',
    provider: 'q',
    family: 'm',
    tier: 'gold',
    scope: 's',
    fields: { price_in: 1, region: 'eu', labels: ['x', 'y'] },
  },
  { id: 'c', provider: 'q', family: 'n', fields: { context: 1000, has_tee: true } },
]

function machineOver(models = MODELS, { facts = NONE, seed } = {}, trace = null) {
  return new Machine({ vocabulary: standard, snapshot: takeSnapshot(models, standard), facts, seed }, trace)
}

function verdicts(term, facts = NONE) {
  const machine = machineOver(MODELS, { facts })
  return MODELS.map((_, i) => evaluatePredicate(machine, term, i))
}

function rulesOf(evaluate, options) {
  const trace = []
  const machine = machineOver(MODELS, options, trace)
  evaluate(machine)
  return trace.map(({ rule }) => rule)
}

function selected(term, scores, options) {
  const population = scores.map((score, candidate) => ({ candidate, score }))
  const { ranking, cuts } = evaluateSelector(machineOver(MODELS, options), term, population)
  return { order: ranking.map(({ candidate }) => candidate), cuts: [...cuts] }
}

function transformed(term, request, options) {
  const attempt = new Attempt(request)
  evaluateTransform(machineOver(MODELS, options), term, 0, attempt)
  return { ...attempt.request }
}

test('no relation holds of an undefined score, not even ne', () => {
  for (const relation of ['lt', 'le', 'eq', 'ne', 'ge', 'gt']) assert.equal(holds(NaN, relation, 0), false)
  assert.equal(holds(Infinity, 'ne', 0), true)
})

test('no operation gives a negative zero', () => {
  assert.ok(Object.is(times(-1, 0), 0))
  assert.ok(Object.is(plus(-0, -0), 0))
})

test('a descending order is stable, with undefined scores after minus infinity', () => {
  assert.deepEqual(descending([NaN, 1, -Infinity, Infinity, NaN, 1, Infinity]), [3, 6, 1, 5, 2, 0, 4])
})

test('normalize goes by exactly one of its five rules', () => {
  const cases = [
    ['normalize/degenerate', [7, 7, NaN], [0, 0, NaN]],
    ['normalize/degenerate', [Infinity, Infinity], [0, 0]],
    ['normalize/infinite', [Infinity, -Infinity, NaN], [1, 0, NaN]],
    ['normalize/single', [Infinity, 3, 3], [1, 0, 0]],
    ['normalize/single', [-Infinity, 3], [0, 1]],
    ['normalize/single', [-Infinity, 3, Infinity], [0, 0.5, 1]],
    ['normalize/scale', [1, 2, 5, Infinity, NaN], [0, 0.25, 1, 1, NaN]],
    ['normalize/halve', [-1.7e308, 0, 1.7e308], [0, 0.5, 1]],
  ]
  for (const [rule, given, due] of cases) {
    const { rule: used, scores } = normalize(Float64Array.from(given))
    assert.equal(used, rule)
    assert.deepEqual([...scores], due)
  }
})

test('an unpriced call of no tokens costs an undefined amount', () => {
  const scores = evaluateScorer(machineOver(), ['field', 'call_cost'], [0, 1])
  assert.deepEqual([...scores], [0, NaN])
})

test('sums run from left to right, starting from 0', () => {
  const lit = (value) => ['lit', value]
  const machine = machineOver()
  assert.equal(evaluateScorer(machine, ['add', lit(1e308), lit(1e308), lit(-1e308)], [0])[0], Infinity)
  assert.equal(evaluateScorer(machine, ['add', lit(0.1), lit(0.2), lit(0.3)], [0])[0], 0.6000000000000001)
})

test('a gate shuts after its scorer has seen the whole population', () => {
  const machine = machineOver()
  const scores = evaluateScorer(machine, ['gate', ['family_eq', 'm'], ['normalize', ['field', 'context']]], [2, 0])
  assert.deepEqual([...scores], [0, 0])
})

test('an undeclared tier equals none and ranks below all', () => {
  assert.deepEqual(verdicts(['min_tier', 'fallback']), [null, 'min_tier', null])
  assert.deepEqual(verdicts(['tier_eq', 'fallback']), ['tier', 'tier', null])
})

test('atoms give their reasons', () => {
  assert.deepEqual(verdicts(['cmp', 'price_in', 'le', 1]), ['cmp:price_in:le', null, 'cmp:price_in:le'])
  assert.deepEqual(verdicts(['has_cap', 'supports_tools']), [
    null,
    'missing_capability:supports_tools',
    'missing_capability:supports_tools',
  ])
  assert.deepEqual(verdicts(['is', 'supports_tools']), [null, 'is:supports_tools', 'is:supports_tools'])
  assert.deepEqual(verdicts(['tag_in', 'labels', ['y', 'z']]), ['tag:labels', null, 'tag:labels'])
  assert.deepEqual(verdicts(['known', 'tok_s']), [null, 'known:tok_s', 'known:tok_s'])
  assert.deepEqual(verdicts(['scope_matches']), [null, 'scope', null])
})

test('meets_req reports the first check that does not hold', () => {
  const facts = readFacts({ needs: ['tools'], min_context: 10, privacy: 'no_log' }, standard)
  assert.deepEqual(verdicts(['meets_req'], facts), [
    'min_context',
    'missing_capability:tools',
    'missing_capability:tools',
  ])
  assert.deepEqual(verdicts(['meets_req'], readFacts({ min_tok_s: 0 }, standard)), [null, 'min_tok_s', 'min_tok_s'])
})

test('and and or stop when the value is certain', () => {
  const term = ['or', ['and', ['top'], ['bot'], ['top']], ['top']]
  assert.deepEqual(
    rulesOf((machine) => evaluatePredicate(machine, term, 0)),
    ['top/accept', 'and/next', 'bot/reject', 'and/reject', 'or/next', 'top/accept', 'or/accept'],
  )
})

test('top_k cuts whoever is not among the first, and chain whoever has no entry', () => {
  const chain = [
    'chain',
    [
      { provider: 'q', model: 'n' },
      { provider: 'p', model: 'm' },
    ],
  ]
  assert.deepEqual(selected(['top_k', 1, chain], [0, 0, 0]), {
    order: [2],
    cuts: [
      [1, 'chain'],
      [0, 'top_k'],
    ],
  })
  assert.deepEqual(selected(['chain', []], [1, 2, 3]).order, [])
})

test('prefer puts its matches first and keeps the order among them', () => {
  assert.deepEqual(selected(['prefer', ['family_eq', 'm'], ['argmax']], [1, 2, 3]).order, [1, 0, 2])
})

test('the generator is the minimal standard one', () => {
  // From 1 its ten thousandth number is 1043618065, as its authors say.
  const stream = new Stream(1)
  for (let i = 4; i < 10000; i++) stream.advance()
  assert.equal(stream.state, 1043618065)
})

test('seeds count modulo M, and 0 is M - 1', () => {
  assert.equal(new Stream(0).state, new Stream(2147483646).state)
  assert.equal(new Stream(2147483647).state, new Stream(0).state)
  assert.equal(new Stream(9007199254740991).state, new Stream(9007199254740991 % 2147483647).state)
})

test('sampling at 0 is the order of argmax, and a demand draws the first ranks only', () => {
  assert.deepEqual(drawRanks([4, 2, 9], 0, 3, 77), [4, 2, 9])
  const all = drawRanks([0, 1, 2, 3, 4, 5], 3, 6, 5)
  assert.deepEqual([...all].sort(), [0, 1, 2, 3, 4, 5])
  assert.deepEqual(drawRanks([0, 1, 2, 3, 4, 5], 3, 2, 5), all.slice(0, 2))
})

test('a request is changed in a copy, under any name', () => {
  const request = JSON.parse('{"__proto__": 1, "max_tokens": 9000, "n": null}')
  const result = transformed(['seq', ['clamp_param', 'max_tokens', 1, 4096], ['drop_param', 'absent']], request)
  assert.equal(request.max_tokens, 9000)
  assert.equal(result.max_tokens, 4096)
  assert.ok(Object.hasOwn(new Attempt(request).request, '__proto__'))
})

test('a clamp looks at the lower bound first and skips what is no number', () => {
  assert.deepEqual(transformed(['clamp_param', 'a', 5, 1], { a: 3 }), { a: 5 })
  assert.deepEqual(transformed(['clamp_param', 'a', 5, 1], { a: '3' }), { a: '3' })
  assert.deepEqual(transformed(['clamp_param', 'a', 1, 5], { a: 10n ** 400n }), { a: 5 })
})

test('a jitter does nothing without a seed and is the same for the same seed and parameter', () => {
  assert.deepEqual(transformed(['jitter', 'temperature', 0.5], { temperature: 1 }), { temperature: 1 })
  const once = transformed(['jitter', 'temperature', 0.5], { temperature: 1 }, { seed: 7 })
  assert.deepEqual(transformed(['jitter', 'temperature', 0.5], { temperature: 1 }, { seed: 7 + 2147483647 }), once)
  assert.ok(Math.abs(once.temperature - 1) <= 0.5)
})

test('logarithms are rounded up in integers', () => {
  assert.deepEqual([1, 2, 3, 4, 5, 1024, 1025].map(ceilLog2), [0, 1, 2, 2, 3, 10, 11])
})
