"""How a decision is laid out on a terminal: the order, what was refused, the fingerprints."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from policy_ir.cli import layout
from policy_ir.report import wording
from policy_ir.report.answer import Entry
from policy_ir.report.entries import by_clause, by_cut, ordered_entries
from policy_ir.report.gather import identities

if TYPE_CHECKING:
    from rich.console import Console

    from policy_ir.decision import Decision

FIRST = 5
"""How many of the order are shown without `--all`."""


def show_decision(console: Console, decision: Decision, *, all: bool = False) -> None:
    """The whole decision for a person."""
    entries = ordered_entries(decision, None if all else FIRST)
    size = decision.snapshot.size
    if entries:
        layout.say(console, (entries[0].id, layout.CHOSEN), f" is chosen, of {wording.counted(size, 'candidate')}")
        console.print()
        show_order(console, entries)
        more = len(decision.ordered) - len(entries)
        if more:
            layout.say(console, (f"    and {more:,} more in order", layout.SOFT))
    else:
        layout.say(console, ("no candidate is left", layout.REFUSED), f", of {wording.counted(size, 'candidate')}")
    for by, count in by_cut(decision):
        layout.say(console, (f"    {wording.counted(count, 'candidate')} cut by {by}", layout.SOFT))
    console.print()
    show_reasons(console, decision)
    console.print()
    pairs = list(identities(decision))
    if decision.seed is not None:
        pairs.insert(-1, ("seed", str(decision.seed)))
    layout.fingerprints(console, pairs)


def show_order(console: Console, entries: Sequence[Entry]) -> None:
    """The first of the order with prices and scores."""
    called = any(entry.call_cost is not None for entry in entries)
    narrow = layout.narrow()
    columns: list[tuple[str, layout.Justify]] = [("", "right"), ("", "left"), ("USD per Mtok", "left")]
    columns += [("this call", "left")] if called and not narrow else []
    made = layout.table(*columns, ("score", "right"))
    lines = []
    for rank, entry in enumerate(entries, 1):
        cells = [str(rank), entry.id, bare_price(entry)]
        cells += [wording.cost(entry.call_cost)] if called and not narrow else []
        lines.append([*cells, wording.score(float("nan") if entry.score is None else entry.score)])
    console.print(layout.rows(made, lines, styles=["bold"]))


def bare_price(entry: Entry) -> str:
    """The prices under a heading that says what they are of."""
    return wording.price(entry.price_in, entry.price_out).removeprefix("USD ").removesuffix(" per Mtok")


def show_reasons(console: Console, decision: Decision) -> None:
    """How many candidates were refused, by reason."""
    refused = len(decision.rejected)
    if not refused:
        layout.say(console, "nobody is refused")
        return
    layout.say(console, ("refused", layout.REFUSED), f" {refused:,} of {decision.snapshot.size:,}")
    made = layout.table(("", "right"), ("", "left"), ("", "left"), header=False)
    lines = [[f"{count:>7,}", reason, clause] for reason, clause, count in by_clause(decision)]
    console.print(layout.rows(made, lines))
