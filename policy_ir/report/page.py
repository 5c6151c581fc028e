"""The answer as one HTML page: no request leaves it, it works without a script, in light and dark, on any width."""

from __future__ import annotations

from pathlib import PurePath

from policy_ir.report.answer import Answer
from policy_ir.report.markup import Look, escape, html_document, section
from policy_ir.report.pieces import (
    ICON,
    balance,
    figures,
    name_of,
    order,
    population,
    refusals,
    score_parts,
    texts,
    why,
)


def html_page(answer: Answer) -> str:
    """The whole document, ending in a newline. The same answer gives the same text."""
    sections = [
        _masthead(answer),
        population(answer),
        score_parts(answer),
        texts(answer),
        refusals(answer),
        order(answer),
        _identity(answer),
    ]
    chosen = answer.chosen.id if answer.chosen else "no candidate"
    return html_document(f"{chosen} · policy-ir", sections, look=Look.of("policy_ir.report", ICON))


def _masthead(answer: Answer) -> str:
    chosen = answer.chosen
    eyebrow = f'<p class="eyebrow"><b>policy-ir</b><span>{escape(PurePath(answer.policy.name).name)}</span></p>'
    head = f"<h1>{'No candidate is left' if chosen is None else name_of(chosen.id)}</h1>"
    return f"<header>{eyebrow}{head}{why(answer)}{figures(answer)}{balance(answer)}</header>"


def _identity(answer: Answer) -> str:
    rows = [*answer.request]
    if answer.seed is not None:
        rows.append(("seed", str(answer.seed)))
    request = "".join(f"<div><dt>{escape(name)}</dt><dd>{escape(value)}</dd></div>" for name, value in rows)
    prints = "".join(
        f"<div><dt>{escape(name)}</dt><dd><code>{name_of(value)}</code></dd></div>"
        for name, value in answer.fingerprints
    )
    note = "The same policy, catalogue, request and seed give this decision again, bit for bit, anywhere."
    asked = f'<h3>The request</h3><dl class="pairs">{request}</dl>' if request else ""
    return section(
        "Identity", f'{asked}<h3>Fingerprints</h3><dl class="pairs prints">{prints}</dl>', note=note, name="identity"
    )
