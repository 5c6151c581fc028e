"""What a policy costs: loading, binding, deciding, reading, and the reference machine beside them.

A call is timed alone, and nothing is subtracted. What is compared takes turns in one process, in blocks of calls, so
that whatever slows the machine slows all of it; the first call of a block finds the processor's caches full of what
others left there, and is not counted. The garbage collector rests while the clock runs.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from random import Random
from statistics import median
from time import monotonic, perf_counter_ns
from typing import TYPE_CHECKING, Any, Final, Literal

import attrs

from policy_ir.decision import decide
from policy_ir.floor import Effective, Floor, effective

if TYPE_CHECKING:
    from policy_ir.cli.bench_calls import Call, Calls
    from policy_ir.evaluator import Bound, Choice
    from policy_ir.snapshot import Snapshot
    from policy_ir.vocabulary import Vocabulary

__all__ = ["Checked", "Cost", "Difference", "Subject", "check", "measure"]

BLOCK: Final = 16
"""Calls that are counted of a block."""

ASKED: Final = 4
"""How often a binding is asked the same to be checked: over arrays, prepared, with a known shape, and warm."""

CASES: Final = (
    ("load", "fresh"),
    ("load", "known"),
    ("state", "overlay"),
    ("bind", "first_answer"),
    ("bind", "prepare"),
    ("bind", "prepare_known_form"),
    ("decide", "warm"),
    ("decide", "new_bounds"),
    ("decide", "new_shape"),
    ("read", "everything"),
    ("machine", "everything"),
)
"""What is measured: the cost and the case of it."""

_SEEN: Final[dict[str, Literal["warm", "bounds", "shape"]]] = {
    "warm": "warm",
    "new_bounds": "bounds",
    "new_shape": "shape",
}
"""What `Bound.seen` says of the calls that count for a case."""

Samples = dict[tuple[str, str], list[int]]
"""Times in nanoseconds."""


@attrs.frozen
class Cost:
    """What the calls of a case took, in microseconds: None where there were none."""

    cost: str
    case: str
    median: float | None
    p99: float | None
    measured: int

    @classmethod
    def of(cls, cost: str, case: str, samples: Sequence[int]) -> Cost:
        """The figures of some times in nanoseconds. At most one call in a hundred took longer than `p99`."""
        if not samples:
            return cls(cost, case, None, None, 0)
        slow = sorted(samples)[-1 - len(samples) // 100]
        return cls(cost, case, median(samples) / 1000, slow / 1000, len(samples))


@attrs.frozen(eq=False)
class Subject:
    """What is measured: a policy in bytes, admitted under a floor, over a snapshot."""

    source: bytes
    program: Effective
    floor: Floor | None
    snapshot: Snapshot

    @property
    def vocabulary(self) -> Vocabulary:
        """The vocabulary of all of it."""
        return self.snapshot.vocabulary

    def bound(self) -> Bound:
        """A binding of an evaluator that has seen nothing."""
        from policy_ir.evaluator import Evaluator

        return Evaluator().bind(self.program, self.snapshot)


# --- whether they agree --------------------------------------------------------------------------------------


@attrs.frozen
class Difference:
    """A call on which evaluator and machine disagree: its number, from 1, and what each says."""

    call: int
    machine: str
    evaluator: str


@attrs.frozen
class Checked:
    """What came of the calls that the machine was asked too: its times in nanoseconds, and how many survived."""

    samples: tuple[int, ...]
    survivors: tuple[int, ...]
    difference: Difference | None


def check(subject: Subject, calls: Sequence[Call]) -> Checked:
    """Ask both the same, up to the first difference. Raises `Refused` where the decision is too much work."""
    samples, survivors, difference = list[int](), list[int](), None
    for number, call in enumerate(calls, 1):
        state = call.overlay.snapshot
        with _undisturbed():
            start = perf_counter_ns()
            decision = decide(subject.program, state, call.facts, call.seed)
            samples.append(perf_counter_ns() - start)
        survivors.append(len(decision.ordered) + len(decision.cut))
        winner = decision.ordered[0].id if decision.ordered else None
        bound = subject.bound()
        for _ in range(ASKED):
            choice: Choice = bound.decide(call.facts, call.overlay, call.seed)
            if choice.id != winner:
                difference = Difference(number, str(winner), str(choice.id))
            elif choice.fingerprint != decision.fingerprint:
                difference = Difference(number, decision.fingerprint, choice.fingerprint)
            if difference is not None:
                return Checked(tuple(samples), tuple(survivors), difference)
    return Checked(tuple(samples), tuple(survivors), None)


# --- what it takes -------------------------------------------------------------------------------------------


def measure(
    subject: Subject, calls: Calls, machine: Sequence[int], *, rounds: int, seconds: float, done: Callable[[int], None]
) -> list[Cost]:
    """The costs of so many rounds, of fewer if the seconds are over; `machine` are the times of the machine.

    `done` is told of each further round.
    """
    samples: Samples = {case: [] for case in CASES}
    samples["machine", "everything"] += machine
    bounds = {case: subject.bound().prepare() for case in (*_SEEN, "everything")}
    turns = Random(len(bounds))
    end = monotonic() + seconds
    _decisions(bounds, list(bounds), calls.take(BLOCK), None)
    left = rounds
    with _undisturbed():
        while left > 0 and (left == rounds or monotonic() < end):
            count = min(BLOCK, left)
            for _ in range(count):
                _around(subject, calls, samples)
            _decisions(bounds, turns.sample(list(bounds), len(bounds)), calls.take(1 + count), samples)
            gc.collect()  # bindings that are prepared refer to themselves
            done(count)
            left -= count
    return [Cost.of(*case, samples[case]) for case in CASES]


def _around(subject: Subject, calls: Calls, samples: Samples) -> None:
    """All that comes before the decisions, once."""
    from policy_ir.evaluator import Evaluator, Overlay
    from policy_ir.evaluator.writing import compiled

    clock, evaluator, state = perf_counter_ns, Evaluator(), calls.state()
    start = clock()
    admitted = evaluator.load(subject.source, subject.vocabulary)
    fresh = clock()
    evaluator.load(subject.source, subject.vocabulary)
    known = clock()
    overlay = Overlay.take(subject.snapshot, state)
    taken = clock()
    call = calls.over(overlay)
    asked = clock()
    bound = evaluator.bind(effective(admitted, subject.floor), subject.snapshot)
    winner = bound.decide(call.facts, overlay, call.seed).winner
    answered = clock()
    compiled.cache_clear()
    cleared = clock()
    bound.prepare()
    prepared = clock()
    again = subject.bound()
    bare = clock()
    again.prepare()
    ready = clock()
    del winner
    for case, time in (
        (("load", "fresh"), fresh - start),
        (("load", "known"), known - fresh),
        (("state", "overlay"), taken - known),
        (("bind", "first_answer"), answered - asked),
        (("bind", "prepare"), prepared - cleared),
        (("bind", "prepare_known_form"), ready - bare),
    ):
        samples[case].append(time)


def _decisions(bounds: dict[str, Bound], order: Sequence[str], calls: Sequence[Call], samples: Samples | None) -> None:
    """Every binding decides the calls, one binding after the other; the first call is not counted."""
    for case in order:
        into = list[int]()
        (_read if case == "everything" else _decide)(bounds[case], case, calls, into)
        if samples is not None:
            samples["read" if case == "everything" else "decide", case] += into


def _decide(bound: Bound, case: str, calls: Sequence[Call], into: list[int]) -> None:
    for at, call in enumerate(calls):
        if case != "warm":
            bound.forget_bounds()
        if case == "new_shape":
            bound.forget_shapes()
        decide, facts, overlay, seed = bound.decide, call.facts, call.overlay, call.seed
        counts = bound.seen(facts, overlay) == _SEEN[case]
        start = perf_counter_ns()
        winner = decide(facts, overlay, seed).winner
        taken = perf_counter_ns() - start
        del winner
        if counts and at:
            into.append(taken)


def _read(bound: Bound, _: str, calls: Sequence[Call], into: list[int]) -> None:
    for at, call in enumerate(calls):
        decide, facts, overlay, seed = bound.decide, call.facts, call.overlay, call.seed
        start = perf_counter_ns()
        choice = decide(facts, overlay, seed)
        read: Any = choice.ids(), choice.scores(), choice.reasons()
        taken = perf_counter_ns() - start
        del read
        if at:
            into.append(taken)


@contextmanager
def _undisturbed() -> Iterator[None]:
    """The garbage collector rests, and leaves alone what there is already."""
    working = gc.isenabled()
    gc.freeze()
    gc.disable()
    try:
        yield
    finally:
        gc.unfreeze()
        if working:
            gc.enable()
