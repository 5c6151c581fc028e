"""`sample` over arrays draws what `policy_ir.semantics.draws` draws."""

from __future__ import annotations

import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policy_ir.evaluator.vector_draws import FIRST, drawn
from policy_ir.semantics.draws import sample

TEMPERATURES = (0.0, -1.0, 0.01, 0.5, 1.0, 3.0, 60.0, 1e9, 1e17, sys.float_info.max)


def reference(total: int, temperature: float, seed: int, count: int) -> list[int]:
    return [i for i, _ in sample([(i, 0.0) for i in range(total)], temperature, seed, count)]


@settings(max_examples=200, deadline=None)
@given(
    st.integers(0, 3 * FIRST),
    st.sampled_from(TEMPERATURES) | st.floats(allow_nan=False, allow_infinity=False),
    st.integers(0, 2**53 - 1),
    st.integers(0, 4 * FIRST),
)
def test_the_members_are_drawn_in_the_order_of_the_machine(
    total: int, temperature: float, seed: int, count: int
) -> None:
    assert drawn(total, temperature, seed, count).tolist() == reference(total, temperature, seed, count)


@pytest.mark.parametrize("temperature", TEMPERATURES)
def test_nobody_far_down_a_long_order_is_left_out(temperature: float) -> None:
    for seed in range(5):
        assert drawn(2000, temperature, seed, 12).tolist() == reference(2000, temperature, seed, 12)


def test_a_draw_of_all_is_a_permutation() -> None:
    assert np.sort(drawn(1000, 200.0, 7, 1000)).tolist() == list(range(1000))
    assert drawn(1000, 200.0, 7, 1000).tolist() == reference(1000, 200.0, 7, 1000)
