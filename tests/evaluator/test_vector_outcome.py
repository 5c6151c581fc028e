"""A whole policy over arrays comes to what the small-step machine comes to, to the bit."""

from __future__ import annotations

import warnings

from array_worlds import World, bits, policies, worlds
from hypothesis import given, settings

from policy_ir.evaluator.vector_outcome import outcome
from policy_ir.semantics import machine
from policy_ir.terms import Policy


def assert_the_same(policy: Policy, world: World) -> None:
    expected = machine.outcome(policy, world.environment)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = outcome(policy, world.scene, world.environment.seed)
    assert found.order.tolist() == [i for i, _ in expected.ordered]
    assert bits(found.scores.tolist()) == bits(score for _, score in expected.ordered)
    assert tuple(found.cuts) == expected.cuts
    reasons = [None if code == 0 else found.reasons[code - 1] for code in found.refused.tolist()]
    assert [(i, reason) for i, reason in enumerate(reasons) if reason is not None] == list(expected.rejected)
    assert len(reasons) == world.environment.snapshot.size


@settings(max_examples=400, deadline=None)
@given(policies(), worlds())
def test_a_policy_over_arrays_comes_to_what_the_machine_comes_to(policy: Policy, world: World) -> None:
    assert_the_same(policy, world)
