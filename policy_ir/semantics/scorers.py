"""Scorers over a population. Specification: chapter "Semantics", section "Scorers"."""

from __future__ import annotations

from typing import assert_never, cast

import attrs

from policy_ir.semantics.configuration import (
    Finish,
    GateFrame,
    Go,
    Hole,
    Move,
    Population,
    Reject,
    ScorerFrame,
    Value,
    vector_of,
    verdict_of,
)
from policy_ir.semantics.environment import Environment
from policy_ir.semantics.scores import clamp, minus, normalize, plus, times
from policy_ir.semantics.work import Meter, size
from policy_ir.terms import Add, AnyScorer, Clamp, FieldScore, Gate, Lit, Neg, Normalize, Scale, Scorer, Zero


def begin(scorer: Scorer, members: Population, env: Environment, meter: Meter) -> Move:
    """A constant or a field steps to its vector; any other scorer has its first part in the hole."""
    term = cast(AnyScorer, scorer)
    match term:
        case Add() | Scale() | Neg() | Normalize() | Clamp() | Gate():
            return Go(ScorerFrame(term, members))
        case _:
            meter.charge(size(len(members)))
    match term:
        case Zero():
            return Finish("zero/score", tuple(0.0 for _ in members))
        case Lit(value):
            return Finish("lit/score", tuple(value for _ in members))
        case FieldScore(field):
            return Finish("field/score", tuple(env.number(i, field) for i in members))
        case _:
            assert_never(term)


def hole(frame: ScorerFrame) -> Hole:
    """The part that a scorer evaluates next, and its focus."""
    match frame.node:
        case Add(scorers):
            return scorers[frame.at], frame.members
        case Scale(_, scorer) | Neg(scorer) | Normalize(scorer) | Clamp(_, _, scorer) | Gate(_, scorer):
            return scorer, frame.members
        case _:
            assert_never(frame.node)


def resume(frame: ScorerFrame, value: Value, meter: Meter) -> Move:
    """The scorer in the hole has become a vector."""
    node, vector = frame.node, vector_of(value)
    if isinstance(node, Gate):
        return Go(GateFrame(node, frame.members, vector))
    meter.charge(size(len(vector)))
    match node:
        case Add(scorers):
            total = frame.total or tuple(0.0 for _ in vector)
            total = tuple(map(plus, total, vector))
            if frame.at + 1 < len(scorers):
                return Go(attrs.evolve(frame, at=frame.at + 1, total=total), "add/next")
            return Finish("add/score", total)
        case Scale(factor):
            return Finish("scale/score", tuple(times(factor, score) for score in vector))
        case Neg():
            return Finish("neg/score", tuple(minus(1.0, score) for score in vector))
        case Normalize():
            return Finish(*normalize(vector))
        case Clamp(lo, hi):
            return Finish("clamp/score", tuple(clamp(lo, hi, score) for score in vector))
        case _:
            assert_never(node)


def resume_gate(frame: GateFrame, value: Value, meter: Meter) -> Go:
    """The predicate in the hole has a verdict on one member."""
    meter.charge(1)
    verdict = verdict_of(value)
    frame.verdicts.append(verdict)
    return Go(attrs.evolve(frame, at=frame.at + 1), "gate/shut" if isinstance(verdict, Reject) else "gate/open")


def hole_of_gate(frame: GateFrame, meter: Meter) -> Hole | Finish:
    """The predicate at the next member; a gate that is through with its members steps to its vector."""
    if frame.at < len(frame.members):
        return frame.node.pred, frame.members[frame.at]
    meter.charge(size(len(frame.vector)))
    passed = zip(frame.vector, frame.verdicts, strict=True)
    return Finish("gate/score", tuple(0.0 if isinstance(verdict, Reject) else score for score, verdict in passed))
