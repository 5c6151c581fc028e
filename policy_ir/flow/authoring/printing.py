"""Writing the authoring text of a flow, with its comments. Specification: chapter "Flows", section "Printing"."""

from __future__ import annotations

import attrs

from policy_ir.flow.authoring.notation import of_document, of_flow
from policy_ir.flow.document import FlowDocument
from policy_ir.flow.tree import Flow
from policy_ir.syntax.authoring.comments import hang
from policy_ir.syntax.authoring.printing import WIDTH, render


def print_authoring_flow(source: FlowDocument | Flow, *, width: int = WIDTH) -> str:
    """The authoring text of a flow, or of a document with its comments and names of policies, formatted.

    Reading the text gives the flow again, and the same names; formatting it gives the same text. Lines are at most
    `width` columns where the language allows it. Raises ValueError for a document without a flow.
    """
    flow = source if isinstance(source, Flow) else source.flow
    if flow is None:
        raise ValueError("the document holds no flow")
    if isinstance(source, Flow) or source.syntax != "authoring":
        return render(of_flow(flow), frozenset(), width)
    written = of_document(source, flow)
    blanks = hang(attrs.evolve(source, spans=written.places), written.root)
    return render(written.root, blanks, width)
