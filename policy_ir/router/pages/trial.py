"""A policy or a flow that somebody tries: what was typed, and what would be decided. Nothing is sent to anybody."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, Final, TypeVar

import attrs

from policy_ir.admission import Admitted, admit_policy
from policy_ir.chat import facts_of_chat
from policy_ir.decision import decide
from policy_ir.diagnostics import Diagnostic, Refused, codes, quoted
from policy_ir.explanation import explain
from policy_ir.facts import Facts, read_facts, read_seed
from policy_ir.floor import effective
from policy_ir.flow.admission import admit_document
from policy_ir.flow.cost import Decide, FlowEstimate, estimate
from policy_ir.flow.reading import is_flow_text, parse_flow
from policy_ir.report.gather import answer_of
from policy_ir.router.pages.retold import legible_policy
from policy_ir.syntax import parse

if TYPE_CHECKING:
    from policy_ir.floor import Floor
    from policy_ir.flow.admission import AdmittedFlow
    from policy_ir.flow.tree import Flow
    from policy_ir.report.answer import Answer
    from policy_ir.snapshot import Snapshot
    from policy_ir.syntax.document import Document
    from policy_ir.vocabulary import Vocabulary

T = TypeVar("T")

MOST_MESSAGE: Final = 100_000
"""The most characters that a form has room for in a message."""


@attrs.frozen(slots=True, kw_only=True)
class Form:
    """What was typed: a policy or a flow in either syntax, a message, facts as JSON, a seed; each may be empty."""

    policy: str = ""
    message: str = ""
    facts: str = ""
    seed: str = ""


@attrs.frozen(slots=True, kw_only=True)
class Wrong:
    """What is wrong with one field of the form, and the text that the findings have their places in."""

    found: tuple[Diagnostic, ...]
    document: Document | None = None


@attrs.frozen(slots=True, kw_only=True)
class Priced:
    """A flow with what it would cost."""

    flow: Flow
    estimate: FlowEstimate


@attrs.frozen(slots=True, kw_only=True)
class Tried:
    """What came of a form: an answer for a policy, a price for a flow, or what is wrong, by the name of the field."""

    answer: Answer | None = None
    priced: Priced | None = None
    wrong: Mapping[str, Wrong] = attrs.field(factory=dict)


def read_form(given: Mapping[str, object]) -> Form:
    """The form in the fields that a browser sends; what is missing is empty, line ends are those of a text."""
    texts = {name: given.get(name) for name in ("policy", "message", "facts", "seed")}
    return Form(**{name: one.replace("\r\n", "\n") for name, one in texts.items() if isinstance(one, str)})


def tried(
    form: Form,
    *,
    vocabulary: Vocabulary,
    snapshot: Snapshot,
    floor: Floor | None = None,
    check: Callable[[Admitted | AdmittedFlow], object] | None = None,
    decided: Decide = decide,
) -> Tried:
    """What a policy would decide over a snapshot now, or a flow. Takes time in proportion to the candidates.

    `check` raises `Refused` for what is admitted and the host does not run; `decided` decides those of a flow. All
    fields are looked at, whatever is wrong with the first.
    """
    wrong: dict[str, Wrong] = {}

    def attempt(field: str, make: Callable[[], T]) -> T | None:
        try:
            return make()
        except Refused as refused:
            wrong[field] = Wrong(found=refused.diagnostics, document=refused.document)
            return None

    def policy() -> Admitted:
        document = parse(form.policy, name="policy")
        assert document.term is not None
        admitted = admit_policy(document.term, vocabulary, document=document)
        if check is not None:
            check(admitted)
        return legible_policy(admitted, "policy")

    def flow() -> AdmittedFlow:
        admitted = admit_document(parse_flow(form.policy), vocabulary)
        if check is not None:
            check(admitted)
        return admitted

    make: Callable[[], Admitted | AdmittedFlow] = flow if is_flow_text(form.policy) else policy
    admitted = attempt("policy", make)
    facts = attempt("facts", lambda: _facts(form, vocabulary))
    seed = attempt("seed", lambda: _seed(form.seed))
    if wrong or admitted is None:
        return Tried(wrong=wrong)
    if isinstance(admitted, Admitted):
        program = effective(admitted, floor)
        answer = attempt("policy", lambda: answer_of(explain(decide(program, snapshot, facts, seed))))
        return Tried(answer=answer, wrong=wrong)
    asked = partial(estimate, admitted, snapshot, _body(form), floor=floor, stated=_stated(form), seed=seed)
    told = attempt("policy", lambda: asked(decide=decided))
    return Tried(priced=None if told is None else Priced(flow=admitted.flow, estimate=told), wrong=wrong)


def _facts(form: Form, vocabulary: Vocabulary) -> Facts:
    """The facts of a call with the message that states these facts; without a message, those facts alone."""
    stated = _stated(form)
    if not form.message:
        return read_facts(stated, vocabulary)
    if not isinstance(stated, dict):
        read_facts(stated, vocabulary)
    return facts_of_chat(_body(form), vocabulary, base=stated)


def _stated(form: Form) -> Any:
    """The facts that were typed, as decoded."""
    if not form.facts.strip():
        return {}
    try:
        return json.loads(form.facts)
    except (ValueError, RecursionError) as error:
        raise Refused.because(
            codes.FACTS_FORMAT, f"the facts are not JSON: {_shortly(error)}", expected="a JSON object"
        ) from None


def _body(form: Form) -> dict[str, Any]:
    return {"messages": [{"role": "user", "content": form.message}]}


def _shortly(error: Exception) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"{error.msg[:1].lower()}{error.msg[1:]} at line {error.lineno}, column {error.colno}"
    return "brackets are nested too deep" if isinstance(error, RecursionError) else "a number has too many digits"


def _seed(text: str) -> int | None:
    text = text.strip()
    if not text:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) <= 16):
        raise Refused.because(codes.BAD_SEED, f"{quoted(text)} is not a seed", found=quoted(text),
                              expected="an integer from 0 to 2^53 - 1")  # fmt: skip
    return read_seed(int(text))
