"""Writing from an event loop: a trace is acknowledged when it is committed, and not before."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import attrs
import pytest
from running import run
from some_traces import ordinary

from policy_ir.trace import writer as writer_module
from policy_ir.trace.parts import Part
from policy_ir.trace.record import Trace
from policy_ir.trace.store import Store, Unwritable
from policy_ir.trace.writer import Writer

BUSY = Unwritable("database is locked", passing=True)
PART = Part("state", "s", b"{}")


@attrs.define(eq=False)
class Memory:
    """A store in memory whose every write is asked whether it may be."""

    judge: Callable[[list[Trace]], None] = lambda _: None
    traces: dict[str, Trace] = attrs.field(factory=dict)
    parts: list[str] = attrs.field(factory=list)
    batches: list[int] = attrs.field(factory=list)

    def write(self, traces: Sequence[Trace], parts: Iterable[Part] = ()) -> None:
        self.judge(list(traces))
        self.batches.append(len(traces))
        self.traces |= {trace.id: trace for trace in traces}
        self.parts += [part.digest for part in parts]


class Gate:
    """Keeps a store from writing until it is opened."""

    def __init__(self) -> None:
        self.open = threading.Event()
        self.entered = threading.Event()

    def __call__(self, traces: list[Trace]) -> None:
        self.entered.set()
        assert self.open.wait(5)


def writer_over(store: Any, **options: Any) -> Writer:
    return Writer(store, loop=asyncio.get_running_loop(), **options)


async def until(condition: Callable[[], object]) -> None:
    for _ in range(2000):
        if condition():
            return
        await asyncio.sleep(0.002)
    raise AssertionError("it never came about")


# --- acknowledgement ------------------------------------------------------------------------------------------


@run
async def test_a_trace_is_acknowledged_only_when_it_is_committed() -> None:
    gate = Gate()
    store = Memory(gate)
    writer = writer_over(store)
    written = asyncio.create_task(writer.write(ordinary(), [PART]))
    await until(gate.entered.is_set)
    assert not written.done()
    assert (writer.queued, writer.written) == (1, 0)
    gate.open.set()
    await written
    assert len(store.traces) == 1
    assert (writer.queued, writer.written, writer.failed) == (0, 1, 0)
    await writer.close()


@run
async def test_what_gathers_during_a_commit_is_committed_together() -> None:
    gate = Gate()
    store = Memory(gate)
    writer = writer_over(store)
    first = asyncio.create_task(writer.write(ordinary()))
    await until(gate.entered.is_set)
    others = [asyncio.create_task(writer.write(ordinary())) for _ in range(300)]
    await until(lambda: writer.queued == 301)
    gate.open.set()
    await asyncio.gather(first, *others)
    assert store.batches == [1, writer_module.MOST_TOGETHER, 300 - writer_module.MOST_TOGETHER]
    await writer.close()


@run
async def test_traces_are_in_the_store_when_they_are_acknowledged(store_url: str) -> None:
    store = Store.open(store_url)
    writer = writer_over(store)

    async def call(number: int) -> None:
        trace = ordinary(state="s", seed=number)
        await writer.write(trace, [PART])
        assert await asyncio.to_thread(store.get, trace.id) == trace

    await asyncio.gather(*(call(number) for number in range(40)))
    await writer.close()
    assert (store.count(), store.part("state", "s")) == (40, b"{}")
    store.close()


@run
async def test_a_caller_that_goes_away_takes_nothing_back() -> None:
    gate = Gate()
    store = Memory(gate)
    writer = writer_over(store)
    written = asyncio.create_task(writer.write(ordinary()))
    await until(gate.entered.is_set)
    written.cancel()
    await asyncio.wait([written])
    gate.open.set()
    await writer.close()
    assert len(store.traces) == 1
    assert (writer.written, writer.queued) == (1, 0)


# --- closing --------------------------------------------------------------------------------------------------


@run
async def test_closing_commits_what_is_on_its_way() -> None:
    store = Memory()
    writer = writer_over(store)
    waiting = [asyncio.create_task(writer.write(ordinary())) for _ in range(20)]
    await asyncio.sleep(0)
    await writer.close()
    await asyncio.gather(*waiting)
    assert len(store.traces) == 20


@run
async def test_a_closed_writer_takes_nothing_and_can_be_closed_again() -> None:
    writer = writer_over(Memory())
    await writer.close()
    await writer.close()
    with pytest.raises(Unwritable, match="closed"):
        await writer.write(ordinary())
    assert writer.failed == 1


# --- a store that takes nothing -------------------------------------------------------------------------------


@run
async def test_a_caller_is_told_at_once_that_the_store_takes_nothing_and_the_trace_is_written_later(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(writer_module, "FIRST_PAUSE_S", 0.02)
    wrong: Unwritable | None = BUSY

    def judge(_: list[Trace]) -> None:
        if wrong is not None:
            raise wrong

    store = Memory(judge)
    writer = writer_over(store)
    made = [ordinary() for _ in range(3)]
    with pytest.raises(Unwritable, match="locked"):
        await writer.write(made[0], [PART])
    assert not writer.healthy
    with pytest.raises(Unwritable):
        await writer.write(made[1])
    assert (writer.failed, writer.written, writer.queued) == (2, 0, 2)
    wrong = None
    await until(lambda: writer.healthy)
    await writer.write(made[2])
    assert list(store.traces) == [trace.id for trace in made]
    assert store.parts == ["s"]
    assert (writer.failed, writer.written, writer.queued) == (2, 3, 0)
    await writer.close()


@run
async def test_no_more_is_held_than_there_is_room_for() -> None:
    def judge(_: list[Trace]) -> None:
        raise BUSY

    writer = writer_over(Memory(judge), capacity=5)
    for _ in range(12):
        with pytest.raises(Unwritable):
            await writer.write(ordinary())
    assert (writer.queued, writer.failed) == (5, 12)
    await writer.close()


@run
async def test_closing_tries_once_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer_module, "FIRST_PAUSE_S", 60.0)
    wrong: Unwritable | None = BUSY

    def judge(_: list[Trace]) -> None:
        if wrong is not None:
            raise wrong

    store = Memory(judge)
    writer = writer_over(store)
    with pytest.raises(Unwritable):
        await writer.write(ordinary())
    wrong = None
    await writer.close()
    assert len(store.traces) == 1


@run
async def test_a_queue_that_is_full_refuses_at_once() -> None:
    gate = Gate()
    writer = writer_over(Memory(gate), capacity=3)
    waiting = [asyncio.create_task(writer.write(ordinary())) for _ in range(3)]
    await until(lambda: writer.queued == 3)
    with pytest.raises(Unwritable, match="too many"):
        await writer.write(ordinary())
    gate.open.set()
    await asyncio.gather(*waiting)
    await writer.write(ordinary())
    assert (writer.written, writer.failed) == (4, 1)
    await writer.close()


@run
async def test_nobody_waits_longer_than_patience_for_a_store_that_hangs() -> None:
    gate = Gate()
    store = Memory(gate)
    writer = writer_over(store, patience=0.03)
    waiting = [asyncio.create_task(writer.write(ordinary())) for _ in range(3)]
    for one in waiting:
        with pytest.raises(Unwritable, match="does not answer"):
            await one
    gate.open.set()
    await writer.close()
    assert len(store.traces) == 3
    assert (writer.written, writer.failed, writer.queued) == (3, 3, 0)


@run
async def test_one_trace_that_no_store_can_take_does_not_hold_up_the_others() -> None:
    gate = Gate()
    spoiled = attrs.evolve(ordinary(), facts={"fields": {"x": object()}})

    def judge(traces: list[Trace]) -> None:
        gate(traces)
        if spoiled in traces:
            raise TypeError("it is no JSON")

    store = Memory(judge)
    writer = writer_over(store)
    first = asyncio.create_task(writer.write(ordinary()))
    await until(gate.entered.is_set)
    others = [asyncio.create_task(writer.write(trace)) for trace in (ordinary(), spoiled, ordinary())]
    await until(lambda: writer.queued == 4)
    gate.open.set()
    outcomes = await asyncio.gather(first, *others, return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [type(None), type(None), Unwritable, type(None)]
    assert (len(store.traces), writer.queued, writer.healthy) == (3, 0, True)
    await writer.close()


@run
async def test_a_store_that_fails_while_traces_are_tried_one_by_one_loses_none_of_the_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(writer_module, "FIRST_PAUSE_S", 0.01)
    gate = Gate()
    asked: list[int] = []

    def judge(traces: list[Trace]) -> None:
        gate(traces)
        asked.append(len(traces))
        if len(traces) > 1 and len(asked) < 6:
            raise Unwritable("one of them is wrong", passing=False)
        if len(asked) == 4:
            raise BUSY

    store = Memory(judge)
    writer = writer_over(store)
    made = [ordinary() for _ in range(5)]
    tasks = [asyncio.create_task(writer.write(made[0]))]
    await until(gate.entered.is_set)
    tasks += [asyncio.create_task(writer.write(trace)) for trace in made[1:]]
    await until(lambda: writer.queued == 5)
    gate.open.set()
    outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    assert [outcome is None for outcome in outcomes] == [True, True, False, False, False]
    await until(lambda: writer.queued == 0)
    assert sorted(store.traces) == sorted(trace.id for trace in made)
    assert (writer.written, writer.failed) == (5, 3)
    await writer.close()


@run
async def test_a_busy_sqlite_file_is_waited_for_and_then_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("policy_ir.trace.store_sqlite.BUSY_MS", 20)
    path = tmp_path / "traces.db"
    store = Store.open(str(path))
    writer = writer_over(store)
    trace = ordinary()
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(Unwritable, match="locked"):
            await writer.write(trace)
    await until(lambda: writer.healthy)
    assert store.get(trace.id) == trace
    await writer.close()
    store.close()


# --- parts ----------------------------------------------------------------------------------------------------


@run
async def test_a_part_is_sent_once_and_again_after_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1000.0
    monkeypatch.setattr(writer_module, "monotonic", lambda: now)
    store = Memory()
    writer = writer_over(store)
    for _ in range(3):
        await writer.write(ordinary(), [PART, Part("floor", "f", b"{}")])
    assert store.parts == ["s", "f"]
    now += writer_module.SEEN_AGAIN_S
    await writer.write(ordinary(), [PART])
    assert store.parts == ["s", "f", "s"]
    await writer.close()


@run
async def test_a_part_counts_as_sent_only_when_it_was_committed(monkeypatch: pytest.MonkeyPatch) -> None:
    wrong: Exception | None = Unwritable("no", passing=False)

    def judge(_: list[Trace]) -> None:
        if wrong is not None:
            raise wrong

    store = Memory(judge)
    writer = writer_over(store)
    with pytest.raises(Unwritable):
        await writer.write(ordinary(), [PART])
    wrong = None
    await writer.write(ordinary(), [PART])
    assert store.parts == ["s"]
    await writer.close()


@run
async def test_a_writer_remembers_so_many_parts_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer_module, "KNOWN_PARTS", 10)
    store = Memory()
    writer = writer_over(store)
    for number in range(25):
        await writer.write(ordinary(), [Part("state", str(number), b"{}")])
    await writer.write(ordinary(), [Part("state", "24", b"{}"), Part("state", "0", b"{}")])
    assert store.parts == [*map(str, range(25)), "0"]
    assert len(writer._known) == 10
    await writer.close()


def test_a_loop_that_ended_without_closing_the_writer_does_no_harm() -> None:
    gate = Gate()
    store = Memory(gate)
    kept: list[Writer] = []

    async def leave() -> None:
        writer = writer_over(store)
        kept.append(writer)
        task = asyncio.create_task(writer.write(ordinary()))
        await until(gate.entered.is_set)
        task.cancel()

    asyncio.run(leave())
    gate.open.set()
    kept[0]._incoming.put(None)
    kept[0]._thread.join(5)
    assert not kept[0]._thread.is_alive()
    assert len(store.traces) == 1
