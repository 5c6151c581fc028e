"""A policy that an evaluator has bound, beside the machine: whatever one call decides, the other has to."""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from typing import Any

from array_worlds import bits

from policy_ir.admission import Admitted
from policy_ir.decision import Decision, decide
from policy_ir.evaluator import Choice, Evaluator, Overlay
from policy_ir.facts import Facts, read_facts
from policy_ir.floor import Effective
from policy_ir.snapshot import Snapshot

State = Mapping[str, Sequence[Any]]
"""State fields, each with what was observed of every candidate; None where nothing was."""


def overlay_of(snapshot: Snapshot, state: State | None) -> Overlay | None:
    """The state as a host hands it over."""
    if state is None:
        return None
    sorts = {field: snapshot.vocabulary.fields[field].sort for field in state}
    columns: dict[str, Any] = {}
    for field, values in state.items():
        match sorts[field]:
            case "num":
                columns[field] = array("d", (float("nan") if value is None else value for value in values))
            case "bool":
                columns[field] = bytes(255 if value is None else value for value in values)
            case _:
                columns[field] = values
    return Overlay.take(snapshot, columns)


def assert_same(choice: Choice, decision: Decision) -> None:
    """The winner, and whatever else can be read, to the last bit of a score."""
    first = decision.ordered[0] if decision.ordered else None
    assert (choice.winner, choice.id) == ((None, None) if first is None else (first.index, first.id))
    assert choice.fingerprint == decision.fingerprint
    assert choice.counts() == (len(decision.ordered), len(decision.rejected), len(decision.cut))
    rejected = dict(decision.rejected)
    assert choice.ids() == [entry.id for entry in decision.ordered]
    assert bits(choice.scores()) == bits(entry.score for entry in decision.ordered)
    assert choice.reasons() == [rejected.get(id) for id in decision.snapshot.ids]
    assert choice.cut == decision.cut


class Both:
    """A policy over a snapshot: `call` decides by the evaluator, and holds the choice to the machine's decision.

    `scans` counts the calls that were left to a scan of the rows, `way` is how the second call will find its winner.
    """

    def __init__(self, policy: Admitted | Effective, snapshot: Snapshot, evaluator: Evaluator | None = None) -> None:
        self.policy = policy
        self.snapshot = snapshot
        self.bound = (evaluator or Evaluator()).bind(policy, snapshot)
        self.scans = 0
        self._scanned = self.bound.scanned
        self.bound.scanned = self._counted  # type: ignore[method-assign]

    @property
    def way(self) -> str:
        # Another binding is asked, as asking prepares it.
        return Evaluator().bind(self.policy, self.snapshot).way

    def _counted(self, *arguments: Any) -> Choice:
        self.scans += 1
        return self._scanned(*arguments)

    def call(
        self, facts: Mapping[str, Any] | Facts | None = None, state: State | None = None, seed: int | None = None
    ) -> Choice:
        """The choice of one call, which is the machine's."""
        vocabulary = self.snapshot.vocabulary
        given = read_facts(facts, vocabulary) if isinstance(facts, Mapping) else facts
        overlay = overlay_of(self.snapshot, state)
        world = self.snapshot if overlay is None else overlay.snapshot
        choice = self.bound.decide(given, overlay, seed)
        assert_same(choice, decide(self.policy, world, given, seed))
        return choice

    def calls(
        self,
        facts: Mapping[str, Any] | Facts | None = None,
        state: State | None = None,
        seed: int | None = None,
        *,
        times: int = 4,
    ) -> Choice:
        """The same call so often that all that a binding keeps of it is made and used; the last choice."""
        choices = [self.call(facts, state, seed) for _ in range(times)]
        return choices[-1]
