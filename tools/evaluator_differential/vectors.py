"""The vector path alone as an evaluator: every decision by arrays, however few the candidates are."""

from __future__ import annotations

from functools import partial
from typing import Any

import attrs

from evaluator_differential.asking import Subject
from evaluator_differential.stand_in import Choice
from evaluator_differential.stand_in import Evaluator as StandIn
from policy_ir.admission import Admitted
from policy_ir.decision import Decision, Entry
from policy_ir.evaluator.columns import columns_of
from policy_ir.evaluator.overlay import Overlay
from policy_ir.evaluator.scene import Scene
from policy_ir.evaluator.vector_outcome import outcome
from policy_ir.facts import checked, read_seed
from policy_ir.floor import Effective
from policy_ir.semantics.environment import Environment
from policy_ir.snapshot import Snapshot


@attrs.frozen
class Bound:
    """A policy and a snapshot."""

    evaluator: Evaluator
    program: Effective
    snapshot: Snapshot

    def decide(self, facts: Any = None, overlay: Overlay | None = None, seed: Any = None) -> Choice:
        program, snapshot = self.program, self.snapshot
        known, read = checked(facts, program.vocabulary), read_seed(seed)
        state = Overlay.of(snapshot) if overlay is None else overlay
        found = outcome(program.normal, Scene(columns_of(snapshot), state, known), read)
        ids = snapshot.ids
        order = zip(found.order.tolist(), found.scores.tolist(), strict=True)
        refused = ((i, code) for i, code in enumerate(found.refused.tolist()) if code)
        return Choice(
            Decision(
                program=program,
                environment=Environment(state.snapshot, known, read),
                ordered=tuple(Entry(i, ids[i], score) for i, score in order),
                rejected=tuple((ids[i], found.reasons[code - 1]) for i, code in refused),
                cut=tuple((ids[i], by) for i, by in found.cuts),
            )
        )


class Evaluator(StandIn):
    """The vector path behind the methods of an evaluator."""

    def decide(self, policy: Admitted | Effective, snapshot: Snapshot, facts: Any = None, seed: Any = None) -> Any:
        if policy.vocabulary.fingerprint == snapshot.vocabulary.fingerprint:
            checked(facts, snapshot.vocabulary), read_seed(seed)
        return self.bind(policy, snapshot).decide(facts, None, seed)


VECTORS = Subject(partial(Evaluator, bound=Bound), Overlay)
