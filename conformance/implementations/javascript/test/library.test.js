import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import test from 'node:test'
import * as library from '../src/index.js'

const { admit, bytesOf, decide, effective, factsOfChat, fingerprintOf, format, importPrices, lint, load } = library
const { normalForm, peerIdentity, read, readBytes, readCatalogueFile, readFacts, readVocabulary } = library
const { Refused, takeSnapshot, validate, vocabulary } = library

const POLICY = ['policy', ['and', ['is', 'no_log'], ['is', 'no_log']], ['zero'], ['argmax'], ['id'], ['always', { action: 'next_candidate' }]]
const MODELS = [
  { id: 'a', provider: 'p', family: 'm', fields: { no_log: true } },
  { id: 'b', provider: 'q', family: 'm', fields: { no_log: true } },
]
const policy = admit(POLICY, 'standard', { policy: true })
const snapshot = takeSnapshot(MODELS, 'standard')
const facts = readFacts({}, 'standard')

/** @param {number} levels */
function deep(levels) {
  let term = ['top']
  for (let i = 0; i < levels; i++) term = ['not', term]
  return term
}

/** The codes and pointers that something is refused with. */
function refusal(call) {
  try {
    call()
  } catch (error) {
    assert.ok(error instanceof Refused, `${call} throws ${error}`)
    return error.findings.map(({ code, pointer }) => `${code} ${pointer}`)
  }
  return assert.fail(`${call} refuses nothing`)
}

/** The line that a mistake is answered with. */
function mistake(call, kind = TypeError) {
  try {
    call()
  } catch (error) {
    assert.equal(error.constructor, kind, `${call} throws ${error.stack}`)
    return error.message
  }
  return assert.fail(`${call} throws nothing`)
}

test('a term has one name and one form of bytes, however it is written and whatever stage it is in', () => {
  const written = ['and', ['is', 'no_log'], ['is', 'no_log']]
  const admitted = admit(written, 'standard')
  for (const given of [written, admitted, admitted.term, admitted.normal]) {
    assert.equal(fingerprintOf(given), admitted.fingerprint)
    assert.deepEqual(bytesOf(given), bytesOf(['is', 'no_log']))
    assert.deepEqual(normalForm(given), ['is', 'no_log'])
  }
  assert.equal(fingerprintOf(effective(policy)), policy.fingerprint)
})

test('the bytes of an effective policy are read back, beyond the bounds of a term', () => {
  const many = (/** @type {number} */ from) => ['or', ...Array.from({ length: 4000 }, (_, i) => ['provider_eq', `p${from + i}`])]
  const wide = admit(['policy', many(0), ...POLICY.slice(2)], 'core')
  const running = effective(wide, many(4000))
  assert.equal(fingerprintOf(running), running.fingerprint)
  assert.deepEqual(readBytes(bytesOf(running), { effective: true }), running.normal)
  assert.match(refusal(() => readBytes(bytesOf(running)))[0], /^PIR0302 /)
})

test('what is no term is refused wherever a term is due', () => {
  const takers = [load, normalForm, fingerprintOf, bytesOf, peerIdentity, (term) => admit(term, 'standard'), (term) => lint(term, 'standard')]
  for (const take of takers) {
    assert.deepEqual(refusal(() => take(['nope'])), ['PIR0202 /0'])
    assert.deepEqual(refusal(() => take('x')), ['PIR0201 '])
    assert.deepEqual(refusal(() => take(3)), ['PIR0201 '])
    assert.deepEqual(refusal(() => take(null)), ['PIR0115 '])
    assert.deepEqual(refusal(() => take(undefined)), ['PIR0214 '])
    assert.equal(refusal(() => take(deep(100000))).length, 1)
  }
  assert.deepEqual(validate(deep(100000)).findings.map(({ code }) => code), ['PIR0301'])
  assert.deepEqual(validate(null).findings.map(({ code }) => code), ['PIR0115'])
})

test('a finding says what was found and what is due', () => {
  const [finding] = validate(3).findings
  assert.deepEqual(Object.keys(finding), ['code', 'pointer', 'message', 'found', 'expected'])
})

test('data that is wrong is refused, and is no mistake of the program', () => {
  assert.deepEqual(refusal(() => vocabulary(null)), ['PIR0701 '])
  assert.deepEqual(refusal(() => vocabulary('nope')), ['PIR0702 null'])
  assert.deepEqual(refusal(() => takeSnapshot(null, 'core')), ['PIR0601 '])
  assert.deepEqual(refusal(() => readFacts(null, 'core')), ['PIR0710 '])
  assert.equal(refusal(() => factsOfChat(null, 'core')).length, 1)
  assert.deepEqual(refusal(() => importPrices(null, 'litellm', 'standard')), ['PIR0607 '])
  assert.deepEqual(refusal(() => effective(policy, 3)), ['PIR0740 '])
  assert.deepEqual(refusal(() => decide(policy, snapshot, facts, 0.5)), ['PIR0730 '])
  assert.deepEqual(refusal(() => snapshot.update(null)), ['PIR0601 '])
})

test('the name of a shipped vocabulary stands for it, and a vocabulary for itself', () => {
  const standard = vocabulary('standard')
  assert.equal(vocabulary(standard), standard)
  assert.equal(takeSnapshot(MODELS, 'standard').fingerprint, takeSnapshot(MODELS, standard).fingerprint)
  assert.equal(validate(POLICY, { vocabulary: 'standard' }).policy.vocabulary, standard)
  assert.deepEqual(lint(policy, 'standard', snapshot), lint(policy.term, standard, snapshot))
  assert.equal(importPrices({ 'p/m': { litellm_provider: 'p', mode: 'chat' } }, 'litellm', 'standard').candidates.length, 1)
  const file = JSON.stringify({ catalog: 1, vocabulary: 'standard', candidates: MODELS })
  assert.equal(readCatalogueFile(file, 'standard').fingerprint, snapshot.fingerprint)
  assert.equal(factsOfChat({ messages: [] }, 'standard', facts).privacy, 'standard')
})

test('where a vocabulary is due, anything else is a mistake', () => {
  const takers = [
    (given) => admit(['top'], given),
    (given) => lint(['top'], given),
    (given) => takeSnapshot([], given),
    (given) => readFacts({}, given),
    (given) => factsOfChat({}, given),
    (given) => importPrices({}, 'litellm', given),
  ]
  const due = 'due is a vocabulary, `core` or `standard`'
  for (const take of takers) {
    assert.equal(mistake(() => take(undefined)), `\`vocabulary\` is undefined; ${due}`)
    assert.equal(mistake(() => take({ ...vocabulary('core') })), `\`vocabulary\` is an object; ${due}`)
    assert.equal(mistake(() => take('nope'), RangeError), `\`vocabulary\` is the string \`nope\`; ${due}`)
  }
  assert.equal(mistake(() => validate(POLICY, { vocabulary: 'nope' }), RangeError), `\`vocabulary\` is the string \`nope\`; ${due}`)
})

test('where a text or bytes are due, anything else is a mistake', () => {
  for (const take of [read, readVocabulary, readCatalogueFile, (given) => format(given, 'wire')]) {
    assert.equal(mistake(() => take(null)), '`source` is null; due is a string or a Uint8Array')
    assert.equal(mistake(() => take(5)), '`source` is 5; due is a string or a Uint8Array')
    assert.equal(mistake(() => take(['top'])), '`source` is a list; due is a string or a Uint8Array')
  }
  assert.equal(mistake(() => readBytes('81')), '`bytes` is the string `81`; due is a Uint8Array')
  assert.equal(mistake(() => readBytes(new ArrayBuffer(1))), '`bytes` is an object of the class `ArrayBuffer`; due is a Uint8Array')
})

test('a choice that there is not is a mistake, whatever the text', () => {
  assert.equal(mistake(() => format('nonsense (', 'yaml'), RangeError), '`to` is the string `yaml`; due is `wire` or `authoring`')
  assert.equal(mistake(() => format('filter no_log')), '`to` is undefined; due is `wire` or `authoring`')
  assert.equal(
    mistake(() => read('nonsense (', { syntax: 'yaml' }), RangeError),
    '`syntax` is the string `yaml`; due is `wire`, `authoring` or `auto`',
  )
  assert.match(mistake(() => read('filter no_log', { sort: 'Filter' }), RangeError), /^`sort` is the string `Filter`; due is `Policy`, /)
  assert.match(mistake(() => load(['top'], { sort: 3 })), /^`sort` is 3; due is /)
  assert.equal(
    mistake(() => importPrices({}, 'csv', 'core'), RangeError),
    '`format` is the string `csv`; due is `litellm`, `openrouter` or `models.dev`',
  )
})

test('an option that there is not, or that is no flag, is a mistake', () => {
  assert.equal(mistake(() => admit(POLICY, 'core', { polcy: true })), '`options` has the key `polcy`; due are none but `policy`')
  assert.equal(mistake(() => admit(POLICY, 'core', { policy: 'yes' })), '`policy` is the string `yes`; due is a boolean')
  assert.equal(mistake(() => validate(POLICY, 'core')), '`options` is the string `core`; due is an object')
  assert.equal(mistake(() => read('filter no_log', null)), '`options` is null; due is an object')
  assert.equal(mistake(() => readBytes(bytesOf(['top']), { effective: 1 })), '`effective` is 1; due is a boolean')
})

test('a decision is made of an admitted policy as of an effective one without a floor', () => {
  const decision = decide(policy, snapshot, facts, 1)
  assert.deepEqual(decision.toJSON(), decide(effective(policy), snapshot, facts, 1).toJSON())
  assert.equal(decision.toJSON().policy, policy.fingerprint)
})

test('a decision is made of nothing else', () => {
  const due = 'due is what `validate`, `admit` or `effective` gives'
  assert.equal(mistake(() => decide()), `\`policy\` is undefined; ${due}`)
  assert.equal(mistake(() => decide(POLICY, snapshot, facts)), `\`policy\` is a list; ${due}`)
  assert.equal(mistake(() => decide({ ...policy }, snapshot, facts)), `\`policy\` is an object; ${due}`)
  assert.equal(mistake(() => decide(validate('filter (').policy, snapshot, facts)), `\`policy\` is null; ${due}`)
  assert.equal(mistake(() => decide(admit(['top'], 'standard'), snapshot, facts)), '`policy` is an admitted Pred; due is an admitted Policy')
  assert.equal(mistake(() => decide(policy, MODELS, facts)), '`snapshot` is a list; due is what `takeSnapshot` or `readCatalogueFile` gives')
  assert.equal(mistake(() => decide(policy, snapshot, {})), '`facts` is an object; due is what `readFacts` or `factsOfChat` gives')
  assert.equal(mistake(() => decide(policy, snapshot)), '`facts` is undefined; due is what `readFacts` or `factsOfChat` gives')
  assert.equal(mistake(() => decide(policy, snapshot, facts, 1, { workLimit: NaN }), RangeError), '`workLimit` is NaN; due is an integral number from 0')
  assert.equal(mistake(() => decide(policy, snapshot, facts, 1, { trace: {} })), '`trace` is an object; due is a list')
  assert.equal(mistake(() => effective(effective(policy))), '`policy` is an object of the class `Effective`; due is what `validate` or `admit` gives')
  assert.equal(mistake(() => effective(admit(['top'], 'core'))), '`policy` is an admitted Pred; due is an admitted Policy')
})

test('what meets in a call is under one vocabulary', () => {
  const core = takeSnapshot([], 'core')
  assert.match(mistake(() => decide(policy, core, facts)), /^`snapshot` is under the vocabulary `core` \(blake3:.{7}\); due is `standard` /)
  assert.match(mistake(() => decide(policy, snapshot, readFacts({}, 'core'))), /^`facts` is under the vocabulary `core` /)
  assert.match(mistake(() => factsOfChat({ messages: [] }, 'core', facts)), /^`facts` is under the vocabulary `standard` /)
  assert.match(mistake(() => lint(['top'], 'core', snapshot)), /^`snapshot` is under the vocabulary `standard` /)
})

test('vocabularies that declare the same are one', () => {
  const house = vocabulary({ vocabulary: 1, name: 'house', extends: 'standard' })
  const decision = decide(admit(POLICY, house), snapshot, readFacts({}, house))
  assert.equal(decision.fingerprint, decide(policy, snapshot, facts).fingerprint)
})

test('a decision answers for the positions that it has', () => {
  const decision = decide(policy, snapshot, facts)
  const due = 'due is the number, from 0, of an entry of `ordered`, which has 2'
  for (const ask of [(position) => decision.attempt(position, {}), (position) => decision.next(position, 0, 'x')]) {
    assert.equal(mistake(() => ask(9), RangeError), `\`position\` is 9; ${due}`)
    assert.equal(mistake(() => ask(0.5), RangeError), `\`position\` is 0.5; ${due}`)
    assert.equal(mistake(() => ask('0')), `\`position\` is the string \`0\`; ${due}`)
    assert.equal(mistake(() => ask(decision.next(1, 0, 'x').position)), `\`position\` is null; ${due}`)
  }
  assert.equal(mistake(() => decision.attempt(0)), '`request` is undefined; due is an object')
  assert.equal(mistake(() => decision.next(0, -1, 'x'), RangeError), '`retries` is -1; due is an integral number from 0')
  assert.equal(mistake(() => decision.next(0, 0)), '`reason` is undefined; due is a string')
})

test('nothing of what has a fingerprint can be changed', () => {
  const running = effective(policy, ['top'])
  for (const given of [policy, policy.term, policy.normal, policy.normal[5][1], running, running.normal[1], policy.vocabulary]) {
    assert.ok(Object.isFrozen(given))
  }
  const given = structuredClone(POLICY)
  admit(given, 'standard')
  assert.ok(!Object.isFrozen(given) && !Object.isFrozen(given[1]))
})

test('whatever is given to whatever is exported, the answer is a refusal or names the argument', () => {
  const strange = [undefined, null, true, 5, NaN, 1n, 'x', '', Symbol('s'), () => {}, [], {}, [[]], new Map(), new Date(0), new Uint8Array(2)]
  strange.push(Object.create(null), 'standard', policy, snapshot, facts, vocabulary('core'), effective(policy), deep(100000), 'wire')
  for (const [name, ask] of Object.entries(library)) {
    if (name === 'Refused') continue
    for (const first of strange) {
      for (const second of strange) {
        for (const third of [undefined, null, 'standard', {}, 5]) {
          try {
            ask(first, second, third)
          } catch (error) {
            if (error instanceof Refused) assert.ok(error.findings.length > 0)
            else assert.match(error.message, /^`[a-zA-Z]+` (?:is|has) .*; due (?:is|are) .*[^.]$/, `${name}: ${error.stack}`)
          }
        }
      }
    }
  }
})

test('the table of the README has what is exported', () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
  const rows = [...readme.matchAll(/^\| `(\w+)/gm)].map(([, name]) => name)
  assert.deepEqual(rows.sort(), Object.keys(library).sort())
})
