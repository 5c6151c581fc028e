"""Rows of the fault matrix in which `north` is a provider whose every byte is scripted."""

from __future__ import annotations

import asyncio
import gzip
import json
import tracemalloc
from typing import Any, Final

import attrs
from fault_row import ROUTINE, Row, Told, grouped
from fault_stage import TEXT, Stage
from fault_words import NEXT, NORTH, PART, SOUTH, WHOLE, answered, failed, ok
from raw_provider import END, ROLE, STREAM, Exchange, Script, chunk, completion, events, head, piece, whole

BEGUN: Final = f"{NEXT}; stop: the answer had begun"

SOON: Final = attrs.evolve(ROUTINE, idle_ms=150, total_ms=250)

PAUSE_S: Final = 0.03
"""Seconds after which what was sent has been read."""

FIRST, SECOND, THIRD = TEXT[:8], TEXT[8:20], TEXT[20:]
DONE: Final = events(b"[DONE]")
STOPPED: Final = piece(finish="stop")
USAGE: Final[Any] = {"prompt_tokens": 1000, "completion_tokens": 200, "total_tokens": 1200}

BOMB: Final = gzip.compress(b'{"choices": [' + b" " * (64 * 2**20))
"""What is 64 KiB on the way, and 64 MiB in the end."""


def says(*parts: bytes, then: str = "closes") -> Script:
    """A provider that sends parts, each by itself, and then closes its connection, or keeps it."""

    async def script(exchange: Exchange) -> None:
        for part in parts:
            await exchange.send(part)
            await asyncio.sleep(PAUSE_S if len(parts) > 1 else 0)
        if then == "closes":
            exchange.close()

    return script


def streams(*values: object, end: bytes = END) -> Script:
    """A provider that streams values as events, in chunks, and ends as it should, or as it is told to."""
    return says(
        STREAM + b"".join(chunk(events(value)) for value in values) + end, then="keeps" if end == END else "closes"
    )


async def trickle(exchange: Exchange) -> None:
    """Send white space, a byte at a time, without end."""
    await exchange.send(head(Content_Length=1000))
    while True:
        await exchange.send(b" ")
        await asyncio.sleep(0.02)


async def trickling_error(exchange: Exchange) -> None:
    """Send an error, a byte at a time, without end."""
    await exchange.send(head(500, Content_Length=1000) + b'{"error": {"message": "broken"}}')
    while True:
        await exchange.send(b" ")
        await asyncio.sleep(0.02)


async def many_events(exchange: Exchange) -> None:
    """Stream 3 MiB in small events."""
    await exchange.send(STREAM + chunk(events(piece("x" * 4000))))
    for _ in range(800):
        await exchange.send(chunk(events(piece("x" * 4000))))
    await exchange.send(chunk(events(STOPPED) + DONE) + END)


async def once_and_no_more(exchange: Exchange) -> None:
    """Answer the first request of a connection, and close it when there is a second."""
    if exchange.number:
        exchange.close()
        return
    stream = json.loads(exchange.body).get("stream")
    pieces = chunk(events(ROLE, piece(TEXT), STOPPED, piece(usage=USAGE)) + DONE)
    await exchange.send(STREAM + pieces + END if stream else whole(completion(TEXT, usage=USAGE)))


async def twice(stage: Stage) -> None:
    await stage.call()
    await stage.call()


async def in_little_memory(stage: Stage) -> None:
    """A call whose memory is looked at."""
    tracemalloc.start()
    try:
        await stage.call()
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 16 * 2**20, f"{peak} bytes"


def _whole(name: str, script: Script, reason: str, status: int | None, says: str, **more: Any) -> Row:
    tells = (ok(failed(NORTH, reason, status, NEXT, says), answered(SOUTH)),)
    return Row(**{"name": name, "script": script, "tells": tells, "ways": ("whole",), **more})


def _stream(name: str, script: Script, *tells: Told, **more: Any) -> Row:
    return Row(name=name, script=script, tells=tells, ways=("stream",), **more)


def _broken(got: str, reason: str, says: str, cost: str = "estimate") -> Told:
    return Told(got, "interrupted", (failed(NORTH, reason, 200, BEGUN, says, cost),))


BYTES: Final = grouped(
    "Bytes that no client asks for",
    Row(
        name="nobody listens there",
        nobody=True,
        tells=(ok(failed(NORTH, "network_error", None, NEXT, "no connection to the provider"), answered(SOUTH)),),
    ),
    Row(
        name="not HTTP at all",
        script=says(b"SSH-2.0-OpenSSH_9.6\r\n\r\n"),
        tells=(ok(failed(NORTH, "bad_response", None, NEXT, "the answer is not HTTP"), answered(SOUTH)),),
    ),
    Row(
        name="a kept connection that is closed when the next request comes",
        script=once_and_no_more,
        act=twice,
        tells=(ok(answered(NORTH)), ok(answered(NORTH))),
    ),
    _whole(
        "an answer without a length, cut off",
        says(head() + json.dumps(completion(TEXT)).encode()[:-30]),
        *("bad_response", 200, "the answer is not JSON"),
    ),
    _whole(
        "a stream where none was asked for",
        streams(ROLE, piece(TEXT), STOPPED, b"[DONE]"),
        *("bad_response", 200, "data: "),
    ),
    _stream(
        "a whole answer where a stream was asked for",
        says(whole(completion(TEXT)), then="keeps"),
        ok(failed(NORTH, "bad_response", 200, NEXT, "another form than was asked for"), answered(SOUTH)),
    ),
    _stream(
        "a stream of nothing but `[DONE]`",
        streams(b"[DONE]"),
        ok(failed(NORTH, "bad_response", 200, NEXT, "a stream without an answer"), answered(SOUTH)),
    ),
    _stream(
        "`[DONE]` before the choice has ended",
        streams(ROLE, piece(FIRST), piece(SECOND), b"[DONE]"),
        _broken(PART.format("stream_interrupted"), "stream_interrupted", "the stream ended before the answer did"),
    ),
    _stream(
        "cut off when every choice has ended",
        streams(ROLE, piece(FIRST), piece(SECOND), piece(THIRD), STOPPED, end=b""),
        Told(WHOLE, "ok", (answered(NORTH, cost="estimate"),)),
    ),
    _stream(
        "cut off when one of two choices has ended, and the other has not begun",
        streams(ROLE, piece(FIRST), STOPPED, end=b""),
        _broken(PART.format("stream_interrupted"), "stream_interrupted", "the answer was cut off"),
        asked={"n": 2},
    ),
    _stream(
        "no `[DONE]` when one of two choices has ended, and the other has not begun",
        streams(ROLE, piece(FIRST), STOPPED),
        _broken(PART.format("stream_interrupted"), "stream_interrupted", "the stream ended before the answer did"),
        asked={"n": 2},
    ),
    _stream(
        "the counts of tokens come with an empty piece of a choice that has ended",
        streams(ROLE, piece(TEXT), STOPPED, piece("", usage=USAGE), b"[DONE]"),
        ok(answered(NORTH)),
    ),
    _stream(
        "a tool call whose arguments are cut off",
        streams(
            ROLE,
            {
                "choices": [
                    {
                        "index": 0,
                        "delta": {
                            "tool_calls": [
                                {
                                    "index": 0,
                                    "id": "t",
                                    "type": "function",
                                    "function": {"name": "f", "arguments": '{"a'},
                                }
                            ]
                        },
                        "finish_reason": None,
                    }
                ]
            },
            end=b"",
        ),
        _broken("200, no text, then the error `stream_interrupted`", "stream_interrupted", "the answer was cut off"),
    ),
    _stream(
        "a chunked encoding that is none, in the middle",
        says(STREAM + chunk(events(ROLE, piece(FIRST))), b"zz\r\nnot a chunk\r\n"),
        _broken(PART.format("stream_interrupted"), "stream_interrupted", "the answer was cut off"),
    ),
    _whole(
        "a chunked encoding that is none, in the middle",
        says(head(Transfer_Encoding="chunked") + chunk(b'{"choices": ['), b"zz\r\nnot a chunk\r\n"),
        *("network_error", 200, "the answer was cut off"),
    ),
    _stream(
        "an event of more than 1 MiB in the middle, where that is the bound",
        says(STREAM + chunk(events(ROLE, piece(FIRST))), chunk(events(piece("x" * 3 * 2**20)))),
        _broken(PART.format("bad_response"), "bad_response", "an event of more than 1048576 bytes"),
        limits={"line_bytes": 2**20},
    ),
    _stream(
        "a stream of more than 1 MiB in small events, where that is the bound",
        many_events,
        _broken(
            "200, more than all of it, then the error `bad_response`",
            "bad_response",
            "an answer of more than 1048576 bytes",
        ),
        limits={"answer_bytes": 2**20},
    ),
    _whole(
        "64 KiB that unpack to 64 MiB, where 1 MiB is the bound",
        says(head(Content_Encoding="gzip", Content_Length=len(BOMB)) + BOMB),
        *("bad_response", 200, "an answer of more than 1048576 bytes"),
        limits={"answer_bytes": 2**20},
        act=in_little_memory,
    ),
    _whole(
        "an error of 64 KiB that unpacks to 64 MiB",
        says(head(500, Content_Encoding="gzip", Content_Length=len(BOMB)) + BOMB),
        *("server_error", 500, '{"choices": ['),
        act=in_little_memory,
        ways=("whole", "stream"),
    ),
    _whole(
        "an answer that trickles in; the provider has 250 ms in all",
        trickle,
        *("timeout", 200, "no whole answer in time"),
        north=SOON,
        least_ms=250,
    ),
    _whole(
        "an error that trickles in; the provider has 250 ms in all",
        trickling_error,
        *("server_error", 500, "broken"),
        north=SOON,
        least_ms=250,
        ways=("whole", "stream"),
    ),
)

COUNTED: Final = grouped(
    "What an answer costs",
    Row(
        name="tokens were counted before the error: each hop has its own, at its own prices",
        script=streams(
            ROLE | {"usage": {**USAGE, "completion_tokens": 0}},
            {"error": {"message": "broken", "code": "server_error"}},
        ),
        tells=(ok(failed(NORTH, "server_error", 200, NEXT, "broken", cost="usage"), answered(SOUTH)),),
        ways=("stream",),
    ),
    Row(
        name="tokens were counted beside the error",
        script=says(whole({**completion("", finish="error"), "usage": USAGE}), then="keeps"),
        tells=(
            ok(
                failed(NORTH, "server_error", 200, NEXT, "the answer ended with an error", cost="usage"),
                answered(SOUTH),
            ),
        ),
        ways=("whole",),
    ),
)
