"""The way that a policy takes to its winners, in words: what it does, and why it takes no shorter one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from math import isfinite
from typing import TYPE_CHECKING, Final, Literal

from policy_ir.signature import subterms_of
from policy_ir.terms import FieldScore, Pred, Sample, Scorer, Term
from policy_ir.vocabulary import FORMULAS

if TYPE_CHECKING:
    from policy_ir.evaluator import Bound
    from policy_ir.evaluator.program import Program
    from policy_ir.snapshot import Snapshot
    from policy_ir.vocabulary import Vocabulary

__all__ = ["ABOUT", "hint"]

Part = Literal["state", "request"]

ABOUT: Final = {
    "walk": "An order is kept, and walked to the first candidate that is up. This hardly grows with the catalogue.",
    "climb": "The candidates are kept in the order of a usual request, and looked at until none that follows can score"
    " more. This hardly grows with the catalogue.",
    "scan": "The scores of all candidates that may be tried are calculated, in arrays. This grows with their number.",
    "whole": "The whole order is made, in arrays. This grows with the catalogue.",
}
"""What each way does."""


def hint(bound: Bound) -> str | None:
    """Why a binding takes no shorter way; None where it does."""
    program = bound.program
    match bound.way:
        case "scan":
            return _why_scanned(program, bound.snapshot)
        case "whole":
            return _why_whole(program)
        case _:
            return None


def _why_scanned(program: Program, snapshot: Snapshot) -> str:
    rank, vocabulary = program.policy.rank, program.vocabulary
    if state := _named(rank, "state", vocabulary):
        return f"The rank looks at the state ({state}), which is new with each call. A filter may, and still be walked."
    if program.is_settled(rank):
        names = _listed(_not_finite(program, snapshot))
        return f"The rank brings {names or 'a score'} to 0..1, which is not finite for every candidate."
    asked = _named(rank, "request", vocabulary) or "what the request requires"
    if normalized := _normalized(program):
        why = f"The rank brings {normalized} to 0..1, which the numbers of the request change."
        return f"{why} Ranked as it is, without `normalize`, it may be climbed."
    if program.pick is not None and program.pick.prefer is not None:
        return f"The rank looks at the request ({asked}) under `prefer`."
    if program.pick is not None and isinstance(program.pick.order, Sample):
        return f"The rank looks at the request ({asked}) under `sample`."
    return f"The rank looks at the request ({asked}), and does not rise or fall with each of its other parts."


def _why_whole(program: Program) -> str:
    from policy_ir.evaluator.sources import sources

    if program.pick is None:
        return "Who comes first depends on the whole order under this selector."
    rank, prefer = program.policy.rank, program.pick.prefer
    told = [term for term in (rank, prefer) if term is not None and not sources(term, program.vocabulary) - {"request"}]
    if prefer in told or (rank in told and not program.is_settled(rank)):
        return "The rank or the selector looks at nothing that tells one candidate from another."
    return "A part of it asks what the request requires beside what moves, or for a tag of the state: that has no code."


def _normalized(program: Program) -> str:
    """What is normalised and changed by the request."""
    inner = (node.scorer for node in program.normalizes if node not in program.leaves)
    return _listed(_fields(inner, "request", program.vocabulary))


def _named(term: Term, part: Part, vocabulary: Vocabulary) -> str:
    """The fields by which a term looks at a part of the world."""
    return _listed(_fields([term], part, vocabulary))


def _fields(terms: Iterable[Term], part: Part, vocabulary: Vocabulary) -> Iterator[str]:
    from policy_ir.evaluator.sources import sources

    for node in _nodes(terms):
        field = getattr(node, "field", None)
        if isinstance(node, Pred | Scorer) and isinstance(field, str) and part in sources(node, vocabulary):
            yield field


def _not_finite(program: Program, snapshot: Snapshot) -> Iterator[str]:
    """The fields under a `normalize` of which some candidate has no finite number."""
    for node in _nodes(program.leaves):
        if isinstance(node, FieldScore):
            for name in FORMULAS.get(node.field, (node.field,)):
                values = snapshot.fields[name].values if name in snapshot.fields else ()
                if not all(isfinite(value) for value in values if isinstance(value, float)):
                    yield name


def _nodes(terms: Iterable[Term]) -> Iterator[Term]:
    waiting = list(terms)
    while waiting:
        node = waiting.pop()
        yield node
        waiting += subterms_of(node)


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in sorted(set(names)))
