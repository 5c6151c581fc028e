"""Shapes: requests that require the same share what is found of them once, whatever else they say."""

from __future__ import annotations

from typing import Any

import pytest
from agreeing import Both
from small_worlds import candidate, policy, snapshot

from policy_ir.evaluator import prepared
from policy_ir.facts import Facts, read_facts

pytestmark = pytest.mark.filterwarnings("error")

LIVE = ["not", ["is", "disabled"]]
CHEAP = ["neg", ["normalize", ["field", "price_out"]]]
RANKS = {
    "walk": CHEAP,
    "climb": ["neg", ["field", "call_cost"]],
    "scan": ["add", CHEAP, ["neg", ["normalize", ["field", "latency_ms"]]]],
}


def world() -> Any:
    """Ten candidates that differ in everything that a request may require."""
    return snapshot(
        *(
            candidate(
                f"m{i}",
                family="fg"[i % 2],
                tier=("partner", "marketplace", "undeclared")[i % 3],
                scope=("team-a", None, None, "team-b")[i % 4],
                capabilities=[name for bit, name in enumerate(("supports_tools", "supports_vision")) if i >> bit & 1],
                price_out=float(i * 3 % 10),
                price_in=1.0 + i,
                context=1000.0 * (i % 5),
                no_log=i % 3 > 0,
                has_tee=i % 3 == 2,
                tok_s=10.0 * (i % 4),
                latency_ms=5.0 * i,
                region=("eu", "us")[i % 2],
            )
            for i in range(10)
        )
    )


def shapes(both: Both) -> tuple[int, int]:
    """How many shapes a binding has met, and how many of them twice."""
    kept = both.bound._prepared
    assert kept is not None
    return len(kept._shapes), len(kept._paths)


def bound(way: str, filter: Any = ("and", ["meets_req"], LIVE), **slots: Any) -> Both:
    both = Both(policy(filter=list(filter), rank=RANKS[way], **slots), world())
    assert both.way == way
    return both


REQUESTS: list[dict[str, Any]] = [
    {},
    {"needs": ["tools"]},
    {"needs": ["vision", "tools"]},
    {"min_context": 2000},
    {"min_context": 0},
    {"min_context": 1e12},
    {"model_family": "g"},
    {"model_family": "nobody's"},
    {"tier": "partner"},
    {"privacy": "no_log"},
    {"privacy": "tee_required"},
    {"min_tok_s": 20},
    {"min_tok_s": 0, "needs": ["tools"]},
    {"scope": "team-a"},
    {"needs": ["tools"], "min_context": 1500, "privacy": "no_log", "tier": "partner"},
]


@pytest.mark.parametrize("way", RANKS)
def test_whatever_a_request_requires_is_required_at_every_call(way: str) -> None:
    both = bound(way)
    for _ in range(3):
        for request in REQUESTS:
            both.call(request)
            both.call(request, {"disabled": [i < 4 for i in range(10)], "tok_s": [5.0 * (9 - i) for i in range(10)]})
            both.call(request | {"fields": {"prompt_tokens": 20, "vip": True}})


@pytest.mark.parametrize("way", RANKS)
def test_contexts_between_the_same_two_of_the_catalogue_are_one_shape(way: str) -> None:
    both = bound(way)
    for least in range(2, 200, 9):
        both.call({"min_context": 5 * least})
    assert shapes(both) == (1, 1)
    for least in range(1000, 6000, 90):
        both.call({"min_context": least})
    # 1,000 is met by itself; beyond 4,000 nobody is left.
    assert shapes(both) == (5, 5)


def test_a_request_that_asks_for_speed_is_of_no_shape() -> None:
    both = bound("walk")
    both.calls({"needs": ["tools"]})
    before = shapes(both)
    for speed in range(0, 40, 5):
        both.calls({"needs": ["tools"], "min_tok_s": speed}, {"tok_s": [7.0 * i for i in range(10)]}, times=2)
    assert shapes(both) == before


@pytest.mark.parametrize("way", RANKS)
def test_a_scope_is_a_shape_of_its_own(way: str) -> None:
    both = bound(way, ("and", ["scope_matches"], LIVE))
    # What the filter does not look at makes no shape.
    for least, scope in enumerate(["team-a", "team-b", None, "team-c"] * 3):
        both.call({"scope": scope, "min_context": least, "min_tok_s": least})
    assert shapes(both) == (4, 4)


@pytest.mark.parametrize("way", RANKS)
@pytest.mark.parametrize(
    ("pred", "many"),
    [
        (["or", ["is", "vip"], ["cmp", "price_out", "gt", 4]], 3),
        (["or", ["tag_in", "teams", ["red", "blue"]], ["tag_in", "region", ["eu"]]], 4),
        (["or", ["and", ["known", "vip"], ["not", ["known", "teams"]]], ["is", "no_log"]], 8),
        (["or", ["known", "vip"], ["not", ["scope_matches"]]], 3),
        (["or", ["not", ["is", "vip"]], ["test", ["scale", 2, ["field", "price_out"]], "gt", 8]], 3),
    ],
)
def test_tags_and_flags_of_the_request_belong_to_its_shape(way: str, pred: Any, many: int) -> None:
    both = bound(way, ("and", pred, LIVE))
    teams = [None, ["red"], ["green"], ["blue", "red"]]
    for _ in range(3):
        for vip in (None, True, False):
            for team in teams:
                given = {"vip": vip, "teams": team, "prompt_tokens": 3}
                both.call({"fields": {name: value for name, value in given.items() if value is not None}})
    met, twice = shapes(both)
    assert met == twice <= 12
    assert met >= many


@pytest.mark.parametrize("way", RANKS)
def test_a_filter_of_the_request_alone_takes_all_or_nobody(way: str) -> None:
    both = bound(way, ("is", "vip"))
    assert len(both.calls({"fields": {"vip": True}}).ids()) == 10
    assert both.calls({"fields": {"vip": False}}).winner is None
    assert both.calls().winner is None


@pytest.mark.parametrize(
    "pred", [["is", "vip"], ["known", "teams"], ["meets_req"], ["tag_in", "region", ["eu"]], ["known", "call_cost"]]
)
def test_what_a_shape_settles_may_stand_beside_what_moves_in_one_conjunct(pred: Any) -> None:
    both = Both(policy(filter=["or", pred, ["cmp", "latency_ms", "lt", 12]], rank=CHEAP), world())
    assert both.way == ("walk" if pred[0] == "tag_in" else "whole")
    both.calls({"needs": ["tools"], "fields": {"vip": True}})
    both.calls({"needs": ["tools"], "fields": {"teams": ["red"]}}, {"latency_ms": [50.0] * 10})


def test_as_many_shapes_are_kept_as_fit_and_others_are_made_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prepared, "SHAPES", 2)
    for way in RANKS:
        both = bound(way)
        for _ in range(3):
            for request in REQUESTS:
                both.calls(request, times=3)
                assert max(shapes(both)) <= 2 if both.bound._prepared else True


# --- what a call finds ---------------------------------------------------------------------------------------


def seen(both: Both, request: Any, disabled: Any = None) -> str:
    """What a call would find that is kept already."""
    from agreeing import overlay_of

    overlay = overlay_of(both.snapshot, {"disabled": disabled or [False] * 10})
    assert overlay is not None
    return both.bound.seen(read_facts(request, both.snapshot.vocabulary), overlay)


@pytest.mark.parametrize(("way", "bounds"), [("walk", "bounds"), ("climb", "warm"), ("scan", "bounds")])
def test_a_binding_says_what_a_call_will_find(way: str, bounds: str) -> None:
    both = bound(way)
    tools, ends = {"needs": ["tools"]}, [False] * 5 + [True] * 5
    assert seen(both, tools) == "warm"
    both.calls(tools, times=2)
    # Where to walk or to climb is found for a shape when it comes again.
    assert way == "scan" or seen(both, tools) == "shape"
    both.call(tools)
    assert seen(both, tools) == "warm"
    assert seen(both, tools, ends) == bounds
    both.calls(tools, {"disabled": ends}, times=2)
    assert seen(both, tools, ends) == "warm"
    assert seen(both, tools, [True] * 10) == "warm"
    both.bound.forget_bounds()
    assert seen(both, tools, ends) == bounds
    both.bound.forget_shapes()
    assert seen(both, tools, ends) == "shape"
    both.calls(tools, {"disabled": ends})
    assert seen(both, tools, ends) == "warm"


def test_a_binding_without_shapes_says_what_a_call_will_find() -> None:
    both = bound("walk", LIVE)
    both.calls()
    assert seen(both, {}) == "warm"
    assert seen(both, {}, [True] * 4 + [False] * 6) == "bounds"
    both.bound.forget_bounds()
    assert seen(both, {}) == "bounds"


def test_a_binding_that_has_kept_nothing_has_nothing_to_forget() -> None:
    both = bound("walk")
    both.bound.forget_shapes()
    both.bound.forget_bounds()
    assert seen(both, {}) == "warm"
    whole = Both(policy(rank=["zero"], select=["rank_by", CHEAP, ["argmax"]]), world())
    unwritten = Both(policy(filter=["or", ["is", "vip"], ["is", "disabled"]]), world())
    for both in (whole, unwritten):
        both.calls()
        both.bound.forget_shapes()
        both.bound.forget_bounds()
        assert seen(both, {}) == "warm"
        both.call()


def test_a_rank_of_what_moves_keeps_nothing_for_bounds() -> None:
    both = Both(policy(filter=["and", ["meets_req"], LIVE], rank=["field", "latency_ms"]), world())
    both.calls()
    assert seen(both, {}, [True] * 4 + [False] * 6) == "warm"


# --- facts ---------------------------------------------------------------------------------------------------


def test_facts_that_a_host_built_are_read_as_any_others() -> None:
    for way in RANKS:
        both = bound(way)
        for _ in range(4):
            both.call(Facts(needs=("tools", "tools"), fields={"prompt_tokens": 4}))
            both.call(Facts(min_context=1500.0))


def test_a_shape_that_takes_a_calculation_gives_no_warning() -> None:
    great = ["test", ["scale", 1e308, ["field", "price_out"]], "le", 5]
    both = Both(
        policy(filter=["or", ["meets_req"], great]), snapshot(*(candidate(f"m{i}", price_out=1e9) for i in range(3)))
    )
    for need in ("tools", "vision"):
        both.calls({"needs": [need]}, times=4)
