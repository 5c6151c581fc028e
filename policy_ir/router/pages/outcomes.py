"""Outcomes in words, each with its class in the style. The colour never says it alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from policy_ir.report.flow_picture import OUTCOME_WORDS, NodeOutcome
from policy_ir.report.markup import escape

if TYPE_CHECKING:
    from policy_ir.trace.record import HopOutcome, Outcome, Trace

WORDS: Final[dict[Outcome, str]] = {
    "ok": "answered",
    "refused": "refused",
    "no_candidate": "no candidate",
    "failed": "failed",
    "interrupted": "cut off",
    "cancelled": "caller left",
}
KINDS: Final[dict[Outcome, str]] = {
    "ok": "kept",
    "refused": "no",
    "no_candidate": "no",
    "failed": "no",
    "interrupted": "amber",
    "cancelled": "cut",
}
HOP_WORDS: Final[dict[HopOutcome, str]] = {"ok": "answered", "failed": "failed", "cancelled": "caller left"}
HOP_KINDS: Final[dict[HopOutcome, str]] = {"ok": "kept", "failed": "no", "cancelled": "cut"}


def badge(trace: Trace) -> str:
    """The outcome of a call, with its reason if it has one."""
    return mark(KINDS[trace.outcome], WORDS[trace.outcome], trace.reason)


def mark(kind: str, word: str, reason: str | None = None) -> str:
    """A word with a dot of its colour, and a reason of the language."""
    why = f" <code>{escape(reason)}</code>" if reason else ""
    return f'<span class="badge {kind}">{escape(word)}</span>{why}'


def policy_of(trace: Trace) -> str:
    """The name of a call's policy, or of its flow."""
    if trace.is_flow:
        name = "flow" if trace.name_of_flow is None else f"flow:{trace.name_of_flow}"
        return f"<code>{escape(name)}</code>"
    if trace.policy_name is None or trace.policy_name == "*":
        return '<span class="soft">caller’s own</span>'
    return f"<code>{escape(trace.policy_name).replace('/', '/<wbr>')}</code>"


# --- nodes of a flow ------------------------------------------------------------------------------------------


def node_outcome(call: Trace) -> NodeOutcome:
    """What became of the call of a node."""
    if call.outcome in ("ok", "cancelled"):
        return "done" if call.outcome == "ok" else "cancelled"
    return "passed" if call.passed else "failed"


def node_kind(call: Trace) -> str:
    """Its class in the style."""
    return _NODE_KINDS[node_outcome(call)]


def node_badge(call: Trace) -> str:
    """Its outcome in words, with the reason if it has one."""
    return mark(node_kind(call), OUTCOME_WORDS[node_outcome(call)], call.reason)


def node_anchor(call: Trace) -> str:
    """The id of the section about it, ready for an attribute."""
    return "node-" + quote(call.node or "", safe="", errors="replace")


_NODE_KINDS: Final[dict[NodeOutcome, str]] = {
    "done": "kept",
    "passed": "amber",
    "failed": "no",
    "cancelled": "cut",
    "unrun": "cut",
}
