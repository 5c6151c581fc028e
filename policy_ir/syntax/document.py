"""A text with the term it holds, and the places of the term's parts in the text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal

import attrs

if TYPE_CHECKING:
    from policy_ir.terms import Term

Syntax = Literal["wire", "authoring", "cbor"]


@attrs.frozen(slots=True)
class Span:
    """A half-open range of code points in a text, `start <= end`, counted from 0."""

    start: int
    end: int


@attrs.frozen(slots=True)
class Comment:
    """A comment of the authoring syntax: its text without the mark, its place, whether it has its own line."""

    text: str
    span: Span
    own_line: bool


@attrs.frozen(slots=True, kw_only=True, eq=False)
class Document:
    """A source text as read.

    `spans` maps the JSON Pointer (in the term's wire form) of every node and parameter to its place in `text`; both
    are empty for a term that came from values or bytes. `term` is None while the text holds no well-sorted term.
    """

    name: str
    text: str = ""
    syntax: Syntax = "wire"
    term: Term | None = None
    spans: Mapping[str, Span] = attrs.field(factory=dict, repr=False)
    comments: tuple[Comment, ...] = ()

    def span_of(self, pointer: str) -> Span | None:
        """The place of a node or parameter, or of the nearest enclosing one that has a place."""
        while pointer not in self.spans and pointer:
            pointer = pointer.rpartition("/")[0]
        return self.spans.get(pointer)

    def position(self, offset: int) -> tuple[int, int]:
        """Line and column of an offset, both counted from 1, columns in code points."""
        line = self.text.count("\n", 0, offset) + 1
        return line, offset - self.text.rfind("\n", 0, offset)
