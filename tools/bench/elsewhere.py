"""What is measured by modules of its own, which can be run alone: loading, memory, imports."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from bench.results import Cost

_UNITS: Final = {"median_us": "us", "milliseconds": "ms", "megabytes": "MB"}


def loading(rounds: int) -> Iterator[Cost]:
    """Policies from values and from bytes."""
    from bench import load

    yield from map(_cost, load.measure(rounds))


def memory() -> Iterator[Cost]:
    """A snapshot of 20,000 candidates, and what hangs on it."""
    from bench import memory

    yield from map(_cost, memory.measure())


def imports() -> Iterator[Cost]:
    """What `import policy_ir` loads."""
    from bench import imports

    yield from map(_cost, imports.measure())


def _cost(row: Mapping[str, Any]) -> Cost:
    key, unit = next((key, unit) for key, unit in _UNITS.items() if key in row)
    loads = row.get("loads")
    note = "" if loads is None else "loads " + (", ".join(loads) or "no large library")
    return Cost(name=row["name"], figure=row[key], unit=unit, p99=row.get("p99_us"), note=note, loads=loads)
