"""Values that a source supplies for a declared field: read, checked, brought to one form.

Catalogues, state updates and request facts share these rules and differ in the codes they report. Specification:
chapter "Catalogue", section "Values".
"""

from __future__ import annotations

from collections.abc import Iterable
from math import isfinite
from typing import TYPE_CHECKING, Final

import attrs

from policy_ir.diagnostics import Code, Diagnostic, codes, quoted
from policy_ir.syntax.bounds import DIAGNOSTICS
from policy_ir.vocabulary.declarations import FieldValue

if TYPE_CHECKING:
    from policy_ir.vocabulary.declarations import FieldDeclaration

NAME_BYTES: Final = 256
"""The most UTF-8 bytes that a name or a tag has: policies cannot name longer ones."""


MOST_SEED: Final = 2**53 - 1
"""The greatest seed."""


@attrs.frozen(slots=True)
class ValueCodes:
    """The codes of one kind of source: a value of another sort, a number out of range, a name that is no name."""

    sort: Code
    range: Code
    name: Code


CATALOGUE: Final = ValueCodes(codes.CATALOG_VALUE, codes.CATALOG_RANGE, codes.CATALOG_NAME)
FACTS: Final = ValueCodes(codes.FACT_VALUE, codes.FACT_RANGE, codes.FACT_VALUE)


def read_value(
    declared: FieldDeclaration, value: object, pointer: str, kind: ValueCodes
) -> tuple[FieldValue | None, list[Diagnostic]]:
    """A given value as a value of the field: binary64 without -0, sets sorted and each once; None with a diagnostic."""
    match declared.sort, value:
        case "num", int() | float() if (number := binary64(value)) is not None:
            if declared.admits(number):
                return number, []
            expected = describe_range(declared.minimum, declared.maximum)
            return None, [out_of_range(declared.name, number, expected, pointer, kind)]
        case "bool", bool():
            return value, []
        case "tag", str():
            wrong = check_name(value, pointer, kind)
            return (None, wrong) if wrong else (value, [])
        case "tags", list() | tuple() | set() | frozenset():
            return _read_tags(declared, value, pointer, kind)
        case _:
            return None, [_wrong_sort(declared, value, pointer, kind)]


def _read_tags(
    declared: FieldDeclaration, values: Iterable[object], pointer: str, kind: ValueCodes
) -> tuple[tuple[str, ...] | None, list[Diagnostic]]:
    found: list[Diagnostic] = []
    tags: set[str] = set()
    for index, value in enumerate(values):
        if isinstance(value, str):
            found += check_name(value, f"{pointer}/{index}", kind)
            tags.add(value)
        else:
            found.append(_wrong_sort(declared, value, f"{pointer}/{index}", kind, expected="a string"))
        if len(found) >= DIAGNOSTICS:
            break
    return (None, found) if found else (tuple(sorted(tags)), [])


def binary64(value: object) -> float | None:
    """A number as a finite binary64, -0 as 0; None for anything else, booleans included."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number + 0.0 if isfinite(number) else None


def name_problem(name: str) -> str | None:
    """What keeps a text from being a name: empty, longer than 256 UTF-8 bytes, or a lone surrogate in it."""
    try:
        size = len(name.encode("utf-8"))
    except UnicodeEncodeError:
        return "holds a lone surrogate"
    if 0 < size <= NAME_BYTES:
        return None
    return f"has {size} bytes" if size else "is empty"


def check_name(name: str, pointer: str, kind: ValueCodes) -> list[Diagnostic]:
    """The diagnostic of a text that is no name, if it is none."""
    problem = name_problem(name)
    if problem is None:
        return []
    return [
        Diagnostic(
            code=kind.name,
            message=f"the name {quoted(name)} {problem}" if name else "the name is empty",
            pointer=pointer,
            found=quoted(name),
            expected=f"a text of 1 to {NAME_BYTES} UTF-8 bytes",
        )
    ]


_EXPECTED = {"num": "a finite number", "bool": "a boolean", "tag": "a string", "tags": "a list of strings"}


def _wrong_sort(
    declared: FieldDeclaration, value: object, pointer: str, kind: ValueCodes, *, expected: str | None = None
) -> Diagnostic:
    return Diagnostic(
        code=kind.sort,
        message=f"{quoted(value)} is not a value of {quoted(declared.name)}",
        pointer=pointer,
        found=quoted(value),
        expected=expected or _EXPECTED[declared.sort],
        help="leave the field out where nothing is known" if declared.sort == "num" else None,
    )


def out_of_range(name: str, number: float, expected: str, pointer: str, kind: ValueCodes) -> Diagnostic:
    """The diagnostic of a number outside the range of what it is given for."""
    return Diagnostic(
        code=kind.range,
        message=f"{quoted(number)} is outside the range of {quoted(name)}",
        pointer=pointer,
        found=quoted(number),
        expected=expected,
    )


def describe_range(minimum: float | None, maximum: float | None) -> str:
    """A range, bounded on one side at least, as a message names it."""
    if minimum is None:
        return f"a number of {quoted(maximum)} or less"
    if maximum is None:
        return f"a number of {quoted(minimum)} or more"
    return f"a number from {quoted(minimum)} to {quoted(maximum)}"
