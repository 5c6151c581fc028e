"""The results as tables for a terminal."""

from __future__ import annotations

from collections.abc import Iterator

from rich.table import Table

from bench.contenders.arrays import Arrays
from bench.contenders.compiled import Order
from bench.contenders.plain import Plain
from bench.results import Results, Row

_YARDSTICKS = (Plain.name, Arrays.name, Order.name)


def tables(results: Results) -> Iterator[Table]:
    """A table for each task and day, one of the other costs, one of the promises."""
    for task, day in dict.fromkeys((row.task, row.day) for row in results.rows):
        yield _decisions(results, task, day)
    if results.costs:
        yield _costs(results)
    if results.claims:
        yield _claims(results)


def _decisions(results: Results, task: str, day: str) -> Table:
    table = Table(title=f"decide {task}, {day} day: microseconds, and ratios of medians", title_justify="left")
    table.add_column("N", justify="right")
    table.add_column("contender")
    for heading in ("median", "p99", "p99 of all", *(f"/ {name}" for name in _YARDSTICKS), "calls"):
        table.add_column(heading, justify="right")
    rows = [row for row in results.rows if (row.task, row.day) == (task, day)]
    for size in dict.fromkeys(row.size for row in rows):
        for row in (row for row in rows if row.size == size):
            table.add_row(
                f"{size:,}",
                row.contender,
                f"{row.median_ns / 1000:.2f}",
                f"{row.p99_ns / 1000:.2f}",
                f"{row.p99_of_all_ns / 1000:.2f}",
                *(_against(row, results.row(task, day, size, name)) for name in _YARDSTICKS),
                str(row.calls),
            )
        table.add_section()
    return table


def _against(row: Row, other: Row | None) -> str:
    return "" if other is None else ratio(row.median_ns / other.median_ns)


def ratio(value: float) -> str:
    """A ratio with three digits that mean something."""
    return f"{value:.3g}" if value < 1000 else f"{value:.0f}"


def _costs(results: Results) -> Table:
    table = Table(title="around decisions", title_justify="left")
    table.add_column("what")
    for heading in ("figure", "p99"):
        table.add_column(heading, justify="right")
    table.add_column("unit")
    table.add_column("")
    for cost in results.costs:
        tail = "" if cost.p99 is None else f"{cost.p99:,.2f}"
        table.add_row(cost.name, f"{cost.figure:,.2f}", tail, cost.unit, cost.note)
    return table


def _claims(results: Results) -> Table:
    table = Table(title="promises", title_justify="left")
    table.add_column("what")
    table.add_column("figure", justify="right")
    table.add_column("bound", justify="right")
    table.add_column("holds")
    for claim in results.claims:
        sign = "at least" if claim.at_least else "at most"
        missed = "[red]no[/red]" if claim.binding else "no, and need not"
        table.add_row(
            claim.text,
            f"{ratio(claim.figure)} {claim.unit}",
            f"{sign} {claim.bound:g} {claim.unit}",
            "yes" if claim.holds else missed,
        )
    return table
