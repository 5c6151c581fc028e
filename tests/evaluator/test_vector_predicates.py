"""Predicates over arrays accept and refuse whom the small-step machine does, for the same reasons."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from array_worlds import World, preds, worlds
from hypothesis import given, settings
from hypothesis import strategies as st

from policy_ir.diagnostics import InternalError
from policy_ir.evaluator.vector_filters import reason_of, refusals
from policy_ir.evaluator.vector_predicates import accepts
from policy_ir.semantics import machine
from policy_ir.semantics.configuration import Reject
from policy_ir.terms import And, MeetsReq, Pred, Top


@settings(max_examples=500, deadline=None)
@given(preds(), worlds(), st.none() | st.lists(st.integers(0, 59), max_size=20))
def test_each_candidate_is_refused_for_the_reason_of_the_machine(
    pred: Pred, world: World, asked: list[int] | None
) -> None:
    size = world.environment.snapshot.size
    rows = None if asked is None else np.array([i for i in asked if i < size], dtype=np.intp)
    verdicts = [machine.verdict(pred, i, world.environment) for i in (range(size) if rows is None else rows.tolist())]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        codes, reasons = refusals(pred, world.scene, rows)
        accepted = accepts(pred, world.scene, rows)
    expected = [verdict.reason if isinstance(verdict, Reject) else None for verdict in verdicts]
    assert [reasons[code - 1] if code else None for code in codes.tolist()] == expected
    assert accepted.tolist() == [reason is None for reason in expected]
    assert accepted.dtype == np.bool_


def test_what_has_the_reasons_of_its_parts_has_none_of_its_own() -> None:
    for pred in (And((Top(),)), MeetsReq(), Top()):
        with pytest.raises(InternalError, match="no reason of its own"):
            reason_of(pred)
