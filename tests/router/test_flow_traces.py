"""Flows in a router's history: they are listed, found, replayed, and whole under many callers."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
from flow_cases import NEXT, fan, flow, llm, only, pair
from routers import a_router
from running import run

from policy_ir.flow.loading import load_flow
from policy_ir.testing.flow_traces import unsound
from policy_ir.trace.parts import text_of
from policy_ir.trace.record import Trace
from policy_ir.trace.replay import replay_all

CALLERS = 16


@run
async def test_traces_are_listed_by_flow_and_by_what_answered_at_a_node(tmp_path: Path) -> None:
    async with a_router(tmp_path) as router:
        one = await router.chat("flow:*", flow_ir=pair(only("west/tiny"), only("north/large")))
        other = await router.chat("flow:*", flow_ir=pair(only("north/large")))
        call = await router.chat("policy:resilient")
        made = [got.headers["x-policy-ir-trace"] for got in (one, other, call)]
        for query, found in {
            "": made[::-1],
            f"flow={one.account['flow']}": made[:1],
            "flow=nobody": [],
            "candidate=west/tiny": made[:1],
            f"policy={one.account['nodes']['draft']['policy']}": made[:1],
        }.items():
            listed = await router.get(f"/traces?{query}")
            assert [trace["id"] for trace in listed.json["data"]] == found, query
        assert Trace.from_json((await router.get(f"/traces/{made[0]}")).json) == router.trace(one)


@run
async def test_a_replay_of_a_flow_tells_of_each_node(tmp_path: Path) -> None:
    async with a_router(tmp_path, "west/tiny=overloaded") as router:
        got = await router.chat("flow:*", flow_ir=pair(only("west/tiny", "north/large", plan=NEXT)))
        again = await router.ask("POST", f"/traces/{got.headers['x-policy-ir-trace']}/replay")
        assert (again.json["verdict"], again.json["flow"]) == ("same", got.account["flow"])
        assert [(node["node"], node["verdict"]) for node in again.json["nodes"]] == [
            ("draft", "same"), ("verify", "same"),
        ]  # fmt: skip


@run
async def test_a_replay_of_a_flow_whose_part_is_gone_says_so_and_decides_its_nodes(tmp_path: Path) -> None:
    async with a_router(tmp_path) as router:
        got = await router.chat("flow:*", flow_ir=pair())
        with router.store._database.writing.begin() as connection:
            connection.exec_driver_sql("DELETE FROM policy_ir_parts WHERE kind = 'flow'")
        again = await router.ask("POST", f"/traces/{got.headers['x-policy-ir-trace']}/replay")
        assert again.json["verdict"] == "damaged"
        assert [one["code"] for one in again.json["diagnostics"]] == ["PIR0931"]
        assert [node["verdict"] for node in again.json["nodes"]] == ["same", "same"]


@run
async def test_what_a_flow_spends_is_spent_in_its_session_once(tmp_path: Path) -> None:
    async with a_router(tmp_path) as router:
        options = {"session": "s", "budget": 10.0}
        got = [await router.chat("flow:*", flow_ir=pair(), policy_options=options) for _ in range(2)]
        costs = [one.account["cost_usd"] for one in got]
        assert min(costs) > 0
        assert router.store.spent(None, "s") == pytest.approx(sum(costs))


@run
async def test_nothing_is_lost_doubled_or_out_of_order_with_many_flows_at_a_time(tmp_path: Path) -> None:
    drawn = ["policy", ["meets_req"], ["zero"], ["sample", 1.0], ["id"], NEXT]
    shapes = [
        fan([drawn] * 6, on_error="input"),
        flow("d", a=llm("ask", policy=drawn), b=llm("a", policy=drawn), c=llm("a", "ask"), d=llm("b", "c")),
        pair(only("south/large"), on_error="input"),
        pair(only("south/large")),  # fails
    ]
    async with a_router(tmp_path, "south/large=server_error", "east/small=overloaded", pace=0.01) as router:

        async def caller(number: int) -> list[str]:
            told = []
            for turn in range(4):
                stream = (number + turn) % 3 == 0
                shape = shapes[(number + turn) % len(shapes)]
                options = {"seed": 100 * number + turn}
                got = await router.chat("flow:*", flow_ir=shape, stream=stream, policy_options=options)
                told.append(got.headers["x-policy-ir-trace"])
            return told

        told = [id for ids in await asyncio.gather(*map(caller, range(CALLERS))) for id in ids]
        kept = list(router.store.iterate())
        assert sorted(told) == sorted(trace.id for trace in kept)
        assert len(set(told)) == 4 * CALLERS
        assert {trace.outcome for trace in kept} == {"ok", "failed"}
        for trace in kept:
            part = router.store.part("flow", str(trace.flow_part))
            assert part is not None
            assert [*unsound(trace, load_flow(json.loads(text_of(part))))] == []
        tally = replay_all(router.store, kept)
        assert (tally.holds, tally.counts["same"], tally.flows) == (True, len(kept), len(kept))
