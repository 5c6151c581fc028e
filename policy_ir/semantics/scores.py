"""The arithmetic of scores: extended reals in binary64, and undefined.

Undefined is the one NaN inside this module and nowhere compared outside it; no result is -0. Python computes each
operation in binary64, rounded on its own. Specification: chapter "Semantics", section "Scores".
"""

from __future__ import annotations

from collections.abc import Iterable
from math import inf, isfinite, isinf, isnan, nan
from typing import TypeAlias, assert_never

from policy_ir.semantics.rules import NormalizeRule
from policy_ir.terms import Relation

Vector: TypeAlias = tuple[float, ...]
Scored: TypeAlias = tuple[int, float]
"""A candidate with its score."""

UNDEFINED = nan


def is_undefined(score: float) -> bool:
    """Whether a score is what an indeterminate form gives."""
    return isnan(score)


def plus(a: float, b: float) -> float:
    """The sum; undefined for infinities of opposite sign."""
    return a + b + 0.0


def minus(a: float, b: float) -> float:
    """The difference; undefined for equal infinities."""
    return a - b + 0.0


def times(a: float, b: float) -> float:
    """The product; undefined for 0 times an infinity."""
    return a * b + 0.0


def holds(a: float, rel: Relation, b: float) -> bool:
    """Whether a relation holds; none does where a side is undefined."""
    match rel:
        case "lt":
            return a < b
        case "le":
            return a <= b
        case "eq":
            return a == b
        case "ne":
            return a < b or a > b
        case "ge":
            return a >= b
        case "gt":
            return a > b
        case _:
            assert_never(rel)


def clamp(lo: float, hi: float, score: float) -> float:
    """`lo` below `lo`, tested first; `hi` above `hi`; undefined stays."""
    return lo if score < lo else hi if score > hi else score


def descending(entries: Iterable[Scored]) -> tuple[Scored, ...]:
    """Stable: greater scores first, undefined last, ties as they came."""
    return tuple(sorted(entries, key=lambda entry: (1, 0.0) if isnan(entry[1]) else (0, -entry[1])))


def normalize(vector: Vector) -> tuple[NormalizeRule, Vector]:
    """Min-max over the defined values, and the one rule of `normalize` that applies."""
    defined = {score for score in vector if not isnan(score)}
    if len(defined) <= 1:
        return "normalize/degenerate", tuple(score if isnan(score) else 0.0 for score in vector)
    finite = [score for score in defined if isfinite(score)]
    if not finite:
        return "normalize/infinite", tuple(_end(score) for score in vector)
    lo, hi = min(finite), max(finite)
    if lo == hi:
        only = 0.0 if -inf not in defined else 1.0 if inf not in defined else 0.5
        return "normalize/single", tuple(only if score == lo else _end(score) for score in vector)
    if isinf(hi - lo):
        low, span = lo / 2, hi / 2 - lo / 2
        return "normalize/halve", tuple((s / 2 - low) / span if isfinite(s) else _end(s) for s in vector)
    span = hi - lo
    return "normalize/scale", tuple((s - lo) / span if isfinite(s) else _end(s) for s in vector)


def _end(score: float) -> float:
    """The end of the scale for an infinity; undefined stays."""
    return score if isnan(score) else 1.0 if score > 0 else 0.0
