"""A closed loop of callers: each sends its next request when it has the whole answer to the last one.

    PYTHONPATH=tools python -m router_bench.load

Orders come as JSON, one a line, on standard input, and each is answered by a line: how long each answer took, how much
of that the provider says to have thought, and when the first content of a stream came, all in microseconds. The first
answer of each caller, who has to connect for it, is not counted.
"""

from __future__ import annotations

import asyncio
import json
import sys
from functools import partial
from time import perf_counter_ns
from typing import Any, Final

import attrs

from router_bench.wire import Response, request

LEAST: Final = 3
"""How many answers each caller waits for at least, the first among them."""


@attrs.define
class Order:
    """What to send where, how many callers at once, for how long."""

    port: int
    path: str
    body: dict[str, Any]
    headers: dict[str, str]
    callers: int
    seconds: float

    def message(self) -> bytes:
        """The request."""
        return request(f"127.0.0.1:{self.port}", self.path, json.dumps(self.body).encode(), self.headers)


@attrs.define
class Heard:
    """What has come of an order. `took`, `first` and `thought` have one entry for each answer that is counted."""

    took: list[float] = attrs.field(factory=list)
    first: list[float] = attrs.field(factory=list)
    thought: list[float] = attrs.field(factory=list)
    errors: int = 0
    said: str = ""
    seconds: float = 0.0

    def wrong(self, said: str) -> None:
        """Note an answer that is none, and what was said the first time."""
        self.errors += 1
        self.said = self.said or said[:600]


class Caller(asyncio.Protocol):
    """One connection of the closed loop."""

    def __init__(self, message: bytes, until: int, heard: Heard, ended: asyncio.Future[None]) -> None:
        self._message, self._until, self._heard, self._ended = message, until, heard, ended
        self._answers = self._first = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Send the first request."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._send()

    def connection_lost(self, exc: Exception | None) -> None:
        """A connection that is closed while it is in use is an error."""
        if not self._ended.done():
            self._heard.wrong("the connection was closed")
            self._ended.set_result(None)

    def _send(self) -> None:
        self._response = Response()
        self._first = 0
        self._started = perf_counter_ns()
        self._transport.write(self._message)

    def data_received(self, data: bytes) -> None:
        """Take what has arrived; the next request follows an answer that is whole."""
        response, now = self._response, perf_counter_ns()
        whole = response.take(data)
        if not self._first and response.thought is not None:
            self._first = now
        if not whole:
            return
        thought = response.thought
        if response.status != 200 or thought is None:
            self._heard.wrong(response.data.decode("utf-8", "replace"))
        elif b"text/event-stream" in response.head.lower() and b"data: [DONE]" not in response.body:
            self._heard.wrong("a stream without an end")
        elif self._answers:
            self._heard.took.append((now - self._started) / 1000)
            self._heard.first.append((self._first - self._started) / 1000)
            self._heard.thought.append(thought)
        self._answers += 1
        if (now < self._until or self._answers < LEAST) and self._heard.errors < 100:
            self._send()
        else:
            self._ended.set_result(None)
            self._transport.close()


async def obey(order: Order) -> Heard:
    """Do what an order says."""
    loop, heard = asyncio.get_running_loop(), Heard()
    started = perf_counter_ns()
    until = started + int(order.seconds * 1e9)
    message, ends = order.message(), []
    for _ in range(order.callers):
        ended: asyncio.Future[None] = loop.create_future()
        ends.append(ended)
        await loop.create_connection(partial(Caller, message, until, heard, ended), "127.0.0.1", order.port)
    await asyncio.gather(*ends)
    heard.seconds = (perf_counter_ns() - started) / 1e9
    return heard


def main() -> None:
    """Take orders until there are no more."""
    for line in sys.stdin:
        heard = asyncio.run(obey(Order(**json.loads(line))))
        print(json.dumps(attrs.asdict(heard)), flush=True)


if __name__ == "__main__":
    main()
