"""`normalize` in two parts: the bounds of a population, and a score between them.

The five rules are decided by the least and the greatest finite value and by which infinities occur, so whoever knows
these of a population can bring any of its scores to 0..1, one by one or as an array. Both ways agree with
`policy_ir.semantics.scores.normalize` in every bit. Specification: chapter "Semantics", section "Scorers".
"""

from __future__ import annotations

from collections.abc import Iterable
from math import inf, isfinite, isinf, isnan
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

Scores: TypeAlias = "NDArray[np.float64]"


class Bounds(NamedTuple):
    """What `normalize` needs to know of a population: its finite values, and which infinities occur.

    `lo` and `hi` are the least and the greatest finite value; inf and -inf where there is none. Undefined values count
    for nothing.
    """

    lo: float
    hi: float
    plus: bool
    minus: bool

    @property
    def same(self) -> bool:
        """Whether all defined values are equal, or there is none (rule `normalize/degenerate`)."""
        if self.lo > self.hi:
            return not (self.plus and self.minus)
        return self.lo == self.hi and not (self.plus or self.minus)


class Ruler(NamedTuple):
    """How the scores of a population are brought to 0..1.

    Where `span` is 0 each finite score becomes `only`, and else `(score - low) / span`, with the score halved first
    where `halve`. Infinities become the ends, or `only` where `flat`; undefined stays.
    """

    low: float = 0.0
    span: float = 0.0
    only: float = 0.0
    halve: bool = False
    flat: bool = False


def bounds_of(scores: Iterable[float]) -> Bounds:
    """The bounds of a population, score by score."""
    lo, hi, plus, minus = inf, -inf, False, False
    for score in scores:
        if isfinite(score):
            if score < lo:
                lo = score
            if score > hi:
                hi = score
        elif score > 0:
            plus = True
        elif score < 0:
            minus = True
    return Bounds(lo, hi, plus, minus)


def bounds(scores: Scores) -> Bounds:
    """The bounds of a population, as an array."""
    if not scores.size:
        return Bounds(inf, -inf, False, False)
    lo, hi = float(np.minimum.reduce(scores)), float(np.maximum.reduce(scores))
    if isfinite(lo) and isfinite(hi):
        return Bounds(lo, hi, False, False)
    # Undefined values hide the ends.
    plus = bool((scores == inf).any()) if isnan(hi) else hi == inf
    minus = bool((scores == -inf).any()) if isnan(lo) else lo == -inf
    finite = scores[np.isfinite(scores)]
    if not finite.size:
        return Bounds(inf, -inf, plus, minus)
    return Bounds(float(np.minimum.reduce(finite)), float(np.maximum.reduce(finite)), plus, minus)


def ruler(bounds: Bounds) -> Ruler:
    """The one rule of `normalize` that applies."""
    lo, hi, plus, minus = bounds
    if bounds.same:
        return Ruler(flat=True)
    if lo > hi:
        return Ruler()
    if lo == hi:
        return Ruler(only=0.0 if not minus else 1.0 if not plus else 0.5)
    if isinf(hi - lo):
        return Ruler(low=lo / 2, span=hi / 2 - lo / 2, halve=True)
    return Ruler(low=lo, span=hi - lo)


def normalized_score(score: float, ruler: Ruler) -> float:
    """A score of the population, brought to 0..1; undefined stays."""
    low, span, only, halve, flat = ruler
    if isnan(score):
        return score
    if flat:
        return only
    if isinf(score):
        return 1.0 if score > 0 else 0.0
    if not span:
        return only
    return ((score / 2 if halve else score) - low) / span


def normalized(scores: Scores, ruler: Ruler, out: Scores | None = None) -> Scores:
    """Scores of the population, brought to 0..1, in a new array or in `out`, which may be the same; NaN stays."""
    low, span, only, halve, flat = ruler
    if span:
        made = np.subtract(scores * 0.5 if halve else scores, low, out=out)
        np.divide(made, span, out=made)
        # No finite value leaves 0..1, since rounding is monotonic: only infinities are moved, to the ends.
        np.minimum(made, 1.0, out=made)
        return np.maximum(made, 0.0, out=made)
    undefined, top, bottom = np.isnan(scores), scores == inf, scores == -inf
    made = np.empty_like(scores) if out is None else out
    made.fill(only)
    if not flat:
        made[top] = 1.0
        made[bottom] = 0.0
    made[undefined] = np.nan
    return made
