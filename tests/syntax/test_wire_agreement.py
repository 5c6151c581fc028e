"""The grammar and the fast loader are one language: the same texts, the same documents, the same findings."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy_ir.diagnostics import Diagnostic, Refused
from policy_ir.signature import SIGNATURE, TERM_SORTS, Operation, subterms_of
from policy_ir.syntax.document import Document
from policy_ir.syntax.loader import load
from policy_ir.syntax.wire import parse_wire, read_wire_fast, to_wire
from policy_ir.terms import SetParam, Term
from policy_ir.testing.strategies import ill_sorted_values, mangled_text, mangled_values, terms, wire_values

SORTS = st.sampled_from([None, *TERM_SORTS])


def agreed(text: str, sort: str | None = None) -> Term | tuple[Diagnostic, ...]:
    """What both readers say of a text: its term, or the findings."""
    said: list[Any] = []
    for read in (parse_wire, read_wire_fast):
        try:
            said.append(read(text, name="house", sort=sort, source="floor"))
        except Refused as refused:
            said.append(refused.diagnostics)
    if isinstance(said[0], Document):
        assert isinstance(said[1], Document), said[1]
        assert said[0].term == said[1].term
        assert origins(said[0].term) == origins(said[1].term)
        assert list(said[0].spans.items()) == list(said[1].spans.items())
        assert (said[0].name, said[0].text, said[0].syntax) == (said[1].name, said[1].text, said[1].syntax)
        assert said[0].term is not None
        return said[0].term
    assert said[0] == said[1]
    assert said[0]
    findings: tuple[Diagnostic, ...] = said[0]
    return findings


def origins(term: Term | None) -> list[Any]:
    assert term is not None
    return [term.origin, *(origin for part in subterms_of(term) for origin in origins(part))]


def as_loaded(value: Any, sort: str | None = None) -> Term | tuple[Diagnostic, ...]:
    try:
        return load(value, sort=sort)
    except Refused as refused:
        return refused.diagnostics


@given(wire_values(admitted=False), st.booleans(), st.sampled_from([None, 0, 3]))
def test_on_well_sorted_terms(value: Any, ascii_only: bool, indent: Any) -> None:
    assert isinstance(agreed(json.dumps(value, ensure_ascii=ascii_only, indent=indent)), Term)


ONE_OF_EACH: dict[str, Any] = {
    "Pred": ["top"], "Scorer": ["zero"], "Selector": ["argmax"], "Xform": ["id"],
    "FailPlan": ["always", {"action": "abort"}], "Rel": "le", "Num": 0.5, "Count": 3, "Scalar": True,
    "Names": ["eu", "us"], "Action": {"house": 1, "action": "retry_same", "attempts": 1, "backoff_ms": [1, 2],
    "then_action": "next_candidate", "open_breaker_ms": 5}, "Recipe": ["a", {"b": 1}],
    "Chain": [{"provider": "a", "model": "b"}, {"provider_id": "a", "model_family": "b"}],
}  # fmt: skip


@pytest.mark.parametrize("row", SIGNATURE.values(), ids=SIGNATURE)
def test_on_every_operation(row: Operation) -> None:
    value = [row.op, *(ONE_OF_EACH.get(argument.sort, row.op) for argument in row.arguments)]
    said = agreed(json.dumps(value), row.sort)
    assert isinstance(said, row.cls)
    assert to_wire(said) == value
    assert isinstance(agreed(json.dumps([*value, ["no_such_op"]]), row.sort), tuple)
    assert row.arguments == () or isinstance(agreed(json.dumps(value[:-1]), row.sort), tuple)


@pytest.mark.parametrize("scalar", [True, False, 0, 1.5, "", "true"])
def test_on_scalars(scalar: Any) -> None:
    said = agreed(json.dumps(["set_param", "x", scalar]))
    assert said == load(["set_param", "x", scalar])
    assert isinstance(said, SetParam)
    assert json.dumps(to_wire(said)[2]) == json.dumps(scalar)


@given(terms(admitted=False), SORTS)
def test_on_terms_of_one_sort_where_another_is_due(term: Term, sort: str | None) -> None:
    said = agreed(json.dumps(to_wire(term)), sort)
    if sort in (None, SIGNATURE[term.op].sort):
        assert said == term
    else:
        assert isinstance(said, tuple)
        assert [(found.code.code, found.pointer) for found in said] == [("PIR0203", "")]


@given(ill_sorted_values(), SORTS)
def test_on_ill_sorted_terms(value: Any, sort: str | None) -> None:
    assert isinstance(agreed(json.dumps(value), sort), tuple)


@given(mangled_values(json_only=True), SORTS)
def test_on_values_with_parts_replaced(value: Any, sort: str | None) -> None:
    said = agreed(json.dumps(value), sort)
    loaded = as_loaded(value, sort)
    if isinstance(said, Term):
        assert loaded == said
    elif all(found.code.code >= "PIR02" for found in said):  # null is found in a text before its shape is looked at
        assert isinstance(loaded, tuple)
        assert sorted((found.code.code, found.pointer or "") for found in loaded) == sorted(
            (found.code.code, found.pointer or "") for found in said
        )
    else:
        assert isinstance(loaded, tuple)


@given(mangled_values())
def test_the_loader_says_what_is_wrong_with_any_value(value: Any) -> None:
    said = as_loaded(value)
    if isinstance(said, Term):
        assert agreed(json.dumps(value)) == said
    else:
        assert said
        assert all(found.pointer is not None and found.source == "policy" for found in said)


@given(mangled_text())
def test_on_texts_with_a_few_wrong_characters(text: str) -> None:
    agreed(text)


KEYS = ("action", "attempts", "backoff_ms", "then_action", "open_breaker_ms", "provider", "provider_id", "model",
        "model_family", "house", "abort", "", "é" * 129)  # fmt: skip
ENTRIES = st.sampled_from([1, 2.5, True, "abort", "next_candidate", "later", [], [1], [1, "x"], {}, "é" * 129])
RECORDS = st.dictionaries(st.sampled_from(KEYS), ENTRIES, max_size=5)


@given(st.data(), st.sampled_from(["always", "override", "chain", "filter_text"]))
def test_on_records_with_any_keys_in_any_order(data: st.DataObject, op: str) -> None:
    record = data.draw(RECORDS)
    value: Any = {
        "always": ["always", record],
        "override": ["override", ["always", {"action": "abort"}], "always", record],
        "chain": ["chain", [{"model": "a", "provider": "b"}, record]],
        "filter_text": ["filter_text", ["house", record]],
    }[op]
    agreed(json.dumps(value))


@pytest.mark.parametrize(
    "text",
    [
        '["always", {"x": 1, "action": "abort"}]',
        '["always", {"action": "abort", "abort": 1, "x": 1}]',
        '["always", {"attempts": 1, "x": 1, "backoff_ms": [1], "action": "abort", "then_action": "abort"}]',
        '["chain", [{"model": "a", "provider": "b"}, {"provider_id": "b", "provider": "c", "model_family": "a"}]]',
        '["chain", [{"model": "a", "model_family": "b", "provider": "c", "provider_id": "d"}]]',
        '["chain", []]',
        '["filter_text", [{}, {"action": 1}, "filter_text"]]',
        '["provider_eq", "provider_eq"]',
        '["\\u0061nd", ["fiel\\u0064", "and"]]',
        '["and", ["cmp", "lt", "l\\u0074", 1], ["is", "true"]]',
        '["set_param", "set_param", "and"]',
    ],
)
def test_a_string_is_a_keyword_only_where_the_grammar_has_one(text: str) -> None:
    said = agreed(text)
    if isinstance(said, Term):
        assert said == load(json.loads(text))
    else:
        assert [found.pointer for found in said] == ["/1"]


def nested(depth: int) -> Any:
    term: Any = ["top"]
    for _ in range(depth - 1):
        term = ["not", term]
    return term


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (nested(64), None),
        (nested(65), "PIR0301"),
        (["and", *[["top"]] * 4095], None),
        (["and", *[["top"]] * 4096], "PIR0302"),
        (["is", "é" * 128], None),
        (["is", "é" * 128 + "x"], "PIR0303"),
        (["is", "x" * 257], "PIR0303"),
        (["always", {"action": "abort", "é" * 129: 1}], "PIR0303"),
        (["filter_text", [{"é" * 129: 1}]], "PIR0303"),
        (["set_param", "x", "é" * 129], "PIR0303"),
        (["chain", [{"model": "é" * 129, "provider": "x"}]], "PIR0303"),
        (["tag_in", "region", ["eu"] * 64], None),
        (["tag_in", "region", ["eu"] * 65], "PIR0304"),
        (["filter_text", ["x"] * 65], "PIR0304"),
        (["filter_text", [{f"{n}": 1 for n in range(64)}]], None),
        (["filter_text", [{f"{n}": 1 for n in range(65)}]], "PIR0304"),
        (["chain", [{"model": "x", "provider": "y"}] * 64], None),
        (["chain", [{"model": "x", "provider": "y"}] * 65], "PIR0304"),
        (["always", {"action": "abort", "backoff_ms": [1] * 64}], None),
        (["always", {"action": "abort", "backoff_ms": [1] * 65}], "PIR0304"),
        (["always", {"action": "abort"} | {f"{n}": 1 for n in range(63)}], None),
        (["always", {"action": "abort"} | {f"{n}": 1 for n in range(64)}], "PIR0304"),
    ],
    ids=lambda part: json.dumps(part)[:24],
)
def test_on_the_bounds(value: Any, code: str | None) -> None:
    for said in (agreed(json.dumps(value)), as_loaded(value)):
        codes = None if isinstance(said, Term) else [found.code.code for found in said]
        assert codes == (code and [code])


def test_the_deepest_term_with_the_deepest_parameter_can_be_written() -> None:
    term: Any = ["filter_text", [{"house": 1}]]
    for _ in range(63):
        term = ["when", ["top"], term]
    assert isinstance(agreed(json.dumps(term)), Term)


@pytest.mark.parametrize("read", [parse_wire, read_wire_fast])
def test_a_sort_that_is_none_is_the_callers_mistake(read: Any) -> None:
    with pytest.raises(KeyError):
        read('["top"]', sort="Predicate")


@pytest.mark.parametrize("read", [parse_wire, read_wire_fast, lambda text: load(json.loads(text))])
def test_a_refusal_that_nothing_explains_is_ours(read: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from policy_ir.diagnostics import InternalError
    from policy_ir.syntax import diagnose

    monkeypatch.setattr(diagnose, "diagnose", lambda *_, **__: [])
    with pytest.raises(InternalError):
        read('["and"]')


def test_both_readers_say_where() -> None:
    text = '["and",\n  ["is", 1],\n  ["always", {"model": "x"}]]'
    said = agreed(text)
    assert isinstance(said, tuple)
    assert [(found.code.code, found.pointer, found.span and text[found.span.start : found.span.end], found.source)
            for found in said] == [
        ("PIR0205", "/1/1", "1", "house"),
        ("PIR0203", "/2", '["always", {"model": "x"}]', "house"),
        ("PIR0205", "/2/1/model", '"x"', "house"),
        ("PIR0209", "/2/1", "}", "house"),
    ]  # fmt: skip


def test_a_finding_about_a_key_marks_the_key() -> None:
    text = '["chain", [{"modle": "x", "provider": "y"}]]'
    said = agreed(text)
    assert isinstance(said, tuple)
    assert [(found.pointer, found.span and text[found.span.start : found.span.end]) for found in said] == [
        ("/1/0/modle", '"modle"'),
        ("/1/0", "}"),
    ]
