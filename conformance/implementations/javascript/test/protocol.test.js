import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import test from 'node:test'
import { fileURLToPath } from 'node:url'

const SUBJECT = fileURLToPath(new URL('../bin/subject.js', import.meta.url))

/** Sends bytes to the subject in pieces of some size; gives its lines and its exit status. */
async function talk(messages, size) {
  const child = spawn(process.execPath, [SUBJECT], { stdio: ['pipe', 'pipe', 'inherit'] })
  const bytes = Buffer.from(messages.map((message) => `${JSON.stringify(message)}\n`).join(''), 'utf8')
  for (let i = 0; i < bytes.length; i += size) child.stdin.write(bytes.subarray(i, i + size))
  child.stdin.end()
  const pieces = []
  child.stdout.on('data', (piece) => pieces.push(piece))
  const [status] = await once(child, 'close')
  const lines = Buffer.concat(pieces).toString('utf8').split('\n')
  assert.equal(lines.pop(), '')
  return { lines: lines.map((line) => JSON.parse(line)), status }
}

const HELLO = { type: 'hello', protocol: 1, runner: 'test' }

function request(id, kind, input) {
  return { type: 'request', id, kind, input }
}

test('requests are answered in order, however the bytes are cut, and the subject ends with them', async () => {
  const name = 'é\u2028\u2029\u{1f600}\r'
  const requests = Array.from({ length: 20 }, (_, i) =>
    request(`${i}`, 'syntax', { value: ['family_eq', `${name}${i}`] }),
  )
  for (const size of [7, 1 << 20]) {
    const { lines, status } = await talk([HELLO, ...requests], size)
    assert.equal(status, 0)
    assert.equal(lines[0].type, 'hello')
    assert.deepEqual(
      lines.slice(1),
      requests.map(({ id, input }) => ({ id, result: { term: input.value } })),
    )
  }
})

test('a refusal has its findings, and what is no request is an error of the subject alone', async () => {
  const { lines, status } = await talk(
    [
      HELLO,
      request('a', 'syntax', { text: '["is", 5]' }),
      request('b', 'no-such-kind', {}),
      request('c', 'decoding', { bytes: 'xyz' }),
      request('d', 'syntax', { text: '["top"]' }),
    ],
    1000,
  )
  assert.equal(status, 0)
  assert.deepEqual(lines[1], { id: 'a', refused: [{ code: 'PIR0205', pointer: '/1' }] })
  assert.equal(typeof lines[2].error, 'string')
  assert.equal(typeof lines[3].error, 'string')
  assert.deepEqual(lines[4], { id: 'd', result: { term: ['top'] } })
})
