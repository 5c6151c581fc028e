"""Failover: what an action comes to after an attempt has failed."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy_ir.diagnostics import InternalError
from policy_ir.failover import FAILOVER_RULES, ROUTER_REASONS, Next, Route, next_of
from policy_ir.terms import Action
from policy_ir.testing.term_strategies import actions

ROUTES = [Route("p", "f"), Route("p", "f"), Route("p", "g"), Route("q", "g"), Route("q", "f"), Route("r", "f")]


def after(i: int, retries: int = 0, **action: Any) -> Next:
    return next_of(Action(**action), i, retries, ROUTES)


def test_next_candidate_is_the_next_entry() -> None:
    assert [after(i, action="next_candidate").index for i in range(6)] == [1, 2, 3, 4, 5, None]


def test_next_provider_same_model_is_the_next_entry_of_the_family_elsewhere() -> None:
    assert [after(i, action="next_provider_same_model").index for i in range(6)] == [4, 4, 3, None, 5, None]


def test_disable_provider_leaves_the_provider_and_tells_the_host() -> None:
    answers = [after(i, action="disable_provider") for i in range(6)]
    assert [answer.index for answer in answers] == [3, 3, 3, 5, 5, None]
    assert [answer.disabled_provider for answer in answers] == ["p", "p", "p", "q", "q", "r"]
    assert after(0, action="next_candidate").disabled_provider is None


def test_abort_stops() -> None:
    assert after(0, action="abort") == Next(rules=("abort/stop",), index=None)
    assert after(0, action="abort").stops
    assert not after(0, action="next_candidate").stops


def test_retry_same_tries_again_as_often_as_it_says_and_then_goes_on() -> None:
    tries = [after(2, retries, action="retry_same", attempts=2.0, then_action="abort") for retries in range(4)]
    assert [(answer.index, answer.retries) for answer in tries] == [(2, 1), (2, 2), (None, 0), (None, 0)]
    assert tries[0].rules == ("retry_same/again",)
    assert tries[2].rules == ("retry_same/then", "abort/stop")


def test_retry_same_retries_once_and_then_takes_the_next_candidate_where_nothing_is_said() -> None:
    assert [after(2, retries, action="retry_same").index for retries in range(2)] == [2, 3]
    assert after(2, 0, action="retry_same", attempts=0.0).index == 3


@pytest.mark.parametrize(
    ("backoff", "waits"),
    [(None, [0, 0, 0]), (500.0, [500, 500, 500]), ((1.0, 2.0), [1, 2, 2]), ((7.0,), [7, 7, 7])],
)
def test_the_backoff_is_a_number_or_one_for_each_retry_the_last_one_repeated(backoff: Any, waits: list[float]) -> None:
    def wait(retries: int) -> float:
        return after(0, retries, action="retry_same", attempts=10.0, backoff_ms=backoff).wait_ms

    assert [wait(retries) for retries in range(3)] == waits
    assert after(0, 10, action="retry_same", attempts=10.0, backoff_ms=backoff).wait_ms == 0
    assert after(0, action="next_candidate", backoff_ms=backoff).wait_ms == 0


def test_a_breaker_opens_when_the_call_leaves_and_not_for_a_retry() -> None:
    said = {"action": "retry_same", "then_action": "disable_provider", "open_breaker_ms": 100.0}
    assert after(0, 0, **said).open_breaker_ms is None
    left = after(0, 1, **said)
    assert (left.open_breaker_ms, left.index, left.disabled_provider) == (100.0, 3, "p")
    assert after(0, action="abort", open_breaker_ms=5.0).open_breaker_ms == 5.0


def test_further_keys_come_along_as_data() -> None:
    extra = (("cost_cap", 2.0), ("weight", 0.5))
    assert after(0, 0, action="retry_same", extra=extra).extra == extra
    assert after(0, 1, action="retry_same", extra=extra).extra == extra
    assert after(0, action="abort", extra=extra).extra == extra


def test_an_empty_list_of_backoffs_is_no_backoff() -> None:
    assert after(0, 0, action="retry_same", attempts=2, backoff_ms=()).wait_ms == 0.0
    assert after(0, 1, action="retry_same", attempts=2, backoff_ms=()).wait_ms == 0.0


def test_then_action_means_nothing_beside_another_action() -> None:
    assert after(0, action="next_candidate", then_action="abort").index == 1


@given(action=actions(), i=st.integers(0, 5), retries=st.integers(0, 12))
def test_failover_stays_within_the_order_and_never_goes_back(action: Action, i: int, retries: int) -> None:
    answer = next_of(action, i, retries, ROUTES)
    assert set(answer.rules) <= set(FAILOVER_RULES)
    if answer.index is not None:
        assert i <= answer.index < len(ROUTES)
        assert (answer.index == i) == (answer.rules == ("retry_same/again",))
        assert answer.retries == (retries + 1 if answer.index == i else 0)


@given(action=actions())
def test_every_call_ends(action: Action) -> None:
    i: int | None = 0
    retries = 0
    for _ in range(len(ROUTES) * 11):
        assert i is not None
        answer = next_of(action, i, retries, ROUTES)
        i, retries = answer.index, answer.retries
        if i is None:
            return
    raise AssertionError("a call that does not end")


def test_every_rule_of_failover_can_apply() -> None:
    verbs = ("retry_same", "next_candidate", "next_provider_same_model", "disable_provider", "abort")
    fired = {rule for verb in verbs for i in range(6) for n in (0, 1) for rule in after(i, n, action=verb).rules}
    assert fired == set(FAILOVER_RULES)


def test_a_router_emits_sixteen_reasons() -> None:
    assert len(set(ROUTER_REASONS)) == 16
    assert ROUTER_REASONS[-1] == "unknown"


@pytest.mark.parametrize("i", [-1, 6])
def test_a_position_outside_the_order_is_wrong_usage(i: int) -> None:
    with pytest.raises(IndexError):
        after(i, action="abort")


def test_a_negative_number_of_retries_is_wrong_usage() -> None:
    with pytest.raises(ValueError, match="retries"):
        after(0, -1, action="abort")


def test_retry_same_after_itself_was_refused_at_admission() -> None:
    with pytest.raises(InternalError):
        after(0, 5, action="retry_same", then_action="retry_same")
