"""The page of recent traces: a table with its filters, and the way to the first call where there are none."""

from __future__ import annotations

import json
import shlex
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import attrs

from policy_ir.report.markup import escape
from policy_ir.report.pieces import name_of
from policy_ir.report.wording import duration
from policy_ir.router.pages.findings import findings
from policy_ir.router.pages.frame import Visit, address, as_typed, document, moment, tokens, trace_path, usd
from policy_ir.router.pages.outcomes import WORDS, badge, policy_of
from policy_ir.router.pages.time_axis import strip

if TYPE_CHECKING:
    from policy_ir.diagnostics import Diagnostic
    from policy_ir.trace.record import Trace

OFFERED: Final = 500
"""The most candidates that the form offers to choose from."""


@attrs.frozen(slots=True, kw_only=True)
class Filters:
    """Which traces are asked for, as it was typed. `before` is the id that the page comes after, in its paging."""

    policy: str = ""
    flow: str = ""
    outcome: str = ""
    candidate: str = ""
    since: str = ""
    before: str = ""

    @property
    def any(self) -> bool:
        """Whether some traces may be left out."""
        return bool(self.policy or self.flow or self.outcome or self.candidate or self.since)


def first_call(url: str, model: str, *, keyed: bool) -> str:
    """A command that makes a call to the router at a URL. `keyed` is whether it needs a key."""
    body = {"model": model, "messages": [{"role": "user", "content": "Hello"}]}
    parts = [f"curl {shlex.quote(url + '/v1/chat/completions')}"]
    if keyed:
        parts.append('-H "Authorization: Bearer $POLICY_IR_KEY"')
    parts.append("-H 'Content-Type: application/json'")
    parts.append(f"-d {shlex.quote(json.dumps(body))}")
    return " \\\n  ".join(parts)


def traces_page(
    traces: Sequence[Trace],
    *,
    filters: Filters,
    older: str | None = None,
    policies: Sequence[str] = (),
    flows: Sequence[str] = (),
    candidates: Sequence[str] = (),
    found: Sequence[Diagnostic] = (),
    first: str = "",
    visit: Visit,
) -> str:
    """The page at `/`. `traces` are the newest first; `older` is the last id where there are more.

    `policies`, `flows` and `candidates` are names that the filters offer, `found` says what is wrong with them, and
    `first` is a command that makes a call.
    """
    head = '<header id="content"><h1>Recent traces</h1></header>'
    if found:
        body = f'<div role="alert">{findings(found)}</div>'
    elif traces:
        body = strip(traces) + _table(traces)
    else:
        body = _nothing(filters, first)
    form = _form(filters, policies, flows, candidates) if traces or filters.any or filters.before else ""
    return document("Traces", [head, form, body, _paging(filters, older)], here="/", visit=visit)


def _form(filters: Filters, policies: Sequence[str], flows: Sequence[str], candidates: Sequence[str]) -> str:
    chosen = {filters.outcome: " selected"}
    outcomes = "".join(
        f'<option value="{value}"{chosen.get(value, "")}>{word}</option>'
        for value, word in [("", "any"), *WORDS.items()]
    )
    clear = '<a href="/">Clear</a>' if filters.any or filters.before else ""
    return (
        '<form class="ask" method="get" action="/" role="search" aria-label="Traces">'
        f"{_field('policy', 'Policy', filters.policy, 'name or fingerprint', policies)}"
        f"{_field('flow', 'Flow', filters.flow, 'name or fingerprint', flows)}"
        f'<label><span>Outcome</span><select name="outcome">{outcomes}</select></label>'
        f"{_field('candidate', 'Candidate', filters.candidate, 'who answered', candidates[:OFFERED])}"
        f"{_field('since', 'Since', filters.since, '2h or 2026-11-01')}"
        f'<p class="buttons"><button>Show</button>{clear}</p></form>'
    )


def _field(name: str, label: str, value: str, hint: str, offered: Sequence[str] = ()) -> str:
    options = "".join(f'<option value="{as_typed(one)}"></option>' for one in offered)
    known = f' list="known-{name}"' if options else ""
    listed = f'<datalist id="known-{name}">{options}</datalist>' if options else ""
    return (
        f'<label><span>{label}</span><input name="{name}" value="{as_typed(value)}" placeholder="{hint}"{known} '
        f'autocomplete="off" spellcheck="false"></label>{listed}'
    )


def _table(traces: Sequence[Trace]) -> str:
    rows = "".join(map(_row, traces))
    return (
        '<div class="scroll"><table class="rows traces"><caption class="unseen">Traces, newest first</caption>'
        "<thead><tr>"
        '<th scope="col">time, UTC</th><th scope="col">policy or flow</th><th scope="col">answered by</th>'
        '<th scope="col">outcome</th><th scope="col" class="num">tries</th><th scope="col" class="num">took</th>'
        '<th scope="col" class="num">tokens, in + out</th><th scope="col" class="num">cost, USD</th></tr></thead>'
        f"<tbody>{rows}</tbody></table></div>"
    )


def _row(trace: Trace) -> str:
    chosen = f"<code>{name_of(trace.chosen)}</code>" if trace.chosen is not None else '<span class="soft">–</span>'
    about = "" if trace.cost.basis != "estimate" else ' <abbr title="estimated">≈</abbr>'
    return (
        f'<tr data-id="{escape(trace.id)}">'
        f'<th scope="row"><a href="{escape(trace_path(trace.id))}">{moment(trace.at)}</a></th>'
        f'<td>{policy_of(trace)}</td><td class="by">{chosen}</td><td class="end">{badge(trace)}</td>'
        f'<td class="num" data-label="tries">{sum(len(call.hops) for call in trace.calls)}</td>'
        f'<td class="num" data-label="took">{duration(trace.ended_ms)}</td>'
        f'<td class="num" data-label="tokens">{tokens(trace.cost)}</td>'
        f'<td class="num" data-label="cost">{about}{_plain_usd(trace)}</td></tr>'
    )


def _plain_usd(trace: Trace) -> str:
    return usd(trace.cost).removeprefix("USD ")


def _nothing(filters: Filters, first: str) -> str:
    if filters.any:
        return '<p class="empty">No trace is like that. <a href="/">Show all</a></p>'
    if filters.before:
        return '<p class="empty">There are no older traces. <a href="/">Show the newest</a></p>'
    return (
        '<div class="empty"><p>No call has come in yet. This makes the first one:</p>'
        f'<pre class="command" tabindex="0" aria-label="A command that makes a call">{escape(first)}</pre>'
        '<p>Then <a href="/">look again</a>: it is here as soon as its answer has ended.</p></div>'
    )


def _paging(filters: Filters, older: str | None) -> str:
    asked = attrs.asdict(filters)
    links = []
    if filters.before:
        links.append(f'<a href="{address("/", **asked | {"before": None})}">Newest</a>')
    if older is not None:
        links.append(f'<a rel="next" href="{address("/", **asked | {"before": older})}">Older</a>')
    return f'<nav class="paging" aria-label="More traces">{"".join(links)}</nav>' if links else ""
