"""What goes out for a choice, and what follows a failure: those parts of a decision that need no whole order.

A transform in normal form is one operation, or a sequence of them. Each is carried out by the rule that the machine has
for it; the machine itself runs only what has a predicate. `Decision.attempt` and `Decision.next` are the definitions.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from policy_ir.decision import Attempt, directives_of
from policy_ir.evaluator.keeping import put
from policy_ir.failover import Next, Route, next_of
from policy_ir.semantics import machine, transforms
from policy_ir.semantics.configuration import Call, Draft
from policy_ir.semantics.environment import Environment
from policy_ir.semantics.work import Meter
from policy_ir.terms import Id, Seq, When

if TYPE_CHECKING:
    from policy_ir.evaluator.choice import Choice
    from policy_ir.snapshot import Candidate, Snapshot
    from policy_ir.terms import Action, Policy, Xform

__all__ = ["Sending"]

CANDIDATES: Final = 64
"""How many candidates are kept with a state, as they are handed out: winners are few."""

REASONS: Final = 64
"""For how many reasons of failures a binding keeps the action; hosts may make reasons up."""


class Sending:
    """What a policy does to the requests of its choices, and after their failures."""

    def __init__(self, policy: Policy) -> None:
        mutate = policy.mutate
        parts = mutate.xforms if isinstance(mutate, Seq) else (mutate,)
        self._parts: tuple[Xform, ...] = tuple(part for part in parts if not isinstance(part, Id))
        self._fallback = policy.fallback
        self._actions: dict[str, Action] = {}

    def attempt(self, choice: Choice, i: int, request: Mapping[str, Any]) -> Attempt:
        """What `Decision.attempt` is."""
        at = choice.at(i)
        snapshot, draft = choice.overlay.snapshot, Draft(dict(request))
        if self._parts:
            environment = Environment(snapshot, choice.facts, choice.seed)
            call, meter = Call(at, draft), Meter(len(self._parts))
            for part in self._parts:
                if isinstance(part, When):
                    machine.transformed(part, at, draft, environment)
                else:
                    transforms.begin(part, call, environment, meter)
        directives = directives_of(draft, choice.bound.columns.vocabulary, choice.seed)
        return Attempt(i, candidate_of(snapshot, at), draft.request, directives)

    def next(self, choice: Choice, i: int, retries: int, reason: str) -> Next:
        """What `Decision.next` is."""
        action = self._actions.get(reason)
        if action is None:
            # A plan looks at the reason only.
            environment = Environment(choice.overlay.snapshot, choice.facts, choice.seed)
            action = machine.action(self._fallback, reason, environment)
            put(self._actions, reason, action, REASONS)
        return next_of(action, i, retries, _Routes(choice))


def candidate_of(snapshot: Snapshot, i: int) -> Candidate:
    """Candidate `i` as recorded, kept with the snapshot."""
    kept: dict[int, Candidate] | None = snapshot.derived.get("candidates")
    if kept is None:
        kept = snapshot.derived["candidates"] = {}
    found = kept.get(i)
    if found is None:
        found = snapshot.candidate(i)
        put(kept, i, found, CANDIDATES)
    return found


class _Routes:
    """The routes of an order, each made when it is looked at: most failovers look at two."""

    def __init__(self, choice: Choice) -> None:
        self._order = choice.reading.ranking.order
        self._snapshot = choice.overlay.snapshot

    def __len__(self) -> int:
        return self._order.size

    def __getitem__(self, i: int) -> Route:
        at = self._order.item(i)
        return Route(self._snapshot.provider(at), self._snapshot.family(at))
