"""The soak: distinct policies, caches within their bounds, memory that is judged."""

from __future__ import annotations

from random import Random

import attrs
import evaluator_soak
import pytest
from evaluator_soak import Sample, faults, policy, soak

from policy_ir.decision import decide
from policy_ir.evaluator import Evaluator
from policy_ir.vocabulary import vocabulary

STANDARD = vocabulary("standard")
FLAT = Sample(policies=1000, seconds=1.0, resident_mb=50.0, blocks=1, sizes={"bindings": (4, 4)})


def test_every_policy_is_another() -> None:
    random, evaluator = Random(1), Evaluator()
    fingerprints = {evaluator.load(policy(random, number), STANDARD).fingerprint for number in range(200)}
    assert len(fingerprints) == 200


def test_a_policy_of_the_soak_leaves_somebody_and_refuses_somebody() -> None:
    random = Random(1)
    evaluator = Evaluator()
    snapshot = evaluator_soak.catalogue(random, STANDARD)
    made = [decide(evaluator.load(policy(random, 500_000 + i), STANDARD), snapshot) for i in range(7)]
    assert all(decision.rejected for decision in made)
    assert sum(bool(decision.ordered) for decision in made) >= 5


def test_caches_never_hold_more_than_their_bounds() -> None:
    evaluator = Evaluator(policies=5, programs=4, bindings=3, catalogues=1)
    samples = soak(60, seed=1, every=6, evaluator=evaluator)
    assert [faults([one]) for one in samples if faults([one])] == []
    assert samples[-1].sizes == {"policies": (5, 5), "programs": (4, 4), "catalogues": (1, 1), "bindings": (3, 3)}


def test_a_new_catalogue_and_a_new_state_come_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evaluator_soak, "CATALOGUE_AGE", 6)
    monkeypatch.setattr(evaluator_soak, "STATE_AGE", 2)
    samples = soak(20, seed=1, every=10, evaluator=Evaluator())
    assert [one.policies for one in samples] == [10, 20]


def test_growing_memory_and_a_cache_beyond_its_bound_are_faults() -> None:
    assert faults([]) == faults([FLAT, FLAT]) == []
    assert faults([FLAT, attrs.evolve(FLAT, resident_mb=61.0), FLAT]) != []
    assert faults([attrs.evolve(FLAT, sizes={"bindings": (5, 4)})]) != []
