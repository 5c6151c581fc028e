"""The contest: who takes part in which world, the check of their answers, and the measurement."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from bench.calls import Call, Calls
from bench.contenders import Contender, LeftOut
from bench.contenders.arrays import Arrays, ArraysReading
from bench.contenders.compiled import Order, Winner
from bench.contenders.engines import Cedar, RustCel
from bench.contenders.evaluator import Cold, ColdShape, NewBounds, Reading, Warm
from bench.contenders.frames import Frames
from bench.contenders.plain import Plain
from bench.results import Row
from bench.tasks import admitted
from bench.timing import interleave
from bench.worlds import World
from policy_ir import Decision, decide

CONTENDERS: Final[tuple[type[Contender], ...]] = (
    Plain,
    Arrays,
    Frames,
    RustCel,
    Cedar,
    Winner,
    Order,
    Warm,
    NewBounds,
    ColdShape,
    Cold,
    ArraysReading,
    Reading,
)

_BLOCK: Final = 16
_LARGE: Final = 10000
"""Worlds of this size and more have half as many calls in a block, and half as many blocks."""


def contenders(world: World, task: str, left_out: Callable[[str], None]) -> list[Contender]:
    """Those that can decide the task in this world; `left_out` hears of each that is missing on this machine."""
    made: list[Contender] = []
    for one in CONTENDERS:
        if task in one.tasks and (one.most is None or world.size <= one.most):
            try:
                made.append(one(world, task))  # type: ignore[call-arg]
            except LeftOut as reason:
                left_out(f"{one.name} is left out: {reason}")
    return made


def reference(world: World, task: str, call: Call) -> Decision:
    """The decision of the small-step machine."""
    columns = ("disabled", "breaker_open", "latency_ms", "success_rate")
    rows = zip(*(getattr(call, name).tolist() for name in columns), strict=True)
    state = {name: dict(zip(columns, row, strict=True)) for name, row in zip(world.snapshot.ids, rows, strict=True)}
    return decide(admitted(task), world.snapshot.with_state(state), call.facts)


def check(made: Sequence[Contender], world: World, task: str, calls: Sequence[Call]) -> float:
    """The share of candidates that survive these calls. Raises AssertionError where a contender has another answer
    than the small-step machine."""
    kept = 0
    for call in calls:
        decision = reference(world, task, call)
        kept += len(decision.ordered)
        ids = [entry.id for entry in decision.ordered]
        reasons = dict(decision.rejected)
        everything = (
            ids,
            [entry.score for entry in decision.ordered],
            [reasons.get(name) for name in world.snapshot.ids],
        )
        winner = decision.ordered[0].index if ids else -1
        for contender in made:
            answer = contender.decide(contender.request(call), contender.state(call))
            expected = everything if contender.reads else winner
            got = -1 if answer is None else answer
            assert got == expected, f"{contender.name} decides {task} over {world.size} otherwise than the machine"
            if isinstance(contender, Order):
                assert contender.answer() == everything, f"{contender.name} orders {task} otherwise than the machine"
    return kept / (world.size * len(calls))


def measure(world: World, task: str, day: str, rounds: int, left_out: Callable[[str], None]) -> Iterator[Row]:
    """What deciding one task on one day takes each of them. Raises AssertionError where answers differ."""
    made = contenders(world, task, left_out)
    large = world.size >= _LARGE
    check(made, world, task, Calls(world, task, day, seed=1).take(1 if large else 3))
    block, count = (_BLOCK // 2, max(rounds // 2, 1)) if large else (_BLOCK, rounds)
    for name, times in interleave(made, Calls(world, task, day), count, block).items():
        yield Row(
            task=task,
            day=day,
            size=world.size,
            contender=name,
            median_ns=times.median,
            p99_ns=times.p99,
            p99_of_all_ns=times.p99_of_all,
            calls=len(times.samples),
        )


def share(world: World, task: str, day: str, calls: int = 12) -> float:
    """The share of candidates that survive, on average of so many calls."""
    reading = ArraysReading(world, task)
    asked = Calls(world, task, day, seed=2).take(calls)
    return sum(len(reading.decide(reading.request(one), reading.state(one))[0]) for one in asked) / (calls * world.size)
