"""Lints of rank terms: what lifts a candidate that its author meant to hold down, and clamps the wrong way round.

Specification: chapter "Lints", rules `lint/gate`, `lint/scale` and `lint/clamp`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import assert_never, cast

from policy_ir.diagnostics import Diagnostic, codes, quoted
from policy_ir.lints.knowledge import MOST
from policy_ir.lints.possible import Possible
from policy_ir.lints.walk import nodes_of
from policy_ir.syntax.places import step
from policy_ir.terms import (
    Add,
    AnyScorer,
    Clamp,
    ClampParam,
    FieldScore,
    Gate,
    Lit,
    Neg,
    Normalize,
    Policy,
    RankBy,
    Scale,
    Scorer,
    Term,
    Zero,
)


def promotions(term: Term, possible: Possible) -> Iterator[Diagnostic]:
    """`lint/gate` and `lint/scale`, in every scorer that ranks."""
    if isinstance(term, Scorer):  # `direction/root`, as below
        yield from _promotions(term, "", True, possible)
    for node, at in nodes_of(term):
        match node:
            case Policy():
                yield from _promotions(node.rank, step(at, 2), True, possible)
            case RankBy():
                yield from _promotions(node.scorer, step(at, 1), True, possible)
            case _:
                pass


def _promotions(scorer: Scorer, at: str, rising: bool, possible: Possible) -> Iterator[Diagnostic]:
    """`rising` says whether a greater score here makes the whole score greater; else it makes it less.

    `direction/keep`, `direction/turn` and `direction/none`.
    """
    node = cast(AnyScorer, scorer)
    match node:
        case Zero() | Lit() | FieldScore():
            pass
        case Add(scorers):
            for index, part in enumerate(scorers, 1):
                yield from _promotions(part, step(at, index), rising, possible)
        case Scale(factor, part):
            yield from _scale(node, at, rising, possible)
            if factor != 0:
                yield from _promotions(part, step(at, 2), rising == (factor > 0), possible)
        case Neg(part):
            yield from _promotions(part, step(at, 1), not rising, possible)
        case Normalize(part):
            yield from _promotions(part, step(at, 1), rising, possible)
        case Clamp(lo, hi, part):
            yield from _promotions(part, step(at, 3), rising == (lo <= hi), possible)
        case Gate(_, part):
            yield from _gate(node, at, rising, possible)
            yield from _promotions(part, step(at, 2), rising, possible)
        case _:
            assert_never(node)


def _gate(gate: Gate, at: str, rising: bool, possible: Possible) -> Iterator[Diagnostic]:
    accepts = possible.truth(gate.pred)
    scores = possible.scores(gate.scorer)
    # Over a constant, a gate is a bonus or a penalty of that amount, and says so.
    if not (accepts.yes and accepts.no) or scores.empty or scores.constant:
        return
    if rising and scores.low < 0:
        gives = f"less to what it accepts{_as_far_as('down', scores.low)}"
        way_out = "bring the score to 0..1 with `normalize` before the `gate`"
    elif not rising and scores.high > 0:
        gives = f"more to what it accepts{_as_far_as('up', scores.high)}, where less ranks higher"
        way_out = "put the `gate` around the negation instead of inside it"
    else:
        return
    yield Diagnostic(
        code=codes.LINT_PROMOTING_GATE,
        message=f"the `gate` gives 0 to what it refuses, and {gives}",
        pointer=at,
        expected="scores of 0 or more" if rising else "scores of 0 or less",
        help=f"{way_out}, or move the predicate to the filter",
    )


def _as_far_as(way: str, bound: float) -> str:
    """How far scores go, where there is an end to it."""
    return "" if abs(bound) >= MOST else f", {way} to {quoted(bound)}"


def _scale(scale: Scale, at: str, rising: bool, possible: Possible) -> Iterator[Diagnostic]:
    scores = possible.scores(scale.scorer)
    if not rising or scale.factor >= 0 or scores.empty or scores.constant or scores.low >= 0:
        return
    yield Diagnostic(
        code=codes.LINT_PROMOTING_SCALE,
        message=f"the factor {quoted(scale.factor)} lifts scores below 0{_as_far_as('down', scores.low)} to the top",
        pointer=at,
        expected="a factor of 0 or more, or scores of 0 or more",
        help="a negative score times a negative factor is positive: bring the score to 0..1 with `normalize` first",
    )


def inverted_clamps(term: Term) -> Iterator[Diagnostic]:
    """`lint/clamp`, anywhere in a term."""
    for node, at in nodes_of(term):
        if isinstance(node, Clamp | ClampParam) and node.lo > node.hi:
            yield Diagnostic(
                code=codes.LINT_CLAMP,
                message=f"`{node.op}` from {quoted(node.lo)} down to {quoted(node.hi)}",
                pointer=at,
                found=f"the bounds {quoted(node.lo)} and {quoted(node.hi)}",
                expected="the lower bound first",
                help=f"nothing lies between them: it gives {quoted(node.lo)} or {quoted(node.hi)} and nothing else",
            )
