"""Writing the authoring text of a flow, with its comments. Specification: chapter "Flows", section "Printing"."""

from __future__ import annotations

from policy_ir.flow.document import FlowDocument
from policy_ir.flow.tree import Flow


def print_authoring_flow(source: FlowDocument | Flow, *, width: int = 100) -> str:
    """The authoring text of a flow."""
    raise NotImplementedError
