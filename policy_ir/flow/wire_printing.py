"""Flows to JSON: as values, and as text laid out for reading. Specification: chapter "Flows", section "Printing"."""

from __future__ import annotations

from typing import Any

from policy_ir.flow.canonical import node_value
from policy_ir.flow.tree import Flow
from policy_ir.syntax.print_wire import Headed, layout, to_wire

__all__ = ["print_wire_flow", "to_wire_flow"]


def to_wire_flow(flow: Flow) -> list[Any]:
    """The JSON value of a flow, with integral numbers of magnitude up to 2^53 - 1 as int (`flow-print/record`)."""
    return ["flow", {name: node_value(node, to_wire) for name, node in flow.nodes.items()}]


def print_wire_flow(flow: Flow, width: int = 100) -> str:
    """A flow as JSON text, laid out to a width in code points as terms are, without a final line end.

    Of a flow and a node that do not fit on one line, the kind at the head stands on the first.
    """
    nodes = {name: Headed(node_value(node, lambda policy: policy)) for name, node in flow.nodes.items()}
    return layout(Headed(["flow", nodes]), "", 0, width)
