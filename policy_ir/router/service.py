"""What a running router holds: its world, its connections to providers, its traces, and what it counts.

One service lives in one event loop. `reload` puts another world in the place of the first between two calls.
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Callable, Coroutine, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from time import time
from typing import TYPE_CHECKING, Any, Final, TypeVar

import attrs
from aiohttp import web

from policy_ir.chat import facts_of_chat
from policy_ir.diagnostics import PolicyError, Refused, codes
from policy_ir.facts import Facts, read_facts, read_seed
from policy_ir.router.answer import error, refused
from policy_ir.router.body import FLOW, read_chat
from policy_ir.router.facts import Ledger, bucket_of, seed_of
from policy_ir.router.guard import Denied, Guard
from policy_ir.router.metrics import Metrics
from policy_ir.router.redactor import Silent
from policy_ir.router.telemetry import telemetry_of
from policy_ir.router.upstream import Upstream
from policy_ir.router.world import LARGE_BYTES, World
from policy_ir.trace.store import Store
from policy_ir.trace.writer import Writer

if TYPE_CHECKING:
    from policy_ir.router.body import ChatRequest, Options
    from policy_ir.router.config import Config, Key
    from policy_ir.router.plan import FlowPlan, Plan
    from policy_ir.trace.parts import Part
    from policy_ir.trace.record import Trace

__all__ = ["Service"]

T = TypeVar("T")

PRUNE_S: Final = 3600.0
"""Seconds between two removals of old traces."""

DAY_S: Final = 86_400.0

LARGE_BODY: Final = 256 * 1024
"""A body of more bytes than these is read beside the event loop."""

WORKERS: Final = 2
"""Threads that work beside the event loop. More of them would take turns with it more often, and get no more done."""

LOG: Final = logging.getLogger("policy_ir.router")

AT_START: Final[Mapping[str, Callable[[Config], object]]] = {
    "host": lambda config: config.host,
    "port": lambda config: config.port,
    "limits.header_ms": lambda config: config.limits.header_ms,
    "traces.url": lambda config: config.traces.url,
    "telemetry.otlp": lambda config: config.telemetry.otlp,
}
"""What a router takes from its configuration once, by the names of the file."""


class Service:
    """A router without its sockets. Made in a running event loop; `close` ends it."""

    def __init__(self, config: Config, store: Store, *, sandbox: bool = False) -> None:
        self.loop = asyncio.get_running_loop()
        self.clock: Callable[[], float] = self.loop.time
        self._began = config
        self.sandbox = sandbox
        self.store = store
        self.world = World(config, clock=self.clock)
        self.guard = Guard(config, self.clock)
        self.upstream = Upstream(config)
        self.writer = Writer(store, loop=self.loop, at_once=store.at_once)
        self.metrics = Metrics(_names(config))
        self.telemetry = telemetry_of(config.telemetry)
        self.ledger = Ledger()
        self.in_flight = 0
        self.closing = False
        self._silent = Silent(lambda: self.upstream.redact)
        for log in (LOG, LOG.getChild("requests")):
            log.addFilter(self._silent)
        self._workers = ThreadPoolExecutor(WORKERS, "policy-ir-beside")
        self._behind: set[asyncio.Task[Any]] = set()
        self._pruning = self.loop.create_task(self._prune())

    @property
    def config(self) -> Config:
        """The configuration of the calls that begin now."""
        return self.world.config

    def reload(self, config: Config) -> list[str]:
        """Serve further calls by another configuration. Raises `Refused`, and nothing changes.

        What has changed and holds only after a restart is given back: dotted names of the file.
        """
        stays = [name for name, of in AT_START.items() if of(config) != of(self._began)]
        world = World(config, before=self.world, clock=self.clock)
        guard = Guard(config, self.clock, self.guard)
        self.upstream.configure(config)
        self.metrics.name_policies(_names(config))
        self.world, self.guard = world, guard
        return stays

    async def close(self) -> None:
        """Wait for what is still to be written, and let go of everything."""
        self._pruning.cancel()
        while self._behind:
            await asyncio.wait(self._behind)
        await self.writer.close()
        await self.upstream.close()
        await asyncio.to_thread(self.telemetry.close)  # a collector that is down can take seconds
        self._workers.shutdown(wait=False, cancel_futures=True)
        self.store.close()
        for log in (LOG, LOG.getChild("requests")):
            log.removeFilter(self._silent)

    # --- requests ---------------------------------------------------------------------------------------------

    async def body(self, request: web.Request) -> bytes:
        """The body of a request, within bounds. Raises `Denied` (408, 413)."""
        limits = self.config.limits
        if (request.content_length or 0) > limits.body_bytes:
            raise _too_large(limits.body_bytes)
        try:
            if request.content.is_eof():  # it came with its headers, as most do: there is nothing to wait for
                return await _all(request, limits.body_bytes)
            async with asyncio.timeout(limits.body_ms / 1000):
                return await _all(request, limits.body_bytes)
        except TimeoutError:
            made = error(408, "body_timeout", f"the body did not arrive within {limits.body_ms:g} ms")
            raise Denied(408, made, {"Connection": "close"}) from None

    async def read(self, data: bytes) -> ChatRequest:
        """The call that a body is. Raises `Refused`."""
        return await self.beside(partial(read_chat, data)) if len(data) > LARGE_BODY else read_chat(data)

    def enter(self) -> None:
        """Take a place among the calls that run at once. Raises `Denied` (503)."""
        if self.in_flight >= self.config.limits.concurrent or self.closing:
            raise Denied(
                503, error(503, "overloaded", "the router is at its limit of calls at once"), {"Retry-After": "1"}
            )
        self.in_flight += 1

    def leave(self) -> None:
        """Give the place back."""
        self.in_flight -= 1

    async def plan(self, request: ChatRequest, key: Key | None, size: int) -> Plan:
        """The policy of a call; a large term is loaded beside the event loop. Raises `Refused`."""
        if request.term is not None and size > LARGE_BYTES:
            return await self.beside(partial(self.world.plan, request, key))
        return self.world.plan(request, key)

    async def flow(self, request: ChatRequest, key: Key | None, size: int) -> FlowPlan:
        """The flow of a call; a large one is loaded beside the event loop. Raises `Refused`."""
        if request.term is not None and size > LARGE_BYTES:
            return await self.beside(partial(self.world.flow, request, key))
        return self.world.flow(request, key)

    async def facts(self, request: ChatRequest, key: Key | None, size: int) -> Facts:
        """The request facts of a call: what its body shows, of `size` bytes, what it states, and what is supplied."""
        stated = await self.stated(request.options, key)
        return await self.facts_of(request.body, stated, size)

    async def facts_of(self, body: Mapping[str, Any], stated: Mapping[str, Any] | None, size: int) -> Facts:
        """The facts that a body shows, of `size` bytes, with those that are stated. Raises `Refused`."""
        derived = partial(facts_of_chat, body, self.world.vocabulary, base=stated)
        return await self.beside(derived) if size > LARGE_BODY else derived()

    async def stated(self, options: Options, key: Key | None) -> Mapping[str, Any] | None:
        """The facts that the caller states, and those that are supplied, None for none. Raises `Refused`."""
        if options.session is None and options.budget is None and not options.requirements:
            return None
        vocabulary = self.world.vocabulary
        if options.requirements:
            with _placed("/policy_options/requirements"):
                read_facts(options.requirements, vocabulary)
        supplied: dict[str, Any] = {}
        if options.session is not None and _is_request(vocabulary, "bucket"):
            supplied["bucket"] = bucket_of(options.session)
        if options.budget is not None and _is_request(vocabulary, "budget_left"):
            spent = await self.ledger.spent(_name(key), options.session, self._spent)
            supplied["budget_left"] = max(0.0, options.budget - spent)
        stated: Any = options.requirements.get("fields") or {}
        return {**options.requirements, "fields": {**stated, **supplied}}

    async def _spent(self, key: str | None, session: str) -> float:
        return await asyncio.to_thread(self.store.spent, key, session)

    def seed(self, request: ChatRequest, plan: Plan | FlowPlan) -> int | None:
        """The seed of a call: the caller's, or one that is made where it could make a difference. Raises `Refused`."""
        with _placed("/policy_options/seed"):
            given = read_seed(request.options.seed)
        return seed_of(given, plan.draws, request.options.session, os.urandom)

    # --- traces -----------------------------------------------------------------------------------------------

    async def record(self, trace: Trace, parts: tuple[Part, ...]) -> bool:
        """Write a trace, and return when it is kept; False, with a line in the log, where it cannot be."""
        try:
            await self.writer.write(trace, parts)
        except Exception as wrong:
            self.metrics.trace_lost()
            LOG.error("the trace %s of a call could not be written: %s", trace.id, wrong)
            return False
        self.metrics.trace_kept()
        return True

    def behind(self, work: Coroutine[Any, Any, Any]) -> None:
        """Have work done that nobody waits for, but the end of the service."""
        task = self.loop.create_task(work)
        self._behind.add(task)
        task.add_done_callback(self._behind.discard)

    async def _prune(self) -> None:
        """Remove old traces now and then, where the configuration says how old."""
        while True:
            days = self.config.traces.keep_days
            if days is not None:
                try:
                    await asyncio.to_thread(self.store.prune, time() - days * DAY_S)
                except PolicyError as wrong:
                    LOG.error("old traces could not be removed: %s", wrong)
            await asyncio.sleep(PRUNE_S)

    async def beside(self, work: Callable[[], T]) -> T:
        """Have work done in a thread that takes the processor, and waits for nobody."""
        return await self.loop.run_in_executor(self._workers, work)

    def settled(self, trace: Trace) -> None:
        """Count a call that has ended."""
        self.metrics.call(trace)
        if trace.session is not None and trace.cost.usd:
            self.ledger.add(trace.key, trace.session, trace.cost.usd)


def _names(config: Config) -> list[str]:
    """What metrics call calls by: the policies, and the flows as callers name them."""
    return [*config.policies, *(FLOW + name for name in config.flows)]


def _name(key: Key | None) -> str | None:
    return None if key is None else key.name


async def _all(request: web.Request, most: int) -> bytes:
    """The body of a request. Raises `Denied` (413)."""
    pieces: list[bytes] = []
    size = 0
    while piece := await request.content.readany():
        size += len(piece)
        if size > most:
            raise _too_large(most)
        pieces.append(piece)
    return pieces[0] if len(pieces) == 1 else b"".join(pieces)


def _too_large(most: int) -> Denied:
    wrong = Refused.because(
        codes.BODY_TOO_LARGE, f"the body is larger than {most} bytes", pointer="", expected=f"at most {most} bytes"
    )
    return Denied(413, refused(wrong, status=413, code="body_too_large"), {"Connection": "close"})


def _is_request(vocabulary: Any, name: str) -> bool:
    declared = vocabulary.fields.get(name)
    return declared is not None and declared.source == "request"


@contextmanager
def _placed(prefix: str) -> Iterator[None]:
    """Findings of what is read within it, under the pointer of where it stands in the body."""
    try:
        yield
    except Refused as wrong:
        found = [attrs.evolve(one, pointer=prefix + (one.pointer or "")) for one in wrong.diagnostics]
        raise Refused(found) from None
