"""Whether the trace of a flow is whole: for tests of routers, whatever befalls them."""

from __future__ import annotations

from collections.abc import Iterator
from math import isclose
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from policy_ir.flow.tree import Flow
    from policy_ir.trace.record import Trace

__all__ = ["unsound"]

CLOCK_S: Final = 0.001
"""How far moments of one flow may be apart and still be the same."""


def unsound(trace: Trace, flow: Flow) -> Iterator[str]:
    """Everything in the trace of a flow that no run of the flow can have left, in words; nothing if it is whole.

    A flow that was answered has run every node. No node is there twice, none began before its inputs had ended, and
    nodes and attempts are in the order in which they were started.
    """
    calls = flow.calls
    named = [str(node.node) for node in trace.nodes]
    if len(set(named)) < len(named) or not calls.keys() >= set(named):
        yield f"its nodes are {named}"
        return
    if trace.outcome == "ok" and len(named) < len(calls):
        yield f"it was answered, and ran {named} only"
    began = {str(node.node): node.at for node in trace.nodes}
    ended = {str(node.node): node.at + node.ended_ms / 1000 for node in trace.nodes}
    if list(began.values()) != sorted(began.values()):
        yield "its nodes are out of order"
    for name in named:
        for one in calls[name].inputs:
            if one in calls and one not in ended:
                yield f"`{name}` ran without `{one}`"
            elif one in ended and began[name] + CLOCK_S < ended[one]:
                yield f"`{name}` began before `{one}` had ended"
    for node in trace.nodes:
        if (node.id, node.key) != (trace.id, trace.key):
            yield f"`{node.node}` is of another trace"
        if [hop.number for hop in node.hops] != list(range(len(node.hops))):
            yield f"the attempts of `{node.node}` are out of order"
    if not isclose(trace.cost.usd, sum(node.cost.usd for node in trace.nodes), abs_tol=1e-12):
        yield "its cost is not that of its nodes"
