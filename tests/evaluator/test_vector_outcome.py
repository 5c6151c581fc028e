"""A whole policy over arrays comes to what the small-step machine comes to, to the bit."""

from __future__ import annotations

import warnings
from array import array

import attrs
from array_worlds import ARRAYS, GREATEST, World, bits, policies, world, worlds
from hypothesis import given, settings
from hypothesis import strategies as st

from policy_ir.evaluator.overlay import Overlay
from policy_ir.evaluator.scene import Scene
from policy_ir.evaluator.vector_filters import SHAPES, Filter
from policy_ir.evaluator.vector_outcome import VectorPolicy, outcome
from policy_ir.semantics import machine
from policy_ir.semantics.environment import Environment
from policy_ir.terms import (
    Action,
    Always,
    And,
    Argmax,
    Bot,
    Cmp,
    FamilyEq,
    FieldScore,
    Id,
    Is,
    Known,
    MeetsReq,
    Not,
    Policy,
    ScopeMatches,
    Top,
)

PLAIN = Policy(Top(), FieldScore("width"), Argmax(), Id(), Always(Action("next_candidate")))


def requested(one: World, number: int) -> World:
    """The same catalogue with the facts of another world, and with some other state."""
    other = world(1, number)
    load = array("d", [float(number % (3 + i)) for i in range(one.scene.columns.size)])
    overlay = Overlay.take(one.environment.snapshot, {"load": load})
    environment = Environment(overlay.snapshot, other.environment.facts, one.environment.seed)
    return World(environment, Scene(one.scene.columns, overlay, other.environment.facts))


def assert_the_same(policy: Policy, world: World, kept: VectorPolicy | None = None) -> None:
    expected = machine.outcome(policy, world.environment)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        seed = world.environment.seed
        found = kept.outcome(world.scene, seed) if kept else outcome(policy, world.scene, seed)
    assert found.order.tolist() == [i for i, _ in expected.ordered]
    assert bits(found.scores.tolist()) == bits(score for _, score in expected.ordered)
    assert tuple(found.cuts) == expected.cuts
    reasons = [None if code == 0 else found.reasons[code - 1] for code in found.refused.tolist()]
    assert [(i, reason) for i, reason in enumerate(reasons) if reason is not None] == list(expected.rejected)
    assert len(reasons) == world.environment.snapshot.size


@settings(max_examples=100, deadline=None)
@given(policies(), st.integers(0, 12), st.integers(0, 2**20))
def test_a_policy_kept_between_calls_comes_to_the_same_whatever_was_asked_before(
    policy: Policy, size: int, number: int
) -> None:
    """More shapes of requests than are kept, each twice, and a state of its own for each call."""
    one = world(size, number)
    kept = VectorPolicy(policy, ARRAYS)
    others = [requested(one, number + other) for other in range(SHAPES + 4)]
    for other in others + others:
        assert_the_same(policy, other, kept)


def test_the_codes_of_few_shapes_of_requests_are_kept() -> None:
    one = world(9, 3)
    policy = attrs.evolve(PLAIN, filter=And((MeetsReq(), ScopeMatches(), Is("open"))))
    kept = VectorPolicy(policy, ARRAYS)
    filter_ = Filter(policy.filter, ARRAYS)
    for number in (*range(60), *range(5)):
        other = requested(one, number)
        assert_the_same(policy, other, kept)
        filter_.refused(other.scene)
        assert len(filter_._shapes) <= SHAPES


def test_a_filter_of_more_clauses_than_a_byte_can_count_keeps_their_order() -> None:
    one = world(40, 5)
    never = tuple(Cmp("width", "lt", -1e300 * (1 + i / 1000)) for i in range(300))
    clauses = (*(Not(pred) for pred in never), Is("pinned"), Cmp("width", "gt", 0.5), Known("load"), FamilyEq("f"))
    for filter_ in (And(clauses), And(clauses[::-1])):
        assert_the_same(attrs.evolve(PLAIN, filter=filter_), one)


def test_nobody_is_left_and_nobody_is_there() -> None:
    assert_the_same(attrs.evolve(PLAIN, filter=Bot()), world(5, 1))
    assert_the_same(attrs.evolve(PLAIN, filter=Not(Cmp("urgency", "ge", -GREATEST))), world(5, 1))
    assert_the_same(PLAIN, world(0, 1))


@settings(max_examples=400, deadline=None)
@given(policies(), worlds())
def test_a_policy_over_arrays_comes_to_what_the_machine_comes_to(policy: Policy, world: World) -> None:
    assert_the_same(policy, world)
