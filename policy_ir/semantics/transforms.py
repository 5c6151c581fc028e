"""Transforms of the outgoing request. Specification: chapter "Semantics", section "Transforms"."""

from __future__ import annotations

from math import inf, isfinite
from typing import assert_never, cast

import attrs

from policy_ir.semantics.configuration import (
    DONE,
    Become,
    Call,
    Draft,
    Finish,
    Go,
    Hole,
    Move,
    Reject,
    Value,
    XformFrame,
    verdict_of,
)
from policy_ir.semantics.draws import shift
from policy_ir.semantics.environment import Environment
from policy_ir.semantics.numbers import emitted
from policy_ir.semantics.rules import XformRule
from policy_ir.semantics.scores import plus
from policy_ir.semantics.work import Meter
from policy_ir.terms import (
    AnyXform,
    ClampParam,
    Custom,
    DropParam,
    FilterImage,
    FilterText,
    Id,
    InjectSeed,
    Jitter,
    Number,
    Seq,
    SetParam,
    When,
    Xform,
)


def numeric(value: object) -> float | None:
    """The binary64 of a JSON number, an infinity beyond its range; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return float(value)
    except OverflowError:
        return inf if value > 0 else -inf


def begin(xform: Xform, call: Call, env: Environment, meter: Meter) -> Move:
    """An atomic transform is carried out; `seq` and `when` have their first part in the hole."""
    term = cast(AnyXform, xform)
    draft = call.draft
    match term:
        case Seq() | When():
            return Go(XformFrame(term, call))
        case _:
            meter.charge(1)
    match term:
        case Id():
            return Finish("id/done", DONE)
        case SetParam(param, scalar):
            draft.request[param] = emitted(scalar.value) if isinstance(scalar, Number) else scalar.value
            return Finish("set_param/set", DONE)
        case InjectSeed(param):
            if env.seed is None:
                return Finish("inject_seed/unseeded", DONE)
            draft.request[param] = env.seed
            return Finish("inject_seed/set", DONE)
        case DropParam(param):
            if param not in draft.request:
                return Finish("drop_param/absent", DONE)
            del draft.request[param]
            return Finish("drop_param/drop", DONE)
        case ClampParam(param, lo, hi):
            return Finish(_clamp(draft, param, lo, hi), DONE)
        case Jitter(param, amplitude):
            return Finish(_jitter(draft, param, amplitude, env.seed), DONE)
        case FilterText(recipe):
            draft.filter_text = recipe
            return Finish("filter_text/hold", DONE)
        case FilterImage(recipe):
            draft.filter_image = recipe
            return Finish("filter_image/hold", DONE)
        case Custom(symbol):
            draft.customs.append(symbol)
            return Finish("custom/attach", DONE)
        case _:
            assert_never(term)


def _clamp(draft: Draft, param: str, lo: float, hi: float) -> XformRule:
    value = numeric(draft.request.get(param))
    if value is None:
        return "clamp_param/skip"
    if value < lo:
        draft.request[param] = emitted(lo)
        return "clamp_param/low"
    if value > hi:
        draft.request[param] = emitted(hi)
        return "clamp_param/high"
    return "clamp_param/keep"


def _jitter(draft: Draft, param: str, amplitude: float, seed: int | None) -> XformRule:
    if seed is None:
        return "jitter/unseeded"
    value, by = numeric(draft.request.get(param)), shift(param, amplitude, seed)
    if value is None:
        draft.request[param] = emitted(by)
        return "jitter/set"
    shifted = plus(value, by)
    if not isfinite(shifted):
        return "jitter/overflow"
    draft.request[param] = emitted(shifted)
    return "jitter/shift"


def hole(frame: XformFrame) -> Hole:
    """The part that a compound transform evaluates next, and its focus."""
    match frame.node:
        case Seq(xforms):
            return xforms[frame.at], frame.call
        case When(pred):
            return pred, frame.call.candidate
        case _:
            assert_never(frame.node)


def resume(frame: XformFrame, value: Value, meter: Meter) -> Move:
    """A transform of a `seq` is done, or the predicate of a `when` has its verdict."""
    meter.charge(1)
    match frame.node:
        case Seq(xforms):
            if frame.at + 1 < len(xforms):
                return Go(attrs.evolve(frame, at=frame.at + 1), "seq/next")
            return Finish("seq/done", DONE)
        case When(_, xform):
            if isinstance(verdict_of(value), Reject):
                return Finish("when/skip", DONE)
            return Become("when/take", xform, frame.call)
        case _:
            assert_never(frame.node)
