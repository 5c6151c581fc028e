"""Reading a whole choice: what the machine would give, however the winner was found, and as often as is asked."""

from __future__ import annotations

from math import copysign
from typing import Any

import pytest
from agreeing import Both
from small_worlds import candidate, policy, snapshot

pytestmark = pytest.mark.filterwarnings("error")

WORLD = snapshot(
    *(
        candidate(f"m{i}", price_in=float(i * 7 % 5), price_out=float(i * 3 % 11), context=1000.0 * (i % 4))
        for i in range(12)
    )
)
LIVE = ["and", ["meets_req"], ["not", ["is", "disabled"]]]
CHEAP = ["normalize", ["field", "price_out"]]
LATENCIES: dict[str, Any] = {"latency_ms": [float(i * 5 % 9) for i in range(12)]}
FREE = {"fields": {"prompt_tokens": 0, "completion_tokens": 0}}


@pytest.mark.parametrize(
    ("way", "rank"),
    [
        ("walk", ["scale", -1, CHEAP]),
        ("climb", ["scale", -1, ["field", "call_cost"]]),
        ("scan", ["scale", -1, ["normalize", ["field", "latency_ms"]]]),
    ],
)
def test_a_score_that_is_read_is_never_minus_zero(way: str, rank: Any) -> None:
    both = Both(policy(filter=LIVE, rank=rank), WORLD)
    assert both.way == way
    for _ in range(4):
        scores = both.call(FREE, LATENCIES).scores()
        assert [copysign(1.0, score) for score in scores if score == 0.0].count(1.0) == scores.count(0.0) > 0


@pytest.mark.parametrize(
    "select",
    [
        ["argmax"],
        ["top_k", 3, ["argmax"]],
        ["rank_by", ["field", "context"], ["argmax"]],
        ["prefer", ["cmp", "context", "gt", 1500], ["argmax"]],
        ["sample", 0.5],
    ],
)
@pytest.mark.parametrize("rank", [CHEAP, ["neg", ["field", "call_cost"]], ["add", CHEAP, ["field", "latency_ms"]]])
def test_whoever_is_selected_is_read_in_the_order_of_the_selector(select: Any, rank: Any) -> None:
    both = Both(policy(filter=LIVE, rank=rank, select=select), WORLD)
    for down in ([], [0, 5], range(12)):
        state = LATENCIES | {"disabled": [i in down for i in range(12)]}
        both.calls({"fields": {"prompt_tokens": 70, "completion_tokens": 3}}, state, seed=5)


def test_requests_that_ask_for_a_context_between_the_same_two_are_refused_alike() -> None:
    both = Both(policy(filter=LIVE, rank=CHEAP), WORLD)
    for least in (0.0, 1.0, 999.5, 1000.0, 1000.5, 2000.0, 2000.5, 3000.0, 3000.5, 1e9):
        both.calls({"min_context": least})
    assert len(both.bound.vector.filter._shapes) == 5


def test_what_is_read_belongs_to_the_reader() -> None:
    choice = Both(policy(filter=LIVE, rank=CHEAP), WORLD).calls()
    for read in (choice.ids, choice.scores, choice.reasons):
        first: list[Any] = read()
        kept = first.copy()
        first.clear()
        assert read() == kept


def test_a_choice_is_read_as_it_was_decided_whatever_was_decided_since() -> None:
    both = Both(policy(filter=LIVE, rank=["add", CHEAP, ["field", "latency_ms"]]), WORLD)
    # The first call of a binding is read at once.
    _, early = both.bound.decide(), both.bound.decide()
    later = both.call(None, LATENCIES | {"disabled": [True] * 6 + [False] * 6})
    assert len(later.ids()) == 6
    assert len(early.ids()) == 12
