"""A text with the flow it holds, and the places of the flow's parts in the text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal, TypeAlias

import attrs

from policy_ir.diagnostics import Diagnostic
from policy_ir.flow.tree import Flow
from policy_ir.syntax.document import Document, Span
from policy_ir.terms import Policy

__all__ = ["FlowDocument", "Statement", "Word", "document_of_policy"]

Word: TypeAlias = Literal["policy", "input", "llm", "output"]
"""The word that a statement begins with."""


@attrs.frozen(slots=True, kw_only=True, eq=False)
class Statement:
    """A statement of the authoring syntax: its word, the name that it declares, and its place.

    Of an `llm` statement, `body` is the place of its braces and `settings` has those of its settings, each from its
    word on. Of a `policy` statement, `policy` is what it declares. If a policy stands in the statement, `braces` is the
    place of its braces, and `spans` has the places in it by pointers that start at the policy.
    """

    word: Word
    name: str
    span: Span
    body: Span | None = None
    settings: Mapping[str, Span] = attrs.field(factory=dict)
    policy: Policy | None = None
    braces: Span | None = None
    spans: Mapping[str, Span] = attrs.field(factory=dict, repr=False)


@attrs.frozen(slots=True, kw_only=True, eq=False)
class FlowDocument(Document):
    """A source text as read; `flow` is None while the text holds no well-formed flow.

    Pointers of `spans` are those of the flow's wire form. `policies` says by which names an author of the authoring
    syntax calls the policies of the nodes: from the names of nodes to those of policies, in the order of the nodes.
    `statements` are those of a flow in the authoring syntax, as they are written; `warnings` is what is to be said
    about that text, though it holds a flow.
    """

    flow: Flow | None = None
    policies: Mapping[str, str] = attrs.field(factory=dict)
    statements: tuple[Statement, ...] = attrs.field(default=(), repr=False)
    warnings: tuple[Diagnostic, ...] = ()


def document_of_policy(document: FlowDocument, policy: Policy, pointer: str) -> Document:
    """The text of a flow as the document of one of its policies, whose pointer in the flow's wire form is given.

    Pointers of its spans are those of the policy's own wire form.
    """
    spans = _Within(document.spans, pointer)
    return Document(name=document.name, text=document.text, syntax=document.syntax, term=policy, spans=spans)


class _Within(Mapping[str, Span]):
    """The spans of what is at a pointer and below it, by the rest of their pointers."""

    __slots__ = ("_pointer", "_spans")

    def __init__(self, spans: Mapping[str, Span], pointer: str) -> None:
        self._spans, self._pointer = spans, pointer

    def __getitem__(self, rest: str) -> Span:
        return self._spans[self._pointer + rest]

    def __iter__(self) -> Iterator[str]:
        size = len(self._pointer)
        for pointer in self._spans:
            if pointer.startswith(self._pointer) and pointer[size : size + 1] in ("", "/"):
                yield pointer[size:]

    def __len__(self) -> int:
        return sum(1 for _ in self)
