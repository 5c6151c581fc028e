"""Drawing: the winner of a `sample` is the first of the whole draw, found without the rest of it."""

from __future__ import annotations

from typing import Any

import pytest
from agreeing import Both
from small_worlds import candidate, policy, snapshot

pytestmark = pytest.mark.filterwarnings("error")

LIVE = ["not", ["is", "disabled"]]
CHEAP = ["neg", ["normalize", ["field", "price_out"]]]
SPEED = ["normalize", ["field", "latency_ms"]]
SIZE = 130
WORLD = snapshot(*(candidate(f"m{i}", price_out=float(i * 7 % 131), context=1e3 * (i % 3)) for i in range(SIZE)))
SEEDS = (None, 0, 1, 7, 16807, 2**31 - 2, 2**31 - 1, 2**31, 2**53 - 1)
STATES: list[dict[str, list[Any]]] = [
    {"disabled": [i % 2 == 0 for i in range(SIZE)]},
    {"disabled": [i not in (3, 64, 128) for i in range(SIZE)]},
    {"disabled": [i != 77 for i in range(SIZE)]},
    {"disabled": [True] * SIZE},
    {"disabled": [None] * SIZE, "latency_ms": [float(i * 3 % 50) for i in range(SIZE)]},
]


@pytest.mark.parametrize("temperature", [0, -1, -1e308, 0.1, 1, 40, 1e16, 1.7e308, 5e-324])
@pytest.mark.parametrize("rank", [CHEAP, SPEED, ["zero"]], ids=["walk", "scan", "alike"])
def test_the_winner_of_a_draw_is_the_first_of_the_whole_draw(rank: Any, temperature: float) -> None:
    both = Both(policy(filter=LIVE, rank=rank, select=["sample", temperature]), WORLD)
    assert both.way == ("scan" if rank is SPEED else "walk")
    for place, seed in enumerate(SEEDS):
        both.call(seed=seed)
        both.call(state=STATES[place % len(STATES)], seed=seed)


@pytest.mark.parametrize("count", [1, 3, 1000])
def test_a_limit_around_a_draw_changes_nobody_who_is_drawn_first(count: int) -> None:
    both = Both(policy(filter=LIVE, rank=CHEAP, select=["top_k", count, ["sample", 5]]), WORLD)
    alone = Both(policy(filter=LIVE, rank=CHEAP, select=["sample", 5]), WORLD)
    assert both.way == "walk"
    for seed in SEEDS:
        assert both.calls(seed=seed, times=2).id == alone.call(seed=seed).id


def test_no_temperature_is_the_best() -> None:
    assert Both(policy(rank=CHEAP, select=["sample", 0]), WORLD).calls(seed=5).id == "m0"


@pytest.mark.parametrize("rank", [CHEAP, SPEED])
@pytest.mark.parametrize(
    "moves",
    [
        LIVE,
        ["or", LIVE, ["cmp", "price_out", "lt", 5]],
        ["and", LIVE, ["test", ["add", ["field", "latency_ms"], ["field", "price_out"]], "gt", 60]],
        ["cmp", "call_cost", "lt", 1],
    ],
)
def test_a_draw_among_the_rows_of_a_shape_counts_those_alone(rank: Any, moves: Any) -> None:
    both = Both(policy(filter=["and", ["meets_req"], moves], rank=rank, select=["sample", 20]), WORLD)
    for seed in (1, 2, 3):
        for state in STATES:
            both.calls({"min_context": 1000}, state, seed, times=3)


@pytest.mark.parametrize(
    "select",
    [
        ["prefer", ["is", "breaker_open"], ["sample", 1]],
        ["rank_by", CHEAP, ["sample", 1]],
        ["prefer", ["is", "breaker_open"], ["prefer", ["is", "disabled"], ["argmax"]]],
        ["top_k", 3, ["rank_by", CHEAP, ["argmax"]]],
    ],
)
def test_a_selector_that_takes_the_whole_order_gets_it(select: Any) -> None:
    both = Both(policy(rank=SPEED, select=select), WORLD)
    assert both.way == "whole"
    for seed in SEEDS[:4]:
        both.calls(
            state={"latency_ms": STATES[4]["latency_ms"], "breaker_open": [i % 9 == 0 for i in range(SIZE)]},
            seed=seed,
            times=2,
        )


@pytest.mark.parametrize("seed", [0, 1, 7, 2**53 - 1])
def test_a_draw_over_what_a_call_costs_takes_the_rank_that_is_drawn(seed: int) -> None:
    world = snapshot(*(candidate(f"m{i}", price_in=float(i), price_out=float(i)) for i in range(30)))
    both = Both(policy(rank=["neg", ["field", "call_cost"]], select=["sample", 1e6]), world)
    both.calls({"fields": {"prompt_tokens": 1000, "completion_tokens": 100}}, seed=seed, times=3)
    assert both.way == "scan"
