"""Climbing: a rank that keeps to one way with each of its constants is found on a ladder of the best of them."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest
from agreeing import Both
from small_worlds import candidate, policy, snapshot

from policy_ir.evaluator import Evaluator

pytestmark = pytest.mark.filterwarnings("error")

LIVE = ["not", ["is", "disabled"]]
COST = ["neg", ["field", "call_cost"]]
TOKENS = ["field", "prompt_tokens"]
PRICES = snapshot(
    *(
        candidate(f"m{i}", price_in=float(i % 5), price_out=float(i * 7 % 11), context=1000.0 * (i % 4))
        for i in range(30)
    )
)
MANY = snapshot(*(candidate(f"m{i}", price_in=i * 1.0, price_out=i * 2.0, context=float(i)) for i in range(200)))
REQUESTS: list[Any] = [
    None,
    *({"fields": {"prompt_tokens": p, "completion_tokens": c}} for p, c in product((0, 1, 5000), (0, 2, 900))),
]


def down(size: int, *alive: int) -> dict[str, list[bool]]:
    """A state in which only these candidates are left."""
    return {"disabled": [i not in alive for i in range(size)]}


def climbing(world: Any = PRICES, **slots: Any) -> Both:
    both = Both(policy(**{"filter": LIVE, "rank": COST, **slots}), world)
    assert both.way == "climb"
    return both


@pytest.mark.parametrize(
    "rank",
    [
        COST,
        ["add", COST, ["scale", 0.001, ["field", "context"]]],
        ["scale", -2, ["field", "call_cost"]],
        ["scale", -1, ["add", ["field", "call_cost"], ["neg", ["scale", 0.5, ["field", "context"]]]]],
        ["clamp", -3, 0.5, COST],
        ["add", ["field", "price_in"], TOKENS, ["lit", 3]],
        ["neg", ["add", ["field", "price_in"], ["scale", 1e-3, TOKENS]]],
        ["add", ["scale", -1, ["field", "context"]], ["neg", ["field", "budget_left"]]],
    ],
)
def test_a_rank_that_keeps_to_one_way_climbs(rank: Any) -> None:
    both = climbing(rank=rank)
    for facts in REQUESTS:
        both.calls(facts, times=2)
        both.calls(facts, down(30, *range(12, 25)), times=2)
        assert both.call(facts, down(30)).id is None


@pytest.mark.parametrize(
    "rank",
    [
        # The price is wanted low and high.
        ["add", COST, ["field", "price_in"]],
        ["add", COST, ["scale", -1, COST]],
        ["clamp", 2, 1, COST],
        ["gate", ["cmp", "prompt_tokens", "gt", 3], ["field", "context"]],
        ["add", COST, ["scale", -1, ["field", "latency_ms"]]],
    ],
)
def test_a_rank_that_does_not_is_scanned(rank: Any) -> None:
    both = Both(policy(filter=LIVE, rank=rank), PRICES)
    assert both.way == "scan"
    latencies = {"latency_ms": [float(i * 3 % 17) for i in range(30)]}
    for facts in REQUESTS:
        both.calls(facts, latencies, times=2)
        both.calls(facts, latencies | down(30, 3, 4, 20), times=2)


def test_a_preference_or_a_draw_does_not_climb() -> None:
    for select in (["prefer", ["is", "breaker_open"], ["argmax"]], ["top_k", 3, ["rank_by", COST, ["argmax"]]]):
        assert Both(policy(rank=COST, select=select), PRICES).way != "climb"


def test_ties_go_to_catalogue_order_although_they_are_met_in_another() -> None:
    # Of a usual request m1 comes first: it writes for less. Who only reads pays the same for both.
    world = snapshot(candidate("m0", price_in=2.0, price_out=9.0), candidate("m1", price_in=2.0, price_out=1.0))
    both = climbing(world)
    assert both.calls({"fields": {"prompt_tokens": 1000}}).ids() == ["m0", "m1"]
    assert both.calls({"fields": {"prompt_tokens": 1000, "completion_tokens": 1}}).ids() == ["m1", "m0"]


def test_a_call_of_no_tokens_costs_nothing_wherever_it_goes() -> None:
    assert climbing().calls({"fields": {"prompt_tokens": 0, "completion_tokens": 0}}).id == "m0"


def test_a_call_of_no_tokens_at_an_infinite_price_has_no_cost_at_all() -> None:
    world = snapshot(candidate("m0"), candidate("m1", price_in=3.0, price_out=3.0), candidate("m2", price_in=1.0))
    both = climbing(world)
    assert both.calls({"fields": {"prompt_tokens": 0, "completion_tokens": 0}}).ids() == ["m1", "m0", "m2"]
    assert both.calls({"fields": {"prompt_tokens": 10}}).id == "m1"
    assert both.calls({"fields": {"prompt_tokens": 10}}, down(3, 0, 2)).ids() == ["m0", "m2"]


def test_infinite_prices_come_last_but_come() -> None:
    world = snapshot(
        *(candidate(f"m{i}", **({} if i % 2 else {"price_in": 1.0 + i, "price_out": 1.0})) for i in range(6))
    )
    request = {"fields": {"prompt_tokens": 10, "completion_tokens": 10}}
    both = climbing(world)
    assert both.calls(request).ids() == ["m0", "m2", "m4", "m1", "m3", "m5"]
    assert both.calls(request, down(6, 1, 3)).ids() == ["m1", "m3"]


def test_costs_that_overflow_are_infinite_and_so_is_what_they_are_taken_from() -> None:
    world = snapshot(*(candidate(f"m{i}", price_in=1e307 * (9 - i), price_out=1e308) for i in range(5)))
    both = climbing(world)
    huge = {"fields": {"prompt_tokens": 1e9, "completion_tokens": 1e9}}
    assert both.calls(huge).scores() == [float("-inf")] * 5
    assert both.calls(huge, down(5, 3, 4)).id == "m3"
    assert both.calls({"fields": {"prompt_tokens": 1e-300}}).id == "m4"
    assert both.calls({"fields": {"prompt_tokens": 1.0}}).id == "m4"
    # Some costs overflow, and some do not.
    assert both.calls({"fields": {"prompt_tokens": 2.5e0}}, down(5, 0, 4)).id == "m4"


def test_a_ladder_that_comes_to_its_end_is_left_to_a_scan() -> None:
    both = climbing(MANY)
    request = {"fields": {"prompt_tokens": 100, "completion_tokens": 10}}
    assert both.calls(request).id == "m0"
    assert both.scans == 0
    assert both.calls(request, down(200, 120, 121), times=3).id == "m120"
    assert both.scans == 0
    assert both.calls(request, down(200, 197, 198), times=3).id == "m197"
    assert both.scans == 3


def test_rows_that_nothing_can_reach_any_more_are_not_looked_at() -> None:
    class Watched(bytes):
        asked: list[int]

        def __getitem__(self, place: Any) -> Any:
            self.asked.append(place)
            return super().__getitem__(place)

    request = {"fields": {"prompt_tokens": 100, "completion_tokens": 10}}
    cheap = climbing(MANY, filter=["and", LIVE, ["or", ["cmp", "price_in", "lt", 500], ["is", "breaker_open"]]])
    cheap.calls(request)
    code = cheap.bound._prepared._code  # type: ignore[union-attr]
    (constant,) = [name for name in code if name.startswith("o") and isinstance(code[name], bytes)]
    watched = code[constant] = Watched(code[constant])
    watched.asked = []
    cheap.call(request)
    assert watched.asked == [0]


@pytest.mark.parametrize("least", [0, 1000, 2000, 5000])
def test_each_shape_of_a_request_has_a_ladder(least: float) -> None:
    both = climbing(filter=["and", LIVE, ["meets_req"]])
    request = {"min_context": least, "fields": {"prompt_tokens": 100, "completion_tokens": 10}}
    both.calls(request)
    both.calls(request, down(30, *range(3, 29, 4)))
    assert both.call(request, down(30, 0, 4)).ids() == (["m0", "m4"] if not least else [])


def test_what_is_kept_of_a_climb_is_settled_for_good() -> None:
    both = climbing()
    overlay = both.bound.own_state
    facts = both.call(REQUESTS[5]).facts
    both.calls(REQUESTS[5])
    assert both.bound.seen(facts, overlay) == "warm"
    assert Evaluator().bind(both.policy, PRICES).seen(facts, overlay) == "warm"
