"""The generators generate: all operations, what is admitted and what is not, and every kind of wrong input."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from typing import Any, get_args

import pytest
from hypothesis import Phase, find, given, settings
from hypothesis import strategies as st

from policy_ir.admission import check
from policy_ir.canonical import value_of
from policy_ir.chat import facts_of_chat
from policy_ir.diagnostics import Refused
from policy_ir.facts import read_facts
from policy_ir.signature import SIGNATURE, TERM_SORTS, arguments_of, build, operations_of, subterms_of
from policy_ir.snapshot import CandidateList, Snapshot
from policy_ir.syntax.loader import load
from policy_ir.terms import Action, ClampParam, Term, Verb
from policy_ir.testing.strategies import (
    candidates,
    catalogues,
    chat_bodies,
    depth_of,
    facts_values,
    ill_parameters,
    ill_sorted_values,
    integers,
    located,
    mangled_text,
    mangled_values,
    numbers,
    parameters,
    policies,
    seeds,
    size_of,
    terms,
    texts,
    wire_values,
)
from policy_ir.vocabulary import vocabulary

STANDARD = vocabulary("standard")
PARAMETER_SORTS = sorted(
    {argument.sort for row in SIGNATURE.values() for argument in row.arguments if not argument.is_term}
)
FEW = settings(max_examples=40)


def is_term(value: Any) -> bool:
    try:
        load(value)
    except Refused:
        return False
    return True


def inside(term: Term) -> list[Term]:
    return [term, *(node for child in subterms_of(term) for node in inside(child))]


def some(strategy: st.SearchStrategy[Any], wanted: Callable[[Any], bool]) -> Any:
    """A generated value that is as wanted, the first one."""
    return find(strategy, wanted, settings=settings(phases=[Phase.generate], max_examples=4000, database=None))


def operations(sort: str, admitted: bool) -> set[str]:
    """The operations of a few hundred generated terms."""
    met: set[str] = set()

    @settings(max_examples=150, derandomize=True, database=None)
    @given(terms(sort, admitted=admitted))
    def meet(term: Term) -> None:
        met.update(node.op for node in inside(term))

    meet()
    return met


@pytest.mark.parametrize("sort", TERM_SORTS)
def test_every_operation_is_generated(sort: str) -> None:
    every = {row.op for row in operations_of(sort)}
    assert every <= operations(sort, admitted=False)
    assert every - {"custom"} <= operations(sort, admitted=True)  # nothing shipped declares a custom transform


@given(terms())
def test_admitted_terms_pass_admission(term: Term) -> None:
    assert check(term, STANDARD) == []


@pytest.mark.parametrize("sort", TERM_SORTS)
def test_terms_are_of_the_sort_asked_for(sort: str) -> None:
    @FEW
    @given(terms(sort), terms(sort, admitted=False))
    def check_sorts(one: Term, other: Term) -> None:
        assert SIGNATURE[one.op].sort == SIGNATURE[other.op].sort == sort

    check_sorts()


@given(st.integers(2, 7), st.integers(6, 40), st.data())
def test_terms_keep_the_size_asked_for(depth: int, nodes: int, data: st.DataObject) -> None:
    term = data.draw(terms(max_depth=depth, max_nodes=nodes))
    assert depth_of(term) <= depth
    assert size_of(term) <= nodes + 5


@FEW
@given(terms(max_depth=1, max_nodes=1), policies(max_depth=0, max_nodes=0))
def test_the_smallest_terms_are_leaves_and_policies_of_five(leaf: Term, policy: Term) -> None:
    assert (depth_of(leaf), size_of(leaf)) == (1, 1)
    assert (depth_of(policy), size_of(policy)) == (2, 6)


def test_large_terms_are_generated_where_they_are_asked_for() -> None:
    large = some(terms("Pred", max_depth=12, max_nodes=80), lambda term: depth_of(term) >= 8)
    assert depth_of(large) <= 12


@given(terms("Scorer", pointwise=True))
def test_pointwise_scorers_have_no_normalize(scorer: Term) -> None:
    assert "normalize" not in {node.op for node in inside(scorer)}


@pytest.mark.parametrize("sort", [sort for sort in PARAMETER_SORTS if sort != "Sym"])
def test_parameters_of_every_sort_fit_an_operation_that_takes_them(sort: str) -> None:
    row = next(row for row in SIGNATURE.values() if sort in {argument.sort for argument in row.arguments})
    drawn = [terms(arg.sort) if arg.is_term else parameters(arg.sort) for arg in row.arguments]

    @FEW
    @given(st.tuples(*drawn))
    def fits(arguments: tuple[Any, ...]) -> None:
        term = build(row.cls, arguments)
        assert load(value_of(term)) == term

    fits()


@given(terms(admitted=False))
def test_numbers_of_terms_are_finite_and_never_minus_zero(term: Term) -> None:
    for node in inside(term):
        for part in arguments_of(node):
            if isinstance(part, float):
                assert math.isfinite(part)
                assert math.copysign(1.0, part) == 1.0 or part != 0.0


@given(texts())
def test_strings_are_within_their_bound(text: str) -> None:
    assert len(text.encode("utf-8")) <= 256


@given(st.data(), st.integers(-50, 50).map(float), st.integers(0, 100).map(float))
def test_numbers_keep_the_range_asked_for(data: st.DataObject, least: float, width: float) -> None:
    assert least <= data.draw(numbers(least, least + width)) <= least + width
    integer = data.draw(integers(least, least + width))
    assert integer.is_integer()
    assert least <= integer <= least + width
    assert data.draw(numbers(minimum=least)) >= least
    assert data.draw(numbers(maximum=least)) <= least
    assert 100.125 <= data.draw(numbers(100.125, 100.1251)) <= 100.1251


def test_bounds_the_wrong_way_round_are_generated() -> None:
    def wrong_way_round(term: Any) -> bool:
        return isinstance(term, ClampParam) and term.lo > term.hi

    assert some(terms("Xform"), wrong_way_round)


def test_every_verb_is_generated_and_admitted_plans_never_retry_after_a_retry() -> None:
    for verb in get_args(Verb):
        assert some(parameters("Action"), lambda action, verb=verb: action.action == verb)  # type: ignore[misc]

    @given(parameters("Action"))
    def never(action: Action) -> None:
        assert action.then_action != "retry_same"

    never()
    assert some(parameters("Action", admitted=False), lambda action: action.then_action == "retry_same")


@given(terms(admitted=False), st.sampled_from(["policy", "floor"]))
def test_located_terms_have_the_origins_that_reading_gives(term: Term, source: str) -> None:
    read = load(value_of(term), source=source)
    assert [node.origin for node in inside(located(term, source))] == [node.origin for node in inside(read)]
    assert located(term) == term


@given(wire_values(admitted=False))
def test_wire_values_are_terms(value: Any) -> None:
    assert is_term(value)
    assert json.loads(json.dumps(value)) == value


def test_integral_numbers_are_spelled_both_ways() -> None:
    def spells(kind: type) -> Any:
        return lambda value: value[0] == "lit" and type(value[1]) is kind

    assert type(some(wire_values("Scorer"), spells(int))[1]) is int
    assert type(some(wire_values("Scorer"), spells(float))[1]) is float


@given(ill_sorted_values())
def test_ill_sorted_values_are_no_terms(value: Any) -> None:
    assert not is_term(value)


def codes(value: Any) -> set[str]:
    with pytest.raises(Refused) as refused:
        load(value)
    return {found.code.code for found in refused.value.diagnostics}


def test_ill_sorted_values_are_wrong_in_many_ways() -> None:
    met: set[str] = set()

    @settings(max_examples=200, derandomize=True, database=None)
    @given(ill_sorted_values())
    def meet(value: Any) -> None:
        met.update(codes(value))

    meet()
    assert {"PIR0201", "PIR0202", "PIR0203", "PIR0204", "PIR0205"} <= met


def test_ill_parameters_are_wrong_in_every_way_that_their_sorts_know() -> None:
    well: dict[str, Any] = {
        "Num": 1.0, "Count": 1.0, "Rel": "le", "Names": ["a"], "Scalar": True, "Recipe": [], "Chain": [],
        "Action": {"action": "abort"}, "Pred": ["top"], "Scorer": ["zero"], "Selector": ["argmax"], "Xform": ["id"],
        "FailPlan": ["always", {"action": "abort"}],
    }  # fmt: skip
    met: set[str] = set()
    for row in SIGNATURE.values():
        node = [row.op, *(well.get(argument.sort, "a") for argument in row.arguments)]
        load(node)
        for place, argument in enumerate(row.arguments, start=1):
            for ill in () if argument.is_term else ill_parameters(argument.sort):
                met |= codes([*node[:place], ill, *node[place + 1 :]])
    assert met == {"PIR0115", *(f"PIR02{number:02}" for number in range(5, 11))}


@pytest.mark.parametrize("json_only", [False, True])
def test_some_mangled_values_are_terms_and_some_are_not(json_only: bool) -> None:
    assert some(mangled_values(json_only=json_only), is_term)
    some(mangled_values(json_only=json_only), lambda value: not is_term(value))


@given(mangled_values(json_only=True))
def test_mangled_values_can_be_kept_to_what_a_text_can_say(value: Any) -> None:
    text = json.dumps(value, allow_nan=False)
    assert json.loads(text) == value


def test_some_mangled_texts_are_json_and_some_are_not() -> None:
    def is_json(text: str) -> bool:
        try:
            json.loads(text)
        except ValueError:
            return False
        return True

    assert some(mangled_text(), is_json)
    some(mangled_text(st.just('["top"]')), lambda text: not is_json(text))


@FEW
@given(catalogues())
def test_catalogues_fit_the_vocabulary(listed: Any) -> None:
    snapshot = Snapshot.take(CandidateList(listed), STANDARD)
    assert snapshot.size == len(set(snapshot.ids)) == len(listed)


@FEW
@given(candidates())
def test_candidates_fit_the_vocabulary(candidate: Any) -> None:
    assert Snapshot.take(CandidateList([candidate]), STANDARD).size == 1


@pytest.mark.parametrize("sort", ["num", "bool", "tag", "tags"])
def test_catalogues_have_observations_missing_ones_and_ties(sort: str) -> None:
    def mixed(listed: Any) -> bool:
        columns = Snapshot.take(CandidateList(listed), STANDARD).fields.values()
        return any(
            len(seen) > len(set(seen)) and 0 in column.present
            for column in columns
            if column.sort == sort
            for seen in [[value for value, known in zip(column.values, column.present, strict=True) if known]]
        )

    assert some(catalogues(), mixed)


@FEW
@given(facts_values(), chat_bodies())
def test_facts_and_chat_bodies_are_accepted(facts: Any, body: Any) -> None:
    read_facts(facts, STANDARD)
    facts_of_chat(body, STANDARD)


@given(seeds())
def test_seeds_are_absent_or_non_negative_integers(seed: int | None) -> None:
    assert seed is None or 0 <= seed < 2**53
