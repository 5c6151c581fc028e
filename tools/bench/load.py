"""How long a policy takes to load: a fresh one against `json.loads` of its text, a known one against hashing its bytes.

What is compared runs in turn, so that a busy machine slows both. No policy occurs twice among the fresh ones: their
numbers differ. The promises are ratios of at most 12 and at most 2. Usage: python -m bench.load [ROUNDS]
"""

from __future__ import annotations

import json
import random
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

from blake3 import blake3

from policy_ir import get_vocabulary
from policy_ir.evaluator.loading import Loader, load_policy

SMALL, LARGE = 27, 4096


def small(draw: random.Random) -> list[Any]:
    """A policy of 27 nodes as people write them, with other numbers each time."""
    return [
        "policy",
        ["and",
            ["meets_req"],
            ["not", ["is", "disabled"]],
            ["not", ["is", "breaker_open"]],
            ["cmp", "context", "ge", draw.randrange(8_000, 200_000)],
            ["cmp", "price_out", "le", round(draw.uniform(1, 60), 2)],
            ["cmp", "bench_coding", "ge", round(draw.uniform(0.1, 0.9), 3)],
            ["or", ["provider_eq", "together_ai"], ["provider_eq", "fireworks_ai"], ["tier_eq", "partner"]]],
        ["add",
            ["scale", round(draw.uniform(0.5, 0.9), 3), ["neg", ["normalize", ["field", "price_out"]]]],
            ["scale", round(draw.uniform(0.1, 0.5), 3), ["normalize", ["field", "context"]]]],
        ["top_k", draw.randrange(1, 9), ["argmax"]],
        ["clamp_param", "temperature", 0, round(draw.uniform(0.2, 1), 2)],
        ["override",
            ["always", {"action": "next_candidate"}],
            "rate_limit",
            {"action": "retry_same", "attempts": 2, "backoff_ms": draw.randrange(100, 900)}],
    ]  # fmt: skip


def large(draw: random.Random) -> list[Any]:
    """A policy of 4,096 nodes: a filter of many alternatives and a rank of many terms."""

    def alternative() -> list[Any]:  # 16 nodes
        return [
            "and",
            *(["cmp", field, rel, round(draw.uniform(0, 100), 3)]
              for field in ("price_out", "price_in", "latency_ms", "context") for rel in ("le", "ge")),
            ["not", ["is", "disabled"]],
            ["or", *(["provider_eq", f"provider-{draw.randrange(1000)}"] for _ in range(4))],
        ]  # fmt: skip

    def share() -> list[Any]:  # 4 nodes
        return ["scale", round(draw.uniform(0, 1), 4), ["neg", ["normalize", ["field", "price_out"]]]]

    return [
        "policy",
        ["or", *(alternative() for _ in range(204)), ["not", ["has_cap", "none"]]],
        ["add", *(share() for _ in range(206))],
        ["argmax"],
        ["id"],
        ["always", {"action": "next_candidate"}],
    ]


def nodes_of(policy: list[Any]) -> int:
    return 1 + sum(nodes_of(part) for part in policy if isinstance(part, list))


def _microseconds(work: Callable[[Any], Any], given: Any) -> float:
    start = time.perf_counter_ns()
    work(given)
    return (time.perf_counter_ns() - start) / 1000


def measure(rounds: int) -> list[dict[str, Any]]:
    """Rows of `name`, `median_us`, `p99_us`, and `ratio_to`: the yardstick's name and the ratio of the medians."""
    vocabulary = get_vocabulary("standard")
    draw = random.Random(7)
    rows: list[dict[str, Any]] = []

    def compare(name: str, yardstick: str, times: list[tuple[float, float]]) -> None:
        base, own = zip(*times, strict=True)
        unit = statistics.median(base)
        rows.append({"name": yardstick, "median_us": unit, "p99_us": _p99(base), "ratio_to": None})
        ratio = {yardstick: statistics.median(own) / unit}
        rows.append({"name": name, "median_us": statistics.median(own), "p99_us": _p99(own), "ratio_to": ratio})

    for make, count, least in ((small, rounds, SMALL), (large, max(rounds // 20, 20), LARGE)):
        texts = [json.dumps(make(draw), separators=(",", ":")) for _ in range(count)]
        assert nodes_of(json.loads(texts[0])) == least

        def load(value: Any) -> Any:
            return load_policy(value, vocabulary)

        times = [(_microseconds(json.loads, text), _microseconds(load, json.loads(text))) for text in texts]
        compare(f"load of {least} nodes", f"json.loads of {least} nodes", times)

        sources = [text.encode() for text in texts]
        loader = Loader(len(sources))

        def known(source: bytes, loader: Loader = loader) -> Any:
            return loader.load(source, vocabulary)

        fresh = [(_microseconds(json.loads, source), _microseconds(known, source)) for source in sources]
        compare(f"load of the bytes of {least} nodes", f"json.loads of the bytes of {least} nodes", fresh)
        times = [_in_turn(_digest, known, source, at % 2 == 0) for at, source in enumerate(sources)]
        compare(f"load of the known bytes of {least} nodes", f"blake3 of the bytes of {least} nodes", times)
    return rows


def _in_turn(first: Callable[[Any], Any], second: Callable[[Any], Any], given: Any, swap: bool) -> tuple[float, float]:
    """The times of both; which of them has to fetch what is given from memory is up to `swap`."""
    if not swap:
        return _microseconds(first, given), _microseconds(second, given)
    late = _microseconds(second, given)
    return _microseconds(first, given), late


def _digest(source: bytes) -> bytes:
    return blake3(source).digest()


def _p99(times: tuple[float, ...]) -> float:
    return sorted(times)[int(len(times) * 0.99)]


def main(rounds: int) -> None:
    for row in measure(rounds):
        ratio = "".join(f"  {ratio:5.2f}x {name}" for name, ratio in (row["ratio_to"] or {}).items())
        print(f"{row['name']:40} {row['median_us']:9.2f} us  p99 {row['p99_us']:9.2f} us{ratio}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 4000)
