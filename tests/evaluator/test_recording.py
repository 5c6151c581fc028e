"""Fingerprints of choices: put together from kept bytes, and always those of the decision's record."""

from __future__ import annotations

from array import array
from math import inf, nan
from typing import Any

import numpy as np
import pytest
from agreeing import overlay_of
from array_worlds import ARRAYS, policies
from array_worlds import world as array_world
from hypothesis import example, given, settings
from hypothesis import strategies as st
from small_worlds import candidate, policy, snapshot

from policy_ir.admission import admit
from policy_ir.cbor import encode
from policy_ir.decision import decide
from policy_ir.evaluator import Choice, Evaluator, Overlay, recording
from policy_ir.evaluator.recording import Recorder, encode_scores
from policy_ir.facts import Facts, read_facts
from policy_ir.floor import effective, floor_of
from policy_ir.snapshot import Snapshot
from policy_ir.terms import Policy

WORLD = snapshot(*(candidate(f"m{i}", price_out=float(i * 3 % 7), context=1e3 * (i % 4)) for i in range(9)))
LIVE = ["and", ["meets_req"], ["not", ["is", "disabled"]]]
CHEAP = ["neg", ["normalize", ["field", "price_out"]]]


def kept(overlay: Overlay) -> dict[Any, Any]:
    found: dict[Any, Any] = overlay.snapshot.derived.get(Recorder, {})
    return found


def read(choice: Choice) -> bool:
    """Whether the order of a choice has been read."""
    return hasattr(choice, "_reading")


@settings(max_examples=150, deadline=None)
@given(policies(), st.integers(0, 9), st.integers(0, 2**20), st.sampled_from([None, 0, 7, 2**53 - 1]))
def test_a_fingerprint_is_that_of_the_decision_whatever_was_asked_of_the_same_state(
    term: Policy, size: int, number: int, seed: int | None
) -> None:
    admitted = admit(term, ARRAYS)
    world = array_world(size, number).environment.snapshot
    bound, own = Evaluator().bind(admitted, world), Overlay.of(world)
    load = array("d", [float(number % (3 + i)) for i in range(size)])
    overlays = [own, own.replace({"load": load})]
    requests = [array_world(1, number + other).environment.facts for other in range(4)]
    # Requests that differ in one thing only, as those of a kind do.
    first = requests[0].to_json()
    less = {key: value for key, value in first["fields"].items() if key != min(first["fields"], default=None)}
    for change in ({"min_context": 700.25}, {"min_tok_s": 3.0}, {"scope": "team-a"}, {"needs": []}, {"fields": less}):
        requests.append(read_facts(first | change, ARRAYS))
    for seeded in (seed, 5):
        for facts in requests:
            for overlay in overlays:
                decision = decide(admitted, overlay.snapshot, facts, seeded)
                choice = bound.decide(facts, overlay, seeded)
                assert choice.fingerprint == decision.fingerprint
                assert choice.counts() == (len(decision.ordered), len(decision.rejected), len(decision.cut))


NUMBERS = st.floats(allow_nan=True, allow_infinity=True) | st.integers(-(2**60), 2**60).map(float) | st.floats(width=16)


@given(st.lists(NUMBERS))
@example([nan, nan, inf, -inf, 0.0, 0.1, 1e300, 5e-324, 2.0**53 - 1, 2.0**53, 2.0**54, -1.0, 0.1, 2.0**-24])
def test_scores_are_written_as_everywhere(numbers: list[float]) -> None:
    scores = np.array(numbers, dtype=np.float64) + 0.0  # no score is -0
    assert encode_scores(scores) == [encode(score, scores=True) for score in scores.tolist()]


def test_calls_of_which_a_policy_sees_the_same_share_their_lists() -> None:
    bound, overlay = Evaluator().bind(policy(filter=LIVE, rank=CHEAP), WORLD), Overlay.of(WORLD)
    facts = [
        read_facts({"min_context": least, "fields": {"bucket": least / 1e4}}, WORLD.vocabulary) for least in (5, 6)
    ]
    first, second = (bound.decide(one, overlay, seed) for one, seed in zip(facts, (1, 2), strict=True))
    assert first.fingerprint != second.fingerprint
    assert first.lists is second.lists
    third = bound.decide(facts[0], overlay, 3)
    assert third.fingerprint is third.fingerprint
    assert third.counts()[0] == len(first.ids())
    assert not read(third)


@pytest.mark.parametrize(
    ("slots", "one", "other"),
    [
        ({"rank": ["neg", ["field", "call_cost"]]}, {"fields": {"prompt_tokens": 5}}, {"fields": {"prompt_tokens": 6}}),
        ({"filter": ["is", "vip"]}, {"fields": {"vip": True}}, {"fields": {"vip": False}}),
        ({"filter": ["known", "bucket"]}, {"fields": {"bucket": 0}}, {}),
        ({"filter": LIVE}, {"min_context": 1000}, {"min_context": 1001}),
        ({"filter": LIVE}, {"min_tok_s": 5}, {"min_tok_s": 6}),
        ({"rank": ["gate", ["meets_req"], ["field", "context"]]}, {"min_context": 5}, {"min_context": 6}),
        ({"select": ["prefer", ["scope_matches"], ["argmax"]]}, {"scope": "a"}, {"scope": "b"}),
    ],
)
def test_calls_that_may_come_to_something_else_do_not(slots: Any, one: Any, other: Any) -> None:
    bound = Evaluator().bind(policy(**slots), WORLD)
    lists = [bound.decide(read_facts(facts, WORLD.vocabulary)).lists for facts in (one, other, one)]
    assert lists[0] is not lists[1]
    assert lists[0] is lists[2]


@pytest.mark.parametrize(("select", "alike"), [(["argmax"], True), (["top_k", 2, ["sample", 0.5]], False)])
def test_only_a_policy_that_draws_sees_the_seed(select: Any, alike: bool) -> None:
    bound = Evaluator().bind(policy(rank=CHEAP, select=select), WORLD)
    assert (bound.decide(None, None, 1).lists is bound.decide(None, None, 2).lists) == alike


@pytest.mark.parametrize(("size", "most"), [(2, 6), (9, 4)])
def test_few_lists_are_kept_with_a_state_and_go_with_it(size: int, most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recording, "LISTS", 6)
    monkeypatch.setattr(recording, "ENTRIES", 18)
    world = Snapshot.take(_first(size), WORLD.vocabulary)
    overlay, another = (overlay_of(world, {"latency_ms": [number] * size}) for number in (1.0, 2.0))
    assert overlay is not None
    assert another is not None
    evaluator = Evaluator()
    for i in range(9):
        bound = evaluator.bind(policy(filter=["cmp", "price_out", "le", i]), world)
        assert bound.decide(None, overlay).fingerprint == decide(bound.effective, overlay.snapshot).fingerprint
    assert len(kept(overlay)) == most
    assert not kept(another)


def _first(size: int) -> Any:
    from policy_ir.snapshot import CandidateList

    return CandidateList(WORLD.candidate(i) for i in range(size))


def test_a_policy_of_another_spelling_and_another_state_is_recorded_as_its_own() -> None:
    evaluator = Evaluator()
    floor = floor_of(admit_pred(), WORLD.vocabulary)
    for _ in range(2):
        for slots in ({"filter": LIVE}, {"filter": ["and", LIVE[2], LIVE[1]]}):
            for world in (WORLD, WORLD.with_state({"m3": {"disabled": True}})):
                program = effective(policy(rank=CHEAP, **slots), floor)  # type: ignore[arg-type]
                choice = evaluator.bind(program, world).decide(Facts(), None, 7)
                assert choice.fingerprint == decide(program, world, Facts(), 7).fingerprint


def admit_pred() -> Any:
    from policy_ir.syntax.loader import load

    return load(["cmp", "price_out", "le", 5], sort="Pred", source="floor")
