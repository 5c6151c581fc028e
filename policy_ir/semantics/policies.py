"""Policies: filter, rank, select. Specification: chapter "Semantics", section "Policies"."""

from __future__ import annotations

import attrs

from policy_ir.semantics.configuration import (
    Contest,
    Finish,
    Go,
    Hole,
    Outcome,
    PolicyFrame,
    Reject,
    Value,
    ranking_of,
    vector_of,
    verdict_of,
)
from policy_ir.semantics.environment import Environment
from policy_ir.semantics.work import Meter
from policy_ir.terms import Policy


def begin(policy: Policy, env: Environment) -> Go:
    """A policy has its filter in the hole, at the first candidate."""
    return Go(PolicyFrame(policy, env.snapshot.size))


def hole(frame: PolicyFrame, meter: Meter) -> Hole | Finish:
    """The part that a policy evaluates next, and its focus; one whose filter accepts nobody is decided."""
    if frame.at < frame.total:
        return frame.node.filter, frame.at
    survivors = tuple(frame.survivors)
    if not survivors:
        meter.charge(1)
        return Finish("decision/empty", Outcome((), tuple(frame.rejected), ()))
    if frame.scores is None:
        return frame.node.rank, survivors
    return frame.node.select, Contest(survivors, frame.scores)


def resume(frame: PolicyFrame, value: Value, meter: Meter) -> Go | Finish:
    """The filter has a verdict on a candidate, or the rank its vector, or the selector its ranking."""
    if frame.at < frame.total:
        meter.charge(1)
        verdict = verdict_of(value)
        decided = attrs.evolve(frame, at=frame.at + 1)
        if isinstance(verdict, Reject):
            frame.rejected.append((frame.at, verdict.reason))
            return Go(decided, "filter/drop")
        frame.survivors.append(frame.at)
        return Go(decided, "filter/keep")
    if frame.scores is None:
        return Go(attrs.evolve(frame, scores=vector_of(value)))
    meter.charge(1)
    ranking = ranking_of(value)
    return Finish("decision/done", Outcome(ranking.entries, tuple(frame.rejected), tuple(sorted(ranking.cuts))))
