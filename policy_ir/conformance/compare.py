"""Whether a reply is the one that is due. Specification: chapter "Conformance", section "Comparing"."""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping, Sequence
from math import inf
from typing import Any, Final, Literal, TypeAlias, get_args
from unicodedata import normalize

from policy_ir.diagnostics import legible
from policy_ir.syntax.places import step

__all__ = ["LEVELS", "OF_TEXT", "Level", "difference"]

Level: TypeAlias = Literal["verdict", "first", "all"]
"""What is compared of a refusal: that it is one, its first finding, or all of them."""
LEVELS: Final[tuple[Level, ...]] = get_args(Level)

OF_TEXT: Final = "PIR0130"
"""Codes below this one are of source texts: of these the first is compared only (`compare/findings`)."""

FINDING: Final = frozenset({"code", "pointer"})
"""The members of a finding that are compared; a subject may give further ones."""

SHOWN: Final = 120
"""How many characters of a value a line shows."""


def difference(expect: Mapping[str, Any], reply: Mapping[str, Any], level: Level) -> str | None:
    """How a reply differs from what is due, in one line; None where it does not.

    Both are decoded JSON with `result` or `refused`. The line has the JSON Pointer of the first difference, in the
    order of what is due, and both values.
    """
    if ("result" in expect) != ("result" in reply):  # `compare/outcome`
        return f"expected {_outcome(expect)}, got {_outcome(reply)}"
    if "result" in expect:
        return _differ(expect["result"], reply["result"], "/result")
    return _findings(expect["refused"], reply["refused"], level)


def _outcome(outcome: Mapping[str, Any]) -> str:
    if "result" in outcome:
        return f"the result {_shown(outcome['result'])}"
    return "a refusal with " + ", ".join(_finding(found) for found in outcome["refused"][:3])


def _findings(due: Sequence[Mapping[str, Any]], given: Sequence[Mapping[str, Any]], level: Level) -> str | None:
    """`compare/findings`: codes and pointers, of as many findings as the level asks for."""
    if level == "verdict":
        return None
    if due[0]["code"] < OF_TEXT or due[0]["pointer"] is None:
        same = due[0]["code"] == given[0]["code"]
        return None if same else f"/refused/0/code: expected {due[0]['code']}, got {_finding(given[0])}"
    compared = len(due) if level == "all" else 1
    for at, wanted in enumerate(due[:compared]):
        if at >= len(given):
            return f"/refused/{at}: expected {_finding(wanted)}, got no further finding"
        if (wanted["code"], wanted["pointer"]) != (given[at]["code"], given[at].get("pointer")):
            return f"/refused/{at}: expected {_finding(wanted)}, got {_finding(given[at])}"
    if level == "all" and len(given) > len(due):
        return f"/refused/{len(due)}: expected no further finding, got {_finding(given[len(due)])}"
    return None


def _finding(found: Mapping[str, Any]) -> str:
    pointer = found.get("pointer")
    return legible(f"{found['code']} {'without a place' if pointer is None else f'at {json.dumps(pointer)}'}"[:SHOWN])


def _differ(due: Any, given: Any, pointer: str) -> str | None:
    """`compare/value`: the first difference of two JSON values. Recurses to the depth of what is due."""
    match due, given:
        case (dict(), dict()):
            for key, value in due.items():
                if key not in given:
                    return f"{step(pointer, key)}: expected {_shown(value)}, got nothing"
                found = _differ(value, given[key], step(pointer, key))
                if found is not None:
                    return found
            further = None if due.keys() == FINDING else next((key for key in given if key not in due), None)
            return None if further is None else _unlike(None, given[further], step(pointer, further), nothing=True)
        case (list(), list()):
            for at, (value, other) in enumerate(zip(due, given, strict=False)):
                found = _differ(value, other, step(pointer, at))
                if found is not None:
                    return found
            if len(due) == len(given):
                return None
            longer, what = (given, "got") if len(given) > len(due) else (due, "expected")
            at = min(len(due), len(given))
            counted = f"expected {len(due)} entries, got {len(given)}"
            return f"{pointer}: {counted}; {what} {_shown(longer[at])} at {at}"
        case _:
            return None if _same(due, given) else _unlike(due, given, pointer)


def _same(due: Any, given: Any) -> bool:
    """Whether two values that are not both lists or objects are the same."""
    if _is_number(due) and _is_number(given):
        return _bits(due) == _bits(given)
    if due == "-0":  # `compare/special`: a negative zero may be spelled or written
        return given == "-0" or (_is_number(given) and _bits(given) == _bits(-0.0))
    return type(due) is type(given) and bool(due == given)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _bits(number: float) -> bytes:
    """The bits of the binary64 that a number stands for; beyond its range, those of an infinity."""
    try:
        return struct.pack(">d", float(number))
    except OverflowError:
        return struct.pack(">d", inf if number > 0 else -inf)


def _unlike(due: Any, given: Any, pointer: str, *, nothing: bool = False) -> str:
    place = ""
    if isinstance(due, str) and isinstance(given, str):
        alike = _alike(due, given)
        if alike > SHOWN // 2:  # long texts are shown from shortly before they differ
            place = f" from character {alike} on"
            due, given = (f"…{text[alike - SHOWN // 6 :]}" for text in (due, given))
    wanted, got = "nothing" if nothing else _shown(due), _shown(given)
    if normalize("NFKC", wanted) == normalize("NFKC", got):  # texts that look alike
        wanted, got = (ascii(text)[1:-1] for text in (wanted, got))
    return f"{pointer}: expected{place} {wanted}, got {got}"


def _alike(one: str, other: str) -> int:
    """How many characters two texts begin with alike."""
    return next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


def _shown(value: Any) -> str:
    """A value as compact JSON, shortened: on one line and safe on any terminal."""
    text = legible(json.dumps(_safe(value), ensure_ascii=False, separators=(",", ":")))
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 1]}…"


def _safe(value: Any) -> Any:
    """A value cut to a few entries each level, so that printing it takes no time."""
    match value:
        case dict():
            return {key: _safe(entry) for key, entry in list(value.items())[:SHOWN]}
        case list():
            return [_safe(entry) for entry in value[:SHOWN]]
        case str():
            return value[:SHOWN]
        case int() if not isinstance(value, bool) and abs(value) >= 10**SHOWN:
            return inf if value > 0 else -inf
        case _:
            return value
