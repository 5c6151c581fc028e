"""Which parts of a world the value of a term depends on: the catalogue, the state, the request.

What depends on the catalogue alone can be evaluated once per catalogue and kept. The population of a `normalize` counts
for nothing here: it is whoever is scored. Specification: chapter "Semantics", section "Observations".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import reduce
from operator import or_
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

_BITS: Final[Mapping[Part, int]] = {"catalogue": 1, "state": 2, "request": 4}
_CATALOGUE: Final = 1
_REQUEST: Final = 4
_ASKED: Final = ("context", "has_tee", "no_log", "tok_s")
"""The fields that `meets_req` may read; `core` declares them."""


def sources(term: Pred | Scorer, vocabulary: Vocabulary) -> frozenset[Part]:
    """The parts of a world that an admitted term may read; none for a constant."""
    return _SETS[_read_by(term, vocabulary)]


def static(term: Pred | Scorer, vocabulary: Vocabulary) -> bool:
    """Whether a term depends on nothing but the catalogue."""
    return _read_by(term, vocabulary) <= _CATALOGUE


def uniform(term: Pred | Scorer, vocabulary: Vocabulary) -> bool:
    """Whether a term has one value for all candidates: it depends on nothing but the request."""
    return not _read_by(term, vocabulary) & ~_REQUEST


def _read_by(term: Pred | Scorer, vocabulary: Vocabulary) -> int:
    """The parts that a term may read, as bits."""
    node = cast(AnyPred | AnyScorer, term)
    match node:
        case Is() | Cmp() | TagIn() | Known() | FieldScore():
            return _read_for(node.field, vocabulary)
        case ProviderEq() | TierEq() | MinTier() | FamilyEq() | ServedByEq() | HasCap():
            return _CATALOGUE
        case Not():
            return _read_by(node.pred, vocabulary)
        case And() | Or():
            return _union(node.preds, vocabulary)
        case Add():
            return _union(node.scorers, vocabulary)
        case Scale() | Neg() | Normalize() | Clamp() | Test():
            return _read_by(node.scorer, vocabulary)
        case Gate():
            return _read_by(node.pred, vocabulary) | _read_by(node.scorer, vocabulary)
        case ScopeMatches():
            return _CATALOGUE | _REQUEST
        case MeetsReq():
            return _CATALOGUE | _REQUEST | reduce(or_, (_read_for(field, vocabulary) for field in _ASKED))
        case Top() | Bot() | Zero() | Lit():
            return 0
        case _:
            assert_never(node)


def _read_for(field: str, vocabulary: Vocabulary) -> int:
    """The parts that a declared field shows: those of its inputs for a derived one."""
    source = vocabulary.fields[field].source
    if source == "derived":
        return reduce(or_, (_read_for(part, vocabulary) for part in FORMULAS[field]))
    return _BITS[source]


def _union(terms: Iterable[Pred | Scorer], vocabulary: Vocabulary) -> int:
    return reduce(or_, (_read_by(term, vocabulary) for term in terms), 0)


_SETS: Final = tuple(frozenset(part for part, bit in _BITS.items() if bits & bit) for bits in range(8))
