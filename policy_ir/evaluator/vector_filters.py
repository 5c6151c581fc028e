"""Filters: whom a predicate refuses, and for which reason. Specification: chapter "Semantics", section "Predicates".

A filter is a list of clauses with one reason each: the conjuncts, and in place of `meets_req` its checks. A candidate
is refused for the first clause that refuses it. Its *code* is 0 where none does, and else greater the earlier that
clause stands, so that the greatest of several codes is the right one in whatever order the clauses are asked.

Clauses that the catalogue and the names among the facts settle are asked once for each *shape* of requests and their
codes kept; all others are asked at each call.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Hashable, Iterator
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias, assert_never, cast

import numpy as np

from policy_ir.diagnostics import InternalError
from policy_ir.evaluator.labels import shut
from policy_ir.evaluator.scene import Scene
from policy_ir.evaluator.sources import static
from policy_ir.evaluator.vector_predicates import Rows, Where, checks, refusing
from policy_ir.signature import subterms_of
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
    Term,
    Test,
    TierEq,
    Top,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from policy_ir.evaluator.columns import Columns
    from policy_ir.facts import Facts
    from policy_ir.vocabulary import Vocabulary

Codes: TypeAlias = "NDArray[np.uint8] | NDArray[np.int16]"

SHAPES: Final = 16
"""How many shapes of requests a filter keeps the codes of: as many bytes per candidate."""

_NARROW: Final = 255
"""The most clauses whose codes are bytes."""


def refusals(pred: Pred, scene: Scene, rows: Rows) -> tuple[Codes, list[str]]:
    """For each candidate 0 where a predicate accepts it, and else 1 + the place of its reason in the list."""
    codes, shape = Filter(pred, scene.vocabulary).refused(scene)
    return codes if rows is None else codes.take(rows), shape.reasons


class Clause(NamedTuple):
    """Where a clause refuses, its reason, and whether catalogue and shape settle it."""

    refuses: Where
    reason: str
    settled: bool


class Shape(NamedTuple):
    """The codes of the settled clauses, the live ones with their codes, and the reasons by code: None by 0."""

    settled: Codes
    live: tuple[tuple[Where, Codes], ...]
    by_code: NDArray[np.object_]

    @property
    def reasons(self) -> list[str]:
        """The reasons by code, from 1."""
        reasons: list[str] = self.by_code[1:].tolist()
        return reasons


class Filter:
    """A predicate as the filter of a policy, over the candidates of one catalogue."""

    def __init__(self, pred: Pred, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._clauses = tuple(_clauses(pred, vocabulary))
        self._requires = any(clause is None for clause in self._clauses)
        self._scoped = any(clause is not None and clause.reason == "scope" for clause in self._clauses)
        self._shapes: dict[Hashable, Shape] = {}
        self._by_requirement: dict[Hashable, Shape] = {}

    def refused(self, scene: Scene) -> tuple[Codes, Shape]:
        """The code of each candidate, not to be changed, and the shape that they belong to."""
        shape = self._by_requirement.get(scene.facts.requirement) or self._shape(scene)
        codes, live, _ = shape
        for refuses, code in live:
            mask = refuses(scene, None)
            if not isinstance(mask, bool):
                codes = np.maximum(codes, mask.view(np.uint8) * code)
            elif mask:
                codes = np.maximum(codes, code)
        return codes, shape

    def _shape(self, scene: Scene) -> Shape:
        """The shape of requests that require this, made where it is new."""
        key = self.key(scene.facts, scene.columns)
        shape = self._shapes.get(key)
        if shape is None:
            if len(self._shapes) >= SHAPES:
                self._shapes.clear()
            shape = self._shapes[key] = self._settled(scene)
        if len(self._by_requirement) >= SHAPES:
            self._by_requirement.clear()
        self._by_requirement[scene.facts.requirement] = shape
        return shape

    def key(self, facts: Facts, columns: Columns) -> Hashable:
        """What the settled clauses depend on: of a context, how many that occur are less."""
        scope = facts.scope if self._scoped else None
        if not self._requires:
            return scope
        least = facts.min_context
        wide = None if least is None else bisect_left(columns.contexts, least)
        return facts.needs, facts.model_family, facts.tier, facts.privacy, scope, wide, facts.min_tok_s is None

    def _settled(self, scene: Scene) -> Shape:
        clauses: list[Clause] = []
        for clause in self._clauses:
            if clause is not None:
                clauses.append(clause)
                continue
            clauses += [Clause(*check) for check in checks(scene.facts, self._vocabulary)]
        count = len(clauses)
        kind = np.uint8 if count <= _NARROW else np.int16
        codes: Any = np.zeros(scene.columns.size, dtype=kind)
        live = []
        for place, (refuses, _, settled) in enumerate(clauses):
            code: Any = np.array(count - place, dtype=kind)  # an array, as NumPy makes one of a number at each call
            if not settled:
                live.append((refuses, code))
                continue
            mask = refuses(scene, None)
            if not isinstance(mask, bool):
                np.maximum(codes, mask.view(np.uint8) * code, out=codes)
            elif mask:
                np.maximum(codes, code, out=codes)
        by_code = [None, *(clause.reason for clause in reversed(clauses))]
        return Shape(shut(codes), tuple(live), shut(np.array(by_code, dtype=object)))


def _clauses(pred: Pred, vocabulary: Vocabulary) -> Iterator[Clause | None]:
    """The clauses of a predicate; None stands for the checks of `meets_req`, which depend on the facts."""
    match pred:
        case And(preds):
            for part in preds:
                yield from _clauses(part, vocabulary)
        case Top():
            pass
        case MeetsReq():
            yield None
        case ScopeMatches():
            yield Clause(refusing(pred, vocabulary), reason_of(pred), True)
        case _:
            refuses = quietly(refusing(pred, vocabulary), pred, vocabulary)
            yield Clause(refuses, reason_of(pred), static(pred, vocabulary))


def quietly(where: Where, pred: Pred, vocabulary: Vocabulary) -> Where:
    """Where a predicate accepts or refuses, without a warning of NumPy's, which costs something to prevent."""
    return np.errstate(all="ignore")(where) if calculates(pred, vocabulary) else where


def calculates(term: Term, vocabulary: Vocabulary) -> bool:
    """Whether a predicate calculates with numbers, which may overflow or become undefined."""
    match term:
        case Test():
            return True
        case Cmp(field):
            return vocabulary.fields[field].source == "derived"
        case _:
            return any(calculates(part, vocabulary) for part in subterms_of(term))


def reason_of(pred: Pred) -> str:
    """The one reason for which a predicate refuses that is neither `and` nor `meets_req`."""
    term = cast(AnyPred, pred)
    match term:
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
        case Top() | And() | MeetsReq():
            raise InternalError(f"`{term.op}` has no reason of its own")
        case _:
            assert_never(term)
