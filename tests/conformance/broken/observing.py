"""Mistakes in what is known of candidates and requests."""

from __future__ import annotations

from broken import Change, flaw

CATALOGUE = (
    flaw(
        "missing-price-is-zero",
        "Catalogue",
        "reads a price that nobody has observed as 0, so that the unknown is the cheapest",
        "MissingObservation",
        Change(
            "semantics.environment",
            "Environment.number",
            "value = self.observe(i, field).value",
            "seen = self.observe(i, field)\n    value = seen.value if seen.known or 'price' not in field else 0.0",
        ),
    ),
    flaw(
        "defaults-are-known",
        "Catalogue",
        "takes a default for an observation",
        "known/reject MissingObservation",
        Change(
            "semantics.predicates", "begin", "env.observe(i, field).known", "env.observe(i, field).value is not None"
        ),
    ),
    flaw(
        "state-not-hashed",
        "Catalogue",
        "leaves the live state out of the fingerprint of a snapshot",
        "snapshot/state snapshot/fingerprint snapshot/update",
        Change(
            "snapshot",
            "Snapshot._state",
            "self.state_fields",
            "()",
        ),
    ),
    flaw(
        "price-per-token",
        "Catalogue",
        "takes a price per token for one per million tokens",
        "import/price",
        Change(
            "catalogs.importing", "Row.price", "per_million(usd, tokens)", "(per_million(usd, tokens) or 0.0) / 1e6"
        ),
    ),
    flaw(
        "order-not-compared",
        "Catalogue",
        "finds no difference between catalogues in another order",
        "diff/order diff/candidates",
        Change(
            "catalogs.diff", "diff", "reordered=kept != [name for name in before if name in after]", "reordered=False"
        ),
    ),
)

FACTS = (
    flaw(
        "needs-as-they-come",
        "Facts",
        "checks needs in the order in which the host wrote them",
        "facts/need facts/record meets_req/missing_capability",
        Change("facts", "_sorted", "tuple(sorted(set(needs)))", "tuple(dict.fromkeys(needs))"),
    ),
    flaw(
        "characters-for-bytes",
        "Facts",
        "counts the characters of a prompt, not its bytes",
        "chat/text-bytes chat/prompt-tokens Unicode",
        Change("chat", "_Count.text", 'len(text.encode("utf-8"))', 'len(text.encode("utf-8").decode())'),
    ),
    flaw(
        "tokens-rounded-down",
        "Facts",
        "rounds thirds of a token down",
        "chat/prompt-tokens Rounding",
        Change("chat", "_Count.prompt_tokens", "-(-self.bytes // BYTES_PER_TOKEN)", "self.bytes // BYTES_PER_TOKEN"),
    ),
    flaw(
        "older-limit-wins",
        "Facts",
        "takes `max_tokens` where `max_completion_tokens` is there too",
        "chat/completion-tokens",
        Change(
            "chat", "_Count.completion_limit", 'elif key == "max_completion_tokens" or', 'elif key == "max_tokens" or'
        ),
        Change(
            "chat",
            "_Count.completion_limit",
            'self.limited = key == "max_completion_tokens"',
            'self.limited = key == "max_tokens"',
        ),
    ),
)

LINTS = (
    flaw(
        "prices-not-missed",
        "Lints",
        "does not warn of candidates without the price that a policy looks at",
        "lint/no-price",
        Change("lints.missing", "_code_of", "declared.unit == PRICE_UNIT", "False"),
    ),
)
