"""What is wrong with the text of a flow, while it is read: at most 100 findings, each once."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import attrs

from policy_ir.diagnostics import Diagnostic, codes, quoted
from policy_ir.diagnostics.codes import Code
from policy_ir.diagnostics.model import in_source_order
from policy_ir.syntax.authoring.tree import Lexeme
from policy_ir.syntax.bounds import DIAGNOSTICS
from policy_ir.syntax.document import Span


@attrs.define(slots=True, eq=False)
class Findings:
    """The findings of one text; `lexical` are those of its tokens, made before.

    `unread` are places whose tokens are passed over, so that nothing is said of them. After `last`, the offset at
    which a bound was exceeded, nothing is looked at.
    """

    lexical: list[Diagnostic]
    found: list[Diagnostic] = attrs.field(factory=list)
    causes: set[tuple[Code, Span | None]] = attrs.field(factory=set)
    unread: list[Span] = attrs.field(factory=list)
    last: int | None = None

    @property
    def full(self) -> bool:
        """Whether enough is found to stop."""
        return len(self.found) >= DIAGNOSTICS

    def add(self, found: Diagnostic) -> None:
        """Note a finding, unless the same is said of the same place: then it follows from that."""
        cause = found.code, found.span
        if not self.full and cause not in self.causes:
            self.causes.add(cause)
            self.found.append(found)

    def at(self, lexeme: Lexeme, code: Code, message: str, **fields: Any) -> None:
        """Note what is wrong with a token, unless it stands for something reported."""
        if not lexeme.repaired:
            fields.setdefault("found", quoted(lexeme.text) if lexeme.text else None)
            self.add(Diagnostic(code=code, message=message, span=Span(lexeme.start, lexeme.end), **fields))

    def quoted_name(self, lexeme: Lexeme) -> None:
        """Note a string where a name is due."""
        message, help_ = f"the name {quoted(lexeme.text)} is in double quotes", "names stand without quotes"
        self.at(lexeme, codes.QUOTED_NAME, message, expected="a name", help=help_)

    def exceeded(self, place: Span, code: Code, message: str, **fields: Any) -> None:
        """Note what exceeds a bound after which nothing is looked at."""
        self.last = min(place.start, self.last or place.start)
        self.add(Diagnostic(code=code, message=message, span=place, **fields))

    def all(self) -> tuple[Diagnostic, ...]:
        """Every finding that counts, in the order of the text."""
        spoken = [one for one in self.lexical if not any(_within(one, place) for place in self.unread)]
        ordered = in_source_order([*spoken, *self.found])
        if self.last is not None:
            ordered = tuple(one for one in ordered if _noticed(one) <= self.last)
        return ordered[:DIAGNOSTICS]


def _within(found: Diagnostic, place: Span) -> bool:
    return found.span is not None and place.start <= found.span.start < place.end


def _noticed(found: Diagnostic) -> int:
    return found.noticed if found.noticed is not None else found.span.start if found.span else 0


def texts(some: Iterable[Lexeme]) -> str:
    """Tokens as a message shows them."""
    return quoted(" ".join(lexeme.text for lexeme in some))
