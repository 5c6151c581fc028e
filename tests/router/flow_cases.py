"""Flows for tests of the router, in the wire form: policies that take one candidate, chains, and fans."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

CANDIDATES = (
    *("north/large", "north/small", "north/thinker", "south/large"),
    *("south/mini", "east/small", "east/long", "west/tiny"),
)
"""Eight candidates of the sandbox."""

STOP = ["always", {"action": "abort"}]
NEXT = ["always", {"action": "next_candidate"}]


def only(*candidates: str, plan: object = STOP) -> list[Any]:
    """The policy that takes these candidates, in the order of the catalogue."""
    return ["policy", ["tag_in", "id", list(candidates)], ["zero"], ["argmax"], ["id"], plan]


def llm(*inputs: str, policy: object = None, system: str = "", **more: str) -> list[Any]:
    """A node that reads these, by default of `north/large`."""
    return ["llm", {"system": system, "policy": policy or only("north/large"), "inputs": list(inputs), **more}]


def flow(last: str, **nodes: object) -> list[Any]:
    """The flow of these nodes, with the input `ask` and the output `out`."""
    return ["flow", {"ask": ["input"], **nodes, "out": ["output", last]}]


def fan(policies: Sequence[object], **more: str) -> list[Any]:
    """A node for each policy, `n0` and so on, and `fuse` over all of them."""
    nodes = {f"n{i}": llm("ask", policy=policy, **more) for i, policy in enumerate(policies)}
    return flow("fuse", **nodes, fuse=llm(*nodes))


def pair(first: object = None, second: object = None, **more: str) -> list[Any]:
    """`draft`, and `verify` over it; `more` is of the draft."""
    return flow("verify", draft=llm("ask", policy=first, **more), verify=llm("draft", policy=second))
