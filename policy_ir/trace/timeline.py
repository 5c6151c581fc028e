"""Two sums that grow over time, kept in few points however many there are."""

from __future__ import annotations

from typing import NamedTuple

import attrs

__all__ = ["Point", "Timeline"]


class Point(NamedTuple):
    """The sums at a moment, in Unix time."""

    at: float
    then: float
    now: float


@attrs.define
class Timeline:
    """The course of two sums over moments that do not fall: at most `most` points and the last one.

    Where there are too many, every second one goes, and from then on only every second one is taken.
    """

    most: int = 512
    _kept: list[Point] = attrs.field(factory=list, init=False)
    _last: Point | None = attrs.field(default=None, init=False)
    _stride: int = attrs.field(default=1, init=False)
    _count: int = attrs.field(default=0, init=False)

    def add(self, at: float, then: float, now: float) -> None:
        """Let the sums grow by so much at a moment."""
        last = self._last
        if last is not None:
            # Traces are in the order of their ids; two routers' clocks may disagree a little.
            at, then, now = max(at, last.at), last.then + then, last.now + now
        self._last = Point(at, then, now)
        self._count += 1
        if self._count % self._stride == 0:
            self._kept.append(self._last)
            if len(self._kept) > self.most:
                self._kept = self._kept[1::2]
                self._stride *= 2

    @property
    def points(self) -> list[Point]:
        """The points in order; the last one is always among them."""
        if self._last is None or (self._kept and self._kept[-1] is self._last):
            return list(self._kept)
        return [*self._kept, self._last]
