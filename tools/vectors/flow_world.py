"""The flows that many vectors share, and short ways to write them."""

from __future__ import annotations

import json

from vectors.world import Json, candidate

ABORT = ["always", {"action": "abort"}]

OPEN: list[Json] = ["policy", ["top"], ["zero"], ["argmax"], ["id"], ABORT]
"""The policy that keeps everybody, in normal form."""

FAST: list[Json] = ["policy", ["family_eq", "fast"], ["neg", ["normalize", ["field", "price_out"]]], ["argmax"], ["id"], ABORT]  # fmt: skip
"""A policy in normal form that looks at the candidates."""

FIRST: list[Json] = ["policy", ["meets_req"], ["zero"], ["ordered"], ["id"], ABORT]
"""The policy that takes whoever can answer, in catalogue order."""


def llm(*inputs: str, system: str = "", policy: Json = None, **rest: Json) -> list[Json]:
    """A call: `rest` are its template and `on_error`."""
    return ["llm", {"system": system, "policy": OPEN if policy is None else policy, "inputs": list(inputs), **rest}]


def flow(**nodes: Json) -> list[Json]:
    """A flow of these nodes, with an input `ask` before them and an output `out` of the last of them behind them."""
    return ["flow", {"ask": ["input"], **nodes, "out": ["output", list(nodes)[-1]]}]


def bare(**nodes: Json) -> list[Json]:
    """A flow of these nodes and no others."""
    return ["flow", nodes]


def written(value: Json) -> str:
    """A value as a text of the wire form."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def around(value: Json, marker: str = "@") -> tuple[str, str]:
    """The text of a value in the wire form, before and after the string that is the marker, without its quotes."""
    before, quoted, after = written(value).partition(f'"{marker}"')
    assert quoted
    return before + '"', '"' + after


ONE = flow(draft=llm("ask"))
CHAIN = flow(draft=llm("ask"), verify=llm("draft"))
DIAMOND = flow(a=llm("ask"), b=llm("ask"), join=llm("a", "b"))
FUSE = flow(a=llm("ask"), b=llm("ask"), c=llm("ask"), join=llm("a", "b", "c"))

MODELS = [
    candidate("cheap", price_in=0.5, price_out=1, context=64000),
    candidate("dear", provider="q", family="large", price_in=3, price_out=15, context=200000, capabilities=["supports_tools", "supports_vision"], no_log=True),
    candidate("mid", price_in=1, price_out=4, context=4096, capabilities=["supports_tools"]),
]  # fmt: skip
"""Three candidates with prices, the dearest of which can do the most."""
