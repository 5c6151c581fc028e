"""What the router has observed is what the next call is decided over."""

from __future__ import annotations

import math

import attrs
import pytest
from observing import BREAKER, Clock, fail, shown, shut, state, world

from policy_ir.evaluator import Overlay
from policy_ir.failover import ROUTER_REASONS
from policy_ir.router.breaker import MOST_OPEN_S, Circuit
from policy_ir.router.config import Breaker
from policy_ir.router.state import ACCOUNT_FAULTS, FORGET_S, REQUEST_FAULTS, State
from policy_ir.vocabulary import Vocabulary, extend, vocabulary


def test_before_anything_was_observed_the_state_is_that_of_the_snapshot() -> None:
    snapshot = world(disabled=True, latency_ms=120.0)
    observed, _ = state(snapshot)
    assert observed.overlay() is Overlay.of(snapshot)
    assert list(observed.rows()) == []


# --- the breaker ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("reason", sorted(set(ROUTER_REASONS) - REQUEST_FAULTS - ACCOUNT_FAULTS))
def test_as_many_failures_in_a_row_as_configured_open_the_breaker(reason: str) -> None:
    observed, _ = state()
    fail(observed, 0, reason, BREAKER.failures - 1)
    assert not shut(observed)
    fail(observed, 0, reason)
    assert shut(observed)
    assert [shut(observed, i) for i in (1, 2, 3)] == [False] * 3


@pytest.mark.parametrize("reason", sorted(REQUEST_FAULTS))
def test_what_is_the_fault_of_the_request_opens_no_breaker_and_lowers_no_rate(reason: str) -> None:
    observed, _ = state()
    before = observed.overlay()
    fail(observed, 0, reason, 100)
    assert observed.overlay() is before


def test_a_success_in_between_starts_the_count_again() -> None:
    observed, _ = state()
    for _ in range(5):
        fail(observed, times=BREAKER.failures - 1)
        observed.succeeded(observed.chosen(0))
    assert not shut(observed)


def test_an_open_breaker_lets_one_call_through_after_its_time_and_no_other_until_its_outcome() -> None:
    observed, clock = state()
    fail(observed, times=BREAKER.failures)
    clock.now += 29.999
    assert shut(observed)
    clock.now += 0.002
    assert not shut(observed)
    probe = observed.chosen(0)
    assert probe.probe
    assert shut(observed)
    clock.now += 300
    assert shut(observed)
    observed.succeeded(probe)
    assert not shut(observed)
    assert not observed.chosen(0).probe


def test_a_probe_that_fails_opens_the_breaker_for_its_whole_time_again() -> None:
    observed, clock = state()
    fail(observed, times=BREAKER.failures)
    clock.now += 31
    fail(observed)
    clock.now += 29
    assert shut(observed)
    clock.now += 2
    assert not shut(observed)


@pytest.mark.parametrize("reason", sorted(REQUEST_FAULTS | {None, "auth_error"}, key=str))  # type: ignore[type-var]
def test_a_probe_that_says_nothing_of_the_provider_frees_its_place(reason: str | None) -> None:
    observed, clock = state(world(2, accounts=["a", "b"]))
    fail(observed, times=BREAKER.failures)
    clock.now += 31
    probe = observed.chosen(0)
    assert shut(observed)
    if reason is None:
        observed.cancelled(probe)
    else:
        observed.failed(probe, reason)
    assert not shut(observed)
    assert observed.chosen(0)._ticket.probe


def test_a_probe_whose_outcome_nobody_tells_is_given_up() -> None:
    clock = Clock()
    observed = State(world(), BREAKER, clock, longest_ms=5_000)
    fail(observed, times=BREAKER.failures)
    clock.now += 31
    lost = observed.chosen(0)
    clock.now += 4.9
    assert shut(observed)
    clock.now += 0.2
    assert not shut(observed)
    assert observed.chosen(0).probe
    observed.cancelled(lost)
    assert shut(observed), "the late end of the first probe does not free the place of the second"


def test_only_the_first_outcome_of_a_call_counts() -> None:
    observed, _ = state()
    sent = observed.chosen(0)
    for _ in range(10):
        observed.failed(sent, "timeout")
        observed.cancelled(sent)
        observed.succeeded(sent)
    (row,) = observed.rows()
    assert (row.failures, row.success_rate) == (1, 0.8)


def test_a_call_that_was_sent_before_the_breaker_opened_neither_closes_nor_opens_it() -> None:
    observed, clock = state()
    earlier = [observed.chosen(0) for _ in range(2 * BREAKER.failures)]
    fail(observed, times=BREAKER.failures)
    observed.succeeded(earlier.pop())
    assert shut(observed)
    clock.now += 31
    for sent in earlier:
        observed.failed(sent, "timeout")
    assert not shut(observed)


def test_late_failures_of_calls_from_before_do_not_count_after_it_has_closed() -> None:
    observed, clock = state()
    earlier = [observed.chosen(0) for _ in range(BREAKER.failures)]
    fail(observed, times=BREAKER.failures)
    clock.now += 31
    observed.succeeded(observed.chosen(0))
    for sent in earlier:
        observed.failed(sent, "timeout")
    (row,) = observed.rows()
    assert (row.breaker, row.failures) == ("closed", 0)


def test_a_probe_that_fails_late_does_not_lengthen_what_another_call_was_told() -> None:
    observed, clock = state()
    other = observed.chosen(0)
    fail(observed, times=BREAKER.failures)
    clock.now += 31
    probe = observed.chosen(0)
    observed.failed(other, "rate_limit", retry_after_ms=5_000)
    observed.failed(probe, "timeout")
    clock.now += 5.1
    assert not shut(observed)


def test_a_circuit_says_when_it_is_worth_asking_again() -> None:
    circuit = Circuit()
    assert circuit.changes_at(0.0) == math.inf
    circuit.fail(circuit.send(0.0, 9.0), 0.0, most=1, opens=5.0, stated=0.0)
    assert circuit.changes_at(1.0) == 5.0
    circuit.send(6.0, 9.0)
    assert circuit.changes_at(7.0) == 15.0
    assert circuit.changes_at(16.0) == math.inf


def test_a_call_that_a_policy_sends_in_spite_of_the_breaker_closes_it_by_its_success() -> None:
    observed, _ = state()
    fail(observed, times=BREAKER.failures)
    sent = observed.chosen(0)
    assert not sent.probe
    observed.succeeded(sent)
    assert not shut(observed)


def test_calls_that_are_sent_in_spite_of_the_breaker_cannot_hold_it_open() -> None:
    observed, clock = state()
    fail(observed, times=BREAKER.failures)
    for _ in range(29):
        clock.now += 1
        fail(observed)
    clock.now += 1.001
    assert not shut(observed)


# --- stated times --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("reason", ["rate_limit", "overloaded", "quota_exhausted"])
def test_a_provider_that_says_when_to_come_back_is_left_alone_until_then(reason: str) -> None:
    observed, clock = state()
    observed.failed(observed.chosen(0), reason, retry_after_ms=7_000)
    clock.now += 6.9
    assert shut(observed)
    clock.now += 0.2
    assert not shut(observed)


def test_answers_to_calls_that_were_on_their_way_do_not_shorten_what_the_provider_stated() -> None:
    observed, clock = state()
    others = [observed.chosen(0) for _ in range(9)]
    observed.failed(observed.chosen(0), "rate_limit", retry_after_ms=20_000)
    for sent in others:
        observed.succeeded(sent)
    clock.now += 19
    assert shut(observed)


@pytest.mark.parametrize(
    ("retry_after", "asked", "seconds"), [(5_000, 12_000, 12), (12_000, 5_000, 12), (None, 4_000, 4)]
)
def test_the_longer_of_what_provider_and_plan_say_holds(
    retry_after: float | None, asked: float, seconds: float
) -> None:
    observed, clock = state()
    observed.failed(observed.chosen(0), "rate_limit", retry_after_ms=retry_after, open_ms=asked)
    clock.now += seconds - 0.1
    assert shut(observed)
    clock.now += 0.2
    assert not shut(observed)


def test_a_shorter_time_does_not_take_back_a_longer_one() -> None:
    observed, clock = state()
    sent = observed.chosen(0)
    observed.failed(observed.chosen(0), "rate_limit", retry_after_ms=20_000)
    observed.failed(sent, "rate_limit", retry_after_ms=1_000)
    clock.now += 19
    assert shut(observed)


def test_the_last_failure_in_a_row_opens_for_the_longer_of_the_stated_and_the_configured_time() -> None:
    observed, clock = state()
    fail(observed, times=BREAKER.failures - 1)
    observed.failed(observed.chosen(0), "overloaded", retry_after_ms=1_000)
    clock.now += 29
    assert shut(observed)


def test_a_plan_may_keep_calls_away_for_a_fault_of_the_request_too() -> None:
    observed, _ = state()
    observed.failed(observed.chosen(0), "context_overflow", retry_after_ms=9e9, open_ms=2_000)
    (row,) = observed.rows()
    assert (row.breaker, row.breaker_ms, row.success_rate) == ("open", 2_000.0, None)


def test_no_provider_can_state_a_time_beyond_the_bound() -> None:
    observed, clock = state()
    observed.failed(observed.chosen(0), "rate_limit", retry_after_ms=math.inf)
    clock.now += MOST_OPEN_S + 0.001
    assert not shut(observed)


# --- accounts ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("reason", sorted(ACCOUNT_FAULTS))
def test_a_key_that_is_refused_disables_all_candidates_of_the_account_and_opens_no_breaker(reason: str) -> None:
    observed, clock = state(world(4, accounts=["a", "a", "b", "a"]))
    fail(observed, 1, reason)
    assert [shown(observed, "disabled", i) is True for i in range(4)] == [True, True, False, True]
    assert not any(shut(observed, i) for i in range(4))
    clock.now += 60.001
    assert not any(shown(observed, "disabled", i) for i in range(4))


def test_an_account_is_probed_by_one_call_to_any_of_its_candidates() -> None:
    observed, clock = state(world(3, accounts=["a", "a", "b"]))
    fail(observed, 0, "auth_error")
    clock.now += 61
    probe = observed.chosen(1)
    assert probe.probe
    assert [shown(observed, "disabled", i) is True for i in range(3)] == [True, True, False]
    observed.succeeded(probe)
    assert not any(shown(observed, "disabled", i) for i in range(3))


@pytest.mark.parametrize("reason", ["bad_request", "timeout", "rate_limit"])
def test_a_probe_of_an_account_that_fails_for_another_reason_frees_its_place(reason: str) -> None:
    observed, clock = state(world(2, accounts=["a", "a"]))
    fail(observed, 0, "auth_error")
    clock.now += 61
    fail(observed, 0, reason)
    assert shown(observed, "disabled", 1) is None
    assert observed.chosen(1).probe


def test_accounts_may_be_given_that_are_not_the_routes() -> None:
    clock = Clock()
    observed = State(world(3), BREAKER, clock, accounts=["one", "two", "one"])
    fail(observed, 0, "auth_error")
    assert [shown(observed, "disabled", i) is True for i in range(3)] == [True, False, True]
    with pytest.raises(ValueError, match="1 accounts for 3 candidates"):
        State(world(3), BREAKER, clock, accounts=["one"])


def test_what_the_snapshot_says_itself_stands() -> None:
    observed, clock = state(world(disabled=True, breaker_open=True))
    observed.succeeded(observed.chosen(0))
    clock.now += 2
    assert shown(observed, "disabled") is True
    assert shut(observed)


# --- averages ------------------------------------------------------------------------------------------------------


def test_averages_begin_with_the_first_observation_and_follow_those_after() -> None:
    observed, clock = state()
    observed.succeeded(observed.chosen(0), first_token_ms=400.0, tok_s=50.0)
    clock.now += 1
    assert (shown(observed, "latency_ms"), shown(observed, "tok_s"), shown(observed, "success_rate")) == (400, 50, 1)
    observed.succeeded(observed.chosen(0), first_token_ms=900.0)
    fail(observed)
    clock.now += 1
    assert (shown(observed, "latency_ms"), shown(observed, "tok_s"), shown(observed, "success_rate")) == (500, 50, 0.8)


def test_an_average_begins_with_what_the_snapshot_says() -> None:
    observed, clock = state(world(latency_ms=100.0, success_rate=0.5))
    observed.succeeded(observed.chosen(0), first_token_ms=200.0)
    clock.now += 1
    assert (shown(observed, "latency_ms"), shown(observed, "success_rate")) == (120.0, 0.6)


def test_averages_are_shown_to_three_digits_and_at_most_once_in_a_second() -> None:
    observed, clock = state()
    before = observed.overlay()
    observed.succeeded(observed.chosen(0), first_token_ms=123.456)
    clock.now += 0.9
    assert observed.overlay() is before
    clock.now += 0.2
    assert shown(observed, "latency_ms") == 123.0
    after = observed.overlay()
    clock.now += 5
    observed.succeeded(observed.chosen(0), first_token_ms=123.4)
    assert observed.overlay() is after


def test_a_breaker_that_opens_is_shown_at_once() -> None:
    observed, clock = state()
    observed.succeeded(observed.chosen(1), first_token_ms=10.0)
    clock.now += 1.5
    assert shown(observed, "latency_ms", 1) == 10.0
    observed.succeeded(observed.chosen(1), first_token_ms=1000.0)
    fail(observed, times=BREAKER.failures)
    assert shut(observed)
    assert shown(observed, "latency_ms", 1) == 10.0


def test_what_was_not_heard_of_for_long_is_forgotten() -> None:
    observed, clock = state(world(tok_s=30.0))
    observed.succeeded(observed.chosen(0), first_token_ms=9_000.0, tok_s=5.0)
    clock.now += 2
    assert shown(observed, "latency_ms") == 9_000.0
    clock.now += FORGET_S
    assert (shown(observed, "latency_ms"), shown(observed, "tok_s")) == (None, 30.0)
    assert observed.overlay().snapshot.fingerprint == world(tok_s=30.0).fingerprint


@pytest.mark.parametrize("wrong", [math.inf, -math.inf, math.nan, -5.0])
def test_a_number_that_the_vocabulary_does_not_allow_is_not_shown(wrong: float) -> None:
    observed, clock = state()
    observed.succeeded(observed.chosen(0), first_token_ms=wrong)
    clock.now += 2
    assert shown(observed, "latency_ms") is None


# --- vocabularies ----------------------------------------------------------------------------------------------------


FED = ("breaker_open", "disabled", "latency_ms", "success_rate", "tok_s")


def without(*names: str) -> Vocabulary:
    core = vocabulary("core")
    return attrs.evolve(core, fields={name: one for name, one in core.fields.items() if name not in names})


@pytest.mark.parametrize(
    "declared",
    [without("breaker_open"), without("disabled", "latency_ms"), without(*FED)],
    ids=["no breaker", "no latency", "none"],
)
def test_only_what_the_vocabulary_declares_is_shown(declared: Vocabulary) -> None:
    observed, clock = state(world(declared=declared))
    observed.succeeded(observed.chosen(0), first_token_ms=10.0, tok_s=4.0)
    fail(observed, times=BREAKER.failures)
    fail(observed, 1, "auth_error")
    clock.now += 1.1
    snapshot = observed.overlay().snapshot
    expected = {"breaker_open": True, "latency_ms": 10.0, "tok_s": 4.0, "success_rate": 0.512}
    shown = {name: snapshot.observe(0, name).value for name in expected if name in declared.fields}
    assert shown == {name: value for name, value in expected.items() if name in declared.fields}


def test_state_of_the_house_is_left_alone() -> None:
    house = extend(
        vocabulary("core"),
        {"vocabulary": 1, "name": "house", "fields": {"off": {"sort": "bool", "default": False, "source": "state"}}},
        "house.json",
    )
    observed, _ = state(world(declared=house, off=True))
    fail(observed, times=BREAKER.failures)
    assert shown(observed, "off") is True
    assert shut(observed)


# --- a reload ------------------------------------------------------------------------------------------------------


def test_a_reload_keeps_what_is_known_of_candidates_of_the_same_id() -> None:
    observed, clock = state(world(3))
    fail(observed, 2, times=BREAKER.failures)
    fail(observed, 0, "auth_error")
    observed.succeeded(observed.chosen(1), first_token_ms=70.0)
    after = observed.carry(world(5))
    assert [shut(after, i) for i in range(5)] == [False, False, True, False, False]
    assert shown(after, "disabled", 0) is True
    assert shown(after, "latency_ms", 1) == 70.0
    fewer = after.carry(world(1))
    assert [row.id for row in fewer.rows()] == ["m/0"]
    clock.now += 1
    assert fewer.overlay().snapshot.size == 1


def test_a_call_that_began_before_a_reload_counts_after_it() -> None:
    observed, clock = state()
    fail(observed, times=BREAKER.failures)
    clock.now += 31
    probe = observed.chosen(0)
    after = observed.carry(world(), Breaker(failures=1, open_ms=1_000.0, disable_ms=1_000.0))
    assert shut(after)
    observed.succeeded(probe)
    assert not shut(after)
    fail(after, 1)
    assert shut(after, 1)


def test_a_reload_may_change_how_long_a_probe_is_waited_for() -> None:
    observed, clock = state()
    fail(observed, times=BREAKER.failures)
    after = observed.carry(world(), longest_ms=2_000)
    clock.now += 31
    after.chosen(0)
    assert shut(after)
    clock.now += 2.1
    assert not shut(after)
