"""The failures on the page: each with what was asked, what is due and what came instead."""

from __future__ import annotations

from typing import Any, Final

from policy_ir.conformance.report.pretty import pretty
from policy_ir.conformance.report.results import NOTEWORTHY, Judged, Results
from policy_ir.conformance.report.words import WORDS, anchor, linked, state
from policy_ir.conformance.suite import Vector
from policy_ir.report.markup import escape, section

LONG: Final = 4000
"""How many characters of an input or an expectation are shown; `policy-ir conformance show` has all."""


def failures(results: Results) -> str:
    """The section, empty where nothing failed."""
    if not results.noteworthy:
        return ""
    blocks = "".join(_failure(results, vector) for vector in results.noteworthy)
    choices = "".join(
        f'<option value="{at}">{escape(one.name)}</option>' for at, one in enumerate(results.subjects)
    )  # fmt: skip
    which = f'<label>Of <select data-subject-filter><option value="">any</option>{choices}</select></label>'
    finder = (
        '<p class="filter" hidden><label>Find <input type="search" data-filter placeholder="vector, rule or message" '
        f'autocomplete="off" spellcheck="false"></label> {which if len(results.subjects) > 1 else ""}</p>'
    )
    note = "What was asked, what is due, and what came instead."
    return section("Failures", f'{finder}<div class="blocks">{blocks}</div>', note=note, name="failures")


def _failure(results: Results, vector: Vector) -> str:
    failing = [str(at) for at, one in enumerate(results.subjects)
               if results.status(one, vector.id) in NOTEWORTHY]  # fmt: skip
    chips = "".join(_chip(results, one, vector) for one in results.subjects)
    said = " ".join(one.by_id[vector.id].message for one in results.subjects if vector.id in one.by_id)
    rows = "".join(_came(one, vector) for one in results.subjects)
    rules = [("follows by", vector.rules), ("denies", vector.denies), ("comes near to", vector.near)]
    about = "".join(f"<div><dt>{title}</dt><dd>{linked(names)}</dd></div>" for title, names in rules if names)
    if vector.flags:
        about += f"<div><dt>flags</dt><dd>{escape(', '.join(vector.flags))}</dd></div>"
    member, due = next(iter(vector.expect.items()))
    return (
        f'<details id="{anchor("vector", vector.id)}" data-text="{escape(_text(vector, said))}" '
        f'data-subjects="{" ".join(failing)}"><summary><span class="what"><code>{escape(vector.id)}</code>'
        f'<span class="title">{escape(vector.comment)}</span></span><span class="chips">{chips}</span></summary>'
        f'<div class="inside"><table class="came"><tbody>{rows}</tbody></table><dl class="pairs">{about}</dl>'
        f"<h3>{escape(vector.kind)} of</h3>{_json(vector.request())}"
        f"<h3>{'result' if member == 'result' else 'findings'} due</h3>{_json(due)}"
        f'<p class="again"><code>policy-ir conformance show {escape(vector.id)}</code></p></div></details>'
    )


def _text(vector: Vector, said: str) -> str:
    return " ".join((vector.id, vector.kind, *vector.rules, *vector.denies, *vector.flags, said[:300])).lower()


def _chip(results: Results, one: Judged, vector: Vector) -> str:
    status = results.status(one, vector.id)
    if status is None:
        return ""
    name = f"{escape(one.name)} " if len(results.subjects) > 1 else ""
    return f'<span class="mark {state(status)}">{name}{WORDS[status]}</span>'


def _came(one: Judged, vector: Vector) -> str:
    outcome = one.by_id.get(vector.id)
    if outcome is None:
        return ""
    tail = f"<pre>{escape(outcome.stderr[-LONG:])}</pre>" if outcome.stderr else ""
    return (
        f'<tr><th scope="row">{escape(one.name)}</th><td class="{state(outcome.status)}-text">'
        f"{escape(outcome.message or WORDS[outcome.status])}{tail}</td></tr>"
    )


def _json(value: Any) -> str:
    text = pretty(value, 96)
    more = f"\n… {len(text):,} characters" if len(text) > LONG else ""
    return f'<pre tabindex="0">{escape(text[:LONG])}{more}</pre>'
