import { recordOf } from './json-text.js'
import { refuse } from './refused.js'
import { compareText, utf8Length } from './text.js'

/**
 * Deterministic CBOR: chapter Encoding. Values are numbers, texts, booleans, lists and maps from texts to values; a map
 * is a record or a Map.
 */

const MOST = Number.MAX_SAFE_INTEGER
const ENCODER = new TextEncoder()
const DECODER = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const SCRATCH = new DataView(new ArrayBuffer(8))

class Writer {
  /** @param {boolean} scores */
  constructor(scores) {
    this.scores = scores
    this.bytes = new Uint8Array(512)
    this.view = new DataView(this.bytes.buffer)
    this.at = 0
  }

  /** @param {number} count */
  reserve(count) {
    if (this.at + count <= this.bytes.length) return
    const larger = new Uint8Array(Math.max(this.bytes.length * 2, this.at + count))
    larger.set(this.bytes)
    this.bytes = larger
    this.view = new DataView(larger.buffer)
  }

  /**
   * @param {number} major
   * @param {number} argument an integer from 0 to 2^53 - 1
   */
  head(major, argument) {
    this.reserve(9)
    const type = major << 5
    if (argument < 24) this.bytes[this.at++] = type | argument
    else if (argument < 0x100) {
      this.bytes[this.at++] = type | 24
      this.bytes[this.at++] = argument
    } else if (argument < 0x10000) {
      this.bytes[this.at++] = type | 25
      this.view.setUint16(this.at, argument)
      this.at += 2
    } else if (argument < 0x100000000) {
      this.bytes[this.at++] = type | 26
      this.view.setUint32(this.at, argument)
      this.at += 4
    } else {
      this.bytes[this.at++] = type | 27
      this.view.setUint32(this.at, Math.floor(argument / 0x100000000))
      this.view.setUint32(this.at + 4, argument % 0x100000000)
      this.at += 8
    }
  }

  /** @param {number} value */
  number(value) {
    if (Number.isInteger(value) && Math.abs(value) <= MOST) {
      if (value >= 0) this.head(0, value)
      else this.head(1, -1 - value)
      return
    }
    this.reserve(9)
    if (!Number.isFinite(value)) {
      if (!this.scores) throw new TypeError(`${value} has no encoding outside of scores`)
      this.bytes[this.at++] = 0xf9
      this.view.setUint16(this.at, value === Infinity ? 0x7c00 : value === -Infinity ? 0xfc00 : 0x7e00)
      this.at += 2
      return
    }
    if (Math.fround(value) !== value) {
      this.bytes[this.at++] = 0xfb
      this.view.setFloat64(this.at, value)
      this.at += 8
      return
    }
    const half = halfOf(value)
    if (half === undefined) {
      this.bytes[this.at++] = 0xfa
      this.view.setFloat32(this.at, value)
      this.at += 4
    } else {
      this.bytes[this.at++] = 0xf9
      this.view.setUint16(this.at, half)
      this.at += 2
    }
  }

  /** @param {string} text */
  text(text) {
    const length = utf8Length(text)
    this.head(3, length)
    this.reserve(length)
    if (length === text.length && length < 64) {
      for (let i = 0; i < length; i++) this.bytes[this.at + i] = text.charCodeAt(i)
    } else ENCODER.encodeInto(text, this.bytes.subarray(this.at))
    this.at += length
  }

  /** @param {any} value */
  value(value) {
    switch (typeof value) {
      case 'number':
        return this.number(value)
      case 'string':
        return this.text(value)
      case 'boolean':
        this.reserve(1)
        this.bytes[this.at++] = value ? 0xf5 : 0xf4
        return
      case 'object':
        if (value === null) break
        if (Array.isArray(value)) {
          this.head(4, value.length)
          for (const entry of value) this.value(entry)
          return
        }
        return this.map(value instanceof Map ? [...value] : Object.entries(value))
    }
    throw new TypeError(`${value} has no encoding`)
  }

  /** @param {[string, any][]} entries */
  map(entries) {
    entries.sort(([a], [b]) => utf8Length(a) - utf8Length(b) || compareText(a, b))
    this.head(5, entries.length)
    for (const [key, value] of entries) {
      this.text(key)
      this.value(value)
    }
  }
}

/**
 * The half-precision bits of a number of single precision, if it is one of half precision.
 *
 * @param {number} value finite, not 0, of single precision
 * @returns {number | undefined}
 */
function halfOf(value) {
  SCRATCH.setFloat32(0, value)
  const bits = SCRATCH.getUint32(0)
  const sign = (bits >>> 16) & 0x8000
  const exponent = ((bits >>> 23) & 0xff) - 127
  const fraction = bits & 0x7fffff
  if (exponent >= -14 && exponent <= 15) {
    return fraction & 0x1fff ? undefined : sign | ((exponent + 15) << 10) | (fraction >> 13)
  }
  if (exponent < -24 || exponent > 15) return undefined
  // A subnormal: so many units of 2^-24.
  const whole = fraction | 0x800000
  const shift = -1 - exponent
  return whole & ((1 << shift) - 1) ? undefined : sign | (whole >> shift)
}

/**
 * @param {number} bits of half precision
 * @returns {number}
 */
function numberOfHalf(bits) {
  const exponent = (bits >> 10) & 0x1f
  const fraction = bits & 0x3ff
  const magnitude =
    exponent === 0
      ? fraction * 2 ** -24
      : exponent === 31
        ? fraction === 0
          ? Infinity
          : NaN
        : (1 + fraction / 1024) * 2 ** (exponent - 15)
  return bits & 0x8000 ? -magnitude : magnitude
}

/**
 * The deterministic encoding of a value.
 *
 * @param {any} value
 * @param {object} [options]
 * @param {boolean} [options.scores] whether infinities and NaN, which is *undefined*, may occur
 * @returns {Uint8Array}
 * @throws {TypeError} for what has no encoding
 */
export function encode(value, { scores = false } = {}) {
  const writer = new Writer(scores)
  writer.value(value)
  return writer.bytes.slice(0, writer.at)
}

/**
 * Reads deterministic CBOR, and nothing else: the rules `decode/malformed` to `decode/nesting`.
 *
 * @param {Uint8Array} bytes
 * @param {object} [options]
 * @param {boolean} [options.scores] whether infinities and *undefined* may occur
 * @param {number} [options.levels] the most lists and maps within each other
 * @returns {any}
 * @throws {import('./refused.js').Refused} PIR0801 to PIR0804 and PIR0310, one finding
 */
export function decode(bytes, { scores = false, levels = 67 } = {}) {
  return new Reader(bytes, scores, levels).read()
}

/**
 * A list or map that is being read.
 *
 * @typedef {object} Container
 * @property {any[] | null} list
 * @property {Map<string, any> | null} map
 * @property {number} left entries that are still to come
 * @property {string | undefined} key the key whose value is due
 * @property {string | undefined} last the key before
 */

class Reader {
  /**
   * @param {Uint8Array} bytes
   * @param {boolean} scores
   * @param {number} levels
   */
  constructor(bytes, scores, levels) {
    this.bytes = bytes
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.scores = scores
    this.levels = levels
    this.at = 0
    /** @type {Container[]} */
    this.open = []
  }

  read() {
    for (;;) {
      let value = this.item()
      // Whatever is complete goes into what is around it, which may complete that.
      while (value !== undefined) {
        const top = this.open[this.open.length - 1]
        if (top === undefined) {
          if (this.at < this.bytes.length) this.fail('PIR0804', this.at, 'bytes after the item')
          return value
        }
        if (top.list !== null) top.list.push(value)
        else if (top.key === undefined) {
          top.key = value
          break
        } else {
          top.map.set(top.key, value)
          top.last = top.key
          top.key = undefined
        }
        top.left--
        value = top.left === 0 ? this.close() : undefined
      }
    }
  }

  close() {
    const { list, map } = this.open.pop()
    return list ?? recordOf(map)
  }

  /**
   * Reads an item, or the head of one that has entries.
   *
   * @returns {any} the value; undefined where a list or map has been opened
   */
  item() {
    const start = this.at
    const top = this.open[this.open.length - 1]
    const keyDue = top !== undefined && top.map !== null && top.key === undefined
    const initial = this.byte()
    const major = initial >> 5
    const info = initial & 31
    if (major === 2 && (info < 28 || info === 31)) this.fail('PIR0803', start, 'a byte string')
    if (info >= 28) {
      if (info === 31 && major >= 2 && major <= 5) this.fail('PIR0802', start, 'an indefinite length')
      this.fail('PIR0801', start, initial === 0xff ? 'a break where nothing is open' : 'reserved additional information')
    }
    if (major === 6) this.fail('PIR0803', start, 'a tag')
    if (keyDue && major !== 3) this.fail('PIR0803', start, 'a key that is no text')
    if (major === 7) return this.simple(start, info)
    const argument = this.argument(start, info)
    switch (major) {
      case 0:
      case 1:
        if (argument > MOST - major) this.fail('PIR0803', start, 'an integer beyond 2^53 - 1')
        return major === 0 ? argument : -1 - argument
      case 3: {
        const text = this.text(start, argument)
        if (keyDue && top.last !== undefined && !isBefore(top.last, text)) {
          this.fail('PIR0802', start, 'a key out of order, or one that its map has already')
        }
        return text
      }
      default:
        if (argument * (major - 3) > this.bytes.length - this.at) {
          this.fail('PIR0801', start, 'more entries than the bytes that follow can hold')
        }
        if (this.open.length >= this.levels) {
          this.fail('PIR0310', start, `lists and maps nested deeper than ${this.levels} levels`)
        }
        if (argument === 0) return major === 4 ? [] : {}
        this.open.push({
          list: major === 4 ? [] : null,
          map: major === 5 ? new Map() : null,
          left: argument,
          key: undefined,
          last: undefined,
        })
        return undefined
    }
  }

  byte() {
    if (this.at >= this.bytes.length) this.fail('PIR0801', this.at, 'the input ends early')
    return this.bytes[this.at++]
  }

  /** @param {number} count */
  skip(count) {
    if (count > this.bytes.length - this.at) this.fail('PIR0801', this.bytes.length, 'the input ends early')
    const start = this.at
    this.at += count
    return start
  }

  /**
   * The argument of a head; one beyond 2^53 is not exact, and is beyond every bound.
   *
   * @param {number} start
   * @param {number} info below 28
   */
  argument(start, info) {
    if (info < 24) return info
    const size = 1 << (info - 24)
    const at = this.skip(size)
    const { view } = this
    switch (size) {
      case 1:
        return this.shortest(start, view.getUint8(at), 24)
      case 2:
        return this.shortest(start, view.getUint16(at), 0x100)
      case 4:
        return this.shortest(start, view.getUint32(at), 0x10000)
      default:
        return this.shortest(start, view.getUint32(at) * 0x100000000 + view.getUint32(at + 4), 0x100000000)
    }
  }

  /**
   * @param {number} start
   * @param {number} argument
   * @param {number} least
   */
  shortest(start, argument, least) {
    if (argument < least) this.fail('PIR0802', start, 'a head that is not the shortest')
    return argument
  }

  /**
   * @param {number} start
   * @param {number} length
   */
  text(start, length) {
    if (length > this.bytes.length - this.at) this.fail('PIR0801', start, 'a text that is longer than what is left')
    const from = this.skip(length)
    const bytes = this.bytes.subarray(from, this.at)
    if (length < 32 && bytes.every((byte) => byte < 0x80)) return String.fromCharCode(...bytes)
    try {
      return DECODER.decode(bytes)
    } catch {
      return this.fail('PIR0801', from, 'a text that is not UTF-8')
    }
  }

  /**
   * @param {number} start
   * @param {number} info
   */
  simple(start, info) {
    const { view } = this
    switch (info) {
      case 20:
        return false
      case 21:
        return true
      case 25: {
        const bits = view.getUint16(this.skip(2))
        return this.float(start, numberOfHalf(bits), 2, bits)
      }
      case 26:
        return this.float(start, view.getFloat32(this.skip(4)), 4, 0)
      case 27:
        return this.float(start, view.getFloat64(this.skip(8)), 8, 0)
    }
    return this.fail('PIR0803', start, 'a simple value that is no boolean')
  }

  /**
   * @param {number} start
   * @param {number} value
   * @param {number} size in bytes
   * @param {number} bits of half precision
   */
  float(start, value, size, bits) {
    if (!Number.isFinite(value)) {
      if (!this.scores) this.fail('PIR0803', start, 'a number that is not finite')
      if (size !== 2) this.fail('PIR0802', start, 'a special number that is not half precision')
      if (Number.isNaN(value) && bits !== 0x7e00) this.fail('PIR0802', start, '*undefined* in another form')
      return value
    }
    if (Number.isInteger(value) && Math.abs(value) <= MOST) this.fail('PIR0802', start, 'an integer that is written as a float')
    const single = Math.fround(value) === value
    if (size === 8 ? single : size === 4 && halfOf(value) !== undefined) {
      this.fail('PIR0802', start, 'a float that is not the shortest')
    }
    return value
  }

  /**
   * @param {string} code
   * @param {number} offset
   * @param {string} message
   * @returns {never}
   */
  fail(code, offset, message) {
    return refuse(code, null, `${message}, at byte ${offset}`)
  }
}

/**
 * Whether the encoding of a text comes before that of another.
 *
 * @param {string} a
 * @param {string} b
 */
function isBefore(a, b) {
  return (utf8Length(a) - utf8Length(b) || compareText(a, b)) < 0
}
