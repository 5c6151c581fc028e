"""Numbers are printed short, for people, and read back as they were."""

from __future__ import annotations

import pytest

from policy_ir.syntax.authoring import parse_authoring, print_authoring
from policy_ir.terms import Lit


@pytest.mark.parametrize(
    ("value", "printed"),
    [
        (0.0, "0"),
        (9999.0, "9999"),
        (32000.0, "32_000"),
        (-32000.0, "-32_000"),
        (1234567.5, "1_234_567.5"),
        (0.1, "0.1"),
        (0.00001, "1e-5"),
        (1e21, "1e21"),
        (1.5e300, "1.5e300"),
        (9007199254740993.0, "9_007_199_254_740_992"),
    ],
)
def test_a_number_is_printed_with_its_digits_in_groups_of_three(value: float, printed: str) -> None:
    text = print_authoring(Lit(value))
    assert text.split() == ["rank", printed]
    assert parse_authoring(text).term == Lit(value)
