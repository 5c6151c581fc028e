"""The arithmetic of scores: extended reals in binary64, and undefined."""

from __future__ import annotations

from math import copysign, inf, isnan, nan
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy_ir.semantics.scores import (
    UNDEFINED,
    clamp,
    descending,
    holds,
    is_undefined,
    minus,
    normalize,
    plus,
    times,
)
from policy_ir.terms import Relation

scores = st.floats(allow_nan=True, allow_infinity=True)


def test_indeterminate_forms_are_undefined() -> None:
    assert all(map(is_undefined, (plus(inf, -inf), minus(inf, inf), times(0.0, inf), times(-inf, 0.0))))
    assert not any(map(is_undefined, (plus(inf, inf), minus(inf, -inf), times(-1.0, inf), plus(1.0, inf))))


@given(a=scores)
def test_undefined_is_absorbing(a: float) -> None:
    for operation in (plus, minus, times):
        assert is_undefined(operation(UNDEFINED, a))
        assert is_undefined(operation(a, UNDEFINED))


@given(a=scores)
def test_undefined_satisfies_no_relation(a: float) -> None:
    assert not any(holds(UNDEFINED, rel, a) or holds(a, rel, UNDEFINED) for rel in get_args(Relation))


@given(a=st.floats(allow_nan=False), b=st.floats(allow_nan=False))
def test_relations_are_those_of_the_extended_reals(a: float, b: float) -> None:
    said = {rel for rel in get_args(Relation) if holds(a, rel, b)}
    assert said == ({"lt", "le", "ne"} if a < b else {"eq", "le", "ge"} if a == b else {"gt", "ge", "ne"})


@given(a=scores, b=scores)
def test_no_result_is_minus_zero(a: float, b: float) -> None:
    results = [plus(a, b), minus(a, b), times(a, b)]
    assert all(copysign(1, result) > 0 for result in results if result == 0)


def test_each_operation_is_rounded_on_its_own() -> None:
    # A fused multiply-add would keep the tail that the product loses.
    a = 1 + 2.0**-30
    assert plus(times(a, a), -1 - 2.0**-29) == 0.0


def test_clamp_tests_the_lower_bound_first_and_keeps_undefined() -> None:
    assert [clamp(1, 2, s) for s in (-inf, 1.5, inf)] == [1, 1.5, 2]
    assert clamp(3, 2, 2.5) == 3  # the bounds the wrong way round
    assert clamp(3, 2, 4) == 2
    assert isnan(clamp(1, 2, nan))


def test_order_is_descending_with_undefined_last_and_ties_as_they_came() -> None:
    entries = [(0, nan), (1, 1.0), (2, inf), (3, -inf), (4, 1.0), (5, nan), (6, 2.0)]
    assert [i for i, _ in descending(entries)] == [2, 6, 1, 4, 3, 0, 5]


NORMALIZED = [
    ((), "degenerate", ()),
    ((nan,), "degenerate", (nan,)),
    ((3.0, nan, 3.0), "degenerate", (0.0, nan, 0.0)),
    ((inf, inf), "degenerate", (0.0, 0.0)),
    ((inf, -inf, nan), "infinite", (1.0, 0.0, nan)),
    ((5.0, inf), "single", (0.0, 1.0)),
    ((5.0, -inf, 5.0), "single", (1.0, 0.0, 1.0)),
    ((inf, 5.0, -inf, nan), "single", (1.0, 0.5, 0.0, nan)),
    ((1.0, 2.0, 5.0), "scale", (0.0, 0.25, 1.0)),
    ((1.0, 2.0, 5.0, inf, -inf, nan), "scale", (0.0, 0.25, 1.0, 1.0, 0.0, nan)),
    ((-1.5e308, 1.5e308, 0.0, inf), "halve", (0.0, 1.0, 0.5, 1.0)),
    ((-1.5e308, 1.5e308, 0.75e308, nan, -inf), "halve", (0.0, 1.0, 0.75, nan, 0.0)),
    ((0.0, 5e-324), "scale", (0.0, 1.0)),
]


@pytest.mark.parametrize(("vector", "rule", "expected"), NORMALIZED, ids=str)
def test_normalize_has_one_rule_for_each_kind_of_population(
    vector: tuple[float, ...], rule: str, expected: tuple[float, ...]
) -> None:
    fired, result = normalize(vector)
    assert fired == f"normalize/{rule}"
    assert repr(result) == repr(expected)


@given(st.lists(scores, max_size=6).map(tuple))
def test_normalize_stays_between_0_and_1_and_keeps_the_order(vector: tuple[float, ...]) -> None:
    rule, result = normalize(vector)
    assert [isnan(s) for s in vector] == [isnan(s) for s in result]
    assert all(0.0 <= s <= 1.0 for s in result if not isnan(s))
    pairs = list(zip(vector, result, strict=True))
    assert all(b <= y for a, b in pairs for x, y in pairs if a < x)
    if rule != "normalize/degenerate" and any(abs(s) == inf for s in vector):
        assert {b for a, b in pairs if a == inf} <= {1.0}
        assert {b for a, b in pairs if a == -inf} <= {0.0}


def test_one_unpriced_model_does_not_flatten_the_prices_of_all() -> None:
    assert normalize((1.0, 3.0, inf))[1] == (0.0, 1.0, 1.0)
    assert normalize((1.0, 2.0, 3.0, inf))[1][:3] == normalize((1.0, 2.0, 3.0))[1]
