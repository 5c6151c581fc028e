"""Threads that share an evaluator get the machine's answers, also while its caches overflow."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from random import Random

import pytest
from small_worlds import HOUSE, candidate, policy, snapshot

from policy_ir.decision import decide
from policy_ir.evaluator import Evaluator, Overlay, prepared
from policy_ir.facts import read_facts

WORLD = snapshot(*(candidate(f"m{i}", price_in=1.0 + i, price_out=float(i), context=1000.0 * i) for i in range(12)))
POLICIES = [
    policy(filter=["and", ["meets_req"], ["not", ["is", "disabled"]], ["cmp", "price_out", "le", 8.0 + at]], rank=rank)
    for at, rank in enumerate((
        ["neg", ["normalize", ["field", "price_out"]]],
        ["neg", ["field", "call_cost"]],
        ["add", ["normalize", ["field", "context"]], ["normalize", ["field", "latency_ms"]]],
    ))
]  # fmt: skip
FACTS = [read_facts({"min_context": 1000.0 * at, "fields": {"prompt_tokens": 10.0 * at}}, HOUSE) for at in range(6)]
STATES = [Overlay.take(WORLD, {"disabled": bytes((i + at) % 3 == 0 for i in range(12))}) for at in range(5)]
EXPECTED = {
    (p, f, s): decide(POLICIES[p], STATES[s].snapshot, FACTS[f]).to_json()
    for p in range(len(POLICIES)) for f in range(len(FACTS)) for s in range(len(STATES))
}  # fmt: skip


@pytest.fixture
def often() -> Iterator[None]:
    """Threads take turns more often than they do."""
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(interval)


@pytest.mark.usefixtures("often")
@pytest.mark.parametrize("most", [1, 64])
def test_threads_that_share_an_evaluator_get_the_answers_of_the_machine(
    most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    for bound in ("SHAPES", "ORDERS"):
        monkeypatch.setattr(prepared, bound, most)
    evaluator = Evaluator(policies=most, programs=most, bindings=most)

    def ask(seed: int) -> None:
        asked = sorted(EXPECTED)
        Random(seed).shuffle(asked)
        for p, f, s in asked:
            choice = evaluator.bind(POLICIES[p], WORLD).decide(FACTS[f], STATES[s])
            expected = EXPECTED[p, f, s]
            assert choice.id == (expected["ordered"][0]["id"] if expected["ordered"] else None)
            assert choice.to_json() == expected

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(ask, range(8)))
