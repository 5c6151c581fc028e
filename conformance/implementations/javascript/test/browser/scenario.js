/**
 * A policy from its text to a decision, through the door of the library.
 *
 * @param {typeof import('../../src/index.js')} language
 */
export function scenario(language) {
  const { decide, effective, format, lint, readFacts, takeSnapshot, validate, vocabulary } = language
  const standard = vocabulary('standard')
  const text = `
    # Nothing leaves the Union.
    policy {
      filter   meets_req and region in {"eu"} and not disabled
      rank     0.7 * neg(normalize(price_out)) + 0.3 * normalize(context)
      select   sample(0.5)
      mutate   clamp_param("temperature", 0, 1); inject_seed("seed")
      fallback next_candidate on timeout: retry_same(attempts: 1)
    }`
  const { policy } = validate(text, { vocabulary: standard })
  const snapshot = takeSnapshot(
    ['a', 'b', 'c', 'd'].map((id, i) => ({
      id,
      provider: 'p',
      family: `m${i}`,
      capabilities: i === 2 ? [] : ['supports_tools'],
      fields: { region: i === 3 ? 'us' : 'eu', price_out: 1 / (i + 3), context: 1000 * i },
    })),
    standard,
  )
  const facts = readFacts({ needs: ['tools'] }, standard)
  const decision = decide(effective(policy, null), snapshot, facts, 42)
  const refused = validate(
    '["policy", ["is", "nobody_declares_this"], ["zero"], ["argmax"], ["id"], ["always", {"action": "abort"}]]',
  )
  const warned = validate('policy { filter region not in {"eu"} }', { vocabulary: standard }).policy
  return {
    policy: policy.fingerprint,
    decision: decision.toJSON(),
    refused: refused.findings.map(({ code, pointer }) => [code, pointer]),
    warnings: lint(warned.term, standard, snapshot).map(({ code, pointer }) => [code, pointer]),
    formatted: format(text, 'authoring'),
  }
}
