"""Canonical bytes of flows in normal form, and their strict reader. Specification: chapter "Flows", "Encoding"."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from policy_ir.canonical import TERM_PREFIX, canonical_bytes, check_normal, read_record
from policy_ir.cbor import ARRAY, MAP, encode, encode_text, head
from policy_ir.diagnostics import Refused, codes
from policy_ir.flow.bounds import NESTING
from policy_ir.flow.loading import load_flow
from policy_ir.flow.tree import Flow, Input, Llm, Node
from policy_ir.terms import Policy
from policy_ir.values import Value, value_of

__all__ = ["FLOW_PREFIX", "FLOW_TAG", "flow_bytes", "flow_value", "joined_bytes", "node_value", "read_flow"]

FLOW_TAG: Final = "flow-ir/1"
"""The leading tag of flows."""

FLOW_PREFIX: Final = head(ARRAY, 2) + encode(FLOW_TAG)
"""What the bytes of a flow start with; the rest is the encoding of its wire form."""


def flow_value(flow: Flow) -> list[Value]:
    """The value of a flow: its wire form, in which `on_error` is absent where it is `fail`."""
    return ["flow", {name: node_value(node, value_of) for name, node in flow.nodes.items()}]


def node_value(node: Node, of_policy: Callable[[Policy], Any]) -> list[Any]:
    """The value of a node, with what stands for its policy; keys in the order of the specification's table."""
    if isinstance(node, Input):
        return ["input"]
    if not isinstance(node, Llm):
        return ["output", node.input]
    record = {"system": node.system, "policy": of_policy(node.policy), "inputs": list(node.inputs)}
    if node.template is not None:
        record["template"] = node.template
    if node.on_error != "fail":
        record["on_error"] = node.on_error
    return ["llm", record]


def flow_bytes(normal: Flow) -> bytes:
    """The canonical bytes of a flow in normal form (`flow-record/flow`)."""
    return canonical_bytes(FLOW_TAG, flow_value(normal))


# --- from the bytes of the policies ---------------------------------------------------------------------------

_FLOW: Final = FLOW_PREFIX + head(ARRAY, 2) + encode("flow")
_INPUT: Final = encode(["input"])
_OUTPUT: Final = head(ARRAY, 2) + encode("output")
_LLM: Final = head(ARRAY, 2) + encode("llm")
_INPUTS, _POLICY, _SYSTEM, _TEMPLATE = map(encode, ("inputs", "policy", "system", "template"))
_PASSED_ON: Final = encode("on_error") + encode("input")


def joined_bytes(flow: Flow, policies: Mapping[str, bytes]) -> bytes:
    """What `flow_bytes` gives for the normal form of a flow, from the canonical bytes of its policies by their nodes.

    The value of a policy in a flow is the one in its own bytes (`flow-record/policy`), so it is not encoded again.
    """
    entries = sorted([(encode_text(name), _node_bytes(name, node, policies)) for name, node in flow.nodes.items()])
    return b"".join([_FLOW, head(MAP, len(entries)), *[part for entry in entries for part in entry]])


def _node_bytes(name: str, node: Node, policies: Mapping[str, bytes]) -> bytes:
    if isinstance(node, Input):
        return _INPUT
    if not isinstance(node, Llm):
        return _OUTPUT + encode_text(node.input)
    passes_on = node.on_error == "input"
    # By their keys: the shorter ones first, then by the alphabet.
    parts = [
        _LLM,
        head(MAP, 3 + passes_on + (node.template is not None)),
        _INPUTS,
        head(ARRAY, len(node.inputs)),
        *map(encode_text, node.inputs),
        _POLICY,
        policies[name][len(TERM_PREFIX) :],
        _SYSTEM,
        encode_text(node.system),
    ]
    if passes_on:
        parts.append(_PASSED_ON)
    if node.template is not None:
        parts += _TEMPLATE, encode_text(node.template)
    return b"".join(parts)


# --- reading --------------------------------------------------------------------------------------------------


def read_flow(data: bytes) -> Flow:
    """The flow in normal form whose canonical bytes are `data`.

    Raises `Refused` with what `decode` finds; `PIR0805` for bytes of another kind of record; the findings of the wire
    form; `PIR0806` for a flow that is not in normal form.
    """
    value: Any = read_record(data, FLOW_TAG, "a flow", nesting=NESTING + 1)
    flow = load_flow(value)
    for name, node in flow.calls.items():
        at = f"/1/{name}/1"
        check_normal(node.policy, f"{at}/policy")
        if value[1][name][1].get("on_error") == "fail":
            raise Refused.because(
                codes.CBOR_NOT_NORMAL,
                "the flow is not in normal form: `fail` is what an absent `on_error` means",
                pointer=f"{at}/on_error",
                expected="no `on_error`",
                help="encode its normal form",
            )
    return flow
