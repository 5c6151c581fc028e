"""A call along the order of its decision, as the failure plan says, within its bounds."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from running import run
from worlds import ANSWER, Called, failure, piece, request

from policy_ir.router.call import Exhausted, Interrupted, NoCandidate
from policy_ir.router.completion import content_bytes

ORDER = ["north/large", "south/large", "east/long", "east/small", "north/small", "west/private", "south/mini"]
"""Whom the policy `resilient` takes for the call of these tests: server errors are retried once, then the same model at
another provider; overloads and rate limits go to the same model elsewhere, all else to the next candidate."""


@pytest.fixture(autouse=True)
def _time_passes_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    async def sleep(seconds: float) -> None:
        CALLED[-1].waits.append(round(seconds, 6))
        CALLED[-1].now[0] += seconds

    monkeypatch.setattr("policy_ir.router.call.sleep", sleep)


CALLED: list[Called] = []


def called(*script: Any, **more: Any) -> Called:
    CALLED.append(Called(script, **more))
    return CALLED[-1]


async def answered(one: Called) -> dict[str, Any]:
    return (await one.course.answer(one.upstream)).json  # type: ignore[arg-type]


async def exhausted(one: Called) -> str:
    with pytest.raises(Exhausted) as caught:
        await answered(one)
    return caught.value.failure.reason


def custom(*plan: Any, mutate: Any = ("id",)) -> Any:
    """A call under a term of its own: every candidate, in the order of the catalogue, with this failure plan."""
    term = ["policy", ["top"], ["zero"], ["argmax"], list(mutate), list(plan)]
    return request("policy:*", policy_ir=term)


# --- who is tried -----------------------------------------------------------------------------------------------


@run
async def test_the_first_of_the_order_answers() -> None:
    one = called(ANSWER)
    assert await answered(one) == ANSWER
    assert one.told() == [("north/large", None, None)]
    assert one.course.chosen == "north/large"


@run
async def test_a_server_error_is_tried_again_and_then_at_another_provider() -> None:
    one = called(failure("server_error"), failure("server_error"), ANSWER)
    await answered(one)
    assert one.told() == [
        ("north/large", "server_error", "retry_same/again"),
        ("north/large", "server_error", "retry_same/then, next_provider_same_model/advance"),
        ("south/large", None, None),
    ]
    assert one.waits == [0.2]
    assert [hop.retries for hop in one.course.hops] == [0, 1, 0]


@run
async def test_everybody_is_tried_once_and_the_last_reason_is_told() -> None:
    one = called(*[failure("network_error")] * 6, failure("timeout"))
    assert await exhausted(one) == "timeout"
    assert [hop.candidate for hop in one.course.hops] == ORDER
    assert one.course.hops[-1].action == "next_candidate/stop"
    assert one.course.chosen is None


@run
async def test_a_policy_that_leaves_nobody_sends_nothing() -> None:
    one = called(
        called=request(
            "policy:*", policy_ir=["policy", ["bot"], ["zero"], ["argmax"], ["id"], ["always", {"action": "abort"}]]
        )
    )
    with pytest.raises(NoCandidate):
        await answered(one)
    assert one.upstream.sent == []


@run
async def test_a_provider_that_was_disabled_is_passed_over_for_the_rest_of_the_call() -> None:
    plan = custom("override", ["always", {"action": "next_candidate"}], "auth_error", {"action": "disable_provider"})
    one = called(failure("auth_error"), failure("timeout"), ANSWER, called=plan)
    await answered(one)
    # north/small and north/thinker are of the provider that refused the key.
    assert [hop.candidate for hop in one.course.hops] == ["north/large", "south/large", "south/mini"]


@run
async def test_nobody_is_left_where_the_rest_is_of_disabled_providers() -> None:
    plan = custom("always", {"action": "disable_provider"})
    one = called(*[failure("auth_error")] * 9, called=plan)
    await exhausted(one)
    assert [hop.provider for hop in one.course.hops] == ["north", "south", "east", "west"]


# --- bounds -----------------------------------------------------------------------------------------------------


@run
async def test_there_are_at_most_so_many_attempts() -> None:
    one = called(*[failure("timeout")] * 7, attempts=3)
    assert await exhausted(one) == "timeout"
    assert len(one.course.hops) == 3
    assert one.course.hops[-1].action == "next_candidate/advance; stop: no attempt is left"


@run
async def test_a_call_ends_with_its_deadline() -> None:
    one = called(*[failure("timeout")] * 7, called=request(policy_options={"deadline_ms": 250}))
    await exhausted(one)
    assert len(one.course.hops) == 3
    assert one.course.hops[-1].action == "next_candidate/advance; stop: no time is left"


@run
async def test_a_deadline_can_only_shorten_that_of_the_configuration() -> None:
    one = called(ANSWER, called=request(policy_options={"deadline_ms": 9_000}), total_ms=1_000)
    assert one.course.deadline == pytest.approx(101.0)


@run
async def test_a_stated_wait_is_kept_before_the_same_candidate_is_asked_again() -> None:
    plan = custom("always", {"action": "retry_same", "attempts": 2, "backoff_ms": 100})
    one = called(
        failure("rate_limit", retry_after_ms=3000), failure("rate_limit", retry_after_ms=20), ANSWER, called=plan
    )
    await answered(one)
    assert one.waits == [3.0, 0.1]


@run
async def test_a_wait_beyond_the_deadline_is_as_good_as_no_retry() -> None:
    plan = custom("always", {"action": "retry_same", "attempts": 2, "backoff_ms": 100})
    called_so = request("policy:*", policy_ir=plan.term, policy_options={"deadline_ms": 2000})
    one = called(failure("rate_limit", retry_after_ms=3000), ANSWER, called=called_so)
    await answered(one)
    assert one.waits == []
    assert one.told() == [
        ("north/large", "rate_limit", "retry_same/then, next_candidate/advance"),
        ("north/small", None, None),
    ]


# --- what is sent -----------------------------------------------------------------------------------------------


@run
async def test_the_transform_changes_the_request_of_the_attempt_and_nothing_else_does() -> None:
    plan = custom("always", {"action": "abort"}, mutate=("clamp_param", "temperature", 0, 0.5))
    more = {"temperature": 1.5, "x_unknown": {"a": [None, "é"]}, "n": 1}
    called_so = request("policy:*", policy_ir=plan.term, **more)
    one = called(ANSWER, called=called_so)
    await answered(one)
    ((_, sent),) = one.upstream.sent
    assert sent == {**called_so.body, "model": "sim-large", "temperature": 0.5}
    assert called_so.body["temperature"] == 1.5


@run
async def test_times_that_a_policy_sets_are_the_routers_and_are_not_sent() -> None:
    mutate = ("seq", ["set_param", "timeout_ms", 7000], ["set_param", "first_token_timeout_ms", 900])
    one = called(ANSWER, called=custom("always", {"action": "abort"}, mutate=mutate))
    await answered(one)
    ((_, sent),) = one.upstream.sent
    assert not {"timeout_ms", "first_token_timeout_ms"} & set(sent)
    (timeouts,) = one.upstream.timeouts
    assert (timeouts.total_ms, timeouts.first_token_ms, timeouts.connect_ms) == (7000, 900, 5000)


@run
async def test_the_usage_of_a_stream_is_asked_for_where_the_endpoint_says_so() -> None:
    pieces = [piece("hi"), piece(end=True), piece(usage={"prompt_tokens": 7, "completion_tokens": 1})]
    one = called(pieces, called=request(stream=True))
    one.world.endpoints = tuple(attrs_evolve(endpoint, stream_usage=True) for endpoint in one.world.endpoints)
    sink = Sunk()
    last = await one.course.stream(one.upstream, sink)  # type: ignore[arg-type]
    assert one.upstream.sent[0][1]["stream_options"] == {"include_usage": True}
    assert last["choices"][0]["finish_reason"] == "stop"
    assert one.course.cost.basis == "usage"


def attrs_evolve(value: Any, **changes: Any) -> Any:
    import attrs

    return attrs.evolve(value, **changes)


# --- streams ----------------------------------------------------------------------------------------------------


class Sunk:
    """A sink that remembers."""

    def __init__(self) -> None:
        self.begun = 0
        self.sent: list[dict[str, Any]] = []

    async def begin(self) -> None:
        self.begun += 1

    async def send(self, data: bytes) -> None:
        self.sent.append(json.loads(data))

    @property
    def text(self) -> str:
        return "".join(choice["delta"].get("content", "") for one in self.sent for choice in one["choices"])


@run
async def test_a_stream_fails_over_as_long_as_the_caller_has_seen_nothing() -> None:
    script = [[piece(), failure("stream_interrupted")], [piece(), piece("hel"), piece("lo"), piece(end=True)]]
    one = called(*script, called=request(stream=True))
    sink = Sunk()
    await one.course.stream(one.upstream, sink)  # type: ignore[arg-type]
    assert (sink.begun, sink.text) == (1, "hello")
    assert [hop.outcome for hop in one.course.hops] == ["failed", "ok"]


@run
async def test_a_stream_that_breaks_off_in_the_middle_is_not_taken_over_by_another_model() -> None:
    one = called([piece("hel"), failure("timeout")], [piece("other"), piece(end=True)], called=request(stream=True))
    sink = Sunk()
    with pytest.raises(Interrupted) as caught:
        await one.course.stream(one.upstream, sink)  # type: ignore[arg-type]
    assert caught.value.failure.reason == "timeout"
    assert sink.text == "hel"
    assert len(one.upstream.sent) == 1
    (hop,) = one.course.hops
    assert (hop.outcome, hop.action) == ("failed", "next_candidate/advance; stop: the answer had begun")
    assert one.course.chosen == "north/large"


@run
async def test_what_was_streamed_before_a_failure_is_paid_for() -> None:
    one = called([piece("hello"), failure("timeout")], called=request(stream=True))
    with pytest.raises(Interrupted):
        await one.course.stream(one.upstream, Sunk())  # type: ignore[arg-type]
    assert one.course.cost.basis == "estimate"
    assert one.course.cost.completion_tokens == 2  # five bytes
    assert one.course.cost.usd > 0


# --- what it costs ----------------------------------------------------------------------------------------------


@run
async def test_an_answer_costs_what_its_own_candidate_asks_also_after_a_failure() -> None:
    one = called(failure("timeout"), ANSWER)
    await answered(one)
    prices = one.world.prices[one.world.snapshot.index["south/large"]]
    assert prices is not None
    assert one.course.cost.usd == (10 * prices[0] + 2 * prices[1]) / 1e6
    assert one.course.hops[0].cost.usd == 0.0


@pytest.mark.parametrize(
    "usage",
    [None, {}, {"prompt_tokens": -1}, {"prompt_tokens": True}, {"prompt_tokens": 10**12}, {"prompt_tokens": "9"}],
)
@run
async def test_an_account_that_cannot_be_true_is_replaced_by_an_estimate(usage: Any) -> None:
    one = called({**ANSWER, "usage": usage})
    await answered(one)
    assert one.course.cost.basis == "estimate"
    assert one.course.cost.prompt_tokens == one.course.facts.fields["prompt_tokens"]


def test_what_an_answer_says_is_counted_in_all_its_choices() -> None:
    calls = [{"function": {"name": "f", "arguments": "{}"}}]
    choices = [{"message": {"content": "é", "reasoning_content": "abc"}}, {"delta": {"tool_calls": calls}}, {}, 7]
    assert content_bytes({"choices": choices}) == 2 + 3 + 2
    assert content_bytes({"choices": None}) == content_bytes([]) == 0


# --- what others learn ------------------------------------------------------------------------------------------


@run
async def test_a_caller_who_hangs_up_ends_the_hop_and_says_nothing_of_the_provider() -> None:
    one = called(asyncio.CancelledError())
    with pytest.raises(asyncio.CancelledError):
        await answered(one)
    (hop,) = one.course.hops
    assert (hop.outcome, hop.reason) == ("cancelled", None)
    assert [row.failures for row in one.world.state.rows() if row.id == "north/large"] in ([], [0])


@run
async def test_failures_in_a_row_open_the_breaker_for_the_calls_after() -> None:
    one = called(*[failure("timeout")] * 7)
    await exhausted(one)
    first = one.world.snapshot.index["north/large"]
    for _ in range(4):
        sent = one.world.state.chosen(first)
        one.world.state.failed(sent, "timeout")
    shown = one.world.state.overlay().snapshot
    assert shown.observe(first, "breaker_open").value is True


@pytest.mark.parametrize("own", [True, False])
@run
async def test_only_a_policy_of_the_operator_can_keep_other_calls_away(own: bool) -> None:
    plan = ["always", {"action": "next_candidate", "open_breaker_ms": 5000}]
    one = called(failure("timeout"), ANSWER, called=custom(*plan))
    if own:
        one.course.plan = attrs_evolve(one.course.plan, own=True)
    await answered(one)
    shown = one.world.state.overlay().snapshot
    assert shown.observe(0, "breaker_open").value is own
