import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import test from 'node:test'

const DOOR = new URL('../src/index.js', import.meta.url).href

/** The program that the examples are together; each `// => JSON` behind a statement becomes a comparison. */
function program(readme) {
  const blocks = [...readme.matchAll(/^```js\n([^]*?)^```$/gm)].map(([, block]) => block)
  assert.ok(blocks.length > 0)
  const checked = blocks
    .join('\n')
    .replace(
      /^(\S.*?) \/\/ => (.+)$/gm,
      (_, expression, due) => `compare(${JSON.stringify(expression)}, (${expression}), ${due})`,
    )
  return checked.replaceAll("from 'policy-ir'", `from ${JSON.stringify(DOOR)}`)
}

test('the examples of the README give what they say', async () => {
  const source = program(await readFile(new URL('../README.md', import.meta.url), 'utf8'))
  const comparisons = []
  globalThis.compare = (expression, given, due) => comparisons.push([expression, given, due])
  try {
    await import(`data:text/javascript;charset=utf-8,${encodeURIComponent(source)}`)
  } finally {
    delete globalThis.compare
  }
  assert.ok(comparisons.length >= 10)
  for (const [expression, given, due] of comparisons) assert.deepEqual(given, due, expression)
})
