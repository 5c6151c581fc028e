"""Canonical bytes of flows in normal form, and their strict reader. Specification: chapter "Flows", "Encoding"."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, TypeAlias

from policy_ir.canonical import TERM_PREFIX, canonical_bytes, check_normal, read_record
from policy_ir.cbor import ARRAY, MAP, encode, encode_text, head
from policy_ir.diagnostics import Refused, codes
from policy_ir.flow.bounds import INPUTS, NESTING
from policy_ir.flow.loading import load_flow
from policy_ir.flow.tree import Flow, Input, Llm, Node
from policy_ir.terms import Policy
from policy_ir.values import Value, value_of

__all__ = [
    "FLOW_PREFIX",
    "FLOW_TAG",
    "INPUT_PIECES",
    "Pieces",
    "call_pieces",
    "flow_bytes",
    "flow_value",
    "joined",
    "joined_bytes",
    "node_value",
    "output_pieces",
    "read_flow",
]

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
_OUTPUT: Final = head(ARRAY, 2) + encode("output")
_SIZE_OF_PREFIX: Final = len(TERM_PREFIX)
# The record of a call is in the order of its keys: the shorter ones first, then by the alphabet.
_LLM: Final = {size: head(ARRAY, 2) + encode("llm") + head(MAP, size) + encode("inputs") for size in (3, 4, 5)}
_INPUTS: Final = [head(ARRAY, size) for size in range(INPUTS + 1)]
_POLICY, _SYSTEM, _TEMPLATE = map(encode, ("policy", "system", "template"))
_PASSED_ON: Final = encode("on_error") + encode("input")

Pieces: TypeAlias = tuple[bytes, ...]
"""Bytes that belong together, in their order; the long ones among them are copied only once, by who joins all."""

INPUT_PIECES: Final[Pieces] = (encode(["input"]),)
"""The bytes of an input."""


def output_pieces(name: bytes) -> Pieces:
    """The bytes of an output, from those of the name that it reads."""
    return _OUTPUT, name


def call_pieces(
    system: bytes, policy: bytes, inputs: Sequence[bytes], template: bytes | None = None, passes_on: bool = False
) -> Pieces:
    """The bytes of an `llm` node, from those of its parts.

    The value of a policy in a flow is the one in its own canonical bytes (`flow-record/policy`), so these are given.
    """
    start, many = _LLM[3 + passes_on + (template is not None)], _INPUTS[len(inputs)]
    pieces = (start, many, *inputs, _POLICY, policy[_SIZE_OF_PREFIX:], _SYSTEM, system)
    if passes_on:
        pieces += (_PASSED_ON,)
    return pieces if template is None else (*pieces, _TEMPLATE, template)


def joined(nodes: Mapping[bytes, Pieces]) -> bytes:
    """The canonical bytes of a flow, from those of its nodes by those of their names."""
    pieces = [_FLOW, head(MAP, len(nodes))]
    for name in sorted(nodes):
        pieces.append(name)
        pieces += nodes[name]
    return b"".join(pieces)


def joined_bytes(flow: Flow, policies: Mapping[str, bytes]) -> bytes:
    """What `flow_bytes` gives for the normal form of a flow, by the canonical bytes of the policies of its nodes."""
    nodes: dict[bytes, Pieces] = {}
    for name, node in flow.nodes.items():
        if isinstance(node, Llm):
            pieces = call_pieces(
                encode_text(node.system),
                policies[name],
                list(map(encode_text, node.inputs)),
                None if node.template is None else encode_text(node.template),
                node.on_error == "input",
            )
        else:
            pieces = INPUT_PIECES if isinstance(node, Input) else output_pieces(encode_text(node.input))
        nodes[encode_text(name)] = pieces
    return joined(nodes)


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
