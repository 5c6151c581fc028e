"""The nodes of a term with their places. Specification: chapter "Lints"."""

from __future__ import annotations

from collections.abc import Iterator

from policy_ir.signature import arguments_of
from policy_ir.syntax.places import step
from policy_ir.terms import Pred, Term


def nodes_of(term: Term, pointer: str = "") -> Iterator[tuple[Term, str]]:
    """The nodes of a term and their pointers, in source order."""
    waiting = [(term, pointer)]
    while waiting:
        node, at = waiting.pop()
        yield node, at
        waiting += children_of(node, at)[::-1]


def children_of(node: Term, pointer: str) -> list[tuple[Term, str]]:
    """The subterms of a node and their pointers."""
    parts = enumerate(arguments_of(node), 1)
    return [(part, step(pointer, at)) for at, part in parts if isinstance(part, Term)]


def predicates_of(term: Term) -> Iterator[tuple[Pred, str]]:
    """The outermost predicates of a term: the term itself, or those that stand in a term of another sort."""
    if isinstance(term, Pred):
        yield term, ""
    for node, at in nodes_of(term):
        if not isinstance(node, Pred):
            yield from ((part, place) for part, place in children_of(node, at) if isinstance(part, Pred))


def in_place_order(pointer: str) -> tuple[tuple[int, int, str], ...]:
    """A key that sorts pointers as their nodes stand in the term."""
    steps = pointer.split("/")[1:]
    return tuple((0, int(part), "") if part.isdecimal() and part.isascii() else (1, 0, part) for part in steps)
