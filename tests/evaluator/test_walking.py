"""Walking: where the bounds of the leaves settle the rank, the winner is the first of a kept order that is alive."""

from __future__ import annotations

from typing import Any

import pytest
from agreeing import Both
from small_worlds import candidate, policy, snapshot

from policy_ir.evaluator import prepared
from policy_ir.semantics.scores import normalize

pytestmark = pytest.mark.filterwarnings("error")

LIVE = ["not", ["is", "disabled"]]
CHEAP = ["neg", ["normalize", ["field", "price_out"]]]
LONG = ["normalize", ["field", "context"]]
BOTH = ["add", ["scale", 0.7, CHEAP], ["scale", 0.3, LONG]]
FEW = snapshot(*(candidate(f"m{i}", price_out=float(i), context=1000.0 * (i * i % 7)) for i in range(9)))
MANY = snapshot(*(candidate(f"m{i}", price_out=float(i), context=1000.0 * (i * 31 % 157)) for i in range(160)))


def down(size: int, *alive: int) -> dict[str, list[bool]]:
    """A state in which only these candidates are left."""
    return {"disabled": [i not in alive for i in range(size)]}


def walking(world: Any = FEW, **slots: Any) -> Both:
    both = Both(policy(**{"filter": LIVE, "rank": BOTH, **slots}), world)
    assert both.way == "walk"
    return both


# --- bounds --------------------------------------------------------------------------------------------------


def test_the_bounds_of_a_leaf_are_those_of_whoever_is_alive() -> None:
    both = walking(rank=CHEAP)
    assert both.calls().scores()[:2] == [1.0, 1.0 - 1 / 8]
    assert both.calls(state=down(9, 3, 4, 7)).scores() == [1.0, 1.0 - 1 / 4, 0.0]


def test_bounds_that_were_never_seen_have_an_order_of_their_own() -> None:
    both = walking()
    both.calls(times=2)
    kept = both.bound._prepared
    assert kept is not None
    for low in range(4):
        for high in range(low + 1, 9):
            both.calls(state=down(9, *range(low, high)), times=2)
    assert len(kept.orders) > 9


def test_a_leaf_whose_survivors_are_all_alike_makes_no_difference() -> None:
    world = snapshot(*(candidate(f"m{i}", price_out=5.0, context=float(i)) for i in range(4)))
    assert walking(world, rank=CHEAP).calls().ids() == ["m0", "m1", "m2", "m3"]
    assert walking(world).calls().id == "m3"


def test_bounds_that_are_too_far_apart_for_their_difference_are_halved() -> None:
    wide = ["normalize", ["scale", -1, ["field", "price_out"]]], ["normalize", ["scale", 1e308, ["field", "context"]]]
    prices = [
        candidate(f"m{i}", price_out=price, context=i - 1.0 if i else 0.0) for i, price in enumerate([1e308, 3.0, 0])
    ]
    for rank in wide:
        walking(snapshot(*prices), rank=rank).calls()
    spread = ["normalize", ["add", ["scale", 1.7, ["field", "price_out"]], ["lit", -1.7e308]]]
    both = walking(snapshot(*prices), rank=spread)
    assert both.calls().scores() == list(normalize((1.7 * 1e308 - 1.7e308, 5.1 - 1.7e308, -1.7e308))[1])
    ends = ["normalize", ["clamp", -1.7e308, 1.7e308, ["scale", 1e308, ["add", ["field", "context"], ["lit", -5]]]]]
    assert walking(FEW, rank=ends).calls().scores()[-1] == 0.0


# --- how far a walk goes -------------------------------------------------------------------------------------


@pytest.mark.parametrize("alive", [(80,), (70, 71), (60, 100)])
@pytest.mark.parametrize("rank", [CHEAP, BOTH])
def test_a_walk_that_meets_only_the_dead_is_left_to_a_scan(rank: Any, alive: tuple[int, ...]) -> None:
    both = walking(MANY, rank=rank)
    both.calls(state=down(160, *alive), times=3)
    assert both.scans == 2
    both.call()
    assert both.scans == 2


def test_an_order_that_ends_before_it_comes_to_the_living_is_left_to_a_scan() -> None:
    # The first and the last are alive, so the bounds do not move; all between them are better.
    contexts = [0.0, *(1e5 - i for i in range(1, 159)), 1e5]
    world = snapshot(*(candidate(f"m{i}", price_out=float(i), context=context) for i, context in enumerate(contexts)))
    both = walking(world, rank=["add", CHEAP, LONG])
    assert both.calls(state=down(160, 0, 20, 159), times=3).id == "m20"
    # The order is made when its bounds come again: before that only the very best is known.
    assert both.scans == 1
    assert both.calls(state=down(160, 0, 150, 159), times=3).id == "m150"
    assert both.scans == 1 + 3


@pytest.mark.parametrize("steps", [1, 2, 5])
def test_how_far_a_walk_goes_changes_no_answer(steps: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prepared, "WALK", steps)
    for slots in ({}, {"rank": CHEAP}, {"select": ["ordered"]}, {"select": ["sample", 0.7]}):
        both = walking(**slots)
        for first in range(9):
            both.calls(state=down(9, *range(first, 9)), times=2)


def test_scores_that_are_undefined_come_last_in_a_kept_order() -> None:
    priced = {i: {"price_in": 1.0 * i, "price_out": 2.0} for i in range(0, 120, 30)}
    world = snapshot(*(candidate(f"m{i}", **priced.get(i, {})) for i in range(120)))
    # An infinite price from an infinite price is nothing.
    rank = ["add", ["field", "price_in"], ["neg", ["field", "price_out"]]]
    both = walking(world, rank=rank)
    assert both.calls().ids()[:5] == ["m90", "m60", "m30", "m0", "m1"]
    assert both.calls(state=down(120, 77, 78)).id == "m77"


# --- who is left ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "select", [["argmax"], ["ordered"], ["sample", 1], ["prefer", ["is", "breaker_open"], ["argmax"]]]
)
@pytest.mark.parametrize("place", [0, 4, 8])
def test_one_survivor_wins(select: Any, place: int) -> None:
    assert walking(select=select).calls(state=down(9, place), seed=3).ids() == [f"m{place}"]


@pytest.mark.parametrize(
    "select", [["argmax"], ["ordered"], ["sample", 1], ["prefer", ["is", "breaker_open"], ["argmax"]]]
)
@pytest.mark.parametrize("rank", [BOTH, ["zero"]])
def test_where_nobody_is_left_nobody_wins(select: Any, rank: Any) -> None:
    both = walking(select=select, rank=rank)
    assert both.calls(state=down(9), seed=3).winner is None
    assert both.calls(seed=3).winner is not None
    assert both.calls(state=down(9), seed=3).id is None


def test_a_world_without_candidates_has_no_winner() -> None:
    assert walking(snapshot()).calls().winner is None


def test_what_refuses_everybody_for_good_leaves_no_rows() -> None:
    assert walking(filter=["and", ["cmp", "price_out", "gt", 100], LIVE]).calls().reasons()[0] is not None


# --- orders that look at no score ----------------------------------------------------------------------------


def test_ordered_keeps_to_the_catalogue() -> None:
    both = walking(select=["ordered"])
    assert both.calls(state=down(9, 2, 5, 6)).ids() == ["m2", "m5", "m6"]


@pytest.mark.parametrize("rank", [BOTH, ["field", "latency_ms"], ["normalize", ["field", "latency_ms"]]])
def test_a_chain_goes_by_the_first_place_of_each_pair(rank: Any) -> None:
    names = [("p", "f"), ("q", "f"), ("p", "g"), ("q", "f"), ("p", "f")]
    world = snapshot(*(candidate(f"m{i}", provider=p, family=f) for i, (p, f) in enumerate(names)))
    listed = [["q", "f"], ["nobody", "x"], ["p", "f"], ["q", "f"]]
    select = ["chain", [{"provider": p, "model": f} for p, f in listed]]
    both = walking(world, select=select, rank=rank)
    assert both.calls().ids() == ["m1", "m3", "m0", "m4"]
    assert both.calls(state=down(5, 0, 2, 4)).ids() == ["m0", "m4"]
    assert both.calls(state=down(5, 2)).ids() == []


# --- prefer --------------------------------------------------------------------------------------------------


OPEN = ["is", "breaker_open"]


@pytest.mark.parametrize("open_", [(), (0,), (5,), (8,), (3, 4), (0, 8)])
@pytest.mark.parametrize("inner", [["argmax"], ["top_k", 3, ["argmax"]], ["top_k", 100, ["ordered"]], ["ordered"]])
def test_prefer_takes_the_first_match_of_what_it_stands_around(inner: Any, open_: tuple[int, ...]) -> None:
    both = walking(select=["prefer", OPEN, inner])
    state = {"breaker_open": [i in open_ for i in range(9)]}
    both.calls(state=state)
    both.calls(state=state | down(9, 2, 4, 5, 7))


def test_the_least_of_several_limits_counts() -> None:
    select = ["top_k", 5, ["prefer", OPEN, ["top_k", 4, ["top_k", 2, ["argmax"]]]]]
    both = walking(rank=CHEAP, select=select)
    assert both.calls(state={"breaker_open": [i == 2 for i in range(9)]}).id == "m0"
    assert both.calls(state={"breaker_open": [i == 1 for i in range(9)]}).id == "m1"


@pytest.mark.parametrize("limit", [None, 3, 60, 150])
@pytest.mark.parametrize("open_", [(), (0,), (100,), (140, 159), (2,)])
def test_a_preference_beyond_the_kept_order_is_found_by_scanning(limit: int | None, open_: tuple[int, ...]) -> None:
    inner = ["argmax"] if limit is None else ["top_k", limit, ["argmax"]]
    both = walking(MANY, rank=CHEAP, select=["prefer", OPEN, inner])
    state = {"breaker_open": [i in open_ for i in range(160)]}
    expected = next((i for i in open_ if limit is None or i < limit), 0)
    assert both.calls(state=state).id == f"m{expected}"
    both.calls(state=state | down(160, *range(90, 160)))


def test_a_preference_may_look_at_what_never_moves_and_at_the_request() -> None:
    both = walking(select=["prefer", ["cmp", "price_out", "ge", 4], ["argmax"]], rank=CHEAP)
    assert both.calls().id == "m4"
    fits = ["test", ["add", ["field", "price_out"], ["field", "prompt_tokens"]], "ge", 5]
    both = walking(select=["prefer", fits, ["argmax"]], rank=CHEAP)
    assert both.calls({"fields": {"prompt_tokens": 2}}).id == "m3"
    assert both.calls({"fields": {"prompt_tokens": 0}}).id == "m5"
    assert both.calls().id == "m5"


# --- filters that look at what moves -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "pred",
    [
        ["cmp", "latency_ms", "le", 30],
        ["cmp", "latency_ms", "ne", 30],
        ["not", ["cmp", "latency_ms", "ne", 30]],
        ["known", "latency_ms"],
        ["or", ["not", ["known", "latency_ms"]], ["cmp", "price_out", "lt", 3]],
        ["and", ["or", ["is", "breaker_open"], ["known", "success_rate"]], ["not", ["cmp", "latency_ms", "gt", 70]]],
        ["or", ["cmp", "latency_ms", "lt", 20], ["and", ["cmp", "price_out", "ge", 6], ["known", "latency_ms"]]],
        ["test", ["add", ["field", "latency_ms"], ["scale", 10, ["field", "price_out"]]], "lt", 90],
        ["test", ["gate", ["known", "latency_ms"], ["field", "latency_ms"]], "le", 30],
        ["test", ["gate", ["cmp", "price_out", "gt", 4], ["neg", ["field", "latency_ms"]]], "ge", -50],
        ["test", ["clamp", 10, 40, ["field", "latency_ms"]], "eq", 40],
    ],
)
def test_any_conjunct_of_what_moves_is_asked_of_each_candidate(pred: Any) -> None:
    latencies = [20.0, None, 30.0, 70.0, 0.0, None, 10.0, 71.0, 40.0]
    state = {"latency_ms": latencies, "breaker_open": [None, True, False] * 3, "success_rate": [0.5, None, 1.0] * 3}
    both = walking(filter=pred)
    both.calls(state=state)
    both.calls(state={field: values[::-1] for field, values in state.items()})
    both.calls(state={field: [None] * 9 for field in state})
    both.calls()


@pytest.mark.parametrize("budget", [0.0, 4.0, 100.0, None])
def test_a_budget_of_the_request_moves_the_filter(budget: float | None) -> None:
    within = ["test", ["add", ["field", "budget_left"], ["scale", -1, ["field", "price_out"]]], "ge", 0]
    both = walking(filter=["and", LIVE, within, ["cmp", "prompt_tokens", "lt", 50]])
    fields = {} if budget is None else {"budget_left": budget}
    both.calls({"fields": fields}, down(9, 3, 4, 5))
    both.calls({"fields": fields | {"prompt_tokens": 50}})
    # Tokens so many that NumPy would warn of the products.
    both.calls({"fields": fields | {"prompt_tokens": 1e300}})
