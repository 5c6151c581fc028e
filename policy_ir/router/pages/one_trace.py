"""The page of one trace: what the caller got, every attempt on one axis of time, and how the order came about."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from policy_ir.report import wording
from policy_ir.report.markup import escape, section
from policy_ir.report.pieces import balance, name_of, order, population, refusals, score_parts, texts, why
from policy_ir.report.wording import duration
from policy_ir.router.pages.findings import findings, recorded
from policy_ir.router.pages.frame import (
    BASIS,
    Visit,
    document,
    figures,
    moment,
    page_path,
    pairs,
    tokens,
    trace_path,
    usd,
)
from policy_ir.router.pages.outcomes import HOP_KINDS, HOP_WORDS, WORDS, badge, mark, policy_of
from policy_ir.router.pages.time_axis import hops

if TYPE_CHECKING:
    from policy_ir.diagnostics import Diagnostic
    from policy_ir.report.answer import Answer
    from policy_ir.trace.record import Trace
    from policy_ir.trace.replay import Difference, Replayed

ROWS: Final = 30
"""The most candidates that a table shows, of the order and of those that one clause refuses."""

TERSE: Final = 400
"""From so many candidates on, the picture tells only the first ones by name."""

KEPT_TEXT: Final = 100_000
"""The most characters of a kept request or answer that are shown."""


def trace_page(
    trace: Trace,
    *,
    answer: Answer | None = None,
    missing: Sequence[Diagnostic] = (),
    replayed: Replayed | None = None,
    visit: Visit,
) -> str:
    """The page at `/ui/traces/{id}`. `answer` is its decision told again (`answer_to`), None where there is none.

    `missing` says why it could not be told. `replayed` is there where somebody has asked for that.
    """
    sections = [
        _masthead(trace, answer),
        "" if replayed is None else replay_section(replayed),
        _attempts(trace),
        refusal_section(trace),
        _untold(missing),
        *(() if answer is None else _decision(answer, trace)),
        request_section(trace),
        identity_section(trace),
    ]
    title = f"{trace.chosen or WORDS[trace.outcome]}, {trace.id}"
    return document(title, sections, here="", visit=visit)


# --- what happened --------------------------------------------------------------------------------------------


def _masthead(trace: Trace, answer: Answer | None) -> str:
    part = ""
    if trace.node is not None:
        flow = f'<a href="{escape(trace_path(trace.id))}">the flow</a>'
        part = f'<span class="part">node {escape(trace.node)} of {flow}</span>'
    eyebrow = f'<p class="eyebrow">{moment(trace.at)} UTC <code>{escape(trace.id)}</code>{part}</p>'
    figure = [
        ("status" if trace.node else "the caller got", str(trace.status), "a stream" if trace.stream else ""),
        ("took", duration(trace.ended_ms), wording.counted(len(trace.hops), "attempt")),
        *spent(trace),
        ("policy", policy_of(trace), f"key {trace.key}" if trace.key is not None else ""),
    ]
    if trace.node is not None:
        figure.pop()  # it has no name
    if answer is not None:
        counted = balance(answer, first="")
    elif trace.eligible or trace.refused or trace.cut:
        counted = (
            f'<p class="keys"><span class="key kept">{wording.counted(trace.eligible, "candidate")} in order</span>'
            f'<span class="key cut">{trace.cut:,} cut by the selector</span>'
            f'<span class="key no">{trace.refused:,} refused</span></p>'
        )
    else:
        counted = ""
    happened = " ".join(_happened(trace))
    return (
        f'<header id="content">{eyebrow}<p class="verdict">{badge(trace)}</p>'
        f'<h1>{_title(trace)}</h1><div class="why"><p>{happened}</p></div>{figures(figure)}{counted}'
        f"{actions(trace, replay='Replay the decision' if trace.decision else '')}</header>"
    )


def actions(trace: Trace, *, replay: str) -> str:
    """What can be done with a trace; `replay` is the word for that, empty where there is nothing to decide again."""
    path = escape(page_path(trace))
    form = f'<form method="post" action="{path}"><button>{replay}</button></form>' if replay else ""
    json_path = escape(trace_path(trace.id).removeprefix("/ui"))
    return f'<div class="actions">{form}<a href="{json_path}">As JSON</a></div>'


def spent(trace: Trace) -> Iterator[tuple[str, str, str]]:
    """What was spent, where anybody was called."""
    if any(call.hops for call in trace.calls):
        yield "cost", usd(trace.cost), BASIS[trace.cost.basis]
        yield "tokens, in + out", tokens(trace.cost), ""


def _title(trace: Trace) -> str:
    match trace.outcome:
        case "refused":
            return "The call was refused"
        case "no_candidate":
            return "No candidate was left"
        case "failed":
            return "Nobody answered" if len(trace.hops) != 1 else f"{name_of(trace.hops[0].candidate)} failed"
        case _:
            return name_of(trace.chosen) if trace.chosen is not None else "Nobody answered in time"


def _happened(trace: Trace) -> Iterator[str]:
    """What became of the call, in a sentence or two."""
    attempt = f"the {_ordinal(len(trace.hops))} attempt"
    match trace.outcome:
        case "ok":
            first = "It answered at the first attempt" if len(trace.hops) == 1 else f"It answered at {attempt}"
            count = wording.counted(trace.eligible, "candidate")
            if trace.chosen == trace.winner and trace.eligible:
                yield f"{first}; it was the first of {count} in order."
            elif trace.winner is not None:
                yield f"{first}. <code>{name_of(trace.winner)}</code> was the first of {count} in order."
            else:
                yield f"{first}."
        case "refused":
            findings = "the finding below says" if len(trace.diagnostics) == 1 else "the findings below say"
            yield f"Nothing was decided and nobody was called; {findings} why."
        case "no_candidate":
            cut = f", and the selector cut {trace.cut:,}" if trace.cut else ""
            yield f"The filter refused {wording.counted(trace.refused, 'candidate')}{cut}. Nobody was called."
        case "failed":
            ends = "its input was passed on" if trace.passed else "the flow failed with it" if trace.node else _ERROR
            tried = f"{wording.counted(len(trace.hops), 'attempt').capitalize()} failed"
            yield f"{tried if trace.hops else 'Nobody was called'}, and {ends}."
        case "interrupted":
            yield (
                f"It failed in the middle of its answer, at {attempt}. The caller had seen a part of it, so nobody "
                "else was asked, and the stream ended with an error."
            )
        case "cancelled" if trace.node is not None:
            yield f"It was called off after {duration(trace.ended_ms)}."
        case "cancelled":
            yield f"The caller went away after {duration(trace.ended_ms)}, during {attempt}; it was called off."


_ERROR: Final = "the caller got an error"


def _ordinal(number: int) -> str:
    words = ("no", "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth")
    return words[number] if number < len(words) else f"{number}th"


def replay_section(replayed: Replayed) -> str:
    """What came of computing a trace again."""
    match replayed.verdict:
        case "same":
            said = '<p class="said kept">The same decision again, to the last bit.</p>'
        case "different":
            rows = "".join(
                f'<tr><th scope="row">{escape(part)}</th>'
                f'<td data-label="then"><code>{escape(one.then or "none")}</code></td>'
                f'<td data-label="now"><code>{escape(one.now or "none")}</code></td></tr>'
                for part, one in _differences(replayed)
            )
            said = (
                '<p class="said no">Another decision than the trace has.</p><div class="scroll"><table class="rows">'
                '<thead><tr><th scope="col">what</th><th scope="col">in the trace</th><th scope="col">now</th></tr>'
                "</thead>"
                f"<tbody>{rows}</tbody></table></div>"
            )
        case "damaged":
            found = [*replayed.findings, *(one for node in replayed.nodes for one in node.findings)]
            said = f'<p class="said no">It cannot be decided again.</p>{findings(tuple(found))}'
        case "undecided":
            said = '<p class="said">The call never came to a decision, so there is none to compare.</p>'
    what = "decision was" if not replayed.trace.is_flow else "decision of each node was"
    note = f"The {what} computed again from the policy, catalogue, state, facts and seed of this trace."
    return f'<div role="status">{section("Replay", said, note=note, name="replay")}</div>'


def _differences(replayed: Replayed) -> Iterator[tuple[str, Difference]]:
    """What differs, with the names of nodes where it is of one."""
    yield from ((one.part, one) for one in replayed.differences)
    for node in replayed.nodes:
        yield from ((f"{node.trace.node}: {one.part}", one) for one in node.differences)


def _attempts(trace: Trace) -> str:
    if not trace.hops:
        return ""
    return section("Attempts", hops(trace), name="attempts")


def refusal_section(trace: Trace) -> str:
    """The findings of a call that was refused, if it was."""
    if not trace.diagnostics:
        return ""
    note = "<code>policy-ir help CODE</code> says more about each."
    return section("Why it was refused", recorded(trace.diagnostics), note=note, name="findings")


# --- how it was decided ---------------------------------------------------------------------------------------


def _decision(answer: Answer, trace: Trace) -> list[str]:
    told = section("Why this order", why(answer), name="why") if answer.chosen is not None else ""
    return [
        told,
        population(answer, terse=answer.size >= TERSE),
        refusals(answer, limit=ROWS),
        order(answer, limit=ROWS, remarks=_remarks(trace)),
        score_parts(answer),
        texts(answer),
    ]


def _remarks(trace: Trace) -> Mapping[str, str]:
    """What became of the candidates that were tried."""
    remarks: dict[str, str] = {}
    for hop in trace.hops:
        said = mark(HOP_KINDS[hop.outcome], HOP_WORDS[hop.outcome], hop.reason)
        remarks[hop.candidate] = (
            f'{remarks.get(hop.candidate, "")}<span class="tried">attempt {hop.number + 1}: {said}</span>'
        )
    return remarks


def _untold(missing: Sequence[Diagnostic]) -> str:
    if not missing:
        return ""
    note = "The trace itself is whole; what it was decided over cannot be shown."
    return section("How it was decided", findings(missing), note=note, name="why")


# --- what it was decided over ---------------------------------------------------------------------------------


def request_section(trace: Trace) -> str:
    """What was asked, as far as it is known."""
    rows = [(name, escape(value)) for name, value in _facts(trace.facts or {})]
    if trace.session is not None:
        rows.append(("session", f"<code>{escape(trace.session)}</code>"))
    if trace.seed is not None:
        rows.append(("seed", f"<code>{trace.seed}</code>"))
    if not trace.facts and not rows and trace.request is None and trace.response is None:
        return ""
    kept = _kept("The request, as it was sent", trace.request) + _kept("The answer", trace.response)
    note = "What the policy knew of the request; prompts are kept only where the configuration says so."
    facts = pairs(rows) or '<p class="soft">It required nothing.</p>'
    return section("Request", facts + kept, note=note, name="request")


def _facts(facts: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, value in facts.items():
        if name == "fields" and isinstance(value, Mapping):
            yield from ((str(field), _plainly(entry)) for field, entry in value.items())
        elif value not in (None, [], {}):
            yield name, _plainly(value)


def _plainly(value: object) -> str:
    return (
        wording.amount(value) if isinstance(value, bool | int | float | str) else json.dumps(value, ensure_ascii=False)
    )


def _kept(title: str, value: Mapping[str, Any] | None) -> str:
    if value is None:
        return ""
    text = json.dumps(value, ensure_ascii=False, indent=2)
    cut = f'<p class="rest">and {len(text) - KEPT_TEXT:,} characters more</p>' if len(text) > KEPT_TEXT else ""
    shown = f'<pre class="kept-text" tabindex="0">{escape(text[:KEPT_TEXT])}</pre>'
    summary = f'<summary><b></b><span class="said">{title}</span></summary>'
    return f'<div class="causes"><details>{summary}{shown}{cut}</details></div>'


def identity_section(trace: Trace) -> str:
    """The fingerprints of what it was decided over."""
    prints = (
        ("flow", trace.flow),
        ("policy", trace.policy),
        ("effective policy", trace.effective if trace.effective != trace.policy else None),
        ("vocabulary", trace.vocabulary),
        ("catalogue", trace.catalogue),
        ("state", trace.state),
        ("snapshot", trace.snapshot),
        ("decision", trace.decision),
    )
    rows = [(name, f"<code>{name_of(value)}</code>") for name, value in prints if value is not None]
    again = f"<code>policy-ir replay {escape(trace.id)}</code>"
    decided = any(call.decision for call in trace.calls)
    rows.append(("in a terminal", again if decided else f"<code>policy-ir trace show {escape(trace.id)}</code>"))
    note = "The same policy, catalogue, state, facts and seed give this decision again, bit for bit, anywhere."
    return section("Identity", pairs(rows, kind="prints"), note=note if decided else "", name="identity")
