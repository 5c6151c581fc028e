"""A simulated provider, as little work as can be: a chat completion that is always the same, whole or as a stream.

    PYTHONPATH=tools python -m router_bench.upstream

It listens on a port of its own choice, which it prints, until its standard input ends. `POST /control` with a JSON
object sets how long it thinks before an answer (`think_ms`, give or take a fifth, the same in each run) and how far the
pieces of a stream are apart (`gap_ms`). How long it has thought in fact, timers being what they are, stands at the
beginning of the content.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
from time import perf_counter_ns
from typing import Any, Final

from router_bench.wire import body_length, marked

PIECES: Final = 20
"""How many pieces of content a stream has."""

_STREAM: Final = re.compile(rb'"stream"\s*:\s*true')
_USAGE: Final = re.compile(rb'"include_usage"\s*:\s*true')
_GOLDEN: Final = 0.6180339887498949

WORDS: Final = (
    "The quick way from here is along the river, past the old mill, and then up through the wood; it takes about forty "
    "minutes on foot, and the view from the top is worth the climb on any day that is not too hot."
)
USAGE: Final = {"prompt_tokens": 26, "completion_tokens": 48, "total_tokens": 74}
_HEADER: Final[dict[str, Any]] = {"id": "chatcmpl-9f2c7a51", "created": 1763856000, "model": "sim"}
_HOLE: Final = b"@@@"


def _completion() -> tuple[bytes, bytes]:
    """A completion, before and after the mark."""
    message = {"role": "assistant", "content": _HOLE.decode() + WORDS}
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}
    whole = _HEADER | {"object": "chat.completion", "choices": [choice], "usage": USAGE}
    before, _, after = json.dumps(whole).encode().partition(_HOLE)
    length = len(before) + len(marked(0)) + len(after)
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % length
    return head + before, after


def _piece(delta: dict[str, Any], finish: str | None = None) -> dict[str, Any]:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    return _HEADER | {"object": "chat.completion.chunk", "choices": [choice]}


def _event(value: object) -> bytes:
    return b"data: " + (value if isinstance(value, bytes) else json.dumps(value).encode()) + b"\n\n"


def _chunk(data: bytes) -> bytes:
    return b"%x\r\n" % len(data) + data + b"\r\n"


BEFORE, AFTER = _completion()
STREAM_HEAD: Final = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
FIRST: Final = _event(_piece({"role": "assistant", "content": _HOLE.decode()}))
NEXT: Final = _chunk(_event(_piece({"content": " word and"})))
FINISH: Final = _event(_piece({}, "stop"))
LAST: Final = _event(_HEADER | {"object": "chat.completion.chunk", "choices": [], "usage": USAGE})
DONE: Final = _event(b"[DONE]")


class Thinking:
    """How long the provider thinks, and how far pieces are apart, in seconds."""

    def __init__(self) -> None:
        self.think = self.gap = 0.0
        self._answers = 0

    def next(self) -> float:
        """How long it thinks before the next answer."""
        self._answers += 1
        return self.think * (0.8 + 0.4 * (self._answers * _GOLDEN % 1.0))

    def set(self, body: bytes) -> None:
        """Take what `POST /control` brings."""
        given = json.loads(body)
        self.think, self.gap = given.get("think_ms", 0) / 1000, given.get("gap_ms", 0) / 1000


class Provider(asyncio.Protocol):
    """One connection; a request at a time."""

    def __init__(self, thinking: Thinking) -> None:
        self._thinking = thinking
        self._data = b""
        self._open = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the connection."""
        assert isinstance(transport, asyncio.Transport)
        self._transport, self._open = transport, True

    def connection_lost(self, exc: Exception | None) -> None:
        """The other side has gone; whatever is still due is not sent."""
        self._open = False

    def data_received(self, data: bytes) -> None:
        """Answer a request that is whole."""
        self._data += data
        end = self._data.find(b"\r\n\r\n")
        if end < 0 or len(self._data) < end + 4 + (body_length(self._data[:end]) or 0):
            return
        head, body, self._data = self._data[:end], self._data[end + 4 :], b""
        if head.startswith(b"POST /control"):
            self._thinking.set(body)
            self._transport.write(b"HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n")
            return
        started = perf_counter_ns()
        pause = self._thinking.next()
        if pause > 0.0:
            asyncio.get_running_loop().call_later(pause, self._answer, body, started)
        else:
            self._answer(body, started)

    def _answer(self, body: bytes, started: int) -> None:
        if not self._open:
            return
        mark = marked((perf_counter_ns() - started) // 1000)
        if _STREAM.search(body) is None:
            self._transport.write(BEFORE + mark + AFTER)
            return
        usage = _USAGE.search(body) is not None
        self._transport.write(STREAM_HEAD + _chunk(FIRST.replace(_HOLE, mark)))
        last = _chunk(FINISH + (LAST if usage else b"") + DONE) + b"0\r\n\r\n"
        if self._thinking.gap > 0.0:
            asyncio.get_running_loop().call_later(self._thinking.gap, self._pieces, PIECES - 1, last)
        else:
            self._pieces(PIECES - 1, last)

    def _pieces(self, left: int, last: bytes) -> None:
        """Send the pieces that are left, each at its time, and the last chunk behind them."""
        gap = self._thinking.gap
        while self._open and left:
            left -= 1
            self._transport.write(NEXT if left else NEXT + last)
            if gap > 0.0:
                asyncio.get_running_loop().call_later(gap, self._pieces, left, last)
                return


async def main() -> None:
    """Serve until standard input ends."""
    loop, thinking = asyncio.get_running_loop(), Thinking()
    server = await loop.create_server(lambda: Provider(thinking), "127.0.0.1", 0, backlog=1024)
    print(json.dumps({"port": server.sockets[0].getsockname()[1]}), flush=True)
    async with server:
        await loop.run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(main())
