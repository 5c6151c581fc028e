"""Scorers over a whole population at once. Specification: chapter "Semantics", section "Scorers".

A scorer becomes a function of a scene and of `rows`: the numbers of the candidates that are the population, in its
order, None for all of them in snapshot order. It gives an array of its own, which whoever asked may change, or one
number where everybody has the same score. Every operation is binary64, rounded on its own, as in
`policy_ir.semantics.scores`; floating-point errors are the caller's.

No score is -0: no number that a policy sees is, so only a product can be, and a sum, a difference and a share of a span
cannot. Where the signs of both factors are known, neither can a product.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import inf
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias, assert_never, cast

import numpy as np

from policy_ir.evaluator.normalizing import bounds, bounds_of, normalized, normalized_score, ruler
from policy_ir.evaluator.scene import Numbers, Scene
from policy_ir.evaluator.vector_predicates import Rows, Where, accepting
from policy_ir.semantics.scores import clamp
from policy_ir.terms import Add, AnyScorer, Clamp, FieldScore, Gate, Lit, Neg, Normalize, Scale, Scorer, Zero
from policy_ir.vocabulary import FORMULAS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from policy_ir.vocabulary import Vocabulary

Scored: TypeAlias = Callable[[Scene, Rows], Numbers]


class Scoring(NamedTuple):
    """The scores of a population, and what is known of them beforehand, as far as they are defined.

    `positive` says that none is below 0, `unit` that all are from 0 to 1.
    """

    of: Scored
    positive: bool = False
    unit: bool = False


def scores(scorer: Scorer, scene: Scene, rows: Rows) -> NDArray[np.float64]:
    """The scores of the population, in an array of their own. Undefined is NaN, and no score is -0."""
    with np.errstate(all="ignore"):
        made = scoring(scorer, scene.vocabulary).of(scene, rows)
    return each(made, scene.columns.size if rows is None else rows.size)


def each(made: Numbers, count: int) -> NDArray[np.float64]:
    """So many scores, from one for everybody where they are all the same."""
    return np.full(count, made) if isinstance(made, float) else made


def scoring(scorer: Scorer, vocabulary: Vocabulary) -> Scoring:
    """The scores that an admitted scorer gives."""
    term = cast(AnyScorer, scorer)
    match term:
        case FieldScore():
            return _field(term.field, vocabulary)
        case Normalize():
            return Scoring(_normalize(scoring(term.scorer, vocabulary).of), True, True)
        case Neg():
            of, _, unit = scoring(term.scorer, vocabulary)
            return Scoring(_complement(of), unit, unit)
        case Scale():
            of, positive, unit = scoring(term.scorer, vocabulary)
            positive = positive and term.factor >= 0.0
            return Scoring(_product(term.factor, of, positive), positive, unit and positive and term.factor <= 1.0)
        case Add():
            parts = [scoring(part, vocabulary) for part in term.scorers]
            return Scoring(_sum([part.of for part in parts]), all(part.positive for part in parts))
        case Clamp():
            return Scoring(_clamp(term.lo, term.hi, scoring(term.scorer, vocabulary).of))
        case Gate():
            of, positive, unit = scoring(term.scorer, vocabulary)
            return Scoring(_gate(accepting(term.pred, vocabulary), of), positive, unit)
        case Lit():
            value = term.value
            return Scoring(lambda scene, rows: value, value >= 0.0, 0.0 <= value <= 1.0)
        case Zero():
            return Scoring(lambda scene, rows: 0.0, True, True)
        case _:
            assert_never(term)


def _field(field: str, vocabulary: Vocabulary) -> Scoring:
    declared = vocabulary.fields[field]
    if declared.source == "derived":
        return Scoring(_FORMULA_OF[field]([_field(part, vocabulary).of for part in FORMULAS[field]]), positive=True)
    default, minimum = cast(float, declared.default), declared.minimum
    positive = minimum is not None and minimum >= 0.0 and default >= 0.0
    if declared.source == "request":
        return Scoring(lambda scene, rows: scene.numbers(field), positive)

    def of(scene: Scene, rows: Rows) -> Numbers:
        numbers = scene.column(field)
        return numbers.copy() if rows is None else numbers.take(rows)

    return Scoring(of, positive)


def _cost(parts: Sequence[Scored]) -> Scored:
    """`call_cost`: USD for this call. `standard` lets neither tokens nor prices be negative, so nothing here is -0."""
    tokens_in, price_in, tokens_out, price_out = parts

    def of(scene: Scene, rows: Rows) -> Numbers:
        cost = price_in(scene, rows)
        cost *= tokens_in(scene, rows)
        completion = price_out(scene, rows)
        completion *= tokens_out(scene, rows)
        cost += completion
        cost /= 1e6
        return cost

    return of


_FORMULA_OF: Final[Mapping[str, Callable[[Sequence[Scored]], Scored]]] = {"call_cost": _cost}


def _sum(parts: Sequence[Scored]) -> Scored:
    first, rest = parts[0], parts[1:]

    def of(scene: Scene, rows: Rows) -> Numbers:
        total = first(scene, rows)
        for part in rest:
            if isinstance(total, float):
                total = total + part(scene, rows)
            else:
                total += part(scene, rows)
        return total

    return of


def _product(factor: float, inner: Scored, positive: bool) -> Scored:
    def of(scene: Scene, rows: Rows) -> Numbers:
        made = inner(scene, rows)
        made *= factor
        if not positive:
            made += 0.0
        return made

    return of


def _complement(inner: Scored) -> Scored:
    def of(scene: Scene, rows: Rows) -> Numbers:
        made = inner(scene, rows)
        return 1.0 - made if isinstance(made, float) else np.subtract(1.0, made, out=made)

    return of


def _normalize(inner: Scored) -> Scored:
    def of(scene: Scene, rows: Rows) -> Numbers:
        made = inner(scene, rows)
        if isinstance(made, float):
            return normalized_score(made, ruler(bounds_of((made,))))
        if made.size:
            lo = float(np.minimum.reduce(made))
            span = float(np.maximum.reduce(made)) - lo
            if 0.0 < span < inf:
                # All are finite: rule `normalize/scale`.
                made -= lo
                made /= span
                return made
        return normalized(made, ruler(bounds(made)), out=made)

    return of


def _clamp(lo: float, hi: float, inner: Scored) -> Scored:
    def of(scene: Scene, rows: Rows) -> Numbers:
        made = inner(scene, rows)
        if isinstance(made, float):
            return clamp(lo, hi, made)
        if lo <= hi:
            np.maximum(made, lo, out=made)
            return np.minimum(made, hi, out=made)
        low, high = made < lo, made > hi
        made[high] = hi
        made[low] = lo
        return made

    return of


def _gate(opens: Where, inner: Scored) -> Scored:
    def of(scene: Scene, rows: Rows) -> Numbers:
        made, mask = inner(scene, rows), opens(scene, rows)
        if isinstance(mask, bool):
            return made if mask else 0.0
        gated = np.zeros(mask.size)
        np.copyto(gated, made, where=mask)
        return gated

    return of
