"""The loader takes decoded JSON values, whatever kind of list, record, string or number they are made of."""

from __future__ import annotations

import enum
import json
import re
from collections import OrderedDict, namedtuple
from decimal import Decimal
from fractions import Fraction
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given

from policy_ir.diagnostics import Refused
from policy_ir.signature import TERM_SORTS, arguments_of, subterms_of
from policy_ir.syntax.loader import load
from policy_ir.syntax.print_wire import to_wire
from policy_ir.terms import (
    Action,
    Always,
    And,
    ChainEntry,
    ChainSelector,
    Cmp,
    FilterText,
    HasCap,
    Is,
    Lit,
    Origin,
    Override,
    RecipeRecord,
    SetParam,
    Term,
    Text,
    Top,
)
from policy_ir.testing.strategies import terms


def codes(value: Any, **options: Any) -> list[str]:
    with pytest.raises(Refused) as refused:
        load(value, **options)
    return [found.code.code for found in refused.value.diagnostics]


@given(terms(admitted=False))
def test_what_is_written_is_loaded_back(term: Term) -> None:
    assert load(to_wire(term)) == term


@given(terms(admitted=False))
def test_every_node_knows_where_it_comes_from(term: Term) -> None:
    def check(node: Term, value: Any, pointer: str) -> None:
        assert (node.op, node.origin) == (value[0], Origin("floor", pointer))
        places = [at for at, part in enumerate(arguments_of(node), 1) if isinstance(part, Term)]
        for part, at in zip(subterms_of(node), places, strict=True):
            check(part, value[at], f"{pointer}/{at}")

    value = to_wire(term)
    check(load(value, source="floor"), value, "")


def test_arguments_go_where_they_belong() -> None:
    assert load(["and", ["cmp", "price_in", "le", 25], ["top"]]) == And((Cmp("price_in", "le", 25.0), Top()))
    action = {"attempts": 2, "action": "retry_same", "backoff_ms": [1, 2], "then_action": "abort", "b": 2, "a": 1}
    assert load(["override", ["always", {"action": "abort"}], "timeout", action]) == Override(
        Always(Action("abort")),
        "timeout",
        Action("retry_same", attempts=2, backoff_ms=(1.0, 2.0), then_action="abort", extra=(("a", 1), ("b", 2))),
    )
    assert load(["chain", [{"model": "a", "provider_id": "b"}]]) == ChainSelector(
        (ChainEntry(model="a", provider_id="b"),)
    )
    assert load(["filter_text", ["x", {"y": 1}]]) == FilterText(("x", RecipeRecord((("y", 1.0),))))


def test_a_boolean_a_number_and_a_string_are_different_scalars() -> None:
    scalars = [load(["set_param", "x", value]) for value in (True, 1, 1.0, "1")]
    assert scalars[1] == scalars[2]
    assert len(set(scalars)) == 3


Pair = namedtuple("Pair", "op name")
House = enum.StrEnum("House", ["disabled"])
Level = enum.IntEnum("Level", ["low", "high"])


class Percent(float):
    """A number of a kind of its own."""


@pytest.mark.parametrize(
    ("value", "term"),
    [
        (("and", ("top",)), And((Top(),))),
        (Pair("is", "disabled"), Is("disabled")),
        (["is", House.disabled], Is("disabled")),
        (["lit", Level.high], Lit(2.0)),
        (["lit", Percent(0.5)], Lit(0.5)),
        (["always", OrderedDict(action="abort")], Always(Action("abort"))),
        (["set_param", "x", House.disabled], SetParam("x", Text("disabled"))),
        (["lit", 2**53 + 1], Lit(2.0**53)),
        (["lit", 10**308], Lit(1e308)),
        (["lit", int(1.7976931348623157e308)], Lit(1.7976931348623157e308)),
        (["lit", -0.0], Lit(0.0)),
    ],
    ids=repr,
)
def test_subclasses_and_tuples_stand_for_what_they_extend(value: Any, term: Term) -> None:
    loaded = load(value)
    assert loaded == term
    assert json.dumps(to_wire(loaded)) == json.dumps(to_wire(term))


def test_strings_and_numbers_of_a_term_are_plain() -> None:
    loaded = load(["cmp", House.disabled, "ge", Percent(0.5)])
    assert isinstance(loaded, Cmp)
    assert (type(loaded.field), type(loaded.bound)) == (str, float)


class Unlike:
    """Nothing that JSON has, though it has a length and entries."""

    def __len__(self) -> int:
        return 1

    def __getitem__(self, at: int) -> str:
        return "top"


@pytest.mark.parametrize(
    ("value", "found"),
    [
        (Unlike(), ["PIR0214"]),
        ({"top"}, ["PIR0214"]),
        (["lit", Decimal(1)], ["PIR0214"]),
        (["lit", Fraction(1)], ["PIR0214"]),
        (["lit", 1j], ["PIR0214"]),
        (["is", b"disabled"], ["PIR0214"]),
        (["is", bytearray(b"disabled")], ["PIR0214"]),
        (["always", MappingProxyType({"action": "abort"})], ["PIR0214"]),
        (["always", {"action": "abort", 1: 1}], ["PIR0214"]),
        ((entry for entry in ["top"]), ["PIR0214"]),
        (["lit", 10**400], ["PIR0110"]),
        (["lit", -(2**1024)], ["PIR0110"]),
        (["lit", float("nan")], ["PIR0112"]),
        (["lit", float("-inf")], ["PIR0112"]),
        (["has_cap", "\udc00"], ["PIR0113"]),
        (["lit", None], ["PIR0115"]),
        (["lit", True], ["PIR0205"]),
        ([["top"]], ["PIR0201"]),
        ([{}], ["PIR0201"]),
    ],
    ids=lambda part: re.sub(r" object.* at 0x\w+", "", repr(part))[:40],
)
def test_values_that_no_text_stands_for_are_refused(value: Any, found: list[str]) -> None:
    assert codes(value) == found


@pytest.mark.parametrize("sort", TERM_SORTS)
def test_only_terms_of_the_sort_that_is_due_are_loaded(sort: str) -> None:
    if sort == "Pred":
        assert load(["top"], sort=sort) == Top()
    else:
        assert codes(["top"], sort=sort) == ["PIR0203"]


def test_values_that_contain_themselves_are_refused() -> None:
    value: Any = ["not"]
    value.append(value)
    assert codes(value) == ["PIR0301"]
    record: Any = {"action": "abort"}
    record["house"] = record
    assert codes(["always", record]) == ["PIR0205"]


def test_a_name_is_bounded_in_bytes() -> None:
    assert load(["has_cap", "é" * 128]) == HasCap("é" * 128)
    assert codes(["has_cap", "é" * 129]) == ["PIR0303"]


def test_a_refusal_names_the_source_and_the_pointer() -> None:
    with pytest.raises(Refused) as refused:
        load(["and", ["is", 1], ["top", 1]], source="floor")
    assert [(found.source, found.pointer) for found in refused.value.diagnostics] == [
        ("floor", "/1/1"),
        ("floor", "/2"),
    ]
