"""What a hostile input must come to: diagnostics, soon, and fit to be printed."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from policy_ir.diagnostics import Diagnostic, Refused, Severity, render_human, to_json

SECONDS = 5.0
"""Processor time one refusal may take, on a slow and busy machine. None of them takes a tenth of it on a quiet one."""


def refusal(attempt: Callable[[], Any]) -> tuple[Diagnostic, ...]:
    """The diagnostics that an attempt ends in; fails for a result, another exception, or one that takes long."""
    started = time.process_time()
    try:
        result = attempt()
    except Refused as refused:
        found, document = refused.diagnostics, refused.document
    else:
        raise AssertionError(f"accepted: {str(result)[:200]}")
    shown = render_human(found, document)
    taken = time.process_time() - started
    assert taken < SECONDS, f"took {taken:.1f} s"
    assert found, "a refusal without a diagnostic"
    assert all(one.severity is Severity.ERROR for one in found)
    printable(shown)
    for one in found:
        printable(one.message)
        assert len(one.message) < 1000
        to_json(one, document)
    return found


def codes_of(attempt: Callable[[], Any]) -> set[str]:
    """The codes that an attempt is refused with."""
    return {one.code.code for one in refusal(attempt)}


def printable(text: str) -> None:
    """Fails for text that a terminal would obey or that cannot be written as UTF-8."""
    text.encode("utf-8")
    assert all(ch.isprintable() or ch == "\n" for ch in text), [ch for ch in text if not ch.isprintable()][:5]
