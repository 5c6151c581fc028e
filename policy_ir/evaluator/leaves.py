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
"""Rows, each with the rank of its score among the distinct ones."""

Ends = tuple[int, int, bool, bool]
"""The ranks of the least and the greatest finite value of a population (-1 for none), and whether +inf, -inf occur."""


@attrs.frozen(slots=True, eq=False)
class Leaf:
    """The scores under a `normalize`, one for each row.

    `rising` has the rows with a finite score, ascending, and `falling` the same from the end; `ranks` the place of each
    of these among the distinct scores, which `distinct` has. `plain` says whether all scores are finite.
    """

    scores: NDArray[np.float64]
    rising: NDArray[np.intp]
    falling: NDArray[np.intp]
    ranks: NDArray[np.intp]
    distinct: NDArray[np.float64]
    plain: bool

    @classmethod
    def of(cls, scores: NDArray[np.float64]) -> Leaf:
        """The leaf with these scores."""
        finite = np.isfinite(scores).nonzero()[0]
        distinct, places = np.unique(scores.take(finite), return_inverse=True)
        order = places.argsort(kind="stable")
        rising = finite.take(order)
        return cls(scores, rising, rising[::-1].copy(), places.take(order), distinct, len(finite) == len(scores))

    def among(self, ok_rows: NDArray[np.bool_]) -> Leaf:
        """The leaf of some of its rows, with the ranks that they have among all."""
        number = np.cumsum(ok_rows) - 1
        at = ok_rows.take(self.rising).nonzero()[0]
        rising = number.take(self.rising.take(at))
        scores = self.scores[ok_rows]
        return Leaf(scores, rising, rising[::-1].copy(), self.ranks.take(at), self.distinct, self.plain)

    def first(self, most: int, *, from_below: bool) -> Steps:
        """The first rows from either end, each with the rank of its score."""
        rows, ranks = (self.rising, self.ranks) if from_below else (self.falling, self.ranks[::-1])
        return list(zip(rows[:most].tolist(), ranks[:most].tolist(), strict=True))

    def end(self, live: NDArray[np.bool_], *, from_below: bool) -> int:
        """The rank at one end of the live rows, of a leaf that is plain; there are some."""
        if from_below:
            return int(self.ranks[live.take(self.rising).argmax()])
        return int(self.ranks[-1 - live.take(self.falling).argmax()])

    def ends(self, live: NDArray[np.bool_]) -> Ends:
        """The ends of the live rows."""
        found = live.take(self.rising).nonzero()[0]
        low, high = (int(self.ranks[found[0]]), int(self.ranks[found[-1]])) if found.size else (-1, -1)
        mine = self.scores[live]
        return low, high, bool((mine == inf).any()), bool((mine == -inf).any())

    def read_ends(self, key: Iterator[Any]) -> Ends:
        """The ends in a key of bounds, whose next parts are this leaf's."""
        return (next(key), next(key), *((False, False) if self.plain else (next(key), next(key))))

    def normalized(self, ends: Ends) -> NDArray[np.float64]:
        """The rows brought to 0..1 as a population with such ends is. It means nothing for rows outside the ends."""
        low, high, plus, minus = ends
        if self.plain and low == high:
            return np.zeros(self.scores.size)
        if not (plus or minus) and 0 <= low < high:
            lo, hi = self.distinct.item(low), self.distinct.item(high)
            if hi - lo < inf:
                return (self.scores - lo) / (hi - lo)
        lo, hi = (float(self.distinct[low]), float(self.distinct[high])) if low >= 0 else (inf, -inf)
        return normalized(self.scores, ruler(Bounds(lo, hi, plus, minus)))
