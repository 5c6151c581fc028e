"""What a call asks of the core, step by step in the order of a router, with nothing around it: microseconds each."""

from __future__ import annotations

import gc
import json
from array import array
from collections.abc import Callable
from random import Random
from statistics import median
from time import perf_counter_ns
from typing import Any, Final

import attrs

from policy_ir import Evaluator, Overlay, facts_of_chat, parse
from policy_ir.admission import Admitted, admit_policy
from policy_ir.presets import preset
from policy_ir.snapshot import CandidateList, Snapshot
from policy_ir.vocabulary import vocabulary
from router_bench import setting

__all__ = ["Step", "steps"]

VOCABULARY: Final = vocabulary("standard")
BASE: Final = {"fields": {"budget_left": 1.5}}
CALLS: Final = 500
"""How many calls a round times."""

WALKED: Final = """\
policy {
  filter   meets_req and not disabled and not breaker_open and price_out <= 15
  rank     0.7 * neg(normalize(price_out)) + 0.3 * normalize(context)
  select   argmax
  mutate   clamp_param("max_tokens", 1, 256)
  fallback next_candidate
}
"""


@attrs.frozen
class Step:
    """The median of a step, over so many candidates, in microseconds."""

    policy: str
    candidates: int
    step: str
    microseconds: float


def policies() -> dict[str, Admitted]:
    """One whose rank looks at the catalogue only, and the one that the router is measured with."""
    texts = {"prices and context": WALKED, setting.PRESET: preset(setting.PRESET).text}
    return {name: admit_policy(parse(text).term, VOCABULARY) for name, text in texts.items()}


def steps(rounds: int) -> list[Step]:
    """Every step, for each policy and size of catalogue."""
    body = json.dumps(setting.BODY)
    decoded = json.loads(body)
    facts = facts_of_chat(decoded, VOCABULARY, base=BASE)
    same: dict[str, tuple[Callable[[], Any], Callable[[Any], Any]]] = {
        "json.loads": (lambda: body, json.loads),
        "facts of the body": (lambda: decoded, lambda value: facts_of_chat(value, VOCABULARY, base=BASE)),
        "fingerprint of the facts": (
            lambda: facts_of_chat(decoded, VOCABULARY, base=BASE),
            lambda made: made.fingerprint,
        ),
    }
    told = [Step("any", 0, name, _median(rounds, *step)) for name, step in same.items()]
    for count in (100, 590):
        snapshot = Snapshot.take(CandidateList(setting.candidates(count)), VOCABULARY)
        for name, policy in policies().items():
            bound = Evaluator().bind(policy, snapshot).prepare()
            overlays = [_overlay(snapshot, seed) for seed in range(64)]
            for overlay in overlays:
                bound.decide(facts, overlay, 7)
            state = overlays[0]
            told += [
                Step(name, count, step, _median(rounds, make, do))
                for step, make, do in (
                    ("decide", lambda: None, lambda _, b=bound, s=state: b.decide(facts, s, 7)),
                    ("first attempt", lambda b=bound, s=state: b.decide(facts, s, 7), lambda c: c.attempt(0, decoded)),
                    ("fingerprint", lambda b=bound, s=state: b.decide(facts, s, 7), lambda c: c.fingerprint),
                )
            ]
            choices = [bound.decide(facts, overlay, 7) for overlay in overlays[1:]]
            told.append(Step(name, count, "fingerprint, first of a state", median(map(_first, choices))))
    return told


def _overlay(snapshot: Snapshot, seed: int) -> Overlay:
    draw = Random(seed)
    latencies = array("d", [draw.uniform(100.0, 900.0) for _ in range(snapshot.size)])
    breakers = bytes(draw.random() < 0.05 for _ in range(snapshot.size))
    made = Overlay.take(snapshot, {"latency_ms": latencies, "breaker_open": breakers})
    assert made.snapshot.fingerprint  # a router knows it before the first call of a state
    return made


def _first(choice: Any) -> float:
    started = perf_counter_ns()
    assert choice.fingerprint
    return (perf_counter_ns() - started) / 1000


def _median(rounds: int, make: Callable[[], Any], do: Callable[[Any], Any]) -> float:
    """The median over rounds of what a call takes, each of something that is made for it beforehand."""
    took = []
    for _ in range(rounds):
        made = [make() for _ in range(CALLS)]
        gc.disable()
        try:
            started = perf_counter_ns()
            for one in made:
                do(one)
            took.append((perf_counter_ns() - started) / CALLS / 1000)
        finally:
            gc.enable()
    return median(took)
