"""Intervals hold every score that the machine gives, and truths every verdict."""

from __future__ import annotations

from math import inf, isinf, nan

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policy_ir import terms as t
from policy_ir.admission import check
from policy_ir.facts import read_facts
from policy_ir.intervals import (
    EITHER,
    FAILS,
    HOLDS,
    NOTHING,
    Interval,
    Truth,
    all_of,
    any_of,
    clamped,
    compared,
    complement,
    hull,
    normalized,
    over,
    plus,
    point,
    times,
    truth,
)
from policy_ir.lints.knowledge import AnyCandidate, OneCandidate, declared_numbers
from policy_ir.lints.possible import FORMULA_OF, Possible
from policy_ir.normal_form import normal_form
from policy_ir.semantics import scores
from policy_ir.semantics.configuration import Reject
from policy_ir.semantics.environment import Environment
from policy_ir.semantics.machine import evaluate
from policy_ir.semantics.work import Meter
from policy_ir.snapshot import CandidateList, Snapshot
from policy_ir.syntax.loader import load
from policy_ir.testing.strategies import EDGE_NUMBERS, catalogues, facts_values, terms
from policy_ir.vocabulary import FORMULAS, extend, vocabulary

STANDARD = vocabulary("standard")
MOST = 1.7976931348623157e308

ENDS = st.sampled_from([-inf, -MOST, -2.0, -0.5, 0.0, 5e-324, 1.0, 3.0, MOST, inf]) | st.floats(allow_nan=False)


Held = tuple[Interval, float]


@st.composite
def held(draw: st.DrawFn) -> Held:
    """An interval and a score in it."""
    low, score, high = sorted(draw(st.tuples(ENDS, ENDS, ENDS)))
    undefined = draw(st.booleans())
    return Interval(low, high, undefined), nan if undefined and draw(st.booleans()) else score


@given(held(), held())
def test_sums_and_products_of_scores_are_in_those_of_intervals(
    a: tuple[Interval, float], b: tuple[Interval, float]
) -> None:
    assert scores.plus(a[1], b[1]) in plus(a[0], b[0])
    assert scores.times(a[1], b[1]) in times(a[0], b[0])
    for score in (a[1], b[1]):
        assert score in hull([a[0], b[0]])


@given(held(), ENDS, ENDS)
def test_complements_quotients_and_clamps_are_in_those_of_intervals(
    a: tuple[Interval, float], lo: float, hi: float
) -> None:
    interval, score = a
    assert scores.minus(1.0, score) in complement(interval)
    assert score / 1e6 in over(interval, 1e6)
    assert scores.clamp(lo, hi, score) in clamped(lo, hi, interval)


@given(held(), ENDS, st.sampled_from(["lt", "le", "eq", "ne", "ge", "gt"]))
def test_a_relation_that_holds_may_hold_and_one_that_fails_may_fail(a: Held, bound: float, rel: t.Relation) -> None:
    may = compared(a[0], rel, bound)
    assert may.yes if scores.holds(a[1], rel, bound) else may.no


@given(st.lists(held(), min_size=1, max_size=5))
def test_normalized_scores_are_in_the_normalized_interval(population: list[Held]) -> None:
    interval = hull(part for part, _ in population)
    _, vector = scores.normalize(tuple(score for _, score in population))
    assert all(score in normalized(interval) for score in vector)


def test_intervals_are_no_wider_than_their_operations_make_them() -> None:
    assert plus(Interval(0, 1), Interval(2, 3)) == Interval(2, 4)
    assert plus(Interval(0, inf), Interval(-inf, 0)) == Interval(-inf, inf, undefined=True)
    assert plus(point(inf), point(-inf)) == Interval(inf, -inf, undefined=True)
    assert plus(Interval(-inf, 5), point(inf)) == Interval(inf, inf, undefined=True)
    assert times(Interval(-1, 2), Interval(3, 4)) == Interval(-4, 8)
    assert times(point(0), Interval(-inf, inf)) == Interval(0, 0, undefined=True)
    assert times(point(0), point(inf)) == Interval(inf, -inf, undefined=True)
    assert times(Interval(0, 3), point(inf)) == Interval(inf, inf, undefined=True)
    assert complement(Interval(0, inf)) == Interval(-inf, 1)
    assert normalized(Interval(-5, inf)) == Interval(0, 1)
    assert normalized(point(7)) == point(0)
    assert clamped(0, 1, Interval(-5, 0.5)) == Interval(0, 0.5)
    assert clamped(1, 0, Interval(-5, 0.5)) == point(1)
    assert clamped(1, 0, Interval(-5, 5)) == Interval(0, 1)


def test_nothing_stays_nothing() -> None:
    for result in (
        plus(NOTHING, point(1)), plus(point(1), NOTHING), times(NOTHING, point(1)), times(point(1), NOTHING),
        complement(NOTHING), over(NOTHING, 2), normalized(NOTHING), clamped(0, 1, NOTHING), hull([]),
    ):  # fmt: skip
        assert result.empty
        assert not result.infinite
        assert 0.0 not in result
    assert compared(NOTHING, "le", 1) == Truth(yes=False, no=False)
    assert compared(Interval(inf, -inf, undefined=True), "le", 1) == FAILS


def test_undefined_stands_in_no_relation() -> None:
    assert compared(Interval(0, 1, undefined=True), "le", 5) == EITHER
    assert compared(Interval(0, 1), "le", 5) == HOLDS
    assert compared(point(1), "eq", 1) == HOLDS
    assert compared(point(1), "ne", 1) == FAILS
    assert nan in Interval(0, 1, undefined=True)
    assert nan not in Interval(0, 1)


def test_truths_combine_as_truth_values_do() -> None:
    for a in (True, False):
        for b in (True, False):
            assert all_of([truth(a), truth(b)]) == truth(a and b)
            assert any_of([truth(a), truth(b)]) == truth(a or b)
    assert all_of([EITHER, HOLDS]) == any_of([EITHER, FAILS]) == EITHER
    assert all_of([EITHER, FAILS]) == FAILS
    assert any_of([EITHER, HOLDS]) == HOLDS


def test_a_constant_is_one_real_and_never_undefined() -> None:
    assert point(1).constant
    assert not Interval(1, 1, undefined=True).constant
    assert not NOTHING.constant


# --- soundness -------------------------------------------------------------------------------------------------


@settings(max_examples=100, deadline=None)
@given(terms("Scorer", max_nodes=16), catalogues(min_size=1, max_size=5), facts_values())
def test_every_score_that_the_machine_gives_is_in_the_interval(
    scorer: t.Scorer, listed: tuple[object, ...], facts: dict[str, object]
) -> None:
    snapshot = Snapshot.take(CandidateList(listed), STANDARD)  # type: ignore[arg-type]
    normal = normal_form(scorer)
    assert isinstance(normal, t.Scorer)
    env = Environment(snapshot, read_facts(facts, STANDARD), 7)
    vector = evaluate(normal, tuple(range(snapshot.size)), env, Meter(10**9))
    assert isinstance(vector, tuple)
    for knowledge in (AnyCandidate(STANDARD), AnyCandidate(STANDARD, snapshot)):
        interval = Possible(knowledge).scores(normal)
        assert all(score in interval for score in vector), interval


@settings(max_examples=100, deadline=None)
@given(terms("Pred", max_nodes=16), catalogues(min_size=1, max_size=4), facts_values())
def test_every_verdict_of_the_machine_is_possible(
    pred: t.Pred, listed: tuple[object, ...], facts: dict[str, object]
) -> None:
    snapshot = Snapshot.take(CandidateList(listed), STANDARD)  # type: ignore[arg-type]
    normal = normal_form(pred)
    assert isinstance(normal, t.Pred)
    env = Environment(snapshot, read_facts(facts, STANDARD), 7)
    anybody = [Possible(AnyCandidate(STANDARD)), Possible(AnyCandidate(STANDARD, snapshot))]
    for i in range(snapshot.size):
        verdict = evaluate(normal, i, env, Meter(10**9))
        for possible in (*anybody, Possible(OneCandidate(snapshot, i))):
            may = possible.truth(normal)
            assert may.no if isinstance(verdict, Reject) else may.yes


# --- what is known ---------------------------------------------------------------------------------------------


def test_a_field_may_be_anything_in_its_range_or_its_default() -> None:
    assert declared_numbers("success_rate", STANDARD) == Interval(0, 1)
    assert declared_numbers("price_in", STANDARD) == Interval(0, inf)
    assert declared_numbers("context", STANDARD) == Interval(0, MOST)
    assert declared_numbers("credits", STANDARD) == Interval(-MOST, MOST)
    assert not isinf(declared_numbers("context", STANDARD).high)
    house = extend(
        STANDARD,
        {
            "vocabulary": 1,
            "name": "house",
            "fields": {"x": {"sort": "num", "default": -1, "minimum": 1, "maximum": 2, "source": "state"}},
        },
        "house",
    )
    assert declared_numbers("x", house) == Interval(-1, 2)


def test_every_derived_field_has_a_formula_over_intervals() -> None:
    assert FORMULA_OF.keys() == FORMULAS.keys()
    assert Possible(AnyCandidate(STANDARD)).number("call_cost") == Interval(0, inf, undefined=True)


def snapshot_of(*fields: dict[str, object], **keys: object) -> Snapshot:
    from policy_ir.snapshot import Candidate

    listed = [
        Candidate(id=f"m{at}", provider="p", family=f"f{at}", fields=given, **keys)  # type: ignore[arg-type]
        for at, given in enumerate(fields)
    ]
    return Snapshot.take(CandidateList(tuple(listed)), STANDARD)


def test_a_catalogue_narrows_its_own_fields_and_never_the_state() -> None:
    known = AnyCandidate(STANDARD, snapshot_of({"price_in": 2, "tok_s": 50}, {"price_in": 5}))
    assert known.number("price_in") == Interval(2, 5)
    assert known.number("price_out") == point(inf)
    assert known.number("tok_s") == Interval(0, MOST)
    assert known.flag("has_tee") == FAILS
    assert known.flag("disabled") == EITHER
    assert known.known("price_in") == HOLDS
    assert known.known("tok_s") == EITHER
    assert known.scoped() == FAILS


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (["cmp", "price_in", "le", 5], EITHER),
        (["cmp", "price_in", "le", 9], HOLDS),
        (["cmp", "price_in", "lt", 2], FAILS),
        (["cmp", "latency_ms", "lt", 0], FAILS),
        (["cmp", "latency_ms", "lt", 5], EITHER),
        (["family_eq", "f0"], EITHER),
        (["family_eq", "f9"], FAILS),
        (["provider_eq", "p"], HOLDS),
        (["served_by_eq", "p"], HOLDS),
        (["tier_eq", "partner"], FAILS),
        (["min_tier", "fallback"], HOLDS),
        (["has_cap", "x"], FAILS),
        (["tag_in", "region", ["eu"]], EITHER),
        (["tag_in", "region", ["us"]], FAILS),
        (["tag_in", "labels", ["a", "b"]], EITHER),
        (["scope_matches"], HOLDS),
        (["meets_req"], EITHER),
        (["known", "call_cost"], FAILS),
        (["known", "region"], EITHER),
        (["test", ["field", "call_cost"], "lt", 0], FAILS),
        (["gate", ["bot"], ["lit", -1]], point(0)),
        (["gate", ["top"], ["lit", -1]], point(-1)),
        (["gate", ["is", "disabled"], ["lit", -1]], Interval(-1, 0)),
        (["scale", 0, ["field", "price_out"]], point(0)),
        (["scale", -2, ["field", "price_in"]], Interval(-16, -4)),
        (["clamp", 0, 3, ["field", "price_in"]], Interval(2, 3)),
        (["add", ["neg", ["normalize", ["field", "price_in"]]], ["zero"]], Interval(0, 1)),
    ],
)
def test_what_is_possible_over_a_catalogue(value: object, expected: object) -> None:
    snapshot = snapshot_of({"price_in": 2, "region": "eu", "labels": ["b"]}, {"price_in": 8})
    term = load(value)
    assert check(term, STANDARD) == []
    possible = Possible(AnyCandidate(STANDARD, snapshot))
    assert (possible.truth(term) if isinstance(term, t.Pred) else possible.scores(term)) == expected  # type: ignore[arg-type]


def test_a_candidate_with_a_scope_may_match_and_may_not() -> None:
    scoped = Possible(AnyCandidate(STANDARD, snapshot_of({}, scope="team-a")))
    assert scoped.truth(t.ScopeMatches()) == EITHER
    assert Possible(AnyCandidate(STANDARD)).truth(t.ScopeMatches()) == EITHER


def test_tags_of_the_state_are_not_known() -> None:
    house = extend(
        STANDARD,
        {"vocabulary": 1, "name": "house", "fields": {"zone": {"sort": "tag", "source": "state"}}},
        "house",
    )
    from policy_ir.snapshot import Candidate

    listed = (Candidate(id="a", provider="p", family="f", fields={"zone": "eu"}),)
    known = OneCandidate(Snapshot.take(CandidateList(listed), house), 0)
    assert known.tag_in("zone", ("us",)) == EITHER
    assert known.known("zone") == EITHER


def test_edge_numbers_are_scores() -> None:
    assert all(number in point(number) for number in EDGE_NUMBERS)
