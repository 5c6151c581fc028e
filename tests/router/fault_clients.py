"""Callers that speak with the router over sockets of their own."""

from __future__ import annotations

import asyncio
import socket

from fault_stage import Got, Stage, until
from fault_words import HUNG_UP


async def connected(stage: Stage, *, buffer: int | None = None) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A connection to the router, with a small buffer for what comes if that is asked for."""
    wire = socket.socket()
    if buffer is not None:
        wire.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
    wire.setblocking(False)
    await asyncio.get_running_loop().sock_connect(wire, stage.address)
    return await asyncio.open_connection(sock=wire, limit=buffer or 2**16)


async def hang_up(stage: Stage, *, until_calls: int = 1, after: bytes | None = None, half: bool = False) -> None:
    """Make a call, and close the connection when so many requests are at the providers, or when bytes have come."""
    reader, writer = await connected(stage)
    writer.write(stage.request())
    if after is None:
        await until(lambda: stage.sandbox.calls() == until_calls)
    else:
        await reader.readuntil(after)
    if half:
        writer.write_eof()
    else:
        writer.close()
    await stage.note(HUNG_UP)
    writer.close()


async def received(reader: asyncio.StreamReader) -> Got:
    """The answer that comes over a connection, or nothing."""
    try:
        lines = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
    except (asyncio.IncompleteReadError, ConnectionError):
        return Got(0, {}, b"", broken=True)
    headers = {name: value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
    return Got(int(lines[0].split()[1]), headers, await reader.readexactly(int(headers["Content-Length"])))
