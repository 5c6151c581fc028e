"""The evaluator gives what the machine gives: winner, order, scores, reasons, cuts, records, fingerprints, errors."""

from __future__ import annotations

from typing import Any

import pytest
from evaluator_differential.asking import Subject, difference
from evaluator_differential.running import run
from evaluator_differential.subjects import subject
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from policy_ir.testing.strategies import catalogues, facts_values, policies, seeds
from policy_ir.values import value_of


@pytest.fixture(autouse=True)
def _own_constants(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sessions set the evaluator's constants; other tests are to find them as they were."""
    from evaluator_differential.subjects import own_constants

    from policy_ir.evaluator import prepared

    for name, value in own_constants().items():
        monkeypatch.setattr(prepared, name, value)


@pytest.mark.parametrize("seed", [11, 12])
def test_random_cases_come_to_the_same(seed: int) -> None:
    ended = run(subject("evaluator"), 768, seed=seed)
    assert ended.difference is None, ended.difference
    assert ended.cases == 768


def test_the_arrays_alone_come_to_the_same() -> None:
    ended = run(subject("arrays"), 384, seed=13)
    assert ended.difference is None, ended.difference


EVALUATOR: Subject = subject("evaluator")


def candidate_value(candidate: Any) -> dict[str, Any]:
    keys = {name: getattr(candidate, name) for name in ("id", "provider", "family", "served_model", "served_by")}
    keys |= {"tier": candidate.tier, "scope": candidate.scope, "capabilities": list(candidate.capabilities)}
    fields = {name: list(value) if isinstance(value, tuple) else value for name, value in candidate.fields.items()}
    return {name: value for name, value in keys.items() if value is not None} | {"fields": fields}


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_any_policy_over_any_world_comes_to_the_same_each_time_it_is_asked(data: st.DataObject) -> None:
    candidates = [candidate_value(one) for one in data.draw(catalogues(max_size=10))]
    ids = [one["id"] for one in candidates]
    observed = st.fixed_dictionaries(
        {},
        optional={
            "disabled": st.none() | st.booleans(),
            "breaker_open": st.booleans(),
            "latency_ms": st.none() | st.sampled_from([0.0, 1.0, 250.0, 1e308]),
            "success_rate": st.floats(0, 1),
        },
    )
    update = st.dictionaries(st.sampled_from(ids), observed) if ids else st.just({})
    states = data.draw(st.lists(update, min_size=1, max_size=3))
    requests = data.draw(st.lists(facts_values(), min_size=1, max_size=2))
    asks = st.fixed_dictionaries(
        {
            "policy": st.just(0),
            "world": st.just(0),
            "state": st.none() | st.integers(0, len(states) - 1),
            "request": st.integers(0, len(requests) - 1),
            "seed": seeds(),
            "by": st.sampled_from(["overlay", "held", "crossed", "snapshot", "bound"]),
            "reads": st.permutations(["ids", "scores", "reasons", "rejected", "cut", "ordered", "record", "to_json"]),
            "later": st.booleans(),
        }
    )
    session = {
        "settings": {},
        "work_limit": None,
        "worlds": [
            {
                "vocabulary": "house",
                "candidates": candidates,
                "states": [{"on": None, "updates": updates} for updates in states],
            }
        ],
        "policies": [
            {"term": value_of(data.draw(policies(max_depth=6, max_nodes=30))), "floor": None, "loaded": "value"}
        ],
        "requests": [{"how": "checked", "value": facts} for facts in requests],
        "asks": data.draw(st.lists(asks, min_size=2, max_size=5)),
    }
    found = difference(session, EVALUATOR)
    assert found is None, found
