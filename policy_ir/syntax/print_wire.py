"""Terms to JSON: as values, and as text laid out for reading. Specification: chapter "Syntax", section "Printing"."""

from __future__ import annotations

import re
from typing import Any

from policy_ir.signature import arguments_of
from policy_ir.terms import Term
from policy_ir.values import Value, part_value, value_of

MAX_SAFE_INTEGER = float(2**53 - 1)
INDENT = "  "

# Everything that cannot be seen or that rearranges what can: a fixed list, since what a run time calls printable
# depends on its Unicode tables.
_UNSEEN = (
    "\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff"
    "\U000e0000-\U000e007f"
)
UNSEEN = re.compile(f"[{_UNSEEN}]")
"""What must be escaped in a JSON text that is otherwise done."""
ESCAPED = re.compile(f'["\\\\\x00-\x1f{_UNSEEN}]')
"""What must be escaped in a string in double quotes."""
_SHORT = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\b": "\\b", "\f": "\\f"}


def to_wire(term: Term) -> list[Any]:
    """The JSON value of a term: a list, with integral numbers of magnitude up to 2^53 - 1 as int."""
    return [_spelled(part) for part in value_of(term)]


def _spelled(value: Value) -> Any:
    match value:
        case float():
            return int(value) if value.is_integer() and abs(value) <= MAX_SAFE_INTEGER else value
        case list():
            return [_spelled(entry) for entry in value]
        case dict():
            return {key: _spelled(entry) for key, entry in value.items()}
        case _:
            return value


def print_wire(term: Term, *, width: int = 100) -> str:
    """A term as JSON text, laid out to a width in code points, without a final line end.

    What fits on the rest of a line stands there; a longer node has its operation and the parameters before its first
    subterm on one line and each further argument on its own. Printing what was read from the result gives the result.
    """
    return layout(term, "", 0, width)


class Headed(list[Any]):
    """A list that is broken as a node is: what is at its head stays on the line of its bracket."""


def layout(part: Any, indent: str, used: int, width: int) -> str:
    """A term or a JSON value with terms in it, after an indent and `used` columns, with room for one mark after it."""
    flat = _flat(part)
    if len(indent) + used + len(flat) < width:
        return flat
    inner = indent + INDENT
    match part:
        case Term():
            arguments = [
                entry if isinstance(entry, Term) else _spelled(part_value(entry)) for entry in arguments_of(part)
            ]
            return layout(Headed([part.op, *arguments]), indent, used, width)
        case Headed():
            first = next((at for at, entry in enumerate(part) if _can_break(entry)), len(part))
            head = ", ".join(map(_flat, part[:first]))
            lines = ["[" + head, *(inner + layout(entry, inner, 0, width) for entry in part[first:])]
            return ",\n".join(lines) + (f"\n{indent}]" if len(lines) > 1 else "]")
        case list() if part:
            return "[\n" + ",\n".join(inner + layout(entry, inner, 0, width) for entry in part) + f"\n{indent}]"
        case dict() if part:
            members = [(f"{print_string(key)}: ", entry) for key, entry in part.items()]
            lines = [inner + key + layout(entry, inner, len(key), width) for key, entry in members]
            return "{\n" + ",\n".join(lines) + f"\n{indent}}}"
        case _:
            return flat


def _can_break(part: Any) -> bool:
    return isinstance(part, (Term, list, dict))


def _flat(value: Any) -> str:
    match value:
        case Term():
            return _flat(to_wire(value))
        case bool():
            return "true" if value else "false"
        case str():
            return print_string(value)
        case dict():
            return "{" + ", ".join(f"{print_string(key)}: {_flat(entry)}" for key, entry in value.items()) + "}"
        case list():
            return "[" + ", ".join(map(_flat, value)) + "]"
        case _:
            return repr(value)


def print_string(text: str) -> str:
    """A string as JSON: readable characters as they are, others escaped."""
    return f'"{ESCAPED.sub(escape, text)}"'


def escape(found: re.Match[str]) -> str:
    """A character as an escape of JSON, a short one where there is one."""
    ch = found[0]
    if ch in _SHORT:
        return _SHORT[ch]
    units = ch.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2))
