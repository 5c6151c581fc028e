/**
 * Request parameters that no vocabulary can declare: chapter Vocabulary, section Forbidden parameters.
 */

const FORM = /^[A-Za-z][A-Za-z0-9_]*$/
const NAMES = new Set(
  `apibase apiversion bestof body candidatecount contents customllmprovider deployment deploymentid engine extrabody
  extraparams extraquery fallbacks functioncall functions host hostname input instructions message messages model
  modelid models n numcompletions organization port prompt provider route servicetier stream streamoptions system
  toolchoice tools`.split(/\s+/),
)
const PARTS = `accesskey apikey authentication authorization bearer callback certificate cookie credential endpoint
  header jwt oauth passphrase passwd password privatekey proxy secret signingkey url webhook`.split(/\s+/)
const ENDINGS = ['auth', 'token', 'uri']
const WORDS = new Set(['auth', 'cert', 'model', 'models', 'pwd', 'uri'])

/**
 * @param {string} name of a request parameter
 * @returns {boolean}
 */
export function isForbidden(name) {
  if (!FORM.test(name)) return true
  const squashed = name.replace(/_/g, '').toLowerCase()
  return (
    NAMES.has(squashed) ||
    PARTS.some((part) => squashed.includes(part)) ||
    ENDINGS.some((ending) => squashed.endsWith(ending)) ||
    name.split(/_|(?<=[a-z0-9])(?=[A-Z])/).some((word) => WORDS.has(word.toLowerCase()))
  )
}
