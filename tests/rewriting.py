"""Rewriting one equation at a time, at places of a test's choosing, and the measure that every rewrite lowers."""

from __future__ import annotations

from collections.abc import Iterator

from policy_ir.normal_form import Encodings, Redex
from policy_ir.signature import SIGNATURE, arguments_of, build, subterms_of
from policy_ir.terms import ChainSelector, Override, TagIn, Term


def contracted(term: Term, redex: Redex) -> Term:
    """The term with the redex replaced by its contractum."""
    return _put(term, [int(place) for place in redex.pointer.split("/")[1:]], redex.contractum)


def _put(term: Term, places: list[int], part: Term) -> Term:
    if not places:
        return part
    arguments = list(arguments_of(term))
    first, *rest = places
    arguments[first - 1] = _put(arguments[first - 1], rest, part)
    return build(type(term), arguments, term.origin)


def nodes(term: Term, depth: int = 1, above: Term | None = None) -> Iterator[tuple[Term, int, Term | None]]:
    """Every node with its depth and its parent."""
    yield term, depth, above
    for child in subterms_of(term):
        yield from nodes(child, depth + 1, term)


def measure(term: Term) -> tuple[int, int, tuple[int, ...]]:
    """What the chapter "Normal form" shows termination by; compared from left to right.

    How much there is; how much is spelled or ordered otherwise among parameters and overrides; and, from the deepest
    level up, how many nodes have their children out of order.
    """
    encoding = Encodings()
    much = otherwise = 0
    unsorted = [0] * 66
    for node, depth, above in nodes(term):
        much += 1
        match node:
            case ChainSelector(entries):
                much += len(entries)
                otherwise += sum(entry.provider_id is not None or entry.model_family is not None for entry in entries)
            case TagIn(_, values):
                much += len(values)
                otherwise += values != tuple(sorted(values))
            case Override() if not isinstance(above, Override):
                reasons = [inner.reason for inner, _, _ in nodes(node) if isinstance(inner, Override)]
                otherwise += reasons != sorted(reasons, reverse=True)
        laws = SIGNATURE[node.op].laws
        if laws is not None and laws.commutative:
            keys = [encoding(child) for child in subterms_of(node)]
            unsorted[depth - 1] += keys != sorted(keys)
    return much, otherwise, tuple(reversed(unsorted))
