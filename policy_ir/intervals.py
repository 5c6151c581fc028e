"""Intervals of scores: which values a scorer may take, as an outer bound.

An interval is a range of extended reals, possibly empty, and whether undefined is possible too. Each operation bounds
the results of the operation of scores of the same name: correctly rounded arithmetic is monotonic, so the bounds are
results at the ends. Specification: chapter "Lints", section "Intervals".
"""

from __future__ import annotations

from collections.abc import Iterable
from math import inf, isinf, isnan
from typing import Final, assert_never

import attrs

from policy_ir.terms import Relation


@attrs.frozen(slots=True)
class Truth:
    """Which truth values something may have: `yes` whether it may hold, `no` whether it may fail.

    Neither where there is nothing that it could be true or false of.
    """

    yes: bool
    no: bool

    def negated(self) -> Truth:
        """The truth values of its negation."""
        return Truth(self.no, self.yes)


HOLDS: Final = Truth(yes=True, no=False)
FAILS: Final = Truth(yes=False, no=True)
EITHER: Final = Truth(yes=True, no=True)


def truth(value: bool) -> Truth:
    """What is known to be so, or known not to be."""
    return HOLDS if value else FAILS


def all_of(parts: Iterable[Truth]) -> Truth:
    """The truth values of a conjunction of independent parts."""
    given = tuple(parts)
    return Truth(all(part.yes for part in given), any(part.no for part in given))


def any_of(parts: Iterable[Truth]) -> Truth:
    """The truth values of a disjunction of independent parts."""
    return all_of(part.negated() for part in parts).negated()


@attrs.frozen(slots=True)
class Interval:
    """The extended reals from `low` to `high`, none where `low > high`; and undefined, if `undefined`."""

    low: float
    high: float
    undefined: bool = False

    @property
    def empty(self) -> bool:
        """Whether no extended real is in it."""
        return self.low > self.high

    @property
    def constant(self) -> bool:
        """Whether it is one extended real."""
        return self.low == self.high and not self.undefined

    @property
    def infinite(self) -> bool:
        """Whether an infinity is in it."""
        return not self.empty and (isinf(self.low) or isinf(self.high))

    def __contains__(self, score: float) -> bool:
        return self.undefined if isnan(score) else self.low <= score <= self.high


NOTHING: Final = Interval(inf, -inf)


def point(number: float) -> Interval:
    """The one score."""
    return Interval(number, number)


def hull(parts: Iterable[Interval]) -> Interval:
    """The least interval that holds all of these."""
    given = tuple(parts)
    return Interval(
        min((part.low for part in given), default=inf),
        max((part.high for part in given), default=-inf),
        any(part.undefined for part in given),
    )


def _ends(results: Iterable[float], undefined: bool) -> Interval:
    """The interval of the results at the ends; indeterminate ones are not in its range."""
    defined = [result + 0.0 for result in results if not isnan(result)]
    return Interval(min(defined, default=inf), max(defined, default=-inf), undefined)


def plus(a: Interval, b: Interval) -> Interval:
    """Sums (`interval/add`)."""
    undefined = a.undefined or b.undefined
    if a.empty or b.empty:
        return attrs.evolve(NOTHING, undefined=undefined)
    opposite = (a.high == inf and b.low == -inf) or (a.low == -inf and b.high == inf)
    return _ends((x + y for x in (a.low, a.high) for y in (b.low, b.high)), undefined or opposite)


def times(a: Interval, b: Interval) -> Interval:
    """Products (`interval/scale`)."""
    undefined = a.undefined or b.undefined
    if a.empty or b.empty:
        return attrs.evolve(NOTHING, undefined=undefined)
    indeterminate = (0.0 in a and b.infinite) or (0.0 in b and a.infinite)
    return _ends((_corner(x, a, y, b) for x in (a.low, a.high) for y in (b.low, b.high)), undefined or indeterminate)


def _corner(x: float, a: Interval, y: float, b: Interval) -> float:
    """The product of two ends; 0 for 0 times an infinity that is the end of finite numbers."""
    finite = a.low < a.high if isinf(x) else b.low < b.high
    product = x * y
    return 0.0 if isnan(product) and finite else product


def over(a: Interval, divisor: float) -> Interval:
    """Quotients by a finite number above 0."""
    return a if a.empty else Interval(a.low / divisor, a.high / divisor, a.undefined)


def complement(a: Interval) -> Interval:
    """1 minus a score (`interval/neg`)."""
    return a if a.empty else Interval(1.0 - a.high, 1.0 - a.low, a.undefined)


def normalized(a: Interval) -> Interval:
    """Scores brought to 0..1 over any population; where all are equal, 0 (`interval/normalize`)."""
    if a.empty:
        return a
    return Interval(0.0, 0.0 if a.low == a.high else 1.0, a.undefined)


def clamped(lo: float, hi: float, a: Interval) -> Interval:
    """`lo` below `lo`, tested first; `hi` above `hi`. With `lo > hi` every score becomes one of the two.

    `interval/clamp`.
    """
    if a.empty:
        return a
    ends = [lo if end < lo else hi if end > hi else end for end in (a.low, a.high)]
    return Interval(min(ends), max(ends), a.undefined)


def compared(a: Interval, rel: Relation, bound: float) -> Truth:
    """Whether scores stand in a relation to a number; undefined stands in none."""
    low, high = a.low, a.high
    if a.empty:
        return Truth(yes=False, no=a.undefined)
    match rel:
        case "lt":
            yes, no = low < bound, high >= bound
        case "le":
            yes, no = low <= bound, high > bound
        case "ge":
            yes, no = high >= bound, low < bound
        case "gt":
            yes, no = high > bound, low <= bound
        case "eq":
            yes, no = low <= bound <= high, not low == bound == high
        case "ne":
            yes, no = not low == bound == high, low <= bound <= high
        case _:
            assert_never(rel)
    return Truth(yes, no or a.undefined)
