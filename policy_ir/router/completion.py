"""What a completion says of itself: content, ends, errors, and whether it is there as a whole.

A completion may come with status 200 and be none: an error within a choice, an end for `error`, an answer that a filter
has emptied. A stream of one may stop before every choice that has begun has ended.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import attrs

__all__ = ["CONTENT", "ENDS", "Broken", "Progress", "broken", "content_bytes", "model_of"]

CONTENT: Final = ("content", "tool_calls", "reasoning_content", "reasoning", "refusal", "function_call", "audio")
"""Keys of a message, or of a piece of one, under which there is content for a caller."""

ENDS: Final[Mapping[str, str]] = {
    "content_filter": "content_filter",
    "safety": "content_filter",
    "recitation": "content_filter",
    "blocklist": "content_filter",
    "prohibited_content": "content_filter",
    "spii": "content_filter",
    "image_safety": "content_filter",
    "malformed_function_call": "bad_response",
    "malformed_tool_call": "bad_response",
}
"""Ends of a choice, in lower case, that are failures where there is no content, and their reasons."""


@attrs.frozen(slots=True)
class Broken:
    """Why a completion is none. `error` is what the provider says of it, where it says anything."""

    reason: str
    message: str
    error: object = None


def broken(value: Mapping[str, Any]) -> Broken | None:
    """Why a completion that came as a whole is none, or None if it is one."""
    choices = value.get("choices")
    if not isinstance(choices, list) or not choices:
        return Broken("bad_response", "an answer without choices")
    ends: list[str] = []
    content = False
    for choice in choices:
        if not isinstance(choice, dict):
            return Broken("bad_response", "a choice that is no object")
        if (wrong := _wrong(choice)) is not None:
            return wrong
        content = content or _has_content(choice.get("message")) or bool(choice.get("text"))
        ends.append(_end(choice.get("finish_reason")))
    return None if content else _empty(ends)


class Progress:
    """How far the choices of a stream have come. `content` tells whether there has been any."""

    __slots__ = ("_ended", "_ends", "_open", "content")

    def __init__(self) -> None:
        self.content = False
        self._open: set[object] = set()
        self._ended: set[object] = set()
        self._ends: list[str] = []

    @property
    def begun(self) -> bool:
        """Whether there has been a choice."""
        return bool(self._open or self._ends)

    @property
    def complete(self) -> bool:
        """Whether there has been a choice, and each has ended."""
        return not self._open and bool(self._ends)

    @property
    def ended(self) -> int:
        """How many choices have ended."""
        return len(self._ended)

    def take(self, choices: object) -> tuple[bool, bool] | Broken:
        """Take the choices of a further piece: whether it has content, and whether it ends a choice."""
        content = finish = False
        if choices is None:
            return content, finish
        if not isinstance(choices, list):
            return Broken("bad_response", "choices that are no list")
        for choice in choices:
            if not isinstance(choice, dict):
                return Broken("bad_response", "a choice that is no object")
            index = choice.get("index", 0)
            if not isinstance(index, int):
                return Broken("bad_response", "a choice whose index is no number")
            if "error" in choice and (wrong := _wrong(choice)) is not None:
                return wrong
            said = _has_content(choice.get("delta")) or bool(choice.get("text"))
            if said:
                content = self.content = True
            end = choice.get("finish_reason")
            if end:
                finish = True
                if (wrong := _wrong(choice)) is not None:
                    return wrong
                self._open.discard(index)
                self._ended.add(index)
                self._ends.append(_end(end))
            elif said or index not in self._ended:
                # A choice that has ended stays so where a further piece, such as that of the usage, has it empty.
                self._open.add(index)
        if finish and not self.content and not self._open and (wrong := _empty(self._ends)) is not None:
            return wrong
        return content, finish


def _has_content(message: object) -> bool:
    if not isinstance(message, dict):
        return False
    return any(map(message.get, CONTENT))


def _wrong(choice: Mapping[str, Any]) -> Broken | None:
    """The error of a choice."""
    error = choice.get("error")
    if error:
        return Broken("server_error", "an error within the answer", {"error": error})
    if _end(choice.get("finish_reason")) == "error":
        return Broken("server_error", "the answer ended with an error")
    return None


def _end(reason: object) -> str:
    """An end's name; some write their own after it (`content_filter: OTHER`)."""
    return reason.lower().partition(":")[0].strip() if isinstance(reason, str) else ""


def _empty(ends: list[str]) -> Broken | None:
    """Why there is no content, if that is a failure."""
    for end in ends:
        if end in ENDS:
            return Broken(ENDS[end], f"an answer without content, ended by {end}")
    return None


def model_of(value: Mapping[str, Any]) -> str | None:
    """The model that an answer, or a piece of one, says it is of."""
    model = value.get("model")
    return model if isinstance(model, str) else None


def content_bytes(value: Any) -> int:
    """The bytes of UTF-8 of what an answer, or a piece of one, says in all its choices."""
    total = 0
    choices = value.get("choices") if isinstance(value, dict) else None
    for choice in choices if isinstance(choices, list) else ():
        said = choice.get("message") or choice.get("delta") if isinstance(choice, dict) else None
        if not isinstance(said, dict):
            continue
        for key in ("content", "refusal", "reasoning_content", "reasoning"):
            text = said.get(key)
            if isinstance(text, str):
                total += len(text.encode("utf-8", "surrogatepass"))
        for called in said.get("tool_calls") or ():
            function = called.get("function") if isinstance(called, dict) else None
            arguments = function.get("arguments") if isinstance(function, dict) else None
            if isinstance(arguments, str):
                total += len(arguments.encode("utf-8", "surrogatepass"))
    return total
