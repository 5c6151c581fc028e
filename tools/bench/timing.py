"""Timing: contenders take turns in one process, so that whatever slows the machine slows all of them.

Calls come in blocks. Each block is put into every contender's form, then the contenders decide it one after the other,
in another order each time. The first call of each block finds the processor's caches full of what others left there: it
is kept apart, and only `p99_of_all` has it. A call is timed alone; nothing is subtracted, not the 40 ns or so of the
clock. The garbage collector rests meanwhile.
"""

from __future__ import annotations

import gc
import random
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from statistics import median
from time import perf_counter_ns
from typing import Any, Final

import attrs

from bench.calls import Call, Calls
from bench.contenders import Contender

WARM_UP: Final = 60
"""Calls before those that are timed: ten of each shape."""


@attrs.frozen
class Times:
    """What single calls took, in nanoseconds; `first` are those that begin a block."""

    samples: tuple[int, ...]
    first: tuple[int, ...] = ()

    @property
    def median(self) -> float:
        return float(median(self.samples))

    @property
    def p99(self) -> float:
        """The least time that at most one call in a hundred exceeds."""
        return _p99(self.samples)

    @property
    def p99_of_all(self) -> float:
        """The same of all calls, those that begin a block among them."""
        return _p99(self.samples + self.first)


def _p99(samples: Sequence[int]) -> float:
    return float(sorted(samples)[-1 - len(samples) // 100])


@contextmanager
def undisturbed() -> Iterator[None]:
    """The garbage collector rests."""
    gc.collect()
    gc.freeze()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
        gc.unfreeze()


def interleave(
    contenders: Sequence[Contender], calls: Calls, rounds: int, block: int, *, compare: bool = True
) -> dict[str, Times]:
    """What the calls of so many blocks took, by contender; those that no call counted for are missing.

    Raises AssertionError where two answers to one call differ, unless they are not to be compared.
    """
    turns = random.Random(len(contenders))
    samples: _Samples = {contender.name: ([], []) for contender in contenders}
    _block(contenders, calls.take(WARM_UP), {}, compare)
    with undisturbed():
        for _ in range(rounds):
            _block(turns.sample(contenders, len(contenders)), calls.take(1 + block), samples, compare)
    return {name: Times(tuple(taken), tuple(first)) for name, (first, taken) in samples.items() if taken}


_Samples = dict[str, tuple[list[int], list[int]]]
"""What was taken, by contender: by the first calls of blocks, and by the others."""


def _block(contenders: Iterable[Contender], calls: Sequence[Call], samples: _Samples, compare: bool) -> None:
    answers: dict[bool, dict[int, Any]] = {True: {}, False: {}}
    for contender in contenders:
        mine = list(enumerate(calls))[:: contender.each]
        asked = [(at, contender.request(call), contender.state(call)) for at, call in mine]
        into = samples.get(contender.name, ([], []))
        decide, known = contender.decide, answers[contender.reads]
        kept = []  # so that no answer is given back while the clock runs
        for at, request, state in asked:
            counts = contender.counts(request, state)
            start = perf_counter_ns()
            answer = decide(request, state)
            taken = perf_counter_ns() - start
            kept.append(answer)
            if counts:
                into[at > 0].append(taken)
            plain = -1 if answer is None else answer
            if compare:
                assert known.setdefault(at, plain) == plain, f"{contender.name} decides otherwise: {plain}"


def each(work: Any, given: Sequence[Any]) -> Times:
    """What work on each of these took."""
    samples = []
    with undisturbed():
        for one in given:
            start = perf_counter_ns()
            made = work(one)
            samples.append(perf_counter_ns() - start)
            del made
    return Times(tuple(samples))
