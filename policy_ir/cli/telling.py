"""How an explanation is laid out on a terminal: an answer that is read from the top."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from policy_ir.cli import layout
from policy_ir.cli.screen import width
from policy_ir.cli.showing import show_order
from policy_ir.diagnostics import legible
from policy_ir.report import wording
from policy_ir.report.places import Places

if TYPE_CHECKING:
    from rich.console import Console

    from policy_ir.explanation import Explanation
    from policy_ir.report.answer import Answer, Cause, Finding, Part, Place

EXAMPLES = 2
"""Candidates that are shown of each cause without `--all`."""
ORDER = 5
"""Candidates of the order that are shown without `--all`."""


def tell(console: Console, answer: Answer, places: Places, *, all: bool = False) -> None:
    """The whole answer: who and why, the order, the score, and every cause of refusal with its clause."""
    if answer.chosen is None:
        layout.say(console, ("No candidate is left.", layout.REFUSED))
    else:
        layout.say(console, (answer.chosen.id, layout.CHOSEN), " is chosen.")
    for sentence in answer.why:
        prose(console, sentence)
    if answer.order:
        console.print()
        show_order(console, answer.order if all else answer.order[:ORDER])
        hidden = len(answer.order) - ORDER
        if hidden > 0 and not all:
            layout.say(console, (f"   and {hidden:,} more in order; --all shows them", layout.SOFT))
    if answer.cut:
        by = " and ".join(dict.fromkeys(why for _, why in answer.cut))
        layout.say(console, (f"   {wording.counted(len(answer.cut), 'candidate')} cut by {by}", layout.SOFT))
    if answer.parts:
        console.print()
        _scores(console, answer)
    for cause in answer.causes:
        console.print()
        _cause(console, cause, places, all=all)
    console.print()
    layout.fingerprints(console, answer.fingerprints)


def prose(console: Console, sentence: str, *, indent: int = 0) -> None:
    """A sentence; what stands in `backticks` is a name and stands out by weight where there are colours."""
    from rich.padding import Padding
    from rich.text import Text

    pieces = legible(sentence).split("`")
    text = Text()
    for at, piece in enumerate(pieces):
        if at % 2 and console.color_system:
            text.append(piece, layout.HEAD)
        else:
            text.append(f"`{piece}`" if at % 2 else piece)
    console.print(Padding(text, (0, 0, 0, indent)))


# --- the score -----------------------------------------------------------------------------------------------


def _scores(console: Console, answer: Answer) -> None:
    shown = answer.compared[:2] if layout.narrow() else answer.compared
    made = layout.table(("score", "left"), *((str(rank), "right") for rank, _ in enumerate(shown, 1)))
    lines = [_row(part, len(shown)) for part in answer.parts]
    total = [wording.score(float("nan") if entry.score is None else entry.score) for entry in shown]
    styles = [layout.SOFT if part.depth else "" for part in answer.parts]
    console.print(layout.rows(made, [*lines, ["sum" if _summands(answer) > 1 else "score", *total]], styles=styles))


def _summands(answer: Answer) -> int:
    return sum(part.depth == 0 for part in answer.parts)


def _row(part: Part, columns: int) -> list[str]:
    return ["  " * part.depth + part.label, *part.texts[:columns]]


# --- refusals ------------------------------------------------------------------------------------------------


def _cause(console: Console, cause: Cause, places: Places, *, all: bool) -> None:
    count = wording.counted(len(cause.findings), "candidate")
    floor = " (the host's floor)" if cause.by_floor else ""
    verb = "is" if len(cause.findings) == 1 else "are"
    layout.say(console, (f"{count} {verb} refused", layout.REFUSED), f"{floor}: {cause.sentence.replace('`', '')}")
    if cause.place is not None:
        show_place(console, cause.place, places, cause.reason)
    shown = cause.findings if all else cause.findings[:EXAMPLES]
    for finding in shown:
        _finding(console, finding)
    hidden = len(cause.findings) - len(shown)
    if hidden > 0:
        layout.say(console, (f"     and {hidden:,} more; --all shows them", layout.SOFT))


def _finding(console: Console, finding: Finding, *, indent: int = 5) -> None:
    from rich.padding import Padding

    head = layout.assembled((finding.entry.id, layout.HEAD), f": {finding.observed.replace('`', '')}")
    console.print(Padding(head, (0, 0, 0, indent)))
    for change in finding.changes:
        line = layout.assembled(("needs ", layout.SOFT), change.replace("`", ""))
        console.print(Padding(line, (0, 0, 0, indent + 2)))


def show_place(console: Console, place: Place, places: Places, reason: str | None = None) -> None:
    """Where a clause stands, its line, and a mark under it."""
    said = "" if reason is None else f"  reason {reason}"
    line = places.line(place)
    if line is None:
        layout.say(console, (f"  at {place.name} {place.pointer}{said}", layout.SOFT))
        return
    text, start, end = line
    number = str(place.line)
    room = max(20, width() - len(number) - 6)
    text, start, end = _window(text.replace("\t", " "), start, end, room)
    gutter = " " * len(number)
    layout.say(console, (f"  {gutter}--> {place.at}{said}", layout.SOFT))
    layout.say(console, (f"  {number} | ", layout.SOFT), text)
    layout.say(console, (f"  {gutter} | ", layout.SOFT), (" " * start + "^" * max(1, end - start), layout.REFUSED))


def _window(text: str, start: int, end: int, room: int) -> tuple[str, int, int]:
    """A line cut to the room there is, around its mark."""
    printable = "".join(ch if ch.isprintable() else "�" for ch in text)
    if len(printable.rstrip()) <= room:
        return printable.rstrip(), start, min(end, len(printable.rstrip()))
    left = max(0, min(start - 4, len(printable) - room))
    cut = printable[left : left + room]
    cut = f"{'…' if left else cut[:1]}{cut[1:-1]}{'…' if left + room < len(printable) else cut[-1:]}"
    return cut, start - left, min(end - left, len(cut))


# --- one candidate -------------------------------------------------------------------------------------------


def tell_candidate(console: Console, explanation: Explanation, index: int) -> None:
    """What became of one candidate, whatever it was."""
    from policy_ir.report.gather import score_rows, words_of

    decision = explanation.decision
    places = Places(decision.program.documents)
    name = decision.snapshot.ids[index]
    for refusal in explanation.refused:
        if refusal.index != index:
            continue
        count = len(refusal.remedies)
        layout.say(
            console, (name, layout.HEAD), (" is refused", layout.REFUSED), f", with the reason {refusal.reason}."
        )
        words = words_of(decision, (remedy.evidence for remedy in refusal.remedies), places)
        layout.say(
            console,
            f"{wording.counted(count, 'clause')} of the filter {'speak' if count > 1 else 'speaks'} against it.",
        )
        for remedy in refusal.remedies:
            console.print()
            floor = " (the host's floor)" if remedy.evidence.by_floor else ""
            prose(console, f"{words.seen(remedy.evidence)}; {words.asked(remedy.evidence)}{floor}")
            place = places.of(remedy.evidence.origin)
            if place is not None:
                show_place(console, place, places)
            for change in words.needed([remedy]):
                prose(console, f"needs {change}", indent=2)
        return
    for cut in explanation.cut:
        if cut.index == index:
            layout.say(
                console, (name, layout.HEAD), f" is accepted by the filter, with the score {wording.score(cut.score)},"
                f" and cut by {cut.by} of the selector."
            )  # fmt: skip
            return
    position = next(at for at, entry in enumerate(decision.ordered) if entry.index == index)
    entry = decision.ordered[position]
    layout.say(
        console, (name, layout.CHOSEN if position == 0 else layout.HEAD),
        f" is number {position + 1} of {len(decision.ordered):,} in order; its score is {wording.score(entry.score)}.",
    )  # fmt: skip
    if position == 0:
        from policy_ir.report.reasons import why

        for sentence in why(explanation, places):
            prose(console, sentence)
    lines: Sequence[Part] = score_rows([explanation.score(position).parts], places)
    if lines:
        console.print()
        made = layout.table(("score", "left"), ("", "right"))
        styles = [layout.SOFT if part.depth else "" for part in lines]
        console.print(layout.rows(made, [_row(part, 1) for part in lines], styles=styles))
