"""Policies over all candidates at once: filter, rank, select.

Specification: chapter "Semantics", section "Policies".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from policy_ir.evaluator.scene import Scene
from policy_ir.evaluator.vector_filters import Codes, Filter
from policy_ir.evaluator.vector_scorers import each, scoring
from policy_ir.evaluator.vector_selectors import Contest, Ranking, descending, ordering
from policy_ir.semantics.configuration import CutBy
from policy_ir.terms import Argmax, Policy

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from policy_ir.vocabulary import Vocabulary


class VectorOutcome(NamedTuple):
    """What a policy comes to: the order with its scores, who is refused and why, and who is cut. Not to be changed.

    `order` and `scores` have one entry per candidate that may be tried. `refused` has one per candidate of the
    snapshot: 0 where the filter accepts it, and else 1 + the place of the reason in `reasons`. `cuts` are in catalogue
    order.
    """

    order: NDArray[np.intp]
    scores: NDArray[np.float64]
    refused: Codes
    reasons: list[str]
    cuts: list[tuple[int, CutBy]]


class VectorPolicy:
    """An admitted policy in normal form as functions of arrays, for the scenes of one catalogue.

    What it keeps between calls is the codes of its filter, for few shapes of requests.
    """

    def __init__(self, policy: Policy, vocabulary: Vocabulary) -> None:
        self.filter = Filter(policy.filter, vocabulary)
        self._scored = scoring(policy.rank, vocabulary).of
        self._by_score = isinstance(policy.select, Argmax)
        self._ordered = ordering(policy.select, vocabulary)

    def scores(self, scene: Scene, survivors: NDArray[np.intp]) -> NDArray[np.float64]:
        """The scores of whom the filter accepts, in catalogue order."""
        with np.errstate(all="ignore"):
            return each(self._scored(scene, survivors), survivors.size)

    def ranking(self, scene: Scene, survivors: NDArray[np.intp], by: NDArray[np.float64], seed: int | None) -> Ranking:
        """The order that the selector brings them into by their scores, and whom it cuts."""
        if self._by_score:
            at = descending(by)
            return Ranking(survivors.take(at), by.take(at))
        if not survivors.size:
            return Ranking(survivors, by)
        return self._ordered(Contest(survivors, by, seed or 0, survivors.size), scene)

    def outcome(self, scene: Scene, seed: int | None) -> VectorOutcome:
        """What the policy comes to over the whole snapshot."""
        codes, shape = self.filter.refused(scene)
        survivors = np.logical_not(codes).nonzero()[0]
        order, by, cuts = self.ranking(scene, survivors, self.scores(scene, survivors), seed)
        return VectorOutcome(order, by, codes, shape.reasons, listed(cuts))


def outcome(policy: Policy, scene: Scene, seed: int | None) -> VectorOutcome:
    """What an admitted policy in normal form comes to over the whole snapshot, once."""
    return VectorPolicy(policy, scene.vocabulary).outcome(scene, seed)


def listed(cuts: tuple[tuple[NDArray[np.intp], CutBy], ...]) -> list[tuple[int, CutBy]]:
    """The cut candidates in catalogue order; each is cut once."""
    return sorted((i, by) for who, by in cuts for i in who.tolist())
