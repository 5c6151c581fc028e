"""Everything that is wrong with a value where a term is due is found, with what was probably meant."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given

from policy_ir.diagnostics import Diagnostic
from policy_ir.signature import SIGNATURE
from policy_ir.syntax.diagnose import diagnose
from policy_ir.syntax.slips import written
from policy_ir.testing.strategies import ill_sorted_values, wire_values

ABORT = {"action": "abort"}


def brief(value: Any, sort: str | None = None) -> list[tuple[str, str | None]]:
    return [(found.code.code, found.pointer) for found in diagnose(value, sort)]


def the_one(value: Any, sort: str | None = None) -> Diagnostic:
    [found] = diagnose(value, sort)
    return found


@given(wire_values(admitted=False))
def test_nothing_is_found_in_a_well_sorted_term(value: Any) -> None:
    assert diagnose(value) == []


@given(ill_sorted_values())
def test_findings_come_in_the_order_of_the_value_and_each_once(value: Any) -> None:
    found = [(one.code.code, one.pointer, one.message) for one in diagnose(value)]
    assert found
    assert len(set(found)) == len(found)


@pytest.mark.parametrize(
    ("value", "found"),
    [
        # no term
        ("top", [("PIR0201", "")]),
        (1.5, [("PIR0201", "")]),
        (True, [("PIR0201", "")]),
        ([], [("PIR0201", "")]),
        ({"op": "and"}, [("PIR0201", "")]),
        (["not", "top"], [("PIR0201", "/1")]),
        ([["is", 1], ["bot", 2]], [("PIR0201", ""), ("PIR0205", "/0/1"), ("PIR0204", "/1")]),
        # unknown operations; their arguments are looked at only as far as they are terms
        (["adn", ["is", 1], ["cmp", "x"], 3, {}, ["x"], []],
         [("PIR0202", "/0"), ("PIR0205", "/1/1"), ("PIR0204", "/2")]),
        (["not", ["no_such_op", ["normalize", ["top"]]]], [("PIR0202", "/1/0"), ("PIR0203", "/1/1/1")]),
        # other sorts, and what is wrong inside them
        (["not", ["neg", ["field", 1]]], [("PIR0203", "/1"), ("PIR0205", "/1/1/1")]),
        (["test", ["top"], "le", 1], [("PIR0203", "/1")]),
        # arity
        (["and"], [("PIR0204", "")]),
        (["top", ["is", 1]], [("PIR0204", ""), ("PIR0205", "/1/1")]),
        (["cmp", "price_in", 25], [("PIR0204", "")]),
        (["cmp", "price_in", "<=", 25, "x"], [("PIR0204", "")]),
        # parameters
        (["lit", "1"], [("PIR0205", "/1")]),
        (["lit", True], [("PIR0205", "/1")]),
        (["top_k", [3], ["argmax"]], [("PIR0205", "/1")]),
        (["is", ["disabled"]], [("PIR0205", "/1")]),
        (["has_cap", {}], [("PIR0205", "/1")]),
        (["cmp", "x", ["le"], 1], [("PIR0205", "/2")]),
        (["cmp", 1, "lte", "1"], [("PIR0205", "/1"), ("PIR0206", "/2"), ("PIR0205", "/3")]),
        (["set_param", "x", [1]], [("PIR0205", "/2")]),
        (["set_param", "x", {}], [("PIR0205", "/2")]),
        (["tag_in", "x", "eu"], [("PIR0205", "/2")]),
        (["tag_in", "x", []], [("PIR0210", "/2")]),
        (["tag_in", "x", ["eu", 1, ["us"]]], [("PIR0205", "/2/1"), ("PIR0205", "/2/2")]),
        (["filter_text", {"x": 1}], [("PIR0205", "/1")]),
        (["filter_text", [1, {"a": 1, "b": True}]], [("PIR0205", "/1/0"), ("PIR0205", "/1/1/b")]),
        (["chain", {"model": "x", "provider": "y"}], [("PIR0205", "/1")]),
        (["chain", ["x"]], [("PIR0205", "/1/0")]),
        (["chain", [{"model": 1, "provider": "x"}]], [("PIR0205", "/1/0/model")]),
        # actions
        (["always", "abort"], [("PIR0205", "/1")]),
        (["always", {}], [("PIR0209", "/1")]),
        (["always", {"action": "quit"}], [("PIR0207", "/1/action")]),
        (["always", {"action": 1}], [("PIR0205", "/1/action")]),
        (["always", ABORT | {"then_action": "quit"}], [("PIR0207", "/1/then_action")]),
        (["always", ABORT | {"attempts": "1", "open_breaker_ms": []}],
         [("PIR0205", "/1/attempts"), ("PIR0205", "/1/open_breaker_ms")]),
        (["always", ABORT | {"backoff_ms": "1"}], [("PIR0205", "/1/backoff_ms")]),
        (["always", ABORT | {"backoff_ms": ["1"]}], [("PIR0205", "/1/backoff_ms/0")]),
        (["always", ABORT | {"backoff_ms": [1, "2"]}], [("PIR0205", "/1/backoff_ms/1")]),
        (["always", ABORT | {"house": "x"}], [("PIR0205", "/1/house")]),
        (["always", {"house": "x"}], [("PIR0209", "/1"), ("PIR0205", "/1/house")]),
        (["override", ["top"], 1, {}], [("PIR0203", "/1"), ("PIR0205", "/2"), ("PIR0209", "/3")]),
        # keys of chain entries
        (["chain", [{}]], [("PIR0209", "/1/0"), ("PIR0209", "/1/0")]),
        (["chain", [{"model": "x"}]], [("PIR0209", "/1/0")]),
        (["chain", [{"provider_id": "x", "region": "eu"}]], [("PIR0208", "/1/0/region"), ("PIR0209", "/1/0")]),
        # null and what no text says
        (None, [("PIR0115", "")]),
        (["and", None, ["is", None]], [("PIR0115", "/1"), ("PIR0115", "/2/1")]),
        ([None], [("PIR0201", "")]),
        (["filter_text", [None, {"x": None}]], [("PIR0115", "/1/0"), ("PIR0115", "/1/1/x")]),
        (["lit", float("inf")], [("PIR0112", "/1")]),
        (["lit", float("nan")], [("PIR0112", "/1")]),
        (["lit", 10**400], [("PIR0110", "/1")]),
        (["not", float("nan")], [("PIR0112", "/1")]),
        (["is", "a\ud800"], [("PIR0113", "/1")]),
        (["a\ud800"], [("PIR0113", "/0")]),
        (["filter_text", [{"\udfff": 1}]], [("PIR0113", "/1/0")]),
        (["not", {1, 2}], [("PIR0214", "/1")]),
        (b"top", [("PIR0214", "")]),
        (["filter_text", [{1: 2, b"x": 1, "y": "z"}]],
         [("PIR0214", "/1/0"), ("PIR0214", "/1/0"), ("PIR0205", "/1/0/y")]),
    ],
    ids=repr,
)  # fmt: skip
def test_each_thing_that_is_wrong_is_found_where_it_is(value: Any, found: list[tuple[str, str]]) -> None:
    assert sorted(brief(value), key=str) == sorted(found, key=str)


@pytest.mark.parametrize("row", SIGNATURE.values(), ids=SIGNATURE)
def test_an_operation_with_an_argument_too_many_is_told_how_it_is_written(row: Any) -> None:
    given_ = [row.op] if row.variadic else [row.op, *["x"] * (len(row.arguments) + 1)]
    found = the_one(given_)
    assert found.code.code == "PIR0204"
    assert found.help == f"it is written {written(row)}"


def test_how_operations_are_written() -> None:
    assert written(SIGNATURE["cmp"]) == '`["cmp", NumField, Rel, Num]`'
    assert written(SIGNATURE["and"]) == '`["and", Pred, …]`'
    assert written(SIGNATURE["test"]) == '`["test", Pointwise, Rel, Num]`'
    assert written(SIGNATURE["top"]) == '`["top"]`'


def test_arity_is_said_in_words() -> None:
    assert the_one(["not"]).message == "`not` takes 1 argument, found none"
    assert the_one(["cmp", 1]).message == "`cmp` takes 3 arguments, found 1"
    assert the_one(["seq"]).expected == "one or more arguments"


@pytest.mark.parametrize(
    ("name", "sort", "help_"),
    [
        ("adn", None, "did you mean `and`?"),
        ("AND", "Pred", "did you mean `and`?"),
        ("all", "Pred", "did you mean `and`?"),
        ("max", "Selector", "did you mean `argmax`?"),
        ("sum", "Scorer", "did you mean `add`?"),
        ("sum", "Pred", None),
        ("eq", "Pred", 'did you mean `["cmp", NumField, Rel, Num]` or `["test", Pointwise, Rel, Num]`?'),
        (">=", None, 'did you mean `["cmp", NumField, Rel, Num]` or `["test", Pointwise, Rel, Num]`?'),
        ("if", "Xform", 'did you mean `["when", Pred, Xform]`?'),
        ("if", "Scorer", 'did you mean `["gate", Pred, Scorer]`?'),
        ("if", "FailPlan", None),
        ("normalise", "Scorer", "did you mean `normalize`?"),
        ("normalise", "Pred", "did you mean `normalize`?"),
        ("xyzzy", None, None),
        ("x" * 100_000, None, None),
    ],
)
def test_an_unknown_operation_comes_with_what_was_probably_meant(
    name: str, sort: str | None, help_: str | None
) -> None:
    assert the_one([name], sort).help == help_


def test_every_suggested_operation_exists() -> None:
    from policy_ir.syntax import slips

    assert set(slips._OPERATIONS.values()) <= set(SIGNATURE)
    assert {op for several in slips._SEVERAL.values() for op in several} <= set(SIGNATURE)
    assert not set(slips._OPERATIONS) & set(SIGNATURE)


@pytest.mark.parametrize(
    ("relation", "help_"),
    [
        (">=", "did you mean `ge`?"),
        ("lte", "did you mean `le`?"),
        ("≠", "did you mean `ne`?"),
        ("GT", "did you mean `gt`?"),
        ("~", None),
    ],
)
def test_an_unknown_relation_comes_with_what_was_probably_meant(relation: str, help_: str | None) -> None:
    assert the_one(["cmp", "price_in", relation, 1]).help == help_


@pytest.mark.parametrize(
    ("verb", "help_"),
    [("retry", "did you mean `retry_same`?"), ("abrot", "did you mean `abort`?"), ("xyzzy", None)],
)
def test_an_unknown_action_comes_with_what_was_probably_meant(verb: str, help_: str | None) -> None:
    assert the_one(["always", {"action": verb}]).help == help_


@pytest.mark.parametrize(
    ("value", "sort", "help_"),
    [
        ("meets_req", None, 'an operation is written as a list: `["meets_req"]`'),
        ("cmp", "Pred", 'an operation is written as a list: `["cmp", NumField, Rel, Num]`'),
        (0.5, "Scorer", 'a constant score is written `["lit", Num]`'),
        (0.5, "Pred", 'a term is a list with its operation first: `["meets_req"]`'),
        (True, "Scorer", 'a term is a list with its operation first: `["meets_req"]`'),
        ([["top"]], None, "write the terms one after another as arguments, without a list around them"),
        ({}, None, 'a term is a list with its operation first: `["meets_req"]`'),
        (["not", ["zero"]], "Pred", '`test` compares a score: `["test", Scorer, "ge", 0.5]`'),
        (["neg", ["top"]], "Scorer", '`gate` scores 0 where a predicate refuses: `["gate", Pred, Scorer]`'),
        (["top"], "FailPlan", None),
        (["lit", "25"], None, "numbers are written without quotes"),
        (["lit", "x"], None, None),
        (["is", 1], None, "strings are written in double quotes"),
        (["is", ["x"]], None, "write it without a list around it"),
        (["is", ["x", "y"]], None, None),
        (["tag_in", "region", "eu"], None, 'write a list: `["eu"]`'),
        (["chain", {}], None, "write a list with this record in it"),
        (["chain", 1], None, None),
        (["always", "abort"], None, 'write `{"action": "abort"}`'),
        (["always", "quit"], None, None),
        (["always", ABORT | {"backof_ms": [1]}], None, "did you mean `backoff_ms`? further keys map to numbers"),
        (["always", ABORT | {"xyzzy": [1]}], None, None),
        (["always", ABORT | {"acton": "abort"}], None, "did you mean `action`? further keys map to numbers"),
        (["chain", [{"modle": "x", "model": "x", "provider": "y"}]], None, "did you mean `model`?"),
        (["chain", [{"model": "x", "provider": "y", "xyzzy": 1}]], None, None),
    ],
    ids=repr,
)
def test_the_help_says_what_to_write(value: Any, sort: str | None, help_: str | None) -> None:
    assert the_one(value, sort).help == help_


def test_a_misspelt_key_and_the_one_that_is_missing_are_both_reported() -> None:
    assert brief(["always", {"acton": "abort"}]) == [("PIR0205", "/1/acton"), ("PIR0209", "/1")]
    assert brief(["chain", [{"modle": "x", "provider": "y"}]]) == [("PIR0208", "/1/0/modle"), ("PIR0209", "/1/0")]


def test_messages_tell_a_string_from_a_number() -> None:
    assert the_one(["lit", "25"]).message == '`"25"` where a finite number is due'
    assert the_one(["is", 25]).message == "`25` where the name of a boolean field is due"
    assert the_one([]).message == "`[]` where a term is due"
    assert the_one(["not", ["zero"]]).message == "a scorer where a predicate is due"


def cyclic() -> Any:
    value: Any = ["and"]
    value.append(value)
    return value


def doubling() -> Any:
    value: Any = ["and"]
    value += [value, value]
    return value


def shared() -> Any:
    value: Any = ["top"]
    for _ in range(40):
        value = ["and", value, value]
    return value


@pytest.mark.parametrize(
    ("value", "codes"),
    [
        (cyclic(), ["PIR0301"]),
        (doubling(), ["PIR0301", "PIR0302"]),
        (shared(), ["PIR0302"]),
        (["and"] + [["top"]] * 10**6, ["PIR0302"]),
        (["and"] + [1] * 10**6, ["PIR0201"] * 100),
        (["no_such_op", doubling()], ["PIR0202", "PIR0301", "PIR0302"]),
        (["tag_in", "x", [None] * 10**6], ["PIR0304"]),
        (["filter_text", [{str(n): None for n in range(10**5)}]], ["PIR0304"]),
        (["always", {str(n): None for n in range(10**5)}], ["PIR0304"]),
        (["chain", [{str(n): None for n in range(10**5)}]], ["PIR0304"]),
        (["is", "x" * 10**7], ["PIR0303"]),
        (["lit", 10**100_000], ["PIR0110"]),
    ],
    ids=["cyclic", "doubling", "shared", "wide", "wide nonsense", "unknown and doubling", "long list", "large record",
         "large action", "large entry", "long string", "many digits"],
)  # fmt: skip
def test_hostile_values_have_few_findings(value: Any, codes: list[str]) -> None:
    assert [found.code.code for found in diagnose(value)] == codes


def test_findings_name_the_source_that_is_given() -> None:
    assert {found.source for found in diagnose(["and", 1, 2], source="floor")} == {"floor"}


def test_a_pointer_escapes_the_keys_in_it() -> None:
    assert brief(["filter_text", [{"a/b~c": "x"}]]) == [("PIR0205", "/1/0/a~1b~0c")]


def test_a_text_shows_each_string_of_the_language_once() -> None:
    assert json.loads(the_one(["always", "abort"]).help.split("`")[1]) == ABORT  # type: ignore[union-attr]
