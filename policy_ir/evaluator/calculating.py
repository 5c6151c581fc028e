"""What the written code calls: the arithmetic that is no expression, and picking from scores.

The arithmetic is that of `policy_ir.semantics.scores`, but for the sign of zeros, which is in no order. Specification:
chapter "Semantics", sections "Scorers" and "Selectors".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from policy_ir.evaluator.normalizing import bounds, normalized, ruler
from policy_ir.evaluator.vector_selectors import descending

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from policy_ir.evaluator.overlay import Overlay


def another_catalogue() -> ValueError:
    """What a call with another catalogue's overlay raises."""
    return ValueError("the overlay belongs to another catalogue than the binding's")


def observed(place: int, overlay: Overlay) -> NDArray[np.bool_]:
    """Whether a state field was observed, of all candidates."""
    known = overlay.known[place]
    return np.ones(overlay.base.size, dtype=np.bool_) if known is None else np.frombuffer(known, np.bool_)


def normalized_over(by: NDArray[np.float64]) -> NDArray[np.float64]:
    """The scores of a population, brought to 0..1."""
    low, high = by.item(by.argmin()), by.item(by.argmax())
    span = high - low
    # Nearly always so. Where an end is infinite or undefined, so is the span.
    if 0.0 < span < 1e150:
        return (by - low) / span
    if span == 0.0:
        return np.zeros(by.size)
    with np.errstate(all="ignore"):
        return normalized(by, ruler(bounds(by)))


def clamped(by: Any, lo: float, hi: float) -> Any:
    """A score, or an array of them, held between two numbers; below `lo` is tested first."""
    if isinstance(by, float):
        return lo if by < lo else hi if by > hi else by
    return np.where(by < lo, lo, np.where(by > hi, hi, by))


def gated(opens: NDArray[np.bool_], by: Any) -> NDArray[np.float64]:
    """The scores where a predicate accepts, 0 elsewhere."""
    return np.where(opens, by, 0.0)


def first_of(by: NDArray[np.float64]) -> int:
    """The first in descending order, where `argmax` finds an undefined score, or nothing above -inf."""
    return int(descending(by)[0])


def preferred(by: NDArray[np.float64], matches: NDArray[np.bool_], limit: int) -> int:
    """The first match among the first `limit` in descending order, else the first."""
    order = descending(by)[:limit]
    return int(order[matches.take(order).argmax()])
