"""What a flow that runs is made of: a state for each node, the answers of the world, and what comes of it.

Specification: chapter "Semantics of flows", section "Configurations".
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, TypeAlias

import attrs

from policy_ir.flow.values import Message, Text, Value

if TYPE_CHECKING:
    from policy_ir.flow.admission import AdmittedFlow

__all__ = [
    "Answer",
    "Answered",
    "Configuration",
    "Declined",
    "Done",
    "Failed",
    "FailedFlow",
    "Outcome",
    "Passed",
    "Ready",
    "Returned",
    "Running",
    "State",
    "Waiting",
]


@attrs.frozen(slots=True)
class Waiting:
    """Nothing has happened."""


@attrs.frozen(slots=True)
class Ready:
    """The input is assembled."""

    messages: tuple[Message, ...]
    text: str


@attrs.frozen(slots=True)
class Running:
    """The node was given to the world, with this input."""

    messages: tuple[Message, ...]
    text: str


@attrs.frozen(slots=True)
class Done:
    """The node has a value."""

    value: Value


@attrs.frozen(slots=True)
class Passed:
    """The call has failed, and the text of its assembled input is the value."""

    text: str


@attrs.frozen(slots=True)
class Failed:
    """The node has failed."""

    reason: str


State: TypeAlias = Waiting | Ready | Running | Done | Passed | Failed


@attrs.frozen(slots=True)
class Answered:
    """The world answers with a text."""

    text: str


@attrs.frozen(slots=True)
class Declined:
    """The world answers that a call has failed, for a reason, which is any name."""

    reason: str


Answer: TypeAlias = Answered | Declined


@attrs.frozen(slots=True)
class Returned:
    """The flow has returned a text."""

    text: str


@attrs.frozen(slots=True)
class FailedFlow:
    """The flow has failed: every failed node and its reason, in the order of their names."""

    nodes: tuple[tuple[str, str], ...]


Outcome: TypeAlias = Returned | FailedFlow


@attrs.frozen(slots=True)
class Configuration:
    """A state for each node of a flow, and what the flow has returned, or None. `scheduler.start` makes the first."""

    flow: AdmittedFlow
    states: MappingProxyType[str, State]
    outcome: Returned | None = None

    def value(self, name: str) -> Value | None:
        """The value of a node that is `done` or `passed`, None of any other."""
        match self.states[name]:
            case Done(value):
                return value
            case Passed(text):
                return Text(text)
            case _:
                return None

    @property
    def failures(self) -> tuple[tuple[str, str], ...]:
        """The nodes that have failed, with their reasons, in the order of their names."""
        return tuple(sorted((name, state.reason) for name, state in self.states.items() if isinstance(state, Failed)))
