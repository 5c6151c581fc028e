"""The candidates that many vectors share, and short ways to write inputs and expectations."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

Json = Any

NAME_LIMIT = "n" * 256
"""The longest name."""


def candidate(name: str, *, provider: str = "p", family: str = "m", **rest: Json) -> dict[str, Json]:
    """A candidate as in a catalogue file: `rest` are further keys, and all that are no keys are fields."""
    made: dict[str, Json] = {"id": name, "provider": provider, "family": family}
    fields = {key: value for key, value in rest.items() if key not in KEYS}
    made |= {key: value for key, value in rest.items() if key in KEYS}
    return made | ({"fields": fields} if fields else {})


KEYS = ("served_model", "served_by", "tier", "scope", "capabilities", "fields")


def row(field: str, values: Sequence[Json], **rest: Json) -> list[dict[str, Json]]:
    """Candidates `a`, `b`, ... that show these values for a field, None for no observation."""
    return [candidate(name, **rest, **({} if value is None else {field: value})) for name, value in named(values)]


def named(values: Sequence[Json]) -> list[tuple[str, Json]]:
    """The values with the names `a`, `b`, ... up to 26 of them."""
    return [(chr(ord("a") + place), value) for place, value in enumerate(values)]


WORLD: tuple[dict[str, Json], ...] = (
    candidate(
        "a/fast", provider="a", family="fast", tier="partner", capabilities=["supports_tools", "supports_vision"],
        price_in=1, price_out=4, context=128000, latency_ms=300, tok_s=80, region="eu", labels=["canary", "gpu"],
        no_log=True,
    ),
    candidate(
        "b/fast", provider="b", family="fast", served_by="peer-1", tier="marketplace",
        capabilities=["supports_tools", "house_style"], price_in=0.5, price_out=2, context=64000, has_tee=True,
        region="us", tok_s=0,
    ),
    candidate("c/large", provider="c", family="large", tier="gold", context=1000000, latency_ms=900, labels=[]),
    candidate("d/fast", provider="d", family="fast", tier="partner", scope="team-1", price_in=2, price_out=8,
              context=8192, disabled=True, tok_s=20.5),
    candidate("e/small", provider="e", family="small", price_in=0, price_out=0, context=4096, latency_ms=0,
              success_rate=0.5, credits=-3),
    candidate("a/large", provider="a", family="large", tier="partner", capabilities=["supports_json_mode"],
              price_in=1, price_out=4, context=128000, latency_ms=300, breaker_open=True, region="eu", credits=12.5),
)  # fmt: skip
"""Six candidates with telling holes, under the vocabulary `standard`: no prices for one, no latency for two, a tier
that nobody declared, one without a tier, a scope, two that stand alike."""

IDS = tuple(entry["id"] for entry in WORLD)


def some(*names: str) -> list[dict[str, Json]]:
    """These of `WORLD`, in this order."""
    return [next(entry for entry in WORLD if entry["id"] == name) for name in names]


EXTENDED: Mapping[str, Json] = {
    "vocabulary": 1,
    "name": "wide",
    "extends": "standard",
    "fields": {
        "up": {"sort": "num", "source": "state", "default": "inf"},
        "down": {"sort": "num", "source": "state", "default": "-inf"},
    },
}
"""A vocabulary with a field for either infinity."""

MIX = ["add", ["field", "latency_ms"], ["scale", -1, ["field", "price_in"]]]
"""A scorer that gives `latency_ms` where `price_in` is 0, and `inf`, `-inf` and `undefined` where either or both are
missing."""


def mixed(scores: Iterable[Json]) -> list[dict[str, Json]]:
    """Candidates that have these scores under `MIX`: numbers of 0 or more, `inf`, `-inf` or `undefined`."""
    return [candidate(name, **_showing(score)) for name, score in named(list(scores))]


def _showing(score: Json) -> dict[str, Json]:
    match score:
        case "inf":
            return {"price_in": 0}
        case "-inf":
            return {"latency_ms": 1}
        case "undefined":
            return {}
        case _:
            return {"latency_ms": score, "price_in": 0}
