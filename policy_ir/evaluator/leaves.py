"""The leaves of a rank: a `normalize` around scores that never move, whose bounds are those of whoever survives.

Specification: chapter "Semantics", section "Scorers".
"""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING, Any

import attrs
import numpy as np

from policy_ir.evaluator.normalizing import Bounds, normalized, ruler

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

__all__ = ["Ends", "Leaf", "Steps"]

Steps = list[tuple[int, int]]
"""Candidates, each with the rank of its score among the distinct ones."""

Ends = tuple[int, int, bool, bool]
"""The ranks of the least and the greatest finite value of a population (-1 for none), and whether +inf, -inf occur."""


@attrs.frozen(slots=True, eq=False)
class Leaf:
    """The scores under a `normalize`, one for each of some rows.

    `rows` has the numbers of the candidates that they are. `rising` has those with a finite score, ascending, and
    `falling` the same from the end; `ranks` the place of each of these among the distinct scores, which `distinct`
    has. `plain` says whether all scores are finite.
    """

    rows: NDArray[np.intp]
    scores: NDArray[np.float64]
    rising: NDArray[np.intp]
    falling: NDArray[np.intp]
    ranks: NDArray[np.intp]
    distinct: list[float]
    plain: bool

    @classmethod
    def of(cls, rows: NDArray[np.intp], scores: NDArray[np.float64]) -> Leaf:
        """The leaf with these scores."""
        finite = np.isfinite(scores).nonzero()[0]
        distinct, places = np.unique(scores.take(finite), return_inverse=True)
        order = places.argsort(kind="stable")
        rising = rows.take(finite.take(order))
        plain = len(finite) == len(scores)
        return cls(rows, scores, rising, rising[::-1].copy(), places.take(order), distinct.tolist(), plain)

    def first(self, most: int, *, from_below: bool) -> Steps:
        """The first candidates from either end, each with the rank of its score."""
        rows, ranks = (self.rising, self.ranks) if from_below else (self.falling, self.ranks[::-1])
        return list(zip(rows[:most].tolist(), ranks[:most].tolist(), strict=True))

    def end(self, live: NDArray[np.bool_], *, from_below: bool) -> int:
        """The rank at one end of the live candidates, of a leaf that is plain; there are some."""
        if from_below:
            return int(self.ranks[live.take(self.rising).argmax()])
        return int(self.ranks[-1 - live.take(self.falling).argmax()])

    def ends(self, live: NDArray[np.bool_]) -> Ends:
        """The ends of the live candidates."""
        found = live.take(self.rising).nonzero()[0]
        low, high = (int(self.ranks[found[0]]), int(self.ranks[found[-1]])) if found.size else (-1, -1)
        mine = self.scores[live.take(self.rows)]
        return low, high, bool((mine == inf).any()), bool((mine == -inf).any())

    def read_ends(self, key: Iterator[Any]) -> Ends:
        """The ends in a key of bounds, whose next parts are this leaf's."""
        return (next(key), next(key), *((False, False) if self.plain else (next(key), next(key))))

    def between(self, low: int, high: int) -> NDArray[np.float64]:
        """The rows of a plain leaf, brought to 0..1 as a population with such ends is.

        It means nothing for rows outside the ends.
        """
        lo = self.distinct[low]
        span = self.distinct[high] - lo
        # Rows outside the ends may be far away, but must not overflow: NumPy would warn of it.
        if span > 1e-100 and self.distinct[-1] - self.distinct[0] < 1e150:
            return (self.scores - lo) / span
        return self.normalized((low, high, False, False))

    def normalized(self, ends: Ends) -> NDArray[np.float64]:
        """The same of any leaf."""
        low, high, plus, minus = ends
        lo, hi = (self.distinct[low], self.distinct[high]) if low >= 0 else (inf, -inf)
        with np.errstate(all="ignore"):
            return normalized(self.scores, ruler(Bounds(lo, hi, plus, minus)))
