"""Explanations: the chosen candidate and why, what would have to change for each refused one, scores part by part.

Plain data that a terminal, a page or a program can show. Places are origins: they point into the term of their author,
the caller's or the floor's, never into a normal form. Nothing here decides anything, and nothing of it is in a
decision's record. Specification: chapter "Decisions", section "Explanations".
"""

from __future__ import annotations

from functools import cached_property
from typing import Any

import attrs

from policy_ir.decision import Decision, Entry
from policy_ir.evidence import plain
from policy_ir.explanation.choice import Arena, By, Choice, Gap
from policy_ir.explanation.remedies import Change, Refusal, Remedy, refusal
from policy_ir.explanation.scores import Part, Score, ScoredBy, Scoring
from policy_ir.semantics.configuration import CutBy

__all__ = [
    "By",
    "Change",
    "Choice",
    "Cut",
    "Explanation",
    "Gap",
    "Part",
    "Refusal",
    "Remedy",
    "Score",
    "ScoredBy",
    "explain",
]


@attrs.frozen(slots=True)
class Cut:
    """A survivor that the selector cut: by what, and the score that the rank term gave it."""

    index: int
    id: str
    by: CutBy
    score: float

    def to_json(self) -> dict[str, Any]:
        """As a JSON object."""
        return {"id": self.id, "by": self.by, "score": plain(self.score)}


@attrs.frozen(eq=False)
class Explanation:
    """The explanation of a decision. Its pieces are made when they are asked for."""

    decision: Decision

    @property
    def winner(self) -> Entry | None:
        """The candidate that is tried first; None where nobody may be tried."""
        return next(iter(self.decision.ordered), None)

    @property
    def runner_up(self) -> Entry | None:
        """The candidate that is tried second, if there is one."""
        return self.decision.ordered[1] if len(self.decision.ordered) > 1 else None

    @cached_property
    def choice(self) -> Choice | None:
        """What puts the winner before the runner-up; None where there are not two."""
        if self.winner is None or self.runner_up is None:
            return None
        return self._arena.choice(self.winner.index, self.runner_up.index)

    def score(self, position: int) -> Score:
        """The score of the candidate at a position of the order, from 0, part by part."""
        entry = self.decision.ordered[position]
        by, scoring = self._scoring
        return Score(entry, by, () if scoring is None else scoring.parts(entry.index))

    @cached_property
    def scores(self) -> tuple[Score, ...]:
        """The scores of the order, part by part."""
        return tuple(self.score(position) for position in range(len(self.decision.ordered)))

    @cached_property
    def refused(self) -> tuple[Refusal, ...]:
        """Every rejected candidate, in catalogue order, with what would have to change for it to be kept."""
        place = self.decision.snapshot.index
        return tuple(refusal(self.decision, place[name], reason) for name, reason in self.decision.rejected)

    @cached_property
    def cut(self) -> tuple[Cut, ...]:
        """Every candidate that the selector cut, in catalogue order."""
        place = self.decision.snapshot.index
        return tuple(Cut(place[name], name, by, self._arena.rank.score(place[name])) for name, by in self.decision.cut)

    @cached_property
    def _arena(self) -> Arena:
        return Arena.of(self.decision)

    @cached_property
    def _scoring(self) -> tuple[ScoredBy, Scoring | None]:
        return self._arena.scoring()

    def to_json(self) -> dict[str, Any]:
        """The explanation as a JSON object, the decision in it."""
        return {
            "decision": self.decision.to_json(),
            "winner": None if self.winner is None else self.winner.id,
            "runner_up": None if self.runner_up is None else self.runner_up.id,
            "choice": None if self.choice is None else self.choice.to_json(),
            "scores": [score.to_json() for score in self.scores],
            "refused": [refused.to_json() for refused in self.refused],
            "cut": [cut.to_json() for cut in self.cut],
        }


def explain(decision: Decision) -> Explanation:
    """The explanation of a decision."""
    return Explanation(decision)
