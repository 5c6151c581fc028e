"""Seeded draws: the one generator, and what `sample` and `jitter` make of it."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_worlds import candidate, decided

from policy_ir.semantics.draws import MODULUS, Stream, sample, shift

RANKED = [(i, -float(i)) for i in range(5)]


def test_the_generator_is_the_minimal_standard_one() -> None:
    # 16807^10000 mod 2^31 - 1 is the published check value of this generator; four steps are discarded.
    stream = Stream(1)
    draws = [stream.draw() for _ in range(10000 - 4)]
    assert draws[-1] == 1043618065 / MODULUS


@pytest.mark.parametrize(("seed", "like"), [(0, MODULUS - 1), (MODULUS, MODULUS - 1), (MODULUS + 5, 5)])
def test_a_seed_counts_modulo_2_to_the_31_minus_1_and_0_is_not_stuck(seed: int, like: int) -> None:
    assert Stream(seed).draw() == Stream(like).draw()


@given(seed=st.integers(0, 2**53 - 1))
def test_draws_lie_strictly_between_0_and_1(seed: int) -> None:
    stream = Stream(seed)
    assert all(0.0 < stream.draw() < 1.0 for _ in range(20))


@given(temperature=st.floats(allow_nan=False, allow_infinity=False), seed=st.integers(0, 2**53 - 1))
def test_a_sample_is_a_permutation_whose_first_ranks_do_not_depend_on_how_many_are_drawn(
    temperature: float, seed: int
) -> None:
    drawn = sample(RANKED, temperature, seed, 5)
    assert sorted(drawn) == sorted(RANKED)
    for count in range(7):
        assert sample(RANKED, temperature, seed, count) == drawn[:count]


@pytest.mark.parametrize("temperature", [0.0, -1.0])
def test_at_temperature_0_a_sample_is_the_order_of_argmax(temperature: float) -> None:
    assert all(sample(RANKED, temperature, seed, 5) == tuple(RANKED) for seed in range(50))


def test_weights_fall_geometrically_with_the_rank() -> None:
    first = Counter(sample(RANKED, 1.0, seed, 1)[0][0] for seed in range(1, 4001))
    expected = [16 / 31, 8 / 31, 4 / 31, 2 / 31, 1 / 31]  # q = 1/2
    assert all(abs(first[i] / 4000 - share) < 0.025 for i, share in enumerate(expected))


def test_at_a_huge_temperature_every_rank_is_as_likely() -> None:
    first = Counter(sample(RANKED, 1e300, seed, 1)[0][0] for seed in range(1, 4001))
    assert all(abs(first[i] / 4000 - 0.2) < 0.025 for i in range(5))


def test_a_shift_depends_on_seed_and_parameter_alone() -> None:
    assert shift("temperature", 1.0, 7) == shift("temperature", 1.0, 7)
    assert len({shift(param, 1.0, seed) for param in ("temperature", "top_p") for seed in (7, 8)}) == 4
    assert shift("temperature", 0.5, 7) == shift("temperature", 1.0, 7) / 2


@given(seed=st.integers(0, 2**53 - 1), amplitude=st.floats(0, 1e308))
def test_a_shift_is_at_most_its_amplitude(seed: int, amplitude: float) -> None:
    assert abs(shift("temperature", amplitude, seed)) <= amplitude


def test_without_a_seed_sample_draws_as_with_seed_0() -> None:
    everybody = [candidate(f"m{i}") for i in range(9)]
    orders = [decided(*everybody, select=["sample", 3], seed=seed).ordered for seed in (None, 0, 1)]
    assert orders[0] == orders[1] != orders[2]
