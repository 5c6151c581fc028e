"""The typed tree of a flow: nodes by name. Specification: chapter "Flows", section "Wire form"."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, TypeAlias, get_args

import attrs

from policy_ir.terms import Policy

__all__ = ["ON_ERROR", "Flow", "Input", "Llm", "Node", "OnError", "Output"]

OnError: TypeAlias = Literal["fail", "input"]

ON_ERROR: tuple[OnError, ...] = get_args(OnError)
"""What a failed call can make of a flow."""


@attrs.frozen(slots=True)
class Input:
    """What the caller has sent."""


@attrs.frozen(slots=True)
class Llm:
    """One call: its prompt, how a model is chosen for it, and the nodes whose values it reads, in order.

    `system` is empty where there is no system prompt. `template` is the user message, with `$1` for the first input;
    None lays the inputs out by the rules of assembly. Origins in `policy` are pointers into its own wire form, not the
    flow's, so that what is decided by it does not depend on where it stands.
    """

    system: str
    policy: Policy
    inputs: tuple[str, ...]
    template: str | None = None
    on_error: OnError = "fail"


@attrs.frozen(slots=True)
class Output:
    """The answer: that of the node `input`."""

    input: str


Node: TypeAlias = Input | Llm | Output


@attrs.frozen(slots=True)
class Flow:
    """A flow as its author wrote it: its nodes by name, in the order in which they are written.

    Well formed and within the bounds, if `load_flow` or `parse_flow` made it; nothing is known of its graph yet. The
    order means nothing: flows with the same nodes are equal.
    """

    nodes: Mapping[str, Node]

    @property
    def calls(self) -> Mapping[str, Llm]:
        """The `llm` nodes, in their order."""
        return {name: node for name, node in self.nodes.items() if isinstance(node, Llm)}
