"""One attempt for an answer in pieces, over real sockets: what comes of each thing that a provider can do."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from typing import Any

import pytest
from raw_provider import (
    END,
    KEY,
    ROLE,
    STREAM,
    Exchange,
    Provider,
    chunk,
    completion,
    endpoint,
    events,
    head,
    piece,
    times,
    upstream,
    whole,
)
from running import run

from policy_ir.router.config import Timeouts
from policy_ir.router.upstream import Chunk, Failed, Failure, Upstream

PATH = "/chat/completions"
DONE = b"[DONE]"
STOP = piece(None, "stop")
USAGE = {"choices": [], "usage": {"prompt_tokens": 3, "completion_tokens": 2}}


def sends(*pieces: bytes, then: str = "") -> Callable[[Exchange], Awaitable[None]]:
    async def script(exchange: Exchange) -> None:
        await exchange.send(*pieces)
        if then == "close":
            exchange.close()
        elif then == "reset":
            exchange.reset()
        elif then == "hang":
            await exchange.closed()

    return script


async def stream(
    up: Upstream,
    provider: Provider,
    *,
    into: list[Chunk],
    timeouts: Timeouts | None = None,
    seconds: float = 5.0,
    choices: int = 1,
) -> None:
    deadline = asyncio.get_running_loop().time() + seconds
    pieces = up.stream(
        endpoint(provider.url), PATH, b"{}", timeouts=timeouts or times(), deadline=deadline, choices=choices
    )
    async with aclosing(pieces):
        async for one in pieces:
            into.append(one)


async def came(*pieces: bytes, then: str = "", **more: Any) -> list[Chunk]:
    """The pieces of a stream that is complete."""
    got: list[Chunk] = []
    async with Provider(sends(*pieces, then=then)) as provider:
        up = upstream()
        try:
            await stream(up, provider, into=got, **more)
        finally:
            await up.close()
    return got


async def failed(
    *pieces: bytes, then: str = "", limits: dict[str, int] | None = None, **more: Any
) -> tuple[Failure, list[Chunk]]:
    """What a stream fails for, and the pieces that came before."""
    got: list[Chunk] = []
    async with Provider(sends(*pieces, then=then)) as provider:
        up = upstream(**(limits or {}))
        try:
            with pytest.raises(Failed) as caught:
                await stream(up, provider, into=got, **more)
        finally:
            await up.close()
        await when(lambda: provider.open == 0)
        assert KEY not in str(caught.value)
        return caught.value.failure, got


async def when(condition: Callable[[], bool]) -> None:
    for _ in range(400):
        if condition():
            return
        await asyncio.sleep(0.005)
    raise AssertionError("it did not come to that")


def said(pieces: list[Chunk]) -> str:
    return "".join(choice["delta"].get("content", "") for one in pieces for choice in one.value["choices"])


# --- a stream as it should be -----------------------------------------------------------------------------------


@run
async def test_a_stream_comes_piece_by_piece_and_says_what_each_has() -> None:
    values = [ROLE, piece("Hel"), piece("lo"), STOP, USAGE]
    got = await came(STREAM, *(chunk(events(value)) for value in values), chunk(events(DONE)) + END)
    assert [one.value for one in got] == values
    assert [json.loads(one.raw) for one in got] == values
    assert [one.content for one in got] == [False, True, True, False, False]
    assert [one.finish for one in got] == [False, False, False, True, False]
    assert [one.usage for one in got] == [None, None, None, None, {"prompt_tokens": 3, "completion_tokens": 2}]


@run
async def test_a_stream_may_come_all_at_once_or_byte_by_byte() -> None:
    data = events(ROLE, piece("h\u00e9"), STOP, DONE)
    assert said(await came(STREAM + chunk(data) + END)) == "h\u00e9"
    raw = STREAM + b"".join(chunk(data[at : at + 1]) for at in range(len(data))) + END
    assert said(await came(*(raw[at : at + 7] for at in range(0, len(raw), 7)))) == "h\u00e9"


@run
async def test_the_data_of_an_event_is_handed_on_as_it_is_but_on_one_line() -> None:
    data = b'{"choices": [{"index":0,"delta":{"content":"a"},\r\ndata: "x": 1.50}]}'
    got = await came(STREAM, chunk(b"data: " + data + b"\r\n\r\n" + events(STOP, DONE)) + END)
    assert got[0].raw == b'{"choices": [{"index":0,"delta":{"content":"a"}, "x": 1.50}]}'


@run
async def test_comments_and_events_without_data_are_no_pieces() -> None:
    noise = b": OPENROUTER PROCESSING\n\nevent: ping\n\ndata:\n\n"
    assert not (await came(STREAM, chunk(events({"type": "ping"}, piece("a"), STOP, DONE)) + END))[0].content
    assert (
        said(await came(STREAM, chunk(noise), chunk(events(piece("a")) + noise), chunk(events(STOP, DONE)) + END))
        == "a"
    )


@run
async def test_what_counts_as_content() -> None:
    for delta in (
        {"content": "x"},
        {"tool_calls": [{"index": 0}]},
        {"reasoning_content": "x"},
        {"reasoning": "x"},
        {"refusal": "no"},
        {"function_call": {"name": "f"}},
        {"content": [{"type": "text", "text": "x"}]},
    ):
        got = await came(STREAM, chunk(events({"choices": [{"delta": delta}]}, STOP, DONE)) + END)
        assert got[0].content, delta
    for delta in ({}, None, {"role": "assistant"}, {"content": ""}, {"content": None}, {"tool_calls": []}):
        got = await came(STREAM, chunk(events({"choices": [{"delta": delta}]}, STOP, DONE)) + END)
        assert not got[0].content, delta


@run
async def test_a_stream_whose_choices_have_all_ended_is_complete_without_the_end_marker() -> None:
    data = events(piece("a"), STOP)
    for pieces, then in (
        ((STREAM, chunk(data) + END), ""),
        ((head(type="text/event-stream") + data,), "close"),
        ((STREAM, chunk(data)), "close"),
        ((STREAM, chunk(data)), "reset"),
    ):
        assert said(await came(*pieces, then=then)) == "a"
    assert said(await came(STREAM, chunk(data), then="hang", timeouts=times(idle=40))) == "a"


@run
async def test_what_follows_the_end_marker_is_not_looked_at() -> None:
    got = await came(STREAM, chunk(events(piece("a"), STOP, DONE, piece("b"), b"rubbish")) + END)
    assert said(got) == "a"


@run
async def test_several_choices_end_each_for_itself() -> None:
    both = [piece("a"), piece("b", index=1), piece(None, "stop"), piece(None, "length", index=1)]
    assert len(await came(STREAM, chunk(events(*both, DONE)) + END)) == 4
    failure, _ = await failed(STREAM, chunk(events(*both[:3], DONE)) + END)
    assert failure.reason == "stream_interrupted"


@run
async def test_without_the_end_marker_all_choices_that_were_asked_for_have_to_have_ended() -> None:
    one = STREAM, chunk(events(piece("a"), STOP))
    for then in ("close", "reset"):
        failure, _ = await failed(*one, then=then, choices=2)
        assert (failure.reason, failure.sent_content) == ("stream_interrupted", True)
    assert (await failed(*one, END, choices=2))[0].reason == "stream_interrupted"
    assert said(await came(*one, chunk(events(DONE)) + END, choices=2)) == "a"
    both = chunk(events(piece("b", index=1), piece(None, "stop", index=1)))
    assert said(await came(*one, both, then="close", choices=2)) == "ab"


@run
async def test_the_content_type_does_not_matter() -> None:
    data = events(piece("a"), STOP, DONE)
    assert said(await came(head(type="application/json", Content_Length=len(data)) + data)) == "a"


@run
async def test_a_connection_whose_end_comes_after_the_end_marker_is_kept() -> None:
    async def script(exchange: Exchange) -> None:
        await exchange.send(STREAM + chunk(events(piece("a"), STOP, DONE)))
        await asyncio.sleep(0.03)
        await exchange.send(END)

    async with Provider(script) as provider:
        up = upstream()
        for _ in range(2):
            began = asyncio.get_running_loop().time()
            await stream(up, provider, into=[])
            assert asyncio.get_running_loop().time() - began < 0.03  # nobody waits for it
            await asyncio.sleep(0.06)
        assert provider.connections == 1
        await up.close()


@run
async def test_a_connection_that_does_not_end_after_the_end_marker_is_given_up() -> None:
    async with Provider(sends(STREAM + chunk(events(piece("a"), STOP, DONE)), then="hang")) as provider:
        up = upstream()
        await stream(up, provider, into=[])
        await when(lambda: provider.open == 0)
        await up.close()


# --- failures that are said -------------------------------------------------------------------------------------


@run
async def test_a_refusal_of_a_stream_says_why() -> None:
    failure, _ = await failed(
        whole({"error": {"code": "insufficient_quota", "message": "no"}}, 429, Retry_After=3), then="hang"
    )
    assert failure == Failure("quota_exhausted", 429, "no", 3000.0)


@run
async def test_an_error_as_a_whole_may_come_for_a_stream_whatever_its_content_type() -> None:
    error = {"error": {"code": 429, "message": "no", "status": "RESOURCE_EXHAUSTED"}}
    for body in (error, [error], b"\n [" + json.dumps(error).encode() + b"]"):
        for kind in ("application/json", "text/event-stream"):
            failure, _ = await failed(whole(body, type=kind), then="hang")
            assert (failure.reason, failure.status) == ("rate_limit", 200)
    failure, _ = await failed(whole(b"<html><title>Sign in</title>", type="text/html"), then="hang")
    assert (failure.reason, failure.message) == ("bad_response", "Sign in")


@run
async def test_an_answer_as_a_whole_where_a_stream_was_asked_for_is_a_bad_response() -> None:
    for value in (completion(), [completion()]):
        failure, _ = await failed(whole(value), then="hang")
        assert failure.reason == "bad_response"
        assert "Hello" not in failure.message
    failure, _ = await failed(whole(completion("x" * 200_000)), then="hang")
    assert (failure.reason, "xxx" in failure.message) == ("bad_response", False)


@run
async def test_an_error_within_a_stream_has_its_reason_and_tells_whether_content_had_come() -> None:
    for error, reason in (
        (events({"error": {"type": "overloaded_error", "message": f"no {KEY}"}}), "overloaded"),
        (b'event: error\ndata: {"type":"error","error":{"type":"rate_limit_error"}}\n\n', "rate_limit"),
        (b"event: error\ndata: upstream overloaded\n\n", "overloaded"),
        (events([{"error": {"status": "RESOURCE_EXHAUSTED"}}]), "rate_limit"),
        (events({"object": "error", "message": "EngineCore died", "code": 500}), "server_error"),
        (
            events({"choices": [{"delta": {"content": ""}, "finish_reason": "error"}], "error": {"code": 502}}),
            "server_error",
        ),
        (events({"choices": [{"delta": {}, "error": {"code": 429}, "finish_reason": "error"}]}), "rate_limit"),
        (events({"choices": [{"delta": {}, "finish_reason": "error"}]}), "server_error"),
    ):
        before, got = await failed(STREAM, chunk(events(ROLE) + error), then="hang")
        assert (before.reason, before.status, before.sent_content, len(got)) == (reason, 200, False, 1), error
        after, got = await failed(STREAM, chunk(events(piece("a"))), chunk(error), then="hang")
        assert (after.reason, after.sent_content, said(got)) == (reason, True, "a"), error


@run
async def test_an_answer_that_a_filter_has_emptied_is_a_failure_and_one_that_it_has_cut_is_an_answer() -> None:
    for end in ("content_filter", "SAFETY", "content_filter: PROHIBITED_CONTENT"):
        failure, _ = await failed(STREAM, chunk(events(ROLE, piece(None, end), DONE)) + END)
        assert (failure.reason, failure.sent_content) == ("content_filter", False)
    assert said(await came(STREAM, chunk(events(piece("a"), piece(None, "content_filter"), DONE)) + END)) == "a"


@run
async def test_the_account_of_a_failure_comes_with_it() -> None:
    value = piece(None, "content_filter", usage={"prompt_tokens": 3})
    async with Provider(sends(STREAM, chunk(events(value, DONE)) + END)) as provider:
        up = upstream()
        with pytest.raises(Failed) as caught:
            await stream(up, provider, into=[])
        assert caught.value.usage == {"prompt_tokens": 3}
        await up.close()


@run
async def test_a_malformed_piece_is_a_bad_response() -> None:
    for data in (
        events(b'{"choices": [{"del'),
        events(b"rubbish"),
        events(b'{"choices": []} {}'),
        events(b"7"),
        events(b"[]"),
        events(b"null"),
        b"data: \xff\n\n",
        events(b"[" * 100_000),
        events({"choices": 7}),
        events({"choices": [7]}),
        events({"choices": [{"index": [], "delta": {}}]}),
    ):
        failure, got = await failed(STREAM, chunk(events(piece("a")) + data), then="hang")
        assert (failure.reason, failure.sent_content, said(got)) == ("bad_response", True, "a"), data[:50]


# --- streams that stop ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("then", ["close", "reset"])
def test_a_stream_that_is_cut_is_interrupted_however_it_ends(then: str) -> None:
    @run
    async def test() -> None:
        for data in (events(piece("a")), events(piece("a")) + events(STOP)[:-1], events(piece("a"), ROLE)):
            failure, got = await failed(STREAM, chunk(data), then=then)
            assert (failure.reason, failure.status, failure.sent_content) == ("stream_interrupted", 200, True)
            assert said(got) == "a"
        failure, _ = await failed(STREAM, chunk(events(ROLE)), then=then)
        assert (failure.reason, failure.sent_content) == ("stream_interrupted", False)
        failure, _ = await failed(STREAM, then=then)
        assert (failure.reason, failure.sent_content) == ("stream_interrupted", False)

    test()


@run
async def test_a_stream_that_ends_in_good_order_before_its_answer_does_is_interrupted() -> None:
    for data in (events(piece("a")), events(piece("a"), DONE), events(piece("a"), USAGE, DONE), events(ROLE, DONE)):
        failure, _ = await failed(STREAM, chunk(data) + END)
        assert failure.reason == "stream_interrupted", data


@run
async def test_a_stream_without_an_answer_is_a_failure() -> None:
    assert (await failed(STREAM, chunk(events(DONE)) + END))[0].reason == "bad_response"
    assert (await failed(STREAM, chunk(events(USAGE, DONE)) + END))[0].reason == "bad_response"
    assert (await failed(STREAM + END))[0].reason == "stream_interrupted"
    assert (await failed(head(type="text/event-stream", Content_Length=0)))[0].reason == "stream_interrupted"


@run
async def test_a_connection_that_ends_before_the_headers_of_a_stream_is_a_network_error() -> None:
    for then in ("close", "reset"):
        failure, _ = await failed(then=then)
        assert (failure.reason, failure.status, failure.sent_content) == ("network_error", None, False)


@run
async def test_a_malformed_chunk_of_a_stream_is_a_failure() -> None:
    failure, got = await failed(STREAM, chunk(events(piece("a"))), b"zz\r\n{}\r\n", then="hang")
    assert (failure.reason, failure.sent_content) == ("stream_interrupted", True)
    assert said(got) == "a"


# --- time and bounds --------------------------------------------------------------------------------------------


@run
async def test_the_first_token_has_its_time_whatever_else_comes() -> None:
    async def script(exchange: Exchange) -> None:
        await exchange.send(STREAM, chunk(events(ROLE)))
        for _ in range(100):
            await exchange.send(chunk(b": still here\n\n" + events(ROLE)))
            await asyncio.sleep(0.01)

    got: list[Chunk] = []
    async with Provider(script) as provider:
        up = upstream()
        with pytest.raises(Failed) as caught:
            await stream(up, provider, into=got, timeouts=times(first=100))
        assert caught.value.failure == Failure("timeout", 200, "no first token in time")
        await when(lambda: provider.open == 0)
        await up.close()


@run
async def test_a_provider_that_is_silent_has_the_time_of_the_first_token() -> None:
    failure, _ = await failed(then="hang", timeouts=times(first=60))
    assert failure == Failure("timeout", None, "no first token in time")


@run
async def test_a_slow_first_token_in_time_is_waited_for_longer_than_between_pieces() -> None:
    async def script(exchange: Exchange) -> None:
        await asyncio.sleep(0.1)
        await exchange.send(STREAM + chunk(events(piece("a"), STOP, DONE)) + END)

    async with Provider(script) as provider:
        up = upstream()
        got: list[Chunk] = []
        await stream(up, provider, into=got, timeouts=times(idle=30))
        assert said(got) == "a"
        await up.close()


@run
async def test_a_stream_that_stalls_ends_with_the_idle_time_and_comments_do_not_help_it() -> None:
    failure, got = await failed(STREAM, chunk(events(piece("a"))), then="hang", timeouts=times(idle=50))
    assert failure == Failure("timeout", 200, "the answer has stopped coming in", None, True)
    assert said(got) == "a"

    async def script(exchange: Exchange) -> None:
        await exchange.send(STREAM, chunk(events(piece("a"))))
        for _ in range(100):
            await exchange.send(chunk(b": still here\n\n"))
            await asyncio.sleep(0.01)

    async with Provider(script) as provider:
        up = upstream()
        with pytest.raises(Failed):
            await stream(up, provider, into=[], timeouts=times(idle=60))
        await up.close()


@run
async def test_a_stream_goes_on_as_long_as_pieces_come_in_time() -> None:
    async def script(exchange: Exchange) -> None:
        await exchange.send(STREAM)
        for _ in range(8):
            await exchange.send(chunk(events(piece("a"))))
            await asyncio.sleep(0.02)
        await exchange.send(chunk(events(STOP, DONE)) + END)

    async with Provider(script) as provider:
        up = upstream()
        got: list[Chunk] = []
        await stream(up, provider, into=got, timeouts=times(idle=100))
        assert said(got) == "a" * 8
        with pytest.raises(Failed) as caught:
            await stream(up, provider, into=[], timeouts=times(idle=100, total=80))
        assert caught.value.failure.reason == "timeout"
        with pytest.raises(Failed):
            await stream(up, provider, into=[], seconds=0.08)
        await up.close()


@run
async def test_a_caller_that_is_slow_is_not_held_against_the_provider() -> None:
    async with Provider(
        sends(STREAM, chunk(events(piece("a"))), chunk(events(piece("b"), STOP, DONE)) + END)
    ) as provider:
        up = upstream()
        deadline = asyncio.get_running_loop().time() + 5
        pieces = up.stream(endpoint(provider.url), PATH, b"{}", timeouts=times(idle=50), deadline=deadline)
        got = []
        async with aclosing(pieces):
            async for one in pieces:
                got.append(one)
                await asyncio.sleep(0.08)
        assert said(got) == "ab"
        await up.close()


@run
async def test_a_stream_that_stalls_after_a_slow_caller_ends_with_the_idle_time() -> None:
    async with Provider(sends(STREAM, chunk(events(piece("a"))), then="hang")) as provider:
        up = upstream()
        deadline = asyncio.get_running_loop().time() + 5
        pieces = up.stream(endpoint(provider.url), PATH, b"{}", timeouts=times(first=40, idle=40), deadline=deadline)
        async with aclosing(pieces):
            await anext(pieces)
            await asyncio.sleep(0.08)  # longer than any limit: the timer runs out while nobody waits
            with pytest.raises(Failed) as caught:
                await anext(pieces)
        assert caught.value.failure.message == "the answer has stopped coming in"
        await up.close()


@run
async def test_a_stream_without_an_end_is_refused() -> None:
    pieces = [chunk(events(piece("a" * 300)))] * 5
    failure, got = await failed(STREAM, *pieces, then="hang", limits={"answer_bytes": 1000})
    assert failure == Failure("bad_response", 200, "an answer of more than 1000 bytes", None, True)
    assert 1 <= len(got) <= 3


@run
async def test_a_line_without_an_end_is_refused() -> None:
    endless = [chunk(b"data: " + b"x" * 600)] + [chunk(b"x" * 600)] * 3
    failure, _ = await failed(STREAM, *endless, then="hang", limits={"line_bytes": 1000})
    assert (failure.reason, failure.message) == ("bad_response", "an event of more than 1000 bytes")


@run
async def test_a_provider_that_sends_faster_than_the_caller_reads_is_made_to_wait() -> None:
    sent = 0

    async def script(exchange: Exchange) -> None:
        nonlocal sent
        await exchange.send(STREAM)
        data = chunk(events(piece("x" * 60_000)))
        for _ in range(1000):
            exchange.writer.write(data)
            await exchange.writer.drain()
            sent += len(data)

    async with Provider(script) as provider:
        up = upstream()
        deadline = asyncio.get_running_loop().time() + 5
        pieces = up.stream(endpoint(provider.url), PATH, b"{}", timeouts=times(), deadline=deadline)
        await anext(pieces)
        await asyncio.sleep(0.2)
        assert sent < 20_000_000  # what sockets hold, and no more
        await pieces.aclose()
        await up.close()


# --- callers that go away ---------------------------------------------------------------------------------------


@run
async def test_a_stream_that_is_cancelled_or_closed_gives_up_its_connection_at_once() -> None:
    async with Provider(sends(STREAM, chunk(events(piece("a"))), then="hang")) as provider:
        up = upstream()
        got: list[Chunk] = []
        calls = [asyncio.create_task(stream(up, provider, into=got)) for _ in range(100)]
        await when(lambda: len(got) == 100)
        for call in calls:
            call.cancel()
        results = await asyncio.gather(*calls, return_exceptions=True)
        assert all(isinstance(result, asyncio.CancelledError) for result in results)
        await when(lambda: provider.open == 0)

        deadline = asyncio.get_running_loop().time() + 5
        pieces = up.stream(endpoint(provider.url), PATH, b"{}", timeouts=times(), deadline=deadline)
        await anext(pieces)
        await pieces.aclose()
        await when(lambda: provider.open == 0)
        await up.close()


@run
async def test_a_stream_that_fails_gives_up_its_connection_at_once() -> None:
    for data in (events({"error": {"code": 500}}), events(b"rubbish"), b"data: " + b"x" * 2000):
        async with Provider(sends(STREAM, chunk(data), then="hang")) as provider:
            up = upstream(line_bytes=1000)
            with pytest.raises(Failed):
                await stream(up, provider, into=[])
            await when(lambda provider=provider: provider.open == 0)
            await up.close()


@run
async def test_closing_gives_up_what_is_under_way() -> None:
    async with Provider(sends(STREAM, chunk(events(piece("a"), STOP, DONE)), then="hang")) as provider:
        up = upstream()
        await stream(up, provider, into=[])
        await up.close()
        await when(lambda: provider.open == 0)
