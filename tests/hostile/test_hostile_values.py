"""Whatever Python value is passed to the loader, it is a term or it is refused."""

from __future__ import annotations

import datetime
import decimal
import fractions
from collections import OrderedDict, UserDict, UserList, namedtuple
from typing import Any

import pytest
from outcomes import codes_of, refusal

from policy_ir.syntax.loader import load


class Str(str):
    """A string that is more than a string."""

    def __str__(self) -> str:
        return "something else"


class Evil:
    """An object that raises whatever is asked of it."""

    def __getattr__(self, name: str) -> Any:
        raise RuntimeError(name)

    def __repr__(self) -> str:
        raise RuntimeError("shown")

    def __eq__(self, other: object) -> bool:
        raise RuntimeError("compared")

    __hash__ = None  # type: ignore[assignment]

    def __len__(self) -> int:
        raise RuntimeError("measured")

    def __iter__(self) -> Any:
        raise RuntimeError("walked")

    def __bool__(self) -> bool:
        raise RuntimeError("asked")


Pair = namedtuple("Pair", "op rest")


def deep(depth: int, kind: str) -> Any:
    value: Any = ["top"]
    for _ in range(depth):
        value = {"list": ["not", value], "tuple": ("not", value), "record": {"a": value}, "bare": [value]}[kind]
    return value


def cyclic_list() -> Any:
    value: list[Any] = ["and", ["top"]]
    value.append(value)
    return value


def cyclic_pair() -> Any:
    left: list[Any] = ["not"]
    right: list[Any] = ["not", left]
    left.append(right)
    return left


def cyclic_record() -> Any:
    action: dict[str, Any] = {"action": "abort"}
    action["more"] = action
    return ["always", action]


def cyclic_recipe() -> Any:
    recipe: list[Any] = ["a"]
    recipe.append(recipe)
    return ["filter_text", recipe]


def laughs() -> Any:
    """A term of 2^60 nodes in 60 lists."""
    value: Any = ["top"]
    for _ in range(60):
        value = ["and", value, value]
    return value


def wide_laughs() -> Any:
    value: Any = ["zero"]
    for _ in range(20):
        value = ["add", *[value] * 1000]
    return value


@pytest.mark.parametrize("kind", ["list", "tuple", "record", "bare"])
@pytest.mark.parametrize("depth", [65, 1000, 100_000])
def test_a_value_deeper_than_any_term_is_refused(kind: str, depth: int) -> None:
    value = deep(depth, kind)
    found = codes_of(lambda: load(value))
    assert found <= {"PIR0301", "PIR0310", "PIR0201"}
    while isinstance(value, list | tuple | dict) and value:  # taken apart by hand: freeing it recurses
        value = value["a"] if isinstance(value, dict) else value[-1]


@pytest.mark.parametrize(
    "make", [cyclic_list, cyclic_pair, cyclic_record, cyclic_recipe], ids=lambda make: make.__name__
)
def test_a_value_that_contains_itself_is_refused(make: Any) -> None:
    assert refusal(lambda: load(make()))


@pytest.mark.parametrize("make", [laughs, wide_laughs], ids=lambda make: make.__name__)
def test_a_value_whose_parts_are_shared_is_counted_as_the_term_it_spells(make: Any) -> None:
    assert codes_of(lambda: load(make())) == {"PIR0302"}


@pytest.mark.parametrize(
    ("number", "code"),
    [
        (10**100_000, "PIR0110"),
        (-(10**5000), "PIR0110"),
        (2**1024, "PIR0110"),
        (float("inf"), "PIR0112"),
        (float("-inf"), "PIR0112"),
        (float("nan"), "PIR0112"),
    ],
    ids=lambda value: value if isinstance(value, str) else "n",
)
def test_a_number_that_binary64_does_not_have_is_refused(number: float, code: str) -> None:
    assert codes_of(lambda: load(["lit", number])) == {code}
    assert codes_of(lambda: load(["always", {"action": "abort", "x": number}])) == {code}


@pytest.mark.parametrize("near", [2**53 + 1, 2**1023, 10**300, -(2**60) - 1])
def test_an_integer_is_read_as_the_nearest_binary64(near: int) -> None:
    assert load(["lit", near]) == load(["lit", float(near)])


@pytest.mark.parametrize(
    "foreign",
    [
        b"top",
        bytearray(b"top"),
        {"top"},
        frozenset({"top"}),
        1j,
        decimal.Decimal(1),
        fractions.Fraction(1, 2),
        datetime.date(2026, 1, 1),
        range(3),
        object(),
        type,
        print,
        Ellipsis,
        NotImplemented,
        (n for n in "ab"),
        UserList(["top"]),
        UserDict({"action": "abort"}),
        memoryview(b"top"),
        Evil(),
        Evil,
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_value_that_json_does_not_have_is_refused_wherever_it_stands(foreign: Any) -> None:
    for whole in (
        foreign,
        [foreign],
        ["not", foreign],
        ["lit", foreign],
        ["is", foreign],
        ["tag_in", "region", foreign],
        ["tag_in", "region", [foreign]],
        ["set_param", "temperature", foreign],
        ["always", foreign],
        ["always", {"action": foreign}],
        ["always", {"action": "abort", "backoff_ms": foreign}],
        ["always", {"action": "abort", "backoff_ms": [foreign]}],
        ["filter_text", foreign],
        ["filter_text", [foreign]],
        ["filter_text", [{"step": foreign}]],
        ["chain", foreign],
        ["chain", [foreign]],
        ["chain", [{"provider": foreign, "model": "b"}]],
        ["cmp", "context", foreign, 1],
        ["top_k", foreign, ["argmax"]],
    ):
        assert refusal(lambda whole=whole: load(whole)), whole


@pytest.mark.parametrize("key", [1, 1.5, None, True, b"action", ("action",), Evil])
def test_a_key_that_is_no_string_is_refused(key: Any) -> None:
    assert refusal(lambda: load(["always", {"action": "abort", key: 1}]))
    assert refusal(lambda: load(["filter_text", [{key: 1}]]))
    assert refusal(lambda: load(["chain", [{"provider": "a", "model": "b", key: "c"}]]))


def test_a_string_with_a_lone_surrogate_is_refused() -> None:
    assert codes_of(lambda: load(["has_cap", "\ud800"])) == {"PIR0113"}
    assert codes_of(lambda: load(["always", {"action": "abort", "\udfff": 1}])) == {"PIR0113"}


def test_a_string_over_its_bound_is_refused_and_one_at_it_is_not() -> None:
    assert load(["has_cap", "é" * 128])
    assert codes_of(lambda: load(["has_cap", "é" * 128 + "x"])) == {"PIR0303"}
    assert codes_of(lambda: load(["has_cap", "x" * 10**7])) == {"PIR0303"}


def test_tuples_and_subclasses_of_json_types_are_what_they_contain() -> None:
    assert load(("and", ("top",), ["bot"])) == load(["and", ["top"], ["bot"]])
    assert load(["always", OrderedDict(action="abort")]) == load(["always", {"action": "abort"}])
    assert load(Pair("not", ["top"])) == load(["not", ["top"]])


def test_a_term_keeps_no_subclass_of_a_string() -> None:
    term = load([Str("is"), Str("disabled")])
    assert type(term.field) is str
    assert load(["always", {Str("action"): Str("abort")}]) == load(["always", {"action": "abort"}])


def test_what_is_loaded_is_not_what_was_passed() -> None:
    names = ["eu", "us"]
    term = load(["tag_in", "region", names])
    names.append("cn")
    assert term == load(["tag_in", "region", ["eu", "us"]])
