"""Hops as bars on one axis of time, and the last calls as a strip of bars."""

from __future__ import annotations

from collections.abc import Sequence
from math import floor, log1p, log10
from typing import TYPE_CHECKING, Final

from policy_ir.report.markup import escape
from policy_ir.report.pieces import name_of
from policy_ir.report.wording import counted, duration
from policy_ir.router.pages.frame import BASIS, tokens, usd
from policy_ir.router.pages.outcomes import (
    HOP_KINDS,
    HOP_WORDS,
    KINDS,
    WORDS,
    mark,
    node_anchor,
    node_badge,
    node_kind,
)

if TYPE_CHECKING:
    from policy_ir.trace.record import Hop, Trace

TICKS: Final = 6
"""About how many ticks an axis has."""

_ACTIONS: Final = {
    "retry_same/again": "try it again",
    "retry_same/then": "try it no more",
    "next_candidate/advance": "go on to the next candidate",
    "next_candidate/stop": "stop, for it was the last candidate",
    "next_provider_same_model/advance": "go on to the same model elsewhere",
    "next_provider_same_model/stop": "stop, for nobody else has this model",
    "disable_provider/advance": "leave this provider and go on",
    "disable_provider/stop": "stop, for it was the last provider",
    "abort/stop": "stop",
}
"""What the rules of the failure plan come to."""


def hops(trace: Trace) -> str:
    """The attempts of a call in their order, each with its bar."""
    whole = max([trace.ended_ms, *(hop.started_ms + hop.ended_ms + hop.waited_ms for hop in trace.hops), 1e-9])
    axis, grid = _scale(whole)
    cut_off = trace.outcome == "interrupted"
    rows = "".join(
        _hop(hop, whole, grid, cut_off=cut_off and hop.number == trace.hops[-1].number) for hop in trace.hops
    )
    keys = (
        '<p class="keys"><span class="key-bar early">until the first byte</span>'
        '<span class="key-bar late">from then on</span><span class="key-mark">first token</span>'
        + ('<span class="key-bar wait">waiting</span>' if any(hop.waited_ms for hop in trace.hops) else "")
        + "</p>"
    )
    return f'<div class="hops">{axis}<ol>{rows}</ol></div>{keys}'


def nodes(flow: Trace) -> str:
    """The calls of a flow in the order in which they were started, each with its bar from its start to its end."""
    spans = [(1000 * (call.at - flow.at), call) for call in flow.nodes]
    whole = max([flow.ended_ms, *(begun + call.ended_ms for begun, call in spans), 1e-9])
    axis, grid = _scale(whole)
    rows = "".join(_node(call, begun, whole, grid) for begun, call in spans)
    return f'<div class="hops">{axis}<ol>{rows}</ol></div>'


def _node(call: Trace, begun: float, whole: float, grid: str) -> str:
    begun = max(0.0, begun)
    end = begun + call.ended_ms
    kind = node_kind(call)
    who = f'<span class="soft">{name_of(call.chosen)}</span>' if call.chosen is not None else ""
    said = f"from {duration(begun)} to {duration(end)} of {duration(whole)}"
    told = [f"<b>{duration(call.ended_ms)}</b>, begun at {duration(begun)}"]
    told += [counted(len(call.hops), "attempt")] if len(call.hops) != 1 else []
    told += [f"{tokens(call.cost)} tokens"] if tokens(call.cost) != "–" else []
    told += [f"{usd(call.cost)}, {BASIS[call.cost.basis]}"] if usd(call.cost) != "–" else []
    return (
        f'<li class="hop {kind}"><div class="who"><b><a href="#{node_anchor(call)}">{name_of(call.node or "")}</a></b>'
        f'{who}</div><div class="track" role="img" aria-label="{said}">{grid}{_bar("late", begun, end, whole)}</div>'
        f'<div class="what">{node_badge(call)}</div>'
        f'<div class="told"><ul>{"".join(f"<li>{one}</li>" for one in told)}</ul></div></li>'
    )


def _scale(whole: float) -> tuple[str, str]:
    """The words of an axis of time, and the lines of its ticks, which each track has."""
    marks = ticks(whole)
    words = "".join(
        f'<span class="time{" last" if at > 0.96 * whole else ""}" style="left:{_share(at, whole)}">{duration(at)}'
        "</span>"
        for at in marks
    )
    grid = "".join(f'<i class="grid" style="left:{_share(at, whole)}"></i>' for at in marks)
    return f'<div class="axis" aria-hidden="true">{words}</div>', grid


def ticks(whole: float) -> list[float]:
    """Round times from 0 to a time, both in milliseconds, about `TICKS` of them."""
    raw = whole / TICKS
    unit = 10.0 ** floor(log10(raw))
    # Above a second people count by sixties.
    steps = [unit * factor for factor in (1, 2, 5, 10)] if raw < 10_000 else [15_000, 30_000, 60_000, 120_000, 300_000]
    step = next((one for one in steps if one >= raw), 10 * unit)
    return [at * step for at in range(int(whole / step + 1e-9) + 1)]


def _share(at: float, whole: float) -> str:
    return f"{100 * min(max(at, 0.0) / whole, 1.0):.2f}".rstrip("0").rstrip(".") + "%"


def _hop(hop: Hop, whole: float, grid: str, *, cut_off: bool) -> str:
    kind, word = ("amber", "cut off") if cut_off else (HOP_KINDS[hop.outcome], HOP_WORDS[hop.outcome])
    again = f'<span class="again">retry {hop.retries}</span>' if hop.retries else ""
    status = f'<span class="status">HTTP {hop.status}</span>' if hop.status is not None else ""
    said = f"<blockquote>{escape(hop.message)}</blockquote>" if hop.message else ""
    return (
        f'<li class="hop {kind}"><div class="who"><b>{name_of(hop.candidate)}</b>'
        f'<span class="soft">at {escape(hop.provider)}, place {hop.position + 1:,} of the order</span>{again}</div>'
        f'{_track(hop, whole, grid)}<div class="what">{mark(kind, word, hop.reason)} {status}</div>'
        f'<div class="told"><ul>{"".join(f"<li>{one}</li>" for one in _told(hop))}</ul>{said}</div></li>'
    )


def _track(hop: Hop, whole: float, grid: str) -> str:
    """The bar of a hop: until the first byte, from then on, the first token, and the wait after it."""
    end = hop.started_ms + hop.ended_ms
    turn = hop.started_ms + min(hop.first_byte_ms if hop.first_byte_ms is not None else hop.ended_ms, hop.ended_ms)
    bars = [_bar("early", hop.started_ms, turn, whole)]
    if hop.first_byte_ms is not None:
        bars.append(_bar("late", turn, end, whole))
    if hop.first_token_ms is not None:
        at = hop.started_ms + min(hop.first_token_ms, hop.ended_ms)
        bars.append(f'<i class="token" style="left:{_share(at, whole)}"></i>')
    if hop.waited_ms > 0:
        bars.append(_bar("wait", end, end + hop.waited_ms, whole))
    said = f"from {duration(hop.started_ms)} to {duration(end)} of {duration(whole)}"
    return f'<div class="track" role="img" aria-label="{said}">{grid}{"".join(bars)}</div>'


def _bar(kind: str, start: float, end: float, whole: float) -> str:
    # A hop that took no time still shows, also at the very end.
    left, width = f"min({_share(start, whole)},100% - 3px)", _share(end - start, whole)
    return f'<i class="bar {kind}" style="left:{left};width:{width}"></i>'


def _told(hop: Hop) -> list[str]:
    told = [f"<b>{duration(hop.ended_ms)}</b>, begun at {duration(hop.started_ms)}"]
    if hop.first_byte_ms is not None:
        told.append(f"first byte after {duration(hop.first_byte_ms)}")
    if hop.first_token_ms is not None:
        told.append(f"first token after {duration(hop.first_token_ms)}")
    if tokens(hop.cost) != "–":
        told.append(f"{tokens(hop.cost)} tokens")
    if usd(hop.cost) != "–":
        told.append(f"{usd(hop.cost)}, {BASIS[hop.cost.basis]}")
    if hop.action:
        told.append(f"{_planned(hop.action)}: <code>{escape(hop.action)}</code>")
    if hop.waited_ms > 0:
        told.append(f"then {duration(hop.waited_ms)} of waiting")
    return told


def _planned(action: str) -> str:
    """The rules of a plan's step in words."""
    said = [_ACTIONS[rule] for rule in map(str.strip, action.split(",")) if rule in _ACTIONS]
    return "the plan says" + (f" to {', '.join(said)}" if said else "")


# --- the last calls -------------------------------------------------------------------------------------------


def strip(traces: Sequence[Trace]) -> str:
    """The calls of a page, oldest first: a bar for each, high by its time (logarithmic), coloured by its outcome."""
    if not traces:
        return ""
    most = max(trace.ended_ms for trace in traces)
    bars = "".join(
        f'<i class="{KINDS[trace.outcome]}" data-id="{escape(trace.id)}" '
        f'style="height:{8 + 92 * (log1p(max(trace.ended_ms, 0)) / log1p(most) if most > 0 else 0):.0f}%"></i>'
        for trace in reversed(traces)
    )
    counts: dict[str, int] = {}
    for trace in traces:
        counts[WORDS[trace.outcome]] = counts.get(WORDS[trace.outcome], 0) + 1
    least = min(trace.ended_ms for trace in traces)
    told = ", ".join(f"{count} {word}" for word, count in sorted(counts.items(), key=lambda one: (-one[1], one[0])))
    said = f"{counted(len(traces), 'call')}, oldest first: {told}; {duration(least)} to {duration(most)}"
    return (
        f'<figure class="strip"><div role="img" aria-label="{escape(said)}">{bars}</div>'
        f"<figcaption>{escape(said)}</figcaption></figure>"
    )
