"""A provider whose every byte a test scripts: a server of sockets that knows no HTTP but where a request ends."""

from __future__ import annotations

import asyncio
import json
import socket
import struct
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from types import SimpleNamespace
from typing import Any

from policy_ir.router.config import Endpoint, Limits, Timeouts
from policy_ir.router.secrets import Secret
from policy_ir.router.upstream import Upstream

KEY = "sk-planted-0123456789-abcdefgh"
END = b"0\r\n\r\n"


class Exchange:
    """One request, and the connection to answer it on."""

    def __init__(self, provider: Provider, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.provider, self.reader, self.writer = provider, reader, writer
        self.number = 0
        """How many requests came on this connection before."""
        self.head = b""
        self.body = b""

    @property
    def headers(self) -> dict[str, str]:
        lines = self.head.decode().split("\r\n")[1:]
        return {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines if line)}

    async def send(self, *pieces: bytes) -> None:
        """Send bytes, each piece on its own."""
        for piece in pieces:
            self.writer.write(piece)
            await self.writer.drain()
            if len(pieces) > 1:
                await asyncio.sleep(0.002)

    def close(self) -> None:
        """Close the connection in good order."""
        self.writer.close()

    def reset(self) -> None:
        """Tear the connection down: the other side sees a reset."""
        wire = self.writer.get_extra_info("socket")
        wire.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()

    async def closed(self) -> None:
        """Wait until the other side closes."""
        with suppress(OSError):
            while await self.reader.read(65536):
                pass


Script = Callable[[Exchange], Awaitable[None]]


class Provider:
    """Answers each request by the script. `requests` are those that came, `connections` how many there were."""

    def __init__(self, script: Script) -> None:
        self.script = script
        self.requests: list[Exchange] = []
        self.connections = 0
        self.open = 0
        self._tasks: set[asyncio.Task[Any]] = set()

    async def __aenter__(self) -> Provider:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        self.connections += 1
        self.open += 1
        number = 0
        try:
            while not writer.is_closing():
                exchange = Exchange(self, reader, writer)
                exchange.number = number
                exchange.head = await reader.readuntil(b"\r\n\r\n")
                exchange.body = await reader.readexactly(int(exchange.headers.get("content-length", 0)))
                self.requests.append(exchange)
                await self.script(exchange)
                number += 1
        except (asyncio.IncompleteReadError, asyncio.CancelledError, OSError):
            pass
        finally:
            self.open -= 1
            writer.close()


def head(status: int = 200, *, type: str = "application/json", **headers: object) -> bytes:
    """The head of an answer; `_` in a header's name stands for `-`."""
    lines = [f"HTTP/1.1 {status} X", f"Content-Type: {type}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def whole(value: object, status: int = 200, **headers: object) -> bytes:
    """An answer as a whole."""
    body = value if isinstance(value, bytes) else json.dumps(value).encode()
    return head(status, Content_Length=len(body), **headers) + body


def chunk(data: bytes) -> bytes:
    """A chunk of an answer in chunks."""
    return b"%x\r\n%s\r\n" % (len(data), data)


def events(*values: object) -> bytes:
    """Values as server-sent events; bytes are the data as they are."""
    return b"".join(
        b"data: " + (value if isinstance(value, bytes) else json.dumps(value).encode()) + b"\n\n" for value in values
    )


STREAM = head(type="text/event-stream", Transfer_Encoding="chunked")


def completion(content: str | None = "Hello", finish: str = "stop", **more: Any) -> dict[str, Any]:
    message = {"role": "assistant", "content": content}
    return {
        "id": "c1",
        "object": "chat.completion",
        "choices": [{"index": 0, "message": message, "finish_reason": finish}],
    } | more


def piece(content: str | None = None, finish: str | None = None, *, index: int = 0, **more: Any) -> dict[str, Any]:
    delta = {} if content is None else {"content": content}
    return {
        "id": "c1",
        "object": "chat.completion.chunk",
        "choices": [{"index": index, "delta": delta, "finish_reason": finish}],
    } | more


ROLE = {"choices": [{"index": 0, "delta": {"role": "assistant", "content": ""}, "finish_reason": None}]}


def endpoint(url: str, **more: Any) -> Endpoint:
    return Endpoint(name="p", url=url, key=Secret(KEY), **more)


def times(*, connect: float = 2000, first: float = 2000, idle: float = 2000, total: float = 5000) -> Timeouts:
    return Timeouts(connect_ms=connect, first_token_ms=first, idle_ms=idle, total_ms=total)


def upstream(*, secrets: Iterable[str] = (KEY,), **limits: int) -> Upstream:
    """An upstream of limits and secrets; it looks at nothing else of a configuration."""
    return Upstream(SimpleNamespace(limits=Limits(**limits), secrets=tuple(map(Secret, secrets))))  # type: ignore[arg-type]
