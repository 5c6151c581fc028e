"""Seeded draws: the one generator of the language, the draw of `sample`, the shift of `jitter`.

Integers are exact; every operation on weights is binary64, rounded on its own. Specification: chapter "Semantics",
section "Draws".
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from itertools import accumulate

from policy_ir.semantics.scores import Scored

MODULUS = 2**31 - 1
MULTIPLIER = 16807
DISCARDED = 4


class Stream:
    """The stream of draws of a seed (any integer >= 0)."""

    def __init__(self, seed: int) -> None:
        self._state = seed % MODULUS or MODULUS - 1
        for _ in range(DISCARDED):
            self.draw()

    def draw(self) -> float:
        """The next number, strictly between 0 and 1."""
        self._state = MULTIPLIER * self._state % MODULUS
        return self._state / MODULUS


def sample(ranked: Sequence[Scored], temperature: float, seed: int, count: int) -> tuple[Scored, ...]:
    """The first `count` of a draw without replacement, weights falling geometrically along `ranked`."""
    t = max(temperature, 0.0)
    q = t / (t + 1.0)
    stream = Stream(seed)
    left = list(ranked)
    weights = list(accumulate([1.0, *[q] * (len(left) - 1)], lambda weight, factor: weight * factor))
    drawn = []
    for _ in range(min(count, len(left))):
        sums = list(accumulate(weights))
        # Partial sums never fall, so the first that reaches r is found by bisection; the last one is at least r.
        place = bisect_left(sums, stream.draw() * sums[-1])
        drawn.append(left.pop(place))
        del weights[place]
    return tuple(drawn)


def shift(param: str, amplitude: float, seed: int) -> float:
    """What `jitter` adds to a parameter: between minus and plus the amplitude, the same for the same seed."""
    rolling = 0
    for byte in f"jitter:{param}".encode():
        rolling = (31 * rolling + byte) % MODULUS
    u = Stream((seed % MODULUS + rolling) % MODULUS).draw()
    return (2.0 * u - 1.0) * amplitude
