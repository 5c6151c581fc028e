"""Ready policies and flows for the workloads people come with, each with a request to try it on.

A preset is a `.policy` file whose leading comment says what it promises. Beside a policy is a `.facts.json` file of the
same name with the facts of a typical request, beside a flow a `.chat.json` file with a chat body. All are under the
vocabulary `standard`.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import resources
from types import MappingProxyType
from typing import Any

import attrs

PRESETS: tuple[str, ...] = ("support", "rag", "agents", "batch", "compliance", "workflow")
"""The presets by name, in the order in which they are shown."""

FLOWS: tuple[str, ...] = (
    "draft-and-verify",
    "fan-out-and-fuse",
    "plan-then-act",
    "classify-then-route",
    "extract-in-batch",
)
"""The flows by name, in the order in which they are shown."""

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
        return _title(self.text)

    @property
    def facts(self) -> Mapping[str, Any]:
        """The facts of the request, decoded."""
        import json

        return MappingProxyType(json.loads(self.facts_text))


@attrs.frozen(slots=True)
class FlowPreset:
    """A flow with a request. `text` is in the authoring syntax, `chat_text` JSON: a chat body without a model."""

    name: str
    text: str
    chat_text: str

    @property
    def title(self) -> str:
        """The first line of the comment, without the flow's name: what it does."""
        return _title(self.text)

    @property
    def chat(self) -> dict[str, Any]:
        """The request, decoded."""
        import json

        body: dict[str, Any] = json.loads(self.chat_text)
        return body


def preset(name: str) -> Preset:
    """A preset by name. Raises KeyError."""
    if name not in PRESETS:
        raise KeyError(name)
    return Preset(name, *_texts((), name, ".facts.json"))


def presets() -> tuple[Preset, ...]:
    """All presets, in the order in which they are shown."""
    return tuple(map(preset, PRESETS))


def flow_preset(name: str) -> FlowPreset:
    """A flow by name. Raises KeyError."""
    if name not in FLOWS:
        raise KeyError(name)
    return FlowPreset(name, *_texts(("flows",), name, ".chat.json"))


def flow_presets() -> tuple[FlowPreset, ...]:
    """All flows, in the order in which they are shown."""
    return tuple(map(flow_preset, FLOWS))


def _texts(folders: tuple[str, ...], name: str, request: str) -> tuple[str, str]:
    folder = resources.files("policy_ir").joinpath("data", "presets", *folders)
    text, asked = (folder.joinpath(name + ending).read_text("utf-8") for ending in (".policy", request))
    return text, asked


def _title(text: str) -> str:
    return text.partition("\n")[0].partition(":")[2].strip().removesuffix(".")
