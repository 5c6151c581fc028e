"""A flow as a stream: only the last node streams, and what comes of it when it breaks."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from time import perf_counter

import pytest
from flow_cases import NEXT, flow, llm, only, pair
from routers import QUESTION, a_router
from running import run

from policy_ir.router.config import Traces


@run
async def test_only_the_last_node_streams(tmp_path: Path) -> None:
    async with a_router(tmp_path) as router:
        options = {"include_usage": True}
        given = pair(only("north/small"), only("south/large"))
        got = await router.chat("flow:*", flow_ir=given, stream=True, stream_options=options)
        assert got.status == 200
        assert got.headers["Content-Type"].startswith("text/event-stream")
        [draft], [verify] = router.sandbox.seen("north/small"), router.sandbox.seen("south/large")
        assert "stream" not in draft.body
        assert (verify.body["stream"], verify.body["stream_options"]) == (True, options)
        assert got.events[-1] == "[DONE]"
        assert got.said.startswith("I am ")
        assert {chunk["model"] for chunk in got.chunks} == {"hosted-sim-large"}


@run
async def test_the_account_is_in_the_last_chunk_and_only_there(tmp_path: Path) -> None:
    async with a_router(tmp_path) as router:
        got = await router.chat("flow:*", flow_ir=pair(only("north/small")), stream=True)
        *before, last = got.chunks
        assert not any("policy_ir" in chunk for chunk in before)
        account = last["policy_ir"]
        assert list(account["nodes"]) == ["draft", "verify"]
        assert account["attempts"] == 2
        headers = got.headers
        assert headers["x-policy-ir-trace"] == account["trace"]
        assert headers["x-policy-ir-flow"] == account["flow"]
        assert headers["x-policy-ir-candidate"] == account["candidate"] == "north/large"
        assert headers["x-policy-ir-decision"] == account["decision"]
        assert headers["x-policy-ir-attempts"] == "2"
        assert "x-policy-ir-cost-usd" not in headers
        trace = router.trace(got)
        assert (trace.stream, [node.stream for node in trace.nodes]) == (True, [False, True])


@run
async def test_nothing_comes_before_the_last_node_has_content(tmp_path: Path) -> None:
    faults = "north/small=slow_first_token:ms=150", "south/large=slow_first_token:ms=150"
    async with a_router(tmp_path, *faults) as router:
        body = {"model": "flow:*", "messages": QUESTION, "stream": True}
        body["flow_ir"] = pair(only("north/small"), only("south/large"))
        begun = perf_counter()
        async with router.session.post(router.url + "/v1/chat/completions", json=body) as response:
            assert perf_counter() - begun > 0.29
            await response.content.readany()
            router.sandbox.script("south/large")
            await response.read()


@run
async def test_pieces_come_in_the_order_in_which_the_provider_sent_them(tmp_path: Path) -> None:
    async with a_router(tmp_path) as router:
        given = flow("a", a=llm("ask"))

        async def one(i: int) -> None:
            asked = [{"role": "user", "content": f"question {i}"}]
            whole = await router.chat("flow:*", flow_ir=given, messages=asked)
            got = await router.chat("flow:*", flow_ir=given, messages=asked, stream=True)
            assert got.said == whole.json["choices"][0]["message"]["content"]

        await asyncio.gather(*(one(i) for i in range(8)))


@run
async def test_before_the_first_content_the_last_node_fails_over_unseen(tmp_path: Path) -> None:
    async with a_router(tmp_path, "north/large=error_in_stream:after=0") as router:
        last = only("north/large", "north/small", plan=NEXT)
        got = await router.chat("flow:*", flow_ir=pair(only("west/tiny"), last), stream=True)
        assert (got.status, got.chunks[-1]["policy_ir"]["candidate"]) == (200, "north/small")
        assert got.headers["x-policy-ir-candidate"] == "north/small"
        assert got.headers["x-policy-ir-attempts"] == "3"


@pytest.mark.parametrize("on_error", ["fail", "input"])
def test_after_the_first_content_a_failure_ends_the_stream_with_an_error(tmp_path: Path, on_error: str) -> None:
    @run
    async def checked() -> None:
        async with a_router(tmp_path, "north/large=cut:after=3") as router:
            given = pair(only("north/small"))
            given[1]["verify"][1]["on_error"] = on_error
            got = await router.chat("flow:*", flow_ir=given, stream=True)
            assert (got.status, "[DONE]" in got.events) == (200, False)
            error = json.loads(got.events[-1])["error"]
            assert error["message"].startswith("the node `verify` has failed: north/large failed for")
            assert error["policy_ir"]["node"] == "verify"
            trace = router.trace(got)
            assert (trace.outcome, trace.status, trace.failed_node) == ("interrupted", 200, "verify")
            assert [node.outcome for node in trace.nodes] == ["ok", "interrupted"]
            assert trace.chosen == "north/large"

    checked()


@run
async def test_a_failure_before_the_stream_begins_is_an_error_with_its_status(tmp_path: Path) -> None:
    async with a_router(tmp_path, "north/small=overloaded") as router:
        got = await router.chat("flow:*", flow_ir=pair(only("north/small")), stream=True)
        assert (got.status, got.error["policy_ir"]["node"]) == (503, "draft")


@run
async def test_prompts_and_answers_of_all_nodes_are_kept_where_the_configuration_says_so(tmp_path: Path) -> None:
    async with a_router(tmp_path, traces=Traces(prompts=True)) as router:
        got = await router.chat("flow:*", flow_ir=pair(only("north/small")), stream=True)
        trace = router.trace(got)
        assert trace.request is not None
        assert trace.request["messages"] == QUESTION
        assert trace.response is not None
        assert len(trace.response["chunks"]) > 3
        first, second = trace.nodes
        assert first.request == {"messages": QUESTION}
        assert first.response is not None
        assert second.request is not None
        assert second.request["messages"][0]["content"] == first.response["choices"][0]["message"]["content"]
