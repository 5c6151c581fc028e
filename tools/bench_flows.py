"""What a flow costs beside its policies: from wire form to fingerprint, by the definition and by the fast load.

Runs both sides in turn, so that a busy machine slows both, and prints medians and their ratios. On either side all
policies are loaded, kept, and asked for their fingerprints, as who has them one by one would do. The promises: a flow
takes at most 1.3 times what its policies take one by one, and 69 nodes with 134 KiB of prompts, as 210 nodes with
58 KiB, take at most 10 ms from wire bytes to fingerprint. Usage: bench_flows.py [ROUNDS]
"""

from __future__ import annotations

import gc
import json
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

import attrs

from policy_ir.admission import admit_policy
from policy_ir.evaluator import Evaluator
from policy_ir.flow.admission import admit_flow
from policy_ir.flow.loaded import load_admitted_flow
from policy_ir.flow.loading import load_flow
from policy_ir.presets import presets
from policy_ir.syntax import parse
from policy_ir.syntax.loader import load
from policy_ir.syntax.print_wire import to_wire
from policy_ir.vocabulary import vocabulary

RATIO = 1.3
MILLISECONDS = 10.0
STANDARD = vocabulary("standard")


@attrs.frozen
class Case:
    """A flow of so many nodes, with so many bytes of prompts; `policies` says what the calls choose by."""

    name: str
    nodes: int
    prompts: int
    policies: Callable[[int], Any]
    bounded: bool = False


def drafting(at: int) -> Any:
    """A small policy, another one for each node."""
    return [
        "policy",
        ["and", ["meets_req"], ["cmp", "price_out", "le", 2 + at / 100]],
        ["neg", ["normalize", ["field", "call_cost"]]],
        ["argmax"],
        ["id"],
        ["always", {"action": "next_candidate"}],
    ]


def of_presets(at: int) -> Any:
    """The presets in turn, each with another bound on the price."""
    _, filter_, *rest = PRESETS[at % len(PRESETS)]
    return ["policy", ["and", filter_, ["cmp", "price_out", "le", 100 + at]], *rest]


def shared(at: int) -> Any:
    """Three policies among all nodes."""
    return of_presets(at % 3)


PRESETS = [to_wire(parse(preset.text, syntax="authoring").term) for preset in presets()]  # type: ignore[arg-type]
CASES = [
    Case("5 nodes, 2 KiB", 5, 2 << 10, of_presets),
    Case("69 nodes, 134 KiB", 69, 134 << 10, drafting, bounded=True),
    Case("69 nodes, 134 KiB, presets", 69, 134 << 10, of_presets),
    Case("210 nodes, 58 KiB", 210, 58 << 10, drafting, bounded=True),
    Case("210 nodes, 58 KiB, presets", 210, 58 << 10, of_presets),
    Case("210 nodes, 58 KiB, 3 policies", 210, 58 << 10, shared),
]


def flow_of(case: Case) -> Any:
    """A chain with short cuts: each call reads the input, and the two calls before it."""
    calls = case.nodes - 2
    prompt = ("Answer in three sentences, and cite what you rely on.\n" * 700)[: case.prompts // calls]
    nodes: dict[str, Any] = {"ask": ["input"]}
    for at in range(calls):
        inputs = ["ask", *(f"call_{before}" for before in range(max(0, at - 2), at))]
        nodes[f"call_{at}"] = ["llm", {"system": prompt, "policy": case.policies(at), "inputs": inputs}]
    return ["flow", nodes | {"answer": ["output", f"call_{calls - 1}"]}]


def milliseconds(run: Callable[[], object]) -> float:
    """Wall-clock time of one run."""
    gc.collect()
    start = time.perf_counter()
    run()
    return (time.perf_counter() - start) * 1000


def measured(rounds: int, *runs: Callable[[], object]) -> list[float]:
    """The median of each, run in turn."""
    for run in runs:
        run()  # fill what is kept between runs
    table = [[milliseconds(run) for run in runs] for _ in range(rounds)]
    return [statistics.median(times) for times in zip(*table, strict=True)]


def main(rounds: int) -> int:
    """Print a line for each case and path."""
    kept = True
    print(f"{'flow':31}{'path':12}{'policies':>11}{'flow':>11}{'ratio':>8}   bound {RATIO}, medians of {rounds}")
    for case in CASES:
        flow = flow_of(case)
        policies = [node[1]["policy"] for node in flow[1].values() if node[0] == "llm"]
        text = json.dumps(flow).encode()

        def by_definition_alone(policies: list[Any] = policies) -> None:
            assert all(one.fingerprint for one in [admit_policy(load(policy), STANDARD) for policy in policies])

        def by_definition(flow: Any = flow) -> None:
            assert admit_flow(load_flow(flow), STANDARD).fingerprint

        def fast_alone(policies: list[Any] = policies) -> None:
            evaluator = Evaluator()
            assert all(one.fingerprint for one in [evaluator.load(policy, STANDARD) for policy in policies])

        def fast(flow: Any = flow) -> None:
            assert load_admitted_flow(flow, STANDARD).fingerprint

        def from_bytes(text: bytes = text) -> None:
            assert load_admitted_flow(text, STANDARD).fingerprint

        runs = (by_definition_alone, by_definition, fast_alone, fast, from_bytes)
        *times, bytes_to_fingerprint = measured(rounds, *runs)
        for path, alone, whole in (("definition", *times[:2]), ("fast load", *times[2:])):
            ratio = whole / alone
            kept = kept and ratio <= RATIO
            over = "" if ratio <= RATIO else "   over"
            print(f"{case.name:31}{path:12}{alone:8.2f} ms{whole:8.2f} ms{ratio:8.2f}{over}")
        late = case.bounded and bytes_to_fingerprint > MILLISECONDS
        kept = kept and not late
        bound = f"   bound {MILLISECONDS:.0f} ms" if case.bounded else ""
        print(f"{case.name:31}{'from bytes':12}{'':11}{bytes_to_fingerprint:8.2f} ms{bound}{', over' if late else ''}")
    return 0 if kept else 3


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 15))
