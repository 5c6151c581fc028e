const FLOW = `
  flow {
    input question
    llm draft(question) { policy { filter context > 0 } } # first
    llm verify(question, draft) {
      policy { rank neg(price_out) }
      template """
        $1
        $2
        """
    }
    output answer(verify)
  }`

/**
 * A policy from its text to a decision, and a flow from its text to its outcome, through the door of the library.
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
  const flow = language.admitFlow(language.readFlow(FLOW), standard)
  const body = { messages: [{ role: 'user', content: 'Why?' }] }
  const run = language.startFlow(flow, body)
  run.take()
  run.answer('draft', 'So.')
  const [{ request }] = run.take()
  run.answer('verify', 'Because.')
  const { usd, nodes } = language.estimateFlow(flow, snapshot, facts, body, 42)
  return {
    flow: flow.fingerprint,
    request,
    outcome: run.outcome,
    estimate: { usd, seeds: nodes.map(({ seed }) => seed) },
    formattedFlow: language.formatFlow(FLOW, 'authoring'),
    policy: policy.fingerprint,
    decision: decision.toJSON(),
    refused: refused.findings.map(({ code, pointer }) => [code, pointer]),
    warnings: lint(warned.term, standard, snapshot).map(({ code, pointer }) => [code, pointer]),
    formatted: format(text, 'authoring'),
  }
}
