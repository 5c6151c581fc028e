"""Lints: warnings about admitted terms that probably do not mean what their author meant.

A lint never changes what is admitted or decided. Specification: chapter "Lints".
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from policy_ir.admission import Admitted
from policy_ir.diagnostics import Diagnostic
from policy_ir.lints.filtering import accepts_nothing, untagged
from policy_ir.lints.knowledge import AnyCandidate
from policy_ir.lints.missing import missing
from policy_ir.lints.possible import Possible
from policy_ir.lints.ranking import inverted_clamps, promotions
from policy_ir.lints.strings import unnormalized
from policy_ir.lints.walk import in_place_order

if TYPE_CHECKING:
    from policy_ir.snapshot import Snapshot

__all__ = ["lint"]


def lint(admitted: Admitted, snapshot: Snapshot | None = None) -> list[Diagnostic]:
    """The warnings about an admitted term of any sort, in source order (`PIR0501` to `PIR0508`).

    With a snapshot of the same vocabulary its catalogue part is taken into account, and the lints about it are made;
    its state part never is. Pointers are those of the term as its author wrote it, with places where it has a document.
    """
    found = sorted(_findings(admitted, snapshot), key=lambda one: in_place_order(one.pointer or ""))
    document = admitted.document
    return found if document is None else [diagnostic.located(document) for diagnostic in found]


def _findings(admitted: Admitted, snapshot: Snapshot | None) -> Iterator[Diagnostic]:
    term = admitted.term
    yield from promotions(term, Possible(AnyCandidate(admitted.vocabulary, snapshot)))
    yield from untagged(term, snapshot)
    yield from inverted_clamps(term)
    yield from unnormalized(term)
    if snapshot is not None:
        yield from accepts_nothing(term, snapshot)
        yield from missing(term, snapshot)
