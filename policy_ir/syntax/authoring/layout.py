"""A small algebra of documents: text that is laid out on one line where it fits, else broken at its lines.

A group is printed flat, each of its lines as a space or nothing, if the result fits into the width up to the next
line break after it; else its own lines break and the groups in it are tried each for itself. A comment and a hard
line break every group around them. Printing is iterative and takes time linear in the document times the width.
"""

from __future__ import annotations

from typing import TypeAlias, assert_never

import attrs


@attrs.frozen(slots=True, eq=False)
class Line:
    """A line break, or the text `flat` where its group is flat; hard ones always break."""

    flat: str | None


@attrs.frozen(slots=True, eq=False)
class Remark:
    """Text up to the end of the line that the width does not count: a line break must follow."""

    text: str


@attrs.frozen(slots=True, eq=False)
class IfBroken:
    """Text that is there only where its group is broken."""

    text: str


@attrs.frozen(slots=True, eq=False)
class Nest:
    """A document whose lines are indented by some columns more."""

    columns: int
    doc: Doc


@attrs.frozen(slots=True, eq=False)
class Concat:
    """Documents one after another. `breaks` says that one holds a hard line or a remark."""

    docs: tuple[Doc, ...]
    breaks: bool


@attrs.frozen(slots=True, eq=False)
class Group:
    """A document that is laid out flat where it fits."""

    doc: Concat


Doc: TypeAlias = str | Line | Remark | IfBroken | Nest | Concat | Group

SPACE = Line(" ")
NOTHING = Line("")
HARD = Line(None)


def concat(*docs: Doc) -> Concat:
    """Documents one after another."""
    return Concat(docs, any(map(_breaks, docs)))


def _breaks(doc: Doc) -> bool:
    match doc:
        case Line(flat):
            return flat is None
        case Remark():
            return True
        case Nest(_, inner):
            return _breaks(inner)
        case Concat(_, breaks):
            return breaks
        case Group(inner):
            return inner.breaks
        case _:
            return False


def group(*docs: Doc) -> Group:
    """Documents one after another, on one line where they fit."""
    return Group(concat(*docs))


def render(doc: Doc, width: int) -> str:
    """The text of a document, each line at most `width` columns where its groups allow it, without spaces at ends."""
    out: list[str] = []
    column = 0
    waiting: list[tuple[int, bool, Doc]] = [(0, False, doc)]
    while waiting:
        indent, flat, doc = waiting.pop()
        match doc:
            case str():
                out.append(doc)
                column += len(doc)
            case Remark(text):
                out.append(text)
            case IfBroken(text):
                if not flat:
                    out.append(text)
                    column += len(text)
            case Line(text):
                if flat and text is not None:
                    out.append(text)
                    column += len(text)
                else:
                    out.append("\n" + " " * indent)
                    column = indent
            case Nest(columns, inner):
                waiting.append((indent + columns, flat, inner))
            case Concat(docs):
                waiting.extend((indent, flat, part) for part in reversed(docs))
            case Group(inner):
                fits = flat or (not inner.breaks and _fits(inner, waiting, width - column))
                waiting.append((indent, fits, inner))
            case _:
                assert_never(doc)
    return "".join(line.rstrip(" ") + "\n" for line in "".join(out).split("\n"))


def _fits(doc: Doc, waiting: list[tuple[int, bool, Doc]], room: int) -> bool:
    """Whether a document laid out flat fits into some columns, with what follows it up to the next line break."""
    ahead: list[tuple[bool, Doc]] = [(True, doc)]
    following = len(waiting)
    while room >= 0:
        if not ahead:
            if not following:
                return True
            following -= 1
            _, flat, after = waiting[following]
            ahead.append((flat, after))
        flat, doc = ahead.pop()
        match doc:
            case str():
                room -= len(doc)
            case Remark():
                return True
            case IfBroken(text):
                room -= 0 if flat else len(text)
            case Line(text):
                if text is None or not flat:
                    return True
                room -= len(text)
            case Nest(_, inner):
                ahead.append((flat, inner))
            case Concat(docs):
                ahead.extend((flat, part) for part in reversed(docs))
            case Group(inner):
                ahead.append((flat, inner))
            case _:
                assert_never(doc)
    return False
