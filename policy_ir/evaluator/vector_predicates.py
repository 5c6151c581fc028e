"""Predicates at all candidates at once. Specification: chapter "Semantics", section "Predicates".

`rows` are the numbers of the candidates asked about, None for all of them in snapshot order.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, TypeAlias, assert_never, cast

import numpy as np

from policy_ir.diagnostics import InternalError
from policy_ir.evaluator.relations import compared, conjunction, disjunction, negation
from policy_ir.evaluator.scene import Mask, Scene
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

if TYPE_CHECKING:
    from numpy.typing import NDArray

Rows: TypeAlias = "NDArray[np.intp] | None"
Clause: TypeAlias = tuple[Mask, str]
"""Where a conjunct accepts, and the reason for which it refuses elsewhere."""


def accepts(pred: Pred, scene: Scene, rows: Rows) -> NDArray[np.bool_]:
    """Which candidates a predicate accepts; not to be changed."""
    with np.errstate(all="ignore"):
        mask = accepted(pred, scene, rows)
    return np.full(_count(scene, rows), mask) if isinstance(mask, bool) else mask


def refusals(pred: Pred, scene: Scene, rows: Rows) -> tuple[NDArray[np.int16], list[str]]:
    """For each candidate 0 where it is accepted, and else 1 + the place of its reason in the list."""
    with np.errstate(all="ignore"):
        return refused(pred, scene, rows)


def refused(pred: Pred, scene: Scene, rows: Rows) -> tuple[NDArray[np.int16], list[str]]:
    """As `refusals`; floating-point errors are the caller's."""
    reasons: list[str] = []
    codes = np.zeros(_count(scene, rows), dtype=np.int16)
    alive = np.ones(codes.size, dtype=np.bool_)
    # The number of conjuncts that a candidate passes before one refuses it says which one that is.
    for mask, reason in clauses(pred, scene, rows):
        if mask is True:
            continue
        reasons.append(reason)
        alive &= mask
        codes += alive
    return np.subtract(len(reasons), codes, dtype=np.int16), reasons[::-1]


def accepted(pred: Pred, scene: Scene, rows: Rows) -> Mask:
    """Where a predicate accepts; floating-point errors are the caller's."""
    term = cast(AnyPred, pred)
    match term:
        case And(preds):
            mask: Mask = True
            for part in preds:
                mask = conjunction(mask, accepted(part, scene, rows))
                if mask is False:
                    return False
            return mask
        case Or(preds):
            mask = False
            for part in preds:
                mask = disjunction(mask, accepted(part, scene, rows))
                if mask is True:
                    return True
            return mask
        case Not(pred):
            return negation(accepted(pred, scene, rows))
        case Test(scorer, rel, bound):
            from policy_ir.evaluator.vector_scorers import scored

            return compared(scored(scorer, scene, rows), rel, bound)
        case MeetsReq():
            mask = True
            for check, _ in requirements(scene):
                mask = conjunction(mask, check)
            return _at(mask, rows)
        case _:
            return _at(_atom(term, scene), rows)


def clauses(pred: Pred, scene: Scene, rows: Rows) -> Iterator[Clause]:
    """The conjuncts of a predicate, each with its one reason, in the order in which they are evaluated."""
    term = cast(AnyPred, pred)
    match term:
        case And(preds):
            for part in preds:
                yield from clauses(part, scene, rows)
        case MeetsReq():
            for mask, reason in requirements(scene):
                yield _at(mask, rows), reason
        case _:
            yield accepted(term, scene, rows), reason_of(term)


_Atom: TypeAlias = (
    Top | Bot | ScopeMatches | Is | Cmp | TierEq | MinTier | FamilyEq | ProviderEq | ServedByEq | HasCap | TagIn | Known
)


def _atom(term: _Atom, scene: Scene) -> Mask:
    """Where an atom accepts, over all candidates."""
    columns = scene.columns
    match term:
        case Top():
            return True
        case Bot():
            return False
        case ScopeMatches():
            return columns.in_scope(scene.facts.scope)
        case Is(field):
            return scene.flags(field)
        case Cmp(field, rel, bound):
            return scene.compared(field, rel, bound)
        case TierEq(tier):
            return _of_tier(tier, scene)
        case MinTier(tier):
            return columns.of_tier(tier)
        case FamilyEq(family):
            return columns.equals("family", family)
        case ProviderEq(provider):
            return columns.equals("provider", provider)
        case ServedByEq(route):
            return columns.equals("served_by", route)
        case HasCap(capability):
            return columns.capability(capability)
        case TagIn(field, values):
            return scene.tags(field, values)
        case Known(field):
            return scene.known(field)
        case _:
            assert_never(term)


def requirements(scene: Scene) -> Iterator[Clause]:
    """The checks of `meets_req` that the facts ask for, in their order, over all candidates."""
    columns, facts = scene.columns, scene.facts
    for need in facts.needs:
        yield columns.capability(scene.vocabulary.needs[need]), f"missing_capability:{need}"
    if facts.min_context is not None:
        yield compared(scene.numbers("context"), "ge", facts.min_context), "min_context"
    if facts.model_family is not None:
        yield columns.equals("family", facts.model_family), "model_family"
    if facts.tier is not None:
        yield _of_tier(facts.tier, scene), "tier"
    if facts.privacy == "tee_required":
        yield scene.flags("has_tee"), "tee_required"
    if facts.privacy == "no_log":
        yield disjunction(scene.flags("no_log"), scene.flags("has_tee")), "no_log"
    if facts.min_tok_s is not None:
        fast = compared(scene.numbers("tok_s"), "ge", facts.min_tok_s)
        yield conjunction(scene.known("tok_s"), fast), "min_tok_s"


def reason_of(term: AnyPred) -> str:
    """The one reason for which a predicate refuses that is neither `and` nor `meets_req`."""
    match term:
        case Top():
            return "top"  # never given
        case Bot():
            return "bot"
        case Or():
            return "or"
        case Not():
            return "not"
        case Test():
            return "test"
        case ScopeMatches():
            return "scope"
        case Is(field):
            return f"is:{field}"
        case Cmp(field, rel, _):
            return f"cmp:{field}:{rel}"
        case TierEq():
            return "tier"
        case MinTier():
            return "min_tier"
        case FamilyEq():
            return "model_family"
        case ProviderEq():
            return "provider_id"
        case ServedByEq():
            return "served_by"
        case HasCap(capability):
            return f"missing_capability:{capability}"
        case TagIn(field, _):
            return f"tag:{field}"
        case Known(field):
            return f"known:{field}"
        case And() | MeetsReq():
            raise InternalError(f"`{term.op}` has the reasons of its parts")
        case _:
            assert_never(term)


def _of_tier(tier: str, scene: Scene) -> Mask:
    return scene.columns.equals("tier", tier) if tier in scene.vocabulary.tiers else False


def _at(mask: Mask, rows: Rows) -> Mask:
    return mask if rows is None or isinstance(mask, bool) else mask.take(rows)


def _count(scene: Scene, rows: Rows) -> int:
    return scene.columns.size if rows is None else rows.size
