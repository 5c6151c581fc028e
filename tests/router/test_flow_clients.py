"""OpenAI's own client for Python, unmodified, runs flows: whole, as a stream, with tools, and with their failures."""

from __future__ import annotations

from pathlib import Path

import openai
import pytest
from flow_cases import only, pair
from running import run
from test_openai_python import MESSAGES, TOOLS, a_client, account, trace_of


@run
async def test_an_answer_is_a_chat_completion_with_an_account_of_the_flow(tmp_path: Path) -> None:
    async with a_client(tmp_path) as (client, router):
        answer = await client.chat.completions.create(
            model="flow:*", messages=MESSAGES, extra_body={"flow_ir": pair(only("north/small"))}
        )
        assert answer.choices[0].message.content
        assert answer.choices[0].finish_reason == "stop"
        assert list(account(answer)["nodes"]) == ["draft", "verify"]
        assert answer._request_id == account(answer)["trace"]
        assert trace_of(router, account(answer)).outcome == "ok"


@run
async def test_a_named_flow_needs_nothing_but_its_name(tmp_path: Path) -> None:
    async with a_client(tmp_path) as (client, _):
        answer = await client.chat.completions.create(model="flow:draft-and-verify", messages=MESSAGES)
        assert account(answer)["flow_name"] == "draft-and-verify"
        assert "flow:draft-and-verify" in [model.id async for model in client.models.list()]


@run
async def test_a_stream_comes_in_chunks_with_the_account_in_the_last(tmp_path: Path) -> None:
    async with a_client(tmp_path) as (client, router):
        stream = await client.chat.completions.create(
            model="flow:draft-and-verify", messages=MESSAGES, stream=True, stream_options={"include_usage": True}
        )
        chunks = [chunk async for chunk in stream]
        assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices).startswith("I am")
        assert list(account(chunks[-1])["nodes"]) == ["draft", "verify"]
        assert trace_of(router, account(chunks[-1])).stream


@run
async def test_the_streaming_helper_puts_the_answer_together(tmp_path: Path) -> None:
    async with a_client(tmp_path) as (client, _):
        async with client.chat.completions.stream(model="flow:plan-then-act", messages=MESSAGES) as stream:
            async for _ in stream:
                pass
            final = await stream.get_final_completion()
        assert final.choices[0].message.content


@run
async def test_a_tool_is_called_by_the_last_node(tmp_path: Path) -> None:
    async with a_client(tmp_path) as (client, router):
        answer = await client.chat.completions.create(
            model="flow:*",
            messages=MESSAGES,
            tools=TOOLS,
            tool_choice="required",
            extra_body={"flow_ir": pair(only("north/small"))},
        )
        [called] = answer.choices[0].message.tool_calls or []
        assert called.type == "function"
        assert called.function.name == "order_status"
        [draft] = router.sandbox.seen("north/small")
        assert draft.body.keys() == {"model", "messages"}


@pytest.mark.parametrize("stream", [False, True])
def test_a_failure_is_an_error_with_its_status_and_is_not_tried_again(tmp_path: Path, stream: bool) -> None:
    @run
    async def checked() -> None:
        async with a_client(tmp_path, "north/small=overloaded") as (client, router):
            with pytest.raises(openai.InternalServerError) as wrong:
                await client.chat.completions.create(
                    model="flow:*", messages=MESSAGES, stream=stream, extra_body={"flow_ir": pair(only("north/small"))}
                )
            assert (wrong.value.status_code, wrong.value.code) == (503, "overloaded")
            assert "the node `draft` has failed" in wrong.value.message
            assert router.sandbox.calls() == 1

    checked()


@run
async def test_a_stream_that_breaks_raises_an_error_that_names_the_node(tmp_path: Path) -> None:
    async with a_client(tmp_path, "north/large=cut:after=3") as (client, _):
        stream = await client.chat.completions.create(
            model="flow:*", messages=MESSAGES, stream=True, extra_body={"flow_ir": pair(only("north/small"))}
        )
        with pytest.raises(openai.APIError, match="the node `verify` has failed"):
            async for _ in stream:
                pass
