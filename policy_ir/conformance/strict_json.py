"""JSON read strictly: what one reader takes so and another otherwise is no JSON here."""

from __future__ import annotations

import json
from typing import Any, NoReturn

from policy_ir.diagnostics import quoted


class GivenTwice(ValueError):
    """An object has a member twice: of the two, readers would take one or the other. `member` is its name."""

    def __init__(self, member: str) -> None:
        super().__init__(f"the member {quoted(member)} is given twice")
        self.member = member


class NoNumber(ValueError):
    """A name that some take for a number of JSON: NaN, or an infinity. `name` is it."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} is no JSON")
        self.name = name


def read_strictly(text: str) -> Any:
    """The value of a JSON text.

    Raises `GivenTwice`, `NoNumber`, another ValueError for what else is no JSON, and RecursionError for a text that is
    nested too deep.
    """
    return json.loads(text, object_pairs_hook=_once, parse_constant=_no_constant)


def _once(members: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in members:
        if name in found:
            raise GivenTwice(name)
        found[name] = value
    return found


def _no_constant(name: str) -> NoReturn:
    raise NoNumber(name)
