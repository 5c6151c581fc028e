"""The ids of the specification: every rule and equation, with the chapter that states it.

`rules.json` is read off the chapters by `tools/make_rules.py`, since the package travels without them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Final, Literal, TypeAlias

import attrs

RuleKind: TypeAlias = Literal["evaluation", "failover", "equation", "scheduling", "statement"]

_KINDS: Final[Mapping[str, RuleKind]] = {
    "semantics": "evaluation",
    "decisions": "failover",
    "normal-form": "equation",
}
"""What the rules of a chapter are; those of every other chapter are statements."""

_SCHEDULING: Final = "flow/"
"""How the ids of the rules begin by which flows run."""


@attrs.frozen(slots=True)
class Rule:
    """One rule or equation.

    `chapter` is the stem of the chapter's file. `kind`: a rule of evaluation or failover is used in a derivation, an
    equation in a rewriting to normal form, a rule of scheduling in the steps of a flow, a statement anywhere else.
    """

    chapter: str
    kind: RuleKind


@cache
def spec_rules() -> Mapping[str, Rule]:
    """Every rule and equation by its id, in the order of chapters by name and of each chapter."""
    listed = json.loads(resources.files("policy_ir.conformance").joinpath("rules.json").read_text("utf-8"))
    return MappingProxyType({id: Rule(chapter, _kind(chapter, id)) for chapter, ids in listed.items() for id in ids})


def _kind(chapter: str, id: str) -> RuleKind:
    return "scheduling" if id.startswith(_SCHEDULING) else _KINDS.get(chapter, "statement")
