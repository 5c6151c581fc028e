"""`normalize` in two parts is `normalize`, score by score and as an array."""

from __future__ import annotations

import sys
from math import inf, nan

import numpy as np
import pytest
from array_worlds import bits
from hypothesis import example, given
from hypothesis import strategies as st

from policy_ir.evaluator.normalizing import Bounds, bounds, bounds_of, normalized, normalized_score, ruler
from policy_ir.semantics.scores import normalize

GREATEST = sys.float_info.max

scores = st.sampled_from((0.0, 1.0, -1.0, inf, -inf, nan, GREATEST, -GREATEST, 5e-324, -5e-324, 0.1, 1e308, -1e308))
vectors = st.lists(scores | st.floats().map(lambda number: number + 0.0), max_size=8)


@given(vectors)
@example([])
@example([nan])
@example([inf, nan, -inf])
@example([3.0, inf, -inf, nan])
@example([3.0, inf])
@example([3.0, -inf])
@example([GREATEST, -GREATEST, inf])
@example([5e-324, -GREATEST, GREATEST])
def test_the_two_parts_give_what_the_whole_gives(vector: list[float]) -> None:
    _, expected = normalize(tuple(vector))
    array = np.array(vector)
    with np.errstate(all="ignore"):
        of = bounds(array)
        made = normalized(array, ruler(of))
        assert array.tolist() == vector or any(score != score for score in vector)
        normalized(array, ruler(of), out=array)
    assert of == bounds_of(vector)
    assert bits(made.tolist()) == bits(array.tolist()) == bits(expected)
    assert bits(normalized_score(score, ruler(of)) for score in vector) == bits(expected)


@pytest.mark.parametrize(
    ("vector", "expected"),
    [
        ([], (inf, -inf, False, False, True)),
        ([nan], (inf, -inf, False, False, True)),
        ([inf, nan], (inf, -inf, True, False, True)),
        ([inf, -inf], (inf, -inf, True, True, False)),
        ([2.0, 2.0], (2.0, 2.0, False, False, True)),
        ([2.0, inf], (2.0, 2.0, True, False, False)),
        ([nan, 2.0, -inf, 1.0], (1.0, 2.0, False, True, False)),
    ],
)
def test_bounds_tell_finite_values_from_infinite_ones(vector: list[float], expected: tuple[object, ...]) -> None:
    with np.errstate(all="ignore"):
        found = bounds(np.array(vector))
    assert (*found, found.same) == expected
    assert found == Bounds(*expected[:4])  # type: ignore[arg-type]
