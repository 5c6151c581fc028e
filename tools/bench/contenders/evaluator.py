"""The evaluator, in each state of its caches: contenders of one policy, each with a binding of its own.

Whether a call finds its shape and its bounds is asked before it, so that each kind of call is measured by itself. It is
asked of an equal state in buffers of its own: no call finds its state read already, by the question. The last one
reads everything.
"""

from __future__ import annotations

from typing import Any, ClassVar

from bench.calls import Call
from bench.contenders import Contender
from bench.tasks import admitted
from bench.worlds import World
from policy_ir.evaluator import Evaluator, Overlay


def overlay(world: World, call: Call) -> Overlay:
    """The state of a call."""
    columns = {name: getattr(call, name) for name in ("disabled", "breaker_open", "latency_ms", "success_rate")}
    return Overlay.take(world.snapshot, columns)


class Warm(Contender):
    """Calls that find all they need: the shape of their request and the bounds of the survivors have been seen."""

    name = "policy-ir, warm"
    kind: ClassVar[str] = "warm"
    select: ClassVar[list[Any] | None] = None

    def __init__(self, world: World, task: str) -> None:
        self.world = world
        self.bound = Evaluator().bind(admitted(task, select=self.select), world.snapshot).prepare()
        self._twins: dict[Overlay, Overlay] = {}
        decide = self.bound.decide

        def winner(facts: Any, state: Any) -> int | None:
            return decide(facts, state).winner

        self.decide = winner

    def request(self, call: Call) -> Any:
        return call.facts

    def state(self, call: Call) -> Any:
        made = overlay(self.world, call)
        self._twins[made] = overlay(self.world, call)
        return made

    def counts(self, request: Any, state: Any) -> bool:
        return self.bound.seen(request, self._twins.pop(state)) == self.kind


class NewBounds(Warm):
    """What is kept for bounds is forgotten before each call."""

    name = "policy-ir, new bounds"
    kind = "bounds"

    def counts(self, request: Any, state: Any) -> bool:
        self.bound.forget_bounds()
        return super().counts(request, state)


class ColdShape(Warm):
    """What is kept for shapes is forgotten before each call; the scores that are kept for bounds hang on no shape."""

    name = "policy-ir, cold shape"
    kind = "shape"

    def counts(self, request: Any, state: Any) -> bool:
        self.bound.forget_shapes()
        return super().counts(request, state)


class Cold(Warm):
    """Both are forgotten before each call, as if it were the first of its binding that the code decides."""

    name = "policy-ir, cold shape and new bounds"
    kind = "shape"

    def counts(self, request: Any, state: Any) -> bool:
        self.bound.forget_shapes()
        self.bound.forget_bounds()
        return super().counts(request, state)


class Reading(Warm):
    """The same, and everything read: ids in order, their scores, and each candidate's reason or None."""

    name = "policy-ir, all read"
    reads = True

    def __init__(self, world: World, task: str) -> None:
        super().__init__(world, task)
        decide = self.bound.decide

        def everything(facts: Any, state: Any) -> Any:
            choice = decide(facts, state)
            return choice.ids(), choice.scores(), choice.reasons()

        self.decide = everything
