"""Which parts of a world the value of a term depends on: the catalogue, the state, the request.

What depends on the catalogue alone can be evaluated once per catalogue and kept. The population of a `normalize` counts
for nothing here: it is whoever is scored. Specification: chapter "Semantics", section "Observations".
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Literal, TypeAlias, assert_never, cast

from policy_ir.terms import (
    Add,
    And,
    AnyPred,
    AnyScorer,
    Bot,
    Clamp,
    Cmp,
    FamilyEq,
    FieldScore,
    Gate,
    HasCap,
    Is,
    Known,
    Lit,
    MeetsReq,
    MinTier,
    Neg,
    Normalize,
    Not,
    Or,
    Pred,
    ProviderEq,
    Scale,
    ScopeMatches,
    Scorer,
    ServedByEq,
    TagIn,
    Test,
    TierEq,
    Top,
    Zero,
)
from policy_ir.vocabulary import FORMULAS, Vocabulary

Part: TypeAlias = Literal["catalogue", "state", "request"]

_NONE: Final[frozenset[Part]] = frozenset()
_CATALOGUE: Final[frozenset[Part]] = frozenset({"catalogue"})
_BOTH: Final[frozenset[Part]] = frozenset({"catalogue", "request"})
_ASKED: Final = ("context", "has_tee", "no_log", "tok_s")
"""The fields that `meets_req` may read."""


def sources(term: Pred | Scorer, vocabulary: Vocabulary) -> frozenset[Part]:
    """The parts of a world that an admitted term may read; none for a constant."""
    node = cast(AnyPred | AnyScorer, term)
    match node:
        case Top() | Bot() | Zero() | Lit():
            return _NONE
        case Is(field) | Cmp(field) | TagIn(field) | Known(field) | FieldScore(field):
            return sources_of_field(field, vocabulary)
        case TierEq() | MinTier() | FamilyEq() | ProviderEq() | ServedByEq() | HasCap():
            return _CATALOGUE
        case ScopeMatches():
            return _BOTH
        case MeetsReq():
            asked = (sources_of_field(field, vocabulary) for field in _ASKED if field in vocabulary.fields)
            return _BOTH.union(*asked)
        case And(preds) | Or(preds):
            return _union(preds, vocabulary)
        case Add(scorers):
            return _union(scorers, vocabulary)
        case Not(pred):
            return sources(pred, vocabulary)
        case Test(scorer) | Neg(scorer) | Normalize(scorer) | Scale(_, scorer) | Clamp(_, _, scorer):
            return sources(scorer, vocabulary)
        case Gate(pred, scorer):
            return sources(pred, vocabulary) | sources(scorer, vocabulary)
        case _:
            assert_never(node)


def static(term: Pred | Scorer, vocabulary: Vocabulary) -> bool:
    """Whether a term depends on nothing but the catalogue."""
    return sources(term, vocabulary) <= _CATALOGUE


def sources_of_field(field: str, vocabulary: Vocabulary) -> frozenset[Part]:
    """The parts of a world that a declared field shows: those of its inputs for a derived one."""
    source = vocabulary.fields[field].source
    if source == "derived":
        return _NONE.union(*(sources_of_field(part, vocabulary) for part in FORMULAS[field]))
    return frozenset({source})


def _union(terms: Iterable[Pred | Scorer], vocabulary: Vocabulary) -> frozenset[Part]:
    return _NONE.union(*(sources(term, vocabulary) for term in terms))
