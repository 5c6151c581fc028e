import assert from 'node:assert/strict'
import test from 'node:test'
import { answer, next } from '../src/failover.js'
import { vocabulary } from '../src/vocabulary.js'

const ORDERED = [
  ['p', 'm'],
  ['p', 'n'],
  ['q', 'n'],
  ['q', 'm'],
]

function followed(action, position = 0, retries = 0) {
  const { position: to, rules } = next(action, ORDERED, position, retries)
  return [to, ...rules]
}

test('each action goes where its name says', () => {
  assert.deepEqual(followed({ action: 'next_candidate' }), [1, 'next_candidate/advance'])
  assert.deepEqual(followed({ action: 'next_candidate' }, 3), [null, 'next_candidate/stop'])
  assert.deepEqual(followed({ action: 'next_provider_same_model' }), [3, 'next_provider_same_model/advance'])
  assert.deepEqual(followed({ action: 'next_provider_same_model' }, 3), [null, 'next_provider_same_model/stop'])
  assert.deepEqual(followed({ action: 'disable_provider' }), [2, 'disable_provider/advance'])
  assert.deepEqual(followed({ action: 'disable_provider' }, 2), [null, 'disable_provider/stop'])
  assert.deepEqual(followed({ action: 'abort' }), [null, 'abort/stop'])
})

test('a retry stays, waits, and then does something else', () => {
  const action = {
    action: 'retry_same',
    attempts: 3,
    backoff_ms: [10, 20],
    then_action: 'abort',
    open_breaker_ms: 5,
    house: 1,
  }
  assert.deepEqual(
    [0, 1, 2].map((retries) => next(action, ORDERED, 1, retries).wait_ms),
    [10, 20, 20],
  )
  const retry = next(action, ORDERED, 1, 2)
  assert.deepEqual([retry.position, retry.retries, retry.open_breaker_ms, retry.extra.house], [1, 3, null, 1])
  assert.deepEqual(followed(action, 1, 3), [null, 'retry_same/then', 'abort/stop'])
  assert.equal(next(action, ORDERED, 1, 3).open_breaker_ms, 5)
  assert.deepEqual(followed({ action: 'retry_same' }, 0, 0), [0, 'retry_same/again'])
  assert.deepEqual(followed({ action: 'retry_same' }, 0, 1), [1, 'retry_same/then', 'next_candidate/advance'])
})

test('the host is told to disable the provider also where the call stops', () => {
  assert.equal(next({ action: 'disable_provider' }, ORDERED, 3, 0).disable, 'q')
})

test('an override answers for its own reason only, unknown or not', () => {
  const plan = ['override', ['always', { action: 'abort' }], 'unknown', { action: 'next_candidate' }]
  const core = vocabulary('core')
  assert.equal(answer(plan, 'unknown', core).action.action, 'next_candidate')
  assert.equal(answer(plan, 'timeout', core).action.action, 'abort')
})
