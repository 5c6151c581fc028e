"""The plain loop: what one writes by hand in Python, over lists, and writes well.

One pass over the candidates filters and finds the bounds of what is normalised, a second one over the survivors
scores. Every task has a loop of its own, without a test or a call that it could do without.
"""

from __future__ import annotations

from math import inf
from typing import Any

from bench.calls import Call
from bench.contenders import Contender
from bench.tasks import BENCH, CONTEXT, LATENCY, PRICE, PROVIDERS, TIER
from bench.worlds import World


class Plain(Contender):
    """Lists of Python numbers, names and booleans; needs are bits."""

    name = "plain Python"

    def __init__(self, world: World, task: str) -> None:
        self.needs = world.needs.tolist()
        self.context = world.context.tolist()
        self.price_in = world.price_in.tolist()
        self.price_out = world.price_out.tolist()
        self.bench = world.bench.tolist()
        self.provider = list(world.provider)
        self.tier = list(world.tier)
        self.set = frozenset(PROVIDERS)
        self.decide = {"A": self._a, "B": self._b, "C": self._c}[task]

    def request(self, call: Call) -> Any:
        return call.needs, call.min_context, call.prompt_tokens, call.completion_tokens

    def state(self, call: Call) -> Any:
        return call.disabled.tolist(), call.breaker_open.tolist(), call.latency_ms.tolist()

    def _a(self, request: Any, state: Any) -> int:
        need, providers = request[0], self.set
        least_price = least_context = inf
        most_price = most_context = -inf
        kept = []
        keep = kept.append
        rows = zip(
            self.needs,
            state[0],
            state[1],
            self.context,
            self.price_out,
            self.bench,
            self.provider,
            self.tier,
            strict=True,
        )
        for i, (has, disabled, broken, context, price, bench, provider, tier) in enumerate(rows):
            if (
                has & need == need
                and not disabled
                and not broken
                and context >= CONTEXT
                and price <= PRICE
                and bench >= BENCH
                and (provider in providers or tier == TIER)
            ):
                keep((i, price, context))
                if price < least_price:
                    least_price = price
                if price > most_price:
                    most_price = price
                if context < least_context:
                    least_context = context
                if context > most_context:
                    most_context = context
        prices = (most_price - least_price) or 1.0
        contexts = (most_context - least_context) or 1.0
        winner, best = -1, -inf
        for i, price, context in kept:
            score = 0.7 * (1.0 - (price - least_price) / prices) + 0.3 * ((context - least_context) / contexts)
            if score > best:
                winner, best = i, score
        return winner

    def _b(self, request: Any, state: Any) -> int:
        need, room, providers = request[0], request[1], self.set
        least_price = least_context = least_latency = inf
        most_price = most_context = most_latency = -inf
        kept = []
        keep = kept.append
        rows = zip(
            self.needs,
            *state,
            self.context,
            self.price_out,
            self.bench,
            self.provider,
            self.tier,
            strict=True,
        )
        for i, (has, disabled, broken, latency, context, price, bench, provider, tier) in enumerate(rows):
            if (
                has & need == need
                and context >= room
                and not disabled
                and not broken
                and context >= CONTEXT
                and price <= PRICE
                and bench >= BENCH
                and (provider in providers or tier == TIER)
                and latency <= LATENCY
            ):
                keep((i, price, context, latency))
                if price < least_price:
                    least_price = price
                if price > most_price:
                    most_price = price
                if context < least_context:
                    least_context = context
                if context > most_context:
                    most_context = context
                if latency < least_latency:
                    least_latency = latency
                if latency > most_latency:
                    most_latency = latency
        prices = (most_price - least_price) or 1.0
        contexts = (most_context - least_context) or 1.0
        latencies = (most_latency - least_latency) or 1.0
        winner, best = -1, -inf
        for i, price, context, latency in kept:
            score = (
                0.5 * (1.0 - (price - least_price) / prices)
                + 0.2 * ((context - least_context) / contexts)
                + 0.3 * (1.0 - (latency - least_latency) / latencies)
            )
            if score > best:
                winner, best = i, score
        return winner

    def _c(self, request: Any, state: Any) -> int:
        need, _, prompt, completion = request
        providers = self.set
        rows = zip(
            self.needs,
            state[0],
            state[1],
            self.context,
            self.price_in,
            self.price_out,
            self.bench,
            self.provider,
            self.tier,
            strict=True,
        )
        winner, best = -1, -inf
        for i, (has, disabled, broken, context, price_in, price, bench, provider, tier) in enumerate(rows):
            if (
                has & need == need
                and not disabled
                and not broken
                and context >= CONTEXT
                and price <= PRICE
                and bench >= BENCH
                and (provider in providers or tier == TIER)
            ):
                score = 1.0 - (prompt * price_in + completion * price) / 1e6
                if score > best:
                    winner, best = i, score
        return winner
