"""Which parts of a template are references. Specification: chapter "Calls of a flow", "Assembly"."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy_ir.flow.template import divided, references


def test_a_reference_is_a_dollar_and_all_digits_after_it() -> None:
    assert [str(reference) for reference in references("$1, $12 and $003.")] == ["$1", "$12", "$003"]


@pytest.mark.parametrize("template", ["$", "a$", "$ 1", "$x", "${1}", "$-1", "$٣", "$²", "US$"])
def test_a_dollar_before_anything_but_an_ascii_digit_is_text(template: str) -> None:
    assert references(template) == []
    assert divided(template) == [template]


def test_of_two_dollars_before_a_digit_the_first_is_text() -> None:
    assert divided("$$1") == ["$", "1", ""]


@pytest.mark.parametrize(
    ("digits", "index"),
    [("1", 1), ("9", 9), ("10", 10), ("32", 32), ("33", None), ("99", None), ("0", None), ("00", None), ("01", None)],
)
def test_an_index_is_a_plain_number_up_to_the_most_inputs(digits: str, index: int | None) -> None:
    assert [reference.index for reference in references(f"${digits}")] == [index]


def test_a_reference_of_any_length_is_looked_at_without_making_a_number_of_it() -> None:
    assert references("$" + "9" * 30_000)[0].index is None


@given(st.text("$01a\n"))
def test_a_template_is_its_texts_and_its_references(template: str) -> None:
    parts = divided(template)
    assert "".join(f"${part}" if place % 2 else part for place, part in enumerate(parts)) == template
    assert [reference.digits for reference in references(template)] == parts[1::2]
