"""What a provider's error says, whatever its shape: codes, a message, a status, a wait.

Providers put errors under `error`, `errors`, `detail`, `message`, at the top or in an array, with codes as texts or
numbers, the cause a level deeper (`innererror`, `details`) or as JSON within a text (`metadata.raw`, a message that is
itself an error). All of it is walked, in order and within bounds. What the caller sent and a provider echoes (`input`,
`flagged_input`, `failed_generation`) is not looked at.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, Final

import attrs

__all__ = ["Said", "is_error", "json_of", "json_value", "said_by", "said_in_text", "shortened"]

MESSAGE_LENGTH: Final = 300
"""The most characters of a message."""

_SPACE: Final = " \t\n\r"
_decode: Final = json.JSONDecoder().raw_decode

_DEPTH: Final = 8
_PARTS: Final = 200
_TEXT: Final = 64 * 1024

_CODES: Final = ("code", "type", "status", "reason", "error_code", "quotaId")
_MESSAGES: Final = (
    "message",
    "msg",
    "error_message",
    "error_description",
    "detail",
    "details",
    "error",
    "title",
    "raw",
)
_WITHIN: Final = (
    *("error", "errors", "detail", "details", "innererror", "inner_error", "violations", "metadata", "body"),
    *("message", "raw"),
)
_NOISE: Final = frozenset({"error", "unknown_error"})
"""Codes that say no more than that there is an error."""


@attrs.frozen(kw_only=True, slots=True)
class Said:
    """What an error says.

    `codes` are in lower case, the outermost first; `message` is all that is said in words; `status` is the first code
    that is a status of HTTP from 400 to 599; `retry_after` is a duration that the body states, as it is written.
    """

    codes: tuple[str, ...] = ()
    message: str = ""
    status: int | None = None
    retry_after: str | None = None


def json_of(body: bytes) -> Any:
    """The JSON value of a body in UTF-8, or None if it is none (or `null`)."""
    try:
        return json_value(body.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        return None


def json_value(text: str) -> Any:
    """The JSON value of a text. Raises ValueError and RecursionError as `json.loads` does, of which it is the part that
    takes time: this is done for every piece of every stream."""
    text = text.strip(_SPACE)
    value, end = _decode(text)
    if end != len(text):
        raise json.JSONDecodeError("more than one value", text, end)
    return value


def is_error(value: object) -> bool:
    """Whether a value that came with a status of success is an error nevertheless."""
    if isinstance(value, list):
        return bool(value) and isinstance(value[0], dict) and is_error(value[0])
    if not isinstance(value, dict):
        return False
    if "choices" in value and "error" not in value and value.get("object") != "error":
        return False  # so say most of them, and there are many
    if value.get("error") or value.get("object") == "error" or value.get("type") == "error":
        return True
    return not value.keys() & {"choices", "object", "type"} and any(
        value.get(key) for key in ("errors", "detail", "message")
    )


def said_by(value: object) -> Said:
    """What an error says that is JSON."""
    codes: list[str] = []
    messages: list[str] = []
    waits: list[str] = []
    for part in _parts(value):
        for key in _CODES:
            code = part.get(key)
            if isinstance(code, str | int) and not isinstance(code, bool):
                codes.append(str(code)[:100].lower())
        for key in _MESSAGES:
            message = part.get(key)
            if isinstance(message, str) and _nested(message) is None and message not in messages:
                messages.append(message)
        wait = part.get("retryDelay")
        if isinstance(wait, str):
            waits.append(wait)
    if isinstance(value, str):
        messages.append(value)
    return Said(
        codes=tuple(code for code in codes if code not in _NOISE),
        message="; ".join(one.strip() for one in messages if one.strip())[:_TEXT],
        status=next((int(code) for code in codes if re.fullmatch(r"[45]\d\d", code, re.ASCII)), None),
        retry_after=waits[0] if waits else None,
    )


def said_in_text(body: bytes) -> Said:
    """What an error says that is not JSON: a text, or a page of HTML by its title and words."""
    text = body[:_TEXT].decode("utf-8", "replace")
    if re.match(r"\s*<", text):
        text = re.sub(r"(?is)<(script|style)\b.*?(</\1\s*>|\Z)", " ", text)
        text = re.sub(r"(?s)<[^>]{0,1000}>", " ", text)
    return Said(message=text)


def shortened(message: str) -> str:
    """A message on one line, without what cannot be printed, of at most `MESSAGE_LENGTH` characters."""
    line = " ".join("".join(one if one.isprintable() else " " for one in message[:_TEXT]).split())
    return line if len(line) <= MESSAGE_LENGTH else line[: MESSAGE_LENGTH - 1].rstrip() + "…"


def _parts(value: object) -> Iterator[dict[str, Any]]:
    """The objects of an error, the outermost first."""
    level, seen = [value], 0
    for _ in range(_DEPTH):
        further: list[object] = []
        for one in level:
            if isinstance(one, list):
                further.extend(one[:_PARTS])
            elif isinstance(one, dict):
                seen += 1
                if seen > _PARTS:
                    return
                yield one
                for key in _WITHIN:
                    within = one.get(key)
                    if isinstance(within, str):
                        within = _nested(within)
                    if isinstance(within, dict | list):
                        further.append(within)
        level = further[:_PARTS]


def _nested(text: str) -> object:
    """The JSON object or array that a text holds, if it holds one."""
    text = text.strip()
    if len(text) > _TEXT or not text.startswith(("{", "[")):
        return None
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict | list) else None
