"""Relations and truth values over all candidates at once. Specification: chapter "Semantics", section "Scores".

Numbers and masks are arrays, or single values that hold for everybody.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias, assert_never, cast, overload

from policy_ir.semantics.scores import holds
from policy_ir.terms import Relation

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Bits: TypeAlias = "NDArray[np.bool_]"
Mask: TypeAlias = "bool | NDArray[np.bool_]"


@overload
def compared(numbers: NDArray[np.float64], rel: Relation, bound: float) -> Bits: ...
@overload
def compared(numbers: float | NDArray[np.float64], rel: Relation, bound: float) -> Mask: ...
def compared(numbers: float | NDArray[np.float64], rel: Relation, bound: float) -> Mask:
    """Where a relation to a number holds; nowhere where the score is undefined."""
    if isinstance(numbers, float):
        return holds(numbers, rel, bound)
    match rel:
        case "lt":
            return numbers < bound
        case "le":
            return numbers <= bound
        case "eq":
            return cast("Bits", numbers == bound)
        case "ne":
            return (numbers < bound) | (numbers > bound)
        case "ge":
            return numbers >= bound
        case "gt":
            return numbers > bound
        case _:
            assert_never(rel)


def conjunction(a: Mask, b: Mask) -> Mask:
    """Where both hold."""
    if isinstance(a, bool):
        return b if a else False
    if isinstance(b, bool):
        return a if b else False
    return a & b


def disjunction(a: Mask, b: Mask) -> Mask:
    """Where one holds or both."""
    if isinstance(a, bool):
        return True if a else b
    if isinstance(b, bool):
        return True if b else a
    return a | b


def negation(a: Mask) -> Mask:
    """Where it does not hold."""
    return not a if isinstance(a, bool) else ~a
