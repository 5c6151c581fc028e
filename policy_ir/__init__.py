"""policy-ir: a formally specified policy language for choosing an LLM at run time.

The names below are the public interface; each is imported from its module when it is first used, so that
`import policy_ir` costs nothing. The way through them, from a text to a decision:

    document  = policy_ir.parse(text)
    admitted  = policy_ir.admit(document.term, policy_ir.get_vocabulary("standard"), document=document)
    facts     = policy_ir.facts_of_chat(body, admitted.vocabulary)
    decision  = policy_ir.decide(admitted, policy_ir.shipped_snapshot(), facts, seed=7)

and for a router, which decides many calls over one catalogue, whose state is another one each second:

    evaluator = policy_ir.Evaluator()
    admitted  = evaluator.load(data, snapshot.vocabulary)
    bound     = evaluator.bind(admitted, snapshot)
    overlay   = policy_ir.Overlay.take(snapshot, {"latency_ms": latencies})
    choice    = bound.decide(facts, overlay, seed=7)

Both give the same answers. Whatever is wrong with an input raises `Refused`, which carries every diagnostic.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from policy_ir.admission import Admitted, admit, admit_policy, check
    from policy_ir.canonical import fingerprint_of
    from policy_ir.catalogs import import_catalog, load_catalog, shipped_catalog, shipped_snapshot
    from policy_ir.chat import facts_of_chat
    from policy_ir.decision import Decision, decide
    from policy_ir.diagnostics import Diagnostic, InternalError, PolicyError, Refused
    from policy_ir.evaluator import Evaluator, Overlay
    from policy_ir.explanation import explain
    from policy_ir.facts import Facts, read_facts
    from policy_ir.floor import effective, read_floor
    from policy_ir.flow.admission import AdmittedFlow, admit_flow, check_flow
    from policy_ir.flow.document import FlowDocument
    from policy_ir.flow.loaded import load_admitted_flow
    from policy_ir.flow.loading import load_flow
    from policy_ir.flow.printing import fmt_flow
    from policy_ir.flow.reading import parse_flow
    from policy_ir.flow.tree import Flow
    from policy_ir.lints import lint
    from policy_ir.lints.flows import lint_flow
    from policy_ir.schema import json_schema
    from policy_ir.snapshot import Candidate, Catalog, Snapshot
    from policy_ir.syntax import fmt, parse
    from policy_ir.syntax.document import Document
    from policy_ir.syntax.loader import load
    from policy_ir.vocabulary import Vocabulary
    from policy_ir.vocabulary import vocabulary as get_vocabulary

__version__ = "0.1.0"

__all__ = [
    "Admitted",
    "AdmittedFlow",
    "Candidate",
    "Catalog",
    "Decision",
    "Diagnostic",
    "Document",
    "Evaluator",
    "Facts",
    "Flow",
    "FlowDocument",
    "InternalError",
    "Overlay",
    "PolicyError",
    "Refused",
    "Snapshot",
    "Vocabulary",
    "admit",
    "admit_flow",
    "admit_policy",
    "check",
    "check_flow",
    "decide",
    "effective",
    "explain",
    "facts_of_chat",
    "fingerprint_of",
    "fmt",
    "fmt_flow",
    "get_vocabulary",
    "import_catalog",
    "json_schema",
    "lint",
    "lint_flow",
    "load",
    "load_admitted_flow",
    "load_catalog",
    "load_flow",
    "parse",
    "parse_flow",
    "read_facts",
    "read_floor",
    "shipped_catalog",
    "shipped_snapshot",
]

# Where each public name lives; `module:attribute` where the two names differ, which they must wherever a module has
# the name of its main function.
_HOMES = {
    "Admitted": "admission",
    "AdmittedFlow": "flow.admission",
    "Candidate": "snapshot",
    "Catalog": "snapshot",
    "Decision": "decision",
    "Diagnostic": "diagnostics",
    "Document": "syntax.document",
    "Evaluator": "evaluator",
    "Facts": "facts",
    "Flow": "flow.tree",
    "FlowDocument": "flow.document",
    "InternalError": "diagnostics",
    "Overlay": "evaluator",
    "PolicyError": "diagnostics",
    "Refused": "diagnostics",
    "Snapshot": "snapshot",
    "Vocabulary": "vocabulary",
    "admit": "admission",
    "admit_flow": "flow.admission",
    "admit_policy": "admission",
    "check": "admission",
    "check_flow": "flow.admission",
    "decide": "decision",
    "effective": "floor",
    "explain": "explanation",
    "facts_of_chat": "chat",
    "fingerprint_of": "canonical",
    "fmt": "syntax",
    "fmt_flow": "flow.printing",
    "get_vocabulary": "vocabulary:vocabulary",
    "import_catalog": "catalogs",
    "json_schema": "schema",
    "lint": "lints",
    "lint_flow": "lints.flows",
    "load": "syntax.loader",
    "load_admitted_flow": "flow.loaded",
    "load_catalog": "catalogs",
    "load_flow": "flow.loading",
    "parse": "syntax",
    "parse_flow": "flow.reading",
    "read_facts": "facts",
    "read_floor": "floor",
    "shipped_catalog": "catalogs",
    "shipped_snapshot": "catalogs",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    import importlib

    module, _, attribute = _HOMES[name].partition(":")
    value = getattr(importlib.import_module(f"{__name__}.{module}"), attribute or name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
