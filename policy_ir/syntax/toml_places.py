"""Where the values of a TOML text stand in it, by JSON Pointer.

The standard library reads TOML and says nothing of places. This follows the structure of a text that it has read, which
is much less than reading it: a value is found by where it ends, and nothing is checked again.
"""

from __future__ import annotations

import re
from typing import Any, Final

import attrs

from policy_ir.syntax.document import Span
from policy_ir.syntax.places import Elements, Members, Place, Places

__all__ = ["error_span", "toml_places"]

_BLANK: Final = re.compile(r"(?:[ \t\r\n]++|\#[^\n]*+)*+")
_KEY: Final = re.compile(r"""[ \t]*+("(?:[^"\\]|\\.)*+"|'[^']*+'|[^\s.=\]"']++)[ \t]*+""")
_SCALAR: Final = re.compile(
    r"""
    "{3} (?: [^"\\] | \\. | "(?!"") )*+ "{3,5}
    | '{3} (?: [^'] | '(?!'') )*+ '{3,5}
    | " (?: [^"\\] | \\. )*+ " | '[^']*+'
    | \d{4}-\d\d-\d\d[ ]\d\d:[^\s,\]}\#]*+ | [^\s,\]}\#]++
    """,
    re.VERBOSE | re.DOTALL,
)
_AT: Final = re.compile(r"\(at line ([0-9]+), column ([0-9]+)\)")


def toml_places(text: str) -> Places:
    """The places of all values of a TOML text that the standard library accepts.

    A table has the place of its last header, or of its key where it has none of its own; so has an array of tables that
    of its first. Takes time in proportion to the text, for keys of few parts. Raises ValueError for what is no TOML.
    """
    return Places(_Scan(text).document())


def error_span(text: str, said: str) -> Span | None:
    """The place that an error of the standard library's reader names; None where it names none."""
    found = _AT.search(said)
    if found is None:
        return Span(len(text), len(text)) if "end of document" in said else None
    # The reader counts in a text whose line ends are single characters.
    start = 0
    for _ in range(int(found[1]) - 1):
        start = text.find("\n", start) + 1
    at = min(start + int(found[2]) - 1, len(text))
    return Span(at, min(at + 1, len(text)))


@attrs.define
class _Member:
    """A key that its value is not yet known of: whose it is, what it is called, and where it stands."""

    of: Members
    name: str
    start: int
    end: int

    def put(self, place: Place) -> None:
        self.of[self.name] = (self.start, self.end, place)


@attrs.define
class _Open:
    """An array or an inline table whose closing bracket has not come yet."""

    start: int
    parts: Elements | Members
    member: _Member | None = None

    def put(self, place: Place) -> None:
        if self.member is None:
            assert isinstance(self.parts, list)
            self.parts.append(place)
        else:
            self.member.put(place)


@attrs.define
class _Scan:
    """One pass over a text; `at` is how far it has come."""

    text: str
    at: int = 0

    def document(self) -> Place:
        root: Members = {}
        table = root
        self.blank()
        while self.at < len(self.text):
            if self.text[self.at] == "[":
                table = self.header(root)
            else:
                member = self.key(table)
                self.at += 1  # the equals sign
                member.put(self.value())
            self.blank()
        return (0, 0, root)

    def header(self, root: Members) -> Members:
        """The table that a header opens."""
        start = self.at
        several = self.text.startswith("[[", start)
        self.at += 2 if several else 1
        member = self.key(root)
        self.at += 2 if several else 1
        span = (start, self.at)
        made: Members = {}
        known = member.of.get(member.name)
        parts = known[2][2] if known is not None else None
        if several:
            if isinstance(parts, list):
                parts.append((*span, made))
            else:
                member.put((*span, [(*span, made)]))
            return made
        if isinstance(parts, dict):  # further headers or dotted keys have named it before
            made = parts
        member.put((*span, made))
        return made

    def key(self, table: Members) -> _Member:
        """The member that a key, dotted or not, stands for below a table."""
        while True:
            name, start, end = self.part()
            if not self.text.startswith(".", self.at):
                return _Member(table, name, start, end)
            self.at += 1
            table = _below(table, name, start, end)

    def part(self) -> tuple[str, int, int]:
        found = _KEY.match(self.text, self.at)
        if found is None:
            raise ValueError(f"no key at {self.at}")
        self.at = found.end()
        return _unquoted(found[1]), found.start(1), found.end(1)

    def value(self) -> Place:
        """A value, however deep: what is open is kept in a list, not on the stack."""
        opened: list[_Open] = []
        while True:
            self.blank()
            mark = self.text[self.at : self.at + 1]
            start = self.at
            if opened and mark in ("]", "}"):
                last = opened.pop()
                self.at += 1
                place: Place = (last.start, self.at, last.parts)
            elif opened and isinstance(opened[-1].parts, dict) and opened[-1].member is None:
                opened[-1].member = self.key(opened[-1].parts)
                self.at += 1  # the equals sign
                continue
            elif mark in ("[", "{"):
                opened.append(_Open(start, [] if mark == "[" else {}))
                self.at += 1
                continue
            else:
                place = (start, self.scalar(), None)
            if not opened:
                return place
            opened[-1].put(place)
            opened[-1].member = None
            self.blank()
            self.at += self.text.startswith(",", self.at)

    def scalar(self) -> int:
        found = _SCALAR.match(self.text, self.at)
        if found is None:
            raise ValueError(f"no value at {self.at}")
        self.at = found.end()
        return self.at

    def blank(self) -> None:
        """Go past white space, line ends and comments."""
        found = _BLANK.match(self.text, self.at)
        self.at = found.end() if found else self.at


def _below(table: Members, name: str, start: int, end: int) -> Members:
    """The table under a name in a table, made where there is none; of an array of tables, its last one."""
    known = table.get(name)
    if known is None:
        known = table[name] = (start, end, (start, end, {}))
    parts = known[2][2]
    if isinstance(parts, list) and parts:
        parts = parts[-1][2]
    if not isinstance(parts, dict):
        raise ValueError(f"no table at {start}")
    return parts


def _unquoted(key: str) -> str:
    if key[0] not in "\"'":
        return key
    if "\\" not in key:
        return key[1:-1]
    import tomllib

    made: dict[str, Any] = tomllib.loads(f"{key} = 0")
    return next(iter(made))
