import assert from 'node:assert/strict'
import test from 'node:test'
import { readTerm, termBytes } from '../src/canonical.js'
import { firstRedex, normalForm } from '../src/normal-form.js'
import { load } from '../src/read.js'
import { SIGNATURE, nodesOf, subtermPlaces } from '../src/signature.js'
import { generator } from './generator.js'

const PARAMETERS = {
  Num: [0, 1, 0.5, -2],
  Count: [1, 2],
  Rel: ['lt', 'ge'],
  Scalar: [1, 'a', true],
  Names: [['b', 'a', 'b'], ['a']],
  Recipe: [['x'], [{ b: 1, a: 2 }]],
  Chain: [
    [
      { provider_id: 'p', model: 'm' },
      { provider: 'p', model_family: 'm' },
    ],
    [],
  ],
  Action: [{ action: 'abort' }, { action: 'retry_same', attempts: 1 }, { attempts: 1, action: 'retry_same' }],
}

function randomTerm(next, sort, depth) {
  const all = [...SIGNATURE.values()].filter((operation) => operation.sort === sort)
  const isLeaf = ({ variadic, subterms }) => !variadic && subterms.length === 0
  const choices = depth > 1 ? all : all.filter(isLeaf)
  const { op, args, variadic, subterms } = choices[next(choices.length)]
  const given = variadic ? Array.from({ length: 1 + next(4) }, () => args[0]) : args
  const made = given.map((arg, i) => {
    if (variadic || subterms.includes(i + 1)) return randomTerm(next, arg === 'Pointwise' ? 'Scorer' : arg, depth - 1)
    const values = PARAMETERS[arg] ?? ['a', 'b']
    return values[next(values.length)]
  })
  return [op, ...made]
}

/** Another way to write the same: siblings turned around, wrapped, written twice. */
function disguised(next, term) {
  const copy = term.slice()
  for (const place of subtermPlaces(term)) copy[place] = disguised(next, copy[place])
  const [op, ...args] = copy
  const sort = SIGNATURE.get(op).sort
  const turned = ['and', 'or', 'add'].includes(op) && next(2) === 0 ? [op, ...args.reverse()] : copy
  switch (next(6)) {
    case 0:
      if (sort === 'Pred') return ['not', ['not', turned]]
      return sort === 'Scorer' ? ['scale', 1, turned] : turned
    case 1:
      if (sort === 'Pred') return ['and', turned, ['top'], turned]
      return sort === 'Scorer' ? ['gate', ['top'], turned] : turned
    case 2:
      if (sort === 'Xform') return ['seq', ['id'], turned]
      return sort === 'Selector' ? ['prefer', ['bot'], turned] : turned
    default:
      return turned
  }
}

test('a normal form is in normal form, is no larger, and is read back from its bytes', () => {
  const next = generator(3)
  for (let i = 0; i < 1500; i++) {
    const term = load(randomTerm(next, ['Pred', 'Scorer', 'Selector', 'Xform', 'FailPlan', 'Policy'][i % 6], 5))
    const normal = normalForm(term)
    assert.deepEqual(normalForm(normal), normal)
    assert.equal(firstRedex(normal), undefined)
    assert.ok(nodesOf(normal).length <= nodesOf(term).length)
    assert.deepEqual(readTerm(termBytes(normal)), normal)
  }
})

test('two ways to write the same have one normal form', () => {
  const next = generator(5)
  for (let i = 0; i < 1500; i++) {
    const term = load(randomTerm(next, ['Pred', 'Scorer', 'Selector', 'Xform', 'Policy'][i % 5], 4))
    assert.deepEqual(normalForm(disguised(next, term)), normalForm(term), JSON.stringify(term))
  }
})

test('a dropped action of a nest does not come back to life', () => {
  const nest = [
    'override',
    ['override', ['always', { action: 'abort' }], 'r', { action: 'next_candidate' }],
    'r',
    { action: 'abort' },
  ]
  assert.deepEqual(normalForm(nest), ['always', { action: 'abort' }])
})
