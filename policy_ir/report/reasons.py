"""Why the first of the order is the first, in a few sentences."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, assert_never

from policy_ir.report import wording
from policy_ir.report.entries import by_cut

if TYPE_CHECKING:
    from policy_ir.explanation import Choice, Explanation, Gap
    from policy_ir.report.places import Places
    from policy_ir.terms import Origin

NAMED = 2
"""How many summands that put a candidate ahead are named."""


def why(explanation: Explanation, places: Places) -> tuple[str, ...]:
    """The sentences; names that authors write stand in `backticks`."""
    return tuple(_why(explanation, places))


def _why(explanation: Explanation, places: Places) -> Iterator[str]:
    decision = explanation.decision
    size = decision.snapshot.size
    kept = len(decision.ordered) + len(decision.cut)
    if not decision.ordered:
        if size == 0:
            yield "The catalogue is empty."
        elif decision.cut:
            yield (
                f"The filter accepts {wording.counted(kept, 'candidate')} of {size:,}, and the selector cuts "
                f"{'it' if kept == 1 else 'all of them'}."
            )
        else:
            yield f"The filter refuses all {wording.counted(size, 'candidate')}."
        return
    accepted = f"the {wording.counted(kept, 'candidate')} that the filter accepts, of {size:,}"
    choice, second = explanation.choice, explanation.runner_up
    if choice is None or second is None:
        if kept == 1:
            yield f"It is the only candidate that the filter accepts, of {size:,}."
        else:
            cuts = " and ".join(by for by, _ in by_cut(decision))
            yield f"It is the one that `{cuts}` leaves of {accepted}."
        return
    yield from _compared(explanation, choice, second.id, accepted, places)


def _compared(explanation: Explanation, choice: Choice, second: str, accepted: str, places: Places) -> Iterator[str]:
    winner, rival = explanation.decision.ordered[:2]
    scores = f"{wording.score(winner.score)}", f"{wording.score(rival.score)}"
    clause = _written(choice.origin, places)
    match choice.by:
        case "score":
            yield f"It has the highest score of {accepted}: {scores[0]}. `{second}` follows with {scores[1]}."
            yield from _gaps(choice.gaps, second, places)
        case "preference":
            yield f"It is preferred to `{second}`, the next of {accepted}, by {clause}."
            if rival.score > winner.score:
                yield f"By its score alone, {scores[0]}, it would come after `{second}` with {scores[1]}."
        case "position":
            yield f"It stands before `{second}` in the chain, the order that the policy gives {accepted}."
        case "draw":
            seed = explanation.decision.seed
            with_seed = "without a seed" if seed is None else f"with the seed {seed}"
            yield f"It is drawn first {with_seed}, of {accepted}; `{second}` is drawn next."
        case "catalogue":
            yield (
                f"Nothing in the policy tells it from `{second}`, the next of {accepted}; it stands earlier in the "
                "catalogue."
            )
        case _:
            assert_never(choice.by)


def _gaps(gaps: tuple[Gap, ...], second: str, places: Places) -> Iterator[str]:
    """Which summands put the first ahead, and which hold it back."""
    ahead = [gap for gap in gaps if gap.difference > 0]
    behind = [gap for gap in gaps if gap.difference < 0]
    if len(gaps) < 2 or not ahead:
        return
    names = [f"{_part(gap, places)} (+{wording.number(gap.difference, 3)})" for gap in ahead[:NAMED]]
    against = [f"{_part(gap, places)} ({wording.number(gap.difference, 3)})" for gap in behind[:NAMED]]
    back = f"; {' and '.join(against)} {'speaks' if len(against) == 1 else 'speak'} for `{second}`" if against else ""
    yield f"What puts it ahead is {' and '.join(names)}{back}."


def _part(gap: Gap, places: Places) -> str:
    place = places.of(gap.origin)
    return f"`{(place.text if place is not None else '') or gap.label}`"


def _written(origin: Origin | None, places: Places) -> str:
    place = places.of(origin)
    if place is None:
        return "the selector"
    return f"`{place.text}`" if place.text else place.at
