"""The draw of `sample` by array. Specification: chapter "Semantics", section "Draws"."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from policy_ir.semantics.draws import Stream

if TYPE_CHECKING:
    from numpy.typing import NDArray


def drawn(total: int, temperature: float, seed: int, count: int) -> NDArray[np.intp]:
    """The positions of the first `count` of a draw without replacement, weights falling geometrically by position."""
    t = max(temperature, 0.0)
    weights = np.full(total, t / (t + 1.0))
    weights[:1] = 1.0
    np.multiply.accumulate(weights, out=weights)
    left = np.arange(total)
    stream = Stream(seed)
    found = np.empty(min(count, total), dtype=np.intp)
    for rank in range(found.size):
        sums = np.add.accumulate(weights[: total - rank])
        place = int(np.searchsorted(sums, stream.draw() * float(sums[-1])))
        found[rank] = left[place]
        left[place:-1] = left[place + 1 :]
        weights[place:-1] = weights[place + 1 :]
    return found
