"""Every operation, with too few, too many and wrong arguments at every position: the pointer names the place."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from outcomes import refusal

from policy_ir.signature import SIGNATURE, Operation
from policy_ir.syntax.loader import load

SAMPLES: dict[str, Any] = {
    "Pred": ["top"],
    "Scorer": ["zero"],
    "Selector": ["argmax"],
    "Xform": ["id"],
    "FailPlan": ["always", {"action": "abort"}],
    "Num": 1,
    "Count": 1,
    "Rel": "le",
    "NumField": "context",
    "BoolField": "disabled",
    "TagField": "region",
    "Field": "context",
    "Tier": "partner",
    "Name": "x",
    "Names": ["eu"],
    "ParamName": "temperature",
    "Scalar": 1,
    "Sym": "x",
    "Reason": "timeout",
    "Recipe": [],
    "Chain": [{"provider": "a", "model": "b"}],
    "Action": {"action": "abort"},
}
SORTS = ("Pred", "Scorer", "Selector", "Xform", "FailPlan")
JUNK: tuple[Any, ...] = (None, True, 1.5, "", "no such thing", [], {}, [[]], [None], {"": None}, [1, 2], ["no_such"])
NUMERIC = {"Num", "Count", "Scalar"}
NAMES = {"NumField", "BoolField", "TagField", "Field", "Tier", "Name", "ParamName", "Sym", "Reason"}


def sample(row: Operation) -> list[Any]:
    return [row.op, *(SAMPLES[argument.sort] for argument in row.arguments)]


def fits(sort: str, value: Any) -> bool:
    """Whether a junk value happens to have the shape of a sort."""
    if isinstance(value, bool):
        return sort == "Scalar"
    if isinstance(value, float):
        return sort in NUMERIC
    if isinstance(value, str):
        return sort in NAMES | {"Scalar"}
    if value == []:
        return sort in ("Recipe", "Chain")
    return sort in ("Recipe", "Names") and isinstance(value, list) and all(isinstance(part, str) for part in value)


def wrong_arguments(row: Operation) -> Iterator[tuple[list[Any], int]]:
    """The sample with one argument replaced by a value of another shape, and the place of that argument."""
    for place, argument in enumerate(row.arguments, start=1):
        others = [SAMPLES[sort] for sort in SORTS if sort != argument.sort]
        for value in [*JUNK, *others]:
            if not fits(argument.sort, value):
                whole = sample(row)
                whole[place] = value
                yield whole, place


@pytest.mark.parametrize("row", SIGNATURE.values(), ids=lambda row: row.op)
def test_the_sample_of_an_operation_is_well_sorted(row: Operation) -> None:
    assert load(sample(row)).op == row.op


@pytest.mark.parametrize("row", SIGNATURE.values(), ids=lambda row: row.op)
def test_an_argument_too_many_or_too_few_is_a_wrong_arity(row: Operation) -> None:
    whole = sample(row)
    wrong = [whole[: 1 + count] for count in range(len(row.arguments))]
    if not row.variadic:
        wrong += [[*whole, extra] for extra in (None, 1, "x", [], ["top"])] + [[*whole, *whole[1:], *[0] * 1000]]
    for value in wrong:
        found = refusal(lambda value=value: load(value))
        assert [(one.code.code, one.pointer) for one in found] == [("PIR0204", "")], value


@pytest.mark.parametrize("row", SIGNATURE.values(), ids=lambda row: row.op)
def test_a_wrong_argument_is_named_by_its_place(row: Operation) -> None:
    for value, place in wrong_arguments(row):
        found = refusal(lambda value=value: load(value))
        assert all((one.pointer or "").split("/")[1] == str(place) for one in found), (value, found)
        assert "PIR0204" not in {one.code.code for one in found}


FRAMES: dict[str, list[Any]] = {"Pred": ["not"], "Scorer": ["neg"], "Selector": ["top_k", 1], "Xform": ["seq"]}


@pytest.mark.parametrize("row", [row for row in SIGNATURE.values() if row.sort in FRAMES], ids=lambda row: row.op)
def test_it_is_named_by_its_place_inside_another_term_too(row: Operation) -> None:
    frame = FRAMES[row.sort]
    for value, place in wrong_arguments(row):
        found = refusal(lambda value=value: load([*frame, value]))
        assert all((one.pointer or "").split("/")[1:3] == [str(len(frame)), str(place)] for one in found), (
            value,
            found,
        )
