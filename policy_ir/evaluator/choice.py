"""What an evaluator decides: the winner at once, everything else when it is read.

A choice keeps the overlay and the facts that it was made from, which nothing can change, so what is read later is what
was decided. Specification: chapter "Decisions".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray

    from policy_ir.decision import Attempt, Decision, Entry
    from policy_ir.evaluator.bound import Bound
    from policy_ir.evaluator.overlay import Overlay
    from policy_ir.evaluator.reading import Reading
    from policy_ir.evaluator.recording import Lists
    from policy_ir.facts import Facts
    from policy_ir.failover import Next
    from policy_ir.semantics.configuration import CutBy
    from policy_ir.semantics.machine import Observer

    Survivors = tuple[NDArray[np.intp], NDArray[np.float64]]
    """Whoever survives, in catalogue order, and their scores, a zero with any sign."""

__all__ = ["Choice"]


class Choice:
    """The decision of a bound policy on one call; `Bound.decide` makes it.

    `winner` is the number in the snapshot of the candidate that comes first, None where nobody may be tried. `facts`,
    `overlay` and `seed` are what was decided over. All else is computed on first reading, and is what
    `policy_ir.decide` gives for the same policy, snapshot, facts and seed.
    """

    __slots__ = (
        "_decision",
        "_fingerprint",
        "_lists",
        "_reading",
        "bound",
        "facts",
        "overlay",
        "scanned",
        "seed",
        "winner",
    )

    winner: int | None
    bound: Bound
    facts: Facts
    overlay: Overlay
    seed: int | None
    scanned: Survivors | None
    """Whoever survived, where a scan has found the winner among them; set in that case only, and None where no scores
    were needed for it."""
    _decision: Decision | None
    _fingerprint: str | None
    _lists: Lists | None
    _reading: Reading | None

    @property
    def id(self) -> str | None:
        """The id of the winner, None where nobody may be tried."""
        return None if self.winner is None else self.bound.snapshot.ids[self.winner]

    @property
    def reading(self) -> Reading:
        """The whole order, the reasons and the cuts, in columns."""
        # A choice is made with what its call brings, and nothing else.
        reading: Reading | None = getattr(self, "_reading", None)
        if reading is None:
            reading = self._reading = self.bound.read(self)
        return reading

    @property
    def lists(self) -> Lists:
        """The lists of the record, as bytes."""
        lists: Lists | None = getattr(self, "_lists", None)
        if lists is None:
            lists = self._lists = self.bound.recorder.lists(self)
        return lists

    def counts(self) -> tuple[int, int, int]:
        """How many candidates may be tried, were rejected, and were cut; where `fingerprint` is read, at no cost."""
        return self.lists.counts

    def at(self, i: int) -> int:
        """The number in the snapshot of the candidate at position `i` of the order.

        Raises IndexError for a position outside the order.
        """
        if i == 0 and self.winner is not None:
            return self.winner
        order = self.reading.ranking.order
        if not 0 <= i < order.size:
            raise IndexError(f"position {i} of an order of {order.size}")
        return int(order[i])

    def ids(self) -> list[str]:
        """The ids of the candidates that may be tried, in order."""
        return self.reading.ids()

    def scores(self) -> list[float]:
        """Their scores, NaN where undefined."""
        return self.reading.scores()

    def reasons(self) -> list[str | None]:
        """For each candidate of the snapshot the reason for which it was rejected, None where it was not."""
        return self.reading.reasons()

    @property
    def decision(self) -> Decision:
        """The decision as the reference gives it, with its record and its fingerprint."""
        decision: Decision | None = getattr(self, "_decision", None)
        if decision is None:
            decision = self._decision = self.reading.decision(self)
        return decision

    @property
    def ordered(self) -> tuple[Entry, ...]:
        """The candidates that may be tried, in order."""
        return self.decision.ordered

    @property
    def rejected(self) -> tuple[tuple[str, str], ...]:
        """Id and reason of each candidate that the filter refused, in catalogue order."""
        return self.decision.rejected

    @property
    def cut(self) -> tuple[tuple[str, CutBy], ...]:
        """Id and cause of each candidate that the selector cut, in catalogue order."""
        return self.decision.cut

    @property
    def fingerprint(self) -> str:
        """The fingerprint of the decision."""
        made: str | None = getattr(self, "_fingerprint", None)
        if made is None:
            made = self._fingerprint = self.bound.recorder.fingerprint(self)
        return made

    def record(self) -> dict[str, Any]:
        """The plain value that the fingerprint is made of."""
        return self.decision.record()

    def to_json(self) -> dict[str, Any]:
        """The decision as a JSON object."""
        return self.decision.to_json()

    def attempt(self, i: int, request: Mapping[str, Any], *, on_step: Observer | None = None) -> Attempt:
        """What to send to position `i` of the order; see `Decision.attempt`."""
        if on_step is not None:
            return self.decision.attempt(i, request, on_step=on_step)
        return self.bound.sending.attempt(self, i, request)

    def next(self, i: int, retries: int, reason: str, *, on_step: Observer | None = None) -> Next:
        """What to do when the attempt at position `i` has failed; see `Decision.next`."""
        if on_step is not None:
            return self.decision.next(i, retries, reason, on_step=on_step)
        return self.bound.sending.next(self, i, retries, reason)

    def __repr__(self) -> str:
        return f"Choice({self.id!r})"
