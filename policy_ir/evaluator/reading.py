"""Reading the whole of a choice: its order, its scores and its reasons, as lists and as a decision.

Specification: chapter "Decisions".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from policy_ir.decision import Decision, Entry
from policy_ir.evaluator.scene import Scene
from policy_ir.evaluator.vector_outcome import listed
from policy_ir.semantics.environment import Environment

if TYPE_CHECKING:
    from policy_ir.evaluator.choice import Choice
    from policy_ir.evaluator.vector_filters import Codes
    from policy_ir.evaluator.vector_selectors import Ranking

__all__ = ["Reading"]

_ZERO: Final = np.array(0.0)


class Reading:
    """The outcome of a choice over all candidates of its snapshot.

    `codes` has the code of each candidate's reason, 0 where it was not rejected; `shape` has the reasons, and `ranking`
    the order.
    """

    __slots__ = ("_bound", "codes", "ranking", "shape")

    def __init__(self, choice: Choice) -> None:
        self._bound = bound = choice.bound
        vector, scene = bound.vector, Scene(bound.columns, choice.overlay, choice.facts)
        self.codes: Codes
        self.codes, self.shape = vector.filter.refused(scene)
        found = bound.survivors(choice, self.codes)
        if found is None:
            survivors = np.logical_not(self.codes).nonzero()[0]
            by = vector.scores(scene, survivors)
        else:
            survivors, by = found[0], found[1] + _ZERO  # which makes 0 of -0, and nothing of anything else
        self.ranking: Ranking = vector.ranking(scene, survivors, by, choice.seed)

    @property
    def winner(self) -> int | None:
        """The number of the candidate that comes first."""
        order = self.ranking.order
        return order.item(0) if order.size else None

    def ids(self) -> list[str]:
        """The ids of the candidates that may be tried, in order."""
        ids: list[str] = self._bound.columns.ids.take(self.ranking.order).tolist()
        return ids

    def scores(self) -> list[float]:
        """Their scores, NaN where undefined."""
        scores: list[float] = self.ranking.scores.tolist()
        return scores

    def reasons(self) -> list[str | None]:
        """For each candidate of the snapshot the reason for which it was rejected, None where it was not."""
        reasons: list[str | None] = self.shape.by_code.take(self.codes).tolist()
        return reasons

    def decision(self, choice: Choice) -> Decision:
        """The decision as the reference gives it."""
        snapshot = choice.overlay.snapshot
        ids, (order, scores, cuts) = snapshot.ids, self.ranking
        return Decision(
            program=choice.bound.effective,
            environment=Environment(snapshot, choice.facts, choice.seed),
            ordered=tuple(Entry(i, ids[i], score) for i, score in zip(order.tolist(), scores.tolist(), strict=True)),
            rejected=tuple((ids[i], reason) for i, reason in enumerate(self.reasons()) if reason is not None),
            cut=tuple((ids[i], by) for i, by in listed(cuts)),
        )
