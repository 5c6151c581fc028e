"""A session: a few policies over a few worlds, asked again and again of one evaluator, as one JSON value.

    {"number": 17, "settings": {...}, "work_limit": 500 | null,
     "worlds": [{"vocabulary": "house", "candidates": [...], "states": [{"on": null | 0, "updates": {...}}, ...]}, ...],
     "policies": [{"term": [...], "floor": {...} | null, "loaded": "admit" | "value" | "bytes"}, ...],
     "requests": [{"how": "none" | "checked" | "unchecked" | "evolved", "value": {...}}, ...],
     "asks": [{"policy": 0, "world": 0, "state": null | 0, "request": 0, "seed": null, "by": "overlay",
               "reads": ["ids", ...], "later": false}, ...]}

`settings` are those of the evaluator, such as the sizes of its caches. The asks of a policy follow each other mostly,
so that one binding meets other states, requests and seeds; no ask repeats the question of another. A choice that is
read `later` is read after the asks that follow it.
"""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Iterator
from random import Random
from typing import Any

from evaluator_differential.policies import Policies
from evaluator_differential.worlds import Worlds

Session = dict[str, Any]

CASES = 24
"""How many cases a session has."""

ALWAYS = ("ids", "scores", "reasons", "rejected", "cut", "ordered")
READS = (*ALWAYS, "counts", "record", "fingerprint", "to_json", "attempt", "next", "decision")
"""What is compared of a choice, besides its winner; the ones after `ordered` of a sample."""

WAYS = ("overlay", "held", "crossed", "snapshot", "bound")
"""How a question is put: to a binding of now or of before with an overlay, to the binding of another state with an
overlay, to a snapshot, to a snapshot's binding."""

LOADED = ("admit", "value", "bytes")
"""How a policy comes to the evaluator: admitted, or loaded by it from its JSON value or its bytes."""

RECORDED, PRINTED, ATTEMPTED, WHOLE = 0.1, 0.05, 0.3, 0.05

SETTINGS: tuple[dict[str, Any], ...] = (
    {},
    {"policies": 1, "programs": 1, "bindings": 1},
    {"constants": {"WALK": 1, "RUNGS": 1, "SHAPES": 1, "ORDERS": 1}},
    {"policies": 2, "programs": 3, "bindings": 2, "constants": {"WALK": 3, "RUNGS": 3, "SHAPES": 2, "ORDERS": 2}},
    {"constants": {"WALK": 1, "RUNGS": 2}},
)
"""The settings of evaluators that sessions are drawn from: caches that hold all of a session, and hardly anything;
walks and climbs that go as far as there are candidates, and that end after a step or two."""


def session(seed: int, number: int) -> Session:
    """The session of a number; the same for the same seed."""
    random = Random(f"evaluator-differential/{seed}/{number}")
    worlds = Worlds(random, number)
    made = [_world(random, worlds, place) for place in range(random.choice((1, 1, 2, 3)))]
    if random.random() < 0.02:
        made.append({"vocabulary": "standard", "candidates": [], "states": []})
    policies = [_policy(Policies(random, worlds)) for _ in range(random.choice((1, 2, 2, 3, 4)))]
    requests = worlds.requests(random.randint(1, 4))
    return {
        "number": number,
        "settings": random.choice(SETTINGS),
        "work_limit": random.randint(0, 600) if random.random() < 0.04 else None,
        "worlds": made,
        "policies": policies,
        "requests": requests,
        "asks": _asks(random, worlds, made, policies, requests),
    }


def _world(random: Random, worlds: Worlds, number: int) -> dict[str, Any]:
    candidates = worlds.candidates(number, worlds.size())
    states: list[dict[str, Any]] = []
    for place in range(random.randint(1, 5)):
        on = random.randrange(place) if place and random.random() < 0.4 else None
        states.append({"on": on, "updates": worlds.state(candidates)})
    return {"vocabulary": "house", "candidates": candidates, "states": states}


def _policy(policies: Policies) -> dict[str, Any]:
    random = policies.random
    floor = policies.floor() if random.random() < 0.2 else None
    return {"term": policies.policy(), "floor": floor, "loaded": random.choice(LOADED)}


def _asks(
    random: Random, worlds: Worlds, made: list[dict[str, Any]], policies: list[Any], requests: list[Any]
) -> list[dict[str, Any]]:
    """Different questions, most of them to the policy and the world of the one before."""
    asks: list[dict[str, Any]] = []
    seen: set[Any] = set()
    terms = [(one["term"], one["floor"]) for one in policies]
    same = [terms.index(term) for term in terms]
    states = [[_observed(world, state) for state in (*range(len(world["states"])), None)] for world in made]
    stated = [repr(_stated(request)) for request in requests]
    for policy, place, ask in _drawn(random, worlds, made, len(policies), len(requests)):
        state, seed = ask["state"], ask["seed"]
        key = (
            *(same[policy], place, states[place][-1 if state is None else state]),
            *(stated[ask["request"]], isinstance(seed, bool), seed),
        )
        if key not in seen:
            seen.add(key)
            asks.append({"policy": policy, "world": place, **ask})
        if len(asks) == CASES:
            break
    return asks


def _observed(world: dict[str, Any], state: int | None) -> str:
    """What tells a state of a world from its other states: the observations that are none of the catalogue's."""
    path: list[dict[str, Any]] = []
    while state is not None:
        path.append(world["states"][state]["updates"])
        state = world["states"][state]["on"]
    observed: list[tuple[str, Any]] = []
    for one in world["candidates"]:
        fields = one["fields"]
        now: dict[str, Any] = dict(ChainMap(*(updates.get(one["id"], {}) for updates in path)))
        observed += [(one["id"], (name, _plain(now[name]))) for name in sorted(now) if now[name] != fields.get(name)]
    return repr(observed)


def _stated(request: dict[str, Any]) -> dict[str, Any]:
    """What a request states: absent facts, defaults and empty lists state nothing."""
    value: dict[str, Any] = request["value"]
    return {name: _plain(value[name]) for name in sorted(value) if value[name] not in ([], {}, "standard")}


def _plain(value: Any) -> Any:
    match value:
        case bool() | str() | None:
            return value
        case int() | float():
            return value + 0.0
        case dict():
            return {name: _plain(value[name]) for name in sorted(value)}
        case _:
            return sorted(value)


def _drawn(
    random: Random, worlds: Worlds, made: list[dict[str, Any]], policies: int, requests: int
) -> Iterator[tuple[int, int, dict[str, Any]]]:
    policy = place = 0
    while True:
        if random.random() < 0.25:
            policy, place = random.randrange(policies), random.randrange(len(made))
        states = len(made[place]["states"])
        yield (
            policy,
            place,
            {
                "state": random.randrange(states) if states and random.random() < 0.85 else None,
                "request": random.randrange(requests),
                "seed": worlds.seed(of_its_own=not made[place]["candidates"]),
                "by": random.choices(WAYS, (6, 6, 1, 2, 2))[0],
                "reads": _reads(random),
                "later": random.random() < 0.3,
            },
        )


def _reads(random: Random) -> list[str]:
    chances = (RECORDED, RECORDED, PRINTED, PRINTED, ATTEMPTED, ATTEMPTED, WHOLE)
    some = [read for read, chance in zip(READS[len(ALWAYS) :], chances, strict=True) if random.random() < chance]
    some += ALWAYS
    random.shuffle(some)
    return some
