"""Findings about a decoded JSON value while it is walked: how they are reported, and what JSON itself forbids.

Terms, and flows, whose nodes hold terms, are diagnosed by classes that add what they are made of. Specification:
chapter "Syntax", sections "Decoded values" and "Findings".
"""

from __future__ import annotations

from math import isfinite
from typing import Any, Final, TypeGuard

from policy_ir.diagnostics import Diagnostic, codes, quoted
from policy_ir.diagnostics.codes import Code
from policy_ir.syntax.bounds import DIAGNOSTICS
from policy_ir.syntax.document import Span
from policy_ir.syntax.places import Places

NUMBER: Final = "a finite number"
"""How a message names the numbers of the language."""


class Enough(Exception):
    """More findings would help nobody."""


class Findings:
    """What was found in one value so far. `source` names the input; `places` says where keys and values stand in it."""

    def __init__(self, source: str | None, places: Places | None) -> None:
        self.source, self.places = source, places
        self.found: list[Diagnostic] = []

    def report(self, code: Code, pointer: str, message: str, *, at: str = "value", **fields: Any) -> None:
        """Report at the value of a pointer, at its `key`, or at its `end`, where something more is due."""
        span = None
        if self.places is not None and at == "key":
            span = self.places.of_key(pointer)
        elif self.places is not None and at == "end":
            end = self.places[pointer].end
            span = Span(end - 1, end)
        self.found.append(
            Diagnostic(code=code, message=message, pointer=pointer, span=span, source=self.source, **fields)
        )
        if len(self.found) == DIAGNOSTICS:
            raise Enough

    # --- values that no JSON text has, or that only a careless reader lets through ---

    def foreign(self, value: object, pointer: str) -> bool:
        """Report a value that no text of the language stands for."""
        match value:
            case None:
                self.report(codes.NULL, pointer, "`null` is not a value of the language", help="leave the entry out")
            case bool() | list() | tuple() | dict():
                return False
            case str():
                if value.isascii() or not any("\ud800" <= ch <= "\udfff" for ch in value):
                    return False
                self.report(codes.LONE_SURROGATE, pointer, "a lone surrogate in a string", found=quoted(value))
            case int() | float():
                return self.not_binary64(value, pointer)
            case _:
                self.report(
                    codes.FOREIGN_VALUE,
                    pointer,
                    "a value that JSON does not have",
                    expected="a list, a record, a string, a number or a boolean",
                    help="convert it before you load it",
                )
        return True

    def not_binary64(self, value: float, pointer: str) -> bool:
        """Report a number that is not finite in binary64."""
        try:
            if isfinite(value):
                return False
        except OverflowError:
            self.report(
                codes.NUMBER_OVERFLOW,
                pointer,
                f"{quoted(value)} overflows binary64",
                found=quoted(value),
                expected="a number of magnitude below 1.8e308",
            )
            return True
        self.report(
            codes.NOT_A_NUMBER,
            pointer,
            f"{quoted(value)} is not a number of the language",
            found=quoted(value),
            expected=NUMBER,
        )
        return True

    def key(self, key: object, pointer: str) -> bool:
        """Whether JSON can have a key of the record of a pointer; reports it if not."""
        if isinstance(key, str):
            return not self.foreign(key, pointer)
        self.report(
            codes.FOREIGN_VALUE,
            pointer,
            "a key that JSON does not have",
            expected="keys that are strings",
            help="convert it before you load it",
        )
        return False


def is_list(value: object) -> TypeGuard[list[Any] | tuple[Any, ...]]:
    """Whether a value is a list of JSON."""
    return isinstance(value, (list, tuple))


def counted(number: int, noun: str) -> str:
    """A number of things, in words."""
    plural = f"{noun[:-1]}ies" if noun.endswith("y") else f"{noun}s"
    return f"{number} {noun if number == 1 else plural}"


def shown(value: object) -> str:
    """A value where another kind is due: strings in their quotes, so that `"25"` is not `25`."""
    if isinstance(value, str):
        return quoted(f'"{value}"')
    return "`[]`" if is_list(value) and not value else quoted(value)
