"""Why one candidate comes before another: the selector read from the outside in, to what tells the two apart.

Specification: chapter "Decisions", section "Explanations".
"""

from __future__ import annotations

from math import isnan
from typing import Any, Literal, TypeAlias, assert_never, cast

import attrs

from policy_ir.decision import Decision
from policy_ir.evidence import origin_json, plain
from policy_ir.explanation.scores import ScoredBy, Scoring
from policy_ir.semantics import machine
from policy_ir.semantics.configuration import Accept, Contest
from policy_ir.semantics.scores import minus
from policy_ir.terms import (
    AnySelector,
    Argmax,
    ChainSelector,
    Ordered,
    Origin,
    Prefer,
    RankBy,
    Sample,
    Selector,
    TopK,
)

By: TypeAlias = Literal["score", "preference", "position", "draw", "catalogue"]
"""What puts a candidate first: its score, the predicate of a `prefer`, its entry in a `chain`, a seeded draw, or
nothing but the order of the catalogue."""


@attrs.frozen(slots=True)
class Gap:
    """A summand of the deciding scorer, and what it adds for the two candidates."""

    label: str
    origin: Origin | None
    first: float
    second: float

    @property
    def difference(self) -> float:
        """By how much the summand puts the first candidate ahead; negative where it holds it back."""
        return minus(self.first, self.second)

    def to_json(self) -> dict[str, Any]:
        """As a JSON object."""
        return {
            "label": self.label,
            "origin": origin_json(self.origin),
            "first": plain(self.first),
            "second": plain(self.second),
            "difference": plain(self.difference),
        }


@attrs.frozen(slots=True)
class Choice:
    """What puts one candidate before another, and the term that does it.

    `gaps` are the summands of the deciding scorer, the greatest difference first; there are none where it is not the
    score that decides.
    """

    by: By
    origin: Origin | None
    gaps: tuple[Gap, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """As a JSON object."""
        return {"by": self.by, "origin": origin_json(self.origin), "gaps": [gap.to_json() for gap in self.gaps]}


@attrs.frozen(eq=False)
class Arena:
    """The survivors of a decision with their rank, for asking again what its selector did."""

    decision: Decision
    rank: Scoring

    @classmethod
    def of(cls, decision: Decision) -> Arena:
        """The arena of a decision that has survivors."""
        place = decision.snapshot.index
        survivors = sorted([entry.index for entry in decision.ordered] + [place[name] for name, _ in decision.cut])
        return cls(decision, Scoring.of(decision.term.rank, tuple(survivors), decision.environment))

    def scoring(self) -> tuple[ScoredBy, Scoring | None]:
        """Where the scores of the order come from; a `chain` has no scorer."""
        selector = cast(AnySelector, self.decision.term.select)
        while isinstance(selector, TopK | Prefer):
            selector = cast(AnySelector, selector.selector)
        if isinstance(selector, RankBy):
            return "rank_by", self._again(selector)
        return ("chain", None) if isinstance(selector, ChainSelector) else ("rank", self.rank)

    def choice(self, first: int, second: int) -> Choice:
        """What puts a candidate of the order before a later one; both by their numbers in the snapshot."""
        selector = cast(AnySelector, self.decision.term.select)
        while True:
            match selector:
                case TopK(_, inner):
                    selector = cast(AnySelector, inner)
                case Prefer(pred, inner):
                    environment = self.decision.environment
                    said = [isinstance(machine.verdict(pred, i, environment), Accept) for i in (first, second)]
                    if said[0] != said[1]:
                        return Choice("preference", pred.origin or selector.origin)
                    selector = cast(AnySelector, inner)
                case RankBy(scorer, inner):
                    again = self._again(selector)
                    if _differ(again.score(first), again.score(second)):
                        return Choice("score", scorer.origin or selector.origin, _gaps(again, first, second))
                    selector = cast(AnySelector, inner)
                case Argmax():
                    if _differ(self.rank.score(first), self.rank.score(second)):
                        return Choice("score", self.decision.term.rank.origin, _gaps(self.rank, first, second))
                    return Choice("catalogue", selector.origin)
                case ChainSelector():
                    position = dict(self._order(selector))
                    same = position[first] == position[second]
                    return Choice("catalogue" if same else "position", selector.origin)
                case Sample():
                    return Choice("draw", selector.origin)
                case Ordered():
                    return Choice("catalogue", selector.origin)
                case _:
                    assert_never(selector)

    def _order(self, selector: Selector) -> tuple[tuple[int, float], ...]:
        contest = Contest(self.rank.members, self.rank.vector)
        return machine.ranking(selector, contest, self.decision.environment).entries

    def _again(self, selector: RankBy) -> Scoring:
        inner = tuple(i for i, _ in self._order(selector.selector))
        return Scoring.of(selector.scorer, inner, self.decision.environment)


def _differ(a: float, b: float) -> bool:
    """Whether two scores order: undefined ones do not among themselves."""
    return a != b and not (isnan(a) and isnan(b))


def _gaps(scoring: Scoring, first: int, second: int) -> tuple[Gap, ...]:
    pairs = zip(scoring.parts(first), scoring.parts(second), strict=True)
    gaps = [Gap(one.label, one.origin, one.value, other.value) for one, other in pairs]
    return tuple(sorted(gaps, key=lambda gap: 0.0 if isnan(gap.difference) else -abs(gap.difference)))
