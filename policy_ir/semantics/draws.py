"""Seeded draws: the one generator of the language, the draw of `sample`, the shift of `jitter`, seeds from hashes.

Integers are exact; every operation on weights is binary64, rounded on its own. Specification: chapter "Semantics",
section "Draws".
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from itertools import accumulate

from blake3 import blake3

from policy_ir.canonical import canonical_bytes
from policy_ir.semantics.scores import Scored

MODULUS = 2**31 - 1
MULTIPLIER = 16807
DISCARDED = 4

BITS = 53
"""The bits of a hash that are used: as many as a binary64 holds exactly, and a seed may have."""


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


def hashed(tag: str, value: object) -> int:
    """The first 53 bits of the BLAKE3-256 of the bytes of a record, as a number with the first bit highest.

    Raises ValueError for a value without canonical bytes.
    """
    return first_bits(blake3(canonical_bytes(tag, value)).digest(7))


def first_bits(data: bytes) -> int:
    """The first 53 bits of 7 bytes."""
    return int.from_bytes(data, "big") >> 8 * len(data) - BITS
