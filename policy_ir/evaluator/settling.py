"""Scorers over the rows, from their constants and from their leaves at some bounds.

The arithmetic is that of `policy_ir.semantics.scores`, but for the sign of zeros, which is in no order. Specification:
chapter "Semantics", section "Scorers".
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from policy_ir.diagnostics import InternalError
from policy_ir.terms import Add, Clamp, Gate, Neg, Pred, Scale, Scorer

if TYPE_CHECKING:
    from numpy.typing import NDArray

Scores = TypeVar("Scores", float, "NDArray[np.float64]")


def settled(scorer: Scorer, given: Callable[[Pred | Scorer], NDArray[Any] | None]) -> NDArray[np.float64]:
    """The scores of the rows. `given` has those of constants and leaves, and None for what is made of them."""
    known = given(scorer)
    if known is not None:
        return known
    match scorer:
        case Add(scorers):
            total = 0.0 + settled(scorers[0], given)
            for summand in scorers[1:]:
                total += settled(summand, given)
            return total
        case Scale(factor, inner):
            return factor * settled(inner, given)
        case Neg(inner):
            return 1.0 - settled(inner, given)
        case Clamp(lo, hi, inner):
            return clamped(settled(inner, given), lo, hi)
        case Gate(pred, inner):
            opens = given(pred)
            assert opens is not None
            return gated(opens, settled(inner, given))
        case _:
            raise InternalError(f"`{scorer.op}` is not settled")


def clamped(scores: Any, lo: float, hi: float) -> Any:
    """A score, or an array of them, held between two numbers; below `lo` is tested first."""
    if isinstance(scores, float):
        return lo if scores < lo else hi if scores > hi else scores
    return np.where(scores < lo, lo, np.where(scores > hi, hi, scores))


def gated(opens: NDArray[np.bool_], scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """The scores where a predicate accepts, 0 elsewhere."""
    return np.where(opens, scores, 0.0)
