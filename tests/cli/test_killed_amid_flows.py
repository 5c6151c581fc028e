"""A router that is killed in the middle of many flows: what callers were told of is in the store, and whole."""

from __future__ import annotations

import signal
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.client import HTTPException
from pathlib import Path
from threading import Lock, Thread
from time import monotonic, sleep
from typing import Any

import attrs
import pytest
from flow_histories import diamond
from serving import PATIENCE, QUESTION, Serving, serving

from policy_ir.flow.wire_printing import to_wire_flow
from policy_ir.testing.flow_traces import unsound
from policy_ir.trace.replay import replay_all
from policy_ir.trace.store import Store

FLOW = diamond()
CALLERS = 16
DONE = b"data: [DONE]"


@attrs.define
class Told:
    """The ids of the traces of flows whose answers have come to their end."""

    ids: list[str] = attrs.field(factory=list)
    ended: bool = False
    _lock: Lock = attrs.field(factory=Lock)

    def hear(self, head: str | None, body: bytes, *, stream: bool) -> None:
        """An answer as far as it came."""
        whole = DONE in body if stream else body.endswith(b"}")
        if head is not None and whole:
            with self._lock:
                self.ids.append(head)


def call_on(router: Serving, told: Told, number: int) -> None:
    """One caller: flow after flow until the router is gone, every second one as a stream."""
    turn = 0
    while not told.ended:
        turn += 1
        stream = turn % 2 == 0
        wanted: dict[str, Any] = {"model": "flow:*", "flow_ir": to_wire_flow(FLOW.flow), "stream": stream}
        wanted |= {"messages": QUESTION, "policy_options": {"seed": 1000 * number + turn, "session": f"s{number}"}}
        try:
            with closing(router.asked(**wanted)) as connection:
                response = connection.getresponse()
                assert response.status == 200, response.read()
                told.hear(response.headers["x-policy-ir-trace"], response.read(), stream=stream)
        except (OSError, HTTPException):
            return  # cut off


@contextmanager
def calling(router: Serving) -> Iterator[Told]:
    told = Told()
    threads = [Thread(target=call_on, args=(router, told, number)) for number in range(CALLERS)]
    for thread in threads:
        thread.start()
    try:
        yield told
    finally:
        told.ended = True
        for thread in threads:
            thread.join(PATIENCE)


def test_a_router_that_is_killed_amid_flows_leaves_every_acknowledged_one_whole(tmp_path: Path) -> None:
    path = tmp_path / "traces.db"
    with serving("--sandbox", "--port", 0, "--pace", "0.02", store=path) as router:
        with calling(router) as told:
            until = monotonic() + PATIENCE
            while len(told.ids) < 40 and monotonic() < until:
                sleep(0.005)
            router.signal(signal.SIGKILL)
        assert router.ended() == -signal.SIGKILL
    assert len(told.ids) >= 40
    assert len(set(told.ids)) == len(told.ids)
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    with Store.open(str(path), create=False) as store:
        kept = list(store.iterate())
        assert set(told.ids) <= {trace.id for trace in kept}
        assert len(kept) - len(told.ids) <= CALLERS  # committed, and killed before it was said
        assert {trace.id: wrong for trace in kept if (wrong := [*unsound(trace, FLOW.flow)])} == {}
        tally = replay_all(store, kept)
        assert (tally.counts["same"], tally.flows) == (len(kept), len(kept))
        assert sorted(trace.id for trace in store.iterate(flow=FLOW.fingerprint)) == sorted(trace.id for trace in kept)
        assert sum(store.spent(None, f"s{number}") for number in range(CALLERS)) == pytest.approx(
            sum(trace.cost.usd for trace in kept)
        )
