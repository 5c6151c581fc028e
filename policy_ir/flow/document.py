"""A text with the flow it holds, and the places of the flow's parts in the text."""

from __future__ import annotations

from collections.abc import Mapping

import attrs

from policy_ir.flow.tree import Flow
from policy_ir.syntax.document import Document

__all__ = ["FlowDocument"]


@attrs.frozen(slots=True, kw_only=True, eq=False)
class FlowDocument(Document):
    """A source text as read; `flow` is None while the text holds no well-formed flow.

    Pointers of `spans` are those of the flow's wire form. `policies` says by which names an author of the authoring
    syntax calls the policies of the nodes: from the names of nodes to those of policies, in the order of the nodes.
    """

    flow: Flow | None = None
    policies: Mapping[str, str] = attrs.field(factory=dict)
