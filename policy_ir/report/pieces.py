"""The pieces of pages about a decision: why, the picture, the scores, the policy, the refused, the order.

Each is HTML, and the sections are empty where there is nothing to show. A page of many candidates states a `limit`: how
many rows a table has at most, the rest being counted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isfinite
from pathlib import PurePath
from typing import Final

from policy_ir.report import wording
from policy_ir.report.answer import Answer, Cause, Entry, Part, Place
from policy_ir.report.listing import Mark, listing
from policy_ir.report.markup import escape, section
from policy_ir.report.picture import SLIM, WIDE, picture

ICON: Final = (
    "%3Cg stroke='%23fff' stroke-width='2.6' stroke-linecap='round'%3E%3Cpath d='M6 9h9M6 16h14M6 23h7'/%3E%3C/g%3E"
    "%3Ccircle cx='25' cy='16' r='3' fill='%23f2b134'/%3E"
)
"""What the icon of such pages shows."""


def name_of(name: str) -> str:
    """An id as a headline: it may break after a slash."""
    return escape(name).replace("/", "/<wbr>")


def prose(sentence: str) -> str:
    """A sentence with its `backticks` as code."""
    pieces = escape(sentence).split("`")
    return "".join(f"<code>{piece}</code>" if at % 2 else piece for at, piece in enumerate(pieces))


def why(answer: Answer) -> str:
    """Why the chosen candidate is the first, or why there is none."""
    return f'<div class="why">{"".join(f"<p>{prose(sentence)}</p>" for sentence in answer.why)}</div>'


def figures(answer: Answer) -> str:
    """The numbers of the chosen candidate, if there is one."""
    chosen = answer.chosen
    if chosen is None:
        return ""
    figures = [("score", wording.score(chosen.score))] if chosen.score is not None else []
    prices = wording.price(chosen.price_in, chosen.price_out).replace(" per Mtok", "")
    figures.append(("in / out per Mtok", prices))
    if chosen.call_cost is not None:
        figures.append(("this call", wording.cost(chosen.call_cost)))
    if chosen.context is not None:
        figures.append(("context, tokens", wording.number(chosen.context)))
    figures.append(("survivors", f"{len(answer.order) + len(answer.cut):,} of {answer.size:,}"))
    cells = "".join(f"<div><dt>{escape(name)}</dt><dd>{escape(value)}</dd></div>" for name, value in figures)
    return f'<dl class="figures">{cells}</dl>'


def balance(answer: Answer, *, first: str = "chosen") -> str:
    """The catalogue as one bar: ordered, cut, refused. `first` names the first of the order."""
    parts = [("kept", len(answer.order)), ("cut", len(answer.cut)), ("no", answer.refused)]
    bars = "".join(
        f'<span class="{kind}" style="flex-grow:{count}" title="{count:,}"></span>' for kind, count in parts if count
    )
    words = [f'<span class="key kept">{wording.counted(len(answer.order), "candidate")} in order</span>']
    if answer.cut:
        words.append(f'<span class="key cut">{len(answer.cut):,} cut by the selector</span>')
    words.append(f'<span class="key no">{answer.refused:,} refused</span>')
    if answer.chosen is not None and first:
        words.insert(0, f'<span class="key chosen">{first}</span>')
    return f'<div class="balance">{bars}</div><p class="keys">{"".join(words)}</p>'


def population(answer: Answer, *, terse: bool = False) -> str:
    """All candidates by price and score; `terse` for many of them (`picture`)."""
    if not answer.size:
        return ""
    wide, slim = picture(answer, WIDE, terse=terse), picture(answer, SLIM, terse=terse)
    drawn = f'<div class="wide">{wide}</div><div class="slim">{slim}</div>'
    note = (
        "Each dot is a candidate that the policy accepts; each stroke is one that it refuses, in the lane of the "
        "clause that refuses it first."
    )
    return section("Price and score", f"<figure>{drawn}</figure>", note=note, name="picture")


# --- why -----------------------------------------------------------------------------------------------------


def score_parts(answer: Answer) -> str:
    """The scores of the first candidates, summand by summand."""
    if not answer.parts:
        return ""
    finite = [abs(value) for part in answer.parts for value in part.values if isfinite(value)]
    most = max(finite, default=0.0) or 1.0
    heads = "".join(f'<th scope="col">{name_of(entry.id)}</th>' for entry in answer.compared)
    rows = "".join(_part(part, most) for part in answer.parts)
    totals = "".join(f"<td>{wording.score(_score(entry))}</td>" for entry in answer.compared)
    table = (
        f'<div class="scroll"><table class="parts"><thead><tr><th scope="col">part of the rank</th>{heads}</tr></thead>'
        f'<tbody>{rows}</tbody><tfoot><tr><th scope="row">score</th>{totals}</tr></tfoot></table></div>'
    )
    return section("Where the score comes from", table, name="score")


def _score(entry: Entry) -> float:
    return float("nan") if entry.score is None else entry.score


def _part(part: Part, most: float) -> str:
    bars = [_bar(value, most) for value in part.values] or [""] * len(part.texts)
    cells = "".join(f"<td>{bar}<span>{escape(text)}</span></td>" for bar, text in zip(bars, part.texts, strict=True))
    label = f'<code style="padding-left:{1.25 * part.depth:g}em">{escape(part.label)}</code>'
    kind = ' class="inner"' if part.depth else ""
    return f'<tr{kind}><th scope="row" title="{escape(_at(part.place))}">{label}</th>{cells}</tr>'


def _bar(value: float, most: float) -> str:
    share = min(1.0, abs(value) / most) if isfinite(value) else 0.0
    return f'<span class="{"bar minus" if value < 0 else "bar"}" style="width:{100 * share:.1f}%"></span>'


def _at(place: Place | None) -> str:
    """The place without the folders of its file: a page is read elsewhere than it was made."""
    return "" if place is None else PurePath(place.at).name


def texts(answer: Answer) -> str:
    """The policy and its floor, with what decided marked in them."""
    out = []
    for document, source in ((answer.policy, "policy"), (answer.floor, "floor")):
        if document is None or not document.text:
            continue
        shown = listing(document.text, _marks(answer, source), anchor="F" if source == "floor" else "L")
        out.append(
            f'<h3 class="file">{escape(PurePath(document.name).name)}</h3>{shown}' if source == "floor" else shown
        )
    if not out:
        return ""
    note = (
        'The clauses that <span class="no">refuse</span> have their candidates counted beside the line; the term that '
        '<span class="rank">decides</span> between the first two is underlined.'
    )
    return section("The policy", "".join(out), note=note, name="policy")


def _marks(answer: Answer, source: str) -> list[Mark]:
    marks = []
    seen: dict[tuple[int, int], int] = {}
    for cause in answer.causes:
        place = cause.place
        if place is None or place.source != source or place.start is None or place.end is None:
            continue
        span = (place.start, place.end)
        seen[span] = seen.get(span, 0) + len(cause.findings)
    for (start, end), count in seen.items():
        marks.append(Mark(start, end, "no", f"refuses {count:,}", f"refuses {wording.counted(count, 'candidate')}"))
    place = answer.decides
    if place is not None and place.source == source and place.start is not None and place.end is not None:
        marks.append(Mark(place.start, place.end, "rank", "decides", "puts the chosen candidate before the next"))
    return marks


# --- tables --------------------------------------------------------------------------------------------------


def refusals(answer: Answer, *, limit: int | None = None) -> str:
    """Who was refused by which clause, with at most `limit` candidates of each."""
    if not answer.causes:
        return ""
    blocks = "".join(_cause(cause, limit) for cause in answer.causes)
    note = "By the first clause that refuses, with what would have to change for each candidate."
    filter_box = "" if limit is not None and _any_longer(answer, limit) else _filter("refused")
    return section("Refused", f'{filter_box}<div class="causes">{blocks}</div>', note=note, name="refused")


def _any_longer(answer: Answer, limit: int) -> bool:
    return any(len(cause.findings) > limit for cause in answer.causes)


def _filter(target: str) -> str:
    return (
        f'<label class="filter" hidden>Find <input type="search" data-filter="{target}" '
        f'placeholder="provider or model" autocomplete="off" spellcheck="false"></label>'
    )


def _cause(cause: Cause, limit: int | None) -> str:
    by = '<span class="floor">the host’s floor</span>' if cause.by_floor else ""
    where = f'<span class="where">{escape(_at(cause.place))}</span>' if cause.place else ""
    rows = "".join(
        f'<tr data-id="{escape(finding.entry.id)}"><th scope="row">{name_of(finding.entry.id)}</th>'
        f'<td data-label="observed">{prose(finding.observed)}</td>'
        f'<td data-label="needs">{_changes(finding.changes)}</td>'
        f'<td class="num" data-label="price">{escape(_prices(finding.entry))}</td></tr>'
        for finding in cause.findings[:limit]
    )
    return (
        f'<details><summary><b>{len(cause.findings):,}</b><span class="said">{prose(cause.sentence)}{by}</span>{where}'
        f'</summary><div class="scroll tall"><table class="rows"><thead><tr><th scope="col">candidate</th>'
        f'<th scope="col">observed</th><th scope="col">what it needs</th>'
        f'<th scope="col" class="num">USD per Mtok, in / out</th></tr></thead>'
        f"<tbody>{rows}</tbody></table></div>{_rest(len(cause.findings), limit)}</details>"
    )


def _rest(count: int, limit: int | None) -> str:
    """How many rows a table leaves out."""
    return "" if limit is None or count <= limit else f'<p class="rest">and {count - limit:,} more</p>'


def _changes(changes: Sequence[str]) -> str:
    if len(changes) == 1:
        return prose(changes[0])
    return f"<ul>{''.join(f'<li>{prose(change)}</li>' for change in changes)}</ul>"


def _prices(entry: Entry) -> str:
    return wording.price(entry.price_in, entry.price_out).removeprefix("USD ").removesuffix(" per Mtok")


def order(answer: Answer, *, limit: int | None = None, remarks: Mapping[str, str] | None = None) -> str:
    """The order and whom the selector cut, at most `limit` of both; `remarks` are HTML for candidates, by id."""
    if not answer.order and not answer.cut:
        return ""
    called = any(entry.call_cost is not None for entry in answer.order)
    shown = [(str(rank), entry) for rank, entry in enumerate(answer.order[:limit], 1)]
    shown += [(f"cut: {why}", entry) for entry, why in answer.cut]
    rows = [_row(rank, entry, called, at == 0 and rank == "1", (remarks or {}).get(entry.id, ""))
            for at, (rank, entry) in enumerate(shown[:limit])]  # fmt: skip
    call = '<th scope="col" class="num">this call</th>' if called else ""
    table = (
        '<div class="scroll tall"><table class="rows" data-rows="order"><thead><tr><th scope="col" class="num">#</th>'
        '<th scope="col">candidate</th><th scope="col" class="num">score</th><th scope="col" class="num">'
        f'USD per Mtok, in / out</th>{call}<th scope="col" class="num">context</th></tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table></div>"
    )
    count = len(answer.order) + len(answer.cut)
    rest = _rest(count, limit)
    note = "The order in which they are tried."
    return section("In order", ("" if rest else _filter("order")) + table + rest, note=note, name="order")


def _row(rank: str, entry: Entry, called: bool, chosen: bool, remark: str) -> str:
    kind = ' class="chosen"' if chosen else ""
    call = f'<td class="num" data-label="this call">{wording.cost(entry.call_cost)}</td>' if called else ""
    context = wording.UNKNOWN if entry.context is None else wording.number(entry.context)
    return (
        f'<tr{kind} data-id="{escape(entry.id)}"><td class="num" data-label="#">{escape(rank)}</td>'
        f'<th scope="row">{name_of(entry.id)}{remark}</th>'
        f'<td class="num" data-label="score">{wording.score(_score(entry))}</td>'
        f'<td class="num" data-label="price">{escape(_prices(entry))}</td>{call}'
        f'<td class="num" data-label="context">{context}</td></tr>'
    )
