"""Canonical bytes and fingerprints of terms, and the strict reader that takes them back."""

from __future__ import annotations

from typing import Any

import attrs
import cbor2
import pytest
from blake3 import blake3
from hypothesis import example, given
from hypothesis import strategies as st
from rewriting import nodes

from policy_ir.canonical import canonical_bytes, encode, fingerprint, fingerprint_of, read_term, term_bytes, value_of
from policy_ir.diagnostics import Diagnostic, Refused
from policy_ir.normal_form import Encodings, is_normal, normal_form
from policy_ir.syntax.loader import load
from policy_ir.terms import Action, ChainEntry, Origin, Term
from policy_ir.testing.strategies import integral, located, policies, terms

FIRST = [
    "policy",
    ["and", ["meets_req"], ["not", ["is", "disabled"]], ["has_cap", "supports_tools"],
     ["cmp", "bench_intelligence", "ge", 0.5]],
    ["neg", ["normalize", ["field", "price_out"]]],
    ["argmax"],
    ["id"],
    ["always", {"action": "next_candidate"}],
]  # fmt: skip
FIRST_BYTES = (
    "82" "6b706f6c6963792d69722f31"
    "86" "66706f6c696379"
    "85" "63616e64"
    "81" "696d656574735f726571"
    "82" "636e6f74" "82" "626973" "6864697361626c6564"
    "82" "676861735f636170" "6e737570706f7274735f746f6f6c73"
    "84" "63636d70" "7262656e63685f696e74656c6c6967656e6365" "626765" "f93800"
    "82" "636e6567" "82" "696e6f726d616c697a65" "82" "656669656c64" "6970726963655f6f7574"
    "81" "666172676d6178"
    "81" "626964"
    "82" "66616c77617973" "a1" "66616374696f6e" "6e6e6578745f63616e646964617465"
)  # fmt: skip


def refusals(data: bytes, **options: Any) -> list[Diagnostic]:
    with pytest.raises(Refused) as refused:
        read_term(data, **options)
    return list(refused.value.diagnostics)


def codes(data: bytes, **options: Any) -> list[str]:
    return [found.code.code for found in refusals(data, **options)]


def test_the_first_policy_of_the_specification_has_these_bytes() -> None:
    assert term_bytes(normal_form(load(FIRST))).hex() == FIRST_BYTES


def test_a_fingerprint_is_the_plain_blake3_of_the_bytes() -> None:
    assert (
        fingerprint_of(load(["top"]))
        == "blake3:" + blake3(bytes.fromhex("826b706f6c6963792d69722f318163746f70")).hexdigest()
    )
    assert fingerprint("facts/1", {}) == "blake3:" + blake3(b"\x82\x67facts/1\xa0").hexdigest()


def test_fingerprints_do_not_change() -> None:
    top, first = fingerprint_of(load(["top"])), fingerprint_of(normal_form(load(FIRST)))
    assert top == "blake3:3a919283a943dc8a41aa3e80e79345ca60d3b314d1cff3397b6de8f7c3908275"
    assert first == "blake3:408a44182ae2740dd586a17ce937ee82ed4737366fc21d3e0779410cd18d9e24"


def test_two_kinds_of_records_never_share_bytes() -> None:
    assert canonical_bytes("facts/1", {}) != canonical_bytes("vocabulary/1", {})
    assert fingerprint("facts/1", {}) != fingerprint("vocabulary/1", {})


def test_records_of_scores_may_hold_infinities_and_undefined() -> None:
    scores = [float("inf"), float("nan"), -0.0]
    assert canonical_bytes("decision/1", scores, scores=True).hex() == "826a6465636973696f6e2f3183f97c00f97e0000"
    assert fingerprint("decision/1", scores, scores=True).startswith("blake3:")
    with pytest.raises(ValueError, match="scores"):
        fingerprint("decision/1", scores)


@given(terms(admitted=False))
def test_reading_the_bytes_of_a_normal_form_gives_it_back(term: Term) -> None:
    normal = normal_form(term)
    found = read_term(term_bytes(normal))
    assert found == normal
    assert term_bytes(found) == term_bytes(normal)


@given(terms(admitted=False))
def test_what_is_read_points_into_its_own_wire_form(term: Term) -> None:
    normal = normal_form(term)
    assert [node.origin for node, _, _ in nodes(read_term(term_bytes(normal)))] == [
        node.origin for node, _, _ in nodes(located(normal))
    ]


@given(terms(admitted=False, max_nodes=8), terms(admitted=False, max_nodes=8))
def test_two_normal_forms_have_the_same_bytes_only_if_they_are_one(one: Term, other: Term) -> None:
    one, other = normal_form(one), normal_form(other)
    assert (term_bytes(one) == term_bytes(other)) == (one == other)


@given(terms(admitted=False))
def test_an_independent_reader_sees_the_tag_and_the_value(term: Term) -> None:
    assert cbor2.loads(term_bytes(term)) == ["policy-ir/1", integral(value_of(term))]


@given(terms(admitted=False))
def test_the_encoding_of_a_node_is_that_of_its_value(term: Term) -> None:
    encodings = Encodings()
    assert encodings(term) == encode(value_of(term))
    assert encodings(term) is encodings(term)


@given(terms(admitted=False))
@example(load(["chain", [{"provider_id": "a", "model": "b", "model_family": "c"}]]))
@example(load(["filter_text", ["a", {}, {"b": 1.0}]]))
@example(load(["always", {"action": "retry_same", "attempts": 0, "backoff_ms": [0], "open_breaker_ms": 0, "x": 0}]))
def test_a_term_is_its_value_read_back(term: Term) -> None:
    assert load(value_of(term)) == term
    assert load(integral(value_of(term))) == term


def test_absent_keys_have_no_value() -> None:
    assert value_of(load(["always", {"action": "abort"}])) == ["always", {"action": "abort"}]
    assert Action("abort", attempts=0.0) != Action("abort")
    assert ChainEntry(provider="", model="") != ChainEntry(provider_id="", model="")


@pytest.mark.parametrize(
    ("value", "wrong"),
    [
        ("policy-ir/1", "there is no leading tag"),
        ([], "there is no leading tag"),
        ({}, "there is no leading tag"),
        ([["top"]], "there is no leading tag"),
        ([True, ["top"]], "there is no leading tag"),
        (["top"], "the leading tag is `top`"),
        (["policy-ir/2", ["top"]], "the leading tag is `policy-ir/2`"),
        (["facts/1", {}], "the leading tag is `facts/1`"),
        (["policy-ir/1"], "the leading tag is `policy-ir/1`"),
        (["policy-ir/1", ["top"], ["top"]], "the leading tag is `policy-ir/1`"),
    ],
)
def test_records_of_another_kind_are_no_terms(value: Any, wrong: str) -> None:
    (found,) = refusals(encode(value))
    assert found.code.code == "PIR0805"
    assert wrong in found.message


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("top", ["PIR0201"]),
        (["tpo"], ["PIR0202"]),
        (["not", ["zero"]], ["PIR0203"]),
        (["not"], ["PIR0204"]),
        (["and", ["is", 1.0], ["cmp", "context", "about", True]], ["PIR0205", "PIR0206", "PIR0205"]),
        (["family_eq", "x" * 257], ["PIR0303"]),
    ],
)
def test_bytes_of_what_is_no_term_are_refused_as_its_text_is(value: Any, found: list[str]) -> None:
    assert codes(canonical_bytes("policy-ir/1", value)) == found


@pytest.mark.parametrize(
    ("value", "equation", "pointer"),
    [
        (["and", ["top"], ["meets_req"]], "and/unit", ""),
        (["not", ["or", ["meets_req"]]], "or/single", "/1"),
        (["add", ["lit", 2.0], ["lit", 1.0]], "add/sort", ""),
        (["chain", [{"provider_id": "a", "model": "b"}]], "chain/keys", ""),
        (["tag_in", "region", ["eu", "eu"]], "tag_in/sort", ""),
        (["override", ["always", {"action": "abort"}], "x", {"action": "abort"}], "failplan/collapse", ""),
    ],
)
def test_bytes_of_a_term_that_is_not_in_normal_form_are_refused(value: Any, equation: str, pointer: str) -> None:
    (found,) = refusals(canonical_bytes("policy-ir/1", value))
    assert (found.code.code, found.pointer) == ("PIR0806", pointer)
    assert f"`{equation}` applies" in found.message


@given(terms(admitted=False))
def test_the_bytes_of_a_term_are_accepted_just_when_it_is_normal(term: Term) -> None:
    if is_normal(term):
        assert read_term(term_bytes(term)) == term
    else:
        assert codes(term_bytes(term)) == ["PIR0806"]


def normal_value(value: list[Any]) -> list[Any]:
    return value_of(normal_form(load(value, effective=True)))


def deep(depth: int) -> list[Any]:
    """A predicate in normal form of this depth."""
    value: list[Any] = ["meets_req"]
    for level in range(depth - 1):
        value = ["and" if level % 2 else "or", ["scope_matches"], value]
    return normal_value(value)


def wide(nodes: int) -> list[Any]:
    """A predicate in normal form of this many nodes."""
    return normal_value(["or", *(["family_eq", f"{n:05}"] for n in range(nodes - 1))])


def test_a_term_may_be_64_deep_and_an_effective_one_66() -> None:
    for depth, effective in ((64, False), (66, True)):
        assert read_term(canonical_bytes("policy-ir/1", deep(depth)), effective=effective).op in ("and", "or")
    assert codes(canonical_bytes("policy-ir/1", deep(65))) == ["PIR0301"]
    too_deep = ["not", ["has_cap", "x"]]
    for _ in range(65):
        too_deep = ["and", ["top"], too_deep]
    assert codes(canonical_bytes("policy-ir/1", too_deep), effective=True) == ["PIR0301"]


def test_a_term_may_have_4096_nodes_and_an_effective_one_8192() -> None:
    for size, effective in ((4096, False), (8192, True)):
        assert read_term(canonical_bytes("policy-ir/1", wide(size)), effective=effective).op == "or"
    assert codes(canonical_bytes("policy-ir/1", wide(4097))) == ["PIR0302"]
    many = ["or", *(["family_eq", f"{n:05}"] for n in range(8192))]
    assert codes(canonical_bytes("policy-ir/1", many), effective=True) == ["PIR0302"]


def test_bytes_nested_deeper_than_any_term_are_refused_before_a_term_is_made() -> None:
    assert codes(b"\x82\x6bpolicy-ir/1" + b"\x81" * 10**5) == ["PIR0310"]


def accepted(data: bytes) -> bool:
    try:
        term = read_term(data)
    except Refused:
        return False
    assert term_bytes(term) == data
    return True


@pytest.mark.parametrize("flip", [0x01, 0x20, 0x80])
def test_with_any_byte_of_a_policy_changed_its_bytes_are_refused_or_those_of_another(flip: int) -> None:
    data = bytes.fromhex(FIRST_BYTES)
    for place in range(len(data)):
        accepted(data[:place] + bytes([data[place] ^ flip]) + data[place + 1 :])


@given(terms(max_nodes=8), st.data())
def test_with_any_byte_changed_the_reader_refuses_or_reads_the_term_of_those_bytes(term: Term, draw: Any) -> None:
    data = term_bytes(normal_form(term))
    assert accepted(data)
    place = draw.draw(st.integers(0, len(data) - 1))
    byte = draw.draw(st.integers(0, 255))
    assert accepted(data[:place] + bytes([byte]) + data[place + 1 :]) or byte != data[place]


@given(st.binary(max_size=40))
def test_binary_garbage_is_refused_with_a_reason(data: bytes) -> None:
    assert not accepted(data)
    assert not accepted(b"\x82\x6bpolicy-ir/1" + data) or data[:1] >= b"\x81"


@given(policies(admitted=False))
def test_origins_and_spelling_leave_no_trace_in_the_bytes(policy: Any) -> None:
    other = located(policy, "floor")
    assert term_bytes(other) == term_bytes(policy)
    assert term_bytes(attrs.evolve(policy, origin=Origin("x", "/y"))) == term_bytes(policy)
