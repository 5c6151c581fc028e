"""How conformance runs are laid out on a terminal: chapters, failures with what to look at, and the verdict."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from policy_ir.cli import layout
from policy_ir.conformance.report.results import FAILING, Judged, Results
from policy_ir.report.wording import counted

if TYPE_CHECKING:
    from rich.console import Console

    from policy_ir.conformance.suite import Vector

SHOWN = 20
"""Failures that are shown without `--all`."""
REASONS = 8
"""Reasons for skipping that are shown of one subject without `--all`."""
RULES = 6
"""Rules that are named of one failure without `--all`."""


def tell(screen: Console, results: Results, *, all: bool = False) -> None:
    """The whole report; the verdict comes last, where the eye is."""
    _chapters(screen, results)
    failures = [v for v in results.vectors if any(results.status(one, v.id) in FAILING for one in results.subjects)]
    for vector in failures if all else failures[:SHOWN]:
        screen.print()
        _failure(screen, results, vector, all=all)
    hidden = 0 if all else len(failures) - SHOWN
    if hidden > 0:
        screen.print()
        layout.say(screen, (f"and {hidden:,} more that fail; --all shows them, --html FILE writes a page", layout.SOFT))
    for one in results.subjects:
        _left_out(screen, results, one, all=all)
    screen.print()
    for one in results.subjects:
        _verdict(screen, results, one)


def _chapters(screen: Console, results: Results) -> None:
    if len(results.subjects) == 1:
        one = results.subjects[0]
        kinds = [("passed", "pass"), ("failed", "fail"), ("known", "known"), ("skipped", "skip")]
        shown = [(title, status) for title, status in kinds if status in ("pass", "fail") or one.counts[status]]
        made = layout.table(("chapter", "left"), *((title, "right") for title, _ in shown))
        lines, styles = [], []
        for chapter, vectors in results.chapters.items():
            counts = results.tally(one, [vector.id for vector in vectors])
            counts["fail"] += counts["unexpected-pass"]
            lines.append([chapter, *(f"{counts[status]:,}" if counts[status] else "" for _, status in shown)])
            styles.append(layout.REFUSED if counts["fail"] else "")
        screen.print(layout.rows(made, lines, styles=styles))
        return
    made = layout.table(("chapter", "left"), *((one.name, "left") for one in results.subjects))
    lines, styles = [], []
    for chapter, vectors in results.chapters.items():
        tallies = [results.tally(one, [vector.id for vector in vectors]) for one in results.subjects]
        lines.append([chapter, *map(_cell, tallies)])
        styles.append(layout.REFUSED if any(counts[status] for counts in tallies for status in FAILING) else "")
    screen.print(layout.rows(made, lines, styles=styles))


def _cell(counts: dict[str, int]) -> str:
    """Counts as a few words: `512`, or `510, 2 failed`; a dash where nothing was asked."""
    failed = counts["fail"] + counts["unexpected-pass"]
    parts = [f"{counts['pass']:,}"] if counts["pass"] or not sum(counts.values()) - counts["pass"] else []
    parts += [f"{count:,} {word}" for count, word in ((failed, "failed"), (counts["known"], "known"),
                                                      (counts["skip"], "skipped")) if count]  # fmt: skip
    return ", ".join(parts) if sum(counts.values()) else "-"


# --- failures ------------------------------------------------------------------------------------------------


def _failure(screen: Console, results: Results, vector: Vector, *, all: bool) -> None:
    from rich.padding import Padding

    layout.say(screen, (vector.id, layout.HEAD))
    layout.say(screen, vector.comment)
    for one in results.subjects:
        outcome = one.by_id.get(vector.id)
        if outcome is None or (len(results.subjects) == 1 and outcome.status not in FAILING):
            continue
        said = _said(outcome.status, outcome.message)
        style = layout.REFUSED if outcome.status in FAILING else layout.SOFT
        name = f"{one.name}: " if len(results.subjects) > 1 else ""
        for at, line in enumerate(said.split("\n")):
            text = layout.assembled((name if not at else " " * len(name), layout.SOFT), (line, style))
            screen.print(Padding(text, (0, 0, 0, 2)))
    if all:
        for one in results.subjects:
            _stderr(screen, one, vector)
    rules = vector.rules if all else vector.rules[:RULES]
    more = f" and {len(vector.rules) - len(rules)} more" if len(rules) < len(vector.rules) else ""
    if rules:
        screen.print(Padding(layout.assembled(("by ", layout.SOFT), ", ".join(rules) + more), (0, 0, 0, 2)))
    screen.print(layout.assembled((f"  policy-ir conformance show {vector.id}", layout.SOFT)), soft_wrap=True)


def _stderr(screen: Console, one: Judged, vector: Vector) -> None:
    """The end of what a subject wrote to its standard error before it had to be started again."""
    outcome = one.by_id.get(vector.id)
    if outcome is not None and outcome.stderr.strip():
        layout.say(screen, (f"  {one.name} wrote to its standard error, at last:", layout.SOFT))
        for line in outcome.stderr.strip().splitlines()[-20:]:
            screen.print(layout.assembled((f"    {line}", layout.SOFT)), soft_wrap=True)


def _said(status: str, message: str) -> str:
    match status:
        case "pass":
            return "passes"
        case "skip":
            return f"skipped: {message}"
        case "known":
            return f"known failure: {message}"
        case _:
            return message


# --- what was not asked, and the verdict ---------------------------------------------------------------------


def _left_out(screen: Console, results: Results, one: Judged, *, all: bool) -> None:
    """The skipped by reason, and the known failures."""
    name = f"{one.name}: " if len(results.subjects) > 1 else ""
    if one.skipped:
        screen.print()
        layout.say(screen, (f"{name}{one.counts['skip']:,} skipped", layout.HEAD))
        made = layout.table(("", "right"), ("", "left"))
        shown = one.skipped if all else one.skipped[:REASONS]
        lines = [[f"{count:,}", why] for why, count in shown]
        rest = sum(count for _, count in one.skipped[len(shown) :])
        lines += [[f"{rest:,}", "for other reasons; --all shows them"]] if rest else []
        screen.print(layout.rows(made, lines))
    if one.counts["known"]:
        screen.print()
        layout.say(screen, (f"{name}{counted(one.counts['known'], 'known failure')}", layout.HEAD))
        by_message: dict[str, list[str]] = defaultdict(list)
        for outcome in one.run.outcomes:
            if outcome.status == "known":
                by_message[outcome.message].append(outcome.vector.id)
        for message, ids in by_message.items():
            others = f" and {len(ids) - 1:,} more" if len(ids) > 1 and not all else ""
            layout.say(screen, f"  {', '.join(ids) if all else ids[0]}{others}: ", (message, layout.SOFT))


def _verdict(screen: Console, results: Results, one: Judged) -> None:
    asked = len(one.run.outcomes)
    name = one.title if one.name == one.run.hello.get("implementation") else f"{one.name} ({one.title})"
    took = f" in {one.run.seconds:.1f} s" if screen.is_terminal else ""  # what is kept is to be the same each time
    if one.failing:
        said, style = f"{one.failing:,} of {counted(asked, 'vector')} failed", layout.REFUSED
    elif one.counts["skip"] == asked:
        said, style = f"none of {counted(asked, 'vector')} was asked", layout.REFUSED
    elif one.counts["pass"] == asked:
        said, style = (f"all {asked:,} vectors passed" if asked > 1 else "the vector passed"), layout.KEPT
    else:
        said, style = f"{one.counts['pass']:,} of {counted(asked, 'vector')} passed, none failed", layout.KEPT
    rest = [f"{one.counts[status]:,} {word}" for status, word in (("known", "known to fail"), ("skip", "skipped"))
            if one.counts[status]]  # fmt: skip
    layout.say(screen, (name, layout.HEAD), ": ", (said, style), f"{''.join(', ' + part for part in rest)}{took}")
    if one.run.ending:
        layout.say(
            screen,
            (
                f"  {one.run.ending}; at its end it writes nothing further, and ends with the exit status 0",
                layout.REFUSED,
            ),
        )
