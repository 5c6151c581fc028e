import { escaped } from '../print/wire.js'

const BLANK = /^[ \t]*$/

/**
 * A text of several lines: chapter Flows, section Printing.
 *
 * @param {string} value
 * @param {number} depth of its lines and closing quotes
 * @returns {string} without a line feed at its end
 */
export function printBlock(value, depth) {
  const indent = ' '.repeat(depth)
  const rows = value.split('\n')
  const shown = rows.map((line, i) => blockLine(line, i === rows.length - 1))
  return ['"""', ...shown.map((line) => (line === '' ? '' : indent + line)), `${indent}"""`].join('\n')
}

/**
 * A line of a block: of what is escaped in a string, tabs and most quotes stand as they are.
 *
 * @param {string} line
 * @param {boolean} isLast
 */
function blockLine(line, isLast) {
  const written = line
    .split('\t')
    .map(escaped)
    .join('\t')
    .replace(isLast ? /"(?=""|$)/g : /"(?="")/g, '\\"')
    .replace(/[ \t]$/, visible)
  // Where nothing else stands, it would be taken for indentation.
  return BLANK.test(line) ? written.replace(/^[ \t]/, visible) : written
}

/** @param {string} space */
function visible(space) {
  return space === '\t' ? '\\t' : '\\u0020'
}
