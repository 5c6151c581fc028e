"""The fast load of flows is the definition: the same flows, the same refusals."""

from __future__ import annotations

import json
from typing import Any

import pytest
from flow_values import POLICY, STANDARD, admitted, call, findings, flow, policy, wide
from hypothesis import given

from policy_ir.diagnostics import Refused
from policy_ir.flow.admission import AdmittedFlow, admit_flow
from policy_ir.flow.loaded import load_admitted_flow
from policy_ir.flow.loading import load_flow
from policy_ir.testing.flow_strategies import flow_values, malformed_flows, refused_flows


def by_definition(value: Any) -> AdmittedFlow | list[tuple[str, str | None]]:
    try:
        return admit_flow(load_flow(value), STANDARD)
    except Refused as refused:
        return findings(refused)


def loaded(source: Any) -> AdmittedFlow | list[tuple[str, str | None]]:
    try:
        return load_admitted_flow(source, STANDARD)
    except Refused as refused:
        return findings(refused)


def agree(value: Any) -> None:
    expected, found = by_definition(value), loaded(value)
    if isinstance(expected, list) or isinstance(found, list):
        assert expected == found
        return
    assert found.flow == expected.flow
    assert list(found.flow.nodes) == list(expected.flow.nodes)
    assert found.canonical_bytes == expected.canonical_bytes
    assert found.normal == expected.normal
    assert (found.input, found.output, found.order) == (expected.input, expected.output, expected.order)
    assert list(found.policies) == list(expected.policies)
    for name, one in found.policies.items():
        other = expected.policies[name]
        assert (one.fingerprint, one.normal, one.term) == (other.fingerprint, other.normal, other.term)
        assert one.term.origin == other.term.origin


@given(flow_values())
def test_an_admitted_flow_is_loaded_as_it_is_admitted(value: list[Any]) -> None:
    agree(value)
    of_text, expected = loaded(json.dumps(value).encode()), by_definition(value)
    assert isinstance(of_text, AdmittedFlow)
    assert isinstance(expected, AdmittedFlow)
    assert of_text.flow == expected.flow
    assert of_text.canonical_bytes == expected.canonical_bytes
    assert of_text.document is None


@given(refused_flows())
def test_a_flow_that_is_refused_is_refused_alike(case: tuple[Any, list[Any]]) -> None:
    agree(case[1])
    try:
        data = json.dumps(case[1]).encode()
    except (TypeError, ValueError):
        return
    assert isinstance(loaded(data), list)


@given(malformed_flows())
def test_anything_is_loaded_or_refused_alike(value: Any) -> None:
    agree(value)


@pytest.mark.parametrize(
    "value",
    [
        flow(draft=["llm", {"system": "", "policy": tuple(POLICY), "inputs": ("ask",)}]),
        flow(b=["output", "draft"]),
        flow(b=["input"]),
        flow(draft=call("ask", "ask")),
        flow(draft=call()),
        flow(draft=call("answer")),
        flow(draft=call("ask", template="$2")),
        flow(more=call("draft")),
        flow(answer=["output", "ask"]),
        flow(answer=None),
        flow(draft=None),
        flow(draft=["llm", None]),
        flow(draft=call("ask", system=None)),
        flow(draft=call("ask", system="x" * 32769)),
        flow(draft=call("ask", system="\ud800")),
        flow(**{"a b": call("ask")}),
        flow(é=call("ask")),
        wide([POLICY] * 33, system="x" * 32768),
        flow(draft=["llm", {**call("ask")[1], "more": 1}]),
        flow(draft=call("ask", on_error="retry")),
        flow(draft=call(None)),
        flow(draft=call(*["ask"] * 33)),
        flow(draft=call("x" * 5000)),
        flow(answer=["answer", "draft"]),
        flow(answer=["output", None]),
        {"flow": {}},
        ["flow", []],
        ["Flow", {}],
        ["flow", {"answer": ["output", "draft"], "draft": call("ask"), "ask": ["input"]}],
        ["flow", {"answer": ["output", "draft"], "ask": ["input"], "draft": call("ask")}],
    ],
)
def test_what_is_not_plainly_right_is_judged_by_the_definition(value: Any) -> None:
    agree(value)


def test_what_is_shown_alike_in_a_text_is_loaded_once() -> None:
    value = flow(b=call("draft"), c=call("b", policy=policy(["top"])), answer=["output", "c"])
    made = load_admitted_flow(json.dumps(value).encode(), STANDARD)
    assert made.policies["draft"] is made.policies["b"] is not made.policies["c"]


def test_a_flow_is_loaded_at_once_in_any_order_of_its_nodes(monkeypatch: pytest.MonkeyPatch) -> None:
    backwards = ["flow", dict(reversed(flow(b=call("draft", template="$1"), answer=["output", "b"])[1].items()))]
    expected = by_definition(backwards)
    assert isinstance(expected, AdmittedFlow)
    monkeypatch.delattr("policy_ir.flow.loaded.admit_flow")
    assert load_admitted_flow(backwards, STANDARD).canonical_bytes == expected.canonical_bytes
    assert load_admitted_flow(json.dumps(backwards).encode(), STANDARD).fingerprint == expected.fingerprint


def test_numbers_and_booleans_are_not_taken_for_each_other() -> None:
    def setting(value: Any) -> list[Any]:
        return [*POLICY[:4], ["set_param", "max_tokens", value], POLICY[5]]

    value = flow(draft=call("ask", policy=setting(1)), b=call("draft", policy=setting(True)), answer=["output", "b"])
    found = loaded(json.dumps(value).encode())
    assert isinstance(found, list)
    assert [pointer for _, pointer in found] == ["/1/b/1/policy/4/2"]
    agree(value)


def test_a_source_may_have_any_form_and_its_findings_have_places() -> None:
    made = admitted(flow())
    assert load_admitted_flow(made.canonical_bytes, STANDARD).fingerprint == made.fingerprint
    with pytest.raises(Refused) as caught:
        load_admitted_flow(json.dumps(flow(draft=call("ask", "nobody"))).encode(), STANDARD)
    (found,) = caught.value.diagnostics
    assert found.span is not None
    with pytest.raises(Refused, match="PIR0004"):
        load_admitted_flow(b" " * 1_048_577, STANDARD)
