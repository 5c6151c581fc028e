"""What all pages share: the document around them with its ways to the others, and how amounts are written."""

from __future__ import annotations

import html
from collections.abc import Iterable
from typing import Final
from urllib.parse import quote, urlencode

import attrs

from policy_ir.report import wording
from policy_ir.report.flow_picture import STYLE
from policy_ir.report.markup import Look, escape, html_document
from policy_ir.report.pieces import ICON
from policy_ir.trace.moments import date_of
from policy_ir.trace.record import Cost, Trace

_PLAIN: Final = Look.of("policy_ir.report", ICON, further="policy_ir.router.pages")
LOOK: Final = attrs.evolve(_PLAIN, style=_PLAIN.style + STYLE)

CONTENT_SECURITY_POLICY: Final = f"{LOOK.security}; form-action 'self'; frame-ancestors 'none'"
"""The header that pages are served with: nothing is loaded, forms go here only, and no other page frames one."""

PAGES: Final = (("/", "Traces"), ("/ui/try", "Try a policy"), ("/ui/models", "Models"))


@attrs.frozen(slots=True, kw_only=True)
class Visit:
    """Who looks: the name of their key, None where there are no keys. `sandbox`: whether providers are simulated."""

    key: str | None = None
    sandbox: bool = False


def document(title: str, sections: Iterable[str], *, here: str, visit: Visit) -> str:
    """A whole page. `title` is plain text, `sections` are HTML, the first one with the heading; `here` is its path."""
    links = "".join(
        f'<li><a href="{path}"{" aria-current=page" if path == here else ""}>{name}</a></li>' for path, name in PAGES
    )
    marks = '<span class="badge amber">sandbox</span>' if visit.sandbox else ""
    marks += f'<span class="whose">key <code>{escape(visit.key)}</code></span>' if visit.key is not None else ""
    banner = (
        '<a class="skip" href="#content">Skip to the content</a><header class="top"><p class="brand">policy-ir</p>'
        f'<nav aria-label="Pages"><ul>{links}</ul></nav><p class="marks">{marks}</p></header>'
    )
    return html_document(f"{title} · policy-ir router", sections, look=LOOK, banner=banner)


# --- text -----------------------------------------------------------------------------------------------------


def as_typed(text: str) -> str:
    """A text for a form, which sends it back as it came; what a form cannot hold is replaced."""
    kept = "".join(ch if ch.isprintable() or ch in "\t\n\r" or ord(ch) >= 160 else "�" for ch in text)
    return html.escape(kept.encode("utf-8", "replace").decode("utf-8"))


def address(path: str, **query: str | None) -> str:
    """A path with a query of those entries that say something, ready for an attribute."""
    given = {name: value for name, value in query.items() if value}
    return escape(path + ("?" + urlencode(given, errors="replace") if given else ""))


def trace_path(id: str) -> str:
    """The path of the page of a trace."""
    return "/ui/traces/" + quote(id, safe="", errors="replace")


def page_path(trace: Trace) -> str:
    """The path of the page of a trace, or of the call of a node, which is a part of that of its flow."""
    return trace_path(trace.id) + (
        "" if trace.node is None else "?" + urlencode({"node": trace.node}, errors="replace")
    )


# --- moments and amounts --------------------------------------------------------------------------------------


def moment(at: float) -> str:
    """A Unix time as a date and a time of day in UTC."""
    read = date_of(at)
    if read is None:
        return escape(f"{at:g} s")
    exact = read.strftime("%Y-%m-%dT%H:%M:%S") + f".{read.microsecond // 1000:03d}Z"
    shown = f'<span class="day">{read:%Y-%m-%d}</span> {read:%H:%M:%S}'
    return f'<time datetime="{exact}" title="{exact}">{shown}</time>'


def usd(cost: Cost) -> str:
    """What was spent, without its basis; a dash where nothing was."""
    return "–" if cost.basis == "none" and not cost.usd else wording.cost(cost.usd)


def tokens(cost: Cost) -> str:
    """The tokens of prompt and answer, as in `1,204 + 311`; a dash where none are known."""
    if not cost.prompt_tokens and not cost.completion_tokens:
        return "–"
    return f"{cost.prompt_tokens:,} + {cost.completion_tokens:,}"


BASIS: Final = {"usage": "as the provider counts", "estimate": "estimated", "none": "no usage was told"}


def pairs(rows: Iterable[tuple[str, str]], *, kind: str = "") -> str:
    """Names with their values, which are HTML."""
    cells = "".join(f"<div><dt>{escape(name)}</dt><dd>{value}</dd></div>" for name, value in rows)
    return f'<dl class="pairs{" " + kind if kind else ""}">{cells}</dl>' if cells else ""


def figures(rows: Iterable[tuple[str, str, str]]) -> str:
    """Numbers side by side: a name, HTML, and a few words under it, which may be empty."""
    cells = "".join(
        f"<div><dt>{escape(name)}</dt><dd>{value}</dd>{f'<dd class=sub>{escape(sub)}</dd>' if sub else ''}</div>"
        for name, value, sub in rows
    )
    return f'<dl class="figures">{cells}</dl>'
