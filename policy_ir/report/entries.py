"""Candidates of a decision as they are shown: id, prices, context, the cost of this call."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from policy_ir.report.answer import Entry, Place

if TYPE_CHECKING:
    from policy_ir.decision import Decision

_VAGUE = {"not", "or", "test"}
"""Reasons that only name an operation."""


def entry_of(decision: Decision, i: int, score: float | None = None) -> Entry:
    """Candidate number `i` of the snapshot."""
    snapshot = decision.snapshot
    return Entry(
        id=snapshot.ids[i],
        provider=snapshot.provider(i),
        family=snapshot.family(i),
        price_in=_number(decision, i, "price_in"),
        price_out=_number(decision, i, "price_out"),
        context=_number(decision, i, "context"),
        call_cost=_number(decision, i, "call_cost"),
        score=score,
    )


def ordered_entries(decision: Decision, limit: int | None = None) -> tuple[Entry, ...]:
    """The candidates in order, or the first so many of them, with their scores."""
    return tuple(entry_of(decision, placed.index, placed.score) for placed in decision.ordered[:limit])


def by_reason(decision: Decision) -> list[tuple[str, int]]:
    """The reasons with how many candidates each refused, most first, then by code point."""
    counted = Counter(reason for _, reason in decision.rejected)
    return sorted(counted.items(), key=lambda item: (-item[1], item[0]))


def by_cut(decision: Decision) -> list[tuple[str, int]]:
    """What cut candidates, with how many, most first."""
    counted = Counter(by for _, by in decision.cut)
    return sorted(counted.items(), key=lambda item: (-item[1], item[0]))


def _number(decision: Decision, i: int, field: str) -> float | None:
    """The value of a numeric field where there is an observation of it."""
    if field not in decision.environment.vocabulary.fields:
        return None
    seen = decision.environment.observe(i, field)
    return seen.value if seen.known and isinstance(seen.value, float) else None


def by_clause(decision: Decision) -> list[tuple[str, str, int]]:
    """As `by_reason`, with a reason that only names an operation divided by the author's clauses beside it."""
    vague = {reason for _, reason in decision.rejected} & _VAGUE
    if not vague:
        return [(reason, "", count) for reason, count in by_reason(decision)]
    from policy_ir.explanation import explain
    from policy_ir.report.places import Places

    places = Places(decision.program.documents)
    counted: Counter[tuple[str, str]] = Counter()
    for refused in explain(decision).refused:
        place = places.of(refused.remedies[0].evidence.origin) if refused.reason in vague else None
        counted[refused.reason, "" if place is None else place.text] += 1
    return sorted(((*key, count) for key, count in counted.items()), key=lambda row: (-row[2], row[0], row[1]))


def label_of(reason: str, place: Place | None) -> str:
    """A reason, or the author's clause where the reason only names an operation."""
    return place.text if reason in _VAGUE and place is not None and place.text else reason
