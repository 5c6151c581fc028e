import assert from 'node:assert/strict'
import test from 'node:test'
import { readJson } from '../src/json-text.js'
import { Refused } from '../src/refused.js'
import { generator } from './generator.js'

const TEXTS = [
  '["and", ["is", "no_log"], {"a": [1, 2.5e-3, -0.0], "b": {}, "": true}, false, "\\u00e9\\ud83d\\ude00\\n\\/", []]',
  '{"action": "retry_same", "attempts": 2, "backoff_ms": [250, 5e2], "__proto__": {"x": null}}',
  '[[[["deep"], 0], -1], 1E+2, 12345678901234567890, 0.1, "\u2028 \u{1f600}"]',
]
const PIECES = [
  '[',
  ']',
  '{',
  '}',
  ',',
  ':',
  '"',
  '\\',
  'null',
  'true',
  'tru',
  '1',
  '-',
  '.',
  'e',
  '0',
  ' ',
  '\n',
  '\u00a0',
  '\ufeff',
  '/',
  "'",
  '#',
]

function changed(next, text) {
  let result = text
  for (let changes = next(3); changes > 0; changes--) {
    const at = next(result.length + 1)
    result = result.slice(0, at) + (next(4) === 0 ? '' : PIECES[next(PIECES.length)]) + result.slice(at + next(2))
  }
  return result
}

/** What the engine reads; undefined where it refuses. */
function byEngine(text) {
  try {
    return { value: JSON.parse(text) }
  } catch {
    return undefined
  }
}

test('a text is JSON exactly if the engine says so, but for what the language leaves out', () => {
  const next = generator(13)
  let accepted = 0
  for (let i = 0; i < 30000; i++) {
    const text = changed(next, TEXTS[next(TEXTS.length)])
    const due = byEngine(text)
    try {
      const value = readJson(text, { nulls: true })
      assert.notEqual(due, undefined, text)
      assert.deepEqual(
        value,
        JSON.parse(text, (_, part) => (part === 0 ? 0 : part)),
        text,
      )
      accepted++
    } catch (error) {
      if (!(error instanceof Refused)) throw error
      const [{ code }] = error.findings
      // The engine has no quarrel with these four.
      if (!['PIR0110', 'PIR0111', 'PIR0113', 'PIR0114'].includes(code)) assert.equal(due, undefined, `${code} ${text}`)
    }
  }
  assert.ok(accepted > 3000, `${accepted}`)
})

test('a message is read whatever the engine reads', () => {
  const next = generator(17)
  for (let i = 0; i < 10000; i++) {
    const text = changed(next, TEXTS[next(TEXTS.length)])
    const due = byEngine(text)
    if (due === undefined) assert.throws(() => readJson(text, { lenient: true }), Refused, text)
    else assert.deepEqual(readJson(text, { lenient: true }), due.value, text)
  }
})

test('the first thing that is wrong in a text decides', () => {
  const codes = {
    '[1, 2,]': 'PIR0106',
    '[1, // one\n]': 'PIR0106',
    '[1, // one\n2]': 'PIR0116',
    '["top"] ]': 'PIR0104',
    '["top"] # why': 'PIR0116',
    '["top"] nul': 'PIR0107',
    '{"a"}': 'PIR0102',
    '{"a" 1}': 'PIR0105',
    '{"a": [}': 'PIR0103',
    '[}': 'PIR0104',
    '[': 'PIR0103',
    '[+]': 'PIR0109',
    '[.]': 'PIR0109',
    '[-Infinity]': 'PIR0112',
    '[+nan]': 'PIR0112',
    '[True]': 'PIR0101',
    '{null: 1}': 'PIR0102',
    '[1 null]': 'PIR0105',
    '["a\nb"]': 'PIR0108',
    "['a' 'b']": 'PIR0117',
    '[1e400, 1e-400]': 'PIR0110',
    '[2.4703282292062327e-324]': 'PIR0111',
    '{"a": 1, "\\u0061": 2}': 'PIR0114',
  }
  for (const [text, code] of Object.entries(codes)) {
    assert.throws(
      () => readJson(text),
      (error) => error.findings[0].code === code,
      text,
    )
  }
})

test('how far a word and a malformed number reach decides what comes first', () => {
  const codeOf = (text) => {
    try {
      readJson(text)
    } catch (error) {
      return error.findings[0].code
    }
    return undefined
  }
  for (const text of ['[2938$', '[true$]', '[1\u0301]', '[2938\u00e9]', '[1\u00b2]', '[0\u{31df5}]'])
    assert.equal(codeOf(text), 'PIR0101', text)
  for (const text of ['[2938_1]', '[12ab]', '[1-2]', '[-x]']) assert.equal(codeOf(text), 'PIR0109', text)
  for (const text of ['[nan$]', '[-inf$]']) assert.equal(codeOf(text), 'PIR0112', text)
  assert.equal(codeOf('["\\udabb\\udcx"]'), 'PIR0113')
  assert.equal(codeOf('["\\x\\ud840"]'), 'PIR0108')
  // A backslash does not carry a string over the end of its line.
  for (const end of ['\n', '\r', '\r\n']) assert.equal(codeOf(`["\\ud800\\${end}"]`), 'PIR0108')
})

test('a comma before a bracket that closes something else is no trailing comma', () => {
  for (const [text, code] of [
    ['["a", }', 'PIR0104'],
    ['{"a": ["b", }', 'PIR0103'],
    ['["a", ]', 'PIR0106'],
  ]) {
    assert.throws(
      () => readJson(text),
      (error) => error.findings[0].code === code,
    )
  }
})
