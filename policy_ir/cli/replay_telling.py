"""How replays and backtests are laid out on a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from math import floor, log10
from typing import TYPE_CHECKING, Final

from policy_ir.cli import layout
from policy_ir.cli.telling import prose
from policy_ir.cli.trace_telling import label_of
from policy_ir.report import wording
from policy_ir.trace.backtest import NOT_KNOWN
from policy_ir.trace.plot import NOBODY, day, difference

if TYPE_CHECKING:
    from rich.console import Console

    from policy_ir.trace.backtest import Backtest
    from policy_ir.trace.replay import Replayed, Tally

__all__ = ["tell_backtest", "tell_named", "tell_tally"]

SHOWN: Final = 20
"""Traces, pairs or refusals that are shown; `--format json` has what is listed."""

_VERDICTS: Final = {
    "same": ("decided the same again", layout.KEPT),
    "different": ("decided otherwise", layout.REFUSED),
    "damaged": ("cannot be decided again: a part is missing or damaged", layout.REFUSED),
    "undecided": ("never came to a decision, so there is nothing to compare", layout.SOFT),
    "unreadable": ("records that are no traces any more", layout.REFUSED),
}


# --- replays -------------------------------------------------------------------------------------------------


def tell_tally(console: Console, tally: Tally) -> None:
    """Many traces: the counts, and those that are not the same."""
    _counted(console, tally.traces, tally.first, tally.last)
    if tally.flows:
        layout.say(console, f"{tally.flows:>9,}  of them flows, each node decided again")
    counts = [*tally.counts.items(), ("unreadable", tally.unreadable)]
    for verdict, count in counts:
        words, style = _VERDICTS[verdict]
        if count:
            layout.say(console, (f"{count:>9,}  ", ""), (words, style))
    for replayed in tally.listed[:SHOWN]:
        console.print()
        _one(console, replayed)
    _rest(console, len(tally.listed), "trace")


def tell_named(console: Console, replayed: Sequence[Replayed]) -> None:
    """A few traces, one after the other."""
    for at, one in enumerate(replayed):
        if at:
            console.print()
        _one(console, one)


def _one(console: Console, replayed: Replayed) -> None:
    words, style = _VERDICTS[replayed.verdict]
    node = replayed.trace.node
    layout.say(console, (replayed.trace.id if node is None else f"  {node}", layout.HEAD), "  ", (words, style))
    if replayed.trace.is_flow:
        _of_flow(console, replayed)
    elif replayed.same:
        first, trace = replayed.trace.winner, replayed.trace
        of = wording.counted(trace.eligible + trace.refused + trace.cut, "candidate")
        prose(console, f"{first} comes first of {of}" if first else f"{NOBODY} is left of {of}", indent=2)
        layout.fingerprints(console, [("  decision", str(trace.decision))])
    for found in replayed.differences:
        none = NOBODY if found.part == "winner" else "none"
        pairs = [(f"  {found.part:<10} then", found.then or none), (f"  {'':<10} now", found.now or none)]
        layout.fingerprints(console, pairs, label=19)
    for finding in replayed.findings:
        prose(console, f"{finding.code}: {finding.message}", indent=2)


def _of_flow(console: Console, replayed: Replayed) -> None:
    """How many nodes came out the same, and each of the others."""
    trace = replayed.trace
    same = sum(node.same for node in replayed.nodes)
    of = wording.counted(len(trace.nodes), "node that was run", "nodes that were run")
    prose(console, f"{label_of(trace)}: {same:,} of {of}", indent=2)
    if trace.flow is not None:
        layout.fingerprints(console, [("  flow", trace.flow)])
    for node in replayed.nodes:
        if node.verdict in ("different", "damaged"):
            _one(console, node)


def _counted(console: Console, traces: int, first: float | None, last: float | None) -> None:
    period = f", {day(first)} to {day(last)} UTC" if traces else ""
    layout.say(console, (wording.counted(traces, "trace"), layout.HEAD), period)


def _rest(console: Console, count: int, what: str) -> None:
    if count > SHOWN:
        rest = wording.counted(count - SHOWN, f"more {what}", f"more {what}s")
        layout.say(console, (f"and {rest}; --format json has them", layout.SOFT))


# --- backtests -----------------------------------------------------------------------------------------------


def tell_backtest(console: Console, found: Backtest, name: str) -> None:
    """Another policy over a history: what changes, what that costs, and who is refused."""
    layout.say(console, (name, layout.HEAD), " in place of the policies that the calls came with")
    _counted(console, found.traces, found.first, found.last)
    for count, words in (
        (found.compared, "compared"),
        (found.changed, "of these with another candidate first"),
        (found.emptied, "would have no candidate any more"),
        (found.filled, "that had no candidate would have one"),
        (found.flows, "left out: flows, whose nodes have policies of their own"),
        (found.undecided, "left out: never came to a decision"),
        (found.inadmissible, "left out: the policy is refused under the vocabulary or the catalogue of that time"),
        (found.damaged, "left out: a part is missing or damaged"),
        (found.unreadable, "records that are no traces any more"),
    ):
        if count:
            layout.say(console, f"{count:>9,}  {words}")
    console.print()
    _costs(console, found)
    _pairs(console, found)
    _refusals(console, found)
    _findings(console, found)
    console.print()
    layout.say(console, (f"{NOT_KNOWN[:1].upper()}{NOT_KNOWN[1:]}.", layout.SOFT))


def _costs(console: Console, found: Backtest) -> None:
    if not found.costs:
        layout.say(console, "no cost is known")
        return
    cost = found.cost
    layout.say(console, ("cost ", layout.HEAD), f"{wording.cost(cost.then)} then, {wording.cost(cost.now)} now: ",
               (difference(cost.then, cost.now), layout.HEAD))  # fmt: skip
    basis = [
        f"{found.costs[kind].calls:,} {words}"
        for kind, words in _BASES.items()
        if kind in found.costs and found.costs[kind].calls
    ]
    basis += [f"{found.unpriced:,} left out, whose price is not known"] if found.unpriced else []
    layout.say(console, (f"     calls: {'; '.join(basis)}", layout.SOFT))


_BASES: Final = {
    "usage": "by the tokens that providers counted",
    "estimate": "by estimated tokens",
    "none": "that cost nothing",
}


def _pairs(console: Console, found: Backtest) -> None:
    pairs = found.ranked_pairs()
    if not pairs:
        return
    console.print()
    narrow = layout.narrow()
    columns: list[tuple[str, layout.Justify]] = [("from", "left"), ("to", "left"), ("calls", "right")]
    columns += [] if narrow else [("USD then", "right"), ("USD now", "right")]
    shown = pairs[:SHOWN]
    places = _places(max(max(pair.priced.then, pair.priced.now) for *_, pair in shown))
    lines = []
    for then, now, pair in shown:
        sums = pair.priced
        usd = [f"{sums.then:,.{places}f}", f"{sums.now:,.{places}f}", f"{sums.difference:+,.{places}f}"]
        usd = usd if sums.calls else ["?"] * 3
        lines.append([then or NOBODY, now or NOBODY, f"{pair.calls:,}", *(usd[2:] if narrow else usd)])
    console.print(layout.rows(layout.table(*columns, ("difference", "right")), lines))
    _rest(console, len(pairs), "pair")


def _places(most: float) -> int:
    """Digits after the point, the same in all rows: four of the greatest amount count, and cents always."""
    return 4 if most <= 0 else min(max(3 - floor(log10(most)), 2), 9)


def _refusals(console: Console, found: Backtest) -> None:
    refusals = found.ranked_refusals()
    if not refusals:
        return
    console.print()
    layout.say(console, ("refused now", layout.REFUSED), ", of those that came first")
    made = layout.table(("", "right"), ("", "left"), ("", "left"), header=False)
    lines = [[f"{calls:>7,}", candidate, reason] for candidate, reason, calls in refusals[:SHOWN]]
    console.print(layout.rows(made, lines))
    _rest(console, len(refusals), "refusal")


def _findings(console: Console, found: Backtest) -> None:
    for id, diagnostics in found.findings[:SHOWN]:
        console.print()
        layout.say(console, (id, layout.HEAD))
        for finding in diagnostics:
            prose(console, f"{finding.code}: {finding.message}", indent=2)
    _rest(console, len(found.findings), "trace")
