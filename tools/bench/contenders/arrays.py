"""Hand-written NumPy: masks into preallocated arrays, then arithmetic over the survivors only.

Names are numbers here, capabilities columns of booleans. The second contender reads everything: the order, the scores
and every candidate's reason, as Python lists.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from bench.calls import Call
from bench.contenders import Contender
from bench.tasks import BENCH, CONTEXT, LATENCY, NEEDS, PRICE, PROVIDERS, REASONS, TIER
from bench.worlds import World


class Arrays(Contender):
    """Masks and survivors, the winner only."""

    name = "NumPy"

    def __init__(self, world: World, task: str) -> None:
        self.needs = [(world.needs >> bit & 1).astype(bool) for bit in range(len(NEEDS))]
        self.context, self.price_in, self.price_out, self.bench = (
            np.ascontiguousarray(column) for column in (world.context, world.price_in, world.price_out, world.bench)
        )
        names = sorted({*world.provider, *PROVIDERS})
        self.provider = np.array([names.index(name) for name in world.provider], dtype=np.intp)
        self.allowed = np.array([name in PROVIDERS for name in names])
        self.partner = np.array([tier == TIER for tier in world.tier])
        self.mask = np.empty(world.size, dtype=bool)
        self.other = np.empty(world.size, dtype=bool)
        self.ranked = {"A": self._a, "B": self._b, "C": self._c}[task]
        self.with_latency = task == "B"

    def request(self, call: Call) -> Any:
        needs = [bit for bit in range(len(NEEDS)) if call.needs >> bit & 1]
        return needs, call.min_context, call.prompt_tokens, call.completion_tokens

    def state(self, call: Call) -> Any:
        # Every contender has a copy of its own, as an overlay is one: nobody finds what another has read.
        return call.disabled.copy(), call.breaker_open.copy(), call.latency_ms.copy()

    def decide(self, request: Any, state: Any) -> int:
        rows = self._survivors(request, state)
        if not rows.size:
            return -1
        return int(rows[self.ranked(rows, request, state).argmax()])

    def _survivors(self, request: Any, state: Any) -> Any:
        mask, other = self.mask, self.other
        self.allowed.take(self.provider, out=mask, mode="clip")
        np.logical_or(mask, self.partner, out=mask)
        for need in request[0]:
            np.logical_and(mask, self.needs[need], out=mask)
        np.greater(mask, state[0], out=mask)  # and not
        np.greater(mask, state[1], out=mask)
        least = CONTEXT
        if self.with_latency:
            least = max(least, request[1])
            np.less_equal(state[2], LATENCY, out=other)
            np.logical_and(mask, other, out=mask)
        np.greater_equal(self.context, least, out=other)
        np.logical_and(mask, other, out=mask)
        np.less_equal(self.price_out, PRICE, out=other)
        np.logical_and(mask, other, out=mask)
        np.greater_equal(self.bench, BENCH, out=other)
        np.logical_and(mask, other, out=mask)
        return mask.nonzero()[0]

    def _a(self, rows: Any, request: Any, state: Any) -> Any:
        score = _normal(self.price_out[rows])
        np.subtract(1.0, score, out=score)
        score *= 0.7
        context = _normal(self.context[rows])
        context *= 0.3
        score += context
        return score

    def _b(self, rows: Any, request: Any, state: Any) -> Any:
        score = _normal(self.price_out[rows])
        np.subtract(1.0, score, out=score)
        score *= 0.5
        context = _normal(self.context[rows])
        context *= 0.2
        score += context
        latency = _normal(state[2][rows])
        np.subtract(1.0, latency, out=latency)
        latency *= 0.3
        score += latency
        return score

    def _c(self, rows: Any, request: Any, state: Any) -> Any:
        score = self.price_in[rows]
        score *= request[2]
        completion = self.price_out[rows]
        completion *= request[3]
        score += completion
        score /= 1e6
        return np.subtract(1.0, score, out=score)


def _normal(values: Any) -> Any:
    """Min-max in place, of an array of the caller's own."""
    least = np.minimum.reduce(values)
    span = np.maximum.reduce(values) - least
    values -= least
    if span:
        values /= span
    return values


class ArraysReading(Arrays):
    """The same, and everything read: ids in order, their scores, and each candidate's reason or None."""

    name = "NumPy, all read"
    reads = True

    def __init__(self, world: World, task: str) -> None:
        super().__init__(world, task)
        self.ids = np.array(world.snapshot.ids, dtype=object)
        self.reasons = np.array([None, *REASONS], dtype=object)
        self.codes = np.empty(world.size, dtype=np.int8)

    def decide(self, request: Any, state: Any) -> Any:
        codes = self._codes(request, state)
        rows = (codes == 0).nonzero()[0]
        if not rows.size:
            return [], [], self.reasons.take(codes).tolist()
        scores = self.ranked(rows, request, state)
        order = (-scores).argsort(kind="stable")
        return self.ids[rows[order]].tolist(), scores[order].tolist(), self.reasons.take(codes).tolist()

    def _codes(self, request: Any, state: Any) -> Any:
        """1 + the place among `REASONS` of the first check that refuses, 0 where none does: the last check first."""
        codes, other = self.codes, self.other
        codes.fill(0)
        self.allowed.take(self.provider, out=other, mode="clip")
        np.logical_or(other, self.partner, out=other)
        np.putmask(codes, np.logical_not(other, out=other), 11)
        np.putmask(codes, np.less(self.bench, BENCH, out=other), 10)
        if self.with_latency:
            np.putmask(codes, np.greater(state[2], LATENCY, out=other), 9)
        np.putmask(codes, np.greater(self.price_out, PRICE, out=other), 8)
        np.putmask(codes, np.less(self.context, CONTEXT, out=other), 7)
        np.putmask(codes, state[1], 6)
        np.putmask(codes, state[0], 5)
        if self.with_latency:
            np.putmask(codes, np.less(self.context, request[1], out=other), 4)
        for need in reversed(request[0]):
            np.putmask(codes, np.logical_not(self.needs[need], out=other), need + 1)
        return codes
