"""Small flows for tests, said in one line: a question `q`, calls, and the answer `out`."""

from __future__ import annotations

from typing import Any

from small_worlds import HOUSE

from policy_ir.flow.admission import AdmittedFlow, admit_flow
from policy_ir.flow.loading import load_flow
from policy_ir.vocabulary import Vocabulary

POLICY = ["policy", ["top"], ["neg", ["field", "call_cost"]], ["argmax"], ["id"],
          ["always", {"action": "next_candidate"}]]  # fmt: skip
"""Whoever is cheapest."""


def call(*inputs: str, system: str = "", policy: Any = POLICY, **optional: str) -> list[Any]:
    """An `llm` node in the wire form; `template` and `on_error` where they are given."""
    return ["llm", {"system": system, "policy": policy, "inputs": list(inputs), **optional}]


def flow_value(last: str = "", **calls: list[Any]) -> list[Any]:
    """A flow in the wire form; its answer is that of `last`, or of the call that is written last."""
    return ["flow", {"q": ["input"], **calls, "out": ["output", last or list(calls)[-1]]}]


def flow(last: str = "", vocabulary: Vocabulary = HOUSE, **calls: list[Any]) -> AdmittedFlow:
    """The same, admitted."""
    return admit_flow(load_flow(flow_value(last, **calls)), vocabulary)


def user(text: object) -> dict[str, Any]:
    """A message of a user."""
    return {"role": "user", "content": text}
