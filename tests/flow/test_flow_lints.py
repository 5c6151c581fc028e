"""Warnings about admitted flows."""

from __future__ import annotations

from typing import Any

from flow_values import POLICY, STANDARD, admitted, call, flow, policy, read

from policy_ir.catalogs import shipped_snapshot
from policy_ir.flow.admission import admit_flow
from policy_ir.flow.document import FlowDocument
from policy_ir.flow.loading import load_flow
from policy_ir.lints.flows import lint_flow

SUSPICIOUS = [*POLICY[:2], ["clamp", 1, 0, ["field", "call_cost"]], *POLICY[3:]]
"""The bounds of its clamp are the wrong way round."""


def told(value: Any, document: FlowDocument | None = None) -> list[tuple[str, str | None]]:
    made = admitted(value) if document is None else admit_flow(load_flow(value), STANDARD, document=document)
    return [(str(one.code), one.pointer) for one in lint_flow(made)]


def test_an_input_that_the_template_drops_is_told_of() -> None:
    value = flow(b=call("ask"), draft=call("ask", "b", template="$2 $2"))
    assert told(value) == [("PIR1045", "/1/draft/1/inputs/0")]
    both = flow(b=call("ask"), draft=call("ask", "b", template="$"))
    assert told(both) == [("PIR1045", "/1/draft/1/inputs/0"), ("PIR1045", "/1/draft/1/inputs/1")]


def test_without_a_template_nothing_is_dropped() -> None:
    assert told(flow(b=call("ask"), draft=call("ask", "b"))) == []


def test_policies_are_linted_at_each_node_with_pointers_of_the_flow() -> None:
    value = flow(draft=call("ask", policy=SUSPICIOUS), b=call("draft", policy=SUSPICIOUS), answer=["output", "b"])
    found = told(value)
    assert [pointer and pointer.split("/")[2] for _, pointer in found] == ["draft", "b"]
    assert {code for code, _ in found} == {"PIR0504"}


def test_a_policy_that_an_author_has_named_is_linted_once() -> None:
    value = flow(draft=call("ask", policy=SUSPICIOUS), b=call("draft", policy=SUSPICIOUS), answer=["output", "b"])
    document = FlowDocument(name="example", policies={"draft": "cheap", "b": "cheap"})
    assert len(told(value, document)) == 1


def test_warnings_about_a_text_have_their_places() -> None:
    document = read(
        flow(draft=call("ask", policy=SUSPICIOUS), b=call("draft", policy=SUSPICIOUS), answer=["output", "b"])
    )
    assert document.flow is not None
    places = [one.span for one in lint_flow(admit_flow(document.flow, STANDARD, document=document))]
    assert len(set(places)) == 2
    assert all(span is not None and document.text[span.start : span.end].startswith('["clamp"') for span in places)


def test_a_snapshot_is_asked_too() -> None:
    nobody = flow(draft=call("ask", policy=policy(["bot"])))
    found = lint_flow(admitted(nobody), shipped_snapshot())
    assert "PIR0505" in {str(one.code) for one in found}
