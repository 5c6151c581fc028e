"""Where a node stands in its author's own text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policy_ir.report.answer import Place

if TYPE_CHECKING:
    from collections.abc import Mapping

    from policy_ir.syntax.document import Document
    from policy_ir.terms import Origin


class Places:
    """Places by origin, in the texts of a policy and its floor."""

    def __init__(self, documents: Mapping[str, Document]) -> None:
        self.documents = documents

    def of(self, origin: Origin | None) -> Place | None:
        """The place of an origin; None for a node that no author wrote."""
        if origin is None:
            return None
        document = self.documents.get(origin.source)
        span = None if document is None or not document.text else document.span_of(origin.pointer)
        if document is None or span is None:
            name = origin.source if document is None else document.name
            return Place(source=origin.source, name=name, pointer=origin.pointer, text="")
        line, column = document.position(span.start)
        return Place(
            source=origin.source,
            name=document.name,
            pointer=origin.pointer,
            text=" ".join(document.text[span.start : span.end].split()),
            start=span.start,
            end=span.end,
            line=line,
            column=column,
        )

    def line(self, place: Place) -> tuple[str, int, int] | None:
        """The source line of a place, and where the place starts and ends in it; None without a text."""
        document = self.documents.get(place.source)
        if document is None or place.start is None or place.end is None:
            return None
        begin = document.text.rfind("\n", 0, place.start) + 1
        end = document.text.find("\n", begin)
        end = len(document.text) if end < 0 else end
        end -= document.text.endswith("\r", begin, end)
        return document.text[begin:end], place.start - begin, min(place.end, end) - begin
