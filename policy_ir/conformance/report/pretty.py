"""JSON for people: on one line as long as it fits, else one entry or member a line, and so on inwards."""

from __future__ import annotations

import json
from typing import Any


def pretty(value: Any, width: int = 100, indent: int = 0) -> str:
    """A JSON value as text, its lines `width` wide where that can be, with nothing in it that steers a terminal.

    `indent` is the column where the value starts; later lines are indented by it, the first is not.
    """
    return _laid_out(value, width, indent, 0)


def compact(value: Any) -> str:
    """A JSON value on one line, what cannot be seen escaped."""
    text = json.dumps(value, ensure_ascii=False)
    return text if text.isprintable() else "".join(ch if ch.isprintable() else json.dumps(ch)[1:-1] for ch in text)


def _laid_out(value: Any, width: int, indent: int, beside: int) -> str:
    """`beside` is how much stands beside the value on its line: a name before it, a comma after it."""
    flat = compact(value)
    if indent + beside + len(flat) <= width or not isinstance(value, list | dict) or not value:
        return flat
    inner = indent + 2
    if isinstance(value, dict):
        opening, closing = "{", "}"
        parts = [(f"{compact(key)}: ", part) for key, part in value.items()]
    else:
        opening, closing = "[", "]"
        parts = [("", part) for part in value]
        if isinstance(value[0], str) and len(value) > 1 and isinstance(value[1], list | dict):
            opening += f"{compact(value[0])},"  # a term: its operation stays at the bracket
            parts = parts[1:]
    lines = [" " * inner + name + _laid_out(part, width, inner, len(name) + 1) for name, part in parts]
    return opening + "\n" + ",\n".join(lines) + "\n" + " " * indent + closing
