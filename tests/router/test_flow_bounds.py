"""Flows that are as large as they may be, and larger: nobody else waits for them, and none is read for long."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from flow_cases import flow, llm, only
from routers import QUESTION, a_router
from running import run
from test_bounds import PAUSE_S, Pulse, dry, send

SIZE = 254


def chain(count: int, policy: Any = None, system: str = "") -> list[Any]:
    names = [f"n{i}" for i in range(count)]
    nodes = {name: llm(names[i - 1] if i else "ask", policy=policy, system=system) for i, name in enumerate(names)}
    return flow(names[-1], **nodes)


def broad(nodes: int, at: int) -> list[Any]:
    """A policy of about so many nodes, another one at each node of a flow."""
    tests = [["cmp", "price_out", "le", float(1000 + at * nodes + i)] for i in range(nodes // 2)]
    return ["policy", ["and", *tests], *only("x")[2:]]


def heavy() -> list[Any]:
    """A flow whose policies are as large together as they may be."""
    nodes = {f"n{i}": llm("ask", policy=broad(3600, i)) for i in range(17)}
    return flow("fuse", **nodes, fuse=llm(*nodes))


@run
async def test_a_chain_of_as_many_nodes_as_there_may_be_is_run(tmp_path: Path) -> None:
    async with a_router(tmp_path) as router:
        got = await router.chat("flow:*", flow_ir=chain(SIZE))
        assert (got.status, got.account["attempts"]) == (200, SIZE)
        assert len(router.trace(got).nodes) == SIZE
        got = await router.chat("flow:*", flow_ir=chain(SIZE + 1))
        assert [one["code"] for one in got.error["diagnostics"]] == ["PIR1010"]


@run
async def test_the_largest_flow_keeps_nobody_waiting(tmp_path: Path) -> None:
    async with a_router(tmp_path) as router:
        data = dry(model="flow:*", flow_ir=heavy())
        for path in ("/v1/chat/completions", "/policy/decide", "/policy/validate"):
            async with Pulse() as pulse:
                status, text = await send(router, data, path)
            assert (status, len(text) < 100_000) == (200, True), text[:300]
            assert pulse.longest < PAUSE_S, path


@pytest.mark.parametrize(
    "nodes",
    [
        {f"n{i}": ["input"] for i in range(20_000)},
        {f"n{i}": 7 for i in range(20_000)},
        {"a": ["llm", {"system": "", "policy": ["policy", *[["top"]] * 20_000], "inputs": []}]},
        {"a": ["llm", {"system": "", "policy": 7, "inputs": [f"n{i}" for i in range(50_000)]}]},
        {"a": ["llm", {"system": "", "policy": 7, "inputs": [], "template": "$1" * 100_000}]},
    ],
)
def test_what_is_larger_than_a_flow_can_be_is_refused_at_once(tmp_path: Path, nodes: Any) -> None:
    @run
    async def checked() -> None:
        async with a_router(tmp_path) as router:
            data = json.dumps({"model": "flow:*", "messages": QUESTION, "flow_ir": ["flow", nodes]}).encode()
            async with Pulse() as pulse:
                status, text = await send(router, data)
            assert (status, text.count('"code":"PIR') <= 100) == (400, True)
            assert pulse.longest < PAUSE_S

    checked()


@run
async def test_a_flow_that_is_nested_too_deep_is_refused(tmp_path: Path) -> None:
    async with a_router(tmp_path) as router:
        deep: Any = ["top"]
        for _ in range(120):
            deep = ["not", deep]
        got = await router.chat("flow:*", flow_ir=chain(1, ["policy", deep, *only("x")[2:]]))
        assert got.status == 400
