"""The JSON Schema of the wire syntax says what the signature and a vocabulary say."""

from __future__ import annotations

import json
from functools import cache
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from policy_ir.schema import Purpose, json_schema
from policy_ir.signature import SIGNATURE, TERM_SORTS
from policy_ir.testing.strategies import ill_sorted_values, terms, wire_values
from policy_ir.values import value_of
from policy_ir.vocabulary import vocabulary

SORTS = [*TERM_SORTS, "Pointwise", "Term"]


@cache
def validator(sort: str, name: str | None = None, purpose: Purpose = "validation") -> Draft202012Validator:
    return Draft202012Validator(json_schema(sort, vocabulary(name) if name else None, purpose))


def accepts(sort: str, value: Any, name: str | None = None) -> bool:
    return bool(validator(sort, name).is_valid(value))


@pytest.mark.parametrize("name", [None, "core", "standard"])
@pytest.mark.parametrize("sort", SORTS)
def test_the_schema_of_each_sort_is_a_schema(sort: str, name: str | None) -> None:
    for purpose in get_args(Purpose):
        Draft202012Validator.check_schema(json_schema(sort, vocabulary(name) if name else None, purpose))


def test_a_schema_of_an_unknown_sort_is_not_made() -> None:
    with pytest.raises(KeyError):
        json_schema("Predicate")


def test_a_schema_holds_no_definition_that_it_does_not_use() -> None:
    assert set(json_schema("FailPlan")["$defs"]) == {
        "FailPlan", "op.always", "op.override", "Reason", "Action",
    }  # fmt: skip


@given(st.data(), st.sampled_from(sorted(TERM_SORTS)))
def test_every_admitted_term_is_accepted_by_the_schema_of_its_sort(data: st.DataObject, sort: str) -> None:
    value = data.draw(wire_values(sort))
    assert accepts(sort, value)
    assert accepts(sort, value, "standard")
    assert accepts("Term", value)


@given(st.data(), st.sampled_from(sorted(TERM_SORTS)), st.sampled_from(sorted(TERM_SORTS)))
def test_a_term_is_refused_by_the_schema_of_every_other_sort(data: st.DataObject, sort: str, other: str) -> None:
    value = data.draw(wire_values(sort, max_nodes=6))
    assert accepts(other, value) == (sort == other)


@given(ill_sorted_values())
def test_an_ill_sorted_value_is_refused_by_every_schema(value: Any) -> None:
    assert not any(accepts(sort, value) for sort in SORTS)


@given(terms("Scorer", pointwise=True))
def test_a_scorer_without_normalize_is_pointwise(term: Any) -> None:
    assert accepts("Pointwise", value_of(term))


@given(terms("Scorer"))
def test_normalize_is_refused_anywhere_in_a_pointwise_scorer(term: Any) -> None:
    inside = ["add", ["scale", 2, ["normalize", value_of(term)]]]
    assert accepts("Scorer", inside)
    assert not accepts("Pointwise", inside)
    assert not accepts("Pred", ["test", inside, "le", 1])


@pytest.mark.parametrize("op", sorted(SIGNATURE))
def test_every_operation_has_a_definition_with_its_description(op: str) -> None:
    definition = json_schema("Term")["$defs"][f"op.{op}"]
    assert definition["description"] == SIGNATURE[op].about
    assert definition["prefixItems"][0] == {"const": op}


@pytest.mark.parametrize(
    ("sort", "value"),
    [
        ("Pred", ["cmp", "price_ou", "le", 1]),
        ("Pred", ["cmp", "disabled", "le", 1]),
        ("Pred", ["is", "price_out"]),
        ("Pred", ["tag_in", "disabled", ["eu"]]),
        ("Pred", ["known", "nothing"]),
        ("Pred", ["min_tier", "platinum"]),
        ("Scorer", ["field", "region"]),
        ("Xform", ["set_param", "model", "gpt-5"]),
        ("Xform", ["set_param", "temperature", 3]),
        ("Xform", ["set_param", "max_tokens", 1.5]),
        ("Xform", ["set_param", "reasoning_effort", "immense"]),
        ("Xform", ["set_param", "temperature", "hot"]),
        ("Xform", ["filter_text", ["NoSuchStep"]]),
        ("Xform", ["filter_text", [{"NoSuchStep": 1}]]),
        ("Xform", ["custom", "undeclared"]),
    ],
)
def test_with_a_vocabulary_the_schema_knows_the_names(sort: str, value: Any) -> None:
    assert accepts(sort, value)
    assert not accepts(sort, value, "standard")


@pytest.mark.parametrize(
    "action",
    [
        {"action": "retry_same", "attempts": 11},
        {"action": "retry_same", "attempts": 1.5},
        {"action": "retry_same", "backoff_ms": -1},
        {"action": "retry_same", "backoff_ms": [1] * 17},
        {"action": "retry_same", "then_action": "retry_same"},
        {"action": "abort", "open_breaker_ms": 3_600_001},
    ],
)
def test_the_bounds_of_an_action_are_in_the_schema(action: Any) -> None:
    assert not accepts("FailPlan", ["always", action])


@pytest.mark.parametrize("count", [0, 1.5, -1, True])
def test_a_count_is_an_integral_number_from_1(count: Any) -> None:
    assert accepts("Selector", ["top_k", 1.0, ["argmax"]])
    assert not accepts("Selector", ["top_k", count, ["argmax"]])


def test_a_vocabulary_without_customs_allows_none() -> None:
    assert not vocabulary("standard").customs
    assert not accepts("Xform", ["custom", "anything"], "standard")


def _depth(value: Any) -> int:
    return 1 + max(map(_depth, value), default=0) if isinstance(value, list) else 0


@settings(max_examples=40, deadline=None)
@given(
    (wire_values(max_depth=3, max_nodes=6) | ill_sorted_values()).filter(lambda value: _depth(value) <= 4),
    st.sampled_from(SORTS),
)
def test_the_schema_for_generation_accepts_the_same_values(value: Any, sort: str) -> None:
    assert validator(sort, None, "generation").is_valid(value) == accepts(sort, value)


def test_the_schema_for_generation_has_no_conditions() -> None:
    text = json.dumps(json_schema("Policy", vocabulary("standard"), "generation"))
    assert '"if"' not in text
    assert '"then"' not in text


def test_a_deep_term_is_validated_in_linear_time() -> None:
    value: Any = ["top"]
    for _ in range(12):
        value = ["and", ["not", value], ["top"]]
    assert accepts("Pred", value)
