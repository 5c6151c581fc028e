"""The work of a term, its bound, and the meter."""

from __future__ import annotations

from math import ceil, log2
from typing import Any

import pytest
from small_worlds import candidate, decided, normal, policy, snapshot

from policy_ir.decision import decide
from policy_ir.diagnostics import InternalError, Refused, codes
from policy_ir.facts import Facts
from policy_ir.semantics import WORK_LIMIT, Meter, check_work, work
from policy_ir.semantics.configuration import Everybody
from policy_ir.semantics.environment import Environment
from policy_ir.semantics.machine import evaluate
from policy_ir.semantics.work import sorting

NODES = 6  # of a policy whose slots are all leaves


def total(select: Any, n: int) -> int:
    return work(policy(select=select).term, n)


@pytest.mark.parametrize("n", [1, 2, 3, 8, 9, 1000])
def test_work_is_nodes_and_a_sort_for_each_selector(n: int) -> None:
    assert total(["argmax"], n) == n * NODES + n * ceil(log2(n))
    assert total(["prefer", ["top"], ["top_k", 2, ["argmax"]]], n) == n * (NODES + 3) + 3 * n * ceil(log2(n))


def test_over_nobody_there_is_no_work() -> None:
    assert total(["sample", 1], 0) == 0
    assert sorting(0) == sorting(1) == 0


SAMPLES = [
    (["sample", 1], 100),
    (["top_k", 3, ["sample", 1]], 3),
    (["top_k", 1000, ["sample", 1]], 100),
    (["top_k", 5, ["top_k", 3, ["sample", 1]]], 3),
    (["top_k", 3, ["top_k", 5, ["sample", 1]]], 3),
    (["top_k", 3, ["prefer", ["top"], ["sample", 1]]], 100),
    (["top_k", 3, ["rank_by", ["zero"], ["sample", 1]]], 100),
    (["prefer", ["top"], ["top_k", 3, ["sample", 1]]], 3),
    (["top_k", 3, ["prefer", ["top"], ["top_k", 7, ["sample", 1]]]], 7),
]  # fmt: skip


@pytest.mark.parametrize(("select", "drawn"), SAMPLES, ids=str)
def test_only_a_top_k_directly_around_a_sample_limits_its_draws(select: Any, drawn: int) -> None:
    def plain(value: Any) -> Any:
        """The same selector with an order that draws nothing in place of the sample."""
        if value == ["sample", 1]:
            return ["argmax"]
        return [plain(part) if isinstance(part, list) else part for part in value]

    assert total(select, 100) == total(plain(select), 100) + 100 * drawn


def test_work_beyond_the_bound_is_refused_before_any_step() -> None:
    fine = (WORK_LIMIT - 1) // (NODES + 27)
    check_work(policy().term, fine, WORK_LIMIT)
    with pytest.raises(Refused) as refused:
        check_work(policy(select=["sample", 1]).term, 20_000, WORK_LIMIT)
    (found,) = refused.value.diagnostics
    assert found.code is codes.TOO_MUCH_WORK
    assert (found.found, found.expected) == ("400420000 units", "at most 134217728 units")


def test_a_host_may_lower_the_bound_and_not_raise_it() -> None:
    three = snapshot(*(candidate(f"m{i}") for i in range(3)))
    exactly = work(policy().normal, 3)
    steps: list[Any] = []
    assert decide(policy(), three, work_limit=exactly).ordered
    with pytest.raises(Refused):
        decide(policy(), three, work_limit=exactly - 1, on_step=steps.append)
    assert steps == []
    with pytest.raises(Refused):
        check_work(policy(select=["sample", 1]).term, 20_000, 2**62)


def test_the_effective_policy_is_what_work_is_counted_on() -> None:
    bound = work(policy().normal, 1)
    under_a_floor = decided(candidate(), floor=["and", ["is", "no_log"], ["is", "has_tee"]])
    with pytest.raises(Refused):
        decide(under_a_floor.program, under_a_floor.snapshot, work_limit=bound)


def test_a_meter_that_is_exhausted_is_a_bug_of_ours() -> None:
    meter = Meter(budget=3)
    meter.charge(2)
    meter.charge(1)
    with pytest.raises(InternalError, match="step bound"):
        meter.charge(1)
    assert meter.steps == 3


def test_the_machine_charges_before_it_works() -> None:

    steps: list[Any] = []
    environment = Environment(snapshot(candidate("a"), candidate("b")), Facts())
    with pytest.raises(InternalError):
        evaluate(normal(["policy", ["top"], ["zero"], ["argmax"], ["id"], ["always", {"action": "abort"}]]),
                 Everybody(), environment, Meter(budget=5), steps.append)  # fmt: skip
    assert [step.rule for step in steps] == ["top/accept", "filter/keep", "top/accept", "filter/keep"]
