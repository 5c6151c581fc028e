"""Contenders in turns: every round asks each of them the same, in another order, so that what slows the machine slows
all of them.

What an answer has cost is what it took less what the provider says to have thought; what a contender adds is that, less
what it is without one in between.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from random import Random
from statistics import median
from typing import Any, Final

import attrs

from router_bench import setting
from router_bench.contenders import Contender
from router_bench.processes import Talking, post

__all__ = ["CALLERS", "Case", "Figures", "added", "measure"]

CALLERS: Final = (1, 16, 64)
GAP_MS: Final = 10
"""How far the pieces of a stream are apart."""


@attrs.frozen
class Case:
    """How long the provider thinks, whether it streams, and how many callers there are."""

    think_ms: int
    stream: bool
    callers: int

    @property
    def name(self) -> str:
        """In words."""
        of = "stream" if self.stream else "whole"
        return f"{of}, {self.think_ms} ms, {self.callers} {'caller' if self.callers == 1 else 'callers'}"


@attrs.define
class Heard:
    """All that was heard of a contender in a case, over all rounds: microseconds of each answer, and by round."""

    cost: list[float] = attrs.field(factory=list)
    rates: list[float] = attrs.field(factory=list)
    medians: list[float] = attrs.field(factory=list)
    cpu: list[float] = attrs.field(factory=list)
    errors: int = 0
    said: str = ""

    def take(self, heard: dict[str, Any], case: Case, cpu_seconds: float) -> None:
        """Take what one order has come to."""
        ended = heard["first"] if case.stream else heard["took"]
        cost = [took - thought for took, thought in zip(ended, heard["thought"], strict=True)]
        self.errors += heard["errors"]
        self.said = self.said or heard["said"]
        if cost:
            self.cost += cost
            self.medians.append(median(cost))
            self.rates.append(len(cost) / heard["seconds"])
            self.cpu.append(cpu_seconds / len(cost) * 1e6)


@attrs.frozen
class Figures:
    """Of a contender in a case: microseconds until the whole answer, of a stream until its first content, less what the
    provider thought; answers a second; processor time of an answer, in microseconds."""

    contender: str
    case: Case
    answers: int
    median_us: float
    p99_us: float
    per_second: float
    cpu_us: float
    medians: tuple[float, ...]
    errors: int
    said: str


def measure(
    contenders: Sequence[Contender],
    cases: Sequence[Case],
    upstream: int,
    load: Talking,
    *,
    rounds: int,
    seconds: float,
    tell: Callable[[str], None],
) -> list[Figures]:
    """Every contender in every case, `rounds` times for so many seconds."""
    turns = Random(1)
    heard = {(one.name, case): Heard() for one in contenders for case in cases}
    for number in range(rounds + 1):
        for case in cases:
            post(f"http://127.0.0.1:{upstream}/control", {"think_ms": case.think_ms, "gap_ms": GAP_MS})
            for one in turns.sample(list(contenders), len(contenders)):
                # The first round shows everybody every case, and is not counted.
                lasts = min(seconds, 0.5) if number == 0 else seconds
                body = setting.streamed(setting.BODY | {"model": one.model}, case.stream)
                before = one.child.cpu_seconds() if one.child else 0.0
                order = {"port": one.port, "path": one.path, "body": body, "headers": {}, "callers": case.callers}
                answer = load.ask(order | {"seconds": lasts})
                used = one.child.cpu_seconds() - before if one.child else 0.0
                if number:
                    heard[one.name, case].take(answer, case, used)
        tell(f"round {number} of {rounds}")
    return list(_figures(heard))


def _figures(heard: dict[tuple[str, Case], Heard]) -> Iterator[Figures]:
    for (name, case), one in heard.items():
        if not one.cost:
            yield Figures(name, case, 0, *[float("nan")] * 4, (), one.errors, one.said)
            continue
        cost = sorted(one.cost)
        p99 = cost[min(len(cost) - 1, len(cost) * 99 // 100)]
        rate, cpu = median(one.rates), median(one.cpu)
        # A median of the rounds' medians: one bad round does not move it.
        middle = median(one.medians)
        yield Figures(name, case, len(cost), middle, p99, rate, cpu, tuple(one.medians), one.errors, one.said)


def added(figures: Sequence[Figures], contender: str, case: Case, *, without: str = "direct") -> float:
    """What a contender adds to an answer, in microseconds: the difference of the medians."""
    found = {one.contender: one.median_us for one in figures if one.case == case}
    return found[contender] - found[without]
