"""Processes that share a store, and processes that are killed: nothing acknowledged is lost, nothing is doubled."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
import writing_process

from policy_ir.trace.store import Store


@contextmanager
def process(url: str, number: int, concurrency: int) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, str(writing_process.__file__), url, str(number), str(concurrency)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as started:
        try:
            yield started
        finally:
            started.kill()


def acknowledged(started: subprocess.Popen[str]) -> list[str]:
    """The ids that a process has printed to its end, whole lines only."""
    assert started.stdout is not None
    return [line[:-1] for line in started.stdout if line.endswith("\n")]


def test_a_killed_process_loses_no_acknowledged_trace_and_leaves_a_readable_store(tmp_path: Path) -> None:
    path = tmp_path / "traces.db"
    known: set[str] = set()
    Store.open(str(path)).close()
    for life in range(4):
        with process(str(path), 10**6, 8) as started, Store.open(str(path), create=False) as reader:
            assert started.stdout is not None
            known |= {started.stdout.readline()[:-1] for _ in range(60 + 70 * life)}
            # Who reads meanwhile sees everything that was acknowledged, and can go on reading after the kill.
            assert known <= {trace.id for trace in reader.iterate()}
            started.kill()
            known |= set(acknowledged(started))
            assert known <= {trace.id for trace in reader.iterate()}
        with closing(sqlite3.connect(path)) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    with Store.open(str(path)) as store:
        found = list(store.iterate())
        assert known <= {trace.id for trace in found}
        assert len(found) - len(known) <= 4 * 8  # committed, and killed before it was said
        assert {store.part("state", trace.state) for trace in found if trace.state} == {b"{}" * 50}


def test_a_killed_process_loses_no_acknowledged_trace_in_postgresql(postgresql_url: str) -> None:
    with Store.open(postgresql_url) as store, process(postgresql_url, 10**6, 8) as started:
        assert started.stdout is not None
        known = {started.stdout.readline()[:-1] for _ in range(100)}
        started.kill()
        known |= set(acknowledged(started))
        assert known <= {trace.id for trace in store.iterate()}


def test_two_processes_write_to_one_store_and_nothing_is_lost_or_doubled(store_url: str) -> None:
    each = 400
    # Both make the store, if it comes to that.
    with process(store_url, each, 8) as one, process(store_url, each, 8) as other:
        said = [acknowledged(started) for started in (one, other)]
        assert [started.wait(30) for started in (one, other)] == [0, 0], one.stderr and one.stderr.read()
    assert [len(set(ids)) for ids in said] == [each, each]
    with Store.open(store_url, create=False) as store:
        assert sorted(trace.id for trace in store.iterate()) == sorted(said[0] + said[1])


@pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)
def test_old_traces_are_pruned_while_another_process_writes(store_url: str) -> None:
    with process(store_url, 600, 4) as started:
        assert started.stdout is not None
        first = started.stdout.readline()[:-1]
        with Store.open(store_url) as store:
            while store.get(first):
                assert store.prune(time.time() - 0.05) >= 0
        rest = acknowledged(started)
        assert started.wait(30) == 0, started.stderr and started.stderr.read()
    with Store.open(store_url) as store:
        kept = {trace.id for trace in store.iterate()}
        assert rest[-1] in kept
        assert first not in kept
        assert {store.part("state", f"state-{at}") for at in range(5)} == {b"{}" * 50}
