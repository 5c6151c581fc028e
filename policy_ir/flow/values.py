"""What nodes have as their values, and the text of a value. Specification: chapter "Calls of a flow", "Values"."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

import attrs

__all__ = ["Message", "Messages", "Text", "Value", "bytes_of", "text_of_message"]

Message: TypeAlias = Mapping[str, Any]
"""A decoded message of a chat."""


def bytes_of(text: str) -> int:
    """How many bytes of UTF-8 a text has; a lone surrogate, which has none, counts 3."""
    return len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))


def text_of_message(message: Message) -> str:
    """Rule `flow-value/message`. Whatever is no text is passed over: messages of providers are checked by nobody."""
    content = message.get("content")
    if isinstance(content, str):
        return content
    if not isinstance(content, list | tuple):
        return ""
    parts = (part.get("text") for part in content if isinstance(part, Mapping) and part.get("type") == "text")
    return "\n".join(text for text in parts if isinstance(text, str))


def _tuple(messages: Iterable[Message]) -> tuple[Message, ...]:
    return tuple(messages)


@attrs.frozen(slots=True)
class Messages:
    """The value of the input: the messages of the caller, shared with the body and changed by nobody.

    `text` is that of the last user message (rule `flow-value/input`), `size` its bytes.
    """

    messages: tuple[Message, ...] = attrs.field(converter=_tuple)
    text: str = attrs.field(init=False, eq=False, repr=False)
    size: int = attrs.field(init=False, eq=False, repr=False)

    @text.default
    def _text(self) -> str:
        last = next((message for message in reversed(self.messages) if message.get("role") == "user"), None)
        return "" if last is None else text_of_message(last)

    @size.default
    def _size(self) -> int:
        return bytes_of(self.text)


@attrs.frozen(slots=True)
class Text:
    """The value of a call, or of the output. `size` is in bytes of UTF-8."""

    text: str
    size: int = attrs.field(init=False, eq=False, repr=False)

    @size.default
    def _size(self) -> int:
        return bytes_of(self.text)


Value: TypeAlias = Messages | Text
