"""Predicates at one candidate. Specification: chapter "Semantics", section "Predicates"."""

from __future__ import annotations

from collections.abc import Iterator
from typing import assert_never, cast

import attrs

from policy_ir.semantics.configuration import (
    ACCEPT,
    Finish,
    Go,
    Hole,
    Move,
    PredFrame,
    Reject,
    Value,
    vector_of,
    verdict_of,
)
from policy_ir.semantics.environment import Environment
from policy_ir.semantics.rules import PredRule
from policy_ir.semantics.scores import holds
from policy_ir.semantics.work import Meter
from policy_ir.terms import (
    And,
    AnyPred,
    Bot,
    Cmp,
    FamilyEq,
    HasCap,
    Is,
    Known,
    MeetsReq,
    MinTier,
    Not,
    Or,
    Pred,
    ProviderEq,
    ScopeMatches,
    ServedByEq,
    TagIn,
    Test,
    TierEq,
    Top,
)


def begin(pred: Pred, i: int, env: Environment, meter: Meter) -> Move:
    """An atom steps to its value; a compound predicate has its first part in the hole."""
    term = cast(AnyPred, pred)
    match term:
        case And() | Or() | Not() | Test():
            return Go(PredFrame(term, i))
        case _:
            meter.charge(1)
    match term:
        case Top():
            return Finish("top/accept", ACCEPT)
        case Bot():
            return Finish("bot/reject", Reject("bot"))
        case ScopeMatches():
            scope = env.snapshot.scope(i)
            return _atom(
                scope is None or scope == env.facts.scope, "scope_matches/accept", "scope_matches/reject", "scope"
            )
        case Is(field):
            return _atom(env.flag(i, field), "is/accept", "is/reject", f"is:{field}")
        case Cmp(field, rel, bound):
            return _atom(holds(env.number(i, field), rel, bound), "cmp/accept", "cmp/reject", f"cmp:{field}:{rel}")
        case TierEq(tier):
            return _atom(is_of_tier(env, i, tier), "tier_eq/accept", "tier_eq/reject", "tier")
        case MinTier(tier):
            rank = env.vocabulary.tier_rank
            return _atom(rank(env.snapshot.tier(i)) >= rank(tier), "min_tier/accept", "min_tier/reject", "min_tier")
        case FamilyEq(family):
            return _atom(env.snapshot.family(i) == family, "family_eq/accept", "family_eq/reject", "model_family")
        case ProviderEq(provider):
            same = env.snapshot.provider(i) == provider
            return _atom(same, "provider_eq/accept", "provider_eq/reject", "provider_id")
        case ServedByEq(route):
            same = env.snapshot.served_by(i) == route
            return _atom(same, "served_by_eq/accept", "served_by_eq/reject", "served_by")
        case HasCap(capability):
            has = env.snapshot.has_capability(i, capability)
            return _atom(has, "has_cap/accept", "has_cap/reject", f"missing_capability:{capability}")
        case TagIn(field, values):
            tag = env.observe(i, field).value
            has = any(one in values for one in tag) if isinstance(tag, tuple) else tag in values
            return _atom(has, "tag_in/accept", "tag_in/reject", f"tag:{field}")
        case Known(field):
            return _atom(env.observe(i, field).known, "known/accept", "known/reject", f"known:{field}")
        case MeetsReq():
            return _meets_req(i, env)
        case _:
            assert_never(term)


def _atom(accepts: bool, accept: PredRule, reject: PredRule, reason: str) -> Finish:
    return Finish(accept, ACCEPT) if accepts else Finish(reject, Reject(reason))


def is_of_tier(env: Environment, i: int, tier: str) -> bool:
    """Whether a candidate is of this tier; a tier that nobody declared equals none."""
    return env.snapshot.tier(i) == tier and tier in env.vocabulary.tiers


def _meets_req(i: int, env: Environment) -> Finish:
    """The first check that fails is the rule."""
    for check in requirements(i, env):
        if not check.holds:
            return Finish(check.rule, Reject(check.reason))
    return Finish("meets_req/accept", ACCEPT)


@attrs.frozen(slots=True)
class Check:
    """A check of `meets_req` that the request asks for: the rule and the reason where it fails, and whether it holds.

    `need` is the need of a capability check, None for the others.
    """

    rule: PredRule
    reason: str
    holds: bool
    need: str | None = None


def requirements(i: int, env: Environment) -> Iterator[Check]:
    """The checks of `meets_req` that the facts ask for, in their order."""
    snapshot, facts = env.snapshot, env.facts
    for need in facts.needs:
        has = snapshot.has_capability(i, env.vocabulary.needs[need])
        yield Check("meets_req/missing_capability", f"missing_capability:{need}", has, need)
    if facts.min_context is not None:
        yield Check("meets_req/min_context", "min_context", env.number(i, "context") >= facts.min_context)
    if facts.model_family is not None:
        yield Check("meets_req/model_family", "model_family", snapshot.family(i) == facts.model_family)
    if facts.tier is not None:
        yield Check("meets_req/tier", "tier", is_of_tier(env, i, facts.tier))
    if facts.privacy == "tee_required":
        yield Check("meets_req/tee_required", "tee_required", env.flag(i, "has_tee"))
    if facts.privacy == "no_log":
        yield Check("meets_req/no_log", "no_log", env.flag(i, "no_log") or env.flag(i, "has_tee"))
    if facts.min_tok_s is not None:
        yield Check("meets_req/min_tok_s", "min_tok_s", _is_fast(env, i, facts.min_tok_s))


def _is_fast(env: Environment, i: int, least: float) -> bool:
    """Whether a candidate has an observed speed of at least this many tokens per second."""
    return env.observe(i, "tok_s").known and env.number(i, "tok_s") >= least


def hole(frame: PredFrame) -> Hole:
    """The part that a compound predicate evaluates next, and its focus."""
    match frame.node:
        case And(preds) | Or(preds):
            return preds[frame.at], frame.i
        case Not(pred):
            return pred, frame.i
        case Test(scorer):
            return scorer, (frame.i,)
        case _:
            assert_never(frame.node)


def resume(frame: PredFrame, value: Value, meter: Meter) -> Move:
    """The part in the hole has become a value."""
    meter.charge(1)
    match frame.node:
        case And(preds):
            verdict = verdict_of(value)
            if isinstance(verdict, Reject):
                return Finish("and/reject", verdict)
            return _next(frame, "and/next") if frame.at + 1 < len(preds) else Finish("and/accept", verdict)
        case Or(preds):
            verdict = verdict_of(value)
            if not isinstance(verdict, Reject):
                return Finish("or/accept", verdict)
            return _next(frame, "or/next") if frame.at + 1 < len(preds) else Finish("or/reject", Reject("or"))
        case Not():
            return _atom(isinstance(verdict_of(value), Reject), "not/accept", "not/reject", "not")
        case Test(_, rel, bound):
            (score,) = vector_of(value)
            return _atom(holds(score, rel, bound), "test/accept", "test/reject", "test")
        case _:
            assert_never(frame.node)


def _next(frame: PredFrame, rule: PredRule) -> Go:
    return Go(attrs.evolve(frame, at=frame.at + 1), rule)
