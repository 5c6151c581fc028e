"""One attempt for an answer as a whole, over real sockets: what comes of each thing that a provider can do."""

from __future__ import annotations

import asyncio
import gzip
import json
import tracemalloc
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

import pytest
from raw_provider import (
    END,
    KEY,
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

from policy_ir.router import connections
from policy_ir.router.config import Timeouts
from policy_ir.router.secrets import Secret
from policy_ir.router.upstream import Failed, Failure, Reply, Upstream

PATH = "/chat/completions"


def sends(*pieces: bytes, then: str = "") -> Callable[[Exchange], Awaitable[None]]:
    """A script that sends the same to every request, and then does one thing more."""

    async def script(exchange: Exchange) -> None:
        await exchange.send(*pieces)
        if then == "close":
            exchange.close()
        elif then == "reset":
            exchange.reset()
        elif then == "hang":
            await exchange.closed()

    return script


async def ask(
    up: Upstream,
    provider: Provider,
    *,
    timeouts: Timeouts | None = None,
    seconds: float = 5.0,
    body: bytes = b"{}",
    **more: Any,
) -> Reply:
    deadline = asyncio.get_running_loop().time() + seconds
    return await up.answer(
        endpoint(provider.url, **more), PATH, body, timeouts=timeouts or times(), deadline=deadline, request_id="tr_1"
    )


async def answered(*pieces: bytes, then: str = "", **more: Any) -> Reply:
    async with Provider(sends(*pieces, then=then)) as provider:
        up = upstream()
        try:
            return await ask(up, provider, **more)
        finally:
            await up.close()


async def failed(*pieces: bytes, then: str = "", limits: dict[str, int] | None = None, **more: Any) -> Failure:
    """What an attempt fails for; the connection must have been given up, or be free."""
    async with Provider(sends(*pieces, then=then)) as provider:
        up = upstream(**(limits or {}))
        try:
            with pytest.raises(Failed) as caught:
                await ask(up, provider, **more)
        finally:
            await up.close()
        assert len(provider.requests) <= 1
        assert KEY not in str(caught.value)
        return caught.value.failure


# --- what goes out ----------------------------------------------------------------------------------------------


@run
async def test_a_request_goes_out_as_it_is_with_the_endpoint_s_headers() -> None:
    async with Provider(sends(whole(completion()))) as provider:
        up = upstream()
        headers = {"X-Team": "a", "X-Other-Key": Secret("other-secret"), "Accept-Encoding": "identity"}
        await ask(up, provider, body=b'{"model":"m","unknown":1}', headers=headers)
        sent = provider.requests[0]
        assert sent.head.startswith(b"POST /v1/chat/completions HTTP/1.1\r\n")
        assert sent.body == b'{"model":"m","unknown":1}'
        assert sent.headers["authorization"] == f"Bearer {KEY}"
        assert sent.headers["content-type"] == "application/json"
        assert sent.headers["x-client-request-id"] == "tr_1"
        assert (sent.headers["x-team"], sent.headers["x-other-key"]) == ("a", "other-secret")
        assert sent.headers["accept-encoding"] == "identity"
        assert "cookie" not in sent.headers
        await up.close()


@run
async def test_a_large_request_arrives_whole() -> None:
    async with Provider(sends(whole(completion()))) as provider:
        up = upstream()
        body = json.dumps({"x": "y" * 3_000_000}).encode()
        await ask(up, provider, body=body)
        assert provider.requests[0].body == body
        await up.close()


@run
async def test_an_endpoint_that_has_changed_is_called_as_it_is_now() -> None:
    async with Provider(sends(whole(completion()))) as provider:
        up = upstream()
        await ask(up, provider, headers={"X-Team": "a"})
        await ask(up, provider, headers={"X-Team": "b"})
        assert [sent.headers["x-team"] for sent in provider.requests] == ["a", "b"]
        await up.close()


# --- what comes back --------------------------------------------------------------------------------------------


@run
async def test_an_answer_is_handed_on_byte_for_byte() -> None:
    body = b'{ "choices":[{"message":{"content":"h\\u00e9"}}],\n"usage":{"prompt_tokens":3},"x":1.50 }\n'
    reply = await answered(whole(body, Set_Cookie="a=b"))
    assert reply.body == body
    assert reply.usage == {"prompt_tokens": 3}
    assert reply.json["x"] == 1.5
    assert 0 < reply.first_byte_ms < 2000


@run
async def test_an_answer_may_come_in_pieces_and_chunks_of_any_size() -> None:
    body = json.dumps(completion("x" * 300)).encode()
    pieces = [chunk(body[at : at + 100]) for at in range(0, len(body), 100)]
    reply = await answered(head(Transfer_Encoding="chunked"), *pieces, END)
    assert reply.body == body


@run
async def test_an_answer_may_be_packed() -> None:
    body = json.dumps(completion()).encode()
    assert (await answered(whole(gzip.compress(body), Content_Encoding="gzip"))).body == body


@run
async def test_an_answer_may_end_with_its_connection() -> None:
    body = json.dumps(completion()).encode()
    assert (await answered(head() + body, then="close")).body == body


@run
async def test_a_mark_before_the_json_is_left_out_and_the_content_type_does_not_matter() -> None:
    body = json.dumps(completion()).encode()
    reply = await answered(head(type="text/plain", Content_Length=len(body) + 3) + b"\xef\xbb\xbf" + body)
    assert reply.body == body


@run
async def test_an_answer_without_content_is_one_unless_something_else_ended_it() -> None:
    assert await answered(whole(completion("")))
    assert (await failed(whole(completion(None, "content_filter")))).reason == "content_filter"
    assert (await failed(whole(completion("", "SAFETY")))).reason == "content_filter"
    assert (await failed(whole(completion("", "content_filter: OTHER")))).reason == "content_filter"
    assert (await failed(whole(completion(None, "malformed_function_call")))).reason == "bad_response"
    assert await answered(whole(completion("cut h", "content_filter")))


# --- failures that are said -------------------------------------------------------------------------------------


@run
async def test_a_refusal_says_why_and_how_long_to_wait() -> None:
    error = {"error": {"message": f"Rate limit reached for {KEY[:12]}", "code": "rate_limit_exceeded"}}
    failure = await failed(whole(error, 429, Retry_After="2"))
    assert failure == Failure("rate_limit", 429, "Rate limit reached for ***", 2000.0)


@run
async def test_a_refusal_without_a_body_or_with_half_of_one_has_its_status() -> None:
    assert (await failed(whole(b"", 503))).reason == "overloaded"
    failure = await failed(head(503, Content_Length=900) + b"upstream overl", then="close")
    assert (failure.reason, failure.status, failure.message) == ("overloaded", 503, "upstream overl")
    slow = await failed(head(500, Content_Length=900) + b"no", then="hang", timeouts=times(idle=60))
    assert (slow.reason, slow.message) == ("server_error", "no")


@run
async def test_of_a_long_error_only_the_beginning_is_read() -> None:
    failure = await failed(head(500, Content_Length=10**9) + b"overloaded " * 20_000, then="hang")
    assert failure.reason == "overloaded"


@run
async def test_an_error_may_come_with_status_200() -> None:
    assert (await failed(whole({"error": {"code": 402, "message": "no"}}))).reason == "payment_required"
    assert (await failed(whole([{"error": {"status": "UNAVAILABLE"}}]))).reason == "overloaded"
    inner = {"choices": [{"error": {"code": 429, "message": "slow"}, "finish_reason": "error"}]}
    assert (await failed(whole(inner))).reason == "rate_limit"
    assert (await failed(whole({"choices": [{"error": {"message": "hm"}}]}))).reason == "server_error"
    assert (await failed(whole(completion("half", "error")))).reason == "server_error"


@run
async def test_what_is_no_completion_is_a_bad_response() -> None:
    for body in (
        b"",
        b"null",
        b"7",
        b"[]",
        b"{}",
        b'{"choices": []}',
        b'{"choices": [7]}',
        b'{"choices": {}}',
        b"\xff{}",
    ):
        assert (await failed(whole(body))).reason == "bad_response", body
    assert (await failed(head(204) + b"")).reason == "bad_response"
    assert (await failed(whole(b"<html><title>Sign in</title></html>", type="text/html"))).message == "Sign in"


@run
async def test_a_redirect_is_not_followed_and_not_told() -> None:
    async with Provider(sends(whole(completion()))) as other:
        failure = await failed(whole(b"", 307, Location=f"{other.url}?key=1"))
        assert failure.reason == "bad_response"
        assert "key" not in failure.message
        assert other.connections == 0


@run
async def test_an_answer_that_is_cut_within_its_json_does_not_show_in_the_message() -> None:
    body = json.dumps(completion("a caller's own words")).encode()[:-9]
    failure = await failed(whole(body))
    assert (failure.reason, "words" in failure.message) == ("bad_response", False)


# --- failures of the connection ---------------------------------------------------------------------------------


@run
async def test_nobody_there_is_a_network_error() -> None:
    async with Provider(sends()) as provider:
        pass
    up = upstream()
    with pytest.raises(Failed) as caught:
        await ask(up, provider)
    assert caught.value.failure == Failure("network_error", None, "no connection to the provider")
    await up.close()


@run
async def test_a_connection_that_ends_before_the_headers_is_a_network_error() -> None:
    for pieces in ((), (b"HTTP/1.1 20",), (b"HTTP/1.1 200 OK\r\nContent-",)):
        assert (await failed(*pieces, then="close")).reason == "network_error"
        assert (await failed(*pieces, then="reset")).reason == "network_error"


@run
async def test_what_is_no_http_is_a_bad_response() -> None:
    failure = await failed(b"SSH-2.0-OpenSSH_9.6\r\n\r\n", then="hang")
    assert (failure.reason, failure.message) == ("bad_response", "the answer is not HTTP")
    assert (await failed(head(X_Long="y" * 20_000))).reason == "bad_response"


@run
async def test_an_answer_that_is_cut_off_is_a_network_error() -> None:
    body = json.dumps(completion()).encode()
    for then in ("close", "reset"):
        cut = await failed(head(Content_Length=len(body) + 10) + body, then=then)
        assert (cut.reason, cut.status) == ("network_error", 200)
        assert (await failed(head(Transfer_Encoding="chunked") + chunk(body), then=then)).reason == "network_error"


@run
async def test_a_malformed_chunk_or_pack_is_a_failure() -> None:
    assert (await failed(head(Transfer_Encoding="chunked") + b"zz\r\n{}\r\n", then="hang")).reason == "bad_response"
    packed = await failed(whole(b"not gzip at all", Content_Encoding="gzip"), then="hang")
    assert packed.reason == "bad_response"


# --- time -------------------------------------------------------------------------------------------------------


@run
async def test_silence_ends_with_the_deadline() -> None:
    failure = await failed(then="hang", seconds=0.1)
    assert failure == Failure("timeout", None, "no whole answer in time")


@run
async def test_silence_ends_with_the_time_of_the_attempt() -> None:
    assert (await failed(then="hang", timeouts=times(total=100))).reason == "timeout"


@run
async def test_a_deadline_that_has_passed_sends_nothing() -> None:
    async with Provider(sends(whole(completion()))) as provider:
        up = upstream()
        with pytest.raises(Failed) as caught:
            await ask(up, provider, seconds=-1.0)
        assert caught.value.failure.reason == "timeout"
        assert provider.requests == []
        await up.close()


@run
async def test_the_time_to_the_first_token_does_not_hold_for_an_answer_as_a_whole() -> None:
    async def script(exchange: Exchange) -> None:
        await asyncio.sleep(0.1)
        await exchange.send(whole(completion()))

    async with Provider(script) as provider:
        up = upstream()
        assert await ask(up, provider, timeouts=times(first=20, idle=20))
        await up.close()


@run
async def test_an_answer_that_stops_coming_in_ends_with_the_idle_time() -> None:
    failure = await failed(head(Content_Length=100) + b"{", then="hang", timeouts=times(idle=60))
    assert failure == Failure("timeout", 200, "the answer has stopped coming in")


@run
async def test_an_answer_that_drips_ends_with_the_time_of_the_attempt() -> None:
    async def script(exchange: Exchange) -> None:
        await exchange.send(head(Content_Length=10_000))
        for _ in range(100):
            await exchange.send(b" ")
            await asyncio.sleep(0.01)

    async with Provider(script) as provider:
        up = upstream()
        began = asyncio.get_running_loop().time()
        with pytest.raises(Failed) as caught:
            await ask(up, provider, timeouts=times(idle=100, total=200))
        assert caught.value.failure.reason == "timeout"
        assert asyncio.get_running_loop().time() - began < 0.5
        await up.close()


@run
async def test_a_connection_that_is_not_made_in_time_is_a_timeout(monkeypatch: pytest.MonkeyPatch) -> None:
    async def never(*_: object, **__: object) -> None:
        await asyncio.sleep(60)

    monkeypatch.setattr(asyncio.get_running_loop(), "sock_connect", never)
    monkeypatch.setattr(asyncio.get_running_loop(), "create_connection", never)
    up = upstream()
    async with Provider(sends()) as provider:
        with pytest.raises(Failed) as caught:
            await ask(up, provider, timeouts=times(connect=50))
    assert caught.value.failure == Failure("timeout", None, "no connection in time")
    await up.close()


# --- bounds -----------------------------------------------------------------------------------------------------


@run
async def test_a_long_answer_is_refused_by_its_head() -> None:
    failure = await failed(head(Content_Length=10**12), then="hang", limits={"answer_bytes": 1000})
    assert failure == Failure("bad_response", 200, "an answer of more than 1000 bytes")


@run
async def test_a_long_answer_is_refused_as_it_comes_in() -> None:
    pieces = [chunk(b" " * 600)] * 3
    failure = await failed(head(Transfer_Encoding="chunked"), *pieces, then="hang", limits={"answer_bytes": 1000})
    assert failure.message == "an answer of more than 1000 bytes"


@run
async def test_an_answer_that_unpacks_to_a_thousand_times_its_size_is_refused_before_it_is_unpacked() -> None:
    bomb = gzip.compress(b" " * 200_000_000, compresslevel=1)
    tracemalloc.start()
    try:
        failure = await failed(whole(bomb, Content_Encoding="gzip"), then="hang", limits={"answer_bytes": 2_000_000})
        assert failure.message == "an answer of more than 2000000 bytes"
        assert tracemalloc.get_traced_memory()[1] < 30_000_000
    finally:
        tracemalloc.stop()


# --- connections ------------------------------------------------------------------------------------------------


@run
async def test_a_connection_is_kept_for_the_next_call() -> None:
    async with Provider(sends(whole(completion()))) as provider:
        up = upstream()
        for _ in range(3):
            await ask(up, provider)
        assert provider.connections == 1
        await up.close()


async def when(condition: Callable[[], bool]) -> None:
    for _ in range(400):
        if condition():
            return
        await asyncio.sleep(0.005)
    raise AssertionError("it did not come to that")


@run
async def test_a_call_that_is_cancelled_closes_its_connection_at_once() -> None:
    async with Provider(sends(then="hang")) as provider:
        up = upstream()
        calls = [asyncio.create_task(ask(up, provider)) for _ in range(100)]
        await when(lambda: len(provider.requests) == 100)
        for call in calls:
            call.cancel()
        results = await asyncio.gather(*calls, return_exceptions=True)
        assert all(isinstance(result, asyncio.CancelledError) for result in results)
        await when(lambda: provider.open == 0)
        await up.close()


@run
async def test_a_call_that_is_cancelled_while_its_request_is_being_read_closes_its_connection() -> None:
    came, lost = asyncio.Event(), asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        came.set()
        await asyncio.sleep(0.05)  # and reads nothing meanwhile, so that most of the request is not sent yet
        with suppress(OSError):
            while await reader.read(1 << 16):
                pass
        lost.set()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, limit=1024)
    up = upstream()
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    deadline = asyncio.get_running_loop().time() + 5
    call = asyncio.create_task(up.answer(endpoint(url), PATH, b"x" * 30_000_000, timeouts=times(), deadline=deadline))
    await came.wait()
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    await asyncio.wait_for(lost.wait(), 2)
    server.close()
    await up.close()


@run
async def test_a_failed_call_leaves_no_connection_behind() -> None:
    async def script(exchange: Exchange) -> None:
        await exchange.send(head(Content_Length=10) + b"{")
        await exchange.closed()

    async with Provider(script) as provider:
        up = upstream()
        with pytest.raises(Failed):
            await ask(up, provider, timeouts=times(idle=30))
        await when(lambda: provider.open == 0)
        await up.close()


def stale(first_ms: float = 0.0, then: str = "close", part: bytes = b"") -> Callable[[Exchange], Awaitable[None]]:
    """The first request of a connection is answered; a later one meets the connection's end."""

    async def script(exchange: Exchange) -> None:
        if exchange.number == 0:
            await exchange.send(whole(completion()))
            return
        await asyncio.sleep(first_ms / 1000)
        if part:
            await exchange.send(part)
        if then == "reset":
            exchange.reset()
        exchange.close()

    return script


@pytest.mark.parametrize("then", ["close", "reset"])
def test_a_kept_connection_that_the_provider_closed_meanwhile_is_nobody_s_failure(then: str) -> None:
    @run
    async def test() -> None:
        async with Provider(stale(then=then)) as provider:
            up = upstream()
            for _ in range(4):
                await ask(up, provider, body=b'{"x": 1}')
            assert [sent.body for sent in provider.requests] == [b'{"x": 1}'] * 6
            assert up.sent_again == 2
            await up.close()

    test()


@run
async def test_a_kept_connection_that_ends_within_the_answer_is_a_failure() -> None:
    async with Provider(stale(part=b"HTTP/1.1 200 OK\r\n")) as provider:
        up = upstream()
        await ask(up, provider)
        with pytest.raises(Failed):
            await ask(up, provider)
        assert (up.sent_again, len(provider.requests)) == (0, 2)
        await up.close()


@run
async def test_a_kept_connection_that_ends_after_a_while_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "STALE_S", 0.02)
    async with Provider(stale(first_ms=60)) as provider:
        up = upstream()
        await ask(up, provider)
        with pytest.raises(Failed):
            await ask(up, provider)
        assert (up.sent_again, len(provider.requests)) == (0, 2)
        await up.close()


@run
async def test_a_new_connection_that_is_closed_at_once_is_not_tried_again() -> None:
    async with Provider(sends(then="reset")) as provider:
        up = upstream()
        with pytest.raises(Failed):
            await ask(up, provider)
        assert (up.sent_again, len(provider.requests)) == (0, 1)
        await up.close()


@run
async def test_streams_and_answers_share_connections() -> None:
    async def script(exchange: Exchange) -> None:
        if exchange.headers["accept"] == "text/event-stream":
            await exchange.send(STREAM + chunk(events(piece("a"), piece(None, "stop"), b"[DONE]")), END)
        else:
            await exchange.send(whole(completion()))

    async with Provider(script) as provider:
        up = upstream()
        for _ in range(3):
            await ask(up, provider)
            deadline = asyncio.get_running_loop().time() + 5
            async for _ in up.stream(endpoint(provider.url), PATH, b"{}", timeouts=times(), deadline=deadline):
                pass
            await asyncio.sleep(0.01)
        assert provider.connections == 1
        await up.close()
