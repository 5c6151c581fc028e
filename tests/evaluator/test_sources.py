"""What a term may read of a world: nothing else moves its value."""

from __future__ import annotations

import attrs
import pytest
from array_worlds import ARRAYS, World, bits, preds, scorers, world
from hypothesis import given, settings
from hypothesis import strategies as st

from policy_ir.admission import admit
from policy_ir.evaluator.overlay import Overlay
from policy_ir.evaluator.scene import Scene
from policy_ir.evaluator.sources import sources, static, uniform
from policy_ir.evaluator.vector_filters import refusals
from policy_ir.evaluator.vector_scorers import scores
from policy_ir.syntax.loader import load
from policy_ir.terms import Pred, Scorer


def elsewhere(one: World, other: World, read: frozenset[str]) -> Scene:
    """The first world, with all that is not read taken from the other. Both have the same catalogue part."""
    facts = (one if "request" in read else other).scene.facts
    overlay = (one if "state" in read else other).scene.overlay
    return Scene(one.scene.columns, overlay, facts)


def restated(one: World, number: int) -> World:
    """The same catalogue with the state and the facts of another world."""
    other = world(one.scene.columns.size, number)
    state = {
        name: {
            field: shown.value if (shown := other.environment.snapshot.observe(i, field)).known else None
            for field in one.environment.snapshot.state_fields
        }
        for i, name in enumerate(one.environment.snapshot.ids)
    }
    snapshot = one.environment.snapshot.with_state(state)
    environment = attrs.evolve(one.environment, snapshot=snapshot, facts=other.environment.facts)
    return World(environment, Scene(one.scene.columns, Overlay.of(snapshot), other.scene.facts))


@settings(max_examples=150, deadline=None)
@given(preds(), st.integers(0, 9), st.integers(0, 2**20))
def test_a_predicate_is_not_moved_by_what_it_does_not_read(pred: Pred, size: int, number: int) -> None:
    one = world(size, number)
    scene = elsewhere(one, restated(one, number + 1), sources(pred, ARRAYS))
    found, reasons = refusals(pred, scene, None)
    expected, others = refusals(pred, one.scene, None)
    named = [
        [reasons[code - 1] if code else None for code in codes.tolist()]
        for codes, reasons in ((found, reasons), (expected, others))
    ]
    assert named[0] == named[1]


@settings(max_examples=150, deadline=None)
@given(scorers(), st.integers(0, 9), st.integers(0, 2**20))
def test_a_scorer_is_not_moved_by_what_it_does_not_read(scorer: Scorer, size: int, number: int) -> None:
    one = world(size, number)
    scene = elsewhere(one, restated(one, number + 1), sources(scorer, ARRAYS))
    assert bits(scores(scorer, scene, None).tolist()) == bits(scores(scorer, one.scene, None).tolist())


@pytest.mark.parametrize(
    ("value", "sort", "read"),
    [
        (["top"], "Pred", set()),
        (["lit", 1], "Scorer", set()),
        (["is", "vip"], "Pred", {"request"}),
        (["known", "zones"], "Pred", {"state"}),
        (["tag_in", "provider", ["p"]], "Pred", {"catalogue"}),
        (["min_tier", "partner"], "Pred", {"catalogue"}),
        (["scope_matches"], "Pred", {"catalogue", "request"}),
        (["meets_req"], "Pred", {"catalogue", "request", "state"}),
        (["field", "call_cost"], "Scorer", {"catalogue", "request"}),
        (["gate", ["is", "pinned"], ["normalize", ["field", "context"]]], "Scorer", {"catalogue", "state"}),
        (["test", ["add", ["field", "load"], ["field", "budget"]], "lt", 1], "Pred", {"state", "request"}),
        (["and", ["or", ["is", "open"], ["not", ["is", "vip"]]], ["top"]], "Pred", {"catalogue", "request"}),
    ],
)  # fmt: skip
def test_the_parts_that_a_term_reads(value: object, sort: str, read: set[str]) -> None:
    term = admit(load(value, sort=sort), ARRAYS).term
    assert isinstance(term, Pred | Scorer)
    assert sources(term, ARRAYS) == read
    assert static(term, ARRAYS) == (read <= {"catalogue"})


@settings(max_examples=100, deadline=None)
@given(st.one_of(preds(), scorers()))
def test_what_reads_the_catalogue_only_is_static_and_what_reads_the_request_only_is_uniform(
    term: Pred | Scorer,
) -> None:
    read = sources(term, ARRAYS)
    assert static(term, ARRAYS) == (read <= {"catalogue"})
    assert uniform(term, ARRAYS) == (read <= {"request"})
