"""Spans say what a call came to, by the names that OpenTelemetry has for it, and nothing of what was said in it."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
import time
import timeit
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import pytest
from observing import world
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode, format_span_id, format_trace_id
from repository import ROOT
from running import run
from worlds import ANSWER, Called, failure

from policy_ir.diagnostics import Refused
from policy_ir.evaluator import Evaluator
from policy_ir.router.config import Telemetry as Settings
from policy_ir.router.spans import WELL_KNOWN
from policy_ir.router.telemetry import ATTRIBUTES, SCHEMA_URL, OpenTelemetry, telemetry_of, traces_url
from policy_ir.trace.record import Cost, Hop
from policy_ir.vocabulary import vocabulary

AT = 1_800_000_000.25
PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
SECRET = "the patient's name is"

POLICY = ["policy", ["not", ["is", "disabled"]], ["zero"], ["argmax"], ["id"], ["always", {"action": "next_candidate"}]]
NOBODY = ["policy", ["bot"], ["zero"], ["argmax"], ["id"], ["always", {"action": "abort"}]]

USED = Cost(usd=0.002, basis="usage", prompt_tokens=100, completion_tokens=40)


def hop(**given: Any) -> Hop:
    said: dict[str, Any] = {
        "number": 0,
        "position": 0,
        "candidate": "m/0",
        "provider": "endpoint",
        "started_ms": 1.0,
        "first_token_ms": 150.0,
        "ended_ms": 2_000.0,
        "outcome": "ok",
        "status": 200,
        "cost": USED,
    }
    return Hop(**said | given)


FAILED = hop(
    outcome="failed",
    reason="rate_limit",
    status=429,
    message=SECRET,
    action="next_candidate/advance",
    ended_ms=50.0,
    first_token_ms=None,
    cost=Cost(),
)
SECOND = hop(number=1, position=1, candidate="m/1", started_ms=60.0)


def ended(hops: Sequence[Hop], *, nobody: bool, begun: bool) -> tuple[str, str | None] | None:
    """What came of a call, as its trace has it; None where nothing came of it yet."""
    if not hops:
        return ("no_candidate", None) if nobody else None
    last = hops[-1]
    return (last.outcome, None) if last.reason is None else ("interrupted" if begun else "failed", last.reason)


def course(*hops: Hop, policy: object = POLICY, **given: Any) -> Any:
    """A call that has ended, as far as spans look at it."""
    snapshot = world(3, accounts=["openai", "mistral", "house"])
    evaluator = Evaluator()
    admitted = evaluator.load(policy, vocabulary("standard"))
    body = {
        "messages": [{"role": "user", "content": SECRET}],
        "user": SECRET,
        "stop": [SECRET],
        **given.pop("body", {}),
    }
    request = SimpleNamespace(
        model="policy:support",
        stream=given.pop("stream", False),
        body=body,
        options=SimpleNamespace(session=given.pop("session", None)),
    )
    last = hops[-1] if hops else None
    made = {
        "id": "tr_0",
        "at": AT,
        "elapsed_ms": 2_100.0,
        "request": request,
        "plan": SimpleNamespace(name="support"),
        "choice": evaluator.bind(admitted, snapshot).decide(),
        "hops": list(hops),
        "chosen": last.candidate if last is not None and last.outcome == "ok" else None,
        "cost": Cost.total(one.cost for one in hops),
        "ended": ended(hops, nobody=policy is NOBODY, begun=given.pop("begun", False)),
        "seed": None,
        "model": None,
        "world": SimpleNamespace(
            snapshot=snapshot,
            served_models=("gpt-5", "mistral-large", "own"),
            endpoints=[SimpleNamespace(url=url) for url in ("https://api.openai.com/v1", "http://[::1]:9", "http://h")],
        ),
    }
    return SimpleNamespace(**made | given)


def spans(made: Any, headers: dict[str, str] | None = None) -> Sequence[ReadableSpan]:
    """The spans of a call, its own first."""
    kept = InMemorySpanExporter()
    telemetry = OpenTelemetry(SimpleSpanProcessor(kept))
    telemetry.call(made, headers or {}).end(made)
    telemetry.close()
    return sorted(kept.get_finished_spans(), key=lambda span: span.kind is SpanKind.CLIENT)


def flow(**given: Any) -> Any:
    """A flow of two nodes that has ended, as far as spans look at it: the first was passed."""
    passed = course(FAILED, SECOND, seed=1)
    calls = {
        "draft": SimpleNamespace(
            name="draft", course=passed, outcome="failed", reason="rate_limit", passed=True, ended_ms=900.0
        ),
        "verify": SimpleNamespace(
            name="verify",
            course=course(hop(), at=AT + 1, model="gpt-5-mini", stream=True),
            outcome="ok",
            reason=None,
            passed=False,
            ended_ms=1_000.0,
        ),
        "never": SimpleNamespace(name="never", course=None),
    }
    made = {
        "id": "tr_0",
        "at": AT,
        "elapsed_ms": 2_100.0,
        "request": course(stream=True, session="s", body=given.pop("body", {})).request,
        "plan": SimpleNamespace(name="checked", admitted=SimpleNamespace(fingerprint="blake3:0")),
        "calls": calls,
        "attempts": 3,
        "chosen": "m/0",
        "cost": Cost.total([USED, USED]),
        "ended": ("ok", None),
        "failed": None,
        "seed": 1,
    }
    return SimpleNamespace(**made | given)


def spans_of_flow(made: Any) -> Sequence[ReadableSpan]:
    """The spans of a flow, its own first, then those of nodes, then those of hops."""
    kept = InMemorySpanExporter()
    telemetry = OpenTelemetry(SimpleSpanProcessor(kept))
    telemetry.flow(made, {}).end(made)
    telemetry.close()
    kinds = [SpanKind.SERVER, SpanKind.INTERNAL, SpanKind.CLIENT]
    return sorted(kept.get_finished_spans(), key=lambda span: (kinds.index(span.kind), span.start_time))


def test_a_flow_has_one_span_with_a_child_for_each_node_and_these_have_the_hops() -> None:
    whole, draft, verify, *hops = spans_of_flow(flow())
    assert [span.name for span in (whole, draft, verify)] == ["chat policy:support", "node draft", "node verify"]
    assert [len(hops), hops[0].name, hops[2].name] == [3, "chat gpt-5", "chat gpt-5"]
    assert whole.context is not None
    assert [span.parent and span.parent.span_id for span in (draft, verify)] == [whole.context.span_id] * 2
    assert draft.context is not None
    assert verify.context is not None
    inside = [span.parent and span.parent.span_id for span in hops]
    assert inside == [draft.context.span_id] * 2 + [verify.context.span_id]
    begun = int((AT + 1) * 1e9)
    assert (verify.start_time, verify.end_time) == (begun, begun + 1_000_000_000)
    assert (draft.attributes or {})["policy_ir.passed"] is True
    assert (draft.status.status_code, whole.status.status_code) == (StatusCode.ERROR, StatusCode.UNSET)
    assert SECRET not in str([span.to_json() for span in (whole, draft, verify, *hops)])


def test_the_span_of_a_failed_flow_names_its_node_and_reason() -> None:
    failed = flow(ended=("failed", "timeout"), failed=SimpleNamespace(node="verify"))
    whole, *_ = spans_of_flow(failed)
    assert whole.attributes is not None
    assert (whole.attributes["policy_ir.failed_node"], whole.attributes["error.type"]) == ("verify", "timeout")
    assert whole.status.status_code is StatusCode.ERROR


def test_a_call_has_one_span_and_each_hop_a_child_of_it() -> None:
    call, *hops = spans(course(FAILED, SECOND))
    assert (call.name, call.kind) == ("chat policy:support", SpanKind.SERVER)
    assert [(span.name, span.kind) for span in hops] == [
        ("chat gpt-5", SpanKind.CLIENT),
        ("chat mistral-large", SpanKind.CLIENT),
    ]
    assert call.parent is None
    assert call.context is not None
    for span in hops:
        assert span.parent is not None
        assert span.parent.span_id == call.context.span_id


def test_times_are_those_of_the_call() -> None:
    call, first, second = spans(course(FAILED, SECOND))
    begun = int(AT * 1e9)
    assert (call.start_time, call.end_time) == (begun, begun + 2_100_000_000)
    assert (first.start_time, first.end_time) == (begun + 1_000_000, begun + 51_000_000)
    assert (second.start_time, second.end_time) == (begun + 60_000_000, begun + 2_060_000_000)


def test_a_hop_has_the_names_of_the_conventions() -> None:
    _, first, second = spans(course(FAILED, SECOND, stream=True, model="mistral-large-2411"))
    assert dict(first.attributes or {}) == {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "openai",
        "gen_ai.request.model": "gpt-5",
        "gen_ai.request.stream": True,
        "server.address": "api.openai.com",
        "server.port": 443,
        "error.type": "rate_limit",
        "http.response.status_code": 429,
        "policy_ir.candidate": "m/0",
        "policy_ir.outcome": "failed",
        "policy_ir.position": 0,
        "policy_ir.retries": 0,
        "policy_ir.action": "next_candidate/advance",
        "policy_ir.cost_usd": 0.0,
        "policy_ir.cost_basis": "none",
    }
    assert dict(second.attributes or {}) == {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "mistral_ai",
        "gen_ai.request.model": "mistral-large",
        "gen_ai.request.stream": True,
        "gen_ai.response.model": "mistral-large-2411",
        "gen_ai.response.time_to_first_chunk": 0.15,
        "gen_ai.usage.input_tokens": 100,
        "gen_ai.usage.output_tokens": 40,
        "server.address": "::1",
        "server.port": 9,
        "http.response.status_code": 200,
        "policy_ir.candidate": "m/1",
        "policy_ir.outcome": "ok",
        "policy_ir.position": 1,
        "policy_ir.retries": 0,
        "policy_ir.cost_usd": 0.002,
        "policy_ir.cost_basis": "usage",
    }
    assert (first.status.status_code, second.status.status_code) == (StatusCode.ERROR, StatusCode.UNSET)


def test_a_call_says_what_was_decided_and_what_came_of_it() -> None:
    made = course(FAILED, SECOND, seed=7, session="s", body={"max_tokens": 50, "temperature": 1, "n": 3, "top_p": "no"})
    call = spans(made)[0]
    program = made.choice.bound.effective
    assert dict(call.attributes or {}) == {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "policy_ir",
        "gen_ai.request.model": "policy:support",
        "gen_ai.request.max_tokens": 50,
        "gen_ai.request.temperature": 1.0,
        "gen_ai.request.choice.count": 3,
        "gen_ai.conversation.id": "s",
        "policy_ir.trace": "tr_0",
        "policy_ir.outcome": "ok",
        "policy_ir.policy": program.policy_fingerprint,
        "policy_ir.policy_name": "support",
        "policy_ir.effective": program.fingerprint,
        "policy_ir.decision": made.choice.fingerprint,
        "policy_ir.seed": 7,
        "policy_ir.eligible": 3,
        "policy_ir.refused": 0,
        "policy_ir.cut": 0,
        "policy_ir.attempts": 2,
        "policy_ir.candidate": "m/1",
        "policy_ir.cost_usd": 0.002,
        "policy_ir.cost_basis": "usage",
    }
    assert call.status.status_code is StatusCode.UNSET


@pytest.mark.parametrize(
    ("made", "outcome", "reason"),
    [
        (course(FAILED), "failed", "rate_limit"),
        (course(hop(outcome="failed", reason="stream_interrupted"), begun=True), "interrupted", "stream_interrupted"),
        (course(policy=NOBODY), "no_candidate", "no_candidate"),
        (course(hop(outcome="cancelled", status=None)), "cancelled", None),
        (course(), "cancelled", None),
        (course(hop()), "ok", None),
        (course(hop(outcome="cancelled", status=None), ended=("failed", "unknown")), "failed", "unknown"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_call_that_has_failed_says_why(made: Any, outcome: str, reason: str | None) -> None:
    call = spans(made)[0]
    assert call.attributes is not None
    assert (call.attributes["policy_ir.outcome"], call.attributes.get("error.type")) == (outcome, reason)
    assert (call.status.status_code is StatusCode.ERROR) == (reason is not None)
    assert call.status.description is None


def test_the_newer_of_two_bounds_on_the_answer_counts() -> None:
    call = spans(course(hop(), body={"max_tokens": 5, "max_completion_tokens": 9, "seed": 10**30, "top_p": True}))[0]
    shown = {name: value for name, value in (call.attributes or {}).items() if name.startswith("gen_ai.request.")}
    assert shown == {"gen_ai.request.model": "policy:support", "gen_ai.request.max_tokens": 9}


def test_the_trace_of_the_caller_is_continued() -> None:
    call, inner = spans(course(hop()), {"traceparent": PARENT, "tracestate": "vendor=1"})
    assert call.parent is not None
    assert call.parent.is_remote
    assert format_span_id(call.parent.span_id) == "b7ad6b7169203331"
    for span in (call, inner):
        assert span.context is not None
        assert format_trace_id(span.context.trace_id) == "0af7651916cd43dd8448eb211c80319c"
        assert span.context.trace_state.get("vendor") == "1"


@pytest.mark.parametrize("wrong", ["", "00-0-0-00", "00-" + "0" * 32 + "-" + "0" * 16 + "-01", "x" * 5000])
def test_a_trace_context_that_is_none_begins_a_trace(wrong: str) -> None:
    call = spans(course(hop()), {"traceparent": wrong})[0]
    assert call.parent is None


def test_a_caller_that_does_not_sample_its_trace_has_no_spans_here() -> None:
    assert spans(course(hop()), {"traceparent": PARENT[:-1] + "0"}) == []


def test_no_span_holds_what_was_said() -> None:
    made = course(FAILED, SECOND, stream=True, body={"seed": SECRET, "temperature": SECRET}, model="gpt")
    assert SECRET not in "".join(span.to_json() for span in spans(made))


@run
async def test_a_call_of_the_router_itself_can_be_told() -> None:
    one = Called([failure("rate_limit", status=429), {**ANSWER, "model": "large-1"}])
    await one.course.answer(one.upstream)  # type: ignore[arg-type]
    call, *hops = spans(one.course)
    assert call.attributes is not None
    assert call.attributes["policy_ir.decision"] == one.course.choice.fingerprint
    assert call.attributes["policy_ir.candidate"] == one.course.chosen
    assert [(span.attributes or {}).get("error.type") for span in hops] == ["rate_limit", None]
    assert (hops[1].attributes or {})["gen_ai.response.model"] == "large-1"
    assert (hops[1].attributes or {})["gen_ai.usage.input_tokens"] == 10


def test_the_version_of_the_conventions_is_stated() -> None:
    for span in spans(course(hop())):
        assert span.instrumentation_scope is not None
        assert span.instrumentation_scope.schema_url == SCHEMA_URL
        assert span.resource.attributes["service.name"] == "policy-ir"


# --- without a collector -------------------------------------------------------------------------------------------


def test_without_a_collector_there_are_no_spans_and_no_cost() -> None:
    telemetry, made = telemetry_of(Settings()), course(hop())
    assert telemetry.call(made, {}) is telemetry.call(made, {"traceparent": PARENT})

    def one_call() -> None:
        telemetry.call(made, {}).end(made)

    assert min(timeit.repeat(one_call, number=1000, repeat=20)) / 1000 < 2e-6
    telemetry.close()


def test_without_a_collector_opentelemetry_is_not_even_imported() -> None:
    program = (
        "import sys; from policy_ir.router.config import Telemetry as T; from policy_ir.router.telemetry import *;"
        "telemetry_of(T()); print([name for name in sys.modules if name.startswith('opentelemetry')])"
    )
    shown = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT)
    assert shown.stdout.strip() == "[]"


def test_a_collector_needs_opentelemetry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "opentelemetry.exporter.otlp.proto.http.trace_exporter", None)
    with pytest.raises(Refused) as refused:
        telemetry_of(Settings(otlp="http://127.0.0.1:4318"))
    (found,) = refused.value.diagnostics
    assert (found.code.code, found.pointer) == ("PIR0950", "/telemetry/otlp")
    assert "policy-ir[otel]" in (found.help or "")


@pytest.mark.parametrize(
    ("collector", "url"),
    [
        ("http://127.0.0.1:4318", "http://127.0.0.1:4318/v1/traces"),
        ("http://127.0.0.1:4318/", "http://127.0.0.1:4318/v1/traces"),
        ("https://house/otlp/v1/traces", "https://house/otlp/v1/traces"),
    ],
)
def test_a_collector_is_named_by_its_base_or_by_where_it_takes_spans(collector: str, url: str) -> None:
    assert traces_url(collector) == url


def test_a_collector_that_is_down_holds_nobody_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("policy_ir.router.telemetry.EXPORT_TIMEOUT_S", 0.1)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        telemetry, made = telemetry_of(Settings(otlp=f"http://127.0.0.1:{taken.getsockname()[1]}")), course(hop())
        telemetry.call(made, {}).end(made)
        begun = time.monotonic()
        telemetry.close()
        assert time.monotonic() - begun < 5


# --- the page ------------------------------------------------------------------------------------------------------


def test_the_page_lists_exactly_the_attributes_that_there_are() -> None:
    page = (ROOT / "docs" / "reference" / "router-metrics.md").read_text("utf-8")
    rows = re.findall(r"^\| `([a-z_]+\.[\w.]+)` \| ([a-z, ]+) \| (.*?) \|$", page, re.MULTILINE)
    assert rows == [(name, where, about) for name, (where, about) in ATTRIBUTES.items()]
    assert SCHEMA_URL.removeprefix("https://opentelemetry.io/schemas/") in page


def test_every_attribute_that_is_listed_is_set_on_the_spans_it_is_listed_for_and_no_other_is() -> None:
    body = dict.fromkeys(("max_tokens", "temperature", "top_p", "frequency_penalty", "presence_penalty", "seed"), 1)
    full = course(FAILED, SECOND, stream=True, seed=1, session="s", body=body | {"n": 2}, model="m")
    failed = course(policy=NOBODY)
    ended_by = SimpleNamespace(node="verify")
    kinds = {SpanKind.SERVER: "flow", SpanKind.INTERNAL: "node", SpanKind.CLIENT: "hop"}
    seen = {"call": set[str](), "flow": set[str](), "node": set[str](), "hop": set[str]()}
    for span in spans_of_flow(flow(body=body | {"n": 2}, ended=("failed", "timeout"), failed=ended_by)):
        seen[kinds[span.kind]].update(span.attributes or {})
    for made in (full, failed):
        for span in spans(made):
            seen["hop" if span.kind is SpanKind.CLIENT else "call"].update(span.attributes or {})
    for kind, names in seen.items():
        assert names == {name for name, (where, _) in ATTRIBUTES.items() if kind in where.split(", ")}


def test_names_of_providers_are_known_to_the_conventions() -> None:
    from opentelemetry.semconv._incubating.attributes import gen_ai_attributes

    known = {one.value for one in gen_ai_attributes.GenAiProviderNameValues} | {"moonshot_ai"}
    assert set(WELL_KNOWN.values()) <= known


def test_names_of_attributes_are_known_to_the_conventions() -> None:
    from opentelemetry.semconv._incubating.attributes import gen_ai_attributes

    known = {value for value in vars(gen_ai_attributes).values() if isinstance(value, str)}
    # In schema 1.42.0, and not yet in the package of the names.
    newer = {"gen_ai.request.stream", "gen_ai.response.time_to_first_chunk"}
    assert {name for name in ATTRIBUTES if name.startswith("gen_ai.")} - known <= newer
