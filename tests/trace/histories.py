"""Histories of calls that were really decided: a small catalogue, policies, and a store that is a dictionary."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from policy_ir.admission import Admitted, admit_policy
from policy_ir.decision import decide
from policy_ir.facts import read_facts
from policy_ir.floor import Floor, effective
from policy_ir.snapshot import Candidate, CandidateList, Snapshot
from policy_ir.syntax import parse
from policy_ir.trace.parts import (
    Part,
    catalogue_part,
    floor_part,
    policy_part,
    state_part,
    vocabulary_part,
)
from policy_ir.trace.record import Cost, Hop, Trace, new_id
from policy_ir.vocabulary import Vocabulary, vocabulary

STANDARD = vocabulary("standard")
CHEAP = "policy { filter meets_req and not breaker_open rank neg(price_out) }"
BEST = "policy { filter meets_req and price_out <= 100 rank price_out }"
TOOLS = "policy { filter supports_tools and price_out <= 5 rank neg(price_out) }"
NOBODY = "policy { filter price_out < 0 rank neg(price_out) }"
NOON = 1_790_000_000.0
"""The moment of the first call of a history."""
FACTS = {"fields": {"prompt_tokens": 1000, "completion_tokens": 100}}


def admitted(text: str, declared: Vocabulary = STANDARD) -> Admitted:
    document = parse(text, name="test.policy")
    assert document.term is not None
    return admit_policy(document.term, declared, document=document)


def candidates(dearer: float = 1.0) -> list[Candidate]:
    """Three, from dear to free, and one whose price nobody knows."""
    prices: dict[str, tuple[float, float] | None] = {"a/plum": (2, 8), "b/pear": (0.5, 2), "c/fig": (0, 0)}
    made = [
        Candidate(
            id=name,
            provider=name[0],
            family=name[2:],
            capabilities=() if name == "c/fig" else ("supports_tools",),
            fields={"price_in": price[0] * dearer, "price_out": price[1] * dearer, "context": 100_000} if price else {},
        )
        for name, price in prices.items()
    ]
    return [*made, Candidate(id="d/sloe", provider="d", family="sloe", fields={"context": 1000})]


def snapshot(dearer: float = 1.0, declared: Vocabulary = STANDARD) -> Snapshot:
    return Snapshot.take(CandidateList(candidates(dearer)), declared)


class Kept:
    """A store that is two dictionaries."""

    def __init__(self) -> None:
        self.traces: list[Trace] = []
        self.parts: dict[tuple[str, str], bytes] = {}
        self.asked = 0

    def part(self, kind: str, digest: str) -> bytes | None:
        self.asked += 1
        return self.parts.get((kind, digest))

    def keep(self, trace: Trace, parts: Iterable[Part]) -> Trace:
        self.traces.append(trace)
        self.parts |= {(part.kind, part.digest): part.content for part in parts}
        return trace


def answered(candidate: str, *, usd: float = 0.0, tokens: tuple[int, int] = (0, 0), **more: Any) -> Hop:
    """A hop that succeeded."""
    basis = more.pop("basis", "usage")
    cost = Cost(usd=usd, basis=basis, prompt_tokens=tokens[0], completion_tokens=tokens[1])
    told: dict[str, Any] = {"number": 0, "position": 0, "provider": "p", "outcome": "ok"}
    return Hop(**(told | {"candidate": candidate, "cost": cost} | more))


def called(
    kept: Kept,
    policy: Admitted,
    over: Snapshot,
    *,
    at: float = NOON,
    facts: dict[str, Any] | None = None,
    seed: int | None = None,
    floor: Floor | None = None,
    hops: Sequence[Hop] | None = None,
    **more: Any,
) -> Trace:
    """A call that is decided, recorded and kept. Without hops, the winner has answered with the tokens of the facts."""
    facts = FACTS if facts is None else facts
    decision = decide(effective(policy, floor), over, read_facts(facts, over.vocabulary), seed)
    winner = decision.ordered[0].id if decision.ordered else None
    tried = tuple(_answer(over, winner) if hops is None else hops)
    parts = [policy_part(policy), vocabulary_part(over.vocabulary), catalogue_part(over), state_part(over)]
    parts += [] if floor is None else [floor_part(floor)]
    told: dict[str, Any] = {
        "id": new_id(int(at * 1000), len(kept.traces).to_bytes(10)),
        "at": at,
        "policy": decision.policy,
        "policy_part": parts[0].digest,
        "effective": decision.effective,
        "floor": None if floor is None else parts[-1].digest,
        "vocabulary": decision.vocabulary,
        "catalogue": over.catalogue_fingerprint,
        "state": over.state_fingerprint,
        "snapshot": decision.snapshot_fingerprint,
        "facts": facts,
        "seed": seed,
        "decision": decision.fingerprint,
        "winner": winner,
        "chosen": tried[-1].candidate if tried and tried[-1].outcome == "ok" else None,
        "eligible": len(decision.ordered),
        "refused": len(decision.rejected),
        "cut": len(decision.cut),
        "hops": tried,
        "outcome": "ok" if winner else "no_candidate",
        "status": 200 if winner else 422,
        "cost": Cost.total(hop.cost for hop in tried),
    }
    return kept.keep(Trace(**(told | more)), parts)


def _answer(over: Snapshot, winner: str | None) -> list[Hop]:
    if winner is None:
        return []
    price_in, price_out = (over.observe(over.index[winner], name) for name in ("price_in", "price_out"))
    known = price_in.known and price_out.known
    usd = (1000 * price_in.value + 100 * price_out.value) / 1e6 if known else 0.0  # type: ignore[operator]
    return [answered(winner, usd=usd, tokens=(1000, 100), basis="usage" if known else "none")]


def refused_call(kept: Kept, at: float = NOON) -> Trace:
    """A call whose policy was refused, so that nothing was decided."""
    id = new_id(int(at * 1000), len(kept.traces).to_bytes(10))
    return kept.keep(Trace(id=id, at=at, outcome="refused", status=400), [])
