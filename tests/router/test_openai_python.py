"""OpenAI's own client for Python, unmodified, at a router: nothing is set but its address and a key."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import openai
import pytest
from openai.types.chat import (
    ChatCompletionMessageFunctionToolCall,
    ChatCompletionMessageParam,
    ChatCompletionToolParam,
)
from pydantic import BaseModel
from routers import Router, a_router
from running import run

from policy_ir.router.auth import digest_of
from policy_ir.router.config import Key
from policy_ir.trace.record import Trace

MESSAGES: list[ChatCompletionMessageParam] = [{"role": "user", "content": "Where is my order?"}]
TOOLS: list[ChatCompletionToolParam] = [
    {
        "type": "function",
        "function": {
            "name": "order_status",
            "parameters": {
                "type": "object",
                "properties": {"order": {"type": "string"}, "days": {"type": "integer"}},
                "required": ["order", "days"],
            },
        },
    }
]
EVERYBODY = ["policy", ["top"], ["zero"], ["argmax"], ["id"], ["always", {"action": "next_candidate"}]]
NOBODY = ["policy", ["cmp", "price_out", "lt", 0], *EVERYBODY[2:]]


class Order(BaseModel):
    """What an answer is asked to be."""

    number: int
    shipped: bool
    towns: list[str]


@asynccontextmanager
async def a_client(
    folder: Path, *faults: str, key: str = "none", **changes: Any
) -> AsyncIterator[tuple[openai.AsyncOpenAI, Router]]:
    """The client as it comes, and the router that it calls."""
    async with (
        a_router(folder, *faults, **changes) as router,
        openai.AsyncOpenAI(base_url=f"{router.url}/v1", api_key=key) as client,
    ):
        yield client, router


def account(answer: Any) -> dict[str, Any]:
    """What the router says of a call in an answer or a chunk of one."""
    made: dict[str, Any] = answer.policy_ir
    return made


def trace_of(router: Router, said: Any) -> Trace:
    """The trace of an answer, a chunk or an error, by the account in it."""
    found = router.store.get(said["trace"])
    assert found is not None
    return found


# --- answers ----------------------------------------------------------------------------------------------------


@run
async def test_a_chat_is_answered_and_says_who_answered(tmp_path: Path) -> None:
    async with a_client(tmp_path) as (client, router):
        got = await client.chat.completions.create(model="policy:cheapest", messages=MESSAGES)
        assert "Where is my order?" in (got.choices[0].message.content or "")
        assert got.choices[0].finish_reason == "stop"
        assert got.usage is not None
        assert account(got)["candidate"] == "west/tiny"
        trace = trace_of(router, account(got))
        assert got._request_id == trace.id
        assert trace.cost.prompt_tokens == got.usage.prompt_tokens
        assert trace.cost.completion_tokens == got.usage.completion_tokens


def test_the_client_that_waits_is_answered_as_well(tmp_path: Path) -> None:
    def call(url: str) -> tuple[Any, list[Any]]:
        with openai.OpenAI(base_url=url, api_key="none") as client:
            whole = client.chat.completions.create(model="policy:cheapest", messages=MESSAGES)
            with client.chat.completions.create(model="policy:cheapest", messages=MESSAGES, stream=True) as stream:
                return whole, list(stream)

    @run
    async def called() -> None:
        async with a_router(tmp_path) as router:
            whole, chunks = await asyncio.to_thread(call, f"{router.url}/v1")
            said = "".join(chunk.choices[0].delta.content or "" for chunk in chunks)
            assert said == whole.choices[0].message.content
            assert account(chunks[-1])["decision"] == account(whole)["decision"]

    called()


@run
async def test_the_headers_of_an_answer_can_be_read(tmp_path: Path) -> None:
    async with a_client(tmp_path) as (client, _):
        raw = await client.chat.completions.with_raw_response.create(model="policy:cheapest", messages=MESSAGES)
        said = account(raw.parse())
        assert raw.headers["x-policy-ir-trace"] == said["trace"]
        assert raw.headers["x-policy-ir-candidate"] == said["candidate"] == "west/tiny"
        assert raw.headers["x-policy-ir-decision"] == said["decision"]
        assert float(raw.headers["x-policy-ir-cost-usd"]) == pytest.approx(said["cost_usd"])


@run
async def test_the_headers_of_a_stream_can_be_read_before_its_end(tmp_path: Path) -> None:
    async with a_client(tmp_path, "north/large=stall:after=2") as (client, _):
        asked = client.chat.completions.with_streaming_response.create(
            model="north/large", messages=MESSAGES, stream=True
        )
        async with asked as response:
            assert response.headers["x-policy-ir-candidate"] == "north/large"
            assert response.headers["content-type"].startswith("text/event-stream")


@run
async def test_two_answers_come_for_one_question(tmp_path: Path) -> None:
    async with a_client(tmp_path) as (client, _):
        got = await client.chat.completions.create(model="policy:resilient", messages=MESSAGES, n=2)
        assert [choice.index for choice in got.choices] == [0, 1]
        said = ["", ""]
        ends = 0
        async for chunk in await client.chat.completions.create(
            model="policy:resilient", messages=MESSAGES, n=2, stream=True
        ):
            for choice in chunk.choices:
                said[choice.index] += choice.delta.content or ""
                ends += choice.finish_reason is not None
        assert said == [choice.message.content for choice in got.choices]
        assert ends == 2


@run
async def test_what_is_asked_of_the_router_goes_in_the_extra_body(tmp_path: Path) -> None:
    async with a_client(tmp_path) as (client, router):
        options = {"session": "s", "seed": 7, "requirements": {"needs": ["reasoning"]}}
        got = await client.chat.completions.create(
            model="policy:*",
            messages=MESSAGES,
            extra_body={"policy_ir": ["policy", ["meets_req"], *EVERYBODY[2:]], "policy_options": options},
        )
        assert (account(got)["candidate"], account(got)["seed"]) == ("north/thinker", 7)
        assert trace_of(router, account(got)).session == "s"
        (seen,) = router.sandbox.seen("north/thinker")
        assert seen.body.keys() == {"model", "messages"}


@run
async def test_a_dry_run_comes_back_with_the_decision(tmp_path: Path) -> None:
    async with a_client(tmp_path) as (client, router):
        dry: Any = await client.chat.completions.create(
            model="policy:cheapest", messages=MESSAGES, extra_body={"policy_options": {"dry_run": True}}
        )
        assert (dry.dry_run, dry.candidate) == (True, "west/tiny")
        assert router.sandbox.calls() == 0


@run
async def test_policies_and_candidates_are_listed_as_models(tmp_path: Path) -> None:
    async with a_client(tmp_path) as (client, _):
        owners = {model.id: model.owned_by async for model in await client.models.list()}
        assert owners["policy:cheapest"] == "policy-ir"
        assert owners["north/large"] == "north"


# --- streams ----------------------------------------------------------------------------------------------------


@run
async def test_a_stream_ends_with_the_account_of_its_call(tmp_path: Path) -> None:
    async with a_client(tmp_path) as (client, router):
        stream = await client.chat.completions.create(model="policy:cheapest", messages=MESSAGES, stream=True)
        chunks = [chunk async for chunk in stream]
        said = "".join(chunk.choices[0].delta.content or "" for chunk in chunks)
        assert "Where is my order?" in said
        assert chunks[-1].choices[0].finish_reason == "stop"
        assert all(chunk.usage is None for chunk in chunks)
        trace = trace_of(router, account(chunks[-1]))
        assert (trace.outcome, trace.chosen, trace.stream) == ("ok", "west/tiny", True)


@run
async def test_a_stream_tells_its_usage_to_who_asks(tmp_path: Path) -> None:
    async with a_client(tmp_path) as (client, router):
        chunks = [
            chunk
            async for chunk in await client.chat.completions.create(
                model="policy:cheapest", messages=MESSAGES, stream=True, stream_options={"include_usage": True}
            )
        ]
        *_, finish, last = chunks
        assert finish.choices[0].finish_reason == "stop"
        assert (last.choices, last.usage is not None) == ([], True)
        assert last.usage is not None
        cost = trace_of(router, account(last)).cost
        assert (cost.basis, cost.completion_tokens) == ("usage", last.usage.completion_tokens)


@run
async def test_the_clients_own_events_of_a_stream_come_as_it_makes_them(tmp_path: Path) -> None:
    async with (
        a_client(tmp_path) as (client, _),
        client.chat.completions.stream(model="policy:cheapest", messages=MESSAGES) as stream,
    ):
        said, kinds, last = "", set(), None
        async for event in stream:
            kinds.add(event.type)
            if event.type == "content.delta":
                said += event.delta
            if event.type == "chunk":
                last = event.chunk
        final = await stream.get_final_completion()
        assert kinds == {"chunk", "content.delta", "content.done"}
        assert final.choices[0].message.content == said != ""
        assert account(last)["candidate"] == "west/tiny"


@run
async def test_a_provider_that_fails_before_its_first_word_is_not_seen(tmp_path: Path) -> None:
    async with a_client(tmp_path, "north/large=rate_limit") as (client, _):
        async with client.chat.completions.stream(model="policy:resilient", messages=MESSAGES) as stream:
            streamed = await stream.get_final_completion()
        whole = await client.chat.completions.create(model="policy:resilient", messages=MESSAGES)
        assert streamed.choices[0].message.content == whole.choices[0].message.content
        assert whole.model == streamed.model == "hosted-sim-large"


# --- tools and JSON ---------------------------------------------------------------------------------------------


def only_call(message: Any) -> ChatCompletionMessageFunctionToolCall:
    """The one function that a message calls."""
    (call,) = message.tool_calls
    assert isinstance(call, ChatCompletionMessageFunctionToolCall)
    return call


@run
async def test_a_tool_is_called_and_its_answer_used(tmp_path: Path) -> None:
    async with a_client(tmp_path) as (client, _):
        called = await client.chat.completions.create(model="policy:cheapest", messages=MESSAGES, tools=TOOLS)
        assert called.choices[0].finish_reason == "tool_calls"
        assert account(called)["candidate"] == "south/mini"  # the cheapest that can call tools
        message = called.choices[0].message
        call = only_call(message)
        arguments = json.loads(call.function.arguments)
        assert (call.function.name, type(arguments["order"]), type(arguments["days"])) == ("order_status", str, int)
        answered: list[Any] = [
            *MESSAGES,
            message.model_dump(exclude_none=True),
            {"role": "tool", "tool_call_id": call.id, "content": "it is on its way"},
        ]
        told = await client.chat.completions.create(model="policy:cheapest", messages=answered, tools=TOOLS)
        assert "it is on its way" in (told.choices[0].message.content or "")


@run
async def test_a_call_of_a_tool_can_be_streamed(tmp_path: Path) -> None:
    async with a_client(tmp_path) as (client, _):
        whole = await client.chat.completions.create(model="policy:cheapest", messages=MESSAGES, tools=TOOLS)
        wanted = only_call(whole.choices[0].message)
        async with client.chat.completions.stream(model="policy:cheapest", messages=MESSAGES, tools=TOOLS) as stream:
            events = [event async for event in stream]
            final = await stream.get_final_completion()
        done = next(event for event in events if event.type == "tool_calls.function.arguments.done")
        assert (done.name, done.arguments) == (wanted.function.name, wanted.function.arguments)
        call = only_call(final.choices[0].message)
        assert (call.id, call.function.arguments) == (wanted.id, wanted.function.arguments)


@run
async def test_json_comes_where_json_is_asked_for(tmp_path: Path) -> None:
    async with a_client(tmp_path) as (client, _):
        got = await client.chat.completions.create(
            model="policy:cheapest", messages=MESSAGES, response_format={"type": "json_object"}
        )
        assert account(got)["candidate"] == "south/mini"  # the cheapest that has the mode
        assert json.loads(got.choices[0].message.content or "")["simulated"] is True


@run
async def test_an_answer_can_be_asked_for_as_a_model_of_pydantic(tmp_path: Path) -> None:
    async with a_client(tmp_path) as (client, _):
        got = await client.chat.completions.parse(model="policy:cheapest", messages=MESSAGES, response_format=Order)
        assert isinstance(got.choices[0].message.parsed, Order)
        assert account(got)["candidate"] == "north/small"  # the cheapest that keeps to a schema
        async with client.chat.completions.stream(
            model="policy:cheapest", messages=MESSAGES, response_format=Order
        ) as stream:
            final = await stream.get_final_completion()
        assert final.choices[0].message.parsed == got.choices[0].message.parsed


# --- errors -----------------------------------------------------------------------------------------------------


@run
async def test_a_refused_policy_is_a_bad_request_with_every_finding(tmp_path: Path) -> None:
    async with a_client(tmp_path) as (client, router):
        term = ["policy", ["cmp", "prize_out", "le", 1], ["field", "latncy_ms"], *EVERYBODY[3:]]
        with pytest.raises(openai.BadRequestError) as raised:
            await client.chat.completions.create(model="policy:*", messages=MESSAGES, extra_body={"policy_ir": term})
        wrong = raised.value
        assert (wrong.code, wrong.type, wrong.param) == ("policy_refused", "invalid_request_error", "/1/1")
        body: Any = wrong.body
        assert [one["help"] for one in body["diagnostics"]] == [
            "did you mean `price_out`?",
            "did you mean `latency_ms`?",
        ]
        assert trace_of(router, body["policy_ir"]).outcome == "refused"
        assert wrong.request_id == body["policy_ir"]["trace"]


@run
async def test_an_unknown_model_is_not_found(tmp_path: Path) -> None:
    async with a_client(tmp_path) as (client, _):
        with pytest.raises(openai.NotFoundError, match=r"policy:cheapst") as raised:
            await client.chat.completions.create(model="policy:cheapst", messages=MESSAGES)
        assert raised.value.code == "model_not_found"


@run
async def test_nobody_left_is_unprocessable_and_is_asked_once(tmp_path: Path) -> None:
    async with a_client(tmp_path) as (client, router):
        assert client.max_retries > 0
        for stream in (False, True):
            with pytest.raises(openai.UnprocessableEntityError) as raised:
                await client.chat.completions.create(
                    model="policy:*", messages=MESSAGES, stream=stream, extra_body={"policy_ir": NOBODY}
                )
            body: Any = raised.value.body
            assert (raised.value.code, body["refused"]) == ("no_candidate", {"cmp:price_out:lt": 9})
        assert router.store.count() == 2


@run
async def test_the_last_cause_decides_which_error_it_is(tmp_path: Path) -> None:
    async with a_client(tmp_path) as (client, router):
        once = client.with_options(max_retries=0)
        for fault, kind, status, code in (
            ("rate_limit:retry_after=7", openai.RateLimitError, 429, "rate_limit_exceeded"),
            ("quota", openai.RateLimitError, 429, "insufficient_quota"),
            ("server_error", openai.InternalServerError, 502, "server_error"),
            ("auth_error", openai.InternalServerError, 502, "auth_error"),
            ("overloaded", openai.InternalServerError, 503, "overloaded"),
            ("context_overflow", openai.BadRequestError, 400, "context_length_exceeded"),
            ("content_filter", openai.BadRequestError, 400, "content_filter"),
            ("bad_request", openai.BadRequestError, 400, "bad_request"),
        ):
            router.sandbox.script("east/small", fault)
            for stream in (False, True):
                with pytest.raises(openai.APIStatusError) as raised:
                    await once.chat.completions.create(model="east/small", messages=MESSAGES, stream=stream)
                wrong = raised.value
                assert (type(wrong), wrong.status_code, wrong.code) == (kind, status, code), fault
                body: Any = wrong.body
                assert wrong.request_id == body["policy_ir"]["trace"]
                assert [hop["candidate"] for hop in body["policy_ir"]["hops"]] == ["east/small"]
            if fault.endswith("=7"):
                assert wrong.response.headers["retry-after"] == "7"


@run
async def test_a_provider_that_says_nothing_is_a_timeout_at_a_gateway(tmp_path: Path) -> None:
    async with a_client(tmp_path, "east/small=silence") as (client, _):
        with pytest.raises(openai.InternalServerError) as raised:
            await client.with_options(max_retries=0).chat.completions.create(
                model="east/small", messages=MESSAGES, extra_body={"policy_options": {"deadline_ms": 60}}
            )
        assert (raised.value.status_code, raised.value.code) == (504, "timeout")


@run
async def test_a_wrong_key_is_an_error_of_authentication(tmp_path: Path) -> None:
    key = Key(name="team", digest=digest_of("pir_right"))
    async with a_client(tmp_path, key="pir_wrong", keys={"team": key}) as (client, router):
        with pytest.raises(openai.AuthenticationError) as raised:
            await client.chat.completions.create(model="policy:cheapest", messages=MESSAGES)
        assert raised.value.code == "invalid_api_key"
        assert "pir_wrong" not in str(raised.value)
        right = client.with_options(api_key="pir_right")
        got = await right.chat.completions.create(model="policy:cheapest", messages=MESSAGES)
        assert trace_of(router, account(got)).key == "team"


@run
async def test_a_key_that_may_not_send_policies_is_denied_permission(tmp_path: Path) -> None:
    key = Key(name="team", digest=digest_of("pir_right"), inline=False)
    async with a_client(tmp_path, key="pir_right", keys={"team": key}) as (client, _):
        with pytest.raises(openai.PermissionDeniedError) as raised:
            await client.chat.completions.create(
                model="policy:*", messages=MESSAGES, extra_body={"policy_ir": EVERYBODY}
            )
        assert raised.value.code == "policy_not_allowed"


@run
async def test_a_key_above_its_rate_is_told_when_to_come_back(tmp_path: Path) -> None:
    key = Key(name="team", digest=digest_of("pir_right"), rate=1.0, burst=1)
    async with a_client(tmp_path, key="pir_right", keys={"team": key}) as (client, _):
        once = client.with_options(max_retries=0)
        await once.chat.completions.create(model="policy:cheapest", messages=MESSAGES)
        with pytest.raises(openai.RateLimitError) as raised:
            await once.chat.completions.create(model="policy:cheapest", messages=MESSAGES)
        assert raised.value.code == "rate_limit_exceeded"
        assert 50 <= int(raised.value.response.headers["retry-after"]) <= 61


async def broken(stream: AsyncIterator[Any]) -> tuple[str, openai.APIError]:
    """What a stream says until it fails, and how it fails."""
    said = ""
    try:
        async for chunk in stream:
            said += chunk.choices[0].delta.content or ""
    except openai.APIError as wrong:
        return said, wrong
    raise AssertionError(f"the stream ended well with {said!r}")


@run
async def test_a_stream_that_breaks_off_is_an_error_after_what_had_come(tmp_path: Path) -> None:
    async with a_client(tmp_path) as (client, router):
        for fault, code in (
            ("cut:after=3", "stream_interrupted"),
            ("no_end", "stream_interrupted"),
            ("error_in_stream:after=3", "overloaded"),
            ("malformed:after=3", "bad_response"),
        ):
            router.sandbox.script("north/large", fault)
            stream = await client.chat.completions.create(model="policy:resilient", messages=MESSAGES, stream=True)
            said, wrong = await broken(stream)
            assert said.startswith("I am sim"), fault
            assert (type(wrong), wrong.code) == (openai.APIError, code), fault
            body: Any = wrong.body
            trace = trace_of(router, body["policy_ir"])
            assert (trace.outcome, trace.reason, len(trace.hops)) == ("interrupted", code, 1)


@run
async def test_the_clients_own_events_end_with_the_error_too(tmp_path: Path) -> None:
    async with (
        a_client(tmp_path, "north/large=cut:after=3") as (client, _),
        client.chat.completions.stream(model="policy:resilient", messages=MESSAGES) as stream,
    ):
        said, wrong = await broken(event.chunk async for event in stream if event.type == "chunk")
        assert (said, wrong.code) == ("I am sim", "stream_interrupted")


# --- callers who go ---------------------------------------------------------------------------------------------


async def gone(router: Router, candidate: str) -> Trace:
    """Wait until the provider has been hung up on; the trace of the call."""
    while not (seen := router.sandbox.seen(candidate)) or not seen[-1].closed_by_client:
        await asyncio.sleep(0.005)
    while not (found := router.store.find(outcome="cancelled")):
        await asyncio.sleep(0.005)
    return found[0]


@run
async def test_a_stream_that_is_left_ends_the_call_at_the_provider(tmp_path: Path) -> None:
    async with a_client(tmp_path, "north/large=stall:after=3") as (client, router):
        stream = await client.chat.completions.create(model="north/large", messages=MESSAGES, stream=True)
        async for chunk in stream:
            if chunk.choices[0].delta.content:
                break
        await stream.close()
        trace = await gone(router, "north/large")
        assert (trace.outcome, trace.hops[0].outcome) == ("cancelled", "cancelled")


@run
async def test_a_client_that_runs_out_of_patience_ends_the_call_at_the_provider(tmp_path: Path) -> None:
    async with a_client(tmp_path, "north/large=silence:skip=1") as (client, router):
        await client.chat.completions.create(model="north/large", messages=MESSAGES)  # what is made once is made now
        with pytest.raises(openai.APITimeoutError):
            await client.with_options(timeout=0.25, max_retries=0).chat.completions.create(
                model="north/large", messages=MESSAGES
            )
        assert (await gone(router, "north/large")).outcome == "cancelled"
