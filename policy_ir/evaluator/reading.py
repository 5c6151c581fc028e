"""Reading the whole of a choice: its order, its scores and its reasons, as lists and as a decision.

Specification: chapter "Decisions".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs
import numpy as np

from policy_ir.decision import Decision, Entry
from policy_ir.evaluator.scene import Scene
from policy_ir.evaluator.vector_outcome import VectorOutcome
from policy_ir.semantics.environment import Environment

if TYPE_CHECKING:
    from policy_ir.evaluator.bound import Bound
    from policy_ir.evaluator.choice import Choice

__all__ = ["Reading", "read"]


@attrs.frozen(slots=True, eq=False)
class Reading:
    """The outcome of a choice over the ids of its snapshot."""

    bound: Bound
    outcome: VectorOutcome

    def ids(self) -> list[str]:
        """The ids of the candidates that may be tried, in order."""
        ids: list[str] = self.bound.columns.ids.take(self.outcome.order).tolist()
        return ids

    def scores(self) -> list[float]:
        """Their scores, NaN where undefined."""
        scores: list[float] = self.outcome.scores.tolist()
        return scores

    def reasons(self) -> list[str | None]:
        """For each candidate of the snapshot the reason for which it was rejected, None where it was not."""
        by_code = np.array([None, *self.outcome.reasons], dtype=object)
        reasons: list[str | None] = by_code.take(self.outcome.refused).tolist()
        return reasons

    def decision(self, choice: Choice) -> Decision:
        """The decision as the reference gives it."""
        snapshot = choice.overlay.snapshot
        ids, found = snapshot.ids, self.outcome
        return Decision(
            program=self.bound.program.effective,
            environment=Environment(snapshot, choice.facts, choice.seed),
            ordered=tuple(
                Entry(i, ids[i], score) for i, score in zip(found.order.tolist(), found.scores.tolist(), strict=True)
            ),
            rejected=tuple((ids[i], reason) for i, reason in enumerate(self.reasons()) if reason is not None),
            cut=tuple((ids[i], by) for i, by in found.cuts),
        )


def read(choice: Choice) -> Reading:
    """The reading of a choice."""
    bound = choice.bound
    scene = Scene(bound.columns, choice.overlay, choice.facts)
    return Reading(bound, bound.vector.outcome(scene, choice.seed))
