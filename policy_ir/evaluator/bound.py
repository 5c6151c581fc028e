"""A policy over a catalogue: decides its first call over arrays, and prepares itself when it is asked again.

Most policies of some applications are used once: what pays off after two calls is not done for the first.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Literal

from policy_ir.evaluator.calculating import another_catalogue
from policy_ir.evaluator.choice import Choice
from policy_ir.evaluator.columns import columns_of
from policy_ir.evaluator.overlay import Overlay
from policy_ir.evaluator.prepared import Prepared
from policy_ir.evaluator.reading import Reading
from policy_ir.evaluator.recording import Recorder
from policy_ir.evaluator.sending import Sending
from policy_ir.evaluator.vector_outcome import VectorPolicy
from policy_ir.facts import Facts, checked, read_seed

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from policy_ir.evaluator.choice import Survivors
    from policy_ir.evaluator.columns import Columns
    from policy_ir.evaluator.program import Program
    from policy_ir.evaluator.vector_filters import Codes
    from policy_ir.evaluator.writing import Written
    from policy_ir.floor import Effective
    from policy_ir.snapshot import Snapshot

__all__ = ["Bound"]


class Bound:
    """A policy over the catalogue of a snapshot; `Evaluator.bind` makes one.

    `decide(facts=None, overlay=None, seed=None)` gives the `Choice` of a call: `facts` are those of a request that
    requires nothing where there are none, `overlay` is the state, the snapshot's own where there is none. It raises
    `Refused` for facts and seeds as `policy_ir.decide` does, and ValueError for an overlay of another catalogue.
    """

    decide: Callable[..., Choice]

    def __init__(self, program: Program, snapshot: Snapshot) -> None:
        self.program = program
        self.effective = program.effective
        self.snapshot = snapshot
        self.columns: Columns = columns_of(snapshot)
        self.own_state = Overlay.of(snapshot)
        self._prepared: Prepared | None = None
        self.decide = self._first

    @cached_property
    def vector(self) -> VectorPolicy:
        """The policy over arrays: what reads a whole order, and decides what is not written as code."""
        return VectorPolicy(self.program.policy, self.program.vocabulary)

    @cached_property
    def recorder(self) -> Recorder:
        """What makes the fingerprints of choices."""
        return Recorder(self)

    @cached_property
    def sending(self) -> Sending:
        """What makes the attempts of choices."""
        return Sending(self.effective.normal)

    def asked_for(self, program: Effective, snapshot: Snapshot) -> Bound:
        """This binding for a caller whose policy has the same fingerprints, and whose snapshot the same catalogue part.

        Such policies come to the same decisions, but may be spelled in another way, and a decision tells its caller of
        the caller's own. It is this binding itself where both are the ones that it was made of.
        """
        own = self.effective
        if snapshot is self.snapshot and program.policy is own.policy and program.floor is own.floor:
            return self
        return _Asking(self, program, snapshot)

    def prepare(self) -> Bound:
        """Do now what the second call would do; the same binding."""
        if self._prepared is None and self.program.pick is not None:
            self._prepared = Prepared(self)
        # Set each time: a first call in another thread may have set it back.
        written = self._written
        self.decide = self._always_whole if self._prepared is None or written is None else self._prepared.decide
        return self

    @property
    def way(self) -> Literal["walk", "climb", "scan", "whole"]:
        """How winners are found from the second call on: by code (see `writing`), or from the whole order. Prepares."""
        written = self.prepare()._written
        return "whole" if written is None else written.way

    @property
    def _written(self) -> Written | None:
        return None if self._prepared is None else self._prepared.written

    def _first(self, facts: Facts | None = None, overlay: Overlay | None = None, seed: int | None = None) -> Choice:
        self.decide = self._second
        return self._always_whole(facts, overlay, seed)

    def _second(self, facts: Facts | None = None, overlay: Overlay | None = None, seed: int | None = None) -> Choice:
        return self.prepare().decide(facts, overlay, seed)

    def _always_whole(
        self, facts: Facts | None = None, overlay: Overlay | None = None, seed: int | None = None
    ) -> Choice:
        known = checked(facts, self.columns.vocabulary)
        state = self.own_state if overlay is None else overlay
        if state.catalogue is not self.own_state.catalogue:
            raise another_catalogue()
        return self.whole(known, state, read_seed(seed))

    # --- ways to a choice, from checked facts and seeds -------------------------------------------------------

    def whole(self, facts: Facts, overlay: Overlay, seed: int | None) -> Choice:
        """The choice that comes from the whole order, which is read already."""
        choice = self._choice(None, facts, overlay, seed)
        choice.winner = choice.reading.winner
        return choice

    def scanned(self, facts: Facts, overlay: Overlay, seed: int | None, ok: NDArray[np.bool_]) -> Choice:
        """The choice that comes from scanning the candidates that are `ok`."""
        assert self._prepared is not None
        winner, scanned = self._prepared.scan(facts, overlay, seed, ok)
        choice = self._choice(winner, facts, overlay, seed)
        choice.scanned = scanned
        return choice

    def _choice(self, winner: int | None, facts: Facts, overlay: Overlay, seed: int | None) -> Choice:
        choice = Choice()
        choice.winner, choice.bound, choice.facts, choice.overlay, choice.seed = winner, self, facts, overlay, seed
        return choice

    def read(self, choice: Choice) -> Reading:
        """The whole of a choice of this binding."""
        return Reading(choice)

    def survivors(self, choice: Choice, codes: Codes) -> Survivors | None:
        """Whom the codes of the filter accept, with the scores that the code has; None where it has none."""
        scanned: Survivors | None = getattr(choice, "scanned", None)
        if scanned is None and self._written is not None:
            assert self._prepared is not None
            return self._prepared.survivors(choice.facts, choice.overlay, codes)
        return scanned

    # --- for measuring ---------------------------------------------------------------------------------------

    def seen(self, facts: Facts, overlay: Overlay) -> Literal["warm", "bounds", "shape"]:
        """What a call would have to add to what is kept: nothing, an order for new bounds, or a shape."""
        return "warm" if self._prepared is None else self._prepared.seen(facts, overlay)

    def forget_shapes(self) -> None:
        """Keep no shape any more."""
        if self._prepared is not None:
            self._prepared.forget_shapes()

    def forget_bounds(self) -> None:
        """Keep no order any more."""
        if self._prepared is not None:
            self._prepared.forget_bounds()


class _Asking(Bound):
    """A binding that asks another one, and answers in the name of its own policy and its own state."""

    def __init__(self, asked: Bound, program: Effective, snapshot: Snapshot) -> None:
        self._asked = asked
        self.program = asked.program
        self.effective = program
        self.snapshot = snapshot
        self.columns = asked.columns
        self.own_state = Overlay.of(snapshot)
        self.decide = self._ask

    def _ask(self, facts: Facts | None = None, overlay: Overlay | None = None, seed: int | None = None) -> Choice:
        choice = self._asked.decide(facts, self.own_state if overlay is None else overlay, seed)
        choice.bound = self
        return choice

    @property
    def vector(self) -> VectorPolicy:
        return self._asked.vector

    @property
    def recorder(self) -> Recorder:
        return self._asked.recorder

    @property
    def sending(self) -> Sending:
        return self._asked.sending

    @property
    def _prepared(self) -> Prepared | None:  # type: ignore[override]  # likewise
        return self._asked._prepared

    def prepare(self) -> Bound:
        self._asked.prepare()
        return self
