"""Attempts and failovers of choices: what the decision says, and no order read for a first attempt."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_worlds import HOUSE, NEXT, candidate, policy, snapshot

from policy_ir.admission import admit
from policy_ir.decision import decide
from policy_ir.evaluator import Choice, Evaluator, Overlay, sending
from policy_ir.evaluator.sending import candidate_of
from policy_ir.facts import read_facts
from policy_ir.failover import ROUTER_REASONS
from policy_ir.semantics.machine import Step
from policy_ir.testing.strategies import seeds, terms
from policy_ir.values import value_of

WORLD = snapshot(
    *(
        candidate(
            f"m{i}",
            provider="pq"[i % 2],
            family="fgh"[i % 3],
            capabilities=["supports_tools"][: i % 2],
            price_out=i * 3 % 7,
        )
        for i in range(7)
    )
)
CHEAP = ["neg", ["field", "price_out"]]
REQUEST: dict[str, Any] = {
    "model": "policy:p",
    "messages": [{"role": "user", "content": "hi"}],
    "temperature": 0.7,
    "max_tokens": 100000,
    "seed": 5,
}
REQUESTS = st.dictionaries(
    st.sampled_from(["temperature", "top_p", "max_tokens", "seed", "user", "stop"]),
    st.sampled_from([0, 1, 0.5, -3, 10**400, -(10**400), True, None, "7", [1]]) | st.floats(allow_nan=False),
)


def read(choice: Choice) -> bool:
    """Whether the order of a choice has been read."""
    return hasattr(choice, "_reading")


def warm(**slots: Any) -> Any:
    """A binding that decides by code."""
    return Evaluator().bind(policy(rank=CHEAP, **slots), WORLD).prepare()


@settings(max_examples=300, deadline=None)
@given(terms("Xform"), REQUESTS, seeds(), st.integers(-1, 8))
def test_an_attempt_is_that_of_the_decision(mutate: Any, request: dict[str, Any], seed: int | None, i: int) -> None:
    admitted = policy(filter=["cmp", "price_out", "lt", 6], rank=CHEAP, mutate=value_of(mutate))
    facts = read_facts({"scope": "team-a", "fields": {"bucket": 0.25}}, HOUSE)
    decision, choice = decide(admitted, WORLD, facts, seed), Evaluator().bind(admitted, WORLD).decide(facts, None, seed)

    def answer(of: Any, place: int) -> Any:
        before = repr(request)
        try:
            made = of.attempt(place, request)
        except IndexError as wrong:
            return str(wrong)
        assert repr(request) == before
        assert made.request is not request
        return repr(made)

    for place in (0, i):
        assert answer(choice, place) == answer(decision, place)


@settings(max_examples=200, deadline=None)
@given(terms("FailPlan"), st.integers(-1, 8), st.integers(-1, 3), st.sampled_from([*ROUTER_REASONS, "x-house"]))
def test_what_follows_a_failure_is_what_follows_it_in_the_decision(
    plan: Any, i: int, retries: int, reason: str
) -> None:
    admitted = policy(filter=["cmp", "price_out", "lt", 6], rank=CHEAP, fallback=value_of(plan))
    decision, choice = decide(admitted, WORLD), Evaluator().bind(admitted, WORLD).decide()

    def answer(of: Any) -> Any:
        try:
            return of.next(i, retries, reason)
        except (IndexError, ValueError) as wrong:
            return repr(wrong)

    expected = answer(decision)
    assert answer(choice) == answer(choice) == expected


@pytest.mark.parametrize(
    "mutate", [["id"], ["clamp_param", "max_tokens", 1, 10], ["when", ["is", "supports_tools"], ["drop_param", "seed"]]]
)
def test_a_first_attempt_reads_no_order_and_others_do(mutate: Any) -> None:
    choice = warm(mutate=mutate).decide()
    first = choice.attempt(0, REQUEST)
    assert first.candidate.id == choice.id
    assert not read(choice)
    assert choice.attempt(1, REQUEST).candidate.id == choice.ids()[1]


def test_nobody_can_be_tried_where_nobody_is_left() -> None:
    choice = warm(filter=["bot"]).decide()
    with pytest.raises(IndexError, match="position 0 of an order of 0"):
        choice.attempt(0, REQUEST)
    with pytest.raises(IndexError, match="position 0 of an order of 0"):
        choice.next(0, 0, "timeout")


def test_whoever_watches_the_steps_sees_those_of_the_machine() -> None:
    choice = warm(mutate=["clamp_param", "max_tokens", 1, 10]).decide()
    for watched in (
        lambda on_step: choice.attempt(0, REQUEST, on_step=on_step),
        lambda on_step: choice.next(0, 0, "timeout", on_step=on_step),
    ):
        steps: list[Step] = []
        watched(steps.append)
        assert [step.rule for step in steps]


def test_a_candidate_shows_the_state_it_was_chosen_in() -> None:
    bound, facts = warm(), None
    shown = []
    for latency in (5.0, 9.0):
        overlay = Overlay.of(WORLD.with_state({"m0": {"latency_ms": latency}}))
        choice = bound.decide(facts, overlay)
        assert choice.attempt(0, REQUEST).candidate is choice.attempt(0, REQUEST).candidate
        shown.append(choice.attempt(0, REQUEST).candidate.fields["latency_ms"])
    assert shown == [5.0, 9.0]


def test_few_candidates_and_few_reasons_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "CANDIDATES", 2)
    monkeypatch.setattr(sending, "REASONS", 2)
    world = WORLD.with_state({})
    for i in range(world.size):
        assert candidate_of(world, i) == world.candidate(i)
    assert len(world.derived["candidates"]) == 2
    bound = warm(fallback=["override", NEXT, "timeout", {"action": "abort"}])
    for reason in ("timeout", "a", "b", "timeout"):
        assert bound.decide().next(0, 0, reason).stops == (reason == "timeout")
    assert len(bound.sending._actions) == 2


def test_policies_that_are_admitted_under_one_fingerprint_send_alike() -> None:
    evaluator = Evaluator()
    for _ in range(2):
        admitted = admit(policy(rank=CHEAP, mutate=["seq", ["id"], ["drop_param", "seed"]]).term, HOUSE)
        assert "seed" not in evaluator.bind(admitted, WORLD).decide().attempt(0, REQUEST).request
