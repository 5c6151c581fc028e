import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import test from 'node:test'
import { readAuthoring } from '../src/authoring/index.js'
import { format } from '../src/print.js'
import { Refused } from '../src/refused.js'

const CHAPTER = readFileSync(new URL('../../../../docs/spec/authoring.md', import.meta.url), 'utf8')

function codes(text, options) {
  try {
    readAuthoring(text, options)
  } catch (thrown) {
    if (thrown instanceof Refused)
      return thrown.findings.map(({ code, pointer }) => (pointer === null ? code : `${code} ${pointer}`))
    throw thrown
  }
  return []
}

test('every text of the translation table is read as the wire form beside it', () => {
  const rows = [...CHAPTER.matchAll(/^\| `authoring\/[^`]+` \| (`[^`]+`|``.+?``) \| `([[].*)` \|$/gm)]
  assert.ok(rows.length >= 29)
  for (const [, quoted, wire] of rows) {
    assert.deepEqual(readAuthoring(quoted.replace(/^`+|`+$/g, '')), JSON.parse(wire), quoted)
  }
})

test('the policy of the chapter is read, and says the same when it is written again', () => {
  const text = CHAPTER.split('```policy')[1].split('```')[0]
  assert.equal(readAuthoring(text)[0], 'policy')
  assert.deepEqual(readAuthoring(format(text, 'authoring')), readAuthoring(text))
})

test('each code of the authoring syntax has its cause', () => {
  const causes = {
    PIR0118: ['policy { filter a filter b }'],
    PIR0119: ['filter a = 5', 'filter a && b', 'filter !a', 'filter a <> 5', 'filter a || b', 'filter region = "eu"'],
    PIR0120: ['rank a - b', 'rank a / 2', 'rank a * b', 'rank a -5'],
    PIR0121: [
      'filter 25 >= a',
      'filter 3 < x < 5',
      'filter region == "eu"',
      'filter a <= b',
      'filter (a) <= 3',
      'filter top <= 3',
    ],
    PIR0122: ['filter tier > partner', 'filter provider < "a"'],
    PIR0123: ['a and b', 'not a', ')'],
    PIR0124: ['filter a rank b', 'filter a; rank b select argmax'],
    PIR0125: ['filter provider == openai', 'filter has_cap(tools)', 'filter region in {eu}', 'select chain(a: "b")'],
    PIR0126: ['filter "price_out" <= 25', 'rank "price_out"', 'filter is("a")'],
    PIR0127: ['filter tier == and', 'filter is(rank)', 'filter rank >= 3', 'fallback abort on in: abort'],
    PIR0128: ['mutate id, id', 'filter a; b', 'filter and(a; b)', 'filter a, rank b'],
    PIR0129: ['filter a b', 'rank a b', 'filter (a b)'],
  }
  for (const [code, texts] of Object.entries(causes)) {
    for (const text of texts) assert.equal(codes(text)[0], code, text)
  }
})

test('of several findings the first is the one that comes first in the text', () => {
  const firsts = {
    'fallback a#t(\n  b': 'PIR0207',
    'fallback retry_same(attempts: 9, then_action: n': 'PIR0207',
    'rank neg(top': 'PIR0203',
    'filter cmp(a, foo, 5) and )': 'PIR0206',
    'filter cmp(a, foo': 'PIR0206',
    'filter zero b': 'PIR0203',
    'filter a and zero and b ? c': 'PIR0203',
    'mutate id(': 'PIR0103',
    'mutate(\u00d0': 'PIR0101',
    'rank gate(foo(a))': 'PIR0202',
    'select top_k(())': 'PIR0205',
    'filter test(a \u0080)': 'PIR0101',
    'select sample(99_983,.38': 'PIR0109',
    'rank gate(a, b, foo(c))': 'PIR0204',
    'filter cmp(a) and foo(b)': 'PIR0204',
    'filter test(a 0.1)': 'PIR0129',
    'filter pric-_in <= 2': 'PIR0101',
    'rank neg(, b)': 'PIR0102',
    'filter foo(a': 'PIR0202',
    'rank lit(5': 'PIR0103',
    'rank neg(a, ': 'PIR0103',
    '-nk"': 'PIR0120',
    'filter tier =`': 'PIR0119',
    'filter a = 0 == 0': 'PIR0119',
  }
  for (const [text, code] of Object.entries(firsts)) assert.equal(codes(text)[0].slice(0, 7), code, text)
})

test('a separator or operator is missing only if the token could stand behind it', () => {
  const causes = {
    PIR0102: [
      'filter has_cap("a" "b")',
      'select top_k(3 5)',
      'filter a 5',
      'filter a zero',
      'filter a "b"',
      'rank a top',
      'mutate when(a, id id)',
      'fallback abort on x foo',
      'filter a in {"x" y}',
      'rank clamp(0, , a)',
      'mutate seq',
      'select top_k; argmax',
    ],
    PIR0105: [
      'rank add(a 5)',
      'select prefer(a argmax)',
      'mutate set_param("a" true)',
      'mutate id id',
      'filter cmp(a lt 5)',
    ],
    PIR0129: [
      'rank gate(a b, c)',
      'filter test(a b < 3)',
      'rank neg(a 5)',
      'filter a foo(5)',
      'filter a not b',
      'rank 5 5',
      'mutate when(a b id)',
    ],
  }
  for (const [code, texts] of Object.entries(causes)) {
    for (const text of texts) assert.equal(codes(text)[0].slice(0, 7), code, text)
  }
})

test('what stands in a wrong place has the code of what was meant', () => {
  const causes = {
    PIR0109: ['rank +5', 'rank a + +5'],
    PIR0120: ['select argmax * 3', 'rank lit(5 * 2)', 'mutate id * id'],
    PIR0125: ['filter has_cap(null)', 'filter provider == true'],
    PIR0202: ['select true', 'select tier', 'mutate in', 'filter tier(5)'],
    PIR0203: [
      'rank tier',
      'select policy',
      'filter a * b',
      'filter a + b <= 3',
      'filter neg(a) <= 3',
      'select abort(a)',
    ],
    PIR0205: ['rank lit(*)', 'filter is(<)', 'rank lit(null)', 'filter known(a(b))'],
    PIR0121: ['filter a < {', 'filter a < *', 'filter a <= null'],
  }
  for (const [code, texts] of Object.entries(causes)) {
    for (const text of texts) assert.equal(codes(text)[0].slice(0, 7), code, text)
  }
})

test('a cause that the wire syntax has too has the same code', () => {
  const causes = {
    PIR0005: ['# nothing', '// nothing\n'],
    PIR0101: ['filter @', 'filter é', 'filter price-out', 'filter x.y', 'filter aé', 'filter /* a */ b'],
    PIR0102: ['filter', 'policy { filter mutate (id) }', 'filter a and', 'filter , a'],
    PIR0103: ['policy {', 'filter (a', 'policy { filter (a }', 'filter has_cap("a"'],
    PIR0104: ['filter a)', 'filter (a}', 'rank a]'],
    PIR0105: ['filter and(a b)', 'fallback abort on timeout abort'],
    PIR0107: ['policy { } a', 'policy { } }'],
    PIR0108: ['filter has_cap("a', 'filter has_cap("\\q")', 'filter has_cap("\t")'],
    PIR0109: ['rank 01', 'rank 5x', 'rank 1.', 'rank .5', 'rank 1__0', 'rank 0_1', 'rank 1e1_0'],
    PIR0110: ['rank 1e309'],
    PIR0111: ['rank 1e-400'],
    PIR0112: ['filter a <= inf', 'filter a <= -Infinity', 'rank lit(nan)'],
    PIR0113: ['filter has_cap("\\ud800")', 'filter `\\udc00`', 'filter has_cap("\\ud83d" )'],
    PIR0114: [
      'fallback retry_same(attempts: 1, attempts: 1)',
      'fallback retry_same(action: 1)',
      'mutate filter_text({a: 1, a: 1})',
    ],
    PIR0117: ["filter provider == 'a'"],
  }
  for (const [code, texts] of Object.entries(causes)) {
    for (const text of texts) assert.equal(codes(text)[0], code, text)
  }
})

test('what is wrong with the term that a text says is found in its wire form', () => {
  assert.deepEqual(codes('filter foo(1)'), ['PIR0202 /0'])
  assert.deepEqual(codes('filter top_k(1, argmax)'), ['PIR0203 '])
  assert.deepEqual(codes('policy { rank top }'), ['PIR0203 /2'])
  assert.deepEqual(codes('filter a and cmp(b, lt)'), ['PIR0204 /2'])
  assert.deepEqual(codes('select argmax()'), ['PIR0204 '])
  assert.deepEqual(codes('filter has_cap(5)'), ['PIR0205 /1'])
  assert.deepEqual(codes('mutate set_param("a", [1])'), ['PIR0205 /2'])
  assert.deepEqual(codes('filter cmp(a, >=, 5)'), ['PIR0206 /2'])
  assert.deepEqual(codes('filter cmp(a, foo, 1)'), ['PIR0206 /2'])
  assert.deepEqual(codes('fallback foo'), ['PIR0207 /1/action'])
  assert.deepEqual(codes('filter tag_in(region, {})'), ['PIR0210 /2'])
  assert.deepEqual(codes('fallback retry_same(then_action: "abort")'), ['PIR0205 /1/then_action'])
  assert.deepEqual(codes('filter a', { sort: 'Scorer' }), ['PIR0203 '])
})

test('a text that does not end is refused for that, and for tokens before it', () => {
  assert.deepEqual(codes('filter @ a b and has_cap("a) and b $'), ['PIR0101', 'PIR0108'])
  assert.deepEqual(codes('filter `a\nfilter "b'), ['PIR0108'])
})

test('findings come in the order of the text, whatever the order of the clauses', () => {
  const text = 'policy { rank add() filter tag_in(region, {}) and cmp(a, lt) }'
  assert.deepEqual(codes(text), ['PIR0204 /2', 'PIR0210 /1/1/2', 'PIR0204 /1/2'])
})

test('128 brackets are open at most, and nothing else needs a deep stack', () => {
  const nested = (depth) => `filter ${'('.repeat(depth)}a${')'.repeat(depth)}`
  assert.deepEqual(readAuthoring(nested(128)), ['is', 'a'])
  assert.deepEqual(codes(nested(129)), ['PIR0310'])
  assert.deepEqual(codes(`filter ${'('.repeat(200000)}`), ['PIR0310'])
  for (const text of [
    `filter ${'not '.repeat(65000)}a`,
    `rank ${'2*'.repeat(120000)}a`,
    `fallback abort${' on a: abort'.repeat(20000)}`,
  ]) {
    assert.equal(codes(text)[0].slice(0, 7), 'PIR0301')
  }
  assert.equal(codes(`filter ${Array(9000).fill('a').join(' and ')}`)[0], 'PIR0302 /4096')
})

test('a key that a JavaScript object has by itself is a key like others', () => {
  const term = readAuthoring('mutate filter_text({__proto__: 1, constructor: 2})')
  assert.deepEqual(Object.keys(term[1][0]), ['__proto__', 'constructor'])
  assert.equal(
    format('mutate filter_text({__proto__: 1, constructor: 2})', 'authoring'),
    'mutate filter_text({__proto__: 1, constructor: 2})\n',
  )
})

test('clauses are written in their order and take their comments along', () => {
  const text = 'policy {\n // cheapest\n rank neg(a) # first\n\n\n filter a\n # the end\n}\n'
  const written = format(text, 'authoring')
  assert.equal(format(written, 'authoring'), written)
  assert.deepEqual(
    written.split('\n').filter((line) => line.includes('#')),
    ['  # cheapest', '  rank     neg(a)  # first', '  # the end'],
  )
})

/** Numbers from 0 to below `count`, the same ones in every run. */
function draws(seed) {
  let state = seed
  return (count) => {
    state = (state * 16807) % 2147483647
    return state % count
  }
}

test('whatever tokens a text is made of, it is read or refused', () => {
  const words = (
    'policy { } ( ) [ ] , ; : + * < <= == != >= > = && ! <> - / filter rank select mutate fallback ' +
    'on and or not in true false ' +
    'provider family served_by tier top bot meets_req scope_matches zero null inf a region ' +
    'price_out top_k chain prefer argmax id seq when ' +
    'clamp gate cmp test known tag_in has_cap filter_text set_param retry_same abort attempts ' +
    'backoff_ms then_action always override ' +
    '0 1 2.5 -3 1e9 "a" "b" `c` lt foo'
  ).split(' ')
  const draw = draws(7)
  let accepted = 0
  for (let i = 0; i < 20000; i++) {
    const length = 1 + draw(12)
    const start = ['filter', 'rank', 'select', 'mutate', 'fallback', 'policy {'][draw(6)]
    const text = `${start} ${Array.from({ length }, () => words[draw(words.length)]).join(' ')}`
    if (codes(text).length === 0) accepted++
  }
  assert.ok(accepted > 100, `${accepted} were accepted`)
})

/** A random term, as text whose every gap may hold a comment. */
function randomTerm(draw, sort, depth) {
  const pick = (list) => list[draw(list.length)]
  const inner = (of) => randomTerm(draw, of, depth - 1)
  const some = (of) => Array.from({ length: 1 + draw(3) }, () => inner(of))
  const number = () => pick([0, 1, -2.5, 32000, 1e16, 1e-7, 123456.75])
  const name = () => pick(['a', 'and', 'b c', 'price_out', 'x"`\\\u202e'])
  const leaves = {
    Pred: [
      ['top'],
      ['is', name()],
      ['cmp', name(), 'ge', number()],
      ['provider_eq', name()],
      ['tier_eq', name()],
      ['known', name()],
      ['tag_in', name(), [name(), name()]],
    ],
    Scorer: [['zero'], ['lit', number()], ['field', name()]],
    Selector: [
      ['argmax'],
      ['sample', number()],
      [
        'chain',
        [
          { provider: 'a', model: name() },
          { provider_id: 'a', model: 'b' },
        ],
      ],
    ],
    Xform: [
      ['id'],
      ['set_param', 'a', pick([1, 'x', true])],
      ['filter_text', ['a', { b: 1, and: 2 }, {}]],
      ['clamp_param', 'a', 0, 1],
    ],
    FailPlan: [
      ['always', { action: 'abort' }],
      ['always', { action: 'retry_same', attempts: 1, backoff_ms: [1, 2], then_action: 'abort', zz: 5 }],
    ],
  }
  if (sort === 'Policy')
    return ['policy', ...['Pred', 'Scorer', 'Selector', 'Xform', 'FailPlan'].map((of) => randomTerm(draw, of, depth))]
  if (depth <= 0) return pick(leaves[sort])
  const nodes = {
    Pred: () =>
      pick([
        () => ['and', ...some('Pred')],
        () => ['or', ...some('Pred')],
        () => ['not', inner('Pred')],
        () => ['test', inner('Scorer'), 'lt', number()],
      ])(),
    Scorer: () =>
      pick([
        () => ['add', ...some('Scorer')],
        () => ['scale', number(), inner('Scorer')],
        () => ['gate', inner('Pred'), inner('Scorer')],
        () => ['clamp', 0, 1, inner('Scorer')],
      ])(),
    Selector: () =>
      pick([
        () => ['top_k', 3, inner('Selector')],
        () => ['prefer', inner('Pred'), inner('Selector')],
        () => ['rank_by', inner('Scorer'), inner('Selector')],
      ])(),
    Xform: () => pick([() => ['seq', ...some('Xform')], () => ['when', inner('Pred'), inner('Xform')]])(),
    FailPlan: () => ['override', inner('FailPlan'), name(), { action: 'retry_same', attempts: 2 }],
  }
  return nodes[sort]()
}

test('every term can be written, is read back as it was, and is written in one way', () => {
  const draw = draws(11)
  for (let i = 0; i < 1500; i++) {
    const sort = ['Pred', 'Scorer', 'Selector', 'Xform', 'FailPlan', 'Policy'][i % 6]
    const term = randomTerm(draw, sort, 1 + draw(4))
    const written = format(JSON.stringify(term), 'authoring')
    assert.deepEqual(readAuthoring(written), term, written)
    assert.equal(format(written, 'authoring'), written)
    for (const line of written.split('\n')) assert.ok(line.length <= 100, line)
  }
})

test('every comment is kept once, wherever it stands, and the term stays', () => {
  const draw = draws(13)
  for (let i = 0; i < 600; i++) {
    const sort = ['Pred', 'Scorer', 'Selector', 'Xform', 'FailPlan', 'Policy'][i % 6]
    const term = randomTerm(draw, sort, 1 + draw(3))
    let count = 0
    const written = format(JSON.stringify(term), 'authoring').replace(
      /[ \n]+(?=(?:[^"`\\]|\\.|"(?:[^"\\]|\\.)*"|`(?:[^`\\]|\\.)*`)*$)/g,
      (space) => (draw(6) === 0 ? `${space}${draw(2) === 0 ? '\n' : ''}# c${count++}.\n` : space),
    )
    const again = format(written, 'authoring')
    assert.deepEqual(readAuthoring(again), term, written)
    const kept = [...again.matchAll(/# c(\d+)\./g)].map(([, n]) => Number(n)).sort((a, b) => a - b)
    assert.deepEqual(
      kept,
      Array.from({ length: count }, (_, n) => n),
      `${written}\n=>\n${again}`,
    )
    assert.equal(format(again, 'authoring'), again, `${written}\n=>\n${again}`)
  }
})

test('a token that is wrong itself, where an operator or a comma is missing, is all that is found', () => {
  for (const text of [
    'rank gate(meets_r\u00b9\u00ceq,zero)',
    'rank gate(kG\u0097(),b)',
    'rank gate(kG\u0098(),b)',
    'rank gate(a \u0097,b)',
    'rank gate(a \u0097 c,b)',
  ]) {
    assert.equal(codes(text)[0], 'PIR0101', text)
  }
  assert.equal(codes('rank gate(a c,b)')[0], 'PIR0129')
})

test('a number beyond binary64, or half of a pair, is found only where the token may stand', () => {
  const firsts = {
    PIR0123: ['1e-999'],
    PIR0102: ['policy 1e-999', 'fallback abort(attempts:9 1e999'],
    PIR0201: ['mutate 1e-999', 'filter 1e999'],
    PIR0205: ['filter provider == 1e999', 'select top_k("\\ud800", argmax)'],
    PIR0126: ['filter is("\\ud800")'],
    PIR0129: ['rank(zero)1e999'],
    PIR0110: ['rank 1e999', 'rank a + 1e999 * b', 'filter a > 1e999', 'fallback abort(attempts: 1e999)'],
    PIR0111: ['rank lit(1e-999)', 'mutate set_param("a", 1e-999)'],
    PIR0113: ['filter `\\ud800`', 'filter provider == "\\ud800"', 'mutate set_param("a", "\\udc00")'],
    // A text without its end has nothing else wrong with it, and what comes before it has its own tokens only.
    PIR0108: ['"\\ud800', '2041e99939457315"', '1e-999"', 'filter "\\x'],
    PIR0206: ['filter cmp(a, `le`, 3)'],
  }
  for (const [code, texts] of Object.entries(firsts)) {
    for (const text of texts) assert.equal(codes(text)[0].slice(0, 7), code, text)
  }
})

test('what is no key cannot stand where one is due, and what is not complete has no other finding', () => {
  const firsts = {
    'fallback abort(*: 5)': 'PIR0102',
    'fallback abort(5: 3)': 'PIR0102',
    'fallback abort(attempts(3))': 'PIR0102',
    'mutate filter_text({5: 3})': 'PIR0102',
    'fallback abort(backoff_ms:[],{': 'PIR0102',
    'fallback abort(open:6,>\u0086': 'PIR0102',
    'fallback abort(attempts: 1, attempts: 2)': 'PIR0114',
    'fallback abort(attempts: 1, attempts: \u0098)': 'PIR0101',
    'select chain({\u0098: "and"})': 'PIR0101',
    'select chain({provider: "a" /* b */})': 'PIR0101',
    'select chain({provider: "a",, model: "b"})': 'PIR0102',
    'select chain({provider "a"})': 'PIR0105',
    'select chain({provider: "a"})': 'PIR0209',
    'select chain({provider: "a", model: "b", x: "c"})': 'PIR0208',
  }
  for (const [text, code] of Object.entries(firsts)) assert.equal(codes(text)[0].slice(0, 7), code, text)
})
