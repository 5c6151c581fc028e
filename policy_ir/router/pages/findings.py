"""Diagnostics on a page: what is wrong, the line it stands in with the place marked, what is expected, what helps."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from policy_ir.diagnostics import to_json
from policy_ir.diagnostics.render import excerpt
from policy_ir.report.markup import escape
from policy_ir.report.pieces import prose

if TYPE_CHECKING:
    from policy_ir.diagnostics import Diagnostic
    from policy_ir.syntax.document import Document


def findings(found: Sequence[Diagnostic], document: Document | None = None) -> str:
    """Diagnostics with the lines of the text that they are about."""
    return _list(_item(to_json(one, document), _line(one, document)) for one in found)


def recorded(found: Iterable[Mapping[str, Any]]) -> str:
    """Diagnostics as a trace keeps them, without a text."""
    return _list(_item(one, "") for one in found)


def _list(items: Iterable[str]) -> str:
    return f'<ol class="findings">{"".join(items)}</ol>'


def _item(told: Mapping[str, Any], line: str) -> str:
    severity, code = _text(told.get("severity")) or "error", _text(told.get("code"))
    where = "" if line else _text(told.get("pointer"))
    expected, help = _text(told.get("expected")), _text(told.get("help"))
    more = [f"<p><span>at</span><code>{escape(where)}</code></p>"] if where else []
    more += [f"<p><span>expected</span>{prose(expected)}</p>"] if expected else []
    more += [f"<p><span>help</span><b>{prose(help)}</b></p>"] if help else []
    message = f"<code>{escape(severity)}[{escape(code)}]</code> {prose(_text(told.get('message')))}"
    kind = "amber" if severity == "warning" else "no"
    return f'<li class="{kind}"><p class="message">{message}</p>{line}{"".join(more)}</li>'


def _text(value: object) -> str:
    return value if isinstance(value, str) else "" if value is None else str(value)


def _line(found: Diagnostic, document: Document | None) -> str:
    """The source line with its marks under it; empty where the finding has no place in the text."""
    if document is None or not document.text or found.span is None:
        return ""
    line, column = document.position(found.span.start)
    shown, mark = excerpt(document, found.span)
    before = " " * len(str(line))
    return (
        f'<pre class="caret" aria-label="line {line}, column {column}">'
        f'<span class="ln">{line} │ </span>{escape(shown)}\n'
        f'<span class="ln">{before} │ </span><span class="under">{mark}</span></pre>'
    )
