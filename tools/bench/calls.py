"""Calls: a stream of requests that cycle through few shapes, each with a state of its own that never comes again."""

from __future__ import annotations

from typing import Final

import attrs
import numpy as np
from numpy.typing import NDArray

from bench.tasks import NEEDS, SHAPES
from bench.worlds import SEED, Floats, World
from policy_ir import Facts, read_facts

DAYS: Final = ("good", "bad")
"""On a bad day the breaker of every candidate of the cheapest providers is open."""


@attrs.frozen(eq=False, kw_only=True)
class Call:
    """A request, in the language's form and in the plainest one, and the state of all candidates at its time."""

    facts: Facts
    needs: int
    min_context: float
    prompt_tokens: float
    completion_tokens: float
    disabled: NDArray[np.bool_]
    breaker_open: NDArray[np.bool_]
    latency_ms: Floats
    success_rate: Floats


@attrs.define
class Calls:
    """The calls of one task over one world, the same for the same seed."""

    world: World
    task: str
    day: str = "good"
    seed: int = SEED
    _made: int = attrs.field(default=0, init=False)
    _rng: np.random.Generator = attrs.field(init=False)
    _down: NDArray[np.bool_] = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        self._rng = np.random.default_rng([self.seed, self.world.size, ord(self.task), DAYS.index(self.day)])
        cheap = self.world.cheap_providers() if self.day == "bad" else frozenset[str]()
        self._down = np.array([provider in cheap for provider in self.world.provider])

    def take(self, count: int) -> list[Call]:
        """The next calls."""
        return [self._next() for _ in range(count)]

    def _next(self) -> Call:
        rng, n = self._rng, self.world.size
        needs, least = SHAPES[self._made % len(SHAPES)]
        self._made += 1
        prompt, completion = float(rng.integers(200, 20000)), float(rng.integers(50, 4000))
        facts = {"needs": list(needs), "fields": {"prompt_tokens": prompt, "completion_tokens": completion}}
        if self.task == "B":
            facts["min_context"] = least
        return Call(
            facts=read_facts(facts, self.world.snapshot.vocabulary),
            needs=sum(1 << list(NEEDS).index(need) for need in needs),
            min_context=least if self.task == "B" else 0.0,
            prompt_tokens=prompt,
            completion_tokens=completion,
            disabled=rng.random(n) < 0.02,
            breaker_open=(rng.random(n) < 0.03) | self._down,
            latency_ms=np.round(rng.lognormal(6.5, 0.8, n), 1),
            success_rate=np.round(1.0 - rng.random(n) * 0.1, 4),
        )
