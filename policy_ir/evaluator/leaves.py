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

__all__ = ["Ends", "Leaf"]

Ends = tuple[int, int, bool, bool]
"""The ranks of the least and the greatest finite value of a population (-1 for none), and whether +inf, -inf occur."""


@attrs.frozen(slots=True, eq=False)
class Leaf:
    """The scores under a `normalize`, one for each row.

    `rising` has the rows with a finite score, ascending; `ranks` the place of each of these among the distinct scores,
    which `distinct` has. `plain` says whether all scores are finite.
    """

    scores: NDArray[np.float64]
    rising: NDArray[np.intp]
    ranks: NDArray[np.intp]
    distinct: NDArray[np.float64]
    plain: bool

    @classmethod
    def of(cls, scores: NDArray[np.float64]) -> Leaf:
        """The leaf with these scores."""
        finite = np.isfinite(scores).nonzero()[0]
        distinct, places = np.unique(scores.take(finite), return_inverse=True)
        order = places.argsort(kind="stable")
        return cls(scores, finite.take(order), places.take(order), distinct, len(finite) == len(scores))

    def first(
        self, most: int, *, from_below: bool, candidates: NDArray[np.intp] | None = None
    ) -> list[tuple[int, int]]:
        """The first rows from either end, each with the rank of its score; or the candidates that they are."""
        way = slice(most) if from_below else slice(None, -most - 1, -1)
        rows = self.rising[way]
        numbers = rows if candidates is None else candidates.take(rows)
        return list(zip(numbers.tolist(), self.ranks[way].tolist(), strict=True))

    def ends(self, live: NDArray[np.bool_]) -> Ends:
        """The ends of the live rows."""
        found = live.take(self.rising).nonzero()[0]
        low, high = (int(self.ranks[found[0]]), int(self.ranks[found[-1]])) if found.size else (-1, -1)
        if self.plain:
            return low, high, False, False
        mine = self.scores[live]
        return low, high, bool((mine == inf).any()), bool((mine == -inf).any())

    def read_ends(self, key: Iterator[Any]) -> Ends:
        """The ends in a key of bounds, whose next parts are this leaf's."""
        return (next(key), next(key), *((False, False) if self.plain else (next(key), next(key))))

    def normalized(self, ends: Ends) -> NDArray[np.float64]:
        """The rows brought to 0..1 as a population with such ends is. It means nothing for rows outside the ends."""
        low, high, plus, minus = ends
        lo, hi = (float(self.distinct[low]), float(self.distinct[high])) if low >= 0 else (inf, -inf)
        return normalized(self.scores, ruler(Bounds(lo, hi, plus, minus)))
