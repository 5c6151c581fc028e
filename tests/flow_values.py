"""Small flows as decoded JSON values, for tests to break."""

from __future__ import annotations

import json
from typing import Any

from policy_ir.diagnostics import Refused
from policy_ir.flow.admission import AdmittedFlow, admit_flow
from policy_ir.flow.document import FlowDocument
from policy_ir.flow.loading import load_flow
from policy_ir.flow.reading import parse_flow
from policy_ir.vocabulary import vocabulary

STANDARD = vocabulary("standard")
POLICY = ["policy", ["meets_req"], ["zero"], ["argmax"], ["id"], ["always", {"action": "next_candidate"}]]


def policy(filter_: Any) -> list[Any]:
    """A policy with a filter."""
    return ["policy", filter_, *POLICY[2:]]


def call(*inputs: str, **more: Any) -> list[Any]:
    """An `llm` node; a value of None leaves a key out."""
    record = {"system": "Answer.", "policy": POLICY, "inputs": list(inputs)} | more
    return ["llm", {key: part for key, part in record.items() if part is not None}]


def flow(**nodes: Any) -> list[Any]:
    """A flow of one call, with other nodes; a value of None leaves a node out."""
    given = {"ask": ["input"], "draft": call("ask"), "answer": ["output", "draft"]} | nodes
    return ["flow", {name: node for name, node in given.items() if node is not None}]


def wide(policies: list[Any], **more: Any) -> list[Any]:
    """A flow with a call for each of these policies."""
    return ["flow", {f"call_{at}": call(policy=each, **more) for at, each in enumerate(policies)}]


def read(value: Any) -> FlowDocument:
    """The document of a value's text."""
    return parse_flow(json.dumps(value))


def admitted(value: Any) -> AdmittedFlow:
    """A value, admitted under the vocabulary `standard`."""
    return admit_flow(load_flow(value), STANDARD)


def findings(refused: Refused) -> list[tuple[str, str | None]]:
    """Codes and pointers."""
    return [(str(found.code), found.pointer) for found in refused.diagnostics]


def refusal_of(value: Any) -> list[tuple[str, str | None]]:
    """Codes and pointers of what a value is refused with when it is loaded, or else when it is admitted."""
    try:
        admitted(value)
    except Refused as refused:
        return findings(refused)
    return []


def refusal_of_text(text: str) -> list[tuple[str, str | None]]:
    """The same of a text."""
    try:
        document = parse_flow(text)
        assert document.flow is not None
        admit_flow(document.flow, STANDARD, document=document)
    except Refused as refused:
        return findings(refused)
    return []
