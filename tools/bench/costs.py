"""What there is to pay around a decision: taking the state in, binding, the first calls of a policy; and a sample."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any, ClassVar, Final

from bench.calls import Calls
from bench.contenders.evaluator import Warm, overlay
from bench.results import Cost
from bench.tasks import admitted
from bench.timing import Times, each, interleave
from bench.worlds import World
from policy_ir import Refused, effective
from policy_ir.evaluator import Evaluator, Overlay

SAMPLE: Final = ["sample", 4]
TOP_SAMPLE: Final = ["top_k", 8, SAMPLE]


class Argmax(Warm):
    """Seeded calls of A as it is."""

    name = "argmax"

    def __init__(self, world: World, task: str) -> None:
        super().__init__(world, task)
        decide, seeds = self.bound.decide, itertools.count()
        self.decide = lambda facts, state: decide(facts, state, next(seeds)).winner

    def counts(self, request: Any, state: Any) -> bool:
        return True


class TopSample(Argmax):
    """Seeded calls of A with `top_k(8, sample(4))` for its selector."""

    name = "top_k(8, sample(4))"
    select: ClassVar[list[Any] | None] = TOP_SAMPLE


def _cost(name: str, times: Times, size: int | None = None, note: str = "") -> Cost:
    return Cost(name=name, figure=times.median / 1000, unit="us", p99=times.p99 / 1000, size=size, note=note)


def around(world: World, rounds: int) -> Iterator[Cost]:
    """What a new state and a new policy cost over a world."""
    calls = Calls(world, "A", seed=3).take(min(rounds, 60))
    columns = [
        {name: getattr(call, name) for name in ("disabled", "breaker_open", "latency_ms", "success_rate")}
        for call in calls
    ]
    size = world.size
    took = each(lambda given: Overlay.take(world.snapshot, given), columns)
    yield _cost(f"overlay of four columns, N={size:,}", took, size)
    policies = [admitted("A", price=25.0 + at / 1024) for at in range(len(calls))]
    programs = [effective(policy) for policy in policies]
    for program in programs:  # loading, which is measured by itself, makes these
        _ = program.fingerprint, program.policy_fingerprint
    evaluator = Evaluator()
    yield _cost(
        f"bind of a new policy, N={size:,}", each(lambda it: evaluator.bind(it, world.snapshot), programs), size
    )
    bound = [
        (evaluator.bind(it, world.snapshot), call.facts, overlay(world, call))
        for it, call in zip(programs, calls, strict=True)
    ]
    first = each(lambda given: given[0].decide(given[1], given[2]).winner, bound)
    yield _cost(f"first call of a new policy, N={size:,}", first, size)
    second = each(lambda given: given[0].decide(given[1], given[2]).winner, bound)
    yield _cost(f"second call of a new policy, N={size:,}", second, size, "compiles it")
    prepared = [Evaluator().bind(it, world.snapshot) for it in programs]
    yield _cost(f"compiling a policy, N={size:,}", each(lambda it: it.prepare(), prepared), size)


def sampling(world: World, rounds: int) -> Iterator[Cost]:
    """Eight of a sample against argmax, the winner only; and a sample of all, which is too much work."""
    made = [Argmax(world, "A"), TopSample(world, "A")]
    times = interleave(made, Calls(world, "A", seed=4), max(rounds // 2, 1), 8, compare=False)
    for name in (Argmax.name, TopSample.name):
        yield _cost(f"{name}, N={world.size:,}", times[name], world.size)
    evaluator, policy = Evaluator(), effective(admitted("A", select=SAMPLE))

    def refuse(_: int) -> bool:
        try:
            evaluator.bind(policy, world.snapshot)
        except Refused:
            return True
        return False

    if world.size >= 20000:  # below, it is within the bound
        assert refuse(0), "a sample of everybody is not refused"
        assert not any(kept for kept, _ in evaluator.sizes().values()), "something is kept of what is refused"
        yield _cost(
            f"refusal of sample(4), N={world.size:,}", each(refuse, range(rounds)), world.size, "nothing is made"
        )
