"""From a request to its result, or to the findings that refuse it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from types import MappingProxyType
from typing import Any, Final

from policy_ir.conformance.subject import data, decisions, flow_runs, flows, identity, meaning, reading, tools
from policy_ir.conformance.subject.parts import NotARequest, finding
from policy_ir.diagnostics import Refused

FEATURES: Final = (
    *("tags", "pointwise-test", "known", "rerank", "drop-param"),
    *("authoring", "printing", "peer", "lints", "files", "imports", "flows"),
)
"""The features besides `core`: those of operations, then those of chapters."""

KINDS: Final[Mapping[str, Callable[[Mapping[str, Any]], dict[str, Any]]]] = MappingProxyType(
    {
        "syntax": reading.syntax,
        "admission": reading.admission,
        "normal-form": identity.normal_form,
        "encoding": identity.encoding,
        "decoding": identity.decoding,
        "identity": identity.peer,
        "vocabulary": data.vocabulary,
        "floor": data.floor,
        "snapshot": data.snapshot,
        "facts": data.facts,
        "predicate": partial(meaning.evaluated, sort="Pred"),
        "score": partial(meaning.evaluated, sort="Scorer"),
        "order": partial(meaning.evaluated, sort="Selector"),
        "transform": partial(meaning.evaluated, sort="Xform"),
        "failure": partial(meaning.evaluated, sort="FailPlan"),
        "failover": decisions.failover,
        "policy": decisions.policy,
        "step": meaning.step,
        "work": meaning.work,
        "lint": tools.lint,
        "print": tools.printing,
        "import": tools.importing,
        "compare": tools.comparing,
        "flow-syntax": flows.syntax,
        "flow-admission": flows.admission,
        "flow-lint": flows.lint,
        "flow-encoding": flows.encoding,
        "flow-decoding": flows.decoding,
        "flow-print": flows.printing,
        "assembly": flow_runs.assembly,
        "flow-calls": flow_runs.calls,
        "schedule": flow_runs.schedule,
    }
)
"""What answers each kind of request, in the order of the specification."""


def answer(kind: str, input: Mapping[str, Any], *, evaluator: bool = False) -> dict[str, Any]:
    """`{"result": {...}}`, or `{"refused": [{"code", "pointer", "message"}, ...]}` with every finding in order.

    `input` is decoded JSON and is not changed. With `evaluator` decisions are the evaluator's, not the machine's.
    Raises `NotARequest` for an unknown kind and for an input that is none of that kind.
    """
    answers = KINDS.get(kind)
    if evaluator:
        from policy_ir.conformance.subject.evaluating import EVALUATED

        answers = EVALUATED.get(kind, answers)
    if answers is None:
        raise NotARequest(f"no kind of request is named {kind!r}")
    try:
        return {"result": answers(input)}
    except Refused as refused:
        return {"refused": [finding(one) for one in refused.diagnostics]}
