"""The equations one by one, and what the normal form made with them keeps."""

from __future__ import annotations

from typing import Any

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policy_ir.equations import equations_of
from policy_ir.normal_form import EQUATIONS, Encodings, is_normal, normal_form, redexes
from policy_ir.signature import SIGNATURE, build, subterms_of
from policy_ir.syntax.loader import load
from policy_ir.terms import And, Laws, Origin, Term, Top
from policy_ir.testing.strategies import depth_of, located, size_of, terms
from policy_ir.values import value_of

A, B, C = ["is", "has_tee"], ["is", "no_log"], ["meets_req"]
X, Y, Z = ["lit", 1.0], ["lit", 2.0], ["field", "context"]
T, U = ["drop_param", "seed"], ["inject_seed", "seed"]
GO, STOP, RETRY = ({"action": verb} for verb in ("next_candidate", "abort", "retry_same"))
ALWAYS = ["always", GO]
ONE, TWO = {"provider": "b", "model": "m"}, {"provider": "a", "model": "m"}

ROOTS: dict[str, list[tuple[list[Any], list[Any]]]] = {
    "and/flatten": [(["and", A, ["and", B, C], ["and", A]], ["and", A, B, C, A])],
    "and/absorb": [(["and", A, ["bot"], B], ["bot"]), (["and", ["bot"]], ["bot"])],
    "and/unit": [(["and", ["top"], A, ["top"]], ["and", A]), (["and", ["top"], ["top"]], ["top"])],
    "and/single": [(["and", A], A)],
    "and/dedupe": [(["and", B, A, B, A, B], ["and", B, A])],
    "and/sort": [(["and", A, B, C], ["and", C, B, A])],
    "or/flatten": [(["or", A, ["or", B, C]], ["or", A, B, C])],
    "or/absorb": [(["or", A, ["top"]], ["top"])],
    "or/unit": [(["or", ["bot"], A], ["or", A]), (["or", ["bot"]], ["bot"])],
    "or/single": [(["or", A], A)],
    "or/dedupe": [(["or", A, A], ["or", A])],
    "or/sort": [(["or", A, C], ["or", C, A])],
    "add/flatten": [(["add", X, ["add", Y, X]], ["add", X, Y, X])],
    "add/unit": [(["add", X, ["zero"]], ["add", X]), (["add", ["zero"]], ["zero"])],
    "add/single": [(["add", X], X)],
    "add/sort": [(["add", Z, Y, X], ["add", X, Y, Z])],
    "seq/flatten": [(["seq", T, ["seq", U, T]], ["seq", T, U, T])],
    "seq/unit": [(["seq", ["id"], T], ["seq", T]), (["seq", ["id"], ["id"]], ["id"])],
    "seq/single": [(["seq", T], T)],
    "not/involution": [(["not", ["not", A]], A)],
    "not/top": [(["not", ["top"]], ["bot"])],
    "not/bot": [(["not", ["bot"]], ["top"])],
    "scale/one": [(["scale", 1.0, X], X)],
    "scale/zero-factor": [(["scale", 0.0, X], ["zero"]), (["scale", -0.0, X], ["zero"])],
    "scale/zero": [(["scale", 2.0, ["zero"]], ["zero"])],
    "gate/top": [(["gate", ["top"], X], X)],
    "gate/bot": [(["gate", ["bot"], X], ["zero"])],
    "gate/zero": [(["gate", A, ["zero"]], ["zero"])],
    "normalize/idempotent": [(["normalize", ["normalize", X]], ["normalize", X])],
    "normalize/zero": [(["normalize", ["zero"]], ["zero"])],
    "prefer/top": [(["prefer", ["top"], ["ordered"]], ["ordered"])],
    "prefer/bot": [(["prefer", ["bot"], ["ordered"]], ["ordered"])],
    "when/top": [(["when", ["top"], T], T)],
    "when/bot": [(["when", ["bot"], T], ["id"])],
    "when/id": [(["when", A, ["id"]], ["id"])],
    "tag_in/sort": [
        (["tag_in", "region", ["us", "eu", "us"]], ["tag_in", "region", ["eu", "us"]]),
        (["tag_in", "region", ["\U0001f600", "\uffff"]], ["tag_in", "region", ["\uffff", "\U0001f600"]]),
    ],
    "chain/keys": [
        (
            ["chain", [{"provider_id": "a", "model_family": "m"}, {"provider": "b", "provider_id": "c", "model": "n"}]],
            ["chain", [{"provider": "a", "model": "m"}, {"provider": "b", "model": "n"}]],
        ),
    ],
    "chain/dedupe": [(["chain", [ONE, TWO, {"provider_id": "b", "model": "m"}]], ["chain", [ONE, TWO]])],
    "failplan/collapse": [
        (["override", ["override", ALWAYS, "a", STOP], "a", RETRY], ["override", ALWAYS, "a", RETRY]),
        (["override", ["override", ALWAYS, "a", STOP], "a", GO], ALWAYS),
        (
            ["override", ["override", ALWAYS, "b", STOP], "a", STOP],
            ["override", ["override", ALWAYS, "a", STOP], "b", STOP],
        ),
        (
            ["override", ["override", ["override", ALWAYS, "unknown", STOP], "a", GO], "\uffff", RETRY],
            ["override", ["override", ALWAYS, "unknown", STOP], "\uffff", RETRY],
        ),
    ],
}  # fmt: skip
"""Per equation, redexes and what they become."""

NO_REDEXES = {
    "and/dedupe": ["and", A, ["and", A]],
    "or/sort": ["or", B, A],
    "not/involution": ["not", A],
    "scale/one": ["scale", 1.0000000000000002, X],
    "scale/zero-factor": ["scale", 5e-324, X],
    "scale/zero": ["scale", 2.0, ["lit", 0.0]],
    "gate/zero": ["gate", A, ["lit", 0.0]],
    "normalize/zero": ["normalize", ["lit", 0.0]],
    "when/id": ["when", A, ["set_param", "seed", 1.0]],
    "tag_in/sort": ["tag_in", "region", ["eu", "us"]],
    "chain/keys": ["chain", [{"provider": "a", "model": "b"}]],
    "chain/dedupe": ["chain", [{"provider": "a", "model": "bc"}, {"provider": "ab", "model": "c"}]],
    "failplan/collapse": ["override", ["override", ALWAYS, "a", STOP], "b", STOP],
}
"""Near misses: terms of the same operation where the equation does not apply."""

BY_ID = {equation.id: equation for equation in EQUATIONS}


def test_every_equation_has_an_example_here() -> None:
    assert set(ROOTS) == set(BY_ID)
    assert len(BY_ID) == len(EQUATIONS)


@pytest.mark.parametrize("id", ROOTS)
def test_an_equation_turns_its_redex_into_its_contractum(id: str) -> None:
    for redex, contractum in ROOTS[id]:
        found = BY_ID[id].apply(load(redex))
        assert found is not None
        assert value_of(found) == contractum
        assert normal_form(load(redex)) == normal_form(load(contractum))


@pytest.mark.parametrize("id", NO_REDEXES)
def test_an_equation_leaves_its_near_misses_alone(id: str) -> None:
    assert BY_ID[id].apply(load(NO_REDEXES[id])) is None


@pytest.mark.parametrize("equation", EQUATIONS, ids=lambda equation: equation.id)
def test_an_equation_applies_to_its_own_operation_only(equation: Any) -> None:
    other = next(load(redex) for rows in ROOTS.values() for redex, _ in rows if redex[0] != equation.op)
    assert equation.apply(other) is None


def test_an_operation_has_the_equations_of_its_laws_and_no_others() -> None:
    def of(laws: Laws | None) -> set[str]:
        return {equation.id for equation in equations_of(attrs.evolve(SIGNATURE["and"], laws=laws))}

    assert of(None) == set()
    assert of(Laws()) == {"and/flatten", "and/single"}
    assert of(Laws(unit="top")) == {"and/flatten", "and/single", "and/unit"}
    assert of(Laws(commutative=True)) == {"and/flatten", "and/single", "and/sort"}
    assert of(Laws(idempotent=True)) == {"and/flatten", "and/single", "and/dedupe"}
    assert of(Laws(absorber="bot")) == {"and/flatten", "and/single", "and/absorb"}


def test_the_equations_calculate_nothing() -> None:
    for value in (
        ["add", ["lit", 1.0], ["lit", 2.0]],
        ["scale", 2.0, ["scale", 0.5, X]],
        ["neg", ["neg", X]],
        ["clamp", 0.0, 1.0, ["clamp", 0.0, 1.0, X]],
        ["gate", A, ["gate", A, X]],
        ["top_k", 1.0, ["top_k", 2.0, ["argmax"]]],
        ["and", A, ["not", A]],
        ["test", ["lit", 1.0], "ge", 0.0],
        ["rank_by", ["zero"], ["argmax"]],
    ):
        assert is_normal(load(value))


def test_equal_summands_stay() -> None:
    assert value_of(normal_form(load(["add", X, X]))) == ["add", X, X]


def test_an_unknown_reason_is_a_reason_as_any_other() -> None:
    plan = load(["override", ALWAYS, "unknown", STOP])
    assert normal_form(plan) is plan


def test_siblings_are_sorted_by_bytes_and_not_by_text() -> None:
    longer, shorter = ["is", "aa"], ["is", "b"]
    assert value_of(normal_form(load(["and", longer, shorter]))) == ["and", shorter, longer]


def test_laws_reach_the_root_from_the_leaves() -> None:
    deep = ["not", ["not", ["or", ["not", ["top"]], ["and", ["top"], ["not", ["not", A]]]]]]
    assert value_of(normal_form(load(deep))) == A


@given(terms(admitted=False))
def test_the_normal_form_of_a_normal_form_is_itself(term: Term) -> None:
    normal = normal_form(term)
    assert is_normal(normal)
    assert normal_form(normal) is normal


@given(terms(admitted=False))
def test_a_term_that_is_its_own_normal_form_has_no_redex(term: Term) -> None:
    assert is_normal(term) == (normal_form(term) == term)


@given(terms(admitted=False))
def test_the_normal_form_is_of_the_same_sort_and_no_larger(term: Term) -> None:
    normal = normal_form(term)
    assert SIGNATURE[normal.op].sort == SIGNATURE[term.op].sort
    assert depth_of(normal) <= depth_of(term)
    assert size_of(normal) <= size_of(term)


@given(terms(admitted=False))
def test_origins_are_no_part_of_the_normal_form(term: Term) -> None:
    assert normal_form(located(term)) == normal_form(term)


@given(terms(admitted=False).map(located))
def test_every_node_of_a_normal_form_comes_from_a_node_of_its_source(term: Term) -> None:
    def origins(node: Term) -> list[Origin | None]:
        return [node.origin, *(origin for child in subterms_of(node) for origin in origins(child))]

    assert set(origins(normal_form(term))) <= set(origins(term)) - {None}


def test_what_an_equation_makes_has_the_origin_of_its_redex() -> None:
    normal = normal_form(load(["and", A, ["not", ["top"]], B]))
    assert (normal.op, normal.origin) == ("bot", Origin("policy", "/2"))
    assert normal_form(load(["scale", 0, X])).origin == Origin("policy", "")


def test_what_an_equation_keeps_has_its_own_origin() -> None:
    normal = normal_form(load(["and", C, ["and", ["top"], B], ["not", ["not", A]]]))
    assert normal.origin == Origin("policy", "")
    assert [child.origin and child.origin.pointer for child in subterms_of(normal)] == ["/1", "/2/2", "/3/1/1"]


def test_of_equal_siblings_the_first_stays() -> None:
    normal = normal_form(load(["or", ["and", A, C], B, ["and", C, A], B]))
    assert sorted(child.origin.pointer for child in subterms_of(normal) if child.origin) == ["/1", "/2"]


def test_one_node_in_two_places_is_two_siblings() -> None:
    node = load(A)
    assert normal_form(And((node, node))) is node
    assert normal_form(And((node, Top(), node, load(B)))) == load(["and", B, A])


def test_an_override_keeps_the_origin_of_the_one_that_counts() -> None:
    plan = normal_form(load(["override", ["override", ["override", ALWAYS, "a", STOP], "b", STOP], "a", RETRY]))
    assert [node.origin and node.origin.pointer for node in (plan, *subterms_of(plan))] == ["/1", ""]


def test_overrides_collapse_where_they_are_outermost_only() -> None:
    plan = load(["override", ["override", ["override", ALWAYS, "a", STOP], "a", STOP], "b", STOP])
    assert [(redex.pointer, redex.equation.id) for redex in redexes(plan)] == [("", "failplan/collapse")]


def test_redexes_come_outermost_first_and_from_left_to_right() -> None:
    term = load(["and", ["not", ["not", A]], ["and", ["top"], A]])
    assert [(redex.pointer, redex.equation.id) for redex in redexes(term)] == [
        ("", "and/flatten"),
        ("/1", "not/involution"),
        ("/2", "and/unit"),
    ]


def nested(depth: int, width: int, value: list[Any]) -> list[Any]:
    for level in range(depth - 1):
        value = ["or" if level % 2 else "and", value, *(["is", f"f{level}-{place}"] for place in range(width))]
    return value


def test_the_largest_terms_are_normalised_with_one_encoding_per_node() -> None:
    term = load(nested(64, 63, A))
    assert (depth_of(term), size_of(term)) == (64, 4033)
    encodings = Encodings()
    known: list[Term] = []

    def counted(node: Term) -> bytes:
        known.append(node)
        return encodings(node)

    BY_ID["and/sort"].apply(build(And, [term, term]), counted)
    assert len(known) <= 4
    normal = normal_form(term)
    assert is_normal(normal)
    assert size_of(normal) == size_of(term)


@settings(max_examples=30)
@given(st.permutations([A, B, C, ["top"], ["family_eq", "x"], ["or", A, B]]))
def test_the_order_of_siblings_carries_no_meaning(siblings: list[list[Any]]) -> None:
    expected = ["and", ["meets_req"], ["is", "no_log"], ["is", "has_tee"], ["family_eq", "x"], ["or", B, A]]
    assert value_of(normal_form(load(["and", *siblings]))) == expected
