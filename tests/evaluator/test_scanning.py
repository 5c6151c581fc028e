"""Scanning: what a walk cannot find is found over all rows at once, with what the bounds of the leaves settle kept."""

from __future__ import annotations

from typing import Any

import pytest
from agreeing import Both
from array_worlds import ARRAYS
from small_worlds import candidate, policy, snapshot

from policy_ir.admission import admit
from policy_ir.evaluator import prepared
from policy_ir.snapshot import CandidateList, Snapshot
from policy_ir.syntax.loader import load

pytestmark = pytest.mark.filterwarnings("error")

LIVE = ["not", ["is", "disabled"]]
CHEAP = ["neg", ["normalize", ["field", "price_out"]]]
QUICK = ["neg", ["normalize", ["field", "latency_ms"]]]
SIZE = 40
WORLD = snapshot(*(candidate(f"m{i}", price_out=float(i * 7 % 41), context=1e3 * (i * 5 % 17)) for i in range(SIZE)))
LATENCIES = {"latency_ms": [float(i * 11 % 23) for i in range(SIZE)]}


def down(size: int, *alive: int) -> dict[str, list[bool]]:
    """A state in which only these candidates are left."""
    return {"disabled": [i not in alive for i in range(size)]}


def scanning(world: Any = WORLD, **slots: Any) -> Both:
    both = Both(policy(**{"filter": LIVE, "rank": ["add", CHEAP, QUICK], **slots}), world)
    assert both.way == "scan"
    return both


def over_arrays(candidates: list[Any], rank: Any, filter: Any = ("top",), select: Any = ("argmax",)) -> Both:
    """A policy under the vocabulary that has a field of every sort and source, with infinite defaults."""
    value = ["policy", filter, rank, select, ["id"], ["always", {"action": "next_candidate"}]]
    return Both(admit(load(value, source="policy"), ARRAYS), Snapshot.take(CandidateList(candidates), ARRAYS))


# --- ranks that move -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "rank",
    [
        ["field", "latency_ms"],
        ["neg", ["field", "latency_ms"]],
        ["add", CHEAP, QUICK],
        ["add", CHEAP, ["normalize", ["field", "context"]], ["scale", 2, QUICK]],
        ["add", QUICK, CHEAP, ["field", "context"]],
        ["add", ["scale", 0.1, CHEAP], ["scale", 0.2, CHEAP], QUICK, ["scale", 0.3, CHEAP]],
        ["normalize", QUICK],
        ["normalize", ["add", CHEAP, QUICK]],
        ["clamp", 0.2, 0.7, QUICK],
        ["clamp", 0.7, 0.2, ["add", CHEAP, QUICK]],
        ["gate", ["cmp", "latency_ms", "lt", 12], CHEAP],
        ["gate", ["or", ["is", "breaker_open"], ["cmp", "price_out", "gt", 20]], ["add", CHEAP, ["lit", 0.5]]],
        ["gate", ["not", ["known", "latency_ms"]], ["lit", 3]],
        ["gate", ["and", ["known", "latency_ms"], ["is", "disabled"]], QUICK],
        ["gate", ["test", ["add", ["field", "latency_ms"], ["field", "price_out"]], "ne", 20], QUICK],
        ["gate", ["not", ["cmp", "prompt_tokens", "gt", 5]], QUICK],
        ["scale", -0.5, ["gate", ["cmp", "completion_tokens", "eq", 0], ["normalize", ["field", "call_cost"]]]],
        ["add", ["normalize", ["neg", ["normalize", ["field", "context"]]]], QUICK],
        ["add", ["normalize", ["field", "call_cost"]], ["lit", 2], ["scale", 0, QUICK]],
    ],
)
def test_a_rank_in_which_something_moves_is_calculated(rank: Any) -> None:
    both = scanning(rank=rank)
    some = LATENCIES | {"breaker_open": [i % 3 == 0 for i in range(SIZE)]}
    gaps = {"latency_ms": [None if i % 4 == 0 else float(i) for i in range(SIZE)]}
    for facts in (None, {"fields": {"prompt_tokens": 7, "completion_tokens": 2}}):
        both.calls(facts, some)
        both.calls(facts, gaps | down(SIZE, *range(8, 30)), times=2)
        both.calls(facts, some | down(SIZE, 33), times=2)
        assert both.call(facts, some | down(SIZE)).winner is None


@pytest.mark.parametrize("least", [0, 4000, 1e6])
@pytest.mark.parametrize("rank", [["add", CHEAP, QUICK], QUICK, ["add", ["normalize", ["field", "bench_math"]], QUICK]])
def test_the_rows_of_a_shape_are_scanned_alone(rank: Any, least: float) -> None:
    both = scanning(filter=["and", LIVE, ["meets_req"], ["cmp", "latency_ms", "lt", 20]], rank=rank)
    both.calls({"min_context": least}, LATENCIES)
    both.calls({"min_context": least}, LATENCIES | down(SIZE, *range(5, 9)))
    both.calls({"min_context": least}, LATENCIES | down(SIZE, *range(20)))
    assert both.call({"min_context": least}, LATENCIES | down(SIZE)).winner is None


@pytest.mark.parametrize("steps", [1, 3])
def test_the_ends_of_a_leaf_are_found_however_far_they_are(steps: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prepared, "WALK", steps)
    both, here = scanning(), scanning(filter=["and", LIVE, ["meets_req"]])
    for alive in [(20,), (19, 22), range(12, 28), range(SIZE)]:
        both.calls(None, LATENCIES | down(SIZE, *alive), times=2)
        here.calls({"min_context": 2000}, LATENCIES | down(SIZE, *alive))


def test_orders_that_are_kept_for_a_shape_give_way_to_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prepared, "ORDERS", 2)
    for rank in (["add", CHEAP, QUICK], CHEAP):
        both = Both(policy(filter=["and", LIVE, ["meets_req"]], rank=rank), WORLD)
        for _ in range(2):
            for first in range(6):
                both.calls({"min_context": 2000}, LATENCIES | down(SIZE, *range(first, SIZE - first)), times=3)


@pytest.mark.parametrize("inner", [["argmax"], ["top_k", 3, ["argmax"]]])
@pytest.mark.parametrize("matching", [(), (4,), (7, 21), tuple(range(SIZE))])
def test_prefer_looks_among_those_who_are_alive(inner: Any, matching: tuple[int, ...]) -> None:
    for filter_ in (LIVE, ["and", LIVE, ["meets_req"]]):
        both = scanning(filter=filter_, select=["prefer", ["is", "breaker_open"], inner])
        state = LATENCIES | {"breaker_open": [i in matching for i in range(SIZE)]}
        both.calls(None, state)
        both.calls(None, state | down(SIZE, 3, 4, 5, 21))
        both.call(None, state | down(SIZE))


SHORT = ["test", ["scale", 2, ["field", "prompt_tokens"]], "lt", 50]


@pytest.mark.parametrize(
    "filter_",
    [
        SHORT,
        ["not", SHORT],
        ["and", LIVE, SHORT],
        ["and", ["cmp", "completion_tokens", "lt", 5], ["not", SHORT]],
        ["or", SHORT, LIVE],
        ["and", SHORT, ["test", ["add", ["field", "latency_ms"], ["field", "price_out"]], "lt", 30]],
        ["or", ["not", SHORT], ["test", ["add", ["field", "latency_ms"], ["field", "prompt_tokens"]], "gt", 15]],
        ["and", ["meets_req"], SHORT, ["cmp", "call_cost", "lt", 1e9]],
    ],
)
@pytest.mark.parametrize("rank", [CHEAP, ["neg", ["field", "call_cost"]], ["add", CHEAP, QUICK]])
@pytest.mark.parametrize("select", [["argmax"], ["sample", 3]])
def test_a_number_of_the_request_may_settle_a_conjunct_for_everybody(select: Any, rank: Any, filter_: Any) -> None:
    world = snapshot(*(candidate(f"m{i}", price_in=1.0, price_out=float(i * 7 % 12)) for i in range(12)))
    both = Both(policy(filter=filter_, rank=rank, select=select), world)
    for tokens in (10, 30):
        facts = {"fields": {"prompt_tokens": tokens}}
        both.calls(facts, {"latency_ms": [3.0 * i for i in range(12)]}, seed=2)
        both.call(facts, {"disabled": [i < 7 for i in range(12)]}, seed=2)
        both.call(facts, {"disabled": [True] * 12, "latency_ms": [100.0] * 12}, seed=2)


# --- undefined and infinite scores ---------------------------------------------------------------------------


def test_an_undefined_score_never_wins_over_a_defined_one() -> None:
    # Undefined: an infinite price from an infinite latency.
    rank = ["add", ["field", "price_out"], ["neg", ["field", "latency_ms"]]]
    both = scanning(snapshot(candidate("m0"), candidate("m1", price_out=2.0), candidate("m2")), rank=rank)
    assert both.calls(state={"latency_ms": [None, None, None]}).ids() == ["m1", "m0", "m2"]
    assert both.calls(state={"latency_ms": [None, 3.0, None]}).id == "m1"
    assert both.calls(state={"latency_ms": [None, 3.0, 1.0]}).id == "m2"
    assert both.calls(state={"latency_ms": [None, 3.0, None], "disabled": [False, True, False]}).id == "m0"


def test_minus_infinity_comes_in_catalogue_order_before_the_undefined() -> None:
    both = scanning(snapshot(*(candidate(f"m{i}") for i in range(3))), rank=["neg", ["field", "latency_ms"]])
    assert both.calls().scores() == [float("-inf")] * 3
    assert both.calls(state=down(3, 1, 2)).id == "m1"


PRICED = {0: 3.0, 2: 9.0, 3: 6.0, 5: 3.0}
PARTLY = snapshot(*(candidate(f"m{i}", **({"price_out": PRICED[i]} if i in PRICED else {})) for i in range(6)))


@pytest.mark.parametrize(
    "alive", [range(6), (0, 1, 5), (1, 4), (1,), (0, 5), (0,), (2, 3), (0, 4), ()], ids=lambda some: str(list(some))
)
@pytest.mark.parametrize("rank", [CHEAP, ["add", CHEAP, ["normalize", ["field", "context"]]], ["add", CHEAP, QUICK]])
@pytest.mark.parametrize("filter_", [LIVE, ["and", LIVE, ["meets_req"]]])
def test_unpriced_candidates_are_an_end_of_their_own(filter_: Any, rank: Any, alive: Any) -> None:
    both = scanning(PARTLY, filter=filter_, rank=rank)
    state = {"latency_ms": [5.0, 1.0, 4.0, 2.0, 0.0, 3.0]}
    both.calls(None, state | down(6, *alive))
    both.calls(None, state)
    both.calls(None, state | down(6, *alive), times=2)


@pytest.mark.parametrize("alive", [range(6), (0, 1), (2, 3), (4, 5), (0, 2), (1, 4), (3, 4, 5), (5,)])
def test_both_infinities_and_nothing_at_all_may_be_ends(alive: Any) -> None:
    # `quality` is -inf where nobody says better, a price inf; their sum is undefined.
    said = [{"quality": 1.0, "price_out": 1.0}, {"quality": 4.0, "price_out": 4.0}, {"quality": 2.0}, {}]
    said += [{"price_out": 3.0}, {"quality": 2.0, "price_out": 2.0}]
    candidates = [candidate(f"m{i}", **fields) for i, fields in enumerate(said)]
    leaf = ["normalize", ["add", ["field", "quality"], ["field", "price_out"]]]
    for rank in (
        leaf,
        ["add", leaf, ["scale", 0.1, ["normalize", ["field", "load"]]]],
        ["normalize", ["field", "quality"]],
    ):
        both = over_arrays(candidates, rank, LIVE)
        assert both.way == "scan"
        both.calls(None, {"load": [3.0, 1.0, 2.0, None, 0.0, 5.0]} | down(6, *alive))
        both.calls()


# --- numbers at their end ------------------------------------------------------------------------------------


GREATEST = 1.797e308


@pytest.mark.parametrize(
    "rank",
    [
        ["normalize", ["field", "load"]],
        ["add", ["field", "load"], ["field", "load"]],
        ["scale", 1e300, ["field", "load"]],
        ["add", ["scale", -1e300, ["field", "load"]], ["scale", 1e300, ["field", "load"]]],
        ["normalize", ["add", ["scale", 1.5, ["field", "load"]], ["field", "width"]]],
        ["add", ["normalize", ["field", "width"]], ["normalize", ["field", "load"]]],
        ["add", ["scale", 1e300, ["field", "width"]], ["field", "debt"]],
        ["normalize", ["scale", 1e300, ["field", "urgency"]]],
        ["add", ["scale", 1e308, ["field", "urgency"]], ["field", "load"]],
        ["normalize", ["add", ["field", "urgency"], ["field", "load"]]],
    ],
)
@pytest.mark.parametrize("urgency", [0, 1.0, 1e120, -GREATEST])
def test_overflow_is_infinite_and_is_no_warning(rank: Any, urgency: float) -> None:
    widths = [GREATEST, -GREATEST, 0.0, 1.0, -1e300]
    both = over_arrays([candidate(f"m{i}", width=width) for i, width in enumerate(widths)], rank, LIVE)
    loads = [-GREATEST, GREATEST, 5.0, -5e-324, 1e307]
    facts = {"fields": {"urgency": urgency}}
    both.calls(facts, {"load": loads, "debt": loads[::-1]})
    both.calls(facts, {"load": loads[::-1]} | down(5, 0, 1))
    both.calls(facts, {"load": [GREATEST] * 5})
    both.calls(facts)


def test_numbers_so_great_that_their_difference_is_infinite_are_still_brought_to_0_and_1() -> None:
    both = over_arrays([candidate(f"m{i}") for i in range(3)], ["normalize", ["field", "load"]])
    assert both.way == "scan"
    assert both.calls(None, {"load": [-GREATEST, 0.0, GREATEST]}).scores() == [1.0, 0.5, 0.0]
    assert both.calls(None, {"load": [0.0, 1e160, 5e159]}).scores() == [1.0, 0.5, 0.0]
    assert both.calls(None, {"load": [2.0, 2.0, 2.0]}).scores() == [0.0] * 3
