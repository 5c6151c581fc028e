"""What the router counts can be read by Prometheus, costs a call little, and has no label that a caller chooses."""

from __future__ import annotations

import re
import timeit
from typing import Any

import attrs
import pytest
from observing import BREAKER, fail, state, world
from prometheus_client.parser import text_string_to_metric_families
from repository import ROOT, SPEC

from policy_ir.router.metrics import METRICS, MOST_VALUES, REFUSALS, Metrics
from policy_ir.trace.record import Cost, Hop, Trace


def hop(**given: Any) -> Hop:
    said: dict[str, Any] = {
        "number": 0,
        "position": 0,
        "candidate": "openai/gpt-5",
        "provider": "openai",
        "started_ms": 0.6,
        "first_byte_ms": 90.0,
        "first_token_ms": 150.0,
        "ended_ms": 2_300.0,
        "outcome": "ok",
        "status": 200,
        "cost": Cost(usd=0.002, basis="usage", prompt_tokens=100, completion_tokens=40),
    }
    return Hop(**said | given)


def trace(**given: Any) -> Trace:
    said: dict[str, Any] = {
        "id": "tr_" + "0" * 26,
        "at": 1.8e9,
        "policy_name": "support",
        "decision": "blake3:00",
        "hops": (hop(),),
        "outcome": "ok",
        "status": 200,
        "ended_ms": 2_301.0,
    }
    return Trace(**said | given)


@attrs.frozen
class Queue:
    """As much of a writer as is asked."""

    queued: int = 0


def counted(metrics: Metrics) -> dict[tuple[str, ...], float]:
    """All samples: name and values of labels, in the order of the labels' names, to the value."""
    families = text_string_to_metric_families(metrics.text()[0].decode())
    return {
        (sample.name, *(value for _, value in sorted(sample.labels.items()))): sample.value
        for family in families
        for sample in family.samples
        if not sample.name.startswith("process_") and not sample.name.endswith("_created")
    }


def test_a_call_is_counted_by_policy_and_outcome_and_each_of_its_hops_by_provider_and_reason() -> None:
    metrics = Metrics(["support"])
    failed = hop(
        provider="anthropic", outcome="failed", reason="overloaded", status=529, first_token_ms=None, cost=Cost()
    )
    metrics.call(trace(hops=(failed, hop(number=1))))
    seen = counted(metrics)
    assert seen["policy_ir_calls_total", "ok", "support"] == 1
    assert seen["policy_ir_hops_total", "failed", "anthropic", "overloaded"] == 1
    assert seen["policy_ir_hops_total", "ok", "openai", "none"] == 1
    assert seen["policy_ir_tokens_total", "openai", "input"] == 100
    assert seen["policy_ir_tokens_total", "openai", "output"] == 40
    assert seen["policy_ir_cost_usd_total", "usage", "openai"] == 0.002
    assert seen["policy_ir_call_seconds_sum", "support"] == 2.301
    assert seen["policy_ir_added_seconds_sum",] == 0.0006
    assert seen["policy_ir_first_token_seconds_count", "openai"] == 1
    assert ("policy_ir_first_token_seconds_count", "anthropic") in seen
    assert seen["policy_ir_first_token_seconds_count", "anthropic"] == 0


def test_times_are_in_seconds() -> None:
    metrics = Metrics(["support"])
    metrics.call(trace())
    seen = counted(metrics)
    assert seen["policy_ir_call_seconds_bucket", "2.0", "support"] == 0
    assert seen["policy_ir_call_seconds_bucket", "4.0", "support"] == 1


@pytest.mark.parametrize(
    ("given", "label"),
    [
        ({"policy_name": "support"}, "support"),
        ({"policy_name": None}, "inline"),
        ({"policy_name": "openai/gpt-5"}, "candidate"),
        ({"policy_name": "no such policy", "decision": None}, "other"),
    ],
)
def test_a_policy_that_the_configuration_does_not_name_is_not_counted_by_name(
    given: dict[str, Any], label: str
) -> None:
    metrics = Metrics(["support"])
    metrics.call(trace(**given))
    assert counted(metrics)["policy_ir_calls_total", "ok", label] == 1


def test_a_reload_names_other_policies() -> None:
    metrics = Metrics(["support"])
    metrics.name_policies(["batch"])
    metrics.call(trace(policy_name="batch"))
    metrics.call(trace(policy_name="support"))
    seen = counted(metrics)
    assert seen["policy_ir_calls_total", "ok", "batch"] == 1
    assert ("policy_ir_calls_total", "ok", "support") not in seen


def test_a_refused_call_is_counted_by_its_first_diagnostic() -> None:
    metrics = Metrics()
    refused = {"hops": (), "outcome": "refused", "decision": None, "status": 400}
    metrics.call(trace(diagnostics=({"code": "PIR0401"}, {"code": "PIR0403"}), **refused))
    metrics.call(trace(diagnostics=({"code": "made up"},), **refused))
    seen = counted(metrics)
    assert seen["policy_ir_refused_total", "PIR0401"] == 1
    assert seen["policy_ir_refused_total", "other"] == 1
    assert ("policy_ir_added_seconds_count",) in seen
    assert seen["policy_ir_added_seconds_count",] == 0


def test_a_call_without_candidates_is_counted_by_what_refused_most_of_them() -> None:
    metrics = Metrics()
    metrics.no_candidate({"cmp:price_out:le": 5, "missing_capability:tools": 7})
    metrics.no_candidate({"is:disabled": 3, "cmp:price_out:le": 3})
    metrics.no_candidate({})
    metrics.no_candidate({"made up by a caller": 1})
    seen = counted(metrics)
    reasons = {key[1]: value for key, value in seen.items() if key[0] == "policy_ir_no_candidate_total"}
    assert reasons == {"missing_capability": 1, "cmp": 1, "none": 1, "other": 1}


def test_the_reasons_of_refused_candidates_are_those_of_the_semantics() -> None:
    text = (SPEC / "semantics.md").read_text("utf-8")
    assert set(re.findall(r"`reject ([a-z_]{2,})", text)) == REFUSALS


def test_no_label_has_more_values_than_its_bound() -> None:
    metrics = Metrics(f"p{i:04}" for i in range(2_000))
    for i in range(2_000):
        metrics.call(trace(policy_name=f"p{i:04}", hops=(hop(provider=f"host{i}", reason=f"new reason {i}"),)))
    seen = counted(metrics)
    for one in METRICS:
        for place in range(len(one.labels)):
            values = {key[1 + place] for key in seen if key[0].removesuffix("_count") == one.name}
            assert len(values) <= MOST_VALUES + 1, one.name
    assert seen["policy_ir_tokens_total", "other", "input"] == 100 * (2_000 - MOST_VALUES)
    assert sum(value for key, value in seen.items() if key[0] == "policy_ir_calls_total") == 2_000
    reasons = {key[3] for key in seen if key[0] == "policy_ir_hops_total"}
    assert reasons == {"other"}


def test_breakers_and_disabled_accounts_show_as_gauges_while_they_last() -> None:
    metrics, (observed, clock) = Metrics(), state(world(3, accounts=["a", "b", "c"]))
    fail(observed, 0, times=BREAKER.failures)
    fail(observed, 1, "auth_error")
    metrics.observe(observed, Queue(7))  # type: ignore[arg-type]
    seen = counted(metrics)
    assert (seen["policy_ir_breaker_open", "m/0"], seen["policy_ir_candidate_disabled", "m/0"]) == (1, 0)
    assert (seen["policy_ir_breaker_open", "m/1"], seen["policy_ir_candidate_disabled", "m/1"]) == (0, 1)
    assert ("policy_ir_breaker_open", "m/2") not in seen
    assert seen["policy_ir_trace_queue",] == 7
    clock.now += 61
    metrics.observe(observed, Queue())  # type: ignore[arg-type]
    seen = counted(metrics)
    assert (seen["policy_ir_breaker_open", "m/0"], seen["policy_ir_candidate_disabled", "m/1"]) == (0, 0)


def test_calls_in_flight_and_traces_are_counted() -> None:
    metrics = Metrics()
    metrics.in_flight(3)
    metrics.trace_kept()
    metrics.trace_kept()
    metrics.trace_lost()
    seen = counted(metrics)
    assert seen["policy_ir_calls_in_flight",] == 3
    assert seen["policy_ir_traces_total", "kept"] == 2
    assert seen["policy_ir_traces_total", "lost"] == 1


def test_two_routers_in_one_process_count_apart() -> None:
    one, other = Metrics(), Metrics()
    one.trace_kept()
    assert counted(other)["policy_ir_traces_total", "kept"] == 0


def test_all_that_is_counted_of_a_call_costs_microseconds() -> None:
    metrics, call = Metrics(["support"]), trace()

    def one_call() -> None:
        metrics.in_flight(1)
        metrics.call(call)
        metrics.trace_kept()
        metrics.in_flight(0)

    # The least of many is what it costs; the bound is wide because machines are busy.
    assert min(timeit.repeat(one_call, number=100, repeat=30)) / 100 < 50e-6


# --- the page ------------------------------------------------------------------------------------------------------


def test_the_page_lists_exactly_the_metrics_that_there_are() -> None:
    page = (ROOT / "docs" / "reference" / "router-metrics.md").read_text("utf-8")
    rows = re.findall(r"^\| `(policy_ir_\w+)` \| (\w+) \| (.*?) \| (.*?) \|$", page, re.MULTILINE)
    described = [(one.name, one.kind, ", ".join(f"`{label}`" for label in one.labels), one.about) for one in METRICS]
    assert rows == described


def test_every_metric_that_is_described_is_exposed() -> None:
    metrics = Metrics()
    families = {family.name: family.type for family in text_string_to_metric_families(metrics.text()[0].decode())}
    assert {
        name: kind
        for name, kind in families.items()
        if not name.startswith("process_") and not name.endswith("_created")
    } == {one.name.removesuffix("_total"): one.kind for one in METRICS}
