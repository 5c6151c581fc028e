"""Where the rows of the fault matrix are played: a router with its sockets, its providers, and its callers.

A row says what goes wrong and what is to come of it (`fault_matrix`); here it is played, and what came of it is put
into the same words. `play` also holds every row to what has to be true of each of them, whatever goes wrong.
"""

from __future__ import annotations

import asyncio
import json
import logging
import socket
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any, Final
from unittest.mock import patch

import aiohttp
import attrs
from fault_row import Played, Row, Told, Try, Way, bound_ms
from raw_provider import Provider

from policy_ir.admission import admit_policy
from policy_ir.router import chat
from policy_ir.router.config import Endpoint, Limits, NamedPolicy
from policy_ir.router.sandbox import Sandbox, read_faults
from policy_ir.router.sandbox_answers import answer
from policy_ir.router.sandbox_world import sandbox_vocabulary
from policy_ir.router.secrets import Secret
from policy_ir.router.server import Running, running
from policy_ir.syntax import parse
from policy_ir.trace.record import Hop, Trace
from policy_ir.trace.replay import Replayer
from policy_ir.trace.store import Store

KEY: Final = "sk-planted-9876543210-zyxwvuts"
"""The key of every provider: it may show nowhere."""

QUESTION: Final = [{"role": "user", "content": "Where is my order?"}]

TEXT: Final = "So it was sent, and it came as a whole."
"""What a provider says whose bytes a row scripts, where it says all of it."""

POLICY: Final = """policy {{
  filter   bench_intelligence >= 0.5 and not supports_reasoning and not disabled
  rank     normalize(bench_intelligence)
  select   prefer(not breaker_open, argmax)
  mutate   id
  fallback {plan}
}}"""
"""The policy of all rows: `north/large`, then `south/large`, then `east/long`, whose breakers are heeded."""

SOON_S: Final = 5.0
"""Seconds within which what has to happen has happened."""


@attrs.frozen
class Got:
    """What a caller got: status 0 for nothing at all; `broken` where the connection ended before the answer did."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    broken: bool = False

    @property
    def events(self) -> list[str]:
        """The data of the events of a stream."""
        lines = self.body.decode("utf-8", "replace").split("\n")
        return [line.removeprefix("data: ") for line in lines if line.startswith("data: ")]

    @property
    def trace(self) -> str | None:
        """The trace that the headers name."""
        return self.headers.get("x-policy-ir-trace")


class Heard(logging.Handler):
    """What was logged that somebody would have to look at."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.said: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.said.append(record.getMessage())


@attrs.define
class Stage:
    """A router, its providers, and the callers of one row. `took_ms` is how long what was timed has taken."""

    row: Row
    way: Way
    running: Running
    sandbox: Sandbox
    provider: Provider | None
    store: Store
    session: aiohttp.ClientSession
    end: Callable[[], Awaitable[None]]
    heard: Heard
    told: list[Told] = attrs.field(factory=list)
    seen: list[str] = attrs.field(factory=list)
    took_ms: float = 0.0

    # --- what callers do --------------------------------------------------------------------------------------

    @property
    def url(self) -> str:
        return self.running.url

    @property
    def address(self) -> tuple[str, int]:
        """Host and port of the router."""
        host, _, port = self.url.removeprefix("http://").rpartition(":")
        return host, int(port)

    def body(self, **more: Any) -> dict[str, Any]:
        """The body of a call."""
        made = {"model": "policy:matrix", "messages": QUESTION, **self.row.asked, **more}
        return made | ({"stream": True} if self.way == "stream" else {})

    def request(self, **more: Any) -> bytes:
        """A call as the bytes of its request."""
        data = json.dumps(self.body(**more)).encode()
        return self.head(f"Content-Length: {len(data)}") + data

    def head(self, *lines: str) -> bytes:
        """The head of a request for an answer."""
        first = ("POST /v1/chat/completions HTTP/1.1", f"Host: {self.address[0]}", "Content-Type: application/json")
        return "\r\n".join((*first, *lines, "", "")).encode()

    async def ask(self, **more: Any) -> Got:
        """Make a call, and wait for what comes."""
        return await self.post(json.dumps(self.body(**more)).encode())

    async def post(self, body: Any, **headers: str) -> Got:
        """Send a body, and wait for what comes."""
        received = bytearray()
        sent = {"Content-Type": "application/json", **headers}
        url = self.url + "/v1/chat/completions"
        try:
            async with self.session.post(url, data=body, headers=sent, allow_redirects=False) as response:
                try:
                    async for piece in response.content.iter_any():
                        received += piece
                except aiohttp.ClientError:
                    return Got(response.status, response.headers, bytes(received), broken=True)
                return Got(response.status, response.headers, bytes(received))
        except aiohttp.ClientError:
            return Got(0, {}, b"", broken=True)

    async def call(self, **more: Any) -> Got:
        """Make a call, and note what came of it."""
        got = await self.ask(**more)
        await self.note(got)
        return got

    # --- what became of it ------------------------------------------------------------------------------------

    async def note(self, got: Got | str) -> None:
        """Note what a caller got; in words where it is not an answer of a call, which then has a trace all the same."""
        if isinstance(got, str):
            trace = await self.next_trace()
            self.told.append(Told(got, trace.outcome, tuple(map(_try, trace.hops))))
            return
        assert KEY.encode() not in got.body
        trace_id = got.trace
        found = None if trace_id is None else self.store.get(trace_id)
        if trace_id is not None:
            assert found is not None, "an answer before its trace was kept"
            self.seen.append(trace_id)
            self.hold(got, found)
        hops = () if found is None else tuple(map(_try, found.hops))
        self.told.append(Told(self.words(got, found), None if found is None else found.outcome, hops))

    def note_untraced(self, got: str) -> None:
        """Note what a caller got whose call has no trace."""
        self.told.append(Told(got, None))

    async def next_trace(self) -> Trace:
        """The trace that is there and was not noted yet; its caller was not told of it."""
        found: list[Trace] = []

        def there() -> bool:
            found[:] = [one for one in self.store.find(limit=100) if one.id not in self.seen]
            return bool(found)

        await until(there)
        (trace,) = found
        self.seen.append(trace.id)
        return trace

    def words(self, got: Got, trace: Trace | None) -> str:
        """What a caller got, in words."""
        if got.status == 0:
            return "nothing: the connection is closed"
        broken = ", and the connection breaks" if got.broken else ""
        if got.status != 200:
            error = json.loads(got.body)["error"]
            wait = got.headers.get("Retry-After")
            return f"{got.status} `{error['code']}`" + (f", `Retry-After: {wait}`" if wait else "") + broken
        whole = self.whole_text(trace)
        if got.headers["Content-Type"].startswith("application/json"):
            value = json.loads(got.body)
            said = value["choices"][0]["message"]["content"]
            assert value["policy_ir"]["attempts"] == len(trace.hops if trace else ())
            return f"200, {_how_much(said, whole)}{broken}"
        events = got.events
        end = events.pop() if events and events[-1] == "[DONE]" else None
        chunks = [json.loads(event) for event in events]
        error = chunks.pop()["error"] if chunks and "error" in chunks[-1] else None
        said = "".join(choice["delta"].get("content") or "" for chunk in chunks for choice in chunk.get("choices", ()))
        finished = any(choice.get("finish_reason") for chunk in chunks for choice in chunk.get("choices", ()))
        complete = end is not None and finished and error is None and "policy_ir" in chunks[-1] and not broken
        if complete:
            return f"200, {_how_much(said, whole)}"
        told = f", then the error `{error['code']}`" if error else ", no error"
        ended = ", `[DONE]`" if end else ""
        return f"200, {_how_much(said, whole)}{told}{ended}{broken}"

    def whole_text(self, trace: Trace | None) -> str:
        """All that the candidate would have said that has answered."""
        hop = trace.hops[-1] if trace is not None and trace.hops else None
        if hop is None or (self.provider is not None and hop.provider == "north"):
            return TEXT
        seen = self.sandbox.seen(hop.candidate)[-1]
        model = self.sandbox.models[hop.provider, str(seen.body["model"])]
        return "".join(answer(model, seen.body, self.sandbox.seed).choices[0].pieces)

    def hold(self, got: Got, trace: Trace) -> None:
        """Hold an answer to its trace."""
        assert trace.status == got.status
        if trace.outcome == "refused":
            return
        assert got.headers["x-policy-ir-attempts"] == str(len(trace.hops))
        assert got.headers.get("x-policy-ir-candidate") == trace.chosen
        assert got.headers["x-policy-ir-decision"] == trace.decision
        assert trace.stream is (self.way == "stream")

    def hold_all(self) -> None:
        """Hold the row to what is true of each: one trace for each call, kept once, that replays and adds up."""
        kept = list(self.store.iterate())
        assert Counter(one.id for one in kept) == Counter(self.seen)
        fields: dict[str, Mapping[str, Any]] = {one.id: one.fields for one in self.sandbox.catalogue.listed}
        replayer = Replayer(self.store)
        for trace in kept:
            assert replayer.replay(trace).verdict == ("undecided" if trace.outcome == "refused" else "same")
            assert trace.cost.usd == sum(hop.cost.usd for hop in trace.hops)
            assert trace.ended_ms <= bound_ms(self.row) + self.row.grace_s * 1000 + 500
            for hop in trace.hops:
                price = fields[hop.candidate]
                tokens = hop.cost.prompt_tokens * price["price_in"] + hop.cost.completion_tokens * price["price_out"]
                assert abs(hop.cost.usd - tokens / 1e6) < 1e-12
            assert KEY not in json.dumps(trace.to_json())
        if self.provider is None and not self.row.nobody:
            # Who hangs up early enough ends a hop before its request is on its way.
            hops = [hop for one in kept for hop in one.hops]
            gone = sum(hop.outcome == "cancelled" for hop in hops)
            assert len(hops) - gone <= self.sandbox.calls() <= len(hops)
        service = self.running.service
        assert service.in_flight == 0
        assert KEY not in service.metrics.text()[0].decode()
        assert self.heard.said == []
        assert {row.breaker for row in service.world.state.rows()} <= {"closed", "open", "half-open"}, "a probe is lost"
        assert {row.account for row in service.world.state.rows()} <= {"closed", "open", "half-open"}


def _how_much(said: str, whole: str) -> str:
    if said == whole:
        return "the whole answer"
    if said and whole.startswith(said):
        return "a part of the answer"
    if len(said) > len(whole):
        return "more than all of it"
    return "another answer" if said else "no text"


def _try(hop: Hop) -> Try:
    return Try(
        hop.candidate, hop.outcome, hop.reason, hop.status, hop.action or None, hop.message or "", hop.cost.basis
    )


async def until(condition: Callable[[], bool]) -> None:
    """Wait until something is so."""
    async with asyncio.timeout(SOON_S):
        while not condition():
            await asyncio.sleep(0.002)


@asynccontextmanager
async def staged(row: Row, way: Way, folder: Path) -> AsyncIterator[Stage]:
    """The stage of a row."""
    url = f"sqlite:///{folder / 'traces.db'}"
    async with AsyncExitStack() as stack:
        heard = Heard()
        logging.getLogger().addHandler(heard)
        stack.callback(logging.getLogger().removeHandler, heard)
        stack.enter_context(patch.object(chat, "GRACE_S", row.grace_s))
        provider = None if row.script is None else await stack.enter_async_context(Provider(row.script))
        sandbox = await stack.enter_async_context(Sandbox(faults=read_faults(row.faults), pace=0.0))
        document = parse(POLICY.format(plan=row.plan), name="matrix.policy", syntax="authoring")
        assert document.term is not None
        admitted = admit_policy(document.term, sandbox_vocabulary())
        config = sandbox.config(
            port=0,
            providers={name: _endpoint(row, one, provider) for name, one in sandbox.endpoints.items()},
            policies={"matrix": NamedPolicy(name="matrix", admitted=admitted)},
            limits=Limits(**row.limits),
            breaker=row.breaker,
        )
        router = AsyncExitStack()
        stack.push_async_callback(router.aclose)
        serving = await router.enter_async_context(running(config, Store.open(url)))
        session = await stack.enter_async_context(aiohttp.ClientSession(auto_decompress=False))
        store = Store.open(url)
        stack.callback(store.close)
        yield Stage(row, way, serving, sandbox, provider, store, session, router.aclose, heard)


def _endpoint(row: Row, endpoint: Endpoint, provider: Provider | None) -> Endpoint:
    north = endpoint.name == "north"
    url = provider.url if provider is not None and north else endpoint.url
    if row.nobody and north:
        with socket.create_server(("127.0.0.1", 0)) as free:
            url = f"http://127.0.0.1:{free.getsockname()[1]}/v1"
    times = row.north if north else row.everywhere
    return attrs.evolve(endpoint, url=url, key=Secret(KEY), stream_usage=True, timeouts=times)


async def play(row: Row, way: Way, folder: Path) -> Played:
    """Play a row, one way, and hold it to what is true of each."""
    async with staged(row, way, folder) as stage:
        loop = asyncio.get_running_loop()
        began = loop.time()
        await (row.act(stage) if row.act is not None else stage.call())
        stage.took_ms = stage.took_ms or (loop.time() - began) * 1000
        await until(lambda: stage.running.service.in_flight == 0)
        stage.hold_all()
        return Played(tuple(stage.told), stage.took_ms)
