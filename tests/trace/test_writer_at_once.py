"""Writing within the event loop: only where nothing has to be waited for, and with the same promises."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from pathlib import Path
from threading import current_thread, main_thread

import attrs
import pytest
from running import run
from some_traces import ordinary

from policy_ir.trace import writer as writer_module
from policy_ir.trace.parts import Part
from policy_ir.trace.record import Trace
from policy_ir.trace.store import Store, Unwritable
from policy_ir.trace.writer import Writer

PART = Part("state", "s", b"{}")


@attrs.define(eq=False)
class Both:
    """A store in memory that can be written at once, as long as `ready` says so."""

    ready: Callable[[], bool] = lambda: True
    at_once: list[list[str]] = attrs.field(factory=list)
    beside: list[list[str]] = attrs.field(factory=list)
    parts: list[str] = attrs.field(factory=list)

    def write(self, traces: Sequence[Trace], parts: Iterable[Part] = ()) -> None:
        assert current_thread() is not main_thread()
        self.beside.append([trace.id for trace in traces])
        self.parts += [part.digest for part in parts]

    def write_at_once(self, traces: Sequence[Trace], parts: Iterable[Part]) -> bool:
        assert current_thread() is main_thread()
        if not self.ready():
            return False
        self.at_once.append([trace.id for trace in traces])
        self.parts += [part.digest for part in parts]
        return True


def writer_over(store: Both) -> Writer:
    return Writer(store, loop=asyncio.get_running_loop(), at_once=store.write_at_once)


@run
async def test_what_comes_in_one_turn_of_the_loop_is_committed_together_in_it() -> None:
    store = Both()
    writer = writer_over(store)
    traces = [ordinary() for _ in range(5)]
    await asyncio.gather(*(writer.write(trace, [PART]) for trace in traces))
    await writer.write(ordinary(), [PART])
    assert [len(batch) for batch in store.at_once] == [5, 1]
    assert store.at_once[0] == [trace.id for trace in traces]
    assert (store.parts, store.beside) == (["s"], [])
    assert (writer.written, writer.queued, writer.failed) == (6, 0, 0)
    await writer.close()


@run
async def test_what_the_loop_cannot_write_at_once_the_thread_writes() -> None:
    store = Both(ready=lambda: False)
    writer = writer_over(store)
    await asyncio.gather(*(writer.write(ordinary(), [PART]) for _ in range(3)))
    assert (sum(map(len, store.beside)), store.at_once, store.parts) == (3, [], ["s"])
    assert (writer.written, writer.queued) == (3, 0)
    await writer.close()


@run
async def test_after_a_slow_commit_the_thread_writes_for_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer_module, "SLOW_S", 0.001)

    def slowly() -> bool:
        time.sleep(0.003)
        return True

    store = Both(slowly)
    writer = writer_over(store)
    first, second = ordinary(), ordinary()
    await writer.write(first)
    await writer.write(second)
    assert (store.at_once, store.beside) == ([[first.id]], [[second.id]])
    await writer.close()


@run
async def test_what_has_gathered_when_the_writer_is_closed_is_written() -> None:
    store = Both()
    writer = writer_over(store)
    written = asyncio.create_task(writer.write(ordinary()))
    await asyncio.sleep(0)
    await writer.close()
    await written
    assert len(store.at_once) == 1


@run
async def test_a_trace_that_nobody_can_write_does_not_keep_the_others_back(tmp_path: Path) -> None:
    store = Store.open(str(tmp_path / "traces.db"))
    writer = Writer(store, loop=asyncio.get_running_loop(), at_once=store.at_once)
    bad, good = ordinary(ended_ms=float("nan")), ordinary()
    told = await asyncio.gather(writer.write(bad), writer.write(good), return_exceptions=True)
    assert isinstance(told[0], Unwritable)
    assert told[1] is None
    assert store.get(good.id) == good
    await writer.close()
    store.close()


@run
async def test_a_file_that_somebody_else_writes_is_waited_for_beside_the_loop(tmp_path: Path) -> None:
    path = tmp_path / "traces.db"
    store = Store.open(str(path))
    writer = Writer(store, loop=asyncio.get_running_loop(), at_once=store.at_once)
    first, second = ordinary(), ordinary()
    await writer.write(first, [PART])
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        written = asyncio.create_task(writer.write(second))
        began = time.monotonic()
        await asyncio.sleep(0.05)
        assert time.monotonic() - began < 1.0  # the loop has gone on
        assert not written.done()
        other.execute("COMMIT")
    await written
    assert [one.id for one in store.iterate()] == sorted([first.id, second.id])
    await writer.close()
    store.close()


@run
async def test_a_file_that_is_gone_is_made_again(tmp_path: Path) -> None:
    path = tmp_path / "traces.db"
    store = Store.open(str(path))
    writer = Writer(store, loop=asyncio.get_running_loop(), at_once=store.at_once)
    await writer.write(ordinary())
    for one in tmp_path.iterdir():
        one.unlink()
    last = ordinary()
    await writer.write(last)
    with Store.open(str(path), create=False) as other:
        assert [one.id for one in other.iterate()] == [last.id]
    await writer.close()
    store.close()


def test_a_store_in_another_place_is_not_written_at_once(store_url: str) -> None:
    with Store.open(store_url) as store:
        assert (store.at_once is None) == store_url.startswith("postgresql")
