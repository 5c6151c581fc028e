"""How traces are laid out on a terminal: a history as a table, one call as an account of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from policy_ir.cli import layout
from policy_ir.cli.showing import show_reasons
from policy_ir.report import wording
from policy_ir.trace.moments import date_of

if TYPE_CHECKING:
    from rich.console import Console

    from policy_ir.trace.record import Cost, Hop, Trace
    from policy_ir.trace.replay import Replayed

__all__ = ["head", "label_of", "refusal", "remarks", "spent", "tell_trace", "tell_traces", "took", "usd"]

SHORT = 15
"""Characters of an id in a table, more where two begin alike: its milliseconds, and two characters more."""

_STYLES = {"ok": layout.KEPT, "cancelled": layout.SOFT}


def tell_traces(console: Console, traces: Sequence[Trace], *, more: bool) -> None:
    """A table of calls. `more` says that there may be others."""
    if not traces:
        layout.say(console, "no trace is like that")
        return
    narrow = layout.narrow()
    columns: list[tuple[str, layout.Justify]] = [("trace", "left"), ("when (UTC)", "left")]
    columns += [] if narrow else [("policy", "left")]
    columns += [("outcome", "left"), ("answered by", "left")]
    columns += [] if narrow else [("hops", "right"), ("took", "right"), ("USD", "right")]
    short = _shortened([trace.id for trace in traces])
    lines = []
    for id, trace in zip(short, traces, strict=True):
        cells = [id, _when(trace.at)[5:-3] if narrow else _when(trace.at)]
        cells += [] if narrow else [label_of(trace)]
        cells += [trace.outcome, trace.chosen or ""]
        cells += [] if narrow else [_hops(trace), took(trace.ended_ms), usd(trace.cost)]
        lines.append(cells)
    styles = [layout.REFUSED if trace.outcome not in _STYLES else "" for trace in traces]
    made = layout.table(*columns)
    for column in made.columns:
        column.no_wrap = column.header != "answered by"  # an id is copied in one piece
    console.print(layout.rows(made, lines, styles=styles))
    if more:
        layout.say(console, (f"there may be more: --limit, or --before {short[-1]}", layout.SOFT))


def label_of(trace: Trace) -> str:
    """What a call went by: the name of its policy, or its flow."""
    if trace.is_flow:
        return "flow" if trace.name_of_flow is None else f"flow:{trace.name_of_flow}"
    return trace.policy_name or "inline"


def _hops(trace: Trace) -> str:
    return str(sum(len(call.hops) for call in trace.calls))


def _shortened(ids: Sequence[str]) -> list[str]:
    length = SHORT
    while len({id[:length] for id in ids}) < len(set(ids)):
        length += 1
    return [id[:length] for id in ids]


def head(console: Console, trace: Trace) -> None:
    """Which call or flow it is, and what became of it."""
    style = _STYLES.get(trace.outcome, layout.REFUSED)
    node = f" at {trace.node}" if trace.node is not None else ""
    layout.say(
        console, (f"{trace.id}{node}", layout.HEAD), f"  {_when(trace.at)} UTC  ", (_ended(trace), style),
        f" after {took(trace.ended_ms)}{', streamed' if trace.stream else ''}",
    )  # fmt: skip


def tell_trace(console: Console, trace: Trace, replayed: Replayed) -> None:
    """The whole account of one call."""
    head(console, trace)
    console.print()
    made = layout.table(("", "left"), ("", "left"), header=False)
    console.print(layout.rows(made, _circumstances(trace)))
    refusal(console, trace)
    if replayed.decision is not None:
        console.print()
        show_reasons(console, replayed.decision)
    elif trace.refused:
        console.print()
        layout.say(console, f"refused {trace.refused:,}; for which reasons cannot be told without the stored parts")
    if trace.hops:
        console.print()
        _tell_hops(console, trace.hops)
    if trace.decision is not None:
        console.print()
        _tell_fingerprints(console, trace, replayed)


def _circumstances(trace: Trace) -> list[tuple[str, str]]:
    decided = trace.decision is not None
    counts = f"{trace.eligible:,} in order, {trace.refused:,} refused, {trace.cut:,} cut" if decided else None
    answered = trace.chosen if trace.chosen == trace.winner else f"{trace.chosen}, not the first of the order"
    facts = trace.facts or {}
    stated = {key: value for key, value in facts.items() if key != "fields" and value not in ([], "standard", None)}
    shown = [f"{key} {_plain(value)}" for key, value in (stated | dict(facts.get("fields", {}))).items()]
    rows = [
        ("policy", trace.policy_name or "inline"),
        ("key", trace.key),
        ("session", trace.session),
        ("request", ", ".join(shown) or None),
        ("seed", None if trace.seed is None else str(trace.seed)),
        ("candidates", counts),
        ("first", trace.winner),
        ("answered by", answered if trace.chosen else None),
        ("reason", trace.reason),
        ("then", "its input was passed on" if trace.passed else None),
        ("cost", spent(trace.cost)),
    ]
    return [(name, value) for name, value in rows if value is not None]


def _tell_hops(console: Console, hops: Sequence[Hop]) -> None:
    narrow = layout.narrow()
    columns: list[tuple[str, layout.Justify]] = [("", "right"), ("attempt", "left"), ("at", "right")]
    columns += [] if narrow else [("first byte", "right"), ("first token", "right")]
    columns += [("took", "right"), ("outcome", "left")]
    columns += [] if narrow else [("tokens", "right"), ("USD", "right")]
    lines = []
    for hop in hops:
        retry = f", retry {hop.retries}" if hop.retries else ""
        by = "" if narrow else f" by {hop.provider}"
        cells = [str(hop.number + 1), f"{hop.candidate}{by}{retry}", took(hop.started_ms)]
        cells += [] if narrow else [took(hop.first_byte_ms), took(hop.first_token_ms)]
        cells += [took(hop.ended_ms), " ".join(filter(None, (hop.outcome, str(hop.status or ""), hop.reason)))]
        cells += [] if narrow else [f"{hop.cost.prompt_tokens:,} + {hop.cost.completion_tokens:,}", usd(hop.cost)]
        lines.append(cells)
    styles = [layout.REFUSED if hop.outcome == "failed" else "" for hop in hops]
    console.print(layout.rows(layout.table(*columns), lines, styles=styles))
    for number, remark in remarks(hops):
        layout.say(console, (f"{number}  {remark}", layout.SOFT))


def refusal(console: Console, trace: Trace) -> None:
    """Why a policy, a flow or the request of a node was refused, if it was."""
    if trace.diagnostics:
        what = "flow" if trace.is_flow else "policy" if trace.node is None else "request"
        console.print()
        layout.say(console, (f"the {what} was refused", layout.REFUSED))
        for found in trace.diagnostics:
            layout.say(console, f"  {found.get('code', '')}: {found.get('message', '')}  {found.get('pointer') or ''}")


def remarks(hops: Sequence[Hop]) -> Iterator[tuple[int, str]]:
    """What a provider said and what was then done, by the number of the attempt, from 1."""
    for hop in hops:
        after = f", after {took(hop.waited_ms)}" if hop.waited_ms else ""
        said = [f'"{hop.message}"'] if hop.message else []
        said += [f"then {hop.action}{after}"] if hop.action else []
        if said:
            yield hop.number + 1, "; ".join(said)


def _tell_fingerprints(console: Console, trace: Trace, replayed: Replayed) -> None:
    pairs = [
        ("policy", trace.policy),
        ("effective", trace.effective if trace.effective != trace.policy else None),
        ("vocabulary", trace.vocabulary),
        ("snapshot", trace.snapshot),
        ("decision", trace.decision),
    ]
    layout.fingerprints(console, [(name, digest) for name, digest in pairs if digest is not None])
    if replayed.same:
        layout.say(console, ("decided again from the stored parts, it is the same decision", layout.KEPT))
        return
    for difference in replayed.differences:
        layout.say(
            console, ("decided again, it differs: ", layout.REFUSED), f"{difference.part} {difference.now}"
        )  # fmt: skip
    for found in replayed.findings:
        layout.say(console, ("it cannot be decided again: ", layout.REFUSED), found.message)


# --- words ---------------------------------------------------------------------------------------------------


def _when(at: float) -> str:
    read = date_of(at)
    return wording.number(at) if read is None else f"{read:%Y-%m-%d %H:%M:%S}"


def _ended(trace: Trace) -> str:
    return f"{trace.outcome} {trace.status}"


def took(ms: float | None) -> str:
    """A time as people say it; nothing where it is not known."""
    return "" if ms is None else wording.duration(ms)


def usd(cost: Cost) -> str:
    """A cost in a column of US dollars; nothing where none is known."""
    return wording.number(cost.usd, 3) if cost.basis != "none" else ""


def spent(cost: Cost) -> str | None:
    """A cost in words, with where it comes from; None where nothing was spent."""
    tokens = f"{cost.prompt_tokens:,} prompt and {cost.completion_tokens:,} completion tokens"
    match cost.basis:
        case "usage":
            return f"{wording.cost(cost.usd)} for {tokens}, as the provider counts them"
        case "estimate":
            return f"about {wording.cost(cost.usd)} for {tokens}, estimated"
        case _:
            return tokens if cost.prompt_tokens or cost.completion_tokens else None


def _plain(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
