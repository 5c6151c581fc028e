"""Requests as bytes and answers as bytes: what a library would hide."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import attrs


@attrs.frozen
class Raw:
    """What came over a connection until its end: status line, headers in lower case, body as framed; whether it ended
    with a reset."""

    status: str
    headers: dict[str, str]
    body: bytes
    reset: bool

    @property
    def whole(self) -> bool:
        """Whether the body has all that its framing announces."""
        if "content-length" in self.headers:
            return len(self.body) == int(self.headers["content-length"])
        return self.body.endswith(b"0\r\n\r\n")


def request_of(url: str, body: Mapping[str, Any] | bytes, headers: Mapping[str, str] | None = None) -> bytes:
    """A chat completions request that asks for the connection to be closed after it."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    parts = urlsplit(url)
    lines = {
        "Host": parts.netloc,
        "Content-Type": "application/json",
        "Content-Length": str(len(data)),
        "Connection": "close",
        **(headers or {}),
    }
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    return f"POST {parts.path}/chat/completions HTTP/1.1\r\n{head}\r\n".encode() + data


async def opened(url: str, request: bytes) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A connection on which a request was sent."""
    parts = urlsplit(url)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    writer.write(request)
    await writer.drain()
    return reader, writer


async def ask(
    url: str, body: Mapping[str, Any] | bytes, headers: Mapping[str, str] | None = None, *, wait: float | None = None
) -> Raw:
    """What comes over the connection until it ends, or until nothing came for `wait` seconds."""
    reader, writer = await opened(url, request_of(url, body, headers))
    data, reset = b"", False
    try:
        while True:
            piece = await asyncio.wait_for(reader.read(65536), wait)
            if not piece:
                break
            data += piece
    except ConnectionResetError:
        reset = True
    except TimeoutError:
        pass
    finally:
        writer.close()
    head, _, rest = data.partition(b"\r\n\r\n")
    status, *lines = head.decode("latin-1").split("\r\n")
    named = (line.partition(":") for line in lines)
    return Raw(status, {name.lower(): value.strip() for name, _, value in named}, rest, reset)


def events(raw: Raw) -> list[str]:
    """The data of the server-sent events of a body in chunks that came whole."""
    text, rest = b"", raw.body
    while rest:
        size, _, rest = rest.partition(b"\r\n")
        length = int(size, 16)
        text, rest = text + rest[:length], rest[length + 2 :]
        if not length:
            break
    return [line.removeprefix("data: ") for line in text.decode().split("\n") if line.startswith("data: ")]
