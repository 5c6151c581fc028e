import { finding, Refused } from '../refused.js'
import { isWellFormed, quote } from '../text.js'

/**
 * A token of the authoring syntax: chapter Authoring syntax, section Tokens.
 *
 * @typedef {object} Token
 * @property {'word' | 'string' | 'block' | 'quoted' | 'number' | 'mark' | 'end'} kind
 * @property {string} text what stands in the source; of a mistaken operator the mark or word that was meant
 * @property {string | number} [value] of strings, blocks and quoted names the text, of numbers the number
 * @property {number} start in UTF-16 code units
 * @property {number} end
 * @property {boolean} [broken] whether something was found wrong with the token itself
 * @property {Wrong} [late] what is wrong with its value, which counts only where it may stand
 * @property {boolean} [arithmetic] whether it is an arithmetical operator that the language does not have
 * @property {boolean} [cut] of the end: whether the text goes on, behind more open brackets than there may be
 *
 * @typedef {object} Comment
 * @property {string} text without its mark
 * @property {number} start
 * @property {number} end
 *
 * @typedef {import('../refused.js').Finding & {at: number}} PlacedFinding
 *
 * @typedef {{code: string, message: string, at?: number}} Wrong `at` where it is not the token that is wrong
 */

export const MAX_OPEN_BRACKETS = 128

export const CLAUSES = ['filter', 'rank', 'select', 'mutate', 'fallback']

export const RESERVED = new Set([
  ...['policy', 'filter', 'rank', 'select', 'mutate', 'fallback', 'on', 'and', 'or', 'not', 'in', 'true', 'false'],
  ...['provider', 'family', 'served_by', 'tier', 'top', 'bot', 'meets_req', 'scope_matches', 'zero'],
])

const SPACE = /[ \t\n\r]+/y
const COMMENT = /(?:#|\/\/)([^\r\n]*)/y
const WORD = /[A-Za-z_][A-Za-z0-9_]*/y
// What belongs to a word that stands directly before it, and makes no token of both.
const WORD_TAIL = /(?:[A-Za-z0-9_]|(?![\x00-\x7f])\p{L}|[.-](?=[\p{L}_]))+/uy
const NUMBER_START = /-?[0-9]|-?\.[0-9]/y
const NUMBER = /-?(?:0|[1-9][0-9]*(?:_[0-9]+)*)(?:\.[0-9]+(?:_[0-9]+)*)?(?:[eE][+-]?[0-9]+)?(?![A-Za-z0-9_.])/y
// What somebody may have meant as one number, to go on behind it.
const NUMBER_LIKE = /-?(?:[0-9][0-9A-Za-z_.]*[eE][+-][0-9][0-9A-Za-z_.]*|[0-9A-Za-z_.]+)/y
const NOT_FINITE = /-(?:nan|infinity|inf)(?![A-Za-z0-9_])/iy
const MARK = /<=|>=|==|!=|[{}()[\],;:+*<>]/y
const FOREIGN = /===|!==|<>|=>|=<|&&?|\|\|?|[!=≤≥≠¬]/y
const BLOCK_COMMENT = /\/\*[^]*?(?:\*\/|$)/y
const BLOCK_QUOTES = '"""'
const BLOCK_START = /"""[ \t]*\r?\n/y
const BLANK = /^[ \t]*$/
const SINGLE_QUOTES = /'[^'\r\n]*'?/y
const MEANT = new Map([
  ['<>', '!='],
  ['=', '=='],
  ['===', '=='],
  ['!==', '!='],
  ['=>', '>='],
  ['=<', '<='],
  ['≤', '<='],
  ['≥', '>='],
  ['≠', '!='],
  ['¬', 'not'],
  ['!', 'not'],
  ['&', 'and'],
  ['&&', 'and'],
  ['|', 'or'],
  ['||', 'or'],
])
const ESCAPES = new Map([
  ...['"', '`', '\\', '/'].map((char) => [char, char]),
  ...[
    ['b', '\b'],
    ['f', '\f'],
    ['n', '\n'],
    ['r', '\r'],
    ['t', '\t'],
  ],
])

/**
 * Cuts a text into tokens. The brackets of a policy are never more than 128 deep: behind that the text is cut off.
 *
 * @param {string} text
 * @param {object} [options]
 * @param {boolean} [options.flow] whether the text is a flow: it has blocks, and brackets around its policies
 * @throws {Refused} for the first text that has no end, and for tokens before it: where it ends, nobody knows
 * @returns {{tokens: Token[], comments: Comment[], findings: PlacedFinding[]}} the last token is the end
 */
export function tokensOf(text, { flow = false } = {}) {
  /** @type {Token[]} */
  const tokens = []
  /** @type {Comment[]} */
  const comments = []
  /** @type {PlacedFinding[]} */
  const findings = []
  let open = 0
  // How many brackets are open around the policy that the text is in; -1 outside of policies.
  let around = flow ? -1 : 0
  let at = 0

  const match = (pattern) => {
    pattern.lastIndex = at
    return pattern.exec(text)
  }
  const report = (code, message, start = at) => findings.push({ ...finding(code, null, message), at: start })
  const push = (kind, length, rest = {}) => {
    tokens.push({ kind, text: text.slice(at, at + length), start: at, end: at + length, ...rest })
    at += length
  }

  while (at < text.length) {
    let found
    if ((found = match(SPACE))) {
      at += found[0].length
    } else if ((found = match(COMMENT))) {
      comments.push({ text: found[1], start: at, end: at + found[0].length })
      // A comment is no place for half a character either.
      if (!isWellFormed(found[1])) report('PIR0113', 'a comment holds half of a surrogate pair')
      at += found[0].length
    } else if ((found = match(WORD))) {
      const word = found[0]
      at += word.length
      const tail = match(WORD_TAIL)?.[0] ?? ''
      at -= word.length
      if (tail) report('PIR0101', `${quote(word + tail)} is no name; in backticks it is one`)
      push('word', word.length + tail.length, tail ? { broken: true } : {})
    } else if (flow && text.startsWith(BLOCK_QUOTES, at)) {
      block()
    } else if (text[at] === '"' || text[at] === '`') {
      string(text[at])
    } else if (match(NUMBER_START)) {
      number()
    } else if ((found = match(NOT_FINITE))) {
      report('PIR0112', `${quote(found[0])} is no number of the language`)
      push('number', found[0].length, { value: 0, broken: true })
    } else if ((found = foreign())) {
      const meant = MEANT.get(found[0])
      report('PIR0119', `${quote(found[0])} is no operator of the language; write ${quote(meant)}`)
      push(/^[a-z]/.test(meant) ? 'word' : 'mark', found[0].length, { text: meant, broken: true })
    } else if ((found = match(MARK))) {
      const mark = found[0]
      if (flow && around < 0 && mark === '{' && opensPolicy(tokens)) around = open
      if ('([{'.includes(mark) && ++open - around > MAX_OPEN_BRACKETS && around >= 0) {
        report('PIR0310', `more than ${MAX_OPEN_BRACKETS} brackets are open`)
        tokens.push({ kind: 'end', text: '', start: at, end: at, cut: true })
        return { tokens, comments, findings }
      }
      if (')]}'.includes(mark) && open > 0) open--
      if (flow && open <= around) around = -1
      push('mark', mark.length)
    } else if ((found = match(BLOCK_COMMENT))) {
      report('PIR0101', 'comments start with `#` or `//` and end with the line')
      at += found[0].length
    } else if ('-/%^'.includes(text[at])) {
      report('PIR0120', `scorers have no ${quote(text[at])}`)
      push('mark', 1, { broken: true, arithmetic: true })
    } else if ((found = match(SINGLE_QUOTES))) {
      report('PIR0117', 'texts are in double quotes')
      push('string', found[0].length, { value: found[0].replace(/'/g, ''), broken: true })
    } else {
      const char = String.fromCodePoint(text.codePointAt(at))
      const lone = !isWellFormed(char)
      report(lone ? 'PIR0113' : 'PIR0101', lone ? 'half of a surrogate pair' : `${quote(char)} starts no token`)
      // One finding for a run of them is enough; what they stood for is a name, perhaps.
      const run = /^[^\x00-\x7f]+[A-Za-z0-9_\u0080-\uffff]*/.exec(text.slice(at, at + 256))
      push('word', run ? run[0].length : 1, { broken: true })
    }
  }
  tokens.push({ kind: 'end', text: '', start: text.length, end: text.length })
  return { tokens, comments, findings }

  /** A mistaken operator, unless one of the language is as long. */
  function foreign() {
    const own = match(MARK)
    const found = match(FOREIGN)
    return found && (!own || own[0].length < found[0].length) ? found : null
  }

  function number() {
    const found = match(NUMBER)
    if (!found) {
      const like = match(NUMBER_LIKE)[0]
      report('PIR0109', `${quote(like)} is not written as numbers are`)
      push('number', like.length, { value: 0, broken: true })
      return
    }
    const digits = found[0].replace(/_/g, '')
    const value = Number(digits)
    let late
    if (!Number.isFinite(value)) late = { code: 'PIR0110', message: `${quote(digits)} is too great` }
    else if (value === 0 && /[1-9]/.test(digits.split(/[eE]/)[0])) {
      late = { code: 'PIR0111', message: `${quote(digits)} is too near to 0` }
    }
    push('number', found[0].length, { value: value === 0 || late ? 0 : value, ...(late && { late }) })
  }

  /** @param {string} quoteMark */
  function string(quoteMark) {
    const isEnd = (/** @type {string | undefined} */ char) => char === undefined || char === '\n' || char === '\r'
    const { value, wrongs, end } = characters(text, at + 1, (char) => char === quoteMark || isEnd(char))
    if (isEnd(text[end])) endless('a text has no closing quote on its line')
    for (const wrong of wrongs) wrong.at = at
    pushText(quoteMark === '"' ? 'string' : 'quoted', end + 1, value, wrongs)
  }

  /** A text over several lines. */
  function block() {
    const opening = match(BLOCK_START)
    if (opening === null) return spoilt('a line end is due behind the quotes that open a text')
    const lines = []
    for (let start = at + opening[0].length; ; ) {
      const lineEnd = text.indexOf('\n', start)
      const stop = lineEnd < 0 ? text.length : lineEnd
      const closing = quotesIn(start, stop)
      if (closing >= 0) {
        const indentation = text.slice(start, closing)
        if (!BLANK.test(indentation)) return spoilt('the quotes that close a text stand on a line of their own')
        return blockOf(lines, indentation, closing + BLOCK_QUOTES.length)
      }
      if (lineEnd < 0) return endless('a text has no closing quotes')
      lines.push({ start, content: text.slice(start, text[stop - 1] === '\r' ? Math.max(stop - 1, start) : stop) })
      start = lineEnd + 1
    }
  }

  /**
   * The first quotes between two places that close a block; -1 where there are none.
   *
   * @param {number} from
   * @param {number} to
   */
  function quotesIn(from, to) {
    for (let i = from; i < to; i++) {
      if (text[i] === '\\') i++
      else if (text[i] === '"' && text.startsWith(BLOCK_QUOTES, i)) return i
    }
    return -1
  }

  /**
   * @param {{start: number, content: string}[]} lines
   * @param {string} indentation
   * @param {number} end
   */
  function blockOf(lines, indentation, end) {
    const strays = lines.filter(({ content }) => !BLANK.test(content) && !content.startsWith(indentation))
    const kept = lines.map(({ content }) => (BLANK.test(content) ? '' : content.slice(indentation.length)))
    const { value, wrongs } = characters(kept.join('\n'), 0, (char) => char === undefined, '\t\n')
    let line = 0
    let before = 0
    for (const wrong of wrongs) {
      // Its place is that in the text, which has the indentation as well.
      while (before + kept[line].length < wrong.at) before += kept[line++].length + 1
      wrong.at += lines[line].start + lines[line].content.length - kept[line].length - before
    }
    for (const { start } of strays) report('PIR1046', 'a line begins otherwise than the closing quotes', start)
    pushText('block', end, value, wrongs, strays.length > 0)
  }

  /**
   * A text over several lines that is wrong where it begins or ends.
   *
   * @param {string} message
   */
  function spoilt(message) {
    const closing = quotesIn(at + BLOCK_QUOTES.length, text.length)
    if (closing < 0) return endless(message)
    report('PIR0108', message)
    push('block', closing + BLOCK_QUOTES.length - at, { value: '', broken: true })
  }

  /**
   * Where a text without an end should have ended, nobody knows.
   *
   * @param {string} message
   * @returns {never}
   */
  function endless(message) {
    report('PIR0108', message)
    findings.sort((a, b) => a.at - b.at)
    throw new Refused(findings.map(({ at: _, ...one }) => one))
  }

  /**
   * @param {'string' | 'quoted' | 'block'} kind
   * @param {number} end
   * @param {string} value
   * @param {Wrong[]} wrongs
   * @param {boolean} [broken]
   */
  function pushText(kind, end, value, wrongs, broken = false) {
    if (!broken && wrongs.every(({ code }) => code === 'PIR0113')) {
      const [late] = wrongs
      push(kind, end - at, late ? { value: value.replace(/\p{Surrogate}/gu, '\ufffd'), late } : { value })
      return
    }
    for (const { code, message, at: place } of wrongs) {
      // Half of a pair is found in a token that nothing else is wrong with.
      if (code !== 'PIR0113') report(code, message, place)
    }
    push(kind, end - at, { value, broken: true })
  }
}

/**
 * Whether a brace behind tokens is that of a policy: behind its word, or behind that and its name.
 *
 * @param {readonly Token[]} tokens
 */
export function opensPolicy(tokens) {
  const isWord = (/** @type {Token | undefined} */ token) => token?.kind === 'word' && token.text === 'policy'
  return isWord(tokens.at(-1)) || isWord(tokens.at(-2))
}

/**
 * Reads the characters and escapes of a text.
 *
 * @param {string} source
 * @param {number} start
 * @param {(char: string | undefined) => boolean} isEnd whether the text ends before a character; undefined is the end
 * @param {string} [controls] the control characters that may stand in it
 * @returns {{value: string, wrongs: Wrong[], end: number}}
 */
function characters(source, start, isEnd, controls = '') {
  let value = ''
  /** @type {Wrong[]} */
  const wrongs = []
  const wrong = (/** @type {string} */ code, /** @type {string} */ message) => wrongs.push({ code, message, at: i })
  let i = start
  // Whether the last code unit of the value came from an escape: half a pair of each kind makes no pair.
  let escapedHigh = -1
  for (;;) {
    const char = source[i]
    if (isEnd(char)) return { value, wrongs, end: i }
    if (char === '\\') {
      const next = source[i + 1]
      const hex = /^[0-9A-Fa-f]{4}$/.test(source.slice(i + 2, i + 6))
      if (next === 'u' && hex) {
        const unit = parseInt(source.slice(i + 2, i + 6), 16)
        const low = unit >= 0xdc00 && unit < 0xe000
        if (low && escapedHigh === i) escapedHigh = -1
        else if (low) wrong('PIR0113', 'an escape is half of a surrogate pair')
        else if (unit >= 0xd800 && unit < 0xdc00) {
          if (/^\\u[dD][c-fC-F][0-9A-Fa-f]{2}/.test(source.slice(i + 6, i + 12))) escapedHigh = i + 6
          else wrong('PIR0113', 'an escape is half of a surrogate pair')
        }
        value += String.fromCharCode(unit)
        i += 6
      } else if (next !== 'u' && next !== undefined && ESCAPES.has(next)) {
        value += ESCAPES.get(next)
        i += 2
      } else {
        wrong('PIR0108', `a text holds an escape that there is not`)
        i += next === undefined || next === '\n' || next === '\r' ? 1 : 2
      }
    } else if (char < ' ' && !controls.includes(char)) {
      wrong('PIR0108', 'a text holds a control character')
      value += char
      i++
    } else {
      const point = source.codePointAt(i)
      if (point >= 0xd800 && point < 0xe000) wrong('PIR0113', 'a text holds half of a surrogate pair')
      value += String.fromCodePoint(point)
      i += point > 0xffff ? 2 : 1
    }
  }
}
