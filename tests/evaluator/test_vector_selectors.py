"""Orders of arrays: stable at any length, undefined scores last."""

from __future__ import annotations

import random
from math import inf, nan

import numpy as np
import pytest
from array_worlds import World, bits, selectors, worlds
from hypothesis import given, settings
from hypothesis import strategies as st

from policy_ir.evaluator.vector_selectors import SHORT, Contest, descending, ordering
from policy_ir.semantics import machine
from policy_ir.semantics.configuration import Contest as Focus
from policy_ir.semantics.scores import descending as reference
from policy_ir.terms import Selector

POOLS = {
    "distinct": [float(i) for i in range(4 * SHORT)],
    "ties": [0.0, 1.0, -1.0, 0.5],
    "one value": [3.0],
    "undefined ones": [nan, 1.0, 2.0, nan, inf],
    "all undefined": [nan],
    "infinities": [inf, -inf, 0.0],
}


@pytest.mark.parametrize("size", [0, 1, 2, SHORT, SHORT + 1, 3 * SHORT])
@pytest.mark.parametrize("pool", POOLS)
def test_descending_is_stable_with_undefined_scores_last(pool: str, size: int) -> None:
    draw = random.Random(size)
    scores = draw.sample(POOLS[pool], size) if pool == "distinct" else draw.choices(POOLS[pool], k=size)
    found = descending(np.array(scores, dtype=np.float64))
    assert found.tolist() == [i for i, _ in reference(enumerate(scores))]


def test_a_few_ties_and_one_undefined_score_in_a_long_order_are_kept_in_place() -> None:
    scores = [float(i) for i in range(2 * SHORT)]
    scores[700], scores[3], scores[40], scores[41] = scores[10], nan, scores[900], nan
    assert descending(np.array(scores)).tolist() == [i for i, _ in reference(enumerate(scores))]


@settings(max_examples=400, deadline=None)
@given(selectors(), worlds(1), st.data())
def test_a_contest_is_ordered_and_cut_as_the_machine_does_it(
    selector: Selector, world: World, data: st.DataObject
) -> None:
    size = world.scene.columns.size
    members = sorted(data.draw(st.sets(st.integers(0, size - 1), min_size=1)))
    edges = st.sampled_from((0.0, 1.0, -1.0, inf, -inf, nan))
    scores = tuple(data.draw(st.lists(edges, min_size=len(members), max_size=len(members))))
    expected = machine.ranking(selector, Focus(tuple(members), scores), world.environment)
    contest = Contest(np.array(members), np.array(scores), world.environment.seed or 0, len(members))
    with np.errstate(all="ignore"):
        order, by, cuts = ordering(selector, world.scene.vocabulary)(contest, world.scene)
    assert order.tolist() == [i for i, _ in expected.entries]
    assert bits(by.tolist()) == bits(score for _, score in expected.entries)
    assert sorted((i, why) for who, why in cuts for i in who.tolist()) == sorted(expected.cuts)
