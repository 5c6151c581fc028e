"""Ranks that rise or fall with each of their constants, and the ladder of rows that such a rank is found on.

Rounding never turns two numbers round, so a sum, a difference or a product that rises with a number does so in binary64
too: what the best constants would score is a bound for all rows that have no better ones. Specification: chapter
"Semantics", section "Scorers".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import numpy as np

from policy_ir.evaluator.emission import Names
from policy_ir.terms import Add, AnyScorer, Clamp, FieldScore, Lit, Neg, Scale, Scorer, Zero
from policy_ir.vocabulary import FORMULAS

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

__all__ = ["ladder", "slopes"]


def slopes(rank: Scorer, names: Names) -> dict[int, bool]:
    """Whether the rank rises with each of its constants, by their numbers; none where it does not keep to one way."""
    found: dict[int, bool] = {}
    return found if _keeps_to(rank, True, names, found) else {}


def _keeps_to(scorer: Scorer, rises: bool, names: Names, found: dict[int, bool]) -> bool:
    """Whether a scorer goes one way with each of its constants; which way, is noted."""
    term = cast(AnyScorer, scorer)
    match term:
        case Zero() | Lit():
            return True
        case _ if names.program.is_constant(term):
            return found.setdefault(names.constant(term), rises) == rises
        case Add(scorers):
            return all(_keeps_to(summand, rises, names, found) for summand in scorers)
        case Scale(factor, inner):
            return _keeps_to(inner, rises == (factor >= 0), names, found)
        case Neg(inner):
            return _keeps_to(inner, not rises, names, found)
        case Clamp(lo, hi, inner):
            return lo <= hi and _keeps_to(inner, rises, names, found)
        case FieldScore(field):
            declared = names.program.vocabulary.fields[field]
            if declared.source == "derived":
                return _call_cost_keeps_to(rises, names, found)
            return declared.source == "request"
        case _:
            return False


def _call_cost_keeps_to(rises: bool, names: Names, found: dict[int, bool]) -> bool:
    """It rises with both prices, as `standard` declares that no number of tokens is negative."""
    _, price_in, _, price_out = FORMULAS["call_cost"]
    return all(_keeps_to(FieldScore(price), rises, names, found) for price in (price_in, price_out))


def ladder(
    order: NDArray[np.intp],
    climbs: dict[int, bool],
    constants: Callable[[int], Any],
    most: int,
) -> list[tuple[Any, ...]]:
    """The first rungs: candidate, its constants, and the best of each constant from this row on, in the given order."""
    values = [constants(place).take(order) for place in climbs]
    best = [
        (np.maximum if rises else np.minimum).accumulate(column[::-1])[::-1][:most].tolist()
        for column, rises in zip(values, climbs.values(), strict=True)
    ]
    return list(zip(order[:most].tolist(), *(column[:most].tolist() for column in values), *best, strict=True))
