"""The machine in the clothes of the evaluator: what the comparison itself is tried on."""

from __future__ import annotations

import json
from typing import Any

import attrs

from evaluator_differential.asking import Subject
from policy_ir.admission import Admitted, admit_policy
from policy_ir.decision import Decision, decide
from policy_ir.floor import Effective, effective
from policy_ir.semantics.work import WORK_LIMIT, check_work
from policy_ir.snapshot import Snapshot
from policy_ir.syntax.loader import load


@attrs.frozen
class Overlay:
    """A state of a snapshot."""

    snapshot: Snapshot

    @classmethod
    def of(cls, snapshot: Snapshot) -> Overlay:
        return cls(snapshot)

    @classmethod
    def take(cls, snapshot: Snapshot, columns: Any) -> Overlay:
        return cls(snapshot).replace(columns)

    def replace(self, columns: Any) -> Overlay:
        snapshot = self.snapshot
        updates: dict[str, dict[str, Any]] = {id: {} for id in snapshot.ids}
        for field, column in columns.items():
            sort = snapshot.column(field).sort
            for id, value in zip(snapshot.ids, column, strict=True):
                missing = value is None or value != value or (sort == "bool" and value == 255)
                updates[id][field] = None if missing else bool(value) if sort == "bool" else value
        return Overlay(snapshot.with_state(updates))


@attrs.frozen
class Choice:
    """A decision, read as a choice is."""

    decision: Decision

    @property
    def winner(self) -> int | None:
        return self.decision.ordered[0].index if self.decision.ordered else None

    @property
    def id(self) -> str | None:
        return self.decision.ordered[0].id if self.decision.ordered else None

    def ids(self) -> list[str]:
        return [entry.id for entry in self.decision.ordered]

    def scores(self) -> list[float]:
        return [entry.score for entry in self.decision.ordered]

    def reasons(self) -> list[str | None]:
        rejected = dict(self.decision.rejected)
        return [rejected.get(id) for id in self.decision.snapshot.ids]

    def counts(self) -> tuple[int, int, int]:
        return len(self.decision.ordered), len(self.decision.rejected), len(self.decision.cut)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.decision, name)


@attrs.frozen
class Bound:
    """A policy and a snapshot."""

    evaluator: Evaluator
    policy: Any
    snapshot: Snapshot

    def decide(self, facts: Any = None, overlay: Any = None, seed: Any = None) -> Any:
        return self.evaluator.decide(self.policy, self.snapshot if overlay is None else overlay.snapshot, facts, seed)


@attrs.define
class Evaluator:
    """The machine behind the methods of an evaluator."""

    work_limit: int = WORK_LIMIT
    policies: int = 0
    programs: int = 0
    bindings: int = 0
    constants: Any = None
    choice: Any = Choice
    bound: Any = Bound

    def load(self, source: Any, vocabulary: Any) -> Admitted:
        return admit_policy(load(json.loads(source) if isinstance(source, bytes) else source), vocabulary)

    def bind(self, policy: Admitted | Effective, snapshot: Snapshot) -> Any:
        program = policy if isinstance(policy, Effective) else effective(policy)
        if program.vocabulary.fingerprint != snapshot.vocabulary.fingerprint:
            raise ValueError("the policy was admitted under another vocabulary than the snapshot's")
        check_work(program.normal, snapshot.size, self.work_limit)
        return self.bound(self, program, snapshot)

    def decide(self, policy: Admitted | Effective, snapshot: Snapshot, facts: Any = None, seed: Any = None) -> Any:
        return self.choice(decide(policy, snapshot, facts, seed, work_limit=self.work_limit))


STAND_IN = Subject(Evaluator, Overlay)
