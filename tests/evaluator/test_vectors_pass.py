"""The conformance vectors, decided by the evaluator instead of the machine."""

from __future__ import annotations

import io
import json
from collections import Counter
from functools import cache
from typing import Any

import pytest
from repository import ROOT

from policy_ir.conformance.compare import difference
from policy_ir.conformance.subject import answer, hello, serve
from policy_ir.conformance.subject.evaluating import EVALUATED
from policy_ir.conformance.suite import Vector, load_suite

LOADED = ("flow-admission", "flow-encoding")
"""The kinds of which the evaluator's part is to load."""


@cache
def by_kind() -> dict[str, list[Vector]]:
    found: dict[str, list[Vector]] = {}
    for vector in load_suite(ROOT / "conformance").vectors:
        found.setdefault(vector.kind, []).append(vector)
    return found


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How often the evaluator, and how often the machine, was asked to decide a policy; how often a flow was admitted
    by the definition."""
    from policy_ir.evaluator import Evaluator
    from policy_ir.flow import loaded
    from policy_ir.semantics import machine

    counts: Counter[str] = Counter()

    def counted(name: str, inner: Any) -> Any:
        def call(*arguments: Any, **named: Any) -> Any:
            counts[name] += 1
            return inner(*arguments, **named)

        return call

    monkeypatch.setattr(Evaluator, "decide", counted("evaluator", Evaluator.decide))
    monkeypatch.setattr(machine, "outcome", counted("machine", machine.outcome))
    monkeypatch.setattr(loaded, "admit_flow", counted("definition", loaded.admit_flow))
    return counts


@pytest.mark.parametrize("kind", sorted(EVALUATED))
def test_the_evaluator_passes_every_vector(kind: str, asked: Counter[str]) -> None:
    vectors = by_kind()[kind]
    failed = {
        vector.id: found
        for vector in vectors
        if (found := difference(vector.expect, answer(kind, vector.request(), evaluator=True), "all")) is not None
    }
    assert failed == {}
    accepted = len([one for one in vectors if "result" in one.expect])
    assert asked["evaluator"] > 0.8 * accepted or kind in LOADED
    assert asked["definition"] <= len(vectors) - accepted
    assert asked["machine"] == 0


CANDIDATES = [{"id": name, "provider": "p", "family": "f"} for name in "abcd"]


def test_given_scores_are_those_of_a_rank(asked: Counter[str]) -> None:
    input = {"term": ["argmax"], "candidates": CANDIDATES, "scores": ["undefined", 1, "-inf", "inf"]}
    assert answer("order", input, evaluator=True) == answer("order", input)
    assert asked["evaluator"] == 1


@pytest.mark.parametrize("more", [{"scores": [1, "-0", 0, 2]}, {"vocabulary": "core", "scores": [1, 2, 3, 4]}])
def test_scores_that_no_rank_gives_are_left_to_the_machine(more: dict[str, Any], asked: Counter[str]) -> None:
    input = {"term": ["argmax"], "candidates": CANDIDATES, **more}
    assert answer("order", input, evaluator=True) == answer("order", input)
    assert asked["evaluator"] == 0


@pytest.mark.parametrize("kind", ["failover", "order", "transform"])
def test_what_is_no_request_is_none_for_the_evaluator(kind: str) -> None:
    inputs = {
        "failover": {
            "term": ["always", {"action": "abort"}],
            "reason": "x",
            "ordered": [],
            "position": 0,
            "retries": 0,
        },
        "order": {"term": ["argmax"], "candidates": CANDIDATES, "scores": [1]},
        "transform": {"term": ["id"], "candidates": [], "request": {}},
    }
    line = json.dumps({"id": 1, "kind": kind, "input": inputs[kind]}).encode() + b"\n"
    replies = []
    for evaluator in (False, True):
        output = io.BytesIO()
        serve(io.BytesIO(line), output, evaluator=evaluator)
        replies.append(json.loads(output.getvalue()))
    assert "error" in replies[0]
    assert replies[0] == replies[1]


def test_the_subject_says_who_decides() -> None:
    assert hello(evaluator=True)["implementation"] != hello()["implementation"]
    assert hello(evaluator=True)["kinds"] == hello()["kinds"]
