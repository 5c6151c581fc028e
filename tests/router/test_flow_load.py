"""Sixteen flows at once, over and over, that succeed, fail, go on without a node, and are left by their callers.

Afterwards the history has each of them once and whole, and the router has nothing left of any.
"""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import attrs
import pytest
from flow_cases import CANDIDATES, NEXT, fan, flow, llm, only, pair
from routers import Got, Router, a_router
from running import run

from policy_ir.flow.loaded import load_admitted_flow
from policy_ir.router.sandbox_world import sandbox_vocabulary
from policy_ir.testing.flow_traces import unsound
from policy_ir.trace.record import Trace
from policy_ir.trace.replay import replay_all

CALLERS: Final = 16
ROUNDS: Final = 13

DOWN: Final = "north/thinker"
SILENT: Final = "east/long"
CUT: Final = "south/large"
WELL: Final = tuple(one for one in CANDIDATES if one not in (DOWN, SILENT, CUT))
FAULTS: Final = (f"{DOWN}=overloaded", f"{SILENT}=silence", f"{CUT}=cut:after=3", *(
    f"{one}=slow_first_token:ms={5 + 7 * at},p=0.5" for at, one in enumerate(WELL)
))  # fmt: skip

DRAWN: Final = ["policy", ["tag_in", "id", list(WELL)], ["zero"], ["sample", 1.0], ["id"], NEXT]


@attrs.frozen
class Kind:
    """A kind of flow: what comes of it, of a whole answer and of a stream; None where its caller leaves."""

    flow: list[Any]
    outcome: str | None
    streamed: str | None

    @property
    def fingerprint(self) -> str:
        return load_admitted_flow(self.flow, sandbox_vocabulary()).fingerprint


EIGHT: Final = [only(WELL[at % len(WELL)], plan=NEXT) for at in range(8)]
KINDS: Final = {
    "a fan": Kind(fan([DRAWN] * 8), "ok", "ok"),
    "a fan with one that fails and is passed": Kind(fan([*EIGHT[:7], only(DOWN)], on_error="input"), "ok", "ok"),
    "a fan with one that fails": Kind(fan([*EIGHT[:7], only(DOWN)]), "failed", "failed"),
    "a fan with one nobody can answer": Kind(fan([*EIGHT[:7], only("no/body")]), "no_candidate", "no_candidate"),
    "a fan that is left": Kind(fan([*EIGHT[:7], only(SILENT)]), None, None),
    "a diamond": Kind(
        flow("d", a=llm("ask", policy=DRAWN), b=llm("a", policy=DRAWN), c=llm("a", "ask"), d=llm("b", "c")), "ok", "ok"
    ),
    "a last node that breaks off": Kind(pair(DRAWN, only(CUT)), "failed", "interrupted"),
    "a last node that is left": Kind(pair(DRAWN, only(SILENT)), None, None),
    "a last node that is passed": Kind(flow("a", a=llm("ask", policy=only(DOWN), on_error="input")), "ok", "ok"),
}


@attrs.frozen
class Asked:
    """One flow of one caller, and what the caller got, None where it left."""

    kind: Kind
    stream: bool
    question: str
    got: Got | None

    @property
    def expected(self) -> str:
        return (self.kind.streamed if self.stream else self.kind.outcome) or "cancelled"

    @property
    def account(self) -> dict[str, Any]:
        """The account in an answer, an error, or the last event of a stream."""
        assert self.got is not None
        said = self.got.chunks[-1] if self.got.events else self.got.json
        made: dict[str, Any] = said["error"]["policy_ir"] if "error" in said else said["policy_ir"]
        return made


async def ask(router: Router, kind: Kind, number: int) -> Asked:
    """Ask for a flow, and leave once a silent provider has been asked if nothing will come of it."""
    stream, question = number % 3 == 0, f"question {number}"
    options = {"seed": number, "session": f"s{number % CALLERS}"}
    messages = [{"role": "user", "content": question}]
    asking = asyncio.ensure_future(
        router.chat("flow:*", messages=messages, flow_ir=kind.flow, stream=stream, policy_options=options)
    )
    if kind.outcome is not None:
        return Asked(kind, stream, question, await asking)
    while not any(question in str(seen.body["messages"]) for seen in router.sandbox.seen(SILENT)):
        await asyncio.sleep(0.005)
    asking.cancel()
    with suppress(asyncio.CancelledError):
        await asking
    return Asked(kind, stream, question, None)


async def called(router: Router, caller: int) -> list[Asked]:
    """All flows of one caller, of all kinds in turn."""
    kinds = list(KINDS.values())
    return [await ask(router, kinds[(caller + turn) % len(kinds)], caller + CALLERS * turn) for turn in range(ROUNDS)]


async def quiet(router: Router, before: set[asyncio.Task[Any]]) -> list[str]:
    """Wait until nothing is left of any call; what is left after some seconds, in words."""
    for _ in range(300):
        left = [*left_over(router, before)]
        if not left:
            break
        await asyncio.sleep(0.01)
    return left


def left_over(router: Router, before: set[asyncio.Task[Any]]) -> Iterator[str]:
    service = router.running.service
    if service.in_flight:
        yield f"{service.in_flight} calls"
    yield from (f"a task: {task!r}" for task in asyncio.all_tasks() - before if not serving(task))
    for candidate in router.sandbox.candidates:
        if any(seen.ended_ms is None for seen in router.sandbox.seen(candidate)):
            yield f"a call of {candidate}"
    for kept in (service.upstream._connections._kept, service.upstream._connections._new):
        assert kept.connector is not None
        yield from (f"a connection to {one}" for one in kept.connector._acquired)


def serving(task: asyncio.Task[Any]) -> bool:
    """Whether a task is that of a connection which is kept for the next request."""
    return "RequestHandler.start" in repr(task)


@run
async def test_nothing_is_lost_doubled_out_of_order_or_left_over_of_hundreds_of_flows(tmp_path: Path) -> None:
    async with a_router(tmp_path, *FAULTS, pace=0.002) as router:
        await router.chat()
        before = asyncio.all_tasks()
        many = await asyncio.gather(*(called(router, caller) for caller in range(CALLERS)))
        asked = [one for some in many for one in some]
        assert len(asked) == CALLERS * ROUNDS
        assert await quiet(router, before) == []
        flows = [trace for trace in router.store.iterate() if trace.is_flow]
        traces = {trace.id: trace for trace in flows}
        assert len(traces) == len(flows) == len(asked)  # each once, and no other
        assert Counter(trace.outcome for trace in flows) == Counter(one.expected for one in asked)
        assert Counter(trace.flow for trace in flows) == Counter(one.kind.fingerprint for one in asked)
        told = {told_of(one, traces) for one in asked if one.got is not None}
        assert {trace.id for trace in flows if trace.outcome != "cancelled"} == told
        by_flow = {kind.fingerprint: load_admitted_flow(kind.flow, sandbox_vocabulary()) for kind in KINDS.values()}
        assert {trace.id: wrong for trace in flows
                if (wrong := [*unsound(trace, by_flow[str(trace.flow)].flow)])} == {}  # fmt: skip
        tally = replay_all(router.store, flows)
        assert (tally.holds, tally.counts["same"], tally.flows) == (True, len(flows), len(flows))
        for number in range(CALLERS):
            spent = sum(trace.cost.usd for trace in flows if trace.session == f"s{number}")
            assert router.store.spent(None, f"s{number}") == pytest.approx(spent)
        counted = (await router.get("/metrics")).text
        for outcome, calls in Counter(trace.outcome for trace in flows).items():
            assert f'policy_ir_calls_total{{outcome="{outcome}",policy="flow:*"}} {calls}.0' in counted


def told_of(asked: Asked, traces: dict[str, Trace]) -> str:
    """The id of the trace of an answer, which has to say what the answer says."""
    assert asked.got is not None
    account = asked.account
    trace = traces[asked.got.headers["x-policy-ir-trace"]]
    assert (account["trace"], account["flow"]) == (trace.id, asked.kind.fingerprint)
    assert (trace.outcome, trace.flow) == (asked.expected, asked.kind.fingerprint), asked.question
    assert account["cost_usd"] == pytest.approx(trace.cost.usd)
    assert list(account["nodes"]) == [node.node for node in trace.nodes]
    for node in trace.nodes:
        said = account["nodes"][node.node]
        assert (said["candidate"], said["decision"]) == (node.chosen, node.decision)
        assert (said["outcome"] == "passed") == node.passed
        assert said["cost_usd"] == pytest.approx(node.cost.usd)
    # What the caller got is of its own question, as far as it is repeated, and of nobody else's.
    assert f"question {account['seed']}" == asked.question
    assert set(re.findall(r"question \d+", asked.got.text)) <= {asked.question}
    return trace.id
