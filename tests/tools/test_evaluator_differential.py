"""The comparison of an evaluator with the machine notices what is wrong, and asks the same again."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from typing import Any

import attrs
import pytest
from evaluator_differential.asking import NoSession, Subject, Tally, difference
from evaluator_differential.reducing import last_difference, small
from evaluator_differential.running import run
from evaluator_differential.sessions import CASES, READS, WAYS, session
from evaluator_differential.stand_in import STAND_IN, Choice, Evaluator, Overlay


def broken(**methods: Callable[[Choice], Any]) -> Subject:
    """The machine, with choices that answer otherwise."""
    choice = type("Broken", (Choice,), dict(methods))
    return Subject(partial(Evaluator, choice=choice), Overlay)


def doubled(choice: Choice) -> list[float]:
    return [2.0 * score for score in Choice.scores(choice)]


def negative_zeros(choice: Choice) -> list[float]:
    return [-0.0 if score == 0 else score for score in Choice.scores(choice)]


FAULTS = {
    "winner": {"winner": property(lambda choice: None if choice.decision.ordered else 0)},
    "ids": {"ids": lambda choice: sorted(Choice.ids(choice))},
    "scores": {"scores": doubled},
    "negative zeros": {"scores": negative_zeros},
    "reasons": {"reasons": lambda choice: [reason and "bot" for reason in Choice.reasons(choice)]},
    "rejected": {"rejected": property(lambda choice: choice.decision.rejected[::-1])},
    "cut": {"cut": ()},
    "ordered": {"ordered": property(lambda choice: list(choice.decision.ordered))},
    "record": {"record": lambda choice: choice.decision.record() | {"seed": 0}},
    "fingerprint": {"fingerprint": "blake3:0"},
    "attempts": {"attempt": lambda choice, i, request: attrs.evolve(choice.decision.attempt(i, request), request={})},
}


def test_the_machine_does_not_differ_from_itself() -> None:
    ended = run(STAND_IN, 384, seed=3)
    assert ended.difference is None
    assert ended.cases == 384
    assert {f"by {way}" for way in WAYS} < set(ended.counts)


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_of_a_choice_is_found(fault: str) -> None:
    ended = run(broken(**FAULTS[fault]), 8000, seed=1)
    assert ended.difference is not None
    assert fault.split()[-1].removesuffix("s") in ended.difference["read"] + " zero"


def test_an_evaluator_that_refuses_nothing_is_found() -> None:
    class Unbound(Evaluator):
        def __init__(self, **settings: Any) -> None:
            super().__init__()

    assert run(Subject(Unbound, Overlay), 8000, seed=1).difference is not None


def test_an_evaluator_that_forgets_to_look_at_the_state_is_found() -> None:
    class Stale(Overlay):
        def replace(self, columns: Any) -> Overlay:
            return self

    assert run(Subject(Evaluator, Stale), 8000, seed=1).difference is not None


def test_a_difference_is_made_small_and_can_be_asked_again() -> None:
    subject = broken(scores=doubled)
    ended = run(subject, 8000, seed=1)
    (least,) = small(ended.history, subject, tries=1500)
    assert len(least["asks"]) == 1
    assert len(least["policies"]) == 1
    assert sum(len(world["candidates"]) for world in least["worlds"]) == 1
    found = last_difference([json.loads(json.dumps(least))], subject)
    assert found is not None
    assert found.read == "scores"
    assert last_difference([least], STAND_IN) is None


def test_a_session_is_the_same_for_the_same_seed_and_survives_json() -> None:
    one = session(5, 17)
    assert json.loads(json.dumps(one)) == one == session(5, 17)
    assert one != session(6, 17)
    assert len(one["asks"]) == CASES


def test_a_session_asks_everything_there_is_to_read() -> None:
    reads = {read for number in range(40) for ask in session(1, number)["asks"] for read in ask["reads"]}
    assert reads == set(READS)


def test_a_value_that_is_no_session_is_told_apart_from_a_difference() -> None:
    one = session(1, 0)
    one["policies"][0]["term"] = ["policy"]
    with pytest.raises(NoSession):
        difference(one, STAND_IN)


def test_most_cases_leave_somebody_and_few_are_refused() -> None:
    tally = Tally()
    for number in range(30):
        found = difference(session(2, number), STAND_IN, tally)
        assert found is None, found
    assert tally.counts["decided"] > tally.counts["nobody is left"] > tally.counts["refused"] > 0
