"""Every admitted policy is decided, however long or deep; its code never doubles, and never warns."""

from __future__ import annotations

import warnings
from typing import Any

import pytest
from agreeing import Both
from array_worlds import ARRAYS

from policy_ir.evaluator import Evaluator
from policy_ir.snapshot import Candidate, CandidateList, Snapshot


def snapshot(prices: list[float]) -> Snapshot:
    return Snapshot.take(
        CandidateList(
            Candidate(
                id=f"m{at}",
                provider="p",
                family="f",
                fields={"price_in": price, "price_out": 1.0, "load": at % 3, "disabled": price > 9.0},
            )
            for at, price in enumerate(prices)
        ),
        ARRAYS,
    )


def agree(filter_: list[Any], rank: list[Any], world: Snapshot) -> None:
    policy = ["policy", filter_, rank, ["argmax"], ["id"], ["always", {"action": "abort"}]]
    Both(Evaluator().load(policy, ARRAYS), world).calls(times=3)


SMALL = snapshot([float(at % 5) for at in range(12)])
CHEAP = ["neg", ["normalize", ["field", "price_in"]]]


@pytest.mark.parametrize("count", [250, 300, 1200])
@pytest.mark.parametrize("negated", [False, True])
def test_any_number_of_conjuncts_about_the_state_is_decided(count: int, negated: bool) -> None:
    conjuncts: list[Any]
    if negated:
        conjuncts = [["not", ["cmp", "load", "eq", float(at + 1)]] for at in range(count)]
    else:
        conjuncts = [["cmp", "load", "ge", -float(at)] for at in range(count)]
    agree(["and", *conjuncts], CHEAP, SMALL)


def test_alternatives_as_many_as_admission_allows_are_decided() -> None:
    agree(["or", *(["cmp", "load", "ge", 1.0 + at] for at in range(4000))], CHEAP, SMALL)


def test_a_sum_as_long_as_admission_allows_is_decided() -> None:
    agree(["top"], ["add", *(["field", ("load", "price_in")[at % 2]] for at in range(4000))], SMALL)


def test_unequal_tests_inside_each_other_do_not_double_the_code() -> None:
    pred: list[Any] = ["cmp", "load", "ne", 1.0]
    for _ in range(29):
        pred = ["test", ["gate", pred, ["lit", 1.0]], "ne", 0.0]
    agree(pred, CHEAP, SMALL)


def test_many_leaves_under_many_conjuncts_are_decided_by_arrays() -> None:
    conjuncts = [["cmp", "load", "ge", -float(at)] for at in range(200)]
    rank = ["add", *(["normalize", ["field", ("price_in", "width")[at % 2]]] for at in range(200))]
    policy = ["policy", ["and", *conjuncts], rank, ["argmax"], ["id"], ["always", {"action": "abort"}]]
    both = Both(Evaluator().load(policy, ARRAYS), SMALL)
    both.calls(times=3)
    assert both.way == "whole"


def test_a_very_negative_number_of_the_request_raises_no_warning() -> None:
    rank = ["add", ["normalize", ["field", "load"]], ["scale", 100.0, ["field", "urgency"]]]
    policy = ["policy", ["top"], rank, ["argmax"], ["id"], ["always", {"action": "abort"}]]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        Both(Evaluator().load(policy, ARRAYS), SMALL).calls({"fields": {"urgency": -1e308}})


def test_a_preference_for_what_is_undefined_raises_no_warning() -> None:
    # Nobody shows a debt, which is -inf then, or a latency, which is inf.
    prefer = ["test", ["add", ["field", "latency_ms"], ["field", "debt"]], "ge", 0.0]
    rank = ["neg", ["field", "call_cost"]]
    policy = ["policy", ["top"], rank, ["prefer", prefer, ["argmax"]], ["id"], ["always", {"action": "abort"}]]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        Both(Evaluator().load(policy, ARRAYS), SMALL).calls({"fields": {"prompt_tokens": 5}})


def test_rows_far_outside_the_ends_of_a_leaf_raise_no_warning() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        agree(["not", ["is", "disabled"]], CHEAP, snapshot([1.0, 1.0 + 1e-10, 1e308, *[1.0 + 5e-11] * 60]))
