import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { extname, join, normalize, sep } from 'node:path'
import test from 'node:test'
import { fileURLToPath } from 'node:url'
import * as language from '../src/index.js'
import { scenario } from './browser/scenario.js'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const TYPES = new Map([
  ['.html', 'text/html; charset=utf-8'],
  ['.js', 'text/javascript; charset=utf-8'],
])
const SERVED = ['src', join('test', 'browser'), join('node_modules', '@noble', 'hashes')]
const TIME_LIMIT_MS = 60000

/** The first Chromium that starts: `CHROMIUM` names it, else it goes by one of its usual names. */
function chromium() {
  const names = process.env.CHROMIUM ? [process.env.CHROMIUM] : ['chromium', 'chromium-browser', 'google-chrome']
  return names.find((name) => spawnSync(name, ['--version'], { stdio: 'ignore' }).status === 0)
}

/** Serves the sources, the page, and the one dependency. */
async function serve() {
  const server = createServer(async (request, response) => {
    const path = normalize(decodeURIComponent(new URL(request.url, 'http://localhost').pathname)).replace(/^[/\\]+/, '')
    const served = SERVED.some((directory) => path.startsWith(directory + sep)) && TYPES.has(extname(path))
    const content = served ? await readFile(join(ROOT, path)).catch(() => null) : null
    response.writeHead(content === null ? 404 : 200, { 'content-type': TYPES.get(extname(path)) ?? 'text/plain' })
    response.end(content ?? '')
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)))
  return server
}

/**
 * The page as it is when its scripts have run.
 *
 * @param {string} browser
 * @param {string} address
 * @param {string} profile
 * @returns {Promise<string>}
 */
function dom(browser, address, profile) {
  const flags = [
    '--headless',
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
  ]
  flags.push(
    '--disable-component-update',
    '--disable-sync',
    '--virtual-time-budget=20000',
    `--user-data-dir=${profile}`,
  )
  return new Promise((resolve, reject) => {
    const child = spawn(browser, [...flags, '--dump-dom', address], {
      timeout: TIME_LIMIT_MS,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let output = ''
    let errors = ''
    child.stdout.setEncoding('utf8').on('data', (chunk) => (output += chunk))
    child.stderr.setEncoding('utf8').on('data', (chunk) => (errors += chunk))
    child.on('error', reject)
    child.on('close', (status) =>
      status === 0 ? resolve(output) : reject(new Error(`the browser ended with ${status}: ${errors.slice(-2000)}`)),
    )
  })
}

test('policies and flows are read, named, decided, run and formatted in a browser as in Node', async (context) => {
  const browser = chromium()
  if (browser === undefined) {
    if (process.env.REQUIRE_PROGRAMS) assert.fail('no Chromium was found, and REQUIRE_PROGRAMS asks for it')
    context.skip('no Chromium was found; CHROMIUM may name one')
    return
  }
  const server = await serve()
  const profile = await mkdtemp(join(tmpdir(), 'policy-ir-browser-'))
  try {
    const page = await dom(browser, `http://127.0.0.1:${server.address().port}/test/browser/page.html`, profile)
    const [, shown] = /<pre id="result">([^]*?)<\/pre>/.exec(page)
    const text = shown
      .replaceAll('&lt;', '<')
      .replaceAll('&gt;', '>')
      .replaceAll('&nbsp;', '\u00a0')
      .replaceAll('&amp;', '&')
    assert.ok(text.startsWith('{'), text)
    const due = scenario(language)
    assert.deepEqual(JSON.parse(text), JSON.parse(JSON.stringify(due)))
    assert.equal(due.decision.ordered.length, 2)
    assert.deepEqual(due.outcome, { returned: 'Because.' })
    assert.match(due.policy, /^blake3:[0-9a-f]{64}$/)
    assert.deepEqual(due.refused, [['PIR0401', '/1/1']])
  } finally {
    server.closeAllConnections()
    server.close()
    await rm(profile, { recursive: true, force: true, maxRetries: 5 })
  }
})
