"""Rows of the fault matrix about callers that are slow, send too much, do not read, or hang up."""

from __future__ import annotations

import asyncio
import gzip
import json
import socket
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from typing import Final

from fault_clients import connected, hang_up, received
from fault_row import Row, Told, grouped
from fault_stage import Stage, until
from fault_words import AGAIN, AT_NORTH, BROKE, CLOSED, HUNG_UP, NORTH, answered, failed, left
from raw_provider import STREAM, Exchange, chunk, completion, events, piece, whole

Act = Callable[[Stage], Awaitable[None]]


async def hangs_up(stage: Stage) -> None:
    """Hang up while the provider is silent."""
    await hang_up(stage)
    await until(lambda: stage.sandbox.seen(NORTH)[0].closed_by_client)


async def hangs_up_half(stage: Stage) -> None:
    """Close the one direction that the caller sends in."""
    await hang_up(stage, half=True)


async def hangs_up_in_the_middle(stage: Stage) -> None:
    """Hang up when content has come."""
    await hang_up(stage, after=b'"content": ')
    await until(lambda: stage.sandbox.seen(NORTH)[0].closed_by_client)


async def hangs_up_in_a_wait(stage: Stage) -> None:
    """Hang up while the router waits for the time to ask again."""
    _, writer = await connected(stage)
    writer.write(stage.request())
    await until(lambda: bool(stage.sandbox.calls()) and stage.sandbox.seen(NORTH)[0].ended_ms is not None)
    await asyncio.sleep(0.03)
    writer.close()
    await stage.note(HUNG_UP)


async def hangs_up_in_its_body(stage: Stage) -> None:
    """Hang up before all of the body was sent."""
    _, writer = await connected(stage)
    writer.write(stage.request()[:-10])
    await asyncio.sleep(0.03)
    writer.close()
    await until(lambda: stage.running.connections == 0)
    stage.note_untraced(HUNG_UP)


async def many_hang_up(stage: Stage) -> None:
    """Reset connections at all moments of a call."""
    for wait in range(20):
        _, writer = await connected(stage)
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        writer.write(stage.request())
        await asyncio.sleep(wait / 4000)
        writer.transport.abort()
    await until(lambda: stage.running.connections == 0 and stage.running.service.in_flight == 0)
    await asyncio.sleep(0.05)
    kept = stage.store.find(limit=100)
    assert {one.outcome for one in kept} <= {"ok", "cancelled"}
    stage.seen += [one.id for one in kept]
    await stage.call()


def sends(*, headers: str = "Content-Length: 1000", body: bytes = b"", trickle: bytes = b"") -> Act:
    """A caller that sends the head of a request and a part of its body, and from then on a byte every 20 ms."""

    async def act(stage: Stage) -> None:
        reader, writer = await connected(stage)
        writer.write(stage.head(headers)[: -2 if headers.endswith("…") else None] + body)
        coming = asyncio.ensure_future(received(reader))
        with suppress(ConnectionError):
            while trickle and not coming.done():
                writer.write(trickle)
                await asyncio.sleep(0.02)
        await stage.note(await coming)
        writer.close()

    return act


async def never_ending_head(stage: Stage) -> None:
    """Send headers without end, one every 20 ms."""
    reader, writer = await connected(stage)
    writer.write(stage.head("X-First: 1")[:-2])
    coming = asyncio.ensure_future(received(reader))
    with suppress(ConnectionError):
        while not coming.done():
            writer.write(b"X-More: 1\r\n")
            await asyncio.sleep(0.02)
    await stage.note(await coming)
    writer.close()


async def silent_head(stage: Stage) -> None:
    """Connect, and send nothing."""
    reader, writer = await connected(stage)
    await stage.note(await received(reader))
    writer.close()


async def too_much(stage: Stage) -> None:
    """Send a body that is too large, without saying so before."""

    async def body() -> AsyncIterator[bytes]:
        for _ in range(50):
            yield b" " * 1000

    await stage.note(await stage.post(body()))


async def too_much_unpacked(stage: Stage) -> None:
    """Send a small body that unpacks to a large one."""
    await stage.note(await stage.post(gzip.compress(b" " * 50_000), **{"Content-Encoding": "gzip"}))


async def too_deep(stage: Stage) -> None:
    """Send brackets in brackets: a few too many, as many as just can be read, and many."""
    for depth in (257, *range(960, 1_000, 5), 100_000):
        body = json.dumps(stage.body())[:-1].encode() + b', "x": ' + b"[" * depth + b"]" * depth + b"}"
        await stage.note(await stage.post(body))


async def does_not_read(stage: Stage) -> None:
    """Ask for an answer, and read nothing of it."""
    _, writer = await connected(stage, buffer=4096)
    writer.write(stage.request())
    writer.transport.pause_reading()  # type: ignore[attr-defined]
    await stage.note("nothing: the caller does not read")
    await until(lambda: stage.running.service.in_flight == 0)
    await until(lambda: stage.running.connections == 0)
    writer.transport.abort()


async def endless(exchange: Exchange) -> None:
    """Stream content without end."""
    await exchange.send(STREAM)
    while True:
        await exchange.send(chunk(events(piece("x" * 50_000))))


async def large(exchange: Exchange) -> None:
    """Answer with 6 MiB."""
    await exchange.send(whole(completion("x" * 6 * 2**20)))


SHORTLY: Final = {"policy_options": {"deadline_ms": 200}}

CALLERS: Final = grouped(
    "Callers",
    Row(
        name="a caller that connects and sends nothing; it has 150 ms for its headers",
        limits={"header_ms": 150},
        ways=("whole",),
        act=silent_head,
        tells=(Told(CLOSED, None),),
        least_ms=150,
    ),
    Row(
        name="headers that never end; a caller has 150 ms for them",
        limits={"header_ms": 150},
        ways=("whole",),
        act=never_ending_head,
        tells=(Told(CLOSED, None),),
        least_ms=150,
    ),
    Row(
        name="a body that does not come; a caller has 150 ms for it",
        limits={"body_ms": 150},
        ways=("whole",),
        act=sends(),
        tells=(Told("408 `body_timeout`", None),),
        least_ms=150,
    ),
    Row(
        name="a body that trickles; a caller has 150 ms for it",
        limits={"body_ms": 150},
        ways=("whole",),
        act=sends(trickle=b" "),
        tells=(Told("408 `body_timeout`", None),),
        least_ms=150,
    ),
    Row(
        name="a body of more than 10,000 bytes, which says so",
        limits={"body_bytes": 10_000},
        ways=("whole",),
        act=sends(headers="Content-Length: 10001"),
        tells=(Told("413 `body_too_large`", None),),
    ),
    Row(
        name="a body of more than 10,000 bytes, in chunks",
        limits={"body_bytes": 10_000},
        ways=("whole",),
        act=too_much,
        tells=(Told("413 `body_too_large`", None),),
    ),
    Row(
        name="a body that unpacks to more than 10,000 bytes",
        limits={"body_bytes": 10_000},
        ways=("whole",),
        act=too_much_unpacked,
        tells=(Told("413 `body_too_large`", None),),
    ),
    Row(
        name="bodies with 257 to 100,000 brackets in brackets",
        ways=("whole",),
        act=too_deep,
        tells=(Told("400 `invalid_request`", "refused"),) * 10,
    ),
    Row(
        name="hangs up before its body is sent",
        act=hangs_up_in_its_body,
        tells=(Told(HUNG_UP, None),),
    ),
    Row(
        name="hangs up before the first token",
        faults=(f"{NORTH}=silence",),
        act=hangs_up,
        tells=(Told(HUNG_UP, "cancelled", (left(NORTH),)),),
    ),
    Row(
        name="closes the direction in which it sends",
        faults=(f"{NORTH}=silence",),
        act=hangs_up_half,
        tells=(Told(HUNG_UP, "cancelled", (left(NORTH),)),),
    ),
    Row(
        name="hangs up in the middle of a stream",
        faults=(f"{NORTH}=stall",),
        ways=("stream",),
        act=hangs_up_in_the_middle,
        tells=(Told(HUNG_UP, "cancelled", (left(NORTH, cost="estimate"),)),),
    ),
    Row(
        name="hangs up while the router waits to ask again",
        faults=(f"{NORTH}=server_error",),
        plan="retry_same(attempts: 1, backoff_ms: 20000, then_action: next_candidate)",
        act=hangs_up_in_a_wait,
        tells=(Told(HUNG_UP, "cancelled", (failed(NORTH, "server_error", 500, AGAIN, BROKE),)),),
    ),
    Row(
        name="20 callers that reset their connections, one after the other, at any moment; and one that does not",
        act=many_hang_up,
        tells=(AT_NORTH,),
    ),
    Row(
        name="does not read its stream; the call has 200 ms, and 100 ms to hand over what it has",
        script=endless,
        asked=SHORTLY,
        grace_s=0.1,
        ways=("stream",),
        act=does_not_read,
        tells=(Told("nothing: the caller does not read", "cancelled", (left(NORTH, cost="estimate"),)),),
        least_ms=200,
    ),
    Row(
        name="does not read its answer; the call has 400 ms, and 100 ms to hand over what it has",
        script=large,
        asked={"policy_options": {"deadline_ms": 400}},
        grace_s=0.1,
        ways=("whole",),
        act=does_not_read,
        tells=(Told("nothing: the caller does not read", "ok", (answered(NORTH, cost="estimate"),)),),
        least_ms=500,
    ),
)
