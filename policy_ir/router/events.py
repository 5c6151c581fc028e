"""A streamed answer on its way to the caller, as server-sent events."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, Final

from aiohttp import web

__all__ = ["Events"]

HEADERS: Final = {"Content-Type": "text/event-stream; charset=utf-8", "Cache-Control": "no-cache"}


class Events:
    """The sink of a stream. `headers` are asked for when it begins; what is sent is kept if `keep` says so."""

    def __init__(self, request: web.Request, headers: Callable[[], Mapping[str, str]], *, keep: bool) -> None:
        self._request, self._headers = request, headers
        self._response: web.StreamResponse | None = None
        self._kept: list[bytes] | None = [] if keep else None

    async def begin(self) -> None:
        """The first content is about to come."""
        self._response = web.StreamResponse(headers=HEADERS | dict(self._headers()))
        await self._response.prepare(self._request)

    async def send(self, data: bytes) -> None:
        """The data of one event."""
        assert self._response is not None
        if self._kept is not None:
            self._kept.append(data)
        await self._response.write(b"data: " + data + b"\n\n")

    async def end(self, data: bytes) -> web.StreamResponse:
        """The last event, and the mark that the answer is complete."""
        assert self._response is not None
        await self._response.write_eof(b"data: " + data + b"\n\ndata: [DONE]\n\n")
        return self._response

    async def break_off(self, data: bytes) -> web.StreamResponse:
        """An error as the last event."""
        assert self._response is not None
        await self.send(data)
        await self._response.write_eof()
        return self._response

    @property
    def said(self) -> dict[str, Any] | None:
        """The chunks, where they are kept."""
        return None if self._kept is None else {"chunks": [json.loads(data) for data in self._kept]}
