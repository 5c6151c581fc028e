"""The typed tree: what makes two terms one."""

from __future__ import annotations

import math
from typing import Any

import pytest

from policy_ir import terms as t


def test_minus_zero_is_zero_in_every_number_of_a_term() -> None:
    spellings = [
        t.Cmp("price_in", "le", -0.0).bound,
        t.Test(t.Zero(), "le", -0.0).bound,
        t.Lit(-0.0).value,
        t.Scale(-0.0, t.Zero()).factor,
        t.Clamp(-0.0, -0.0, t.Zero()).lo,
        t.Clamp(-0.0, -0.0, t.Zero()).hi,
        t.Sample(-0.0).temperature,
        t.ClampParam("top_p", -0.0, -0.0).lo,
        t.Jitter("top_p", -0.0).amplitude,
        t.Number(-0.0).value,
        t.Action("abort", attempts=-0.0).attempts,
        t.Action("abort", backoff_ms=-0.0).backoff_ms,
        t.Action("abort", extra=(("pause_ms", -0.0),)).extra[0][1],
        t.RecipeRecord((("RedactPII", -0.0),)).entries[0][1],
    ]
    backoffs = t.Action("abort", backoff_ms=(-0.0, 5)).backoff_ms
    assert isinstance(backoffs, tuple)
    for number in [*spellings, backoffs[0]]:
        assert isinstance(number, float)
        assert math.copysign(1.0, number) == 1.0


def test_an_integer_and_the_float_of_the_same_value_make_one_term() -> None:
    assert t.TopK(3, t.Argmax()) == t.TopK(3.0, t.Argmax())
    assert isinstance(t.TopK(3, t.Argmax()).k, float)


def test_what_is_no_number_is_not_made_one() -> None:
    wrong: Any = "1"
    assert t.Lit(wrong).value == "1"
    assert t.Lit(True).value is True
    assert t.Action("abort", backoff_ms=(wrong,)).backoff_ms == ("1",)


def test_a_number_a_boolean_and_a_string_of_the_same_look_are_three_scalars() -> None:
    assert len({t.Number(1), t.Boolean(True), t.Text("1")}) == 3


def test_where_a_node_came_from_takes_no_part_in_equality() -> None:
    here = t.Is("disabled", origin=t.Origin("policy", "/1"))
    assert here == t.Is("disabled")
    assert hash(here) == hash(t.Is("disabled"))
    assert here.origin == t.Origin("policy", "/1")


def test_the_tree_keeps_sibling_order_and_equal_siblings() -> None:
    assert t.And((t.Top(), t.Bot())) != t.And((t.Bot(), t.Top()))
    assert t.And((t.Top(), t.Top())) != t.And((t.Top(),))


def test_a_chain_entry_keeps_both_spellings_and_the_newer_one_wins() -> None:
    both = t.ChainEntry(provider="a", provider_id="b", model="c", model_family="d")
    assert both.pair == ("a", "c")
    assert t.ChainEntry(provider_id="b", model_family="d").pair == ("b", "d")
    assert both != t.ChainEntry(provider="a", model="c")


def test_the_order_of_the_keys_of_a_record_carries_no_meaning() -> None:
    assert t.Action("abort", extra=(("b", 1), ("a", 2))) == t.Action("abort", extra=(("a", 2), ("b", 1)))
    assert t.RecipeRecord((("b", 1), ("a", 2))) == t.RecipeRecord((("a", 2), ("b", 1)))


def test_a_term_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        t.Lit(1).value = 2.0  # type: ignore[misc]
