"""The page to try a policy or a flow: a form, and what would be decided, or what is wrong."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from policy_ir.report import wording
from policy_ir.report.flow_picture import NodeLook, flow_svg
from policy_ir.report.markup import escape
from policy_ir.report.pieces import balance, figures, name_of, order, population, refusals, score_parts, texts, why
from policy_ir.router.pages.findings import findings
from policy_ir.router.pages.frame import Visit, address, as_typed, document
from policy_ir.router.pages.one_trace import ROWS, TERSE

if TYPE_CHECKING:
    from policy_ir.flow.cost import NodeEstimate
    from policy_ir.report.answer import Answer
    from policy_ir.router.pages.trial import Form, Priced, Tried

EXAMPLE: Final = """\
policy {
  filter   meets_req and not disabled and price_out <= 15
  rank     neg(normalize(call_cost))
  select   prefer(not breaker_open, argmax)
  fallback next_candidate
}
"""
"""What the form shows where nothing was typed."""


def try_page(
    form: Form,
    tried: Tried | None = None,
    *,
    policies: Sequence[str] = (),
    flows: Sequence[str] = (),
    visit: Visit,
) -> str:
    """The page at `/ui/try`. `policies` and `flows` are the names of those that can be taken into the form."""
    answer = None if tried is None else tried.answer
    sections = [_head(form, tried, policies, flows)]
    if tried is not None and tried.priced is not None:
        sections.append(_priced(tried.priced))
    if answer is not None:
        sections += [
            _decided(answer),
            population(answer, terse=answer.size >= TERSE),
            refusals(answer, limit=ROWS),
            order(answer, limit=ROWS),
            score_parts(answer),
            texts(answer),
        ]
    return document("Try a policy", sections, here="/ui/try", visit=visit)


def _head(form: Form, tried: Tried | None, policies: Sequence[str], flows: Sequence[str]) -> str:
    named = "".join(f'<li><a href="{address("/ui/try", policy=name)}">{escape(name)}</a></li>' for name in policies)
    named += "".join(f'<li><a href="{address("/ui/try", flow=name)}">flow:{escape(name)}</a></li>' for name in flows)
    begin = f'<p class="begin">Begin with</p><ul class="begin">{named}</ul>' if named else ""
    return (
        '<header id="content"><h1>Try a policy</h1><p class="lede">Who would answer a call now, and why. Nothing is '
        f'sent to anybody, and no trace is written.</p><div class="from">{begin}</div>'
        '<form class="try" method="post" action="/ui/try#decided">'
        f"{_area('policy', 'Policy or flow', form.policy or EXAMPLE, 'In either syntax.', tried, 14)}"
        f"{_area('message', 'Message', form.message, 'What a user would write; only its length counts.', tried, 4)}"
        f"{_area('facts', 'Facts, as JSON', form.facts, _FACTS_HINT, tried, 4)}"
        f"{_seed(form, tried)}"
        '<p class="buttons"><button>Decide</button></p></form></header>'
    )


_FACTS_HINT: Final = (
    "What the call requires beside that, as in <code>{&quot;needs&quot;: [&quot;tools&quot;], &quot;fields&quot;: "
    "{&quot;completion_tokens&quot;: 300}}</code>."
)


def _area(name: str, label: str, value: str, hint: str, tried: Tried | None, rows: int) -> str:
    """A field of several lines; a browser drops the first line end in one."""
    wrong, marks = _wrong(name, tried)
    return (
        f'<div class="field {name}"><label for="in-{name}">{label}</label><p class="hint" id="hint-{name}">{hint}</p>'
        f'<textarea id="in-{name}" name="{name}" rows="{rows}" spellcheck="false" autocomplete="off" {marks}>\n'
        f"{as_typed(value)}</textarea>{wrong}</div>"
    )


def _seed(form: Form, tried: Tried | None) -> str:
    wrong, marks = _wrong("seed", tried)
    return (
        '<div class="field seed"><label for="in-seed">Seed</label>'
        '<p class="hint" id="hint-seed">For a policy that draws; an integer.</p>'
        f'<input id="in-seed" name="seed" value="{as_typed(form.seed)}" inputmode="numeric" autocomplete="off" {marks}>'
        f"{wrong}</div>"
    )


def _wrong(name: str, tried: Tried | None) -> tuple[str, str]:
    """What is wrong with a field, and the attributes that tie it to its words."""
    wrong = None if tried is None else tried.wrong.get(name)
    if wrong is None:
        return "", f'aria-describedby="hint-{name}"'
    said = f'<div class="wrong" id="wrong-{name}" role="alert">{findings(wrong.found, wrong.document)}</div>'
    return said, f'aria-describedby="hint-{name} wrong-{name}" aria-invalid="true"'


def _decided(answer: Answer) -> str:
    head = name_of(answer.chosen.id) if answer.chosen is not None else "No candidate is left"
    return (
        f'<section id="decided" class="decided"><p class="eyebrow">would be tried first</p><h2 class="big">{head}</h2>'
        f"{why(answer)}{figures(answer)}{balance(answer, first='')}</section>"
    )


def _priced(priced: Priced) -> str:
    """A flow with whom each of its calls would go to, and what that would cost."""
    told = priced.estimate
    looks = {one.node: NodeLook(candidate=one.candidate or "no candidate", usd=one.usd) for one in told.nodes}
    wide, slim = flow_svg(priced.flow, looks), flow_svg(priced.flow, looks, down=True)
    rows = "".join(
        f'<tr><th scope="row">{name_of(one.node)}</th><td data-label="first">{_first(one)}</td>'
        f'<td class="num" data-label="estimate">{wording.cost(one.usd)}</td>'
        f'<td class="num" data-label="dearest">{wording.cost(one.most_usd)}</td></tr>'
        for one in told.nodes
    )
    return (
        f'<section id="decided" class="decided"><p class="eyebrow">{wording.counted(len(told.nodes), "call")} would '
        f'cost about</p><h2 class="big">{wording.cost(told.usd)}</h2>'
        f'<div class="why"><p>{wording.cost(told.most_usd)} if each goes to the dearest that may be tried. Texts that '
        "are not there yet are taken at a usual length.</p></div>"
        f'<figure class="graph"><div class="wide">{wide}</div><div class="slim">{slim}</div></figure>'
        '<div class="scroll priced"><table class="rows"><thead><tr><th scope="col">node</th>'
        '<th scope="col">would be tried first</th><th scope="col" class="num">estimate</th>'
        f'<th scope="col" class="num">dearest</th></tr></thead><tbody>{rows}</tbody></table></div></section>'
    )


def _first(node: NodeEstimate) -> str:
    if node.candidate is not None:
        return f"<code>{name_of(node.candidate)}</code>"
    return "its input would be too long" if node.facts is None else "no candidate is left"
