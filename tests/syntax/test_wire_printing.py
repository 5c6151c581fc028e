"""A term is printed as JSON that is read back to it, laid out for reading, the same each time."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy_ir.syntax import fmt, parse
from policy_ir.syntax.document import Document
from policy_ir.syntax.loader import load
from policy_ir.syntax.wire import print_wire, read_wire_fast, to_wire
from policy_ir.terms import Boolean, HasCap, Lit, SetParam, Term, Top
from policy_ir.testing.strategies import terms

WIDTHS = st.sampled_from([1, 20, 60, 100, 10_000])


@given(terms(admitted=False), WIDTHS)
def test_what_is_printed_is_read_back(term: Term, width: int) -> None:
    text = print_wire(term, width=width)
    assert read_wire_fast(text).term == term
    assert repr(json.loads(text)) == repr(to_wire(term))


@given(terms(admitted=False), WIDTHS)
def test_printing_again_changes_nothing(term: Term, width: int) -> None:
    document = parse(fmt(term, width=width))
    assert fmt(document, width=width) == fmt(term, width=width)


@given(terms(admitted=False), st.sampled_from([40, 80]))
def test_a_line_is_wider_only_where_it_cannot_be_broken(term: Term, width: int) -> None:
    for line in print_wire(term, width=width).splitlines():
        if len(line) > width:
            assert not re.search(r"[\[{].*[\[{]", re.sub(r'"(?:[^"\\]|\\.)*"', '""', line))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (-25.0, "-25"),
        (2.0**53 - 1, "9007199254740991"),
        (2.0**53, "9007199254740992.0"),
        (0.1, "0.1"),
        (1e-7, "1e-07"),
        (1e22, "1e+22"),
        (1.7976931348623157e308, "1.7976931348623157e+308"),
        (5e-324, "5e-324"),
    ],
)
def test_numbers_are_printed_as_short_as_they_are_read_back(value: float, text: str) -> None:
    assert print_wire(Lit(value)) == f'["lit", {text}]'


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ('a"b\\c/', r'"a\"b\\c/"'),
        ("\n\r\t\b\f", r'"\n\r\t\b\f"'),
        ("\x00\x1b\x7f\x9f", r'"\u0000\u001b\u007f\u009f"'),
        ("é 模型 😀", '"é 模型 😀"'),
        ("\u202e\u200b\ufeff\xad", r'"\u202e\u200b\ufeff\u00ad"'),
        ("\U000e0041", r'"\udb40\udc41"'),
    ],
)
def test_what_cannot_be_seen_is_escaped_and_what_can_is_not(name: str, text: str) -> None:
    assert print_wire(HasCap(name)) == f'["has_cap", {text}]'


POLICY = """\
["policy",
  ["and",
    ["meets_req"],
    ["cmp", "price_out", "le", 25],
    ["tag_in", "region", ["eu", "us"]]
  ],
  ["clamp", 0, 1.5,
    ["add", ["scale", 0.7, ["field", "tok_s"]], ["lit", 1]]
  ],
  ["chain", [{"provider": "a", "model": "b"}]],
  ["filter_text",
    [
      "RedactPII",
      {},
      {"a_name_of_a_filter_step_that_is_long": 1}
    ]
  ],
  ["always",
    {
      "action": "retry_same",
      "attempts": 2,
      "backoff_ms": [500, 1000],
      "house": 1
    }
  ]
]
"""


def test_a_policy_is_laid_out_for_reading() -> None:
    assert fmt(parse(POLICY), width=64) == POLICY


def test_what_fits_stands_on_one_line() -> None:
    assert fmt(load(json.loads(POLICY)), width=400).count("\n") == 1


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (["top"], '["top"]'),
        (["cmp", "price_in", "le", 25], '["cmp", "price_in", "le", 25]'),
        (["filter_text", []], '["filter_text",\n  []\n]'),
        (["filter_text", [{}]], '["filter_text",\n  [\n    {}\n  ]\n]'),
        (["filter_text", ["x"]], '["filter_text",\n  [\n    "x"\n  ]\n]'),
        (["top_k", 3, ["argmax"]], '["top_k", 3,\n  ["argmax"]\n]'),
    ],
)
def test_what_cannot_be_broken_stays_whole(value: Any, text: str) -> None:
    assert print_wire(load(value), width=1) == text


def test_a_document_without_a_term_cannot_be_printed() -> None:
    with pytest.raises(ValueError, match="no term"):
        fmt(Document(name="house"))


def test_a_term_is_printed_like_its_document() -> None:
    assert fmt(Top()) == fmt(parse('["top"]')) == '["top"]\n'


def test_values_have_integers_where_numbers_are_integral() -> None:
    value = to_wire(load(["always", {"action": "abort", "attempts": 2.0, "backoff_ms": [1.5, 2.0]}]))
    assert repr(value) == "['always', {'action': 'abort', 'attempts': 2, 'backoff_ms': [1.5, 2]}]"


def test_booleans_are_printed_as_json_spells_them() -> None:
    for value, text in ((True, "true"), (False, "false")):
        assert print_wire(SetParam("stream_options", Boolean(value))) == f'["set_param", "stream_options", {text}]'
