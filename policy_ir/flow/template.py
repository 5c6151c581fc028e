"""Templates: a text with references to the inputs of a node. Specification: chapter "Calls of a flow", "Assembly"."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

import attrs

from policy_ir.flow.bounds import INPUTS

__all__ = ["Reference", "divided", "references"]

_REFERENCE: Final = re.compile(r"\$([0-9]+)")
_PLAIN: Final = re.compile(r"[1-9][0-9]?")


@attrs.frozen(slots=True)
class Reference:
    """A `$` and the digits after it, as many as there are (rule `template/reference`)."""

    digits: str

    @property
    def index(self) -> int | None:
        """The number of an input, from 1; None where none can have it, as written or by the bound of inputs."""
        number = int(self.digits) if _PLAIN.fullmatch(self.digits) else INPUTS + 1
        return number if number <= INPUTS else None

    def __str__(self) -> str:
        return f"${self.digits}"


def references(template: str) -> list[Reference]:
    """The references of a template, in order, each as often as it stands there."""
    return [Reference(digits) for digits in _REFERENCE.findall(template)]


def divided(template: str) -> list[str]:
    """The template at its references: a text, the digits of a reference, a text, and so on, a text last.

    Texts may be empty. A `$` before anything but an ASCII digit, or at the end, is text (rule `template/dollar`).
    """
    return list(_divided(template))


@lru_cache(maxsize=4)
def _divided(template: str) -> tuple[str, ...]:
    """The same, kept for a moment: a template is measured, and then filled."""
    return tuple(_REFERENCE.split(template))
