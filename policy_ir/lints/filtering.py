"""Lints of predicates: what lets candidates through for want of a tag, and filters that let nobody through.

Specification: chapter "Lints", rules `lint/not-tag-in` and `lint/accepts-nothing`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import reduce
from typing import TYPE_CHECKING

from policy_ir.diagnostics import Diagnostic, codes, quoted
from policy_ir.lints.knowledge import OneCandidate
from policy_ir.lints.possible import Possible
from policy_ir.lints.walk import children_of, predicates_of
from policy_ir.terms import And, Known, Not, Or, Policy, Pred, TagIn, Term
from policy_ir.vocabulary import FORMULAS

if TYPE_CHECKING:
    from policy_ir.snapshot import Snapshot

ALWAYS_PRESENT = frozenset({"id", "provider", "family", "served_model", "served_by"})
"""Tag fields that every candidate has: its own required keys."""


def present_where_accepted(pred: Pred, *, accepted: bool = True) -> frozenset[str]:
    """The fields that have an observation wherever a predicate accepts; with `accepted=False`, wherever it refuses."""
    match pred:
        case Known(field) if accepted:  # `present/known`
            return frozenset({field, *FORMULAS.get(field, ())})
        case TagIn(field) if accepted:  # `present/tag-in`
            return frozenset({field})
        case Not(part):  # `present/not`
            return present_where_accepted(part, accepted=not accepted)
        case And(preds) | Or(preds):
            parts = [present_where_accepted(part, accepted=accepted) for part in preds]
            every = isinstance(pred, And) == accepted  # `present/all`, else `present/any`
            return _union(parts) if every else reduce(frozenset.intersection, parts)
        case _:
            return frozenset()


def _union(parts: Iterable[frozenset[str]]) -> frozenset[str]:
    return frozenset().union(*parts)


def untagged(term: Term, snapshot: Snapshot | None) -> Iterator[Diagnostic]:
    """`lint/not-tag-in`, in every predicate of a term."""
    filtered = present_where_accepted(term.filter) if isinstance(term, Policy) else frozenset()
    for pred, at in predicates_of(term):
        is_filter = not isinstance(term, Policy) or at.startswith("/1")
        present = ALWAYS_PRESENT if is_filter else ALWAYS_PRESENT | filtered
        yield from _untagged(pred, at, True, present, at, snapshot)


def _untagged(
    pred: Pred, at: str, accepted: bool, present: frozenset[str], negation: str, snapshot: Snapshot | None
) -> Iterator[Diagnostic]:
    """`present` has the fields that have an observation wherever this part matters; `negation` the nearest `not`."""
    match pred:
        case TagIn(field):
            if not accepted and field not in present and not _all_have(field, snapshot):
                yield Diagnostic(
                    code=codes.LINT_NOT_TAG_IN,
                    message=f"this accepts candidates that have no {quoted(field)}",
                    pointer=negation,
                    found=f"`not` around a `tag_in` of {quoted(field)}",
                    help=f'add `["known", "{field}"]` beside it, or list the tags that you want',
                )
        case Not(part):
            ((_, place),) = children_of(pred, at)
            yield from _untagged(part, place, not accepted, present, at, snapshot)
        case And(preds) | Or(preds):
            if isinstance(pred, And) == accepted:
                present |= _union(present_where_accepted(part, accepted=accepted) for part in preds)
            for part, (_, place) in zip(preds, children_of(pred, at), strict=True):
                yield from _untagged(part, place, accepted, present, negation, snapshot)
        case _:
            pass


def _all_have(field: str, snapshot: Snapshot | None) -> bool:
    """Whether every candidate of the catalogue has this tag."""
    if snapshot is None or snapshot.vocabulary.fields[field].source != "catalogue":
        return False
    return all(snapshot.column(field).present)


def accepts_nothing(term: Term, snapshot: Snapshot) -> Iterator[Diagnostic]:
    """`lint/accepts-nothing`, for the filter of a policy or for a predicate by itself."""
    if isinstance(term, Policy):
        pred, at = term.filter, "/1"
    elif isinstance(term, Pred):
        pred, at = term, ""
    else:
        return
    each = [Possible(OneCandidate(snapshot, i)) for i in range(snapshot.size)]
    if not each or any(possible.truth(pred).yes for possible in each):
        return
    alone = [
        (part, place) for part, place in _conjuncts(pred, at) if not any(possible.truth(part).yes for possible in each)
    ]
    one = "none" if len(each) == 1 else f"none of the {len(each)} candidates"
    if alone:
        part, at = alone[0]
        message = f"`{part.op}` accepts {one} of this catalogue, whatever their state and the request"
    else:
        message = f"taken together, this accepts {one} of this catalogue, whatever their state and the request"
    yield Diagnostic(
        code=codes.LINT_ACCEPTS_NOTHING,
        message=message,
        pointer=at,
        help="`policy-ir explain` shows what each candidate would have to have",
    )


def _conjuncts(pred: Pred, at: str) -> Iterator[tuple[Pred, str]]:
    """The parts that must all accept, in source order: the predicate itself unless it is an `and`."""
    if isinstance(pred, And):
        for part, (_, place) in zip(pred.preds, children_of(pred, at), strict=True):
            yield from _conjuncts(part, place)
    else:
        yield pred, at
