import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { readJson } from '../src/json-text.js'
import { answer, hello } from '../src/subject.js'
import { generator } from './generator.js'

const VECTORS = fileURLToPath(new URL('../../../vectors/', import.meta.url))
const ROUNDS = Number(process.env.ROUNDS ?? 1)
const LONGEST = 2000

/** What readers may meet wherever something else is due. */
const STRANGE = [null, true, '', 'x', '__proto__', '\ud800', 0, -1, 0.5, 1e308, 10n ** 400n, [], [null], {}, { a: 1 }]

/** The members of an input that somebody else has written; the others are those of the protocol itself. */
const FOREIGN = new Set([
  'vocabulary',
  'term',
  'flow',
  'messages',
  'policy',
  'floor',
  'candidates',
  'state',
  'facts',
  'body',
  'value',
  'document',
  'old',
  'new',
  'seed',
])

/** The places of a value: of each a list or record in it, and the key there. */
function placesOf(value) {
  const places = []
  const open = [value]
  while (open.length > 0) {
    const around = open.pop()
    for (const key of Object.keys(around)) {
      places.push([around, key])
      if (typeof around[key] === 'object' && around[key] !== null) open.push(around[key])
    }
  }
  return places
}

function mangled(next, input) {
  const foreign = Object.keys(input).filter((key) => FOREIGN.has(key))
  if (foreign.length === 0) return undefined
  const copy = structuredClone(input)
  for (let changes = 1 + next(2); changes > 0; changes--) {
    const within = foreign[next(foreign.length)]
    const places = placesOf({ [within]: copy[within] })
    const [around, key] = places[next(places.length)]
    const strange = structuredClone(STRANGE[next(STRANGE.length)])
    if (around[key] === copy[within]) copy[within] = strange
    else if (next(4) > 0) around[key] = strange
    else if (Array.isArray(around)) around.splice(Number(key), 1, strange, around[key])
    else around[STRANGE[next(6)] ?? 'y'] = strange
  }
  return copy
}

test('whatever stands in an input, it is read or refused, and nothing is thrown', () => {
  const next = generator(17)
  const { kinds } = hello()
  let refused = 0
  for (const file of readdirSync(VECTORS, { recursive: true })
    .filter((name) => name.endsWith('.json'))
    .sort()) {
    const { kind, vectors } = readJson(readFileSync(join(VECTORS, file), 'utf8'), { lenient: true })
    if (!kinds.includes(kind)) continue
    for (const { id, input } of vectors) {
      if (JSON.stringify(input, (_, v) => (typeof v === 'bigint' ? 0 : v)).length > LONGEST) continue
      for (let round = 0; round < ROUNDS; round++) {
        const asked = mangled(next, input)
        if (asked === undefined) continue
        const reply = answer(kind, asked)
        if (reply.refused !== undefined) refused++
        if (reply.error?.startsWith('NoSuchRequest')) continue
        assert.equal(
          reply.error,
          undefined,
          `${id}: ${JSON.stringify(asked, (_, v) => (typeof v === 'bigint' ? 'big' : v))}`,
        )
      }
    }
  }
  assert.ok(refused > 1000, `${refused} are refused`)
})
