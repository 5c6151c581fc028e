"""Engines of other languages: they filter, one candidate at a time, and Python ranks what they let through.

Neither CEL nor Cedar has a notion of the best of many, so that a rank over the survivors is not theirs to say.
"""

from __future__ import annotations

import json
from typing import Any

from bench.calls import Call
from bench.contenders import Contender, LeftOut
from bench.tasks import BENCH, CONTEXT, NEEDS, PRICE, PROVIDERS, TIER
from bench.worlds import World

try:
    import cel
except ImportError:
    cel = None  # type: ignore[assignment]
try:
    import cedarpy
except ImportError:
    cedarpy = None

_MICRO = 1_000_000


class _Engine(Contender):
    """What ranks the survivors, for both."""

    tasks = "A"
    most = 400
    each = 8

    def __init__(self, world: World) -> None:
        self.price = world.price_out.tolist()
        self.context = world.context.tolist()

    def best(self, kept: list[int]) -> int:
        if not kept:
            return -1
        prices = [self.price[i] for i in kept]
        contexts = [self.context[i] for i in kept]
        least, most = min(prices), max(prices)
        price_span = (most - least) or 1.0
        low, high = min(contexts), max(contexts)
        context_span = (high - low) or 1.0
        scores = [
            0.7 * (1.0 - (price - least) / price_span) + 0.3 * ((context - low) / context_span)
            for price, context in zip(prices, contexts, strict=True)
        ]
        return kept[scores.index(max(scores))]


class RustCel(_Engine):
    """One program, compiled once, run for each candidate in a context that has its columns already."""

    name = "CEL in Rust, filter"

    def __init__(self, world: World, task: str) -> None:
        if cel is None:
            raise LeftOut("common-expression-language is not installed")
        super().__init__(world)
        names = ", ".join(json.dumps(name) for name in PROVIDERS)
        has = " && ".join(f"({need} || !need_{need})" for need in NEEDS)
        self.program = cel.compile(
            f"{has} && !disabled && !breaker_open && context >= {CONTEXT} && price_out <= {PRICE} && bench >= {BENCH}"
            f' && (provider in [{names}] || tier == "{TIER}")'
        )
        self.contexts = [
            cel.Context(
                {
                    "context": float(world.context[i]),
                    "price_out": float(world.price_out[i]),
                    "bench": float(world.bench[i]),
                    "provider": world.provider[i],
                    "tier": world.tier[i],
                    **{need: bool(world.needs[i] >> bit & 1) for bit, need in enumerate(NEEDS)},
                }
            )
            for i in range(world.size)
        ]

    def request(self, call: Call) -> Any:
        return {f"need_{need}": bool(call.needs >> bit & 1) for bit, need in enumerate(NEEDS)}

    def state(self, call: Call) -> Any:
        disabled, broken = call.disabled.tolist(), call.breaker_open.tolist()
        return [{"disabled": a, "breaker_open": b} for a, b in zip(disabled, broken, strict=True)]

    def decide(self, request: Any, state: Any) -> int:
        execute = self.program.execute
        kept = []
        for i, (context, live) in enumerate(zip(self.contexts, state, strict=True)):
            context.update(request)
            context.update(live)
            if execute(context):
                kept.append(i)
        return self.best(kept)


class Cedar(_Engine):
    """One policy; a request to use each candidate, in one batch, with the state in its context.

    Cedar has no floating point: prices and benchmarks are millionths here.
    """

    name = "cedarpy, filter"

    def __init__(self, world: World, task: str) -> None:
        if cedarpy is None:
            raise LeftOut("cedarpy is not installed")
        super().__init__(world)
        names = ", ".join(json.dumps(name) for name in PROVIDERS)
        self.policies = cedarpy.PolicySet.from_str(
            "permit(principal, action, resource) when { resource.capabilities.containsAll(context.needs)"
            " && !context.disabled && !context.breaker_open"
            f" && resource.context >= {round(CONTEXT)} && resource.price_out <= {round(PRICE * _MICRO)}"
            f" && resource.bench >= {round(BENCH * _MICRO)}"
            f' && ([{names}].contains(resource.provider) || resource.tier == "{TIER}") }};'
        )
        entities = [
            {
                "uid": {"type": "Candidate", "id": str(i)},
                "parents": [],
                "attrs": {
                    "context": round(world.context[i]),
                    "price_out": round(world.price_out[i] * _MICRO),
                    "bench": round(world.bench[i] * _MICRO),
                    "provider": world.provider[i],
                    "tier": world.tier[i],
                    "capabilities": [need for bit, need in enumerate(NEEDS) if world.needs[i] >> bit & 1],
                },
            }
            for i in range(world.size)
        ]
        self.entities = cedarpy.Entities.from_json_str(json.dumps(entities))
        self.resources = [{"type": "Candidate", "id": str(i)} for i in range(world.size)]

    def request(self, call: Call) -> Any:
        return [need for bit, need in enumerate(NEEDS) if call.needs >> bit & 1]

    def state(self, call: Call) -> Any:
        return list(zip(call.disabled.tolist(), call.breaker_open.tolist(), strict=True))

    def decide(self, request: Any, state: Any) -> int:
        who, what = {"type": "Router", "id": "router"}, {"type": "Action", "id": "use"}
        requests = [
            {
                "principal": who,
                "action": what,
                "resource": resource,
                "context": {"needs": request, "disabled": disabled, "breaker_open": broken},
            }
            for resource, (disabled, broken) in zip(self.resources, state, strict=True)
        ]
        answers = cedarpy.is_authorized_batch(requests, self.policies, self.entities)
        return self.best([i for i, answer in enumerate(answers) if answer.allowed])
