"""Rows of the fault matrix about several calls, one after the other or at once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

from fault_clients import hang_up
from fault_row import Row, Told, grouped
from fault_stage import Stage, until
from fault_words import AT_NORTH, AT_SOUTH, BROKE, BUSY, CLOSED, HUNG_UP, NEXT, NORTH, SOUTH, answered, failed, left, ok

from policy_ir.router.config import Breaker

Act = Callable[[Stage], Awaitable[None]]


def calls(*waits_ms: float) -> Act:
    """Calls one after the other, each after so many milliseconds."""

    async def act(stage: Stage) -> None:
        for wait in waits_ms:
            await asyncio.sleep(wait / 1000)
            await stage.call()

    return act


def at_once(before: int, wait_ms: float, together: int) -> Act:
    """Calls one after the other, then a wait, then calls at once."""

    async def act(stage: Stage) -> None:
        await calls(*[0] * before)(stage)
        await asyncio.sleep(wait_ms / 1000)
        for got in await asyncio.gather(*[stage.ask() for _ in range(together)]):
            await stage.note(got)
        stage.told[before:] = sorted(stage.told[before:], key=lambda one: (len(one.hops), str(one)))

    return act


async def above_the_limit(stage: Stage) -> None:
    """Two calls that take long, and a third meanwhile."""
    two = [asyncio.ensure_future(stage.ask()) for _ in range(2)]
    await until(lambda: stage.sandbox.calls() == 2)
    await stage.call()
    for one in two:
        await stage.note(await one)


async def during_a_shutdown(stage: Stage) -> None:
    """A call that is on its way when the router is asked to end, and one that comes after that."""
    on_its_way = asyncio.ensure_future(stage.ask())
    await until(lambda: stage.sandbox.calls() == 1)
    ending = asyncio.ensure_future(stage.end())
    await until(lambda: stage.running.service.closing)
    await stage.call()
    await stage.note(await on_its_way)
    await ending


async def probe_hangs_up(stage: Stage) -> None:
    """Two calls that open the breaker; the probe, whose caller hangs up; and a call after that."""
    await calls(0, 0)(stage)
    await asyncio.sleep(0.22)
    await hang_up(stage, until_calls=stage.sandbox.calls() + 1)
    await stage.call()


def _fails(reason: str = "server_error", status: int = 500, says: str = BROKE) -> Told:
    return ok(failed(NORTH, reason, status, NEXT, says), answered(SOUTH))


SEVERAL: Final = grouped(
    "Several calls",
    Row(
        name="two failures open the breaker for 200 ms; the probe succeeds",
        faults=(f"{NORTH}=server_error:2",),
        breaker=Breaker(failures=2, open_ms=200),
        act=calls(0, 0, 0, 220, 0),
        tells=(_fails(), _fails(), AT_SOUTH, AT_NORTH, AT_NORTH),
        least_ms=200,
    ),
    Row(
        name="two failures open the breaker for 200 ms; the probe fails",
        faults=(f"{NORTH}=server_error:3",),
        breaker=Breaker(failures=2, open_ms=200),
        act=calls(0, 0, 220, 0, 220),
        tells=(_fails(), _fails(), _fails(), AT_SOUTH, AT_NORTH),
        least_ms=400,
        most_ms=2_000,
    ),
    Row(
        name="a provider that flaps, two calls by turns; two failures open the breaker for 200 ms",
        faults=(f"{NORTH}=flapping:run=2",),
        breaker=Breaker(failures=2, open_ms=200),
        act=calls(0, 0, 0, 220, 0, 0, 0, 0, 220),
        tells=(
            *[_fails("overloaded", 503, BUSY)] * 2,
            AT_SOUTH,
            *[AT_NORTH] * 2,
            *[_fails("overloaded", 503, BUSY)] * 2,
            AT_SOUTH,
            AT_NORTH,
        ),
        least_ms=400,
        most_ms=2_000,
    ),
    Row(
        name="three calls at once when the breaker lets one probe through",
        faults=(f"{NORTH}=server_error:2", f"{NORTH}=slow_first_token:ms=200"),
        breaker=Breaker(failures=2, open_ms=200),
        act=at_once(2, 220, 3),
        tells=(_fails(), _fails(), AT_NORTH, AT_SOUTH, AT_SOUTH),
        least_ms=400,
        most_ms=2_000,
    ),
    Row(
        name="the caller of the probe hangs up; the next call is a probe again",
        faults=(f"{NORTH}=server_error:2", f"{NORTH}=silence:skip=2,once"),
        breaker=Breaker(failures=2, open_ms=200),
        act=probe_hangs_up,
        tells=(_fails(), _fails(), Told(HUNG_UP, "cancelled", (left(NORTH),)), AT_NORTH),
        least_ms=200,
    ),
    Row(
        name="the probe fails for its request, which says nothing; the next call is a probe again",
        faults=(f"{NORTH}=server_error:2", f"{NORTH}=bad_request:skip=2,once"),
        breaker=Breaker(failures=2, open_ms=200),
        act=calls(0, 0, 220, 0),
        tells=(_fails(), _fails(), _fails("bad_request", 400, "a request of this shape"), AT_NORTH),
        least_ms=200,
    ),
    Row(
        name="`Retry-After` keeps the next calls away, for 200 ms",
        faults=(f"{NORTH}=rate_limit:retry_after_ms=200,once",),
        act=calls(0, 0, 220),
        tells=(_fails("rate_limit", 429, "Rate limit reached"), AT_SOUTH, AT_NORTH),
        least_ms=200,
    ),
    Row(
        name="the key is not valid: for 200 ms nobody asks that provider",
        faults=(f"{NORTH}=auth_error:once",),
        breaker=Breaker(disable_ms=200),
        act=calls(0, 0, 220),
        tells=(_fails("auth_error", 401, "Incorrect API key provided"), AT_SOUTH, AT_NORTH),
        least_ms=150,
    ),
    Row(
        name="64 calls at once, and every second attempt fails",
        faults=(f"{NORTH}=flapping",),
        breaker=Breaker(failures=1000),
        act=at_once(0, 0, 64),
        tells=(*[AT_NORTH] * 32, *[_fails("overloaded", 503, BUSY)] * 32),
        most_ms=3_000,
    ),
    Row(
        name="more calls at once than the limit of 2",
        faults=(f"{NORTH}=slow_first_token:ms=150",),
        limits={"concurrent": 2},
        act=above_the_limit,
        tells=(Told("503 `overloaded`, `Retry-After: 1`", None), AT_NORTH, AT_NORTH),
        least_ms=150,
    ),
    Row(
        name="the router is asked to end while a call is on its way, and another one comes",
        faults=(f"{NORTH}=slow_first_token:ms=150",),
        act=during_a_shutdown,
        tells=(Told(CLOSED, None), AT_NORTH),
        least_ms=150,
    ),
)
