"""What each fault of the sandbox puts on the socket, read as bytes; and what the official client makes of some."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import Any

import openai
import pytest
from raw_http import Raw, ask, events, opened, request_of
from running import run

from policy_ir.failover import ROUTER_REASONS
from policy_ir.router.classify import classify
from policy_ir.router.sandbox import Sandbox, read_faults

BODY: dict[str, Any] = {"model": "sim-large", "messages": [{"role": "user", "content": "Why is the sky blue?"}]}
STREAM = {**BODY, "stream": True}


async def met(fault: str, body: Mapping[str, Any] = BODY, *, wait: float | None = None, **headers: str) -> Raw:
    """What a request to a candidate with a fault gets."""
    async with Sandbox(pace=0, faults=read_faults([f"north/large={fault}"])) as simulated:
        raw = await ask(simulated.endpoints["north"].url, body, headers, wait=wait)
        (seen,) = simulated.seen("north/large")
        assert seen.fault == fault
        return raw


def status(raw: Raw) -> int:
    return int(raw.status.split()[1])


# --- errors ---------------------------------------------------------------------------------------------------

ERRORS = {
    "rate_limit": (429, "rate_limit"),
    "quota": (429, "quota_exhausted"),
    "overloaded": (529, "overloaded"),
    "overloaded:status=503": (503, "overloaded"),
    "server_error": (500, "server_error"),
    "server_error:status=502": (502, "server_error"),
    "context_overflow": (400, "context_overflow"),
    "content_filter": (400, "content_filter"),
    "auth_error": (401, "auth_error"),
    "payment": (402, "payment_required"),
    "model_not_found": (404, "model_not_found"),
    "bad_request": (400, "bad_request"),
    "flapping": (503, "overloaded"),
    "error_array": (429, "rate_limit"),
    "error_array:status=500": (500, "rate_limit"),
    "html": (502, "server_error"),
    "redirect": (307, "bad_response"),
    "error_in_200": (200, "server_error"),
    "empty": (200, "bad_response"),
}
"""By fault: the status, and the reason that a router is to see."""


@pytest.mark.parametrize("fault", ERRORS)
@run
async def test_an_error_has_its_status_whether_a_stream_was_asked_for_or_not(fault: str) -> None:
    for body in (BODY, STREAM):
        raw = await met(fault, body)
        assert status(raw) == ERRORS[fault][0]
        assert raw.whole


@pytest.mark.parametrize("provider", ["north", "south", "east", "west"])
@pytest.mark.parametrize("fault", ERRORS)
@run
async def test_a_router_sees_the_reason_in_the_dialect_of_every_provider(fault: str, provider: str) -> None:
    async with Sandbox(pace=0, faults=read_faults([f"*={fault}"])) as simulated:
        model = next(model.name for (at, _), model in simulated.models.items() if at == provider)
        raw = await ask(simulated.endpoints[provider].url, {**BODY, "model": model})
        failure = classify(status(raw), raw.headers, raw.body)
        assert failure is not None
        assert failure.reason in ROUTER_REASONS
        assert failure.reason == ERRORS[fault][1]


@run
async def test_a_rate_limit_says_how_long_to_wait_only_if_it_is_told_to() -> None:
    assert "retry-after" not in (await met("rate_limit")).headers
    assert (await met("rate_limit:retry_after=2")).headers["retry-after"] == "2"
    raw = await met("rate_limit:retry_after_ms=150.5")
    assert (raw.headers["retry-after-ms"], "retry-after" in raw.headers) == ("150.5", False)


@run
async def test_the_official_client_raises_the_error_of_the_status() -> None:
    faults = {
        "rate_limit:once": openai.RateLimitError,
        "auth_error:once,skip=1": openai.AuthenticationError,
        "server_error:once,skip=2": openai.InternalServerError,
        "bad_request:once,skip=3": openai.BadRequestError,
    }
    async with Sandbox(pace=0) as simulated:
        simulated.script("north/large", *faults)
        client = openai.AsyncOpenAI(base_url=simulated.endpoints["north"].url, api_key="none", max_retries=0)
        for error in faults.values():
            with pytest.raises(error):
                await client.chat.completions.create(**BODY)
        assert (await client.chat.completions.create(**BODY)).choices
        assert [seen.fault for seen in simulated.seen("north/large")] == [*faults, None]
        assert [seen.status for seen in simulated.seen("north/large")] == [429, 401, 500, 400, 200]


@run
async def test_an_error_about_a_key_may_repeat_it() -> None:
    key = {"Authorization": "Bearer sk-planted-1234567890"}
    assert b"planted" not in (await met("auth_error", **key)).body
    assert b"sk-planted-1234567890" in (await met("auth_error:echo=yes", **key)).body


@run
async def test_a_shape_may_be_refused_for_one_parameter_only() -> None:
    assert status(await met("bad_request:param=top_k")) == 200
    raw = await met("bad_request:param=top_k", {**BODY, "top_k": 5})
    assert (status(raw), json.loads(raw.body)["error"]["param"]) == (400, "top_k")


@run
async def test_a_redirect_leads_elsewhere_and_a_page_is_no_json() -> None:
    assert (await met("redirect")).headers["location"].endswith("/elsewhere")
    raw = await met("html:status=200")
    assert (status(raw), raw.headers["content-type"].split(";")[0]) == (200, "text/html")
    assert (await met("empty")).body == b""


# --- the connection -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("body", [BODY, STREAM])
@run
async def test_a_reset_comes_before_any_header(body: dict[str, Any]) -> None:
    raw = await met("reset", body)
    assert (raw.status, raw.reset) == ("", True)


@pytest.mark.parametrize("body", [BODY, STREAM])
@run
async def test_silence_is_no_byte_at_all(body: dict[str, Any]) -> None:
    raw = await met("silence", body, wait=0.1)
    assert (raw.status, raw.body, raw.reset) == ("", b"", False)


@run
async def test_a_client_that_gives_up_on_silence_is_seen_to() -> None:
    async with Sandbox(faults=read_faults(["north/large=silence"])) as simulated:
        url = simulated.endpoints["north"].url
        _, writer = await opened(url, request_of(url, BODY))
        while not simulated.calls():
            await asyncio.sleep(0.005)
        await asyncio.sleep(0.05)
        writer.close()
        (seen,) = simulated.seen("north/large")
        while not seen.closed_by_client:
            await asyncio.sleep(0.005)
        assert seen.status is None
        assert seen.closed_ms is not None
        assert 50 <= seen.closed_ms < 5000


@run
async def test_the_sandbox_ends_at_once_while_candidates_are_silent() -> None:
    clock = asyncio.get_running_loop().time
    async with Sandbox(faults=read_faults(["north/large=silence"])) as simulated:
        url = simulated.endpoints["north"].url
        _, writer = await opened(url, request_of(url, BODY))
        while not simulated.calls():
            await asyncio.sleep(0.005)
        began = clock()
    assert clock() - began < 5.0
    (seen,) = simulated.seen("north/large")
    assert not seen.closed_by_client
    writer.close()


# --- streams --------------------------------------------------------------------------------------------------


def text_of(raw: Raw) -> str:
    """The content that came in the events of a stream, as far as they are whole."""
    pieces = []
    for line in raw.body.split(b"\n"):
        if line.startswith(b"data: {") and line.endswith(b"}"):
            choices = json.loads(line[6:]).get("choices") or [{}]
            pieces.append(choices[0].get("delta", {}).get("content") or "")
    return "".join(pieces)


@run
async def test_a_cut_stream_ends_after_so_many_pieces_without_the_end_of_its_framing() -> None:
    raw = await met("cut:after=4", STREAM)
    assert (status(raw), text_of(raw)) == (200, "I am sim-")
    assert not raw.whole


@run
async def test_a_stream_can_be_cut_before_its_first_content() -> None:
    raw = await met("cut:after=0", STREAM)
    assert (status(raw), text_of(raw)) == (200, "")
    assert b'"role": "assistant"' in raw.body


@run
async def test_a_cut_answer_has_less_than_its_length() -> None:
    raw = await met("cut")
    assert 0 < len(raw.body) < int(raw.headers["content-length"])


@pytest.mark.parametrize("body", [BODY, STREAM])
@run
async def test_a_stalled_answer_stays_open(body: dict[str, Any]) -> None:
    raw = await met("stall:after=2", body, wait=0.15)
    assert status(raw) == 200
    assert not raw.whole
    if body is STREAM:
        assert text_of(raw) == "I am"


@run
async def test_a_stalled_stream_may_be_kept_alive_by_comments() -> None:
    async with Sandbox(pace=0, faults=read_faults(["north/large=stall:after=2,ping=20"])) as simulated:
        url = simulated.endpoints["north"].url
        reader, writer = await opened(url, request_of(url, STREAM))
        for _ in range(3):
            await asyncio.wait_for(reader.readuntil(b": working\n\n"), 5)
        writer.close()


@run
async def test_a_slow_first_token_comes_after_the_headers() -> None:
    clock = asyncio.get_running_loop().time
    async with Sandbox(pace=0, faults=read_faults(["north/large=slow_first_token:ms=150"])) as simulated:
        url = simulated.endpoints["north"].url
        began = clock()
        reader, writer = await opened(url, request_of(url, STREAM))
        await reader.readuntil(b"\r\n\r\n")
        headers = clock() - began
        await reader.readuntil(b"data: ")
        token = clock() - began
        writer.close()
        assert headers < token
        assert token >= 0.15
        began = clock()
        assert status(await ask(url, BODY)) == 200
        assert clock() - began >= 0.15


@run
async def test_slow_tokens_come_one_by_one() -> None:
    clock = asyncio.get_running_loop().time
    began = clock()
    raw = await met("slow_tokens:ms=20", {**STREAM, "max_tokens": 5})
    assert clock() - began >= 0.1
    assert events(raw)[-1] == "[DONE]"


@run
async def test_a_malformed_piece_stands_among_good_ones() -> None:
    lines = events(await met("malformed:after=2", STREAM))
    broken = [line for line in lines if line != "[DONE]" and not line.endswith("}")]
    assert len(broken) == 1
    with pytest.raises(json.JSONDecodeError):
        json.loads(broken[0])
    assert lines[-1] == "[DONE]"
    with pytest.raises(json.JSONDecodeError):
        json.loads((await met("malformed")).body)


@pytest.mark.parametrize("body", [BODY, STREAM])
@run
async def test_broken_framing_is_no_chunk(body: dict[str, Any]) -> None:
    raw = await met("bad_framing", body)
    assert raw.body.endswith(b"zz\r\nnot a chunk\r\n")


@run
async def test_a_stream_without_an_end_is_properly_framed_and_has_no_marker() -> None:
    raw = await met("no_end", STREAM)
    assert raw.whole
    assert json.loads(events(raw)[-1])["choices"][0]["finish_reason"] is None
    finished = events(await met("no_end:finish=yes", STREAM))
    assert json.loads(finished[-1])["choices"][0]["finish_reason"] == "stop"
    assert not (await met("no_end")).whole


@run
async def test_an_error_in_a_stream_is_its_last_event() -> None:
    raw = await met("error_in_stream:after=2", STREAM)
    assert (status(raw), raw.whole, text_of(raw)) == (200, True, "I am")
    assert json.loads(events(raw)[-1])["error"]["code"] == "overloaded"
    whole = await met("error_in_stream")
    assert (status(whole), "error" in json.loads(whole.body)) == (200, True)


@run
async def test_the_official_client_raises_what_a_stream_tells_it() -> None:
    async with Sandbox(
        pace=0, faults=read_faults(["north/large=error_in_stream:once", "north/large=cut"])
    ) as simulated:
        client = openai.AsyncOpenAI(base_url=simulated.endpoints["north"].url, api_key="none", max_retries=0)
        for error in (openai.APIError, openai.APIConnectionError):
            stream = await client.chat.completions.create(**STREAM)
            with pytest.raises(error):
                async for _ in stream:
                    pass


@run
async def test_a_filter_ends_an_answer_in_the_middle() -> None:
    lines = events(await met("content_filter:after=2", STREAM))
    assert json.loads(lines[-2])["choices"][0]["finish_reason"] == "content_filter"
    assert lines[-1] == "[DONE]"
    choice = json.loads((await met("content_filter:after=0")).body)["choices"][0]
    assert (choice["finish_reason"], choice["message"]["content"]) == ("content_filter", "")


@run
async def test_token_counts_can_be_absurd_or_absent() -> None:
    asking = {**STREAM, "stream_options": {"include_usage": True}}
    assert json.loads((await met("wrong_usage")).body)["usage"]["completion_tokens"] == 10**9
    assert json.loads((await met("wrong_usage:tokens=-5")).body)["usage"]["prompt_tokens"] == -5
    assert "usage" not in json.loads((await met("no_usage")).body)
    assert json.loads(events(await met("wrong_usage:tokens=7", asking))[-2])["usage"]["total_tokens"] == 14
    assert all("usage" not in line for line in events(await met("no_usage", asking)))


@pytest.mark.parametrize("body", [BODY, STREAM])
@run
async def test_a_huge_answer_has_its_bytes_in_one_text(body: dict[str, Any]) -> None:
    raw = await met("huge:bytes=3000000", body)
    assert raw.whole
    assert raw.body.count(b"a") >= 3_000_000


@run
async def test_a_client_that_hangs_up_on_a_huge_answer_ends_it() -> None:
    async with Sandbox(pace=0, faults=read_faults(["north/large=huge:bytes=1e11"])) as simulated:
        url = simulated.endpoints["north"].url
        reader, writer = await opened(url, request_of(url, STREAM))
        await reader.readexactly(1_000_000)
        writer.close()
        (seen,) = simulated.seen("north/large")
        while not seen.closed_by_client:
            await asyncio.sleep(0.005)


# --- faults that a request brings -----------------------------------------------------------------------------


@run
async def test_a_request_brings_a_fault_in_a_header_or_in_its_body() -> None:
    async with Sandbox(pace=0) as simulated:
        url = simulated.endpoints["north"].url
        assert status(await ask(url, BODY, {"x-sandbox-fault": "server_error"})) == 500
        assert status(await ask(url, {**BODY, "x_sandbox_fault": "quota"})) == 429
        several = ["south/large=reset", "north/*=overloaded:once", "auth_error:skip=1"]
        assert status(await ask(url, {**BODY, "x_sandbox_fault": several})) == 529
        assert status(await ask(url, {**BODY, "x_sandbox_fault": several})) == 401
        assert status(await ask(url, {**BODY, "x_sandbox_fault": "south/large=reset"})) == 200
        assert status(await ask(url, BODY)) == 200


@run
async def test_a_fault_of_a_request_goes_before_those_of_the_candidate() -> None:
    async with Sandbox(pace=0, faults=read_faults(["north/large=server_error"])) as simulated:
        url = simulated.endpoints["north"].url
        assert status(await ask(url, {**BODY, "x_sandbox_fault": "quota"})) == 429
        simulated.script("north/large")
        assert status(await ask(url, BODY)) == 200
