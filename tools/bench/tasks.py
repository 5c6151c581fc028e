"""The three policies that are measured, and the shapes of the requests they are asked about.

A has a filter of eleven atoms, and ranks by price and context. B has state on both sides: the latency is in its filter
and in its rank, and requests ask for a context. C ranks by the cost of the call, so that no two calls rank alike.
"""

from __future__ import annotations

from typing import Any, Final

from policy_ir import Admitted, admit, get_vocabulary, load

TASKS: Final = ("A", "B", "C")

CONTEXT: Final = 32000.0
PRICE: Final = 25.0
BENCH: Final = 0.35
LATENCY: Final = 2000.0
PROVIDERS: Final = ("deepinfra", "fireworks_ai", "novita", "together_ai")
TIER: Final = "partner"

NEEDS: Final = {"json_mode": "supports_json_mode", "tools": "supports_tools", "vision": "supports_vision"}
"""The needs that occur, in the order in which `meets_req` checks them, and their capabilities. The place of a need is
its bit in the masks of hand-written contenders."""

SHAPES: Final[tuple[tuple[tuple[str, ...], float], ...]] = (
    (("tools",), 8000.0),
    (("json_mode", "tools"), 16000.0),
    (("vision",), 64000.0),
    (("tools", "vision"), 48000.0),
    ((), 128000.0),
    (("json_mode",), 100000.0),
)
"""What requests need, and the context that those of B ask for."""

REASONS: Final = (
    *(f"missing_capability:{need}" for need in NEEDS),
    "min_context",
    "not",
    "not",
    "cmp:context:ge",
    "cmp:price_out:le",
    "cmp:latency_ms:le",
    "cmp:bench_coding:ge",
    "or",
)
"""The reasons of the filters, in the order in which their normal forms check. A and C ask for no context, and look at
no latency."""

_FILTER: Final = (
    ["meets_req"],
    ["not", ["is", "disabled"]],
    ["not", ["is", "breaker_open"]],
    ["cmp", "context", "ge", CONTEXT],
    ["cmp", "price_out", "le", PRICE],
    ["cmp", "bench_coding", "ge", BENCH],
    ["or", *(["provider_eq", name] for name in PROVIDERS), ["tier_eq", TIER]],
)


def _normal(field: str) -> list[Any]:
    return ["normalize", ["field", field]]


_RANKS: Final[dict[str, list[Any]]] = {
    "A": ["add", ["scale", 0.7, ["neg", _normal("price_out")]], ["scale", 0.3, _normal("context")]],
    "B": [
        "add",
        ["scale", 0.5, ["neg", _normal("price_out")]],
        ["scale", 0.2, _normal("context")],
        ["scale", 0.3, ["neg", _normal("latency_ms")]],
    ],
    "C": ["neg", ["field", "call_cost"]],
}


def policy_json(task: str, *, price: float = PRICE, select: list[Any] | None = None) -> list[Any]:
    """The policy of a task as JSON; another price ceiling makes another policy of the same form."""
    parts = [["cmp", "price_out", "le", price] if part[1:2] == ["price_out"] else part for part in _FILTER]
    if task == "B":
        parts.insert(5, ["cmp", "latency_ms", "le", LATENCY])
    return [
        "policy",
        ["and", *parts],
        _RANKS[task],
        select or ["argmax"],
        ["id"],
        ["always", {"action": "next_candidate"}],
    ]


def admitted(task: str, **changes: Any) -> Admitted:
    """The policy of a task, admitted under the standard vocabulary."""
    return admit(load(policy_json(task, **changes)), get_vocabulary("standard"))
