"""The simulated providers answer as OpenAI-compatible ones do: the official client, unmodified, talks to them."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import jsonschema
import openai
import pytest
from raw_http import ask, events
from running import run

from policy_ir.router.sandbox import Sandbox

ASKED: list[Any] = [{"role": "user", "content": "Why is the sky blue?"}]

WEATHER: dict[str, Any] = {
    "type": "function",
    "function": {
        "name": "weather",
        "parameters": {
            "type": "object",
            "properties": {
                "city": {"type": "string"},
                "days": {"type": "integer", "minimum": 1, "maximum": 7},
                "unit": {"enum": ["celsius", "kelvin"]},
            },
            "required": ["city", "days"],
            "additionalProperties": False,
        },
    },
}
OTHER: dict[str, Any] = {"type": "function", "function": {"name": "other", "parameters": {"type": "object"}}}


def sandbox() -> Sandbox:
    return Sandbox(pace=0)


def client(simulated: Sandbox, provider: str = "north") -> openai.AsyncOpenAI:
    return openai.AsyncOpenAI(base_url=simulated.endpoints[provider].url, api_key="sk-none", max_retries=0)


async def completed(simulated: Sandbox, model: str = "sim-large", provider: str = "north", **more: Any) -> Any:
    return await client(simulated, provider).chat.completions.create(**{"model": model, "messages": ASKED, **more})


# --- answers --------------------------------------------------------------------------------------------------


@run
async def test_an_answer_says_who_simulates_it_and_what_was_asked() -> None:
    async with sandbox() as simulated:
        answer = await completed(simulated)
        text = answer.choices[0].message.content
        assert "sim-large, a simulated model at the simulated provider north" in text
        assert "“Why is the sky blue?”" in text
        assert (answer.model, answer.choices[0].finish_reason) == ("sim-large", "stop")
        assert answer.system_fingerprint == "fp_sim-large"


@run
async def test_the_same_request_and_seed_have_the_same_answer_and_others_another() -> None:
    async with sandbox() as simulated, Sandbox(pace=0, seed=1) as other:
        answer = await completed(simulated)
        assert await completed(simulated) == answer
        assert (await completed(simulated, seed=5)).id != answer.id
        assert (await completed(simulated, messages=[{"role": "user", "content": "Why?"}])).id != answer.id
        assert (await completed(other)).id != answer.id


@run
async def test_usage_counts_the_pieces_that_a_stream_sends() -> None:
    async with sandbox() as simulated:
        usage = (await completed(simulated)).usage
        stream = await completed(simulated, stream=True, stream_options={"include_usage": True})
        chunks = [chunk async for chunk in stream]
        pieces = [chunk for chunk in chunks if chunk.choices and chunk.choices[0].delta.content]
        assert usage.completion_tokens == len(pieces)
        assert usage.total_tokens == usage.prompt_tokens + usage.completion_tokens
        assert [chunk.usage for chunk in chunks if chunk.usage] == [usage]
        assert chunks[-1].choices == []


@run
async def test_a_stream_has_a_role_the_answers_text_a_finish_reason_and_an_end() -> None:
    async with sandbox() as simulated:
        whole = (await completed(simulated)).choices[0].message.content
        raw = await ask(simulated.endpoints["north"].url, {"model": "sim-large", "messages": ASKED, "stream": True})
        assert raw.headers["content-type"].startswith("text/event-stream")
        *chunks, end = events(raw)
        assert end == "[DONE]"
        choices = [json.loads(chunk)["choices"][0] for chunk in chunks]
        assert choices[0]["delta"]["role"] == "assistant"
        assert "".join(choice["delta"].get("content", "") for choice in choices) == whole
        assert [choice["finish_reason"] for choice in choices] == [None] * (len(choices) - 1) + ["stop"]
        assert all("usage" not in json.loads(chunk) for chunk in chunks)


@run
async def test_an_answer_of_several_choices_has_each_in_full_also_as_a_stream() -> None:
    async with sandbox() as simulated:
        answer = await completed(simulated, n=3)
        texts = ["", "", ""]
        async for chunk in await completed(simulated, n=3, stream=True):
            for choice in chunk.choices:
                texts[choice.index] += choice.delta.content or ""
        assert texts == [choice.message.content for choice in answer.choices]
        assert len(set(texts)) > 1


@pytest.mark.parametrize("name", ["max_tokens", "max_completion_tokens"])
@run
async def test_a_limit_cuts_the_answer_and_says_so(name: str) -> None:
    async with sandbox() as simulated:
        answer = await completed(simulated, **{name: 5})
        assert (answer.choices[0].finish_reason, answer.usage.completion_tokens) == ("length", 5)


@run
async def test_an_answer_ends_before_a_stop_sequence() -> None:
    async with sandbox() as simulated:
        answer = await completed(simulated, stop=[" at the", "nothing like it"])
        assert answer.choices[0].message.content == "I am sim-large, a simulated model"


@run
async def test_log_probabilities_have_one_entry_for_each_token() -> None:
    async with sandbox() as simulated:
        answer = await completed(simulated, logprobs=True)
        tokens = answer.choices[0].logprobs.content
        assert "".join(entry.token for entry in tokens) == answer.choices[0].message.content


@run
async def test_answers_come_at_the_pace_of_the_candidate() -> None:
    async with Sandbox(pace=0.1) as simulated:
        clock = asyncio.get_running_loop().time
        began = clock()
        stream = await completed(simulated, model="sim-small", stream=True)
        first = None
        async for _ in stream:
            first = clock() - began if first is None else first
        assert first is not None
        assert 0.022 <= first <= clock() - began


# --- tools and JSON -------------------------------------------------------------------------------------------


@run
async def test_a_tool_is_called_with_arguments_that_fit_its_schema() -> None:
    async with sandbox() as simulated:
        choice = (await completed(simulated, tools=[WEATHER, OTHER])).choices[0]
        (call,) = choice.message.tool_calls
        assert (choice.finish_reason, call.function.name, choice.message.content) == ("tool_calls", "weather", None)
        jsonschema.validate(json.loads(call.function.arguments), WEATHER["function"]["parameters"])


@run
async def test_a_tool_call_comes_in_pieces_in_a_stream() -> None:
    async with sandbox() as simulated:
        whole = (await completed(simulated, tools=[WEATHER])).choices[0].message.tool_calls[0]
        deltas = [
            chunk.choices[0].delta.tool_calls[0]
            async for chunk in await completed(simulated, tools=[WEATHER], stream=True)
            if chunk.choices[0].delta.tool_calls
        ]
        assert (deltas[0].id, deltas[0].function.name) == (whole.id, "weather")
        assert len(deltas) > 2
        assert "".join(delta.function.arguments for delta in deltas) == whole.function.arguments


@run
async def test_once_a_tool_has_answered_the_model_answers_in_words() -> None:
    async with sandbox() as simulated:
        called = (await completed(simulated, tools=[WEATHER])).choices[0].message
        answered = {"role": "tool", "tool_call_id": called.tool_calls[0].id, "content": "12 degrees and rain"}
        messages = [*ASKED, called.model_dump(exclude_none=True), answered]
        choice = (await completed(simulated, tools=[WEATHER], messages=messages)).choices[0]
        assert choice.finish_reason == "stop"
        assert "The tool answered: “12 degrees and rain”" in choice.message.content


@run
async def test_the_choice_of_a_tool_is_the_callers() -> None:
    async with sandbox() as simulated:
        named = {"type": "function", "function": {"name": "other"}}
        choice = (await completed(simulated, tools=[WEATHER, OTHER], tool_choice=named)).choices[0]
        assert choice.message.tool_calls[0].function.name == "other"
        choice = (await completed(simulated, tools=[WEATHER], tool_choice="none")).choices[0]
        assert choice.message.tool_calls is None
        with pytest.raises(openai.BadRequestError, match="tool_choice"):
            await completed(simulated, tools=[WEATHER], tool_choice=named)


@run
async def test_json_mode_gives_an_object() -> None:
    async with sandbox() as simulated:
        answer = await completed(simulated, response_format={"type": "json_object"})
        assert json.loads(answer.choices[0].message.content)["model"] == "sim-large"


@run
async def test_a_structured_answer_fits_its_schema() -> None:
    schema = {
        "type": "object",
        "properties": {"answer": {"type": "string"}, "steps": {"type": "array", "items": {"$ref": "#/$defs/step"}}},
        "required": ["answer", "steps"],
        "additionalProperties": False,
        "$defs": {"step": {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}},
    }
    wish = {"type": "json_schema", "json_schema": {"name": "reply", "strict": True, "schema": schema}}
    async with sandbox() as simulated:
        answer = await completed(simulated, response_format=wish)
        value = json.loads(answer.choices[0].message.content)
        jsonschema.validate(value, schema)
        assert "sky blue" in value["answer"]


@run
async def test_a_model_that_gives_no_structured_answers_silently_answers_in_words() -> None:
    wish = {"type": "json_schema", "json_schema": {"name": "reply", "schema": {"type": "object"}}}
    async with sandbox() as simulated:
        answer = await completed(simulated, "hosted-sim-small", "east", response_format=wish)
        assert answer.choices[0].message.content.startswith("I am")


# --- refusals -------------------------------------------------------------------------------------------------


@run
async def test_a_model_that_is_not_there_is_not_found() -> None:
    async with sandbox() as simulated:
        with pytest.raises(openai.NotFoundError) as refused:
            await completed(simulated, "sim-enormous")
        assert refused.value.code == "model_not_found"
        assert "sim-enormous" in refused.value.message


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"messages": []}, "messages"),
        ({"messages": [{"role": "narrator", "content": "Once"}]}, "role"),
        ({"messages": [{"role": "user", "content": 5}]}, "content"),
        ({"n": 99}, "n"),
        ({"max_tokens": 0}, "max_tokens"),
        ({"max_tokens": 10**6}, "max_tokens"),
        ({"temperature": 3}, "temperature"),
        ({"stream": "yes"}, "stream"),
        ({"response_format": "json"}, "response_format"),
        ({"response_format": {"type": "json_schema"}}, "json_schema"),
        ({"tools": [{"type": "function"}]}, "tools"),
        ({"tools": {"type": "function"}}, "tools"),
        ({"x_sandbox_fault": "rate_limt"}, "rate_limt"),
        ({"x_sandbox_fault": 5}, "x_sandbox_fault"),
        ({"x_sandbox_fault": ["reset"] * 17}, "x_sandbox_fault"),
    ],
)
@run
async def test_a_malformed_request_is_refused_with_what_is_wrong(changed: dict[str, Any], named: str) -> None:
    async with sandbox() as simulated:
        raw = await ask(simulated.endpoints["north"].url, {"model": "sim-large", "messages": ASKED, **changed})
        assert raw.status == "HTTP/1.1 400 Bad Request"
        error = json.loads(raw.body)["error"]
        assert error["type"] == "invalid_request_error"
        assert named in error["message"]


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\xff", b"[" * 100_000])
@run
async def test_a_body_that_is_no_json_object_is_refused(body: bytes) -> None:
    async with sandbox() as simulated:
        raw = await ask(simulated.endpoints["north"].url, body)
        assert raw.status == "HTTP/1.1 400 Bad Request"
        assert "the body is" in json.loads(raw.body)["error"]["message"]


@run
async def test_a_prompt_longer_than_the_context_overflows_it() -> None:
    long = [{"role": "user", "content": "a" * 40_000}]
    async with sandbox() as simulated:
        with pytest.raises(openai.BadRequestError, match="maximum context length"):
            await completed(simulated, "sim-tiny", "west", messages=long)
        with pytest.raises(openai.BadRequestError, match="maximum context length"):
            await completed(
                simulated, "sim-tiny", "west", messages=[{"role": "user", "content": "a" * 28_000}], max_tokens=2000
            )
        await completed(simulated, "sim-tiny", "west", messages=[{"role": "user", "content": "a" * 28_000}])


@pytest.mark.parametrize(
    ("provider", "model", "changed"),
    [
        ("west", "sim-tiny", {"tools": [WEATHER]}),
        ("north", "sim-thinker", {"temperature": 0.2}),
        (
            "south",
            "sim-mini",
            {"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "data:,"}}]}]},
        ),
    ],
)
@run
async def test_a_model_refuses_what_it_cannot_do(provider: str, model: str, changed: dict[str, Any]) -> None:
    async with sandbox() as simulated:
        with pytest.raises(openai.BadRequestError, match="not supported with this model"):
            await completed(simulated, model, provider, **changed)


@run
async def test_providers_tell_their_errors_in_four_ways() -> None:
    told = {}
    async with sandbox() as simulated:
        for provider, endpoint in simulated.endpoints.items():
            raw = await ask(endpoint.url, {"model": "none", "messages": ASKED})
            assert raw.status == "HTTP/1.1 404 Not Found"
            told[provider] = json.loads(raw.body)
    assert told["north"]["error"]["code"] == "model_not_found"
    assert (told["south"]["type"], told["south"]["error"]["type"]) == ("error", "not_found_error")
    assert told["east"][0]["error"]["status"] == "NOT_FOUND"
    assert (told["west"]["object"], told["west"]["code"]) == ("error", 404)


@run
async def test_other_addresses_are_not_found_and_models_are_listed() -> None:
    async with sandbox() as simulated:
        models = client(simulated).models
        assert [model.id async for model in models.list()] == ["sim-large", "sim-small", "sim-thinker"]
        assert (await models.retrieve("sim-small")).owned_by == "north"
        with pytest.raises(openai.NotFoundError):
            await models.retrieve("sim-mini")
        with pytest.raises(openai.NotFoundError, match="Unknown request URL"):
            await client(simulated).embeddings.create(model="sim-small", input="a", encoding_format="float")
        nowhere = openai.AsyncOpenAI(
            base_url=simulated.endpoints["north"].url.replace("north", "nowhere"), api_key="none", max_retries=0
        )
        with pytest.raises(openai.NotFoundError):
            await nowhere.chat.completions.create(model="sim-small", messages=ASKED)


# --- what a test sees -----------------------------------------------------------------------------------------


@run
async def test_what_a_candidate_has_seen_can_be_read_without_its_secrets() -> None:
    async with sandbox() as simulated:
        await completed(simulated, temperature=0.5, extra_headers={"x-api-key": "sk-none", "x-mine": "yes"})
        (seen,) = simulated.seen("north/large")
        assert (seen.status, seen.fault, seen.closed_by_client) == (200, None, False)
        assert seen.body["temperature"] == 0.5
        assert (seen.headers["authorization"], seen.headers["x-api-key"], seen.headers["x-mine"]) == (
            "***",
            "***",
            "yes",
        )
        assert "sk-none" not in repr(seen)
        assert (simulated.calls("north/large"), simulated.calls("north/small"), simulated.calls()) == (1, 0, 1)
        simulated.forget()
        assert (simulated.seen("north/large"), simulated.calls()) == ([], 0)


@run
async def test_a_client_that_hangs_up_is_noticed() -> None:
    async with Sandbox(pace=1) as simulated:
        stream = await completed(simulated, stream=True)
        await stream.close()
        (seen,) = simulated.seen("north/large")
        while not seen.closed_by_client:
            await asyncio.sleep(0.005)
        assert seen.closed_ms is not None
        assert seen.ended_ms is not None
        assert seen.closed_ms <= seen.ended_ms
