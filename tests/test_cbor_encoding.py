"""What the bytes of a value are: by example, by two encoders, and by an independent reader."""

from __future__ import annotations

import math
import struct
from typing import Any

import cbor2
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from plain_values import deep, values

from policy_ir.cbor import (
    NESTING,
    SAFE,
    decode,
    encode,
    encode_flags,
    encode_numbers,
    encode_reference,
    encode_texts,
    head,
)
from policy_ir.testing.strategies import EDGE_NUMBERS, numbers, terms, texts
from policy_ir.values import value_of

NUMBERS: list[tuple[float, str]] = [
    (0.0, "00"),
    (-0.0, "00"),
    (1.0, "01"),
    (23.0, "17"),
    (24.0, "1818"),
    (255.0, "18ff"),
    (256.0, "190100"),
    (65535.0, "19ffff"),
    (65536.0, "1a00010000"),
    (2.0**32 - 1, "1affffffff"),
    (2.0**32, "1b0000000100000000"),
    (2.0**53 - 1, "1b001fffffffffffff"),
    (2.0**53, "fa5a000000"),
    (2.0**53 + 2, "fb4340000000000001"),
    (-1.0, "20"),
    (-24.0, "37"),
    (-25.0, "3818"),
    (-(2.0**53) + 1, "3b001ffffffffffffe"),
    (-(2.0**53), "fada000000"),
    (0.5, "f93800"),
    (-0.25, "f9b400"),
    (1.5, "f93e00"),
    (65504.0, "19ffe0"),
    (65504.5, "fa477fe080"),
    (2.0**-14, "f90400"),
    (2.0**-24, "f90001"),
    (2.0**-25, "fa33000000"),
    (3.516674041748047e-05, "f9024e"),
    (6.097555160522461e-05, "f903ff"),
    (1.401298464324817e-45, "fa00000001"),
    (1.1754942106924411e-38, "fa007fffff"),
    (3.4028234663852886e38, "fa7f7fffff"),
    (3.4028234663852889e38, "fb47efffffe0000001"),
    (0.1, "fb3fb999999999999a"),
    (1e100, "fb54b249ad2594c37d"),
    (5e-324, "fb0000000000000001"),
    (1.7976931348623157e308, "fb7fefffffffffffff"),
    (-1.7976931348623157e308, "fbffefffffffffffff"),
]  # fmt: skip

OTHERS: list[tuple[Any, str]] = [
    (False, "f4"),
    (True, "f5"),
    ("", "60"),
    ("é", "62c3a9"),
    ("x" * 23, "77" + "78" * 23),
    ("x" * 24, "7818" + "78" * 24),
    ("x" * 256, "790100" + "78" * 256),
    ("\U0001f600", "64f09f9880"),
    ([], "80"),
    ((), "80"),
    ([1, [2.0, "a"]], "82018202" + "6161"),
    (list(range(24)), "9818" + "".join(f"{n:02x}" for n in range(24))),
    ({}, "a0"),
    ({"aa": 1, "b": 2, "": 3}, "a3" + "6003" + "616202" + "62616101"),
    ({"é": 1, "zz": 2}, "a2" + "627a7a02" + "62c3a901"),
    ({"z": {"b": [], "a": {}}}, "a1617aa26161a0616280"),
]

OTHER_NAN = struct.unpack(">d", b"\xff" * 8)[0]
SCORES = [(math.inf, "f97c00"), (-math.inf, "f9fc00"), (math.nan, "f97e00"), (OTHER_NAN, "f97e00")]
NO_VALUES: list[Any] = [None, b"a", {1.0}, 1j, object(), {1: 2}, {None: 2}, {b"a": 2}, [None], {"a": ("b", None)}]

ENCODERS = pytest.mark.parametrize("encoder", [encode, encode_reference], ids=["fast", "reference"])


@ENCODERS
@pytest.mark.parametrize(("value", "expected"), [*NUMBERS, *OTHERS])
def test_a_value_has_these_bytes(encoder: Any, value: Any, expected: str) -> None:
    assert encoder(value).hex() == expected


@ENCODERS
@pytest.mark.parametrize(("value", "expected"), SCORES)
def test_only_scores_can_be_infinite_or_undefined(encoder: Any, value: float, expected: str) -> None:
    assert encoder([value], scores=True).hex() == "81" + expected
    assert encoder({"a": value}, scores=True).hex() == "a16161" + expected
    with pytest.raises(ValueError, match="scores"):
        encoder([value])


@ENCODERS
def test_an_integer_stands_for_the_number(encoder: Any) -> None:
    assert encoder([25, 25.0, 2.5e1]) == encoder([25.0] * 3)
    assert encoder(SAFE) == encoder(float(SAFE))


@ENCODERS
@pytest.mark.parametrize("integer", [SAFE + 1, -SAFE - 1, 10**400])
def test_an_integer_that_might_be_no_binary64_is_refused(encoder: Any, integer: int) -> None:
    with pytest.raises(ValueError, match="outside"):
        encoder({"a": integer})


@ENCODERS
@pytest.mark.parametrize("value", NO_VALUES)
def test_what_is_no_value_is_refused(encoder: Any, value: Any) -> None:
    with pytest.raises(TypeError, match="is not a value of the language"):
        encoder(value)


@ENCODERS
@pytest.mark.parametrize("value", ["\ud800", ["a\udfff"], {"\ud83d": 1.0}, {"a": "\udc00\ud800"}])
def test_a_lone_surrogate_is_refused(encoder: Any, value: Any) -> None:
    with pytest.raises(ValueError, match="surrogates"):
        encoder(value)


def test_nesting_has_a_bound() -> None:
    assert decode(encode(deep(NESTING))) == deep(NESTING)
    for value in (deep(NESTING + 1), deep(NESTING, {}), deep(10**5)):
        with pytest.raises(ValueError, match="nested deeper than 128"):
            encode(value)


def test_a_value_that_contains_itself_is_refused() -> None:
    circle: list[Any] = []
    circle += [circle, circle]
    knot: dict[str, Any] = {}
    knot["a"] = {"b": (knot, knot)}
    for value in (circle, knot):
        with pytest.raises(ValueError, match="nested deeper"):
            encode(value)


@pytest.mark.parametrize("argument", [0, 23, 24, 255, 256, 65535, 65536, 2**32 - 1, 2**32, 2**64 - 1])
def test_a_head_is_as_short_as_its_argument_allows(argument: int) -> None:
    assert head(0, argument) == cbor2.dumps(argument)
    assert head(1, argument) == cbor2.dumps(-1 - argument)


@given(values())
@example(list(EDGE_NUMBERS))
def test_the_fast_encoder_makes_the_bytes_of_the_reference(value: Any) -> None:
    assert encode(value) == encode_reference(value)


@given(st.floats())
def test_both_encoders_make_the_same_bytes_of_every_score(score: float) -> None:
    assert encode(score, scores=True) == encode_reference(score, scores=True)


@given(st.integers(0, 2**16 - 1), st.integers(0, 2**32 - 1))
def test_every_half_and_single_is_as_short_as_it_can_be(half: int, single: int) -> None:
    for raw, width in ((half.to_bytes(2, "big"), ">e"), (single.to_bytes(4, "big"), ">f")):
        number = struct.unpack(width, raw)[0]
        encoded = encode_reference(number, scores=True)
        integral = number.is_integer() and abs(number) <= SAFE
        assert integral or len(encoded) <= 1 + len(raw)
        assert encoded == encode(number, scores=True)


def test_all_half_subnormals_are_halves() -> None:
    for significand in range(1, 1024):
        assert encode(significand * 2.0**-24) == b"\xf9" + significand.to_bytes(2, "big")


@given(values())
def test_an_independent_reader_reads_the_value_back(value: Any) -> None:
    assert cbor2.loads(encode(value)) == value


@given(values())
def test_decoding_is_the_inverse_of_encoding(value: Any) -> None:
    data = encode(value)
    assert decode(data) == value
    assert encode(decode(data)) == data


@given(st.lists(st.floats()))
def test_decoding_is_the_inverse_of_encoding_on_scores_too(scores: list[float]) -> None:
    data = encode(scores, scores=True)
    assert encode(decode(data, scores=True), scores=True) == data


@given(st.dictionaries(texts(), numbers(), max_size=8), st.randoms(use_true_random=False))
def test_the_order_in_which_a_map_was_made_is_not_seen(value: dict[str, float], random: Any) -> None:
    entries = list(value.items())
    random.shuffle(entries)
    assert encode(dict(entries)) == encode(value)


@given(terms(admitted=False))
def test_both_encoders_agree_on_terms(term: Any) -> None:
    assert encode(value_of(term)) == encode_reference(value_of(term))


# --- a whole column at once ------------------------------------------------------------------------------------


@given(st.lists(numbers()))
@example([number for number, _ in NUMBERS])
def test_a_list_of_numbers_has_the_bytes_of_any_list(given_numbers: list[float]) -> None:
    assert encode_numbers(map(float, given_numbers)) == encode_reference([float(number) for number in given_numbers])


@pytest.mark.parametrize("number", [math.inf, -math.inf, math.nan])
def test_a_list_of_numbers_holds_no_scores(number: float) -> None:
    with pytest.raises(ValueError, match="infinities and undefined are scores"):
        encode_numbers([1.0, number])


@given(st.lists(st.booleans(), max_size=300))
def test_a_list_of_flags_has_the_bytes_of_any_list(flags: list[bool]) -> None:
    assert encode_flags(bytes(flags)) == encode_reference(flags)


@given(st.lists(texts() | st.lists(texts(), max_size=3).map(tuple)))
def test_a_list_of_texts_has_the_bytes_of_any_list(entries: list[Any]) -> None:
    assert encode_texts(entries) == encode_reference(entries)


def test_a_list_of_texts_holds_no_lone_surrogate() -> None:
    with pytest.raises(ValueError, match="surrogates"):
        encode_texts(["a", "\ud800"])
