"""What the home page shows: a policy, and its decision over the shipped catalogue, computed when the site is built."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

from docs_lexer import PolicyLexer
from pygments import highlight
from pygments.formatters import HtmlFormatter

import policy_ir

SOURCE = Path(__file__).parents[1] / "docs" / ".theme" / "hero.policy"
CHAT = {
    "model": "any",
    "max_tokens": 600,
    "messages": [{"role": "user", "content": "Where is my order?"}],
    "tools": [{"type": "function", "function": {"name": "order_status", "parameters": {"type": "object"}}}],
}
REASONS = 3


def hero() -> dict[str, Any]:
    """The values of the home page's template."""
    standard = policy_ir.get_vocabulary("standard")
    text = SOURCE.read_text("utf-8")
    document = policy_ir.parse(text)
    assert document.term is not None
    admitted = policy_ir.admit(document.term, standard, document=document)
    snapshot = policy_ir.shipped_snapshot()
    decision = policy_ir.decide(admitted, snapshot, policy_ir.facts_of_chat(CHAT, standard))
    rows = []
    for place, entry in enumerate(decision.ordered):
        price = snapshot.observe(entry.index, "price_out").value
        rows.append({"kind": "chosen" if place == 0 else "next", "what": entry.id, "value": f"${price:g} / Mtok"})
    reasons = Counter(reason for _, reason in decision.rejected)
    for reason, count in sorted(reasons.items(), key=lambda item: (-item[1], item[0]))[:REASONS]:
        rows.append({"kind": "refused", "what": f"{count} refused", "value": reason})
    return {
        "source": highlight(text, PolicyLexer(), HtmlFormatter(nowrap=False, classprefix="")),
        "fingerprint": decision.fingerprint[:22] + "…",
        "name": f"{snapshot.size} models, one decision",
        "rows": rows,
    }
