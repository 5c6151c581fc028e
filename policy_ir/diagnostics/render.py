"""Diagnostics for people and for machines."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from policy_ir.diagnostics.codes import Severity
from policy_ir.diagnostics.model import Diagnostic
from policy_ir.syntax.document import Document, Span

_STYLE = {Severity.ERROR: "\x1b[1;31m", Severity.WARNING: "\x1b[1;33m"}
_BLUE, _BOLD, _RESET = "\x1b[1;34m", "\x1b[1m", "\x1b[0m"
MARGIN = 100
"""Columns of a source line that are shown around a mark."""
POINTER = 400
"""Characters of a pointer that people are shown; it holds the keys of the file, whatever their length."""


Texts: TypeAlias = "Document | Mapping[str, Document] | None"
"""The text that diagnostics are about, or several by name, or none."""


def to_json(diagnostic: Diagnostic, texts: Texts = None) -> dict[str, Any]:
    """A diagnostic as a JSON object; `span` has offsets in code points and, with its text, lines and columns."""
    document = _own(diagnostic, texts)
    span: dict[str, Any] | None = None
    if diagnostic.span is not None:
        span = {"start": diagnostic.span.start, "end": diagnostic.span.end}
        if document is not None and document.text:
            line, column = document.position(diagnostic.span.start)
            end_line, end_column = document.position(diagnostic.span.end)
            span |= {"line": line, "column": column, "end_line": end_line, "end_column": end_column}
    return {
        "code": diagnostic.code.code,
        "severity": diagnostic.severity.value,
        "message": diagnostic.message,
        "source": diagnostic.source,
        "pointer": diagnostic.pointer,
        "span": span,
        "found": diagnostic.found,
        "expected": diagnostic.expected,
        "help": diagnostic.help,
    }


def render_human(diagnostics: Sequence[Diagnostic], texts: Texts = None, *, colour: bool = False) -> str:
    """Diagnostics as a person reads them: message, source line with the place marked, expectation, help."""
    return "\n\n".join(_render(diagnostic, _own(diagnostic, texts), colour) for diagnostic in diagnostics)


def _own(diagnostic: Diagnostic, texts: Texts) -> Document | None:
    """The text that a diagnostic is about."""
    return texts.get(diagnostic.source or "") if isinstance(texts, Mapping) else texts


def _render(diagnostic: Diagnostic, document: Document | None, colour: bool) -> str:
    def paint(style: str, text: str) -> str:
        return f"{style}{text}{_RESET}" if colour else text

    severity = diagnostic.severity
    head = paint(_STYLE[severity], f"{severity.value}[{diagnostic.code}]") + paint(_BOLD, f": {diagnostic.message}")
    lines = [head]
    gutter = " "
    if document is not None and document.text and diagnostic.span is not None:
        line, column = document.position(diagnostic.span.start)
        gutter = " " * len(str(line))
        where = f"{_printable(diagnostic.source or document.name)}:{line}:{column}"
        lines.append(f"{gutter}{paint(_BLUE, '-->')} {where}" + _at(diagnostic))
        shown, mark = excerpt(document, diagnostic.span)
        label = f" expected {diagnostic.expected}" if diagnostic.expected else ""
        lines.append(f"{gutter} {paint(_BLUE, '|')}")
        lines.append(f"{paint(_BLUE, str(line))} {paint(_BLUE, '|')} {shown}".rstrip())
        lines.append(f"{gutter} {paint(_BLUE, '|')} {paint(_STYLE[severity], mark + label)}")
    else:
        place = f"{_printable(diagnostic.source or '')}{_at(diagnostic)}".strip()
        if place:
            lines.append(f"{gutter}{paint(_BLUE, '-->')} {place}")
        if diagnostic.expected:
            lines.append(f"{gutter} {paint(_BLUE, '=')} expected {diagnostic.expected}")
    if diagnostic.help:
        lines.append(f"{gutter} {paint(_BLUE, '=')} {paint(_BOLD, 'help')}: {diagnostic.help}")
    return "\n".join(lines)


def _at(diagnostic: Diagnostic) -> str:
    pointer = diagnostic.pointer or ""
    if len(pointer) > POINTER:
        pointer = f"{pointer[: POINTER // 2]}…{pointer[-POINTER // 2 :]}"
    return f" at {_printable(pointer)}" if pointer else ""


def excerpt(document: Document, span: Span) -> tuple[str, str]:
    """The first source line of a span, printable and cut to a width, and the marks under it."""
    begin = document.text.rfind("\n", 0, span.start) + 1
    end = document.text.find("\n", begin)
    end = len(document.text) if end < 0 else end
    end -= document.text.endswith("\r", max(begin, span.start), end)
    left = max(begin, span.start - MARGIN // 2)
    right = min(end, left + MARGIN)
    before = _printable(document.text[left : span.start])
    marked = _printable(document.text[span.start : max(span.start, min(span.end, right))])
    after = _printable(document.text[max(span.start, min(span.end, right)) : right])
    head = "…" if left > begin else ""
    tail = "…" if right < end else ""
    return head + before + marked + after + tail, " " * _width(head + before) + "^" * max(1, _width(marked))


def _printable(text: str) -> str:
    return "".join(ch if ch.isprintable() else " " if ch == "\t" else "�" for ch in text)


def _width(text: str) -> int:
    """Columns on a terminal."""
    wide = sum(unicodedata.east_asian_width(ch) in "WF" for ch in text)
    return len(text) + wide - sum(unicodedata.combining(ch) != 0 for ch in text)
