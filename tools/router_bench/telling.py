"""Tables of what was measured, for the screen and for the documentation, and the promises."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import isnan
from typing import Final

import attrs

from router_bench.core import Step
from router_bench.rounds import Case, Figures, added

__all__ = ["Promise", "promises", "shown_steps", "table"]

OVER_BARE: Final = 1.5
OF_LITELLM: Final = 0.25


@attrs.frozen
class Promise:
    """A ratio of what two contenders add, its bound, and whether it holds."""

    case: str
    what: str
    ratio: float
    bound: float

    @property
    def holds(self) -> bool:
        """Whether it is within its bound."""
        return self.ratio <= self.bound


def promises(figures: Sequence[Figures]) -> list[Promise]:
    """What the router adds, over what the others add."""
    found = []
    there = {one.contender for one in figures if not isnan(one.median_us)}
    if not {"direct", "policy-ir"} <= there:
        return []
    for case in dict.fromkeys(one.case for one in figures):
        own = added(figures, "policy-ir", case)
        for other, bound in (("bare", OVER_BARE), ("LiteLLM", OF_LITELLM)):
            if other in there:
                found.append(Promise(case.name, f"policy-ir to {other}", own / added(figures, other, case), bound))
    return found


def table(figures: Sequence[Figures]) -> Iterator[str]:
    """A Markdown table for each case: what each contender adds, its p99, its rate, and its processor time."""
    for case in dict.fromkeys(one.case for one in figures):
        yield from ("", f"**{_title(case)}**", "")
        yield "| | median | p99 | added | per second | processor time |"
        yield "|---|---|---|---|---|---|"
        for one in figures:
            if one.case == case:
                yield _row(one, figures)


def _title(case: Case) -> str:
    if not case.stream:
        return f"{case.name}: until the whole answer"
    return f"{case.name}: until the first content"


def _row(one: Figures, figures: Sequence[Figures]) -> str:
    there = any(other.contender == "direct" for other in figures)
    more = _time(added(figures, one.contender, one.case)) if there and one.contender != "direct" else ""
    wrong = f" ({one.errors} errors: {one.said[:120]!r})" if one.errors else ""
    cpu = _time(one.cpu_us) if one.cpu_us else ""
    return (
        f"| {one.contender}{wrong} | {_time(one.median_us)} | {_time(one.p99_us)} | {more} | "
        f"{one.per_second:,.0f} | {cpu} |"
    )


def _time(microseconds: float) -> str:
    if abs(microseconds) >= 10_000:
        return f"{microseconds / 1000:,.1f} ms"
    return f"{microseconds:,.0f} us"


def shown_steps(steps: Sequence[Step]) -> Iterator[str]:
    """A Markdown table of the core's steps."""
    yield "| policy | candidates | step | microseconds |"
    yield "|---|---|---|---|"
    for one in steps:
        yield f"| {one.policy} | {one.candidates or ''} | {one.step} | {one.microseconds:.1f} |"
