"""Distinct policies through one evaluator, whose memory must stay flat; ends with 3 if it grows, or a cache overflows.

    python tools/evaluator_soak.py [--count 1000000] [--seed 1]

Every policy is new: loaded from its bytes, bound and decided, one in eight a second and a third time, one in four read.
The state changes every 50 policies, the catalogue every 5,000. Every 50,000 policies the resident memory and the
blocks that Python has allocated are printed and kept; what the memory grows by after the first print must stay within
its limit.
The figures go to `build/evaluator-soak.json`.
"""

from __future__ import annotations

import argparse
import gc
import json
import resource
import sys
from array import array
from collections.abc import Callable, Mapping
from pathlib import Path
from random import Random
from time import perf_counter

import attrs

from policy_ir.evaluator import Evaluator, Overlay
from policy_ir.facts import Facts, read_facts
from policy_ir.snapshot import Candidate, CandidateList, Snapshot
from policy_ir.vocabulary import Vocabulary, vocabulary

CANDIDATES = 16
PROVIDERS = ("openai", "anthropic", "google", "house")
CATALOGUE_AGE, STATE_AGE = 5000, 50
"""How many policies a catalogue and a state are there for."""

LIMIT_MB = 10.0
"""How much the resident memory may grow after the caches are full."""

FILTER = """["and",["meets_req"],["not",["is","disabled"]],["cmp","price_out","le",%(number)r],
["not",["provider_eq","%(one)s"]]"""
COST = '["scale",%(weight)r,["neg",["normalize",["field","price_out"]]]]'
PAIRS = '[{"provider":"%(two)s","model":"m1"},{"provider":"%(one)s","model":"m2"}]'
TEMPLATES = (
    FILTER + '],["add",' + COST + ',["scale",0.3,["normalize",["field","context"]]]],["argmax"]',
    FILTER + ',["cmp","latency_ms","le",900.0]],["add",' + COST + ',["normalize",["field","latency_ms"]]],["argmax"]',
    FILTER + '],["neg",["field","call_cost"]],["top_k",3,["argmax"]]',
    FILTER + ',["cmp","success_rate","ge",0.5]],["normalize",["field","price_in"]],["top_k",2,["sample",1.0]]',
    FILTER + '],' + COST + ',["prefer",["provider_eq","%(two)s"],["argmax"]]',
    FILTER + '],["field","context"],["chain",' + PAIRS + ']',
    FILTER + '],["gate",["cmp","tok_s","gt",40.0],' + COST + '],["rank_by",["field","price_in"],["argmax"]]',
)  # fmt: skip
REST = ',["id"],["always",{"action":"next_candidate"}]]'


@attrs.frozen
class Sample:
    """What there is after so many policies: resident memory in megabytes, allocated blocks, the sizes of the caches."""

    policies: int
    seconds: float
    resident_mb: float
    blocks: int
    sizes: Mapping[str, tuple[int, int]]


def policy(random: Random, number: int) -> bytes:
    """A policy of its own for each number, as JSON."""
    one, two = random.sample(PROVIDERS, 2)
    given = {"number": 1.0 + number / 65536, "weight": random.random(), "one": one, "two": two}
    return ('["policy",' + TEMPLATES[number % len(TEMPLATES)] % given + REST).encode()


def catalogue(random: Random, declared: Vocabulary) -> Snapshot:
    """A snapshot of other prices."""
    return Snapshot.take(
        CandidateList(
            Candidate(
                id=f"m{i}",
                provider=PROVIDERS[i % 4],
                family=f"m{i % 3}",
                capabilities=("supports_tools",) if i % 2 else (),
                fields={"price_out": random.uniform(0.0, 30.0), "price_in": 1.0 + i, "context": 1000.0 * (i % 5)},
            )
            for i in range(CANDIDATES)
        ),
        declared,
    )


def state(random: Random, snapshot: Snapshot) -> Overlay:
    """A state of the snapshot that nobody has seen."""
    return Overlay.take(
        snapshot,
        {
            "latency_ms": array("d", (random.uniform(100.0, 1000.0) for _ in range(snapshot.size))),
            "tok_s": array("d", (random.uniform(10.0, 90.0) for _ in range(snapshot.size))),
            "disabled": bytes(random.random() < 0.1 for _ in range(snapshot.size)),
        },
    )


def request(random: Random, declared: Vocabulary) -> Facts:
    """The facts of a call: few shapes, many numbers of tokens."""
    fields = {"prompt_tokens": random.randint(1, 10**6), "completion_tokens": random.randint(1, 10**4)}
    return read_facts({"needs": random.choice(([], ["tools"])), "min_context": 1000, "fields": fields}, declared)


def soak(
    count: int, seed: int, every: int, evaluator: Evaluator, tell: Callable[[Sample], None] = lambda _: None
) -> list[Sample]:
    """So many policies through an evaluator, and a sample every so often."""
    random = Random(seed)
    declared = vocabulary("standard")
    samples: list[Sample] = []
    started = perf_counter()
    for number in range(count):
        if number % CATALOGUE_AGE == 0:
            snapshot = catalogue(random, declared)
        if number % STATE_AGE == 0:
            overlay = state(random, snapshot)
        admitted = evaluator.load(policy(random, number), declared)
        bound = evaluator.bind(admitted, snapshot)
        choice = bound.decide(request(random, declared), overlay, number)
        if number % 4 == 0:
            choice.ids(), choice.scores(), choice.reasons()
        for _ in range(2 if number % 8 == 0 else 0):
            bound.decide(request(random, declared), overlay, number)
        if (number + 1) % every == 0:
            gc.collect()
            seconds = round(perf_counter() - started, 1)
            samples.append(
                Sample(number + 1, seconds, round(resident_mb(), 2), sys.getallocatedblocks(), evaluator.sizes())
            )
            tell(samples[-1])
    return samples


def resident_mb() -> float:
    """The resident memory of this process in megabytes; where only the greatest so far is known, that."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return pages * resource.getpagesize() / 2**20


def faults(samples: list[Sample], limit_mb: float = LIMIT_MB) -> list[str]:
    """What is wrong with the samples: memory that grows, and caches beyond their bounds."""
    found = [
        f"after {one.policies} policies there are {size} {name}, {most} at most"
        for one in samples
        for name, (size, most) in one.sizes.items()
        if size > most
    ]
    if samples:
        grown = max(one.resident_mb for one in samples) - samples[0].resident_mb
        if grown > limit_mb:
            found.append(f"the resident memory has grown by {grown:.1f} MB, {limit_mb:g} at most")
    return found


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--count", type=int, default=1_000_000)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--every", type=int, default=50_000)
    options.add_argument("--build", type=Path, default=Path("build"), metavar="DIR")
    given = options.parse_args()

    def tell(one: Sample) -> None:
        kept = ", ".join(f"{name} {size}/{most}" for name, (size, most) in one.sizes.items())
        memory = f"{one.resident_mb:7.1f} MB {one.blocks:>9,} blocks"
        print(f"{one.policies:>9,} policies {one.seconds:6.0f} s {memory}, {kept}", flush=True)

    samples = soak(given.count, given.seed, min(given.every, given.count), Evaluator(), tell)
    found = faults(samples)
    given.build.mkdir(parents=True, exist_ok=True)
    figures = {
        "policies": given.count,
        "seed": given.seed,
        "candidates": CANDIDATES,
        "limit_mb": LIMIT_MB,
        "grown_mb": round(max(one.resident_mb for one in samples) - samples[0].resident_mb, 2),
        "faults": found,
        "samples": [attrs.asdict(one) for one in samples],
    }
    (given.build / "evaluator-soak.json").write_text(json.dumps(figures, indent=2) + "\n")
    for fault in found:
        print(fault, file=sys.stderr)
    return 3 if found else 0


if __name__ == "__main__":
    sys.exit(main())
