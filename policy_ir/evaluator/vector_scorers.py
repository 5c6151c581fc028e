"""Scorers over a whole population at once. Specification: chapter "Semantics", section "Scorers".

`rows` are the numbers of the candidates that are the population, in its order, None for all of them in snapshot order.
Every operation is binary64, rounded on its own, as in `policy_ir.semantics.scores`; a score that is the same for
everybody stays one number until the end.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never, cast

import numpy as np

from policy_ir.evaluator.normalizing import bounds, bounds_of, normalized, normalized_score, ruler
from policy_ir.evaluator.scene import Numbers, Scene
from policy_ir.evaluator.vector_predicates import Rows, accepted
from policy_ir.semantics.scores import clamp
from policy_ir.terms import Add, AnyScorer, Clamp, FieldScore, Gate, Lit, Neg, Normalize, Scale, Scorer, Zero

if TYPE_CHECKING:
    from numpy.typing import NDArray


def scores(scorer: Scorer, scene: Scene, rows: Rows) -> NDArray[np.float64]:
    """The scores of the population; not to be changed. Undefined is NaN, and no score is -0."""
    with np.errstate(all="ignore"):
        made = scored(scorer, scene, rows)
    return evenly(made, scene.columns.size if rows is None else rows.size)


def evenly(made: Numbers, count: int) -> NDArray[np.float64]:
    """So many scores, from one for everybody where they are all the same."""
    return np.full(count, made) if isinstance(made, float) else made


def scored(scorer: Scorer, scene: Scene, rows: Rows) -> Numbers:
    """The scores of the population, or one number where they are all the same; floating-point errors are the caller's.

    No score is -0: no operand is, so only a product can be, and a sum, a difference and a share of a span cannot.
    """
    term = cast(AnyScorer, scorer)
    match term:
        case Zero():
            return 0.0
        case Lit(value):
            return value
        case FieldScore(field):
            numbers = scene.numbers(field)
            return numbers if rows is None or isinstance(numbers, float) else numbers.take(rows)
        case Add(scorers):
            total: Numbers = 0.0
            for part in scorers:
                total = total + scored(part, scene, rows)
            return total
        case Scale(factor, inner):
            return factor * scored(inner, scene, rows) + 0.0
        case Neg(inner):
            return 1.0 - scored(inner, scene, rows)
        case Normalize(inner):
            return _normalized(scored(inner, scene, rows))
        case Clamp(lo, hi, inner):
            return _clamped(lo, hi, scored(inner, scene, rows))
        case Gate(pred, inner):
            return _gated(scored(inner, scene, rows), accepted(pred, scene, rows))
        case _:
            assert_never(term)


def _normalized(values: Numbers) -> Numbers:
    if isinstance(values, float):
        return normalized_score(values, ruler(bounds_of((values,))))
    return normalized(values, ruler(bounds(values)))


def _clamped(lo: float, hi: float, values: Numbers) -> Numbers:
    if isinstance(values, float):
        return clamp(lo, hi, values)
    if lo <= hi:
        return np.minimum(np.maximum(values, lo), hi)
    made = values.copy()
    made[values > hi] = hi
    made[values < lo] = lo
    return made


def _gated(values: Numbers, open_: bool | NDArray[np.bool_]) -> Numbers:
    if isinstance(open_, bool):
        return values if open_ else 0.0
    made = np.zeros(open_.size)
    np.copyto(made, values, where=open_)
    return made
