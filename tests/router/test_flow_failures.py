"""A node that fails, time that runs out, money that does: what the caller is told, what is cancelled, what goes on."""

from __future__ import annotations

import asyncio
from pathlib import Path
from time import perf_counter
from typing import Any

import aiohttp
import pytest
from flow_cases import CANDIDATES, NEXT, fan, flow, llm, only, pair
from routers import QUESTION, Router, a_router
from running import run

from policy_ir.flow import bounds
from policy_ir.router.config import Breaker, Limits
from policy_ir.trace.record import Trace

SLOW = "slow_first_token:ms=4000"


async def idle(router: Router) -> None:
    """Waits until nothing is under way at any simulated provider. Fails after some seconds."""
    async with asyncio.timeout(5):
        while any(one.ended_ms is None for name in router.sandbox.candidates for one in router.sandbox.seen(name)):
            await asyncio.sleep(0.005)


async def last_trace(router: Router, outcome: str) -> Trace:
    """The one trace there is, as soon as it is kept."""
    async with asyncio.timeout(5):
        while not (found := router.store.find(limit=2)):
            await asyncio.sleep(0.01)
    [trace] = found
    assert trace.outcome == outcome
    whole = router.store.get(trace.id)
    assert whole is not None
    return whole


# --- the flow fails ------------------------------------------------------------------------------------------------


@run
async def test_a_failed_node_fails_the_flow_with_its_name_and_reason(tmp_path: Path) -> None:
    async with a_router(tmp_path, "north/small=overloaded") as router:
        got = await router.chat("flow:*", flow_ir=pair(only("north/small")))
        assert (got.status, got.error["code"], got.error["type"]) == (503, "overloaded", "server_error")
        assert got.error["message"].startswith("the node `draft` has failed: north/small failed for `overloaded`")
        account = got.error["policy_ir"]
        assert (account["node"], account["reason"]) == ("draft", "overloaded")
        assert account["nodes"]["draft"]["outcome"] == "failed"
        assert account["nodes"]["draft"]["reason"] == "overloaded"
        assert account["hops"][0]["candidate"] == "north/small"
        assert got.headers["x-should-retry"] == "false"
        assert got.headers["x-policy-ir-trace"] == account["trace"]
        assert got.headers["x-policy-ir-flow"] == account["flow"]
        assert router.sandbox.calls("north/large") == 0
        trace = router.trace(got)
        assert (trace.outcome, trace.status, trace.reason, trace.failed_node) == ("failed", 503, "overloaded", "draft")
        [node] = trace.nodes
        assert (node.outcome, node.status, node.reason, node.passed) == ("failed", 503, "overloaded", False)


@pytest.mark.parametrize(
    ("fault", "status", "code"),
    [
        ("rate_limit:retry_after=7", 429, "rate_limit_exceeded"),
        ("quota", 429, "insufficient_quota"),
        ("context_overflow", 400, "context_length_exceeded"),
        ("server_error", 502, "server_error"),
    ],
)
def test_status_and_code_are_those_that_a_call_would_have(tmp_path: Path, fault: str, status: int, code: str) -> None:
    @run
    async def checked() -> None:
        async with a_router(tmp_path, f"north/large={fault}") as router:
            got = await router.chat("flow:*", flow_ir=pair())
            assert (got.status, got.error["code"]) == (status, code)
            assert ("Retry-After" in got.headers) == ("retry_after" in fault)

    checked()


@run
async def test_the_first_failure_cancels_what_runs_and_what_was_spent_is_in_the_trace(tmp_path: Path) -> None:
    slow = [f"{candidate}={SLOW}" for candidate in CANDIDATES[2:]]
    async with a_router(tmp_path, "north/small=slow_first_token:ms=100", "north/large=overloaded", *slow) as router:
        # `first` is answered at once, then `wrong` fails over it, while the others are at work.
        given = flow(
            "fuse",
            first=llm("ask", policy=only("north/small")),
            wrong=llm("first"),
            **{f"s{i}": llm("ask", policy=only(candidate)) for i, candidate in enumerate(CANDIDATES[2:5])},
            fuse=llm("first", "wrong", "s0", "s1", "s2"),
        )
        begun = perf_counter()
        got = await router.chat("flow:*", flow_ir=given)
        assert perf_counter() - begun < 3
        assert (got.status, got.error["policy_ir"]["node"]) == (503, "wrong")
        await idle(router)
        for candidate in CANDIDATES[2:5]:
            [seen] = router.sandbox.seen(candidate)
            assert seen.closed_by_client
        trace = router.trace(got)
        ended = {node.node: (node.outcome, [hop.outcome for hop in node.hops]) for node in trace.nodes}
        assert ended == {
            "first": ("ok", ["ok"]),
            "s0": ("cancelled", ["cancelled"]),
            "s1": ("cancelled", ["cancelled"]),
            "s2": ("cancelled", ["cancelled"]),
            "wrong": ("failed", ["failed"]),
        }
        assert trace.cost.usd == trace.nodes[0].cost.usd > 0


@run
async def test_of_several_failed_nodes_the_first_by_name_is_named(tmp_path: Path) -> None:
    given = flow("fuse", b=llm("ask"), a=llm("ask", policy=["policy", ["bot"], *only("x")[2:]]), fuse=llm("b", "a"))
    nobody = ["policy", ["bot"], *only("x")[2:]]
    given[1]["b"][1]["policy"] = nobody
    async with a_router(tmp_path) as router:
        got = await router.chat("flow:*", flow_ir=given)
        assert got.error["policy_ir"]["node"] == "a"


@run
async def test_a_node_that_nobody_may_be_tried_for_is_no_candidate(tmp_path: Path) -> None:
    nobody = ["policy", ["bot"], *only("x")[2:]]
    async with a_router(tmp_path) as router:
        got = await router.chat("flow:*", flow_ir=pair(None, nobody))
        assert (got.status, got.error["code"]) == (422, "no_candidate")
        assert got.error["message"].startswith("the node `verify` has failed: no candidate is left of 9")
        assert got.error["refused"] == {"bot": 9}
        trace = router.trace(got)
        assert (trace.outcome, trace.reason, trace.failed_node) == ("no_candidate", "no_candidate", "verify")
        assert [node.outcome for node in trace.nodes] == ["ok", "no_candidate"]
        assert 'policy_ir_no_candidate_total{reason="bot"} 1.0' in (await router.get("/metrics")).text


@run
async def test_an_input_that_would_be_too_long_fails_its_node_without_a_call(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("policy_ir.flow.assembly.ASSEMBLED_BYTES", 100)
    assert bounds.ASSEMBLED_BYTES > 100
    async with a_router(tmp_path) as router:
        got = await router.chat("flow:*", flow_ir=pair(only("north/small"), on_error="input"))
        assert (got.status, got.error["code"]) == (400, "context_length_exceeded")
        assert got.error["message"] == "the node `verify` has failed: the text of its input would be too long"
        trace = router.trace(got)
        assert (trace.failed_node, [node.node for node in trace.nodes]) == ("verify", ["draft"])


@run
async def test_within_a_node_a_call_fails_over_as_its_plan_says(tmp_path: Path) -> None:
    async with a_router(tmp_path, "north/large=overloaded") as router:
        got = await router.chat(
            "flow:*", flow_ir=pair(only("north/large", "north/small", plan=NEXT), only("south/large"))
        )
        assert got.status == 200
        assert got.account["attempts"] == 3
        assert got.account["nodes"]["draft"]["candidate"] == "north/small"


# --- the input is passed on ----------------------------------------------------------------------------------------


@run
async def test_a_failed_node_passes_its_input_on_where_it_says_so(tmp_path: Path) -> None:
    async with a_router(tmp_path, "north/small=overloaded") as router:
        got = await router.chat("flow:*", flow_ir=pair(only("north/small"), only("south/large"), on_error="input"))
        assert got.status == 200
        [seen] = router.sandbox.seen("south/large")
        assert seen.body["messages"] == [{"role": "user", "content": QUESTION[0]["content"]}]
        node = got.account["nodes"]["draft"]
        assert (node["outcome"], node["reason"], node["candidate"]) == ("passed", "overloaded", None)
        first, second = router.trace(got).nodes
        assert (first.outcome, first.passed, second.passed) == ("failed", True, False)
        metrics = (await router.get("/metrics")).text
        assert 'policy_ir_flow_nodes_total{outcome="passed"} 1.0' in metrics
        assert 'policy_ir_calls_total{outcome="ok",policy="flow:*"} 1.0' in metrics


@run
async def test_a_node_without_a_candidate_passes_its_input_on_as_well(tmp_path: Path) -> None:
    nobody = ["policy", ["bot"], *only("x")[2:]]
    async with a_router(tmp_path) as router:
        got = await router.chat("flow:*", flow_ir=pair(nobody, on_error="input"))
        assert (got.status, got.account["nodes"]["draft"]["outcome"]) == (200, "passed")


@pytest.mark.parametrize("stream", [False, True])
def test_a_last_node_that_passes_its_input_on_is_answered_by_the_router(tmp_path: Path, stream: bool) -> None:
    @run
    async def checked() -> None:
        async with a_router(tmp_path, "north/large=overloaded") as router:
            got = await router.chat("flow:*", flow_ir=flow("a", a=llm("ask", on_error="input")), stream=stream)
            assert got.status == 200
            said = got.said if stream else got.json["choices"][0]["message"]["content"]
            assert said == QUESTION[0]["content"]
            last = got.chunks[-1] if stream else got.json
            assert (last["model"], last["choices"][0]["finish_reason"]) == ("flow:*", "stop")
            assert (last["policy_ir"]["candidate"], last["policy_ir"]["nodes"]["a"]["outcome"]) == (None, "passed")
            if stream:
                assert got.events[-1] == "[DONE]"
            assert "x-policy-ir-candidate" not in got.headers
            assert got.headers["x-policy-ir-attempts"] == str(last["policy_ir"]["attempts"]) == "1"
            trace = router.trace(got)
            assert (trace.outcome, trace.chosen) == ("ok", None)

    checked()


# --- time ----------------------------------------------------------------------------------------------------------


@run
async def test_one_deadline_holds_for_all_nodes_and_is_not_passed_on(tmp_path: Path) -> None:
    async with a_router(tmp_path, "north/large=slow_first_token:ms=150", f"north/small={SLOW}") as router:
        given = pair(only("north/large"), only("north/small"))
        given[1]["verify"][1]["on_error"] = "input"
        begun = perf_counter()
        got = await router.chat("flow:*", flow_ir=given, policy_options={"deadline_ms": 400})
        assert 0.35 < perf_counter() - begun < 2
        assert (got.status, got.error["code"], got.error["policy_ir"]["node"]) == (504, "timeout", "verify")
        await idle(router)
        trace = router.trace(got)
        assert [(node.outcome, node.passed) for node in trace.nodes] == [("ok", False), ("failed", False)]


@run
async def test_a_timeout_of_one_provider_before_the_deadline_is_passed_on(tmp_path: Path) -> None:
    policy = only("north/small")
    policy[4] = ["set_param", "timeout_ms", 100]
    async with a_router(tmp_path, f"north/small={SLOW}") as router:
        got = await router.chat("flow:*", flow_ir=pair(policy, on_error="input"))
        assert (got.status, got.account["nodes"]["draft"]["reason"]) == (200, "timeout")


@run
async def test_the_time_to_the_first_content_is_that_of_the_last_node(tmp_path: Path) -> None:
    slow = "slow_first_token:ms=300"
    async with a_router(tmp_path, f"north/small={slow}", f"south/large={slow}") as router:
        options = {"first_token_ms": 100}
        got = await router.chat("flow:*", flow_ir=pair(only("north/small")), policy_options=options)
        assert got.status == 200
        got = await router.chat("flow:*", flow_ir=pair(None, only("south/large")), policy_options=options, stream=True)
        assert (got.status, got.error["policy_ir"]["node"]) == (504, "verify")


# --- money ---------------------------------------------------------------------------------------------------------


async def _costs(router: Router, given: Any) -> dict[str, float]:
    """What each node is estimated to cost."""
    got = await router.chat("flow:*", flow_ir=given, policy_options={"dry_run": True})
    return {node["node"]: node["usd"] for node in got.json["nodes"]}


@run
async def test_a_node_that_could_exceed_the_budget_of_the_flow_is_not_started(tmp_path: Path) -> None:
    given = pair(only("west/tiny"), only("north/large"))
    given[1]["verify"][1]["on_error"] = "input"
    async with a_router(tmp_path) as router:
        costs = await _costs(router, given)
        options = {"flow_budget": costs["draft"] + costs["verify"] / 2}
        got = await router.chat("flow:*", flow_ir=given, policy_options=options)
        assert (got.status, got.error["code"]) == (402, "budget_exceeded")
        assert got.error["message"] == (
            "the node `verify` has failed: its call could cost more than is left of the flow's budget"
        )
        assert router.sandbox.calls() == router.sandbox.calls("west/tiny") == 1
        trace = router.trace(got)
        assert (trace.reason, trace.failed_node) == ("budget_exceeded", "verify")
        draft, verify = trace.nodes
        assert (verify.winner, verify.hops, verify.outcome, verify.status) == ("north/large", (), "failed", 402)
        assert trace.cost.usd == draft.cost.usd > 0
        enough = {"flow_budget": costs["draft"] + costs["verify"] * 2}
        assert (await router.chat("flow:*", flow_ir=given, policy_options=enough)).status == 200


@run
async def test_nodes_at_the_same_time_share_the_budget(tmp_path: Path) -> None:
    given = fan([only("north/large")] * 3)
    async with a_router(tmp_path, "north/large=slow_first_token:ms=50") as router:
        cost = (await _costs(router, given))["n0"]
        got = await router.chat("flow:*", flow_ir=given, policy_options={"flow_budget": 2.5 * cost})
        assert (got.status, got.error["policy_ir"]["node"]) == (402, "n2")


@run
async def test_a_budget_of_a_flow_is_refused_for_a_call_that_is_none(tmp_path: Path) -> None:
    async with a_router(tmp_path) as router:
        got = await router.chat(policy_options={"flow_budget": 1})
        assert (got.status, got.error["param"]) == (400, "/policy_options/flow_budget")


# --- a caller that goes away ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("stream", [False, True])
def test_a_caller_that_hangs_up_ends_every_call_of_the_flow(tmp_path: Path, stream: bool) -> None:
    @run
    async def checked() -> None:
        faults = [f"{candidate}={SLOW}" for candidate in CANDIDATES[:4]]
        async with a_router(tmp_path, *faults) as router:
            body = {"model": "flow:*", "messages": QUESTION, "stream": stream}
            body["flow_ir"] = fan([only(candidate) for candidate in CANDIDATES[:4]])
            with pytest.raises(asyncio.TimeoutError):
                await router.session.post(
                    router.url + "/v1/chat/completions", json=body, timeout=aiohttp.ClientTimeout(total=0.3)
                )
            await idle(router)
            for candidate in CANDIDATES[:4]:
                [seen] = router.sandbox.seen(candidate)
                assert seen.closed_by_client
            trace = await last_trace(router, "cancelled")
            assert trace.status == 499
            assert [node.outcome for node in trace.nodes] == ["cancelled"] * 4
            assert [hop.outcome for node in trace.nodes for hop in node.hops] == ["cancelled"] * 4
            assert router.running.service.in_flight == 0
            tasks = [task for task in asyncio.all_tasks() if "FlowCourse" in repr(task)]
            assert tasks == []

    checked()


# --- breakers ------------------------------------------------------------------------------------------------------


@run
async def test_two_nodes_at_a_half_open_breaker_take_one_probe(tmp_path: Path) -> None:
    standing = ["and", ["tag_in", "id", ["north/large"]], ["not", ["is", "breaker_open"]]]
    policy = ["policy", standing, ["zero"], ["argmax"], ["id"], ["always", {"action": "abort"}]]
    given = fan([policy] * 4, on_error="input")
    given[1]["fuse"][1]["policy"] = only("south/large")
    breaker = Breaker(failures=1, open_ms=100.0)
    async with a_router(tmp_path, "north/large=server_error:once", breaker=breaker) as router:
        assert (await router.chat("flow:*", flow_ir=flow("a", a=llm("ask", policy=policy)))).status == 502
        await asyncio.sleep(0.15)
        router.sandbox.script("north/large", "slow_first_token:ms=100")
        router.sandbox.forget()
        got = await router.chat("flow:*", flow_ir=given)
        assert got.status == 200
        assert router.sandbox.calls("north/large") == 1
        outcomes = [got.account["nodes"][f"n{i}"]["outcome"] for i in range(4)]
        assert outcomes == ["ok", "passed", "passed", "passed"]


@run
async def test_a_failure_in_a_node_counts_for_its_breaker_as_that_of_a_call_does(tmp_path: Path) -> None:
    async with a_router(tmp_path, "north/large=server_error", breaker=Breaker(failures=1)) as router:
        await router.chat("flow:*", flow_ir=pair())
        assert 'policy_ir_breaker_open{candidate="north/large"} 1.0' in (await router.get("/metrics")).text


# --- limits --------------------------------------------------------------------------------------------------------


@run
async def test_a_flow_is_one_call_of_those_that_run_at_once(tmp_path: Path) -> None:
    given = fan([only(candidate) for candidate in CANDIDATES])
    async with a_router(tmp_path, limits=Limits(concurrent=1)) as router:
        assert (await router.chat("flow:*", flow_ir=given)).status == 200


@run
async def test_what_a_session_has_spent_counts_its_flows(tmp_path: Path) -> None:
    async with a_router(tmp_path) as router:
        options = {"session": "s", "budget": 1.0}
        first = await router.chat("flow:*", flow_ir=pair(), policy_options=options)
        await asyncio.sleep(0.01)
        second = await router.chat("flow:*", flow_ir=pair(), policy_options=options)
        for node in router.trace(second).nodes:
            assert node.facts is not None
            assert node.facts["fields"]["budget_left"] == pytest.approx(1.0 - first.account["cost_usd"])
