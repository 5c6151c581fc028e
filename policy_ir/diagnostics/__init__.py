"""Diagnostics: what is wrong, where, and what to do about it.

A diagnostic has a stable code, a severity, a one-line message, a JSON Pointer, a span where there is a text, what
was found and what was expected, a help line, and a page (`policy-ir help CODE`). Messages are lowercase, have no
final period, and quote what the user wrote in backticks. Specification: chapter "Diagnostics".
"""

from policy_ir.diagnostics.codes import CODES, Code, Severity, page
from policy_ir.diagnostics.model import (
    Diagnostic,
    InternalError,
    PolicyError,
    Refused,
    did_you_mean,
    legible,
    one_of,
    quoted,
    suggestion,
)
from policy_ir.diagnostics.render import render_human, to_json

__all__ = [
    "CODES",
    "Code",
    "Diagnostic",
    "InternalError",
    "PolicyError",
    "Refused",
    "Severity",
    "did_you_mean",
    "legible",
    "one_of",
    "page",
    "quoted",
    "render_human",
    "suggestion",
    "to_json",
]
