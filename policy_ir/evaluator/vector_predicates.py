"""Predicates at all candidates at once. Specification: chapter "Semantics", section "Predicates".

A predicate becomes a function of a scene and of `rows`: the numbers of the candidates asked about, None for all of
them in snapshot order. It gives a mask over the rows, or one truth value for everybody. Masks are not to be changed,
and floating-point errors are the caller's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, TypeAlias, assert_never, cast

import numpy as np

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
    Relation,
    ScopeMatches,
    ServedByEq,
    TagIn,
    Test,
    TierEq,
    Top,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from policy_ir.facts import Facts
    from policy_ir.vocabulary import Vocabulary

Rows: TypeAlias = "NDArray[np.intp] | None"
Where: TypeAlias = Callable[[Scene, Rows], Mask]
"""Where a predicate accepts, or refuses."""


def accepts(pred: Pred, scene: Scene, rows: Rows) -> NDArray[np.bool_]:
    """Which candidates a predicate accepts; not to be changed."""
    with np.errstate(all="ignore"):
        mask = accepting(pred, scene.vocabulary)(scene, rows)
    return np.full(scene.columns.size if rows is None else rows.size, mask) if isinstance(mask, bool) else mask


def accepting(pred: Pred, vocabulary: Vocabulary) -> Where:
    """Where an admitted predicate accepts."""
    term = cast(AnyPred, pred)
    match term:
        case Cmp():
            field, rel, bound = term.field, term.rel, term.bound
            if vocabulary.fields[field].source == "state":
                return _compared(field, rel, bound)
            return lambda scene, rows: at(scene.compared(field, rel, bound), rows)
        case Is():
            field = term.field
            if vocabulary.fields[field].source == "state":
                return _flagged(field)
            return lambda scene, rows: at(scene.flags(field), rows)
        case Not():
            return refusing(term.pred, vocabulary)
        case And():
            return _all([accepting(part, vocabulary) for part in term.preds])
        case Or():
            return _any([accepting(part, vocabulary) for part in term.preds])
        case ProviderEq():
            return _equals("provider", term.provider)
        case FamilyEq():
            return _equals("family", term.family)
        case ServedByEq():
            return _equals("served_by", term.served_by)
        case TierEq():
            return _equals("tier", term.tier) if term.tier in vocabulary.tiers else _never
        case MinTier():
            tier = term.tier
            return lambda scene, rows: at(scene.columns.of_tier(tier), rows)
        case HasCap():
            return _has(term.capability)
        case MeetsReq():
            return _meets_req
        case ScopeMatches():
            return lambda scene, rows: at(scene.columns.in_scope(scene.facts.scope), rows)
        case TagIn():
            field, values = term.field, term.values
            return lambda scene, rows: at(scene.tags(field, values), rows)
        case Known():
            field = term.field
            return lambda scene, rows: at(scene.known(field), rows)
        case Test():
            from policy_ir.evaluator.vector_scorers import scoring

            scored, rel, bound = scoring(term.scorer, vocabulary).of, term.rel, term.bound
            return lambda scene, rows: compared(scored(scene, rows), rel, bound)
        case Top():
            return _always
        case Bot():
            return _never
        case _:
            assert_never(term)


def refusing(pred: Pred, vocabulary: Vocabulary) -> Where:
    """Where an admitted predicate refuses."""
    match pred:
        case Not(inner):
            return accepting(inner, vocabulary)
        case Cmp(field, rel, bound) if vocabulary.fields[field].source == "state":
            return _compared(field, _OPPOSITE[rel], bound)
        case _:
            return _refusing(accepting(pred, vocabulary))


def _refusing(accepts: Where) -> Where:
    return lambda scene, rows: negation(accepts(scene, rows))


_RELATIONS: Final[Mapping[Relation, Callable[[Any, Any], Any]]] = {
    "lt": np.less, "le": np.less_equal, "eq": np.equal, "ne": np.not_equal, "ge": np.greater_equal, "gt": np.greater,
}  # fmt: skip

_OPPOSITE: Final[Mapping[Relation, Relation]] = {
    "lt": "ge", "le": "gt", "eq": "ne", "ne": "eq", "ge": "lt", "gt": "le",
}  # fmt: skip


def _compared(field: str, rel: Relation, bound: float) -> Where:
    """Where a numeric field of the state stands in a relation to a number."""
    # Nothing that was observed is undefined, and neither is a default, so NumPy's relations are the language's. They
    # take an array of no dimensions as it is, and make one of a number at each call.
    relation, other = _RELATIONS[rel], np.array(bound)

    def holds(scene: Scene, rows: Rows) -> Mask:
        numbers = scene.column(field)
        mask: Mask = relation(numbers if rows is None else numbers.take(rows), other)
        return mask

    return holds


def _flagged(field: str) -> Where:
    """Where a boolean field of the state is true."""

    def holds(scene: Scene, rows: Rows) -> Mask:
        flags = scene.state_flags(field)
        return flags if rows is None else flags.take(rows)

    return holds


def _equals(key: str, name: str) -> Where:
    return lambda scene, rows: at(scene.columns.equals(key, name), rows)


def _has(capability: str) -> Where:
    return lambda scene, rows: at(scene.columns.capability(capability), rows)


def _always(scene: Scene, rows: Rows) -> Mask:
    return True


def _never(scene: Scene, rows: Rows) -> Mask:
    return False


def _all(parts: Sequence[Where]) -> Where:
    def holds(scene: Scene, rows: Rows) -> Mask:
        mask: Mask = True
        for part in parts:
            if mask is False:
                break
            mask = conjunction(mask, part(scene, rows))
        return mask

    return holds


def _any(parts: Sequence[Where]) -> Where:
    def holds(scene: Scene, rows: Rows) -> Mask:
        mask: Mask = False
        for part in parts:
            if mask is True:
                break
            mask = disjunction(mask, part(scene, rows))
        return mask

    return holds


# --- the requirement block of a request ------------------------------------------------------------------------


def checks(facts: Facts, vocabulary: Vocabulary) -> Iterator[tuple[Where, str, bool]]:
    """The checks of `meets_req` that the facts ask for, in their order: where each refuses, for which reason.

    The third says whether the catalogue and the facts settle a check, which the state does else.
    """
    for need in facts.needs:
        yield _refusing(_has(vocabulary.needs[need])), f"missing_capability:{need}", True
    if facts.min_context is not None:
        yield _is_narrow, "min_context", True
    if facts.model_family is not None:
        yield _refusing(_equals("family", facts.model_family)), "model_family", True
    if facts.tier is not None:
        yield refusing(TierEq(facts.tier), vocabulary), "tier", True
    # The fields that are asked for here are declared by `core`: `tok_s` is state, the others are of the catalogue.
    if facts.privacy == "tee_required":
        yield refusing(Is("has_tee"), vocabulary), "tee_required", True
    if facts.privacy == "no_log":
        yield refusing(Or((Is("no_log"), Is("has_tee"))), vocabulary), "no_log", True
    if facts.min_tok_s is not None:
        yield _is_slow, "min_tok_s", False


def _is_narrow(scene: Scene, rows: Rows) -> Mask:
    assert scene.facts.min_context is not None
    return at(scene.column("context") < scene.facts.min_context, rows)


def _is_slow(scene: Scene, rows: Rows) -> Mask:
    assert scene.facts.min_tok_s is not None
    return at(disjunction(negation(scene.known("tok_s")), scene.column("tok_s") < scene.facts.min_tok_s), rows)


def _meets_req(scene: Scene, rows: Rows) -> Mask:
    facts, columns = scene.facts, scene.columns
    if facts.requirement[2:6] == _ONLY_NEEDS:
        # What most requests ask for, from masks that the catalogue has.
        mask: Mask = True
        for need in facts.needs:
            mask = conjunction(mask, columns.capability(scene.vocabulary.needs[need]))
        if facts.min_context is not None:
            mask = conjunction(mask, columns.wide(facts.min_context))
        return at(mask, rows)
    return negation(_any([refuses for refuses, _, _ in checks(scene.facts, scene.vocabulary)])(scene, rows))


_ONLY_NEEDS: Final = (None, None, "standard", None)
"""The family, the tier, the privacy and the speed of a requirement that asks for needs and for a context only."""


def at(mask: Mask, rows: Rows) -> Mask:
    """A mask over all candidates as one over some of them."""
    return mask if rows is None or isinstance(mask, bool) else mask.take(rows)
