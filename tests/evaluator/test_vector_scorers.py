"""Scores over arrays are those of the small-step machine, to the bit."""

from __future__ import annotations

import warnings

import numpy as np
from array_worlds import World, bits, scorers, worlds
from hypothesis import given, settings
from hypothesis import strategies as st

from policy_ir.evaluator.vector_scorers import scores
from policy_ir.semantics import machine
from policy_ir.terms import Scorer


@settings(max_examples=500, deadline=None)
@given(scorers(), worlds(), st.none() | st.lists(st.integers(0, 59), max_size=40, unique=True))
def test_a_population_has_the_scores_of_the_machine(scorer: Scorer, world: World, asked: list[int] | None) -> None:
    size = world.environment.snapshot.size
    rows = None if asked is None else np.array([i for i in asked if i < size], dtype=np.intp)
    members = tuple(range(size)) if rows is None else tuple(rows.tolist())
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = scores(scorer, world.scene, rows)
    assert bits(found.tolist()) == bits(machine.scores(scorer, members, world.environment))
