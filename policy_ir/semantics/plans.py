"""Failure plans. Specification: chapter "Semantics", section "Failure plans"."""

from __future__ import annotations

from typing import assert_never, cast

from policy_ir.semantics.configuration import Become, Failure, Finish
from policy_ir.semantics.work import Meter
from policy_ir.terms import Always, AnyFailPlan, FailPlan, Override


def begin(plan: FailPlan, failure: Failure, meter: Meter) -> Finish | Become:
    """A plan answers for the reason, or passes it on to the plan that it overrides."""
    meter.charge(1)
    term = cast(AnyFailPlan, plan)
    match term:
        case Always(action):
            return Finish("always/answer", action)
        case Override(inner, reason, action):
            if failure.reason == reason:
                return Finish("override/answer", action)
            return Become("override/pass", inner, failure)
        case _:
            assert_never(term)
