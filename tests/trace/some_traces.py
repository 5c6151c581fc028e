"""Traces for tests: random ones, and ordinary ones with the parts of a real decision."""

from __future__ import annotations

import itertools
from typing import Any

from hypothesis import strategies as st

from policy_ir.admission import Admitted
from policy_ir.decision import Decision
from policy_ir.floor import Floor
from policy_ir.testing.strategies import facts_values
from policy_ir.trace.parts import Part, catalogue_part, floor_part, policy_part, state_part, vocabulary_part
from policy_ir.trace.record import BASES, HOP_OUTCOMES, OUTCOMES, Cost, Hop, Trace, new_id

BEGIN = 1_800_000_000.0
"""The moment of the first trace that a test makes."""

_count = itertools.count()


def ordinary(at: float = BEGIN, **fields: Any) -> Trace:
    """A trace with an id of its own, from a moment."""
    id = new_id(int(at * 1000), next(_count).to_bytes(10))
    given: dict[str, Any] = {"outcome": "ok", "status": 200} | fields
    return Trace(id=id, at=at, **given)


def decided(decision: Decision, at: float = BEGIN, **fields: Any) -> tuple[Trace, tuple[Part, ...]]:
    """The trace of a decision, and the parts of it."""
    policy, floor, snapshot = decision.program.policy, decision.program.floor, decision.snapshot
    parts = parts_of(policy, floor, decision)
    trace = ordinary(
        at,
        policy=decision.policy,
        policy_part=parts[0].digest,
        effective=decision.effective,
        floor=None if floor is None else parts[-1].digest,
        vocabulary=decision.vocabulary,
        catalogue=snapshot.catalogue_fingerprint,
        state=snapshot.state_fingerprint,
        snapshot=snapshot.fingerprint,
        facts=decision.environment.facts.to_json(),
        seed=decision.seed,
        decision=decision.fingerprint,
        winner=decision.ordered[0].id if decision.ordered else None,
        **fields,
    )
    return trace, parts


def parts_of(policy: Admitted, floor: Floor | None, decision: Decision) -> tuple[Part, ...]:
    snapshot = decision.snapshot
    made = (
        policy_part(policy),
        vocabulary_part(policy.vocabulary),
        catalogue_part(snapshot),
        state_part(snapshot),
    )
    return made if floor is None else (*made, floor_part(floor))


# --- random ones ----------------------------------------------------------------------------------------------

_texts = st.text(max_size=12)
_times = st.floats(0, 1e9)
_counts = st.integers(0, 2**53)
_objects = st.dictionaries(
    _texts,
    st.recursive(st.none() | st.booleans() | _texts | _counts, lambda inner: st.lists(inner, max_size=3)),
    max_size=3,
)


def costs() -> st.SearchStrategy[Cost]:
    return st.builds(Cost, usd=_times, basis=st.sampled_from(BASES), prompt_tokens=_counts, completion_tokens=_counts)


def hops() -> st.SearchStrategy[Hop]:
    maybe = st.none() | _texts
    return st.builds(
        Hop,
        number=_counts,
        position=_counts,
        retries=_counts,
        candidate=_texts,
        provider=_texts,
        started_ms=_times,
        first_byte_ms=st.none() | _times,
        first_token_ms=st.none() | _times,
        ended_ms=_times,
        outcome=st.sampled_from(HOP_OUTCOMES),
        status=st.none() | _counts,
        reason=maybe,
        message=maybe,
        action=maybe,
        waited_ms=_times,
        cost=costs(),
    )


def traces() -> st.SearchStrategy[Trace]:
    """Traces of calls and of flows."""
    return _traces() | _traces(
        flow=_texts,
        flow_part=st.none() | _texts,
        flow_name=st.none() | _texts,
        failed_node=st.none() | _texts,
        nodes=st.lists(_traces(node=_texts, passed=st.booleans()), max_size=2).map(tuple),
    )


def _traces(**of_flows: st.SearchStrategy[Any]) -> st.SearchStrategy[Trace]:
    maybe = st.none() | _texts
    names = (
        *("key", "policy_name", "session", "policy", "policy_part", "effective", "floor", "vocabulary", "catalogue"),
        *("state", "snapshot", "decision", "chosen", "winner", "reason"),
    )
    return st.builds(
        Trace,
        id=st.builds(new_id, st.integers(0, 2**48 - 1), st.binary(min_size=10, max_size=10)),
        at=_times,
        facts=st.none() | facts_values(),
        seed=st.none() | _counts,
        eligible=_counts,
        refused=_counts,
        cut=_counts,
        hops=st.lists(hops(), max_size=3).map(tuple),
        outcome=st.sampled_from(OUTCOMES),
        status=_counts,
        stream=st.booleans(),
        ended_ms=_times,
        cost=costs(),
        diagnostics=st.lists(_objects, max_size=2).map(tuple),
        request=st.none() | _objects,
        response=st.none() | _objects,
        **dict.fromkeys(names, maybe),
        **of_flows,
    )
