"""Scores as JSON and as text: integral numbers without a fraction, special scores as words.

Specification: chapters "Semantics", section "Transforms", and "Decisions", section "JSON".
"""

from __future__ import annotations

from math import isinf, isnan

SAFE_INTEGER = 2**53 - 1
"""The greatest magnitude that a number is written as an integer in."""


def emitted(value: float) -> float | int:
    """A finite number as JSON outputs hold it: without a fraction if it is integral, up to 2^53 - 1."""
    return int(value) if value.is_integer() and abs(value) <= SAFE_INTEGER else value


def score_json(score: float) -> float | int | str:
    """A score in JSON: a number, `inf`, `-inf` or `undefined`."""
    if isnan(score):
        return "undefined"
    if isinf(score):
        return "inf" if score > 0 else "-inf"
    return emitted(score)
