"""What a binding keeps between calls is bounded, however many shapes of requests and bounds of leaves it meets."""

from __future__ import annotations

import pytest
from small_worlds import HOUSE, candidate, policy, snapshot

from policy_ir.decision import decide
from policy_ir.evaluator import Evaluator, Overlay, prepared
from policy_ir.facts import read_facts

WORLD = snapshot(*(candidate(f"m{i}", price_out=float(i), context=1000.0 * i) for i in range(20)))
POLICY = policy(
    filter=["and", ["meets_req"], ["not", ["is", "disabled"]]],
    rank=["add", ["neg", ["normalize", ["field", "price_out"]]], ["scale", 0.5, ["normalize", ["field", "context"]]]],
)


FEW = 4
"""As many are kept at least."""


def entries(kept: prepared.Prepared) -> dict[str, int]:
    """How many entries the dictionaries of a binding have."""
    return {name: len(value) for name, value in vars(kept).items() if isinstance(value, dict)}


@pytest.mark.parametrize("most", [1, 5])
def test_a_binding_keeps_so_many_shapes_and_orders_and_answers_the_same(
    most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(prepared, "SHAPES", most)
    monkeypatch.setattr(prepared, "ORDERS", most)
    bound = Evaluator().bind(POLICY, WORLD).prepare()
    kept = bound._prepared
    assert kept is not None
    before = entries(kept)
    for round in range(2):
        for place in range(20):
            facts = read_facts({"min_context": 1000.0 * (place // 2)}, HOUSE)
            down = bytes(i < place for i in range(20)) if round else bytes(i >= 20 - place for i in range(20))
            overlay = Overlay.take(WORLD, {"disabled": down})
            choice = bound.decide(facts, overlay)
            assert choice.ids() == [entry.id for entry in decide(POLICY, overlay.snapshot, facts).ordered]
            assert choice.id == (choice.ids() or [None])[0]
            now = entries(kept)
            assert all(now[name] - before[name] <= max(most, FEW) for name in now), now
    assert now != before


@pytest.mark.parametrize("most", [1, 5])
def test_a_shape_keeps_so_many_orders_and_answers_the_same(most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prepared, "ORDERS", most)
    bound = Evaluator().bind(POLICY, WORLD).prepare()
    facts = read_facts({"min_context": 1000.0}, HOUSE)
    for down in range(10):
        overlay = Overlay.take(WORLD, {"disabled": bytes(i <= down for i in range(20))})
        expected = decide(POLICY, overlay.snapshot, facts).ordered[0].id
        assert [bound.decide(facts, overlay).id for _ in range(3)] == [expected] * 3
    assert bound._prepared is not None
    assert [len(orders) for _, orders, *_ in bound._prepared.paths.values()] == [most]
