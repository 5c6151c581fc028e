"""How a measurement is laid out on a terminal: the policy's way, and a row for each cost."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from policy_ir.cli import layout
from policy_ir.cli.telling import prose
from policy_ir.report.wording import counted

if TYPE_CHECKING:
    from rich.console import Console

    from policy_ir.cli.bench_costs import Cost
    from policy_ir.cli.bench_verb import Measured

__all__ = ["tell"]

LABELS: Final = {
    ("load", "fresh"): ("load", "bytes never seen"),
    ("load", "known"): ("", "bytes seen before"),
    ("state", "overlay"): ("state", "taken in"),
    ("bind", "first_answer"): ("bind", "to the first answer"),
    ("bind", "prepare"): ("", "preparing"),
    ("bind", "prepare_known_form"): ("", "preparing, form seen before"),
    ("decide", "warm"): ("decide", "winner, warm"),
    ("decide", "new_bounds"): ("", "winner, new bounds"),
    ("decide", "new_shape"): ("", "winner, new shape"),
    ("read", "everything"): ("read", "winner, order, reasons"),
    ("machine", "everything"): ("machine", "all of a decision"),
}


def tell(console: Console, measured: Measured, name: str) -> None:
    """The whole measurement for a person."""
    least, most = min(measured.survivors), max(measured.survivors)
    survive = f"{least:,}" if least == most else f"{least:,} to {most:,}"
    size = counted(measured.candidates, "candidate")
    layout.say(console, (name, layout.HEAD), f" over {size}, of which its filter accepts {survive}")
    if measured.difference is not None:
        _disagreement(console, measured)
        return
    console.print()
    prose(console, f"`{measured.way}`  {measured.about}")
    if measured.hint is not None:
        prose(console, measured.hint)
    console.print()
    _table(console, measured.costs)
    console.print()
    layout.say(console, (_footing(measured), layout.SOFT))


def _disagreement(console: Console, measured: Measured) -> None:
    found = measured.difference
    assert found is not None
    layout.say(
        console, ("evaluator and machine disagree", layout.REFUSED), f" on call {found.call}; nothing is measured"
    )
    layout.say(console, f"machine    {found.machine}")
    layout.say(console, f"evaluator  {found.evaluator}")
    layout.say(
        console, "This is a fault of policy-ir. Please report it with the policy, the catalogue and the command."
    )


def _table(console: Console, costs: Sequence[Cost]) -> None:
    columns: list[tuple[str, layout.Justify]] = [
        ("", "left"),
        ("", "left"),
        ("median µs", "right"),
        ("p99 µs", "right"),
    ]
    columns += [] if layout.narrow() else [("measured", "right")]
    lines = []
    for cost in costs:
        group, case = LABELS[cost.cost, cost.case]
        figures = [_time(cost.median), _time(cost.p99)]
        lines.append([group, case, *figures, *([] if layout.narrow() else [f"{cost.measured:,}"])])
    console.print(layout.rows(layout.table(*columns), lines))


def _time(microseconds: float | None) -> str:
    """Three digits, or all before the point."""
    if microseconds is None:
        return "-"
    digits = 2 if microseconds < 10 else 1 if microseconds < 100 else 0
    return f"{microseconds:,.{digits}f}"


def _footing(measured: Measured) -> str:
    state = f"New with each call: {', '.join(measured.state)}; {measured.down:.1%} of the booleans turned."
    asked = counted(measured.requests, "request")
    return f"{state} {asked}, seed {measured.seed}. The machine agrees on {counted(measured.checked, 'call')}."
