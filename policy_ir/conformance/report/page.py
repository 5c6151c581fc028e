"""Runs as one HTML page: no request leaves it, it works without a script, in light and dark, on any width."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from policy_ir import __version__
from policy_ir.conformance.report.page_failures import failures
from policy_ir.conformance.report.results import NOTEWORTHY, Judged, Results
from policy_ir.conformance.report.words import WORDS, anchor, cell, state
from policy_ir.conformance.runner import STATUSES
from policy_ir.report.markup import Look, escape, html_document, section
from policy_ir.report.wording import counted

_CHECK: Final = (
    "%3Cpath d='M7 17l6 6L25 9' fill='none' stroke='%23f2b134' stroke-width='3.4' stroke-linecap='round' "
    "stroke-linejoin='round'/%3E"
)


def html_page(results: Results) -> str:
    """The whole document, ending in a newline. The same runs give the same text."""
    sections = [_masthead(results), _chapters(results), failures(results), _rules(results), _left_out(results),
                _made(results)]  # fmt: skip
    title = f"{_title(results)} · policy-ir conformance"
    return html_document(title, sections, look=Look.of("policy_ir.conformance.report", _CHECK))


# --- who passed ----------------------------------------------------------------------------------------------


def _title(results: Results) -> str:
    asked = counted(len(results.vectors), "vector")
    match [one for one in results.subjects if one.failing]:
        case []:
            clean = all(one.counts["pass"] == len(one.run.outcomes) for one in results.subjects)
            return f"{'All ' if clean else ''}{asked}{' passed' if clean else ', none failed'}"
        case [one] if len(results.subjects) == 1:
            return f"{one.failing:,} of {asked} failed"
        case failing:
            return f"{len(failing)} of {counted(len(results.subjects), 'implementation')} failed"


def _masthead(results: Results) -> str:
    cards = "".join(map(_card, results.subjects))
    many = len(results.subjects) > 1
    said = f"{counted(len(results.subjects), 'implementation')}, " if many else ""
    links = [("#chapters", "chapters"), ("#failures", "failures"), ("#rules", "rules"), ("#made", "how it was made")]
    contents = "".join(
        f'<li><a href="{to}">{name}</a></li>' for to, name in links if to != "#failures" or results.noteworthy
    )
    return (
        f'<header><p class="eyebrow"><b>policy-ir</b><span>conformance</span></p><h1>{escape(_title(results))}</h1>'
        f'<p class="lede">{said}{counted(len(results.vectors), "vector")} in '
        f"{counted(len(results.chapters), 'chapter')}</p>"
        f'<div class="cards">{cards}</div><nav aria-label="On this page"><ul>{contents}</ul></nav></header>'
    )


def _card(one: Judged) -> str:
    verdict = "no" if one.failing else "kept"
    said = f"{one.failing:,} failed" if one.failing else "none failed"
    features = one.run.hello.get("features")
    has = ["all features" if features is None else ", ".join(["core", *map(str, features)])]
    has.append(f"findings: {one.run.hello.get('findings', 'first')}")
    ending = f'<p class="no-text">{escape(one.run.ending)}</p>' if one.run.ending else ""
    return (
        f'<article class="{verdict}"><h2>{escape(one.name)}</h2><p class="said">{said}</p>'
        f"{_bar(one.counts)}{_keys(one.counts)}{ending}"
        f'<p class="about">{escape(one.title)}, in {one.run.seconds:.1f} s<br>{escape("; ".join(has))}</p></article>'
    )


def _bar(found: Mapping[str, int]) -> str:
    bars = "".join(f'<span class="{state(status)}" style="flex-grow:{found[status]}"></span>'
                   for status in STATUSES if found[status])  # fmt: skip
    return f'<div class="balance" aria-hidden="true">{bars}</div>'


def _keys(found: Mapping[str, int]) -> str:
    keys = "".join(f'<span class="key {state(status)}">{found[status]:,} {WORDS[status]}</span>'
                   for status in STATUSES if found[status] or status == "pass")  # fmt: skip
    return f'<p class="keys">{keys}</p>'


def _heads(results: Results) -> str:
    return "".join(f'<th scope="col">{escape(one.name)}</th>' for one in results.subjects)


def _chapters(results: Results) -> str:
    rows = []
    for chapter, vectors in results.chapters.items():
        ids = [vector.id for vector in vectors]
        cells = "".join(
            f'<td data-label="{escape(one.name)}">{_bar(counts)}{cell(counts)}</td>'
            for one, counts in ((one, results.tally(one, ids)) for one in results.subjects)
        )
        rows.append(f'<tr><th scope="row">{escape(chapter)}</th><td class="num" data-label="vectors">{len(ids):,}</td>'
                    f"{cells}</tr>")  # fmt: skip
    table = (
        '<div class="scroll"><table class="rows even"><thead><tr><th scope="col">chapter</th>'
        f'<th scope="col" class="num">vectors</th>{_heads(results)}</tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table></div>"
    )
    return section("Chapters", table, name="chapters")


# --- rule by rule --------------------------------------------------------------------------------------------


def _rules(results: Results) -> str:
    groups: dict[str, list[str]] = {}
    worst: dict[str, str] = {}
    shown: dict[str, int] = {}
    for row in results.rows():
        tallies = [results.tally(one, row.all) for one in results.subjects]
        status = _worst(tallies)
        cells = "".join(
            f'<td data-label="{escape(one.name)}">{cell(counts)}{_first_failure(results, one, row.all)}</td>'
            for one, counts in zip(results.subjects, tallies, strict=True)
        )
        title = f'<span class="title">{escape(row.title)}</span>' if row.title else ""
        groups.setdefault(row.chapter, []).append(
            f'<tr id="{anchor("rule", row.id)}" data-text="{escape(row.id)} {escape(row.title.lower())}" '
            f'data-state="{status}"><th scope="row"><code>{escape(row.id)}</code>{title}</th>'
            f'<td class="num" data-label="vectors">{len(row.vectors) or "–"}</td>'
            f'<td class="num" data-label="deny it">{len(row.denied) or "–"}</td>{cells}</tr>'
        )
        worst[row.chapter] = max(worst.get(row.chapter, "none"), status, key=_ORDER.index)
        shown[row.chapter] = shown.get(row.chapter, 0) + (status != "none")
    blocks = "".join(
        f"<details{' open' if worst[chapter] == 'no' else ''}>"
        f'<summary><b class="{worst[chapter]}">{escape(chapter)}</b>'
        f'<span class="where">{shown[chapter]} of {len(rows)} shown by vectors</span></summary>'
        '<div class="scroll"><table class="rows even"><thead><tr><th scope="col">rule</th>'
        '<th scope="col" class="num">vectors</th><th scope="col" class="num">deny it</th>'
        f"{_heads(results)}</tr></thead><tbody>{''.join(rows)}</tbody></table></div></details>"
        for chapter, rows in groups.items()
    )
    note = (
        "Every rule, equation and diagnostic code of the specification: how many vectors follow by it or come near to "
        "it, how many deny it or give it, and what became of all of these."
    )
    return section("Rule by rule", f'{_finder("rule or code")}<div class="blocks">{blocks}</div>', note=note,
                    name="rules")  # fmt: skip


_ORDER: Final = ("none", "kept", "cut", "known", "no")


def _worst(tallies: Iterable[dict[str, int]]) -> str:
    found = {status for counts in tallies for status, count in counts.items() if count}
    return max((state(status) for status in found), key=_ORDER.index, default="none")


def _first_failure(results: Results, one: Judged, ids: Sequence[str]) -> str:
    for id in ids:
        if results.status(one, id) in NOTEWORTHY:
            return f' <a href="#{anchor("vector", id)}">such as {escape(id.rpartition("/")[2])}</a>'
    return ""


def _finder(what: str) -> str:
    states = (("", "all"), ("no", "with a failure"), ("known", "known to fail"), ("cut", "skipped"),
              ("kept", "passed by all"), ("none", "without a vector"))  # fmt: skip
    choices = "".join(f'<option value="{value}">{name}</option>' for value, name in states)
    return (
        f'<p class="filter" hidden><label>Find <input type="search" data-filter placeholder="{what}" '
        f'autocomplete="off" spellcheck="false"></label> '
        f"<label>Show <select data-state-filter>{choices}</select></label></p>"
    )


# --- the rest ------------------------------------------------------------------------------------------------


def _left_out(results: Results) -> str:
    blocks = []
    for one in results.subjects:
        if one.skipped:
            rows = "".join(
                f'<tr><td class="num">{count:,}</td><td>{escape(why)}</td></tr>' for why, count in one.skipped
            )
            blocks.append(f'<h3>{escape(one.name)}</h3><div class="scroll"><table class="skips"><tbody>{rows}</tbody>'
                          "</table></div>")  # fmt: skip
    note = "A skipped vector is no failure, and no pass either."
    return section("Skipped", "".join(blocks), note=note, name="skipped") if blocks else ""


def _made(results: Results) -> str:
    rows = [("runner", f"policy-ir {__version__}")]
    rows += [(one.name, shlex.join(one.run.command)) for one in results.subjects]
    pairs = "".join(f"<div><dt>{escape(name)}</dt><dd><code>{escape(said)}</code></dd></div>" for name, said in rows)
    note = "Each implementation was started as a program, and asked over its standard input."
    return section("How it was made", f'<dl class="pairs">{pairs}</dl>', note=note, name="made")
