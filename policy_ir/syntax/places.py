"""Where the values of a JSON text stand in it, by JSON Pointer (RFC 6901).

A reader notes the places as a tree beside the values, and pointers are looked up in that tree. Pointers are never
stored: a text of 256 KiB can hold a long key over thousands of values, and their pointers would be gigabytes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TypeAlias

from policy_ir.syntax.document import Span

Elements: TypeAlias = "list[Place]"
Members: TypeAlias = "dict[str, tuple[int, int, Place]]"
Place: TypeAlias = "tuple[int, int, Elements | Members | None]"
"""A value's start and end in the text, and the places of what is in it; of a member also those of its key."""


def step(pointer: str, segment: str | int) -> str:
    """The pointer of an element or member of the value that a pointer points at."""
    if isinstance(segment, int):
        return f"{pointer}/{segment}"
    return f"{pointer}/{segment.replace('~', '~0').replace('/', '~1')}"


class Places(Mapping[str, Span]):
    """The spans of all values of a JSON text by JSON Pointer, in the order of the text. Read-only."""

    __slots__ = ("_root",)

    def __init__(self, root: Place) -> None:
        self._root = root

    def __getitem__(self, pointer: str) -> Span:
        start, end, _ = self._find(pointer)
        return Span(start, end)

    def __iter__(self) -> Iterator[str]:
        waiting = [("", self._root)]
        while waiting:
            pointer, (_, _, parts) = waiting.pop()
            yield pointer
            if isinstance(parts, dict):
                waiting.extend((step(pointer, key), parts[key][2]) for key in reversed(parts))
            elif parts:
                waiting.extend((step(pointer, at), parts[at]) for at in reversed(range(len(parts))))

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def of_key(self, pointer: str) -> Span | None:
        """The place of the key of a member; None where the pointer does not lead to a member of a record."""
        parent, slash, segment = pointer.rpartition("/")
        if not slash:
            return None
        try:
            parts = self._find(parent)[2]
        except KeyError:
            return None
        member = parts.get(key_of(segment)) if isinstance(parts, dict) else None
        return Span(member[0], member[1]) if member else None

    def _find(self, pointer: str) -> Place:
        place = self._root
        head, *segments = pointer.split("/")
        if head:
            raise KeyError(pointer)
        for segment in segments:
            parts = place[2]
            if isinstance(parts, dict):
                place = parts[key_of(segment)][2]
            elif parts and _is_index(segment, len(parts)):
                place = parts[int(segment)]
            else:
                raise KeyError(pointer)
        return place


def key_of(segment: str) -> str:
    """The key of a member that a segment of a pointer names."""
    return segment.replace("~1", "/").replace("~0", "~")


def _is_index(segment: str, size: int) -> bool:
    """Whether a segment is an index below a size, written as RFC 6901 wants it: digits, no leading zero."""
    plain = segment.isascii() and segment.isdigit() and len(segment) <= len(str(size))
    return plain and (segment == "0" or segment[0] != "0") and int(segment) < size
