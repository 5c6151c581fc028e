import assert from 'node:assert/strict'
import test from 'node:test'
import { fingerprintOf } from '../src/canonical.js'
import { decide } from '../src/decision.js'
import { readFacts } from '../src/facts.js'
import { normalForm } from '../src/normal-form.js'
import { Refused } from '../src/refused.js'
import { takeSnapshot } from '../src/snapshot.js'
import { vocabulary } from '../src/vocabulary.js'
import { work } from '../src/work.js'

const standard = vocabulary('standard')
const NONE = readFacts({}, standard)

const TIERS = ['fallback', 'marketplace', 'partner', 'gold']
const MODELS = Array.from({ length: 9 }, (_, i) => ({
  id: `c${i}`,
  provider: `p${i % 3}`,
  family: `m${i % 2}`,
  tier: TIERS[i % 4],
  capabilities: i % 2 ? ['supports_tools'] : [],
  fields: i % 4 === 3 ? {} : { price_in: i, price_out: 9 - i, context: 1000 * i, latency_ms: i * i },
}))

function policyOf(term) {
  const normal = normalForm(term)
  const fingerprint = fingerprintOf(normal)
  return { normal, vocabulary: standard, fingerprint, policyFingerprint: fingerprint }
}

function policyWith({
  filter = ['top'],
  rank = ['zero'],
  select = ['argmax'],
  mutate = ['id'],
  fallback = { action: 'next_candidate' },
}) {
  return policyOf(['policy', filter, rank, select, mutate, ['always', fallback]])
}

test('a decision in JSON has all that it is identified by', () => {
  const policy = policyWith({
    filter: ['cmp', 'price_in', 'le', 5],
    rank: ['neg', ['field', 'price_in']],
    select: ['top_k', 2, ['argmax']],
  })
  const decision = decide(policy, takeSnapshot(MODELS, standard), NONE).toJSON()
  assert.deepEqual(decision.ordered, [
    { id: 'c0', score: 1 },
    { id: 'c1', score: 0 },
  ])
  assert.deepEqual(
    decision.cut,
    ['c2', 'c4', 'c5'].map((id) => ({ id, by: 'top_k' })),
  )
  assert.deepEqual(
    decision.rejected,
    ['c3', 'c6', 'c7', 'c8'].map((id) => ({ id, reason: 'cmp:price_in:le' })),
  )
  assert.equal(decision.seed, null)
  assert.match(decision.fingerprint, /^blake3:[0-9a-f]{64}$/)
})

test('special scores are spelled out in JSON', () => {
  const rank = ['add', ['field', 'price_in'], ['scale', -1, ['field', 'latency_ms']]]
  const { ordered } = decide(policyWith({ rank }), takeSnapshot(MODELS.slice(2, 4), standard), NONE).toJSON()
  assert.deepEqual(ordered, [
    { id: 'c2', score: -2 },
    { id: 'c3', score: 'undefined' },
  ])
})

test('a decision over nobody has no order and one step', () => {
  const trace = []
  const decision = decide(policyWith({}), takeSnapshot([], standard), NONE, 3, { trace })
  assert.deepEqual(decision.toJSON().ordered, [])
  assert.deepEqual(trace, [{ rule: 'decision/empty', candidate: null }])
})

test('what is no seed is refused, and the seed is part of the record', () => {
  const snapshot = takeSnapshot(MODELS, standard)
  for (const seed of [-1, 0.5, 2 ** 53, '1', true]) {
    assert.throws(
      () => decide(policyWith({}), snapshot, NONE, seed),
      (error) => error.findings[0].code === 'PIR0730',
    )
  }
  const of = (seed) => decide(policyWith({}), snapshot, NONE, seed).fingerprint
  assert.notEqual(of(0), of(undefined))
  assert.equal(of(-0), of(0))
})

test('a decision of more work than a limit is refused before any step', () => {
  const policy = policyWith({})
  const trace = []
  const snapshot = takeSnapshot(MODELS, standard)
  const amount = work(policy.normal, MODELS.length)
  assert.throws(
    () => decide(policy, snapshot, NONE, 1, { workLimit: amount - 1, trace }),
    (error) => error instanceof Refused && error.findings[0].code === 'PIR0309',
  )
  assert.equal(trace.length, 0)
  assert.doesNotThrow(() => decide(policy, snapshot, NONE, 1, { workLimit: amount }))
})

test('work counts nodes, sorts and draws', () => {
  assert.equal(work(['top'], 7), 7)
  assert.equal(work(['argmax'], 7), 7 + 7 * 3)
  assert.equal(work(['sample', 1], 8), 8 + 8 * 3 + 64)
  assert.equal(work(['top_k', 3, ['top_k', 2, ['sample', 1]]], 8), 3 * (8 + 24) + 8 * 2)
  assert.equal(work(['top_k', 3, ['prefer', ['top'], ['sample', 1]]], 8), 8 * 4 + 3 * 24 + 64)
  assert.equal(work(['sample', 1], 0), 0)
  assert.equal(work(['sample', 1], 1), 2)
})

test('an attempt starts from the request as it came in', () => {
  const mutate = ['seq', ['set_param', 'temperature', 0.5], ['filter_text', ['RedactPII']], ['inject_seed', 'seed']]
  const decision = decide(policyWith({ mutate }), takeSnapshot(MODELS, standard), NONE, 2147483650)
  const request = { model: 'x', temperature: 1 }
  const attempt = decision.attempt(0, request)
  assert.deepEqual({ ...attempt.request }, { model: 'x', temperature: 0.5, seed: 2147483650 })
  assert.deepEqual(attempt.directives, { filter_text: { recipe: ['RedactPII'], seed: 3 }, customs: [] })
  assert.equal(attempt.candidate.id, 'c0')
  assert.deepEqual(request, { model: 'x', temperature: 1 })
})

test('what comes next is read off the plan and the order', () => {
  const decision = decide(
    policyWith({ fallback: { action: 'next_provider_same_model' } }),
    takeSnapshot(MODELS, standard),
    NONE,
  )
  assert.equal(decision.next(0, 0, 'timeout').position, 2)
})

/** Terms at random, from a generator of its own so that a failure can be repeated. */
class Terms {
  constructor(seed) {
    this.state = seed
  }

  below(n) {
    this.state = (this.state * 48271) % 2147483647
    return this.state % n
  }

  pick(list) {
    return list[this.below(list.length)]
  }

  num() {
    return this.pick([0, 1, -1, 0.1, 3, 1e308, -1e308, 5e-324])
  }

  rel() {
    return this.pick(['lt', 'le', 'eq', 'ne', 'ge', 'gt'])
  }

  field() {
    return this.pick(['price_in', 'price_out', 'context', 'latency_ms', 'call_cost', 'bucket'])
  }

  some(make) {
    return Array.from({ length: 1 + this.below(3) }, make)
  }

  pred(depth, pointwise = false) {
    const atoms = [
      ['top'],
      ['bot'],
      ['meets_req'],
      ['is', 'disabled'],
      ['cmp', this.field(), this.rel(), this.num()],
      ['min_tier', 'marketplace'],
      ['known', this.field()],
      ['has_cap', 'supports_tools'],
    ]
    if (depth === 0) return this.pick(atoms)
    const inner = () => this.pred(depth - 1, pointwise)
    switch (this.below(5)) {
      case 0:
        return ['and', ...this.some(inner)]
      case 1:
        return ['or', ...this.some(inner)]
      case 2:
        return ['not', inner()]
      case 3:
        return ['test', this.scorer(depth - 1, true), this.rel(), this.num()]
      default:
        return this.pick(atoms)
    }
  }

  scorer(depth, pointwise = false) {
    const plain = [['zero'], ['lit', this.num()], ['field', this.field()]]
    if (depth === 0) return this.pick(plain)
    const inner = () => this.scorer(depth - 1, pointwise)
    switch (this.below(7)) {
      case 0:
        return ['add', ...this.some(inner)]
      case 1:
        return ['scale', this.num(), inner()]
      case 2:
        return ['neg', inner()]
      case 3:
        return pointwise ? inner() : ['normalize', inner()]
      case 4:
        return ['clamp', this.num(), this.num(), inner()]
      case 5:
        return ['gate', this.pred(depth - 1, pointwise), inner()]
      default:
        return this.pick(plain)
    }
  }

  selector(depth) {
    const plain = [
      ['argmax'],
      ['ordered'],
      ['sample', this.num()],
      [
        'chain',
        [
          { provider: 'p1', model: 'm0' },
          { provider: 'p0', model: 'm1' },
        ],
      ],
    ]
    if (depth === 0) return this.pick(plain)
    switch (this.below(4)) {
      case 0:
        return ['top_k', 1 + this.below(4), this.selector(depth - 1)]
      case 1:
        return ['prefer', this.pred(2), this.selector(depth - 1)]
      case 2:
        return ['rank_by', this.scorer(2), this.selector(depth - 1)]
      default:
        return this.pick(plain)
    }
  }
}

test('every decision ends within its work, and puts every candidate in one place', () => {
  const terms = new Terms(20261123)
  for (let round = 0; round < 2000; round++) {
    const policy = policyWith({ filter: terms.pred(3), rank: terms.scorer(3), select: terms.selector(3) })
    const size = terms.below(MODELS.length + 1)
    const trace = []
    const decision = decide(policy, takeSnapshot(MODELS.slice(0, size), standard), NONE, terms.below(9), { trace })
    const bound = size === 0 ? 1 : 2 * work(policy.normal, size)
    const said = JSON.stringify(policy.normal)
    assert.ok(trace.length <= decision.charge && decision.charge <= bound, said)
    const { ordered, rejected, cut } = decision.toJSON()
    const everybody = [...ordered, ...rejected, ...cut].map(({ id }) => id).sort()
    assert.deepEqual(
      everybody,
      MODELS.slice(0, size).map(({ id }) => id),
      said,
    )
    assert.ok(
      ordered.every(({ score }) => !Object.is(score, -0)),
      said,
    )
  }
})
