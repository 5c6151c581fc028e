"""What a trace leaves out where prompts and answers are not kept: words that may be the caller's.

A finding about a body quotes what it found there, and a provider may quote the request that it refuses.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import attrs

from policy_ir.diagnostics import Diagnostic, codes
from policy_ir.trace.record import Hop

__all__ = ["findings_withheld", "hops_withheld"]

QUOTING: Final = frozenset(
    str(code)
    for code in (codes.LONE_SURROGATE, codes.DUPLICATE_KEY, codes.CHAT_FORMAT, codes.OPTION_SHAPE, codes.BODY_NOT_JSON)
)
"""Findings that may quote a body."""

STEPS: Final = frozenset(
    {
        *("messages", "role", "name", "content", "text", "type", "refusal", "image_url", "url", "input_audio", "file"),
        *("tool_calls", "function", "arguments", "tools", "parameters", "response_format", "json_schema", "stream"),
        *("max_tokens", "max_completion_tokens", "n", "model", "policy_ir", "flow_ir", "policy_options", "seed"),
        *("requirements", "session", "budget", "flow_budget", "deadline_ms", "first_token_ms", "dry_run"),
    }
)
"""Keys of a body that everybody knows; any other may be the caller's own."""

WITHHELD: Final = "left out: it may quote the request"

WINDOW: Final = 12
"""Characters that a message and a request have to have in common, at places of the message that are `STRIDE` apart."""

STRIDE: Final = 6

MOST_TEXT: Final = 512 * 1024
"""Characters of a request that are looked at; no message about a longer one is kept."""


def findings_withheld(found: Sequence[Diagnostic]) -> list[Diagnostic]:
    """Findings without the words that may be the caller's; what they are about is left."""
    return [_withheld(one) if str(one.code) in QUOTING else one for one in found]


def _withheld(one: Diagnostic) -> Diagnostic:
    pointer = None if one.pointer is None else _known_steps(one.pointer)
    return attrs.evolve(one, message=one.code.title, found=None, help=None, pointer=pointer, span=None)


def _known_steps(pointer: str) -> str:
    """A pointer as far as its steps say nothing of their own."""
    kept: list[str] = []
    for step in pointer.split("/")[1:]:
        if not (step.isdecimal() or step in STEPS):
            break
        kept.append(f"/{step}")
    return "".join(kept)


def hops_withheld(hops: Sequence[Hop], body: Mapping[str, Any]) -> tuple[Hop, ...]:
    """Hops without the messages that quote the request."""
    if all(hop.message is None for hop in hops):
        return tuple(hops)
    texts = _texts(body)
    return tuple(
        attrs.evolve(hop, message=WITHHELD) if hop.message is not None and _quotes(hop.message, texts) else hop
        for hop in hops
    )


def _texts(body: Mapping[str, Any]) -> str | None:
    """All texts of a request but for the names in it; None where there are too many."""
    found: list[str] = []
    size = 0
    for text in _walk([value for key, value in body.items() if key != "model"]):
        size += len(text)
        if size > MOST_TEXT:
            return None
        if len(text) >= WINDOW:
            found.append(text)
    return "\0".join(found)


def _walk(value: object) -> Iterator[str]:
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, str):
            yield one
        elif isinstance(one, dict):
            waiting += one.values()
        elif isinstance(one, list):
            waiting += one


def _quotes(message: str, texts: str | None) -> bool:
    if texts is None:
        return True
    return any(message[at : at + WINDOW] in texts for at in range(0, len(message) - WINDOW + 1, STRIDE))
