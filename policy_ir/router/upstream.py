"""One attempt at a provider: the answer as a whole or in pieces, or why there is none.

An attempt ends in a `Reply`, with the last piece of a stream, or in `Failed`; within its times and bounds in any case.
Whatever ends it early, the cancellation of its task included, closes the connection to the provider at once. Nothing is
tried again here, but for the one case that `Connections` tells of.
"""

from __future__ import annotations

import asyncio
from codecs import BOM_UTF8
from collections.abc import AsyncGenerator
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import aiohttp
import attrs
from multidict import CIMultiDict
from yarl import URL

from policy_ir import __version__
from policy_ir.router.classify import Failure, classify, classify_exception
from policy_ir.router.completion import Broken, Progress, broken
from policy_ir.router.connections import Connections, abandon
from policy_ir.router.error_body import is_error, json_of, json_value
from policy_ir.router.redactor import Redactor
from policy_ir.router.secrets import Secret
from policy_ir.router.sse import Event, EventReader, EventTooLong
from policy_ir.router.watch import Watch

if TYPE_CHECKING:
    from policy_ir.router.config import Config, Endpoint, Limits, Timeouts

__all__ = ["Chunk", "Failed", "Failure", "Redactor", "Reply", "Upstream"]

ERROR_BYTES: Final = 64 * 1024
"""Bytes of an error that are read."""

_DONE: Final = b"[DONE]"
_BROKEN_CONNECTION: Final = (aiohttp.ClientError, OSError)


class Failed(Exception):
    """An attempt has failed. `usage` is the provider's account, where one came with the failure."""

    def __init__(self, failure: Failure, usage: dict[str, Any] | None = None) -> None:
        super().__init__(f"{failure.reason}: {failure.message}")
        self.failure, self.usage = failure, usage


@attrs.frozen(slots=True)
class Reply:
    """An answer as a whole: its body as it came, in UTF-8, and the JSON object that it is.

    `usage` is the provider's account, if there is one; `first_byte_ms` counts from the start of the attempt.
    """

    body: bytes
    json: dict[str, Any]
    usage: dict[str, Any] | None
    first_byte_ms: float


class Chunk(NamedTuple):
    """A piece of a streamed answer: the data of one event, on one line, and the JSON object that it is.

    `content` tells whether there is any for the caller, `usage` is the provider's account, and `finish` tells whether a
    choice ends.
    """

    raw: bytes
    value: dict[str, Any]
    content: bool
    usage: dict[str, Any] | None
    finish: bool


@attrs.frozen(slots=True)
class _Route:
    """Where calls to a path of an endpoint go, and with which headers."""

    endpoint: Endpoint
    url: URL
    whole: CIMultiDict[str]
    stream: CIMultiDict[str]


class Upstream:
    """The providers of a configuration. Made in a running event loop; `close` ends it."""

    def __init__(self, config: Config) -> None:
        self._loop = asyncio.get_running_loop()
        self._connections = Connections()
        self._routes: dict[tuple[str, str], _Route] = {}
        self._secrets: tuple[Secret, ...] = ()
        self.configure(config)

    def configure(self, config: Config) -> None:
        """Serve the attempts that begin from now on by another configuration."""
        self._limits: Limits = config.limits
        # A provider may still quote a key of a configuration before.
        self._secrets += tuple(secret for secret in config.secrets if secret not in self._secrets)
        self.redact = Redactor(self._secrets)

    @property
    def sent_again(self) -> int:
        """How often a request crossed with the closing of its connection, and went out once more."""
        return self._connections.sent_again

    async def close(self) -> None:
        """Give up all connections."""
        await self._connections.close()

    # --- an answer as a whole ---------------------------------------------------------------------------------

    async def answer(
        self,
        endpoint: Endpoint,
        path: str,
        body: bytes,
        *,
        timeouts: Timeouts,
        deadline: float,
        request_id: str | None = None,
    ) -> Reply:
        """The answer to a request as a whole. `deadline` is a time of the event loop. Raises `Failed`.

        The first token comes with the last here, so there is no time to it; the other three hold.
        """
        route = self._route(endpoint, path)
        started = self._loop.time()
        watch = self._watch(started, timeouts, deadline)
        response: aiohttp.ClientResponse | None = None
        try:
            response = await self._send(route.url, route.whole, body, timeouts, request_id, watch)
            first_byte_ms = (self._loop.time() - started) * 1000
            if not 200 <= response.status < 300:
                raise Failed(await self._refusal(response, watch, timeouts))
            data = await _read(response, watch, timeouts, self._limits.answer_bytes)
        except _BROKEN_CONNECTION as exc:
            raise Failed(_lost(exc, response)) from None
        finally:
            watch.stop()
            if response is not None:
                abandon(response)
        data = self.redact.of_answer(data.removeprefix(BOM_UTF8))
        value = json_of(data)
        if type(value) is not dict or is_error(value):
            raise Failed(self._no_answer(response, data))
        wrong = broken(value)
        if wrong is not None:
            raise Failed(self._broken(response, wrong), _usage(value))
        return Reply(data, value, _usage(value), first_byte_ms)

    # --- an answer in pieces ----------------------------------------------------------------------------------

    async def stream(
        self,
        endpoint: Endpoint,
        path: str,
        body: bytes,
        *,
        timeouts: Timeouts,
        deadline: float,
        request_id: str | None = None,
        choices: int = 1,
    ) -> AsyncGenerator[Chunk, None]:
        """The answer to a request that asks for a stream, piece by piece. Raises `Failed`, also between two pieces.

        It ends without an exception only where each choice that began has ended, and either the provider says that
        there are no more, or there were `choices` of them, as many as were asked for. The time to the first token ends
        with the first content; from then on the time between two pieces holds, which a comment does not begin anew.
        Whoever stops before the end closes the generator (`contextlib.aclosing`).
        """
        route = self._route(endpoint, path)
        watch = self._watch(self._loop.time(), timeouts, deadline)
        watch.within(timeouts.first_token_ms / 1000, "no first token in time")
        progress = Progress()
        response: aiohttp.ClientResponse | None = None
        done, size = False, 0
        try:
            response = await self._send(route.url, route.stream, body, timeouts, request_id, watch)
            if not 200 <= response.status < 300:
                raise Failed(await self._refusal(response, watch, timeouts))
            reader = EventReader(self._limits.line_bytes)
            piece = await self._first(response, watch, timeouts)
            while piece:
                size += len(piece)
                if size > self._limits.answer_bytes:
                    failure = _too_long(response, self._limits.answer_bytes)
                    raise Failed(attrs.evolve(failure, sent_content=progress.content))
                events = reader.feed(piece)
                for event in events:
                    if event.data == _DONE:
                        done = True
                        break
                    chunk = self._chunk(response, event, progress)
                    if chunk is not None:
                        yield chunk
                if done:
                    break
                if events and progress.content:
                    # From now on, and not from when they came: meanwhile it was the caller's turn.
                    watch.within(timeouts.idle_ms / 1000, "the answer has stopped coming in")
                with watch:
                    piece = await response.content.readany()
        except _BROKEN_CONNECTION as exc:
            if response is None or not progress.complete or progress.ended < choices:
                failure = _lost(exc, response, streamed=True)
                raise Failed(attrs.evolve(failure, sent_content=progress.content)) from None
        except EventTooLong as exc:
            assert response is not None
            raise Failed(Failure("bad_response", response.status, str(exc), None, progress.content)) from None
        finally:
            watch.stop()
            if response is not None:
                if done and progress.complete:
                    self._connections.settle(response)
                else:
                    abandon(response)
        if not progress.complete or not (done or progress.ended >= choices):
            raise Failed(_unfinished(response, progress, done))

    async def _first(self, response: aiohttp.ClientResponse, watch: Watch, timeouts: Timeouts) -> bytes:
        """The first piece of a stream that is more than white space. Raises `Failed` if it is no stream of events."""
        piece = b" "
        while piece and not piece.strip():
            with watch:
                piece = await response.content.readany()
        if piece.lstrip()[:1] in (b"{", b"[", b"<"):
            # No line of a stream of events begins like this: it is an error, or an answer as a whole.
            raise Failed(self._no_answer(response, piece + await _read_some(response, watch, timeouts)))
        return piece

    def _chunk(self, response: aiohttp.ClientResponse, event: Event, progress: Progress) -> Chunk | None:
        """The piece that an event is, None for one without data. Raises `Failed` if it is an error, or no piece."""
        name, data = event.name, self.redact.of_answer(event.data)
        try:
            value = json_value(data.decode())
        except (ValueError, RecursionError):
            if not data.strip():
                return None
            value = data.decode("utf-8", "replace") if name == b"error" else None
        if name == b"error" or is_error(value):
            failure = classify(response.status, _headers(response), b"", stream_error=value, redact=self.redact)
            assert failure is not None
            raise Failed(attrs.evolve(failure, sent_content=progress.content))
        if type(value) is not dict:
            raise Failed(Failure("bad_response", response.status, "a malformed piece", None, progress.content))
        taken = progress.take(value.get("choices"))
        if isinstance(taken, Broken):
            failure = attrs.evolve(self._broken(response, taken), sent_content=progress.content)
            raise Failed(failure, _usage(value))
        content, finish = taken
        # Between the values of JSON, the end of a line is white space; a caller's event is to have one line.
        return Chunk(data.replace(b"\n", b" "), value, content, _usage(value), finish)

    # --- what both need ---------------------------------------------------------------------------------------

    def _watch(self, started: float, timeouts: Timeouts, deadline: float) -> Watch:
        return Watch(self._loop, min(deadline, started + timeouts.total_ms / 1000), "no whole answer in time")

    def _route(self, endpoint: Endpoint, path: str) -> _Route:
        """Where calls to a path of an endpoint go; worked out once for each."""
        route = self._routes.get((endpoint.name, path))
        if route is None or route.endpoint is not endpoint:
            route = self._routes[endpoint.name, path] = _route(endpoint, path)
        return route

    async def _send(
        self,
        url: URL,
        headers: CIMultiDict[str],
        body: bytes,
        timeouts: Timeouts,
        request_id: str | None,
        watch: Watch,
    ) -> aiohttp.ClientResponse:
        """Send a request; the answer, once its headers are there."""
        if request_id is not None:
            headers = headers.copy()
            headers["X-Client-Request-Id"] = request_id
        with watch:
            return await self._connections.post(url, headers, body, timeouts.connect_ms)

    async def _refusal(self, response: aiohttp.ClientResponse, watch: Watch, timeouts: Timeouts) -> Failure:
        """What an answer says that is no success."""
        return self._no_answer(response, await _read_some(response, watch, timeouts))

    def _no_answer(self, response: aiohttp.ClientResponse, data: bytes) -> Failure:
        """The failure that a body is which is not the answer that was asked for."""
        failure = classify(response.status, _headers(response), data, redact=self.redact)
        return failure or Failure("bad_response", response.status, "an answer of another form than was asked for")

    def _broken(self, response: aiohttp.ClientResponse, wrong: Broken) -> Failure:
        """The failure that a completion is which is none; what the provider says of it counts first."""
        if wrong.error is not None:
            failure = classify(response.status, _headers(response), b"", stream_error=wrong.error, redact=self.redact)
            if failure is not None and failure.reason != "unknown":
                return failure
        return Failure(wrong.reason, response.status, wrong.message)


async def _read(response: aiohttp.ClientResponse, watch: Watch, timeouts: Timeouts, most: int) -> bytes:
    """The body of an answer. Raises `Failed` above `most` bytes, and what `readany` raises."""
    content = response.content
    pieces: list[bytes] = []
    size = 0
    if (response.content_length or 0) > most:
        raise Failed(_too_long(response, most))
    while not content.at_eof():
        if content.is_eof():
            piece = content.read_nowait()
        else:
            watch.within(timeouts.idle_ms / 1000, "the answer has stopped coming in")
            with watch:
                piece = await content.readany()
        pieces.append(piece)
        size += len(piece)
        if size > most:
            raise Failed(_too_long(response, most))
    return pieces[0] if len(pieces) == 1 else b"".join(pieces)


def _too_long(response: aiohttp.ClientResponse, most: int) -> Failure:
    return Failure("bad_response", response.status, f"an answer of more than {most} bytes")


async def _read_some(response: aiohttp.ClientResponse, watch: Watch, timeouts: Timeouts) -> bytes:
    """As much of a body as can be read, and no more than tells what it says."""
    data = bytearray()
    try:
        while len(data) < ERROR_BYTES and not response.content.at_eof():
            watch.within(timeouts.idle_ms / 1000, "")
            with watch:
                data += await response.content.readany()
    except _BROKEN_CONNECTION:
        pass  # what has come in has to do
    return bytes(data[:ERROR_BYTES])


def _lost(exc: BaseException, response: aiohttp.ClientResponse | None, *, streamed: bool = False) -> Failure:
    """What an attempt has failed for whose connection has: before the answer, or in the middle of it."""
    failure = classify_exception(exc)
    if response is None:
        return failure
    reason = "stream_interrupted" if streamed and failure.reason == "network_error" else failure.reason
    return attrs.evolve(failure, reason=reason, status=response.status)


def _unfinished(response: aiohttp.ClientResponse, progress: Progress, done: bool) -> Failure:
    """What a stream has failed for that ended before its choices."""
    if done and not progress.begun:
        return Failure("bad_response", response.status, "a stream without an answer")
    message = "the stream ended before the answer did"
    return Failure("stream_interrupted", response.status, message, None, progress.content)


def _route(endpoint: Endpoint, path: str) -> _Route:
    headers: CIMultiDict[str] = CIMultiDict(
        {
            "User-Agent": f"policy-ir/{__version__}",
            "Content-Type": "application/json",
            "Accept": "application/json",
            "Accept-Encoding": "gzip, deflate",
        }
    )
    if endpoint.key is not None:
        headers["Authorization"] = f"Bearer {endpoint.key.reveal()}"
    for name, value in endpoint.headers.items():
        headers[name] = value.reveal() if isinstance(value, Secret) else value
    stream = headers.copy()
    stream["Accept"] = "text/event-stream"
    stream["Accept-Encoding"] = "identity"  # what compresses pieces holds them back
    return _Route(endpoint, URL(endpoint.url + path), headers, stream)


def _headers(response: aiohttp.ClientResponse) -> dict[str, str]:
    """The headers of an answer, by names in lower case."""
    return {name.lower(): value for name, value in response.headers.items()}


def _usage(value: dict[str, Any]) -> dict[str, Any] | None:
    usage = value.get("usage")
    return usage if type(usage) is dict else None
