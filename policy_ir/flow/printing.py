"""Flows as text in either syntax. Specification: chapter "Flows", section "Printing"."""

from __future__ import annotations

from typing import Literal

from policy_ir.flow.document import FlowDocument
from policy_ir.flow.tree import Flow
from policy_ir.flow.wire_printing import print_wire_flow

__all__ = ["fmt_flow"]


def fmt_flow(document: FlowDocument | Flow, to: Literal["wire", "authoring"] = "wire", *, width: int = 100) -> str:
    """A flow, or the document of one, as text laid out to a width in code points, with a final line end.

    The authoring syntax keeps the comments of a document and the names of its policies; the wire syntax has neither.
    Raises ValueError for a document without a flow.
    """
    flow = document if isinstance(document, Flow) else document.flow
    if flow is None:
        raise ValueError("the document holds no flow")
    if to == "authoring":
        from policy_ir.flow.authoring.printing import print_authoring_flow

        return print_authoring_flow(document, width=width).rstrip("\n") + "\n"
    return print_wire_flow(flow, width) + "\n"
