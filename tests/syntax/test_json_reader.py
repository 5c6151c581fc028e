"""A JSON text is read to its value with the place of every value in it, in time linear in the text."""

from __future__ import annotations

import json
import math
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy_ir.diagnostics import Refused
from policy_ir.syntax.document import Span
from policy_ir.syntax.json_reader import read_json

SCALARS = st.booleans() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=6)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=20,
)


def without_negative_zero(value: Any) -> Any:
    match value:
        case bool() | str():
            return value
        case float():
            return value + 0.0
        case list():
            return [without_negative_zero(entry) for entry in value]
        case _:
            return {key: without_negative_zero(entry) for key, entry in value.items()}


@given(VALUES, st.booleans(), st.sampled_from([None, 1, "\t"]))
def test_a_written_value_is_read_back(value: Any, ascii_only: bool, indent: Any) -> None:
    text = json.dumps(value, ensure_ascii=ascii_only, indent=indent)
    assert repr(read_json(text).value) == repr(without_negative_zero(value))


@given(VALUES)
def test_every_value_stands_where_its_span_says(value: Any) -> None:
    text = " " + json.dumps(value, indent=1) + "\n"
    read = read_json(text)
    assert read.spans.keys() == {pointer for pointer, _ in every(read.value)}
    for pointer, part in every(read.value):
        span = read.spans[pointer]
        assert read_json(text[span.start : span.end]).value == part


def every(value: Any, pointer: str = "") -> Any:
    yield pointer, value
    entries: Any = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, entry in entries:
        yield from every(entry, f"{pointer}/{str(key).replace('~', '~0').replace('/', '~1')}")


def test_spans_come_in_the_order_of_the_text() -> None:
    spans = read_json('[1, {"b": [2], "a": 3}]').spans
    assert list(spans) == ["", "/0", "/1", "/1/b", "/1/b/0", "/1/a"]
    assert len(spans) == 6


def test_the_keys_of_records_have_spans_of_their_own() -> None:
    read = read_json('[{"a/b~": 3}]')
    assert read.spans["/0/a~1b~0"] == Span(10, 11)
    assert read.key_span("/0/a~1b~0") == Span(2, 8)


@pytest.mark.parametrize("pointer", ["", "/0", "/0/c", "/0/a/0", "/7", "/7/a"])
def test_what_is_no_member_of_a_record_has_no_key(pointer: str) -> None:
    assert read_json('[{"a": 3}]').key_span(pointer) is None


@pytest.mark.parametrize("pointer", ["0", "/1", "/00", "/+0", "/-1", "/0/0", "/x", "/", "/٠", "/10", "/2/b", "/2/0"])
def test_a_pointer_to_nothing_has_no_span(pointer: str) -> None:
    spans = read_json('[1, [], {"a": 2}]').spans if pointer != "/1" else read_json("[1]").spans
    assert pointer not in spans
    with pytest.raises(KeyError):
        spans[pointer]


def test_the_document_of_a_text_locates_its_places() -> None:
    document = read_json("\n [true]", "house.json").document
    assert (document.name, document.span_of("/0/1"), document.position(3)) == ("house.json", Span(3, 7), (2, 3))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("9007199254740993", 9007199254740992.0),
        ("9007199254740995", 9007199254740996.0),
        ("-0", 0.0),
        ("-0.0e5", 0.0),
        ("0e-999999", 0.0),
        ("0.0000e+999999", 0.0),
        ("2.5e1", 25.0),
        ("2.5E+01", 25.0),
        ("1.7976931348623157e308", 1.7976931348623157e308),
        ("179769313486231580793e288", 1.7976931348623157e308),
        ("5e-324", 5e-324),
        ("2.4703282292062328e-324", 5e-324),
        ("1" + "0" * 100_000 + "e-100000", 1.0),
        ("0." + "0" * 100_000 + "1e100001", 1.0),
    ],
)
def test_a_number_is_the_nearest_binary64(text: str, value: float) -> None:
    number = read_json(text).value
    assert (type(number), number, math.copysign(1, number)) == (float, value, 1)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (r'"\"\\\/\b\f\n\r\t"', '"\\/\b\f\n\r\t'),
        (r'"\u0061nd"', "and"),
        (r'"\uD83D\ude00"', "😀"),
        (r'"\ud83d\uDE00\ud83d\ude01"', "😀😁"),
        ('"\x7f\u2028é😀"', "\x7f\u2028é😀"),
        (r'"\\u0061"', r"\u0061"),
        ('""', ""),
    ],
)
def test_a_string_is_what_it_stands_for(text: str, value: str) -> None:
    assert read_json(text).value == value


def test_null_is_read_where_it_is_asked_for() -> None:
    assert read_json('{"a": [null, 1]}', null=True).value == {"a": [None, 1.0]}


def test_a_text_may_be_as_long_as_its_limit() -> None:
    assert read_json('"é"', limit=4).value == "é"
    with pytest.raises(Refused) as refused:
        read_json('"é"', limit=3)
    assert [found.code.code for found in refused.value.diagnostics] == ["PIR0004"]


def test_brackets_may_be_open_up_to_the_bound() -> None:
    assert read_json("[[[]],[[]]]", nesting=3).value == [[[]], [[]]]
    with pytest.raises(Refused) as refused:
        read_json("[[{}],[[[]], 1, 2}", nesting=3)
    [found] = refused.value.diagnostics
    assert (found.code.code, found.span) == ("PIR0310", Span(8, 9))


@pytest.mark.parametrize(
    "text",
    ["[" * 250_000, '{"":' * 60_000, "[1," * 60_000, '"' + r"\ud800" * 40_000 + '"',
     "1" * 250_000, "[" + "1 " * 120_000 + "]", "'" * 250_000, "/*" * 120_000, "+" * 250_000, "\\" * 250_000,
     "a." * 120_000, '"\\' * 100_000, "\x00" * 250_000, "[" + "]," * 100_000, '{"a":' + ',"a":' * 50_000 + "}",
     '"' + "k" * 100_000 + '"' * 100_000, "[[" * 30 + "}" * 200_000, "“" * 80_000, "\n" * 250_000 + "]"],
    ids=lambda text: ascii(text[:6]),
)  # fmt: skip
def test_hostile_text_costs_little_and_has_few_findings(text: str) -> None:
    start = time.process_time()
    with pytest.raises(Refused) as refused:
        read_json(text)
    assert 1 <= len(refused.value.diagnostics) <= 100
    assert time.process_time() - start < 2


def test_a_long_key_over_many_values_costs_no_more_than_the_text() -> None:
    import tracemalloc

    text = '{"' + "k" * 50_000 + '": [' + "[]," * 20_000 + "[]]}"
    tracemalloc.start()
    read_json(text)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 15e6
