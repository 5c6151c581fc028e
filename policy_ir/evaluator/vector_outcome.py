"""Policies over all candidates at once: filter, rank, select.

Specification: chapter "Semantics", section "Policies".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs
import numpy as np

from policy_ir.evaluator.scene import Scene
from policy_ir.evaluator.vector_predicates import refused
from policy_ir.evaluator.vector_scorers import evenly, scored
from policy_ir.evaluator.vector_selectors import Contest, ranked
from policy_ir.semantics.configuration import CutBy
from policy_ir.terms import Policy

if TYPE_CHECKING:
    from numpy.typing import NDArray


@attrs.frozen(slots=True, eq=False)
class VectorOutcome:
    """What a policy comes to: the order with its scores, who is refused and why, and who is cut.

    `order` and `scores` have one entry per candidate that may be tried. `refused` has one per candidate of the
    snapshot: 0 where the filter accepts it, and else 1 + the place of the reason in `reasons`. `cuts` are in catalogue
    order.
    """

    order: NDArray[np.intp]
    scores: NDArray[np.float64]
    refused: NDArray[np.int16]
    reasons: list[str]
    cuts: list[tuple[int, CutBy]]


def outcome(policy: Policy, scene: Scene, seed: int | None) -> VectorOutcome:
    """The outcome of a policy in normal form over the whole snapshot."""
    with np.errstate(all="ignore"):
        codes, reasons = refused(policy.filter, scene, None)
        survivors = np.flatnonzero(codes == 0)
        if not survivors.size:
            return VectorOutcome(survivors, np.empty(0), codes, reasons, [])
        by = evenly(scored(policy.rank, scene, survivors), survivors.size)
        contest = Contest(survivors, by, seed or 0, survivors.size)
        order, by, cuts = ranked(policy.select, contest, scene)
    cut = sorted((int(i), why) for who, why in cuts for i in who.tolist())
    return VectorOutcome(order, by, codes, reasons, cut)
