"""A flow at the router: what each node sends, what the caller gets, and which nodes run at the same time."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from time import perf_counter
from typing import Any

import pytest
from flow_cases import CANDIDATES, fan, flow, llm, only, pair
from routers import QUESTION, Router, a_router
from running import run

from policy_ir.flow.calls import seed_of_node
from policy_ir.flow.loaded import load_admitted_flow
from policy_ir.presets import flow_presets
from policy_ir.router.config import Limits
from policy_ir.router.sandbox_world import sandbox_vocabulary

TAKES_MS = 200.0


def sent(router: Router, candidate: str) -> list[dict[str, Any]]:
    """The bodies that a candidate got."""
    return [dict(one.body) for one in router.sandbox.seen(candidate)]


def answer_of(router: Router, candidate: str, at: int = 0) -> str:
    """What a candidate was sent by its user, which the sandbox's answers repeat."""
    return str(sent(router, candidate)[at]["messages"][-1]["content"])


# --- what is sent -------------------------------------------------------------------------------------------------


@run
async def test_a_first_node_gets_the_callers_messages_under_its_own_system_prompt(tmp_path: Path) -> None:
    async with a_router(tmp_path) as router:
        given = flow("a", a=llm("ask", system="Be brief."))
        got = await router.chat("flow:*", flow_ir=given)
        assert got.status == 200
        assert sent(router, "north/large") == [
            {"model": "sim-large", "messages": [{"role": "system", "content": "Be brief."}, *QUESTION]}
        ]


@run
async def test_a_node_over_another_gets_its_answer_as_one_user_message(tmp_path: Path) -> None:
    async with a_router(tmp_path) as router:
        got = await router.chat("flow:*", flow_ir=pair(only("north/small"), only("south/large")))
        assert got.status == 200
        [body] = sent(router, "south/large")
        [message] = body["messages"]
        assert message["role"] == "user"
        assert message["content"].startswith("I am sim-small")


@run
async def test_a_template_is_filled_with_the_inputs_by_their_numbers(tmp_path: Path) -> None:
    async with a_router(tmp_path) as router:
        verify = llm("ask", "draft", policy=only("south/large"), template="Q: $1 D: $2 $x")
        given = flow("verify", draft=llm("ask", policy=only("north/small")), verify=verify)
        await router.chat("flow:*", flow_ir=given)
        text = answer_of(router, "south/large")
        assert text.startswith("Q: Where is my order? D: I am sim-small")
        assert text.endswith(" $x")


@run
async def test_tools_format_and_every_other_key_of_the_body_are_for_the_last_node(tmp_path: Path) -> None:
    more: dict[str, Any] = {
        "tools": [{"type": "function", "function": {"name": "find", "parameters": {"type": "object"}}}],
        "response_format": {"type": "json_object"},
        "max_tokens": 50,
        "temperature": 0.5,
    }
    async with a_router(tmp_path) as router:
        got = await router.chat("flow:*", flow_ir=pair(only("north/small"), only("north/large")), **more)
        assert got.status == 200, got.text
        assert sent(router, "north/small") == [{"model": "sim-small", "messages": QUESTION}]
        [last] = sent(router, "north/large")
        assert {key: last[key] for key in more} == more
        first, second = router.trace(got).nodes
        assert first.facts is not None
        assert second.facts is not None
        assert first.facts["needs"] == []
        assert set(second.facts["needs"]) >= {"tools", "json_mode"}


@run
async def test_what_the_caller_requires_of_privacy_holds_at_every_node(tmp_path: Path) -> None:
    async with a_router(tmp_path) as router:
        options = {"requirements": {"privacy": "no_log", "needs": ["tools"], "fields": {"completion_tokens": 5}}}
        got = await router.chat("flow:*", flow_ir=pair(), policy_options=options)
        first, second = router.trace(got).nodes
        assert first.facts is not None
        assert second.facts is not None
        assert first.facts["privacy"] == second.facts["privacy"] == "no_log"
        assert (first.facts["needs"], second.facts["needs"]) == ([], ["tools"])
        assert (first.facts["fields"]["completion_tokens"], second.facts["fields"]["completion_tokens"]) == (1024, 5)


@run
async def test_each_node_has_a_seed_of_its_own_from_that_of_the_flow(tmp_path: Path) -> None:
    async with a_router(tmp_path) as router:
        got = await router.chat("flow:*", flow_ir=pair(), policy_options={"seed": 7})
        trace = router.trace(got)
        assert (trace.seed, got.account["seed"]) == (7, 7)
        assert [node.seed for node in trace.nodes] == [seed_of_node(7, "draft"), seed_of_node(7, "verify")]


@run
async def test_an_intermediate_answer_without_text_is_the_empty_text(tmp_path: Path) -> None:
    async with a_router(tmp_path) as router:
        given = pair(None, only("south/large"))
        answers = router.running.service.upstream

        async def without_text(*args: Any, **more: Any) -> Any:
            reply = await whole(*args, **more)
            reply.json["choices"][0]["message"]["content"] = None
            return reply

        whole, answers.answer = answers.answer, without_text  # type: ignore[method-assign]
        await router.chat("flow:*", flow_ir=given)
        assert answer_of(router, "south/large") == ""


# --- what the caller gets ------------------------------------------------------------------------------------------


@run
async def test_the_answer_is_that_of_the_last_node_with_an_account_of_all(tmp_path: Path) -> None:
    async with a_router(tmp_path) as router:
        given = pair(only("north/small"), only("south/large"))
        got = await router.chat("flow:*", flow_ir=given)
        assert got.json["model"] == "hosted-sim-large"
        account, trace = got.account, router.trace(got)
        fingerprint = load_admitted_flow(given, sandbox_vocabulary()).fingerprint
        assert (account["flow"], account["flow_name"], account["candidate"]) == (fingerprint, None, "south/large")
        assert account["trace"] == trace.id
        assert account["decision"] == trace.nodes[1].decision
        assert account["attempts"] == 2
        assert account["cost_usd"] == trace.cost.usd == sum(node.cost.usd for node in trace.nodes)
        assert list(account["nodes"]) == ["draft", "verify"]
        for node in trace.nodes:
            told = account["nodes"][node.node]
            assert told["candidate"] == node.chosen
            assert told["policy"] == node.policy
            assert told["decision"] == node.decision
            assert (told["attempts"], told["outcome"], told["cost_usd"]) == (1, "ok", node.cost.usd)
            assert told["started_ms"] == pytest.approx((node.at - trace.at) * 1000, abs=0.01)
            assert told["ended_ms"] == pytest.approx((node.at - trace.at) * 1000 + node.ended_ms, abs=0.01)
        headers = got.headers
        assert headers["x-policy-ir-flow"] == fingerprint
        assert headers["x-policy-ir-candidate"] == "south/large"
        assert headers["x-policy-ir-attempts"] == "2"
        assert headers["x-policy-ir-decision"] == trace.nodes[1].decision
        assert float(headers["x-policy-ir-cost-usd"]) == pytest.approx(trace.cost.usd)


@run
async def test_every_flow_of_the_package_runs_over_the_sandbox(tmp_path: Path) -> None:
    async with a_router(tmp_path) as router:
        for one in flow_presets():
            got = await router.chat(f"flow:{one.name}", **json.loads(one.chat_text))
            assert got.status == 200, got.text
            assert got.account["flow_name"] == one.name
            assert router.trace(got).flow_name == one.name


# --- at the same time ----------------------------------------------------------------------------------------------


def slow(ms: float = TAKES_MS) -> list[str]:
    """Faults that make every candidate take so long for an answer."""
    return [f"{candidate}=slow_first_token:ms={ms:.0f}" for candidate in CANDIDATES]


@run
async def test_eight_nodes_that_wait_for_nobody_run_at_the_same_time(tmp_path: Path) -> None:
    given = fan([only(candidate) for candidate in CANDIDATES])
    async with a_router(tmp_path, *slow()) as router:
        took_ms = []
        for _ in range(3):  # a machine that is busy with other tests may be late once
            begun = perf_counter()
            got = await router.chat("flow:*", flow_ir=given)
            took_ms.append((perf_counter() - begun) * 1000)
            assert got.status == 200
        trace = router.trace(got)
        assert [node.node for node in trace.nodes] == [*(f"n{i}" for i in range(8)), "fuse"]
        starts = [node.at for node in trace.nodes[:8]]
        assert starts == sorted(starts)
        ends = [node.at + node.ended_ms / 1000 for node in trace.nodes[:8]]
        assert max(starts) < min(ends)  # all were under way together
        assert min(took_ms) < 2.5 * TAKES_MS  # the fan, and then the node over it


@pytest.mark.parametrize("most", [1, 3])
def test_no_more_nodes_run_at_once_than_the_configuration_allows(tmp_path: Path, most: int) -> None:
    @run
    async def checked() -> None:
        given = fan([only(candidate) for candidate in CANDIDATES])
        async with a_router(tmp_path, *slow(30), limits=Limits(flow_nodes=most)) as router:
            trace = router.trace(await router.chat("flow:*", flow_ir=given))
            spans = [(node.at, node.at + node.ended_ms / 1000) for node in trace.nodes]
            at_once = [sum(begun <= start < ended - 1e-4 for begun, ended in spans) for start, _ in spans]
            assert max(at_once) == most

    checked()


@run
async def test_flows_at_the_same_time_do_not_get_into_each_other(tmp_path: Path) -> None:
    async with a_router(tmp_path) as router:
        given = pair(only("north/small"), only("south/large"))

        async def one(i: int) -> None:
            asked = [{"role": "user", "content": f"question {i}"}]
            got = await router.chat("flow:*", flow_ir=given, messages=asked)
            assert got.status == 200
            assert f"question {i}" in got.text
            trace = router.trace(got)
            assert [node.node for node in trace.nodes] == ["draft", "verify"]
            assert {node.id for node in trace.nodes} == {trace.id}

        await asyncio.gather(*(one(i) for i in range(16)))
        assert router.sandbox.calls() == 32
        assert router.running.service.in_flight == 0
