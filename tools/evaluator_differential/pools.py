"""What sessions are drawn from: a vocabulary with fields of every sort and source, names that meet, odd numbers."""

from __future__ import annotations

from random import Random
from typing import Any

from policy_ir.vocabulary import Vocabulary, extend, vocabulary

HOUSE: Vocabulary = extend(vocabulary("standard"), {
    "vocabulary": 1, "name": "house", "extends": "standard",
    "fields": {
        "weight": {"sort": "num", "default": "-inf", "source": "catalogue", "about": "a catalogue number of any sign"},
        "home": {"sort": "tag", "source": "catalogue", "about": "a tag"},
        "queue": {"sort": "num", "default": 3, "source": "state", "about": "a state number of any sign"},
        "drained": {"sort": "bool", "default": True, "source": "state", "about": "a flag that is set by default"},
        "zone": {"sort": "tag", "source": "state", "about": "a tag of the state"},
        "marks": {"sort": "tags", "source": "state", "about": "tags of the state"},
        "vip": {"sort": "bool", "default": False, "source": "request", "about": "the caller is somebody"},
        "plan": {"sort": "tag", "source": "request", "about": "the caller's plan"},
        "teams": {"sort": "tags", "source": "request", "about": "the caller's teams"},
    },
    "customs": {"Stamp": "2", "Sign": "1"},
}, "house")  # fmt: skip

PROVIDERS = ("openai", "anthropic", "house", "p")
FAMILIES = ("gpt-5.2", "claude", "llama")
ROUTES = ("peer-1", "openai")
SCOPES = ("team-a", "team-b")
TAGS = ("eu", "us", "apac", "free")
CAPABILITIES = ("supports_tools", "supports_vision", "supports_json_mode", "supports_seed", "supports_reasoning")
NEEDS = ("tools", "vision", "json_mode", "reasoning")
RELATIONS = ("lt", "le", "eq", "ne", "ge", "gt")
REASONS = ("rate_limit", "timeout", "server_error", "auth_error", "x-house")

CATALOGUE_NUMBERS = ("price_in", "price_out", "context", "max_output", "bench_coding", "weight")
STATE_NUMBERS = ("latency_ms", "tok_s", "credits", "success_rate", "queue")
REQUEST_NUMBERS = ("prompt_tokens", "completion_tokens", "bucket", "budget_left")
CATALOGUE_FLAGS = ("has_tee", "no_log", "open_weights", "deprecated")
STATE_FLAGS = ("disabled", "breaker_open", "drained")
RATIOS = frozenset({"bench_coding", "success_rate", "bucket"})
SIGNED = frozenset({"credits", "weight", "queue", "budget_left"})
STATE_FIELDS = (*STATE_NUMBERS, *STATE_FLAGS, "zone", "marks")

FEW = (0.0, 1.0, 2.0, 5.0)
ODD = (0.1, 0.2, 0.3, 0.7, 1e-7, 0.15, 2.5, 128000.0, 1e16, 3.0000000000000004)
HUGE = (1.7976931348623157e308, 1e308, 9e307, 5e-324, 1e-308, 0.0, 1.0)


def numbers_of(random: Random, field: str) -> tuple[float, ...]:
    """The values that candidates may show for a numeric field in one session: two or three, a dozen, or extremes."""
    kind = random.random()
    if field in RATIOS:
        some = (0.0, 0.5, 1.0) if kind < 0.5 else tuple(random.random() for _ in range(12))
    elif kind < 0.35:
        some = tuple(random.sample(FEW, 3))
    elif kind < 0.6:
        some = ODD
    elif kind < 0.9:
        some = tuple(round(random.uniform(0.0, 50.0), random.choice((0, 2, 12))) for _ in range(12))
    else:
        some = HUGE
    if field in SIGNED and random.random() < 0.6:
        some += tuple(-number for number in some)
    return some


def some_of(random: Random, values: tuple[Any, ...], most: int) -> list[Any]:
    """Up to so many of the values, each once."""
    return random.sample(values, random.randint(0, min(most, len(values))))
