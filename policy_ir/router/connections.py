"""Connections to providers: kept for the next call, and given up at once with the call that was on them."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Mapping
from contextlib import suppress
from typing import Final
from weakref import WeakSet

import aiohttp
from aiohttp.client_proto import ResponseHandler
from yarl import URL

__all__ = ["KEPT_S", "STALE_S", "Connections", "abandon"]

KEPT_S: Final = 30.0
"""Seconds for which an idle connection is kept."""

STALE_S: Final = 1.0
"""Seconds after sending within which a connection that was closed meanwhile has shown it: the time of a round trip."""

SETTLE_S: Final = 0.25
"""Seconds that the end of an answer may take that is complete for its reader, so that its connection can be kept."""

READ_BYTES: Final = 64 * 1024
"""Bytes of an answer that are held unread before the provider is made to wait."""

LARGE: Final = 1024 * 1024
"""Bytes of a request from which on it is sent in pieces."""


class _Stale(aiohttp.ClientError):
    """A kept connection was closed before a byte of the answer came."""


_used: WeakSet[ResponseHandler] = WeakSet()
"""Connections on which there has been an answer."""


class _Response(aiohttp.ClientResponse):
    """An answer that gives up its connection at once when it does not come."""

    async def start(self, connection: aiohttp.connector.Connection) -> aiohttp.ClientResponse:
        protocol, loop = connection.protocol, asyncio.get_running_loop()
        assert protocol is not None
        began = loop.time()
        try:
            await super().start(connection)
        except BaseException as exc:
            if connection.transport is not None:
                connection.transport.abort()
            if protocol in _used and _silent(exc) and loop.time() - began < STALE_S:
                raise _Stale from exc
            raise
        _used.add(protocol)
        if not self.content.is_eof():
            _tell_of_end(protocol, self.content)
        return self


def _tell_of_end(protocol: ResponseHandler, body: aiohttp.StreamReader) -> None:
    """Have whoever reads a body hear of it when its connection ends.

    aiohttp sees to that, but not where the connection ends because its bytes are no HTTP any more.
    """
    closed = protocol.closed
    if closed is None:
        _end(body)
        return

    def tell(_: object) -> None:
        _end(body)

    def forget() -> None:
        closed.remove_done_callback(tell)

    closed.remove_done_callback(_noted)  # it may be there from the answer before
    closed.add_done_callback(_noted)
    closed.add_done_callback(tell)
    body.on_eof(forget)


def _end(body: aiohttp.StreamReader) -> None:
    if not body.is_eof() and body.exception() is None:
        body.set_exception(aiohttp.ClientPayloadError("the connection has ended"))


def _noted(closed: asyncio.Future[None]) -> None:
    """Take note of how a connection has ended: asyncio logs what nobody looks at."""
    if not closed.cancelled():
        closed.exception()


def _silent(exc: BaseException) -> bool:
    """Whether a connection was closed without a byte of an answer."""
    if isinstance(exc, aiohttp.ServerDisconnectedError):
        return isinstance(exc.message, str)  # else it holds the part that came
    return isinstance(exc, aiohttp.ClientOSError)


class Connections:
    """Connections of one event loop. Nothing is followed, kept as a cookie, taken from the environment or tried again.

    There is one exception to the last. Where a provider has closed a kept connection and the request crosses with the
    news of that, the request goes out once more, on a new connection: only on a connection that had served an answer
    before, only if it was closed within `STALE_S` of sending, and only if not a byte came back. A chat completion
    changes nothing at the provider but the bill, so the worst is that a provider which died just then has charged for a
    second of work that nobody got. Not to do it would open breakers and use up hops for what is no fault of anybody:
    idle connections are closed all the time.
    """

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._kept = _session(aiohttp.TCPConnector(limit=0, keepalive_timeout=KEPT_S))
        self._new = _session(aiohttp.TCPConnector(limit=0, force_close=True))
        self._timeouts: dict[float, aiohttp.ClientTimeout] = {}
        self._settling: set[asyncio.Task[None]] = set()
        self.sent_again = 0
        """How often a request went out once more."""

    async def post(
        self, url: URL, headers: Mapping[str, str], body: bytes, connect_ms: float
    ) -> aiohttp.ClientResponse:
        """Send a request, and the answer once its headers are there. Raises what aiohttp raises."""
        timeout = self._timeouts.get(connect_ms)
        if timeout is None:
            timeout = aiohttp.ClientTimeout(total=None, connect=connect_ms / 1000, ceil_threshold=float("inf"))
            self._timeouts[connect_ms] = timeout
        try:
            return await self._kept.post(
                url, data=_payload(body), headers=headers, timeout=timeout, allow_redirects=False
            )
        except _Stale:
            self.sent_again += 1
        return await self._new.post(url, data=_payload(body), headers=headers, timeout=timeout, allow_redirects=False)

    def settle(self, response: aiohttp.ClientResponse) -> None:
        """Keep the connection of an answer of which nothing more is wanted, if its end comes soon."""
        if response.connection is None or response.content.at_eof():
            return
        task = self._loop.create_task(_settle(response))
        self._settling.add(task)

        def settled(task: asyncio.Task[None]) -> None:
            self._settling.discard(task)
            abandon(response)

        task.add_done_callback(settled)

    async def close(self) -> None:
        """Give up all connections."""
        for task in self._settling:
            task.cancel()
        await asyncio.gather(*self._settling, return_exceptions=True)
        await self._kept.close()
        await self._new.close()


def abandon(response: aiohttp.ClientResponse) -> None:
    """Give up an answer. Its connection is closed at once, unless the answer has ended and the connection is free."""
    if response.closed:
        return
    connection = response.connection
    if connection is not None and connection.transport is not None:
        connection.transport.abort()
    response.close()


def _session(connector: aiohttp.TCPConnector) -> aiohttp.ClientSession:
    return aiohttp.ClientSession(
        connector=connector,
        response_class=_Response,
        cookie_jar=aiohttp.DummyCookieJar(),
        read_bufsize=READ_BYTES,
        trust_env=False,
    )


def _payload(body: bytes) -> bytes | io.BytesIO:
    return body if len(body) < LARGE else io.BytesIO(body)


async def _settle(response: aiohttp.ClientResponse) -> None:
    with suppress(aiohttp.ClientError, OSError):
        async with asyncio.timeout(SETTLE_S):
            await response.content.readany()
