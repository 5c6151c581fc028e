"""How much memory a snapshot of 20,000 candidates holds: as it was taken, fingerprinted, and with a policy bound to it.

The candidates are those of the shipped catalogue, over and over under other ids, each with texts of its own as if it
had been read from a file, and with a latency and a success rate. Counted is what Python and NumPy have allocated and
not freed. The promise is less than 25 MB, all of it. Usage: python -m bench.memory [CANDIDATES]
"""

from __future__ import annotations

import gc
import json
import sys
import tracemalloc
from collections.abc import Iterator
from typing import Any, Final

import attrs

from bench.tasks import admitted
from policy_ir import Candidate, Snapshot, Vocabulary, get_vocabulary, shipped_snapshot
from policy_ir.evaluator import Evaluator, Overlay

SIZE: Final = 20_000
BOUND: Final = 25.0
"""Megabytes, of 10^6 bytes."""


@attrs.frozen
class Repeated:
    """A catalogue of any size, whose candidates are made while it is read."""

    size: int

    def candidates(self, vocabulary: Vocabulary) -> Iterator[Candidate]:
        shipped = shipped_snapshot()
        records = [json.dumps(attrs.asdict(shipped.candidate(i))) for i in range(shipped.size)]
        for i in range(self.size):
            record = json.loads(records[i % len(records)])
            record["id"] = f"{record['id']}#{i}"
            record["fields"] |= {"latency_ms": 200.0 + i / 7, "success_rate": 1 - i % 100 / 1000}
            yield Candidate(**record)


def measure(size: int = SIZE) -> list[dict[str, Any]]:
    """The megabytes that are held after each step, the steps before it included."""
    _steps(10, [])  # what is imported and made once is no part of a snapshot
    rows: list[dict[str, Any]] = []
    tracemalloc.start()
    try:
        _steps(size, rows)
    finally:
        tracemalloc.stop()
    return rows


def _steps(size: int, rows: list[dict[str, Any]]) -> None:
    before = _held()

    def note(name: str) -> None:
        rows.append({"name": f"snapshot of {size} candidates, {name}", "megabytes": (_held() - before) / 1e6})

    snapshot = Snapshot.take(Repeated(size), get_vocabulary("standard"))
    note("fresh")
    assert snapshot.fingerprint
    note("fingerprinted")
    bound = Evaluator().bind(admitted("A"), snapshot).prepare()
    choice = bound.decide()
    note("with a policy bound to it and decided")
    assert len(choice.ids()) == choice.reasons().count(None)
    note("with the order and the reasons read")
    overlay = Overlay.take(snapshot, {"disabled": bytes(size)})
    assert overlay.snapshot.fingerprint
    note("with a state overlay, fingerprinted")


def _held() -> int:
    gc.collect()
    return tracemalloc.get_traced_memory()[0]


def main(size: int) -> int:
    rows = measure(size)
    for row in rows:
        print(f"{row['megabytes']:7.2f} MB  {row['name']}")
    print(f"{BOUND:7.2f} MB  bound")
    return 0 if all(row["megabytes"] < BOUND for row in rows) else 3


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else SIZE))
