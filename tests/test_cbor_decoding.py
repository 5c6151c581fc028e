"""The strict reader: the one encoding of a value is accepted, and every other sequence of bytes has its reason."""

from __future__ import annotations

import tracemalloc
from typing import Any

import cbor2
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from plain_values import deep, values

from policy_ir.cbor import decode, encode
from policy_ir.diagnostics import Refused
from policy_ir.testing.strategies import terms
from policy_ir.values import value_of

REFUSED: list[tuple[str, str, int]] = [
    # malformed or truncated
    ("", "PIR0801", 0),
    ("18", "PIR0801", 0),
    ("1900", "PIR0801", 0),
    ("1c", "PIR0801", 0),
    ("3d", "PIR0801", 0),
    ("5e", "PIR0801", 0),
    ("7c", "PIR0801", 0),
    ("9d", "PIR0801", 0),
    ("be", "PIR0801", 0),
    ("dc", "PIR0801", 0),
    ("fc", "PIR0801", 0),
    ("1f", "PIR0801", 0),
    ("3f", "PIR0801", 0),
    ("df", "PIR0801", 0),
    ("ff", "PIR0801", 0),
    ("81ff", "PIR0801", 1),
    ("8101" + "ff", "PIR0804", 2),
    ("62c3", "PIR0801", 0),
    ("820161", "PIR0801", 2),
    ("8201", "PIR0801", 0),
    ("a16161", "PIR0801", 3),
    ("a1", "PIR0801", 0),
    ("f938", "PIR0801", 0),
    ("62c328", "PIR0801", 1),
    ("61ff", "PIR0801", 1),
    ("63eda080", "PIR0801", 1),
    ("66eda0bdedb880", "PIR0801", 1),
    ("62c080", "PIR0801", 1),
    ("64f4908080", "PIR0801", 1),
    ("816361e9a9", "PIR0801", 3),
    ("7bffffffffffffffff", "PIR0801", 0),
    ("9bffffffffffffffff", "PIR0801", 0),
    ("bbffffffffffffffff", "PIR0801", 0),
    ("819b00000001ffffffff", "PIR0801", 1),
    ("7affffffff61", "PIR0801", 0),
    # not canonical
    ("1817", "PIR0802", 0),
    ("1900ff", "PIR0802", 0),
    ("1a0000ffff", "PIR0802", 0),
    ("1b00000000ffffffff", "PIR0802", 0),
    ("3800", "PIR0802", 0),
    ("780161", "PIR0802", 0),
    ("9800", "PIR0802", 0),
    ("990001" + "01", "PIR0802", 0),
    ("b800", "PIR0802", 0),
    ("9fff", "PIR0802", 0),
    ("bfff", "PIR0802", 0),
    ("7f6161ff", "PIR0802", 0),
    ("81" + "9f" + "ff", "PIR0802", 1),
    ("f90000", "PIR0802", 0),
    ("f98000", "PIR0802", 0),
    ("f93c00", "PIR0802", 0),
    ("fa3f000000", "PIR0802", 0),
    ("fa80000000", "PIR0802", 0),
    ("fb3fe0000000000000", "PIR0802", 0),
    ("fb4014000000000000", "PIR0802", 0),
    ("fb433fffffffffffff", "PIR0802", 0),
    ("fb4340000000000000", "PIR0802", 0),
    ("a2616201616102", "PIR0802", 4),
    ("a2616101616102", "PIR0802", 4),
    ("a262616101616202", "PIR0802", 5),
    ("a1" + "780161" + "01", "PIR0802", 1),
    ("a1" + "7f6161ff" + "01", "PIR0802", 1),
    # items that the language does not have
    ("40", "PIR0803", 0),
    ("4161", "PIR0803", 0),
    ("5f4161ff", "PIR0803", 0),
    ("5bffffffffffffffff", "PIR0803", 0),
    ("c0", "PIR0803", 0),
    ("c11a514b67b0", "PIR0803", 0),
    ("c249010000000000000000", "PIR0803", 0),
    ("d9d9f7" + "00", "PIR0803", 0),
    ("81d81e80", "PIR0803", 1),
    ("f6", "PIR0803", 0),
    ("f7", "PIR0803", 0),
    ("e0", "PIR0803", 0),
    ("f3", "PIR0803", 0),
    ("f814", "PIR0803", 0),
    ("f8ff", "PIR0803", 0),
    ("1b0020000000000000", "PIR0803", 0),
    ("1bffffffffffffffff", "PIR0803", 0),
    ("3b001fffffffffffff", "PIR0803", 0),
    ("3bffffffffffffffff", "PIR0803", 0),
    ("f97c00", "PIR0803", 0),
    ("f9fc00", "PIR0803", 0),
    ("f97e00", "PIR0803", 0),
    ("fa7f800000", "PIR0803", 0),
    ("fb7ff8000000000000", "PIR0803", 0),
    ("f97e01", "PIR0803", 0),
    ("a10102", "PIR0803", 1),
    ("a1f502", "PIR0803", 1),
    ("a1a002", "PIR0803", 1),
    # trailing bytes
    ("0000", "PIR0804", 1),
    ("80ff", "PIR0804", 1),
    ("8101" + "80", "PIR0804", 2),
    ("6161" + "0a", "PIR0804", 2),
]  # fmt: skip

NO_SCORES = ["fa7f800000", "faff800000", "fb7ff0000000000000", "f97e01", "f9fe00", "fa7fc00000", "fb7ff8000000000000"]
"""Infinities that are not short, and undefined with another payload or width."""


def refusal(data: bytes, **options: Any) -> tuple[str, str]:
    with pytest.raises(Refused) as refused:
        decode(data, **options)
    (found,) = refused.value.diagnostics
    return found.code.code, found.message


@pytest.mark.parametrize(("data", "code", "at"), REFUSED)
def test_other_bytes_are_refused_with_their_reason_and_place(data: str, code: str, at: int) -> None:
    found, message = refusal(bytes.fromhex(data))
    assert found == code
    assert message.endswith(f", at byte {at}")


@pytest.mark.parametrize("data", NO_SCORES)
def test_a_score_has_one_encoding_too(data: str) -> None:
    assert refusal(bytes.fromhex(data), scores=True)[0] == "PIR0802"


def test_scores_may_be_infinite_or_undefined() -> None:
    below, undefined, above = decode(bytes.fromhex("83f9fc00f97e00f97c00"), scores=True)  # type: ignore[misc]
    assert (below, above) == (float("-inf"), float("inf"))
    assert undefined != undefined


def test_a_refusal_shows_the_encoding_that_was_due() -> None:
    with pytest.raises(Refused) as refused:
        decode(bytes.fromhex("81fb4014000000000000"))
    assert refused.value.diagnostics[0].expected == "`05`"


def test_numbers_are_read_as_binary64() -> None:
    value = decode(bytes.fromhex("83" + "05" + "20" + "f93800"))
    assert value == [5.0, -1.0, 0.5]
    assert isinstance(value, list)
    assert {type(number) for number in value} == {float}


def test_truth_is_no_number() -> None:
    value = decode(bytes.fromhex("84f5f40001"))
    assert isinstance(value, list)
    assert [type(part) for part in value] == [bool, bool, float, float]


def test_maps_are_read_in_the_order_of_their_bytes() -> None:
    value = decode(encode({"bb": 1.0, "c": 2.0, "a": 3.0}))
    assert isinstance(value, dict)
    assert list(value) == ["a", "c", "bb"]


@pytest.mark.parametrize("levels", [1, 5, 69])
def test_nesting_is_bounded_where_it_is_told(levels: int) -> None:
    assert decode(encode(deep(levels)), nesting=levels) == deep(levels)
    code, message = refusal(encode(deep(levels + 1)), nesting=levels)
    assert (code, message) == ("PIR0310", f"lists and maps nested deeper than {levels} levels, at byte {levels}")


@pytest.mark.parametrize("initial", ["81", "a16161", "82f5"])
def test_a_million_levels_are_refused_as_the_first_too_many(initial: str) -> None:
    assert refusal(bytes.fromhex(initial) * 10**6)[0] == "PIR0310"


@pytest.mark.parametrize("initial", ["7b", "9b", "bb", "7a", "9a", "ba"])
@pytest.mark.parametrize("claimed", ["7fffffffffffffff", "00000000ffffffff", "000000007fffffff"])
def test_claimed_lengths_take_no_memory(initial: str, claimed: str) -> None:
    data = bytes.fromhex("81" + initial + (claimed if initial[1] == "b" else claimed[8:]) + "00" * 64)
    tracemalloc.start()
    try:
        assert refusal(data)[0] in ("PIR0801", "PIR0802")
        assert tracemalloc.get_traced_memory()[1] < 2**20
    finally:
        tracemalloc.stop()


def test_many_small_items_are_read_in_linear_time() -> None:
    data = bytes.fromhex("9a00030000") + bytes.fromhex("80") * 0x30000
    assert decode(data) == [[]] * 0x30000


def accepted(data: bytes) -> bool:
    try:
        value = decode(data)
    except Refused:
        return False
    assert encode(value) == data
    return True


@given(st.binary(max_size=24))
def test_bytes_are_accepted_only_if_they_are_the_encoding_of_what_they_say(data: bytes) -> None:
    accepted(data)


@settings(max_examples=40)
@given(values())
@example([0.5, 0.1, 5.0, -1.0, "é", True, {"a": 1.0, "bb": []}])
def test_with_any_byte_changed_the_reader_refuses_or_reads_another_value(value: Any) -> None:
    data = encode(value)[:80]
    for place in range(len(data)):
        for byte in {0x00, 0x18, 0x5F, 0x7F, 0x9F, 0xF6, 0xFF, data[place] ^ 1, data[place] ^ 0x20, data[place] ^ 0x80}:
            accepted(data[:place] + bytes([byte]) + data[place + 1 :])


@given(terms(max_nodes=8), st.data())
def test_no_proper_beginning_of_an_encoding_is_one(term: Any, data: st.DataObject) -> None:
    encoded = encode(value_of(term))
    length = data.draw(st.integers(0, len(encoded) - 1))
    assert refusal(encoded[:length])[0] == "PIR0801"


@given(values(), st.binary(min_size=1, max_size=4))
def test_bytes_after_an_encoding_are_refused(value: Any, after: bytes) -> None:
    code, message = refusal(encode(value) + after)
    assert (code, message) == ("PIR0804", f"the item ends and more bytes follow, at byte {len(encode(value))}")


def told_apart(value: Any) -> Any:
    """The value in a form whose equality tells true from 1."""
    match value:
        case bool() | str():
            return (type(value).__name__, value)
        case int() | float():
            return float(value)
        case list():
            return [told_apart(part) for part in value]
        case dict():
            return [(key, told_apart(part)) for key, part in value.items()]
    raise AssertionError(value)


@given(st.binary(max_size=16))
@example(bytes.fromhex("a2616101616202"))
@example(bytes.fromhex("83f5f420"))
def test_what_is_accepted_reads_the_same_to_an_independent_reader(data: bytes) -> None:
    if accepted(data):
        assert told_apart(cbor2.loads(data)) == told_apart(decode(data))


@given(values())
def test_an_independent_writer_is_accepted_just_when_it_is_canonical(value: Any) -> None:
    data = cbor2.dumps(value)
    assert accepted(data) == (data == encode(value))
