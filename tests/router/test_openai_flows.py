"""Flows through OpenAI's own client for Python, unmodified: a flow is a model like any other, or stands in the body."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import openai
import pytest
from flow_cases import CANDIDATES, fan, flow, llm, only, pair
from routers import Router, a_router
from running import run
from test_flow_access import named
from test_openai_python import MESSAGES, TOOLS, Order, a_client, account, broken, only_call, trace_of

from policy_ir.router.auth import digest_of
from policy_ir.router.config import Key

GIVEN = pair(only("west/tiny"), only("north/large"), system="Answer in one sentence.")
"""`draft` by `west/tiny`, and `verify` over it by `north/large`."""

INLINE: dict[str, Any] = {"extra_body": {"flow_ir": GIVEN}, "model": "flow:*", "messages": MESSAGES}
NAMED: dict[str, Any] = {"model": "flow:checked", "messages": MESSAGES}

WAYS = pytest.mark.parametrize("asked", [NAMED, INLINE], ids=["by name", "in the body"])
STREAMED = pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])


def body_of(wrong: openai.APIError) -> dict[str, Any]:
    """The error as the router has sent it."""
    body: Any = wrong.body
    assert isinstance(body, dict)
    return body


# --- answers -------------------------------------------------------------------------------------------------------


@WAYS
def test_a_flow_is_answered_by_its_last_node_with_an_account_of_all(tmp_path: Path, asked: dict[str, Any]) -> None:
    @run
    async def checked() -> None:
        async with a_client(tmp_path, flows=named(checked=GIVEN)) as (client, router):
            got = await client.chat.completions.create(**asked)
            assert (got.model, got.choices[0].finish_reason) == ("sim-large", "stop")
            assert "I am sim-tiny" in (got.choices[0].message.content or "")  # what the draft said, said back
            assert got.usage is not None
            told = account(got)
            assert (told["candidate"], told["flow_name"]) == (
                "north/large", "checked" if asked is NAMED else None
            )  # fmt: skip
            assert {name: node["candidate"] for name, node in told["nodes"].items()} == {
                "draft": "west/tiny",
                "verify": "north/large",
            }
            trace = trace_of(router, told)
            assert got._request_id == trace.id
            assert (trace.flow, trace.cost.usd) == (told["flow"], told["cost_usd"])
            assert trace.nodes[1].cost.completion_tokens == got.usage.completion_tokens

    checked()


@WAYS
def test_a_streamed_flow_says_what_the_whole_answer_says(tmp_path: Path, asked: dict[str, Any]) -> None:
    @run
    async def checked() -> None:
        async with a_client(tmp_path, flows=named(checked=GIVEN)) as (client, router):
            whole = await client.chat.completions.create(**asked)
            stream = await client.chat.completions.create(**asked, stream=True)
            chunks = [chunk async for chunk in stream]
            said = "".join(chunk.choices[0].delta.content or "" for chunk in chunks)
            assert said == whole.choices[0].message.content
            assert chunks[-1].choices[0].finish_reason == "stop"
            assert {chunk.id for chunk in chunks} == {chunks[0].id}
            assert all(chunk.usage is None for chunk in chunks)
            assert [hasattr(chunk, "policy_ir") for chunk in chunks] == [False] * (len(chunks) - 1) + [True]
            told = account(chunks[-1])
            assert told["flow"] == account(whole)["flow"]
            assert list(told["nodes"]) == ["draft", "verify"]
            trace = trace_of(router, told)
            assert (trace.outcome, trace.stream, [node.stream for node in trace.nodes]) == ("ok", True, [False, True])

    checked()


def test_the_client_that_waits_is_answered_as_well(tmp_path: Path) -> None:
    def call(url: str) -> list[tuple[Any, list[Any]]]:
        with openai.OpenAI(base_url=url, api_key="none") as client:
            made = []
            for asked in (NAMED, INLINE):
                whole = client.chat.completions.create(**asked)
                with client.chat.completions.create(**asked, stream=True) as stream:
                    made.append((whole, list(stream)))
            return made

    @run
    async def called() -> None:
        async with a_router(tmp_path, flows=named(checked=GIVEN)) as router:
            for whole, chunks in await asyncio.to_thread(call, f"{router.url}/v1"):
                said = "".join(chunk.choices[0].delta.content or "" for chunk in chunks)
                assert said == whole.choices[0].message.content
                assert account(chunks[-1])["flow"] == account(whole)["flow"]
            assert router.store.count() == 4

    called()


@run
async def test_a_stream_tells_the_usage_of_the_last_node_to_who_asks(tmp_path: Path) -> None:
    async with a_client(tmp_path) as (client, router):
        stream = await client.chat.completions.create(**INLINE, stream=True, stream_options={"include_usage": True})
        *_, finish, last = [chunk async for chunk in stream]
        assert finish.choices[0].finish_reason == "stop"
        assert (last.choices, last.usage is not None) == ([], True)
        cost = trace_of(router, account(last)).nodes[1].cost
        assert last.usage is not None
        assert (cost.prompt_tokens, cost.completion_tokens) == (last.usage.prompt_tokens, last.usage.completion_tokens)


@run
async def test_the_clients_own_events_of_a_stream_come_as_it_makes_them(tmp_path: Path) -> None:
    async with a_client(tmp_path) as (client, _):
        async with client.chat.completions.stream(**INLINE) as stream:
            kinds, said = set(), ""
            async for event in stream:
                kinds.add(event.type)
                if event.type == "content.delta":
                    said += event.delta
            final = await stream.get_final_completion()
        assert kinds == {"chunk", "content.delta", "content.done"}
        assert final.choices[0].message.content == said != ""


@run
async def test_the_headers_of_an_answer_and_of_a_stream_can_be_read(tmp_path: Path) -> None:
    async with a_client(tmp_path) as (client, router):
        raw = await client.chat.completions.with_raw_response.create(**INLINE)
        told = account(raw.parse())
        assert raw.headers["x-policy-ir-trace"] == told["trace"]
        assert raw.headers["x-policy-ir-flow"] == told["flow"]
        assert raw.headers["x-policy-ir-candidate"] == told["candidate"] == "north/large"
        assert raw.headers["x-policy-ir-decision"] == told["decision"] == told["nodes"]["verify"]["decision"]
        assert raw.headers["x-policy-ir-attempts"] == "2"
        assert float(raw.headers["x-policy-ir-cost-usd"]) == pytest.approx(told["cost_usd"])
        router.sandbox.script("north/large", "stall:after=2")
        async with client.chat.completions.with_streaming_response.create(**INLINE, stream=True) as response:
            assert response.headers["content-type"].startswith("text/event-stream")
            assert response.headers["x-policy-ir-flow"] == told["flow"]
            assert response.headers["x-policy-ir-candidate"] == "north/large"


@run
async def test_what_a_flow_would_cost_comes_back_from_a_dry_run(tmp_path: Path) -> None:
    async with a_client(tmp_path) as (client, router):
        asked = INLINE | {"extra_body": {"flow_ir": GIVEN, "policy_options": {"dry_run": True}}}
        dry: Any = await client.chat.completions.create(**asked)
        assert (dry.dry_run, [node["node"] for node in dry.nodes]) == (True, ["draft", "verify"])
        assert dry.usd == pytest.approx(sum(node["usd"] for node in dry.nodes))
        assert router.sandbox.calls() == 0


@run
async def test_flows_are_listed_as_models(tmp_path: Path) -> None:
    async with a_client(tmp_path, flows=named(checked=GIVEN)) as (client, _):
        assert "flow:checked" in {model.id async for model in client.models.list()}
        assert (await client.models.retrieve("flow:checked")).id == "flow:checked"


# --- tools and JSON ------------------------------------------------------------------------------------------------


def bodies(router: Router, candidate: str) -> list[dict[str, Any]]:
    return [dict(seen.body) for seen in router.sandbox.seen(candidate)]


@STREAMED
def test_the_last_node_calls_tools_and_no_other_sees_them(tmp_path: Path, stream: bool) -> None:
    @run
    async def checked() -> None:
        async with a_client(tmp_path) as (client, router):
            asked = INLINE | {"tools": TOOLS}
            if stream:
                async with client.chat.completions.stream(**asked) as streamed:
                    got: Any = await streamed.get_final_completion()
            else:
                got = await client.chat.completions.create(**asked)
            call = only_call(got.choices[0].message)
            assert (got.choices[0].finish_reason, call.function.name) == ("tool_calls", "order_status")
            assert isinstance(json.loads(call.function.arguments)["days"], int)
            [draft], [verify] = bodies(router, "west/tiny"), bodies(router, "north/large")
            assert draft.keys() == {"model", "messages"}
            assert verify["tools"] == TOOLS

    checked()


@run
async def test_the_answer_of_a_tool_goes_back_into_the_flow(tmp_path: Path) -> None:
    given = flow("tell", tell=llm("ask", policy=only("north/large"), system="Be brief."))
    async with a_client(tmp_path) as (client, router):
        asked: dict[str, Any] = {"model": "flow:*", "extra_body": {"flow_ir": given}, "tools": TOOLS}
        called: Any = await client.chat.completions.create(**asked, messages=MESSAGES)
        message = called.choices[0].message
        answered: list[Any] = [
            *MESSAGES,
            message.model_dump(exclude_none=True),
            {"role": "tool", "tool_call_id": only_call(message).id, "content": "it is on its way"},
        ]
        told: Any = await client.chat.completions.create(**asked, messages=answered)
        assert "it is on its way" in told.choices[0].message.content
        assert bodies(router, "north/large")[-1]["messages"][1:] == answered


@STREAMED
def test_an_answer_of_a_flow_can_be_asked_for_as_a_model_of_pydantic(tmp_path: Path, stream: bool) -> None:
    @run
    async def checked() -> None:
        async with a_client(tmp_path) as (client, router):
            if stream:
                async with client.chat.completions.stream(**INLINE, response_format=Order) as streamed:
                    got: Any = await streamed.get_final_completion()
            else:
                got = await client.chat.completions.parse(**INLINE, response_format=Order)
            assert isinstance(got.choices[0].message.parsed, Order)
            [draft], [verify] = bodies(router, "west/tiny"), bodies(router, "north/large")
            assert "response_format" not in draft
            assert verify["response_format"]["json_schema"]["name"] == "Order"

    checked()


# --- errors --------------------------------------------------------------------------------------------------------


@STREAMED
def test_a_failed_node_is_the_clients_own_error_with_its_name(tmp_path: Path, stream: bool) -> None:
    cases = [
        ("rate_limit:retry_after=7", openai.RateLimitError, 429, "rate_limit_exceeded"),
        ("server_error", openai.InternalServerError, 502, "server_error"),
        ("overloaded", openai.InternalServerError, 503, "overloaded"),
        ("context_overflow", openai.BadRequestError, 400, "context_length_exceeded"),
        ("content_filter", openai.BadRequestError, 400, "content_filter"),
    ]

    @run
    async def checked() -> None:
        async with a_client(tmp_path) as (client, router):
            for node, candidate in (("draft", "west/tiny"), ("verify", "north/large")):
                for fault, kind, status, code in cases:
                    router.sandbox.script(candidate, fault)
                    with pytest.raises(openai.APIStatusError, match=f"the node `{node}` has failed") as raised:
                        await client.with_options(max_retries=0).chat.completions.create(**INLINE, stream=stream)
                    wrong, told = raised.value, body_of(raised.value)["policy_ir"]
                    assert (type(wrong), wrong.status_code, wrong.code) == (kind, status, code), fault
                    assert wrong.request_id == told["trace"]
                    assert (told["node"], [hop["candidate"] for hop in told["hops"]]) == (node, [candidate])
                    assert trace_of(router, told).failed_node == node
                    if fault.endswith("=7"):
                        assert wrong.response.headers["retry-after"] == "7"
                router.sandbox.script(candidate)

    checked()


@run
async def test_a_node_without_a_candidate_is_unprocessable_and_the_client_does_not_ask_again(tmp_path: Path) -> None:
    async with a_client(tmp_path) as (client, router):
        assert client.max_retries > 0
        asked = INLINE | {"extra_body": {"flow_ir": pair(None, only("nobody/here"))}}
        with pytest.raises(openai.UnprocessableEntityError, match="`verify`") as raised:
            await client.chat.completions.create(**asked)
        assert raised.value.code == "no_candidate"
        assert sum(body_of(raised.value)["refused"].values()) == 9
        assert router.store.count() == 1


@run
async def test_a_flow_that_has_failed_is_not_run_again_by_the_client(
    tmp_path: Path,
) -> None:
    async with a_client(tmp_path, "north/large=server_error") as (client, router):
        assert client.max_retries > 0
        with pytest.raises(openai.InternalServerError):
            await client.chat.completions.create(**INLINE)
        assert router.sandbox.calls("west/tiny") == router.store.count() == 1


@run
async def test_a_flow_beyond_its_budget_is_an_error_of_status_402(tmp_path: Path) -> None:
    async with a_client(tmp_path) as (client, _):
        asked = INLINE | {"extra_body": {"flow_ir": GIVEN, "policy_options": {"flow_budget": 1e-9}}}
        with pytest.raises(openai.APIStatusError, match="budget") as raised:
            await client.chat.completions.create(**asked)
        assert (raised.value.status_code, raised.value.code) == (402, "budget_exceeded")
        assert body_of(raised.value)["policy_ir"]["node"] == "draft"


@run
async def test_a_refused_flow_is_a_bad_request_with_every_finding(tmp_path: Path) -> None:
    async with a_client(tmp_path) as (client, router):
        given = pair(["policy", ["cmp", "prize_out", "le", 1], *only("x")[2:]])
        given[1]["verify"][1]["inputs"].append("drfat")
        with pytest.raises(openai.BadRequestError) as raised:
            await client.chat.completions.create(**INLINE | {"extra_body": {"flow_ir": given}})
        wrong, body = raised.value, body_of(raised.value)
        assert (wrong.code, wrong.type, wrong.param) == (
            "policy_refused", "invalid_request_error", "/1/draft/1/policy/1/1"
        )  # fmt: skip
        assert [(one["code"], one["help"]) for one in body["diagnostics"]] == [
            ("PIR0401", "did you mean `price_out`?"),
            ("PIR1022", "did you mean `draft`?"),
        ]
        assert trace_of(router, body["policy_ir"]).outcome == "refused"


@run
async def test_an_unknown_flow_is_not_found(tmp_path: Path) -> None:
    async with a_client(tmp_path, flows=named(checked=GIVEN)) as (client, _):
        with pytest.raises(openai.NotFoundError, match=r"flow:chekced") as raised:
            await client.chat.completions.create(model="flow:chekced", messages=MESSAGES)
        assert body_of(raised.value)["diagnostics"][0]["help"] == "did you mean `flow:checked`?"


@run
async def test_a_key_that_may_not_send_flows_is_denied_permission(tmp_path: Path) -> None:
    key = Key(name="team", digest=digest_of("pir_right"), inline=False)
    async with a_client(tmp_path, key="pir_right", keys={"team": key}, flows=named(checked=GIVEN)) as (client, router):
        with pytest.raises(openai.PermissionDeniedError) as raised:
            await client.chat.completions.create(**INLINE)
        assert raised.value.code == "policy_not_allowed"
        got = await client.chat.completions.create(**NAMED)
        assert trace_of(router, account(got)).key == "team"


@pytest.mark.parametrize(("fault", "code"), [("cut:after=3", "stream_interrupted"), ("no_end", "stream_interrupted"),
                                             ("error_in_stream:after=3", "overloaded")])  # fmt: skip
def test_a_stream_that_breaks_off_is_an_error_that_names_its_node(tmp_path: Path, fault: str, code: str) -> None:
    @run
    async def checked() -> None:
        async with a_client(tmp_path, f"north/large={fault}") as (client, router):
            said, wrong = await broken(await client.chat.completions.create(**INLINE, stream=True))
            assert said.startswith("I am sim")
            assert (type(wrong), wrong.code) == (openai.APIError, code)
            told = body_of(wrong)["policy_ir"]
            assert told["node"] == "verify"
            trace = trace_of(router, told)
            assert (trace.outcome, trace.failed_node) == ("interrupted", "verify")

    checked()


# --- time ----------------------------------------------------------------------------------------------------------


@STREAMED
def test_a_flow_that_takes_too_long_is_a_timeout_at_a_gateway_with_the_node(tmp_path: Path, stream: bool) -> None:
    @run
    async def checked() -> None:
        async with a_client(tmp_path, "north/large=silence") as (client, _):
            asked = INLINE | {"extra_body": {"flow_ir": GIVEN, "policy_options": {"deadline_ms": 150}}}
            with pytest.raises(openai.InternalServerError, match="`verify`") as raised:
                await client.with_options(max_retries=0).chat.completions.create(**asked, stream=stream)
            assert (raised.value.status_code, raised.value.code) == (504, "timeout")

    checked()


@run
async def test_a_client_that_runs_out_of_patience_ends_every_call_of_the_flow(tmp_path: Path) -> None:
    asked = INLINE | {"extra_body": {"flow_ir": fan([only(candidate) for candidate in CANDIDATES])}}
    async with a_client(tmp_path) as (client, router):
        await client.chat.completions.create(**asked)  # what is made once is made now
        router.sandbox.forget()
        for candidate in CANDIDATES:
            router.sandbox.script(candidate, "silence")
        with pytest.raises(openai.APITimeoutError):
            await client.with_options(timeout=0.3, max_retries=0).chat.completions.create(**asked)
        while not (gone := router.store.find(outcome="cancelled")):
            await asyncio.sleep(0.005)
        assert [node.outcome for node in gone[0].nodes] == ["cancelled"] * 8
        assert all(seen.closed_by_client for name in CANDIDATES for seen in router.sandbox.seen(name))
