"""The way of a binding: which code finds its winners, and that no order of first calls keeps it from being used."""

from __future__ import annotations

from typing import Any

import pytest
from small_worlds import candidate, policy, snapshot

from policy_ir.evaluator import Evaluator

WORLD = snapshot(*(candidate(f"m{i}", price_in=1.0 + i, price_out=float(i)) for i in range(9)))
PRICE = ["neg", ["normalize", ["field", "price_out"]]]
WAYS: dict[str, dict[str, Any]] = {
    "walk": {"rank": PRICE},
    "climb": {"rank": ["neg", ["field", "call_cost"]]},
    "scan": {"rank": ["add", PRICE, ["neg", ["normalize", ["field", "latency_ms"]]]]},
    "whole": {"rank": ["zero"], "select": ["rank_by", ["field", "price_in"], ["argmax"]]},
}


@pytest.mark.parametrize("way", WAYS)
def test_a_binding_says_which_way_it_takes_before_it_is_asked(way: str) -> None:
    parts = WAYS[way]
    bound = Evaluator().bind(policy(**parts), WORLD)
    assert bound.way == way
    assert bound.decide().id == Evaluator().bind(policy(**parts), WORLD).decide().id


def test_a_first_call_that_ends_after_others_have_prepared_the_binding_does_no_harm() -> None:
    bound = Evaluator().bind(policy(rank=PRICE), WORLD)
    late = bound.decide
    assert [bound.decide().id, bound.decide().id] == ["m0", "m0"]
    assert late().id == "m0"
    assert bound.decide().id == "m0"
    assert bound.way == "walk"
