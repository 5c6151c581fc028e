"""What no run of a flow can have left in its trace is noticed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import attrs
import pytest
from flow_histories import diamond, flowed
from histories import Kept, snapshot

from policy_ir.testing.flow_traces import unsound
from policy_ir.trace.record import Cost, Trace

FLOW = diamond()


def whole() -> Trace:
    return flowed(Kept(), FLOW, snapshot())


def with_nodes(trace: Trace, change: Callable[[list[Trace]], Any]) -> Trace:
    nodes = list(trace.nodes)
    change(nodes)
    return attrs.evolve(trace, nodes=tuple(nodes))


def test_a_flow_that_was_run_to_its_end_is_whole() -> None:
    assert [*unsound(whole(), FLOW.flow)] == []


def test_a_flow_that_failed_on_its_way_is_whole_without_the_rest() -> None:
    trace = flowed(Kept(), FLOW, snapshot(), run={"draft", "left"}, outcome="failed", status=502)
    assert [*unsound(trace, FLOW.flow)] == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda nodes: nodes.append(nodes[0]), "its nodes are"),
        (lambda nodes: nodes.__setitem__(0, attrs.evolve(nodes[0], node="other")), "its nodes are"),
        (lambda nodes: nodes.pop(), "it was answered"),
        (lambda nodes: nodes.pop(0), "`left` ran without `draft`"),
        (lambda nodes: nodes.reverse(), "out of order"),
        (lambda nodes: nodes.__setitem__(0, attrs.evolve(nodes[0], ended_ms=1500.0)), "`left` began before `draft`"),
        (lambda nodes: nodes.__setitem__(1, attrs.evolve(nodes[1], key="else")), "`left` is of another trace"),
        (lambda nodes: nodes.__setitem__(1, attrs.evolve(nodes[1], hops=nodes[1].hops * 2)), "the attempts of `left`"),
        (lambda nodes: nodes.__setitem__(1, attrs.evolve(nodes[1], cost=Cost(usd=9.0))), "its cost is not"),
    ],
)
def test_what_no_run_leaves_is_said(change: Callable[[list[Trace]], Any], said: str) -> None:
    assert said in " ".join(unsound(with_nodes(whole(), change), FLOW.flow))
