"""The draw of `sample` by array. Specification: chapter "Semantics", section "Draws"."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from policy_ir.semantics.draws import Stream

if TYPE_CHECKING:
    from numpy.typing import NDArray

FIRST: Final = 64
"""How many members more than are drawn are looked at first."""


def drawn(total: int, temperature: float, seed: int, count: int) -> NDArray[np.intp]:
    """The positions of the first `count` of a draw without replacement, weights falling geometrically by position.

    Equal to `policy_ir.semantics.draws.sample` over `total` members. Weights never rise with the position, so where one
    is too small to change the sum, no later one changes it, and no later member can be drawn: the sums end there.
    """
    stream = Stream(seed)
    found = np.empty(min(count, total), dtype=np.intp)
    seen = min(found.size + FIRST, total)
    weights, left = weights_of(temperature, seen), np.arange(seen)
    for rank in range(found.size):
        sums = np.add.accumulate(weights)
        while seen < total and sums[-1] != sums[-2]:
            seen = min(2 * seen, total)
            weights = np.delete(weights_of(temperature, seen), found[:rank])
            left = np.delete(np.arange(seen), found[:rank])
            sums = np.add.accumulate(weights)
        place = int(sums.searchsorted(stream.draw() * sums[-1]))
        found[rank] = left[place]
        left[place:-1] = left[place + 1 :]
        weights[place:-1] = weights[place + 1 :]
        left, weights = left[:-1], weights[:-1]
    return found


def weights_of(temperature: float, count: int) -> NDArray[np.float64]:
    """The weights of the first so many members."""
    t = max(temperature, 0.0)
    weights = np.full(count, t / (t + 1.0))
    weights[:1] = 1.0
    return np.multiply.accumulate(weights)
