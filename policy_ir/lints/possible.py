"""What a predicate or a scorer may give, over everything that may be observed.

The interpretation is sound: whatever the machine gives for a normal form is among what is said to be possible here.
It is not complete: parts of a term are taken to be independent of each other. Specification: chapter "Lints".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import reduce
from types import MappingProxyType
from typing import Final, Protocol, assert_never, cast

import attrs

from policy_ir.intervals import (
    EITHER,
    FAILS,
    HOLDS,
    Interval,
    Truth,
    all_of,
    any_of,
    clamped,
    compared,
    complement,
    hull,
    normalized,
    over,
    plus,
    point,
    times,
)
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
from policy_ir.vocabulary import FORMULAS


class Knowledge(Protocol):
    """What may be observed: of one candidate, or of any. The parts of a truth or an interval are outer bounds."""

    def number(self, field: str) -> Interval:
        """The observations of a numeric field whose source is not a formula."""

    def flag(self, field: str) -> Truth:
        """The observations of a boolean field."""

    def tag_in(self, field: str, values: tuple[str, ...]) -> Truth:
        """Whether the tag is one of these, or one of the tags is."""

    def known(self, field: str) -> Truth:
        """Whether a field whose source is not a formula has an observation."""

    def identity(self, atom: TierEq | MinTier | FamilyEq | ProviderEq | ServedByEq | HasCap) -> Truth:
        """What the candidate's own keys say to an atom that asks for them."""

    def scoped(self) -> Truth:
        """Whether the candidate has a scope."""


@attrs.frozen(eq=False)
class Possible:
    """What is possible under some knowledge. Answers are kept per node, so that a term is interpreted once."""

    knowledge: Knowledge
    _truths: dict[int, Truth] = attrs.field(factory=dict, init=False)
    _intervals: dict[int, Interval] = attrs.field(factory=dict, init=False)

    def number(self, field: str) -> Interval:
        """The observations of a numeric field of any source (`interval/field`, `known/derived`)."""
        formula = FORMULA_OF.get(field)
        return self.knowledge.number(field) if formula is None else formula(self.knowledge)

    def known(self, field: str) -> Truth:
        """Whether a field of any source has an observation; a derived one, whether all that its formula reads have."""
        return all_of(self.knowledge.known(part) for part in FORMULAS.get(field, (field,)))

    def truth(self, pred: Pred) -> Truth:
        """Whether a predicate may accept, and whether it may refuse."""
        if id(pred) not in self._truths:
            self._truths[id(pred)] = self._truth(cast(AnyPred, pred))
        return self._truths[id(pred)]

    def scores(self, scorer: Scorer) -> Interval:
        """The scores that a scorer may give to a member of any population."""
        if id(scorer) not in self._intervals:
            self._intervals[id(scorer)] = self._scores(cast(AnyScorer, scorer))
        return self._intervals[id(scorer)]

    def _truth(self, pred: AnyPred) -> Truth:
        match pred:
            case Top():
                return HOLDS
            case Bot():
                return FAILS
            case And(preds):
                return all_of([self.truth(part) for part in preds])
            case Or(preds):
                return any_of([self.truth(part) for part in preds])
            case Not(part):
                return self.truth(part).negated()
            case MeetsReq():
                return EITHER  # a request may require anything, or nothing
            case ScopeMatches():
                # A candidate without a scope matches; one with a scope may, depending on the request.
                scoped = self.knowledge.scoped()
                return Truth(yes=scoped.yes or scoped.no, no=scoped.yes)
            case Is(field):
                return self.knowledge.flag(field)
            case Cmp(field, rel, bound):
                return compared(self.number(field), rel, bound)
            case TierEq() | MinTier() | FamilyEq() | ProviderEq() | ServedByEq() | HasCap():
                return self.knowledge.identity(pred)
            case TagIn(field, values):
                return self.knowledge.tag_in(field, values)
            case Test(scorer, rel, bound):
                return compared(self.scores(scorer), rel, bound)
            case Known(field):
                return self.known(field)
            case _:
                assert_never(pred)

    def _scores(self, scorer: AnyScorer) -> Interval:
        match scorer:
            case Zero():
                return point(0.0)  # `interval/constant`
            case Lit(value):
                return point(value)
            case FieldScore(field):
                return self.number(field)
            case Add(scorers):
                return reduce(plus, [self.scores(part) for part in scorers], point(0.0))
            case Scale(factor, part):
                # A factor of 0 is `zero` in normal form, whatever it multiplies.
                return point(0.0) if factor == 0 else times(point(factor), self.scores(part))
            case Neg(part):
                return complement(self.scores(part))
            case Normalize(part):
                return normalized(self.scores(part))
            case Clamp(lo, hi, part):
                return clamped(lo, hi, self.scores(part))
            case Gate(pred, part):
                accepts = self.truth(pred)  # `interval/gate`
                scores = [self.scores(part)] if accepts.yes else []
                return hull([*scores, point(0.0)] if accepts.no else scores)
            case _:
                assert_never(scorer)


def call_cost(knowledge: Knowledge) -> Interval:
    """The interval of the derived field `call_cost`, by its formula."""
    sent = times(knowledge.number("prompt_tokens"), knowledge.number("price_in"))
    received = times(knowledge.number("completion_tokens"), knowledge.number("price_out"))
    return over(plus(sent, received), 1e6)


FORMULA_OF: Final[Mapping[str, Callable[[Knowledge], Interval]]] = MappingProxyType({"call_cost": call_cost})
"""The formulas of the derived fields."""
