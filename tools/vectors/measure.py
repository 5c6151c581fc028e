"""What a vector shows, measured: rules of its derivation, equations of its normal form, features that it needs."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from policy_ir.conformance import subject
from policy_ir.conformance.coverage.witness import equations_used
from policy_ir.conformance.lint import features_of
from policy_ir.signature import SIGNATURE
from policy_ir.syntax.loader import load

OPTIONAL: Final = {op: row.feature for op, row in SIGNATURE.items() if row.feature != "core"}
"""The operations that are not of the core, with their features."""

TEXT_KINDS: Final = ("syntax", "print", "flow-syntax", "flow-print")
"""The kinds that are asked about texts of either syntax."""

# Characters that a reader of the file would not see, or that would change how it is shown.
_HIDDEN: Final = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u0300-\u036f\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"
)


def dumps(value: object) -> str:
    """A value as one line of JSON, in UTF-8 but for what cannot be seen."""

    def escape(match: re.Match[str]) -> str:
        units = match.group().encode("utf-16-be")
        return "".join(f"\\u{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2))

    return _HIDDEN.sub(escape, json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":")))


# --- rules ----------------------------------------------------------------------------------------------------


def rules(kind: str, input: Mapping[str, Any]) -> set[str]:
    """The ids of the rules and equations by which an accepted input has its outcome."""
    match kind:
        case "normal-form" | "encoding" if "term" in input:
            return equations_used(load(input["term"]))
        case "predicate":
            singles = ({**input, "candidates": [one]} for one in input.get("candidates", ()))
            return {rule for single in singles for rule in derivation(single)}
        case "score" | "order" | "transform" | "failure" | "step":
            return derivation(input)
        case "policy":
            renamed = {("term" if member == "policy" else member): value for member, value in input.items()}
            return derivation(renamed)
        case "failover":
            return set(subject.answer(kind, input)["result"]["rules"])
        case "schedule":
            return {rule for rule, _ in subject.answer(kind, input)["result"]["steps"]}
        case _:
            return set()


def derivation(input: Mapping[str, Any]) -> set[str]:
    """The rules of the derivation of a `step` with this input."""
    return {step["rule"] for step in subject.answer("step", input)["result"]["steps"]}


# --- features -------------------------------------------------------------------------------------------------


def features(kind: str, input: Mapping[str, Any], expect: Mapping[str, Any]) -> set[str]:
    """The features that a vector needs: what is certain, what looks like an operation, and the syntax of its text."""
    needed = set(features_of(kind, input, expect))
    terms = [input.get(member) for member in ("term", "policy", "floor", "value", "flow")]
    needed |= {OPTIONAL[op] for term in terms for op in _heads(term) if op in OPTIONAL}
    text = input.get("text")
    if kind in TEXT_KINDS and isinstance(text, str):
        syntax = "auto" if kind in ("print", "flow-print") else input.get("syntax", "wire")
        wire = syntax == "wire" or (syntax == "auto" and text.lstrip(" \t\n\r")[:1] in ("[", "{", '"', ""))
        if not wire:
            needed.add("authoring")
        for op, feature in OPTIONAL.items():
            if re.search(rf'\[\s*"{op}"' if wire else rf"\b{op}\s*\(", text):
                needed.add(feature)
    if kind in ("decoding", "flow-decoding"):
        needed |= {
            feature for op, feature in OPTIONAL.items() if f"{0x60 + len(op):02x}" + op.encode().hex() in input["bytes"]
        }
    return needed


def _heads(value: Any) -> Iterator[str]:
    """The texts at the heads of lists, wherever they stand."""
    parts = [value]
    while parts:
        match parts.pop():
            case [head, *rest]:
                if isinstance(head, str):
                    yield head
                parts += [head, *rest]
            case dict() as record:
                parts += record.values()
