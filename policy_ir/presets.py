"""Ready policies for the workloads people come with, each with a request to try it on.

A preset is a `.policy` file whose leading comment says what it promises, and a `.facts.json` file of the same name
with the facts of a typical request; both are under the vocabulary `standard`.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import resources
from types import MappingProxyType
from typing import Any

import attrs

PRESETS: tuple[str, ...] = ("support", "rag", "agents", "batch", "compliance", "workflow")
"""The presets by name, in the order in which they are shown."""

SEED = 7
"""The seed that the presets are shown with."""


@attrs.frozen(slots=True)
class Preset:
    """A policy with a request. `text` is in the authoring syntax, `facts_text` JSON as `read_facts` wants it."""

    name: str
    text: str
    facts_text: str

    @property
    def title(self) -> str:
        """The first line of the comment, without the preset's name: what it is for."""
        return self.text.partition("\n")[0].partition(":")[2].strip().removesuffix(".")

    @property
    def facts(self) -> Mapping[str, Any]:
        """The facts of the request, decoded."""
        import json

        return MappingProxyType(json.loads(self.facts_text))


def preset(name: str) -> Preset:
    """A preset by name. Raises KeyError."""
    if name not in PRESETS:
        raise KeyError(name)
    folder = resources.files("policy_ir").joinpath("data", "presets")
    policy, facts = (folder.joinpath(name + ending).read_text("utf-8") for ending in (".policy", ".facts.json"))
    return Preset(name, policy, facts)


def presets() -> tuple[Preset, ...]:
    """All presets, in the order in which they are shown."""
    return tuple(map(preset, PRESETS))
