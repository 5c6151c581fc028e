"""Going through many sessions, in several processes, up to a count of cases, a time or a difference."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from itertools import count
from time import perf_counter
from typing import Any

import attrs

from evaluator_differential.asking import Difference, Subject, Tally, difference
from evaluator_differential.sessions import CASES, SETTINGS, Session, session

STRETCH = 16
"""How many sessions are asked at a time. One evaluator goes through all sessions of every fourth stretch."""


@attrs.define
class Run:
    """How far a run came, and where it ended if there is a difference.

    `history` are the sessions of the evaluator that differs, its last one the one that shows it.
    """

    cases: int = 0
    counts: dict[str, int] = attrs.field(factory=dict)
    difference: dict[str, Any] | None = None
    session: int | None = None
    history: list[Session] = attrs.field(factory=list)


def run(
    subject: Subject,
    cases: int,
    seed: int,
    workers: int = 1,
    seconds: float | None = None,
    tell: Callable[[int], None] = lambda _: None,
) -> Run:
    """So many cases of a seed, or as many as there is time for; the first difference ends it."""
    started = told = perf_counter()
    ended = Run()
    tally = Tally(ended.counts)
    stretches = range(-(-cases // (STRETCH * CASES)))
    for asked, counts, found, history in _stretches(subject, seed, stretches, workers):
        ended.cases += asked
        tally.merge(counts)
        if found is not None:
            ended.difference, ended.session, ended.history = found.to_json(), history[-1]["number"], history
            break
        now = perf_counter()
        if now - told > 10.0:
            told = now
            tell(ended.cases)
        if seconds is not None and now - started > seconds:
            break
    return ended


Asked = tuple[int, dict[str, int], Difference | None, list[Session]]


def _stretches(subject: Subject, seed: int, numbers: range, workers: int) -> Iterator[Asked]:
    """What the stretches come to, in order; a few are under way at a time."""
    if workers == 1:
        yield from (stretch(subject, seed, number) for number in numbers)
        return
    with ProcessPoolExecutor(workers) as pool:
        under_way: deque[Future[Asked]] = deque()
        left = iter(numbers)
        try:
            for _ in count():
                while len(under_way) < 4 * workers and (number := next(left, None)) is not None:
                    under_way.append(pool.submit(stretch, subject, seed, number))
                if not under_way:
                    return
                yield under_way.popleft().result()
        finally:
            pool.shutdown(cancel_futures=True)


def stretch(subject: Subject, seed: int, number: int) -> Asked:
    """The sessions of a stretch, up to the first difference: cases, counts, the difference, what led to it."""
    tally = Tally()
    shared = number % 4 == 0
    settings = SETTINGS[number // 4 % len(SETTINGS)]
    evaluator = subject.evaluator(**settings) if shared else None
    asked = 0
    history: list[Session] = []
    for at in range(number * STRETCH, (number + 1) * STRETCH):
        one = session(seed, at)
        if shared:
            one["settings"] = settings
        history = [*history, one] if shared else [one]
        found = difference(one, subject, tally, evaluator)
        asked += len(one["asks"])
        if found is not None:
            return asked, tally.counts, found, history
    return asked, tally.counts, None, []
