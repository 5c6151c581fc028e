import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import test from 'node:test'
import * as library from '../src/index.js'
import { MESSAGE_BYTES, assemble } from '../src/flows/assembly.js'
import { parseFlow } from '../src/flows/authoring.js'
import { cyclesOf, shortestCycle } from '../src/flows/graph.js'
import { schedule } from '../src/flows/run.js'
import { findingsOf } from './findings.js'
import { generator } from './generator.js'

const { admitFlow, bytesOfFlow, estimateFlow, fingerprintOfFlow, formatFlow, lintFlow, loadFlow } = library
const { normalFlow, readFlow, readFlowBytes, readFacts, seedOfNode, startFlow, takeSnapshot } = library

const CHAPTER = readFileSync(new URL('../../../../docs/spec/flows.md', import.meta.url), 'utf8')
const EXAMPLE = CHAPTER.split('```policy')[1].split('```')[0]
const POLICY = ['policy', ['top'], ['zero'], ['argmax'], ['id'], ['always', { action: 'next_candidate' }]]
const MESSAGES = [{ role: 'user', content: 'q' }]

const call = (/** @type {string[]} */ inputs, rest = {}) => ['llm', { system: '', policy: POLICY, inputs, ...rest }]
const codes = (/** @type {string} */ text) => findingsOf(() => readFlow(text, { syntax: 'authoring' })).map(([code]) => code)
const graph = (/** @type {Record<string, any>} */ nodes) => findingsOf(() => admitFlow(['flow', nodes], 'standard'))

/** A node with one more setting, in a flow. */
const node = (/** @type {string} */ settings) => `flow { llm a(q) { policy { } ${settings} } }`

test('the flow of the chapter is read, admitted, and says the same however it is written', () => {
  const flow = readFlow(EXAMPLE)
  assert.deepEqual(Object.keys(flow[1]), ['question', 'draft', 'verify', 'answer'])
  assert.equal(admitFlow(flow, 'standard').last, 'verify')
  for (const to of ['wire', 'authoring']) {
    const written = formatFlow(EXAMPLE, to)
    assert.deepEqual(readFlow(written), flow)
    assert.equal(formatFlow(written, to), written)
  }
})

test('each cause of the authoring syntax of flows has its code', () => {
  const causes = {
    PIR0005: ['', '# nothing'],
    PIR0102: ['flow (', 'flow { , }', 'flow { input }', 'flow { output o(a, b) }', node('system'), node(';;')],
    PIR0103: ['flow {', 'flow { llm a(q', 'flow { llm a(q) {', 'flow { policy p { filter a', 'flow { llm a(q } }'].concat(
      ['flow { llm a(q { } }', 'flow { llm a({ } }', 'flow { output o(a { }', node('llm b(q) { }'), node('input b')],
    ),
    PIR0104: ['flow { ) }', 'flow { llm a(q) ] }'],
    PIR0105: ['flow { llm a(b c) { policy { } } }'],
    PIR0107: ['flow { } x', 'flow { } }'],
    PIR0108: [node('system "x'), node('system """x\n"""'), node('system """\nx"""'), node('system """\n'), node('system """\n\\q\n"""')],
    PIR0113: [node('system """\n\\ud800\n"""')],
    PIR0125: [node('system x'), node('template `x`')],
    PIR0126: ['flow { input "a" }', node('on_error "fail"')],
    PIR0127: ['flow { input filter }'],
    PIR0310: [`flow { policy p { filter ${'('.repeat(128)}`],
    PIR0205: ['flow { llm a(5) }', 'flow { output o(*) }', node('on_error 5'), node('system 5'), node('template ()'), node('system *')],
    PIR1001: ['filter a', '{', '5'],
    PIR1006: ['flow { llm a(q) { system "x" } }'],
    PIR1007: [node('on_error stop'), node('on_error `fail`')],
    PIR1008: ['flow { input `a b` }', `flow { input ${'a'.repeat(65)} }`],
    PIR1010: [`flow { ${Array.from({ length: 257 }, (_, i) => `input a${i}`).join(' ')} }`],
    PIR1011: [`flow { llm a(${Array.from({ length: 33 }, (_, i) => `a${i}`)}) { policy { } } }`],
    PIR1012: [node(`system "${'x'.repeat(32769)}"`)],
    PIR1040: ['flow { foo }', 'flow { system "x" }', node('foo')],
    PIR1041: ['flow { input a output a(b) }', 'flow { policy p { } policy p { } }'],
    PIR1014: [
      `flow { policy p { filter provider == "${'x'.repeat(200)}" ${'#'.repeat(70000)}\n} ${Array.from({ length: 60 }, (_, i) => `llm a${i}(q) { policy p }`).join(' ')} }`,
    ],
    PIR1042: ['flow { llm a(q) { policy p } }', 'flow { llm a(q) { policy p system foo } }'],
    PIR1043: [node('system "a" system "b"'), node('policy { }')],
    PIR1046: [node('system """\n  x\n y\n  """')],
  }
  for (const [code, texts] of Object.entries(causes)) {
    for (const text of texts) assert.equal(codes(text)[0], code, text)
  }
})

test('a policy may stand behind the node that names it, whatever is wrong with that', () => {
  assert.deepEqual(codes('flow { llm a(q) { policy p system foo } policy p { } }'), ['PIR0125'])
  assert.deepEqual(codes(`flow { llm a(q) { policy p } policy p { filter ${'('.repeat(129)} } }`), ['PIR0310'])
})

test('findings come in the order of the text, and point at the first node that uses a policy', () => {
  const text = 'flow { llm a(q) { policy p } llm b(q) { policy { rank top } } policy p { filter zero } policy r { rank bot } }'
  assert.deepEqual(
    findingsOf(() => readFlow(text)),
    [
      ['PIR0203', '/1/b/1/policy/2'],
      ['PIR0203', '/1/a/1/policy/1'],
      ['PIR0203', null],
    ],
  )
})

test('a policy that no node uses is warned of', () => {
  const { warnings } = parseFlow('flow { policy p { } policy r { } llm a(q) { policy p } }')
  assert.deepEqual(
    warnings.map(({ code, message }) => [code, message]),
    [['PIR1044', 'no node uses the policy `r`']],
  )
})

test('what is wrong in a block is found where it stands', () => {
  const of = (/** @type {string} */ lines) => codes(node(`system """\n${lines}\n  """`))
  assert.deepEqual(of('  \\q\n x'), ['PIR0108', 'PIR1046'])
  assert.deepEqual(of(' x\n\n  a \\q'), ['PIR1046', 'PIR0108'])
  assert.deepEqual(of(' x\n  \\ud800'), ['PIR1046'])
  assert.deepEqual(of('  \\ud800'), ['PIR0113'])
})

test('a block has its lines without the indentation of its closing quotes', () => {
  const texts = {
    '"""\n"""': '',
    '"""\n\n"""': '',
    '"""\n\n\n"""': '\n',
    '""" \t\r\n  a\r\n\n   b\t\n  """': 'a\n\n b\t',
    '"""\n\t \n  \\u0020\n  """': '\n ',
    '"""\na\\nb \\""" ""c\n"""': 'a\nb """ ""c',
  }
  for (const [block, text] of Object.entries(texts)) {
    assert.equal(readFlow(node(`system ${block}`))[1].a[1].system, text, block)
  }
})

test('whatever a text holds, it is written in one way and read back', () => {
  const pieces = ['"', '""', '\n', ' ', '\t', 'a', '\\', '\r', '\u0000', '\u202e', '\u{1f600}']
  for (const first of pieces) {
    for (const second of pieces) {
      for (const third of ['', '\n', '"', ' \n', '"""']) {
        const system = first + second + third
        const flow = loadFlow(['flow', { a: call(['q'], { system }) }])
        const written = formatFlow(JSON.stringify(flow), 'authoring')
        assert.deepEqual(readFlow(written), flow, written)
        assert.doesNotMatch(written, /[ \t]\n/)
      }
    }
  }
})

test('what nodes share is named where the source has no names, and stays as it is where it has', () => {
  const flow = { q: ['input'], a: call(['q']), b: call(['a']), o: ['output', 'b'] }
  const written = formatFlow(JSON.stringify(['flow', flow]), 'authoring')
  assert.match(written, /^flow \{\n {2}policy p1 \{\n {4}filter {3}top\n[^]*\n {2}\}\n\n {2}input q\n/)
  assert.equal(written.match(/policy p1\n/g).length, 2)
  const apart = 'flow {\n  llm a(q) {\n    policy {\n    }\n  }\n  llm b(q) {\n    policy {\n    }\n  }\n}\n'
  assert.equal(formatFlow(apart, 'authoring').match(/policy \{/g).length, 2)
})

test('comments go along with what they stand at', () => {
  const text = `# before
flow { # in
  # at p
  policy p { # clause
    filter a # behind a
  } # behind p


  llm x( # head
    q) { # settings
    on_error fail # gone
    # text
    system "s" # behind s
    policy p
    # last
  }
  # end
} # behind
# after`
  const written = formatFlow(text, 'authoring')
  assert.equal(
    written,
    `# before
flow {
  # in
  # at p
  policy p {
    # clause
    filter   a  # behind a
    rank     zero
    select   argmax
    mutate   id
    fallback next_candidate
  }  # behind p

  # head
  llm x(q) {
    policy p
    # text
    system "s"  # behind s
    # settings
    # gone
    # last
  }
  # end
}  # behind
# after
`,
  )
  assert.equal(formatFlow(written, 'authoring'), written)
})

test('what the wire form forbids is found at its place', () => {
  const nodes = (/** @type {any} */ given) => findingsOf(() => loadFlow(['flow', given]))
  assert.deepEqual(findingsOf(() => loadFlow(['top'])), [['PIR1001', '']])
  assert.deepEqual(findingsOf(() => loadFlow(null)), [['PIR0115', '']])
  assert.deepEqual(nodes({ 'a b': ['foo'] }), [
    ['PIR1008', '/1/a b'],
    ['PIR1002', '/1/a b/0'],
  ])
  assert.deepEqual(nodes({ a: ['llm', { x: 1, on_error: 'stop', inputs: [1] }] }), [
    ['PIR1005', '/1/a/1/x'],
    ['PIR1007', '/1/a/1/on_error'],
    ['PIR1004', '/1/a/1/inputs/0'],
    ['PIR1006', '/1/a/1'],
    ['PIR1006', '/1/a/1'],
  ])
  assert.deepEqual(nodes({ a: call([], { policy: ['top'] }), b: ['input', 1] }), [
    ['PIR0203', '/1/a/1/policy'],
    ['PIR1003', '/1/b'],
  ])
})

test('the shape of a graph is looked at where its parts are right', () => {
  const ends = { q: ['input'], o: ['output', 'z'] }
  assert.deepEqual(graph({ ...ends, z: call(['q']) }), [])
  assert.deepEqual(graph({ ...ends, z: call(['q', 'q', 'n', 'o'], { template: '$5' }) }), [
    ['PIR1022', '/1/z/1/inputs/2'],
    ['PIR1023', '/1/z/1/inputs/3'],
    ['PIR1024', '/1/z/1/inputs/1'],
    ['PIR1028', '/1/z/1/template'],
    ['PIR1025', '/1/o'],
  ])
  assert.deepEqual(graph({ ...ends, z: call(['q']), a: call(['q']), b: call([]) }), [
    ['PIR1026', '/1/b'],
    ['PIR1027', '/1/a'],
    ['PIR1027', '/1/b'],
  ])
  assert.deepEqual(graph({}), [
    ['PIR1020', '/1'],
    ['PIR1021', '/1'],
  ])
})

test('cycles are found once each, and shown by a shortest way, however long they are', () => {
  const length = 100000
  const ring = Array.from({ length }, (_, i) => [(i + 1) % length])
  assert.deepEqual(cyclesOf(ring).map((one) => one.length), [length])
  assert.equal(shortestCycle(ring, 0).length, length + 1)
  assert.deepEqual(cyclesOf([[1, 2], [0], [2], [2]]), [[0, 1], [2]])
  assert.deepEqual(shortestCycle([[1, 2], [2], [0]], 0), [0, 2, 0])
})

test('the bytes of a flow are those of its normal form, and no others are read', () => {
  const flow = loadFlow(['flow', { b: ['input'], a: call(['b'], { on_error: 'fail' }) }])
  const other = loadFlow(['flow', { a: call(['b']), b: ['input'] }])
  assert.equal(fingerprintOfFlow(flow), fingerprintOfFlow(other))
  assert.deepEqual(readFlowBytes(bytesOfFlow(flow)), normalFlow(flow))
  assert.deepEqual(
    findingsOf(() => readFlowBytes(library.bytesOf(['top']))),
    [['PIR0805', null]],
  )
})

test('an input that a template drops is warned of', () => {
  const flow = ['flow', { q: ['input'], a: call(['q']), b: call(['q', 'a'], { template: '$$2' }), o: ['output', 'b'] }]
  assert.deepEqual(
    lintFlow(flow, 'standard').map(({ code, pointer }) => [code, pointer]),
    [['PIR1045', '/1/b/1/inputs/0']],
  )
})

test('what is too long is never made', () => {
  const long = 'x'.repeat(MESSAGE_BYTES)
  assert.equal(assemble({ system: '' }, [long]).rule, 'assemble/single')
  assert.deepEqual(assemble({ system: '' }, [`${long}x`]), { rule: 'assemble/limit' })
  assert.deepEqual(assemble({ system: '', template: '$1'.repeat(16384) }, [long]), { rule: 'assemble/limit' })
})

test('the outcome of a schedule does not depend on the priority', () => {
  const nodes = { q: ['input'], a: call(['q']), b: call(['q'], { on_error: 'input' }), c: call(['a', 'b']), o: ['output', 'c'] }
  const flow = admitFlow(['flow', nodes], 'standard')
  const answers = new Map([
    ['a', { text: 'A' }],
    ['c', { text: 'C' }],
  ])
  const [first, second] = [[], ['c', 'b', 'nobody', 'b']].map((priority) => schedule(flow, MESSAGES, answers, priority))
  assert.notDeepEqual(first.steps, second.steps)
  assert.deepEqual([...first.steps].sort(), [...second.steps].sort())
  assert.deepEqual(first.values, second.values)
  assert.deepEqual(first.outcome, { returned: 'C' })
  assert.deepEqual(first.values, [
    ['a', 'A'],
    ['b', 'q'],
    ['c', 'C'],
  ])
})

test('a host takes each call once, and a flow fails with the first node that has failed', () => {
  const nodes = { q: ['input'], a: call(['q']), b: call(['q']), c: call(['a', 'b']), o: ['output', 'c'] }
  const flow = admitFlow(['flow', nodes], 'standard')
  const run = startFlow(flow, { messages: MESSAGES, stream: true })
  assert.deepEqual(run.take(), [
    { node: 'a', request: { messages: MESSAGES } },
    { node: 'b', request: { messages: MESSAGES } },
  ])
  assert.deepEqual(run.take(), [])
  run.answer('a', 'A')
  assert.throws(() => run.answer('a', 'A'), /^TypeError: `node` is the string `a`; due is /)
  assert.equal(run.outcome, null)
  run.fail('b', 'timeout')
  assert.deepEqual(run.take(), [])
  assert.deepEqual(run.outcome, { failed: [['b', 'timeout']] })

  const other = startFlow(flow, { messages: MESSAGES, stream: true })
  for (const { node: name } of other.take()) other.answer(name, name.toUpperCase())
  const [{ request }] = other.take()
  assert.deepEqual({ ...request }, { messages: [{ role: 'user', content: '[input 1]\nA\n\n[input 2]\nB' }], stream: true })
  other.answer('c', 'C')
  assert.deepEqual(other.outcome, { returned: 'C' })
})

test('two nodes draw apart, and a flow costs what its calls cost', () => {
  assert.notEqual(seedOfNode(1, 'a'), seedOfNode(1, 'b'))
  assert.equal(seedOfNode(null, 'a'), undefined)
  assert.ok(Number.isSafeInteger(seedOfNode(1, 'a')))
  const nodes = { q: ['input'], a: call(['q']), b: call(['a']), o: ['output', 'b'] }
  const flow = admitFlow(['flow', nodes], 'standard')
  const snapshot = takeSnapshot([{ id: 'm', provider: 'p', family: 'f', fields: { price_in: 1, price_out: 2 } }], 'standard')
  const { usd, nodes: calls } = estimateFlow(flow, snapshot, readFacts({}, 'standard'), { messages: MESSAGES })
  assert.equal(usd, calls[0].usd + calls[1].usd)
  assert.ok(calls[0].usd < calls[1].usd)
})

test('whatever tokens a flow is made of, it is read or refused, and what is read is written', () => {
  const words = (
    'flow { } ( ) [ ] , ; : policy input llm output system template on_error fail filter rank select mutate a b `c d` ' +
    '"s" 5 * < and not top in fallback abort on argmax id'
  )
    .split(' ')
    .concat('"""\n x\n """', '"""', '# c\n')
  const whole = ['input q', 'llm a(q) {', 'policy p {', 'policy p', 'policy {', 'output o(a)', '}', '} }', 'filter a']
  const draw = generator(23)
  let accepted = 0
  for (let i = 0; i < 20000; i++) {
    const parts = Array.from({ length: 1 + draw(10) }, () => (draw(3) > 0 ? whole[draw(whole.length)] : words[draw(words.length)]))
    const text = `flow { ${parts.join(' ')} }`
    if (codes(text).length > 0) continue
    accepted++
    const written = formatFlow(text, 'authoring')
    assert.deepEqual(readFlow(written), readFlow(text), text)
    assert.equal(formatFlow(written, 'authoring'), written)
  }
  assert.ok(accepted > 100, `${accepted} were accepted`)
})

test('no text of a flow needs a deep stack or much time', () => {
  const most = 1048576 - 100
  const starts = ['', 'flow { ', 'flow { llm a(', 'flow { llm a(b) { ', 'flow { policy p { filter ']
  for (const word of ['flow', '{', '}', '(', ';', ',', 'policy', 'policy p {', 'not', '#\n', '"""\n', 'filter', 'a']) {
    for (const start of starts) {
      const text = start + `${word} `.repeat(Math.floor((most - start.length) / 8 / (word.length + 1)))
      assert.ok(codes(text).length > 0, start + word)
    }
  }
  const comments = 'flow { policy p { filter a # c\n'.concat('# c\n'.repeat(200000), 'and b } }')
  assert.equal(formatFlow(comments, 'authoring').match(/# c/g).length, 200001)
  assert.deepEqual(findingsOf(() => readFlow('['.repeat(most))).map(([code]) => code), ['PIR0310'])
})
