"""Writing authoring text: the term's shape with its comments, laid out. Specification: "Authoring syntax"."""

from __future__ import annotations

from policy_ir.syntax.authoring import layout
from policy_ir.syntax.authoring.comments import hang
from policy_ir.syntax.authoring.layout import HARD, NOTHING, SPACE, Concat, Doc, IfBroken, Nest, Remark, concat, group
from policy_ir.syntax.authoring.notation import BRACED, Block, Item, Listing, Shape, Wrapped, file
from policy_ir.syntax.document import Comment, Document
from policy_ir.terms import Term

WIDTH = 100
"""Columns of a line."""


def print_authoring(source: Term | Document, *, width: int = WIDTH) -> str:
    """The authoring text of a term, or of a document with its comments, formatted: the same text for the same term.

    A term of any sort can be written; reading the text gives the term again, exactly. Lines are at most `width`
    columns where the language allows it. Raises ValueError for a document without a term.
    """
    if isinstance(source, Term):
        root, blanks = file(source), frozenset[Comment]()
    elif source.term is None:
        raise ValueError("the document holds no term")
    else:
        root = file(source.term)
        blanks = hang(source, root) if source.syntax == "authoring" else frozenset()
    return render(root, blanks, width)


def render(root: Listing, blanks: frozenset[Comment], width: int) -> str:
    """The text of a whole file; an empty line stands before the comments `blanks`."""
    return layout.render(_Printer(blanks).listing(root), width)


class _Printer:
    def __init__(self, blanks: frozenset[Comment]) -> None:
        self.blanks = blanks

    def shape(self, shape: Shape) -> Doc:
        match shape:
            case str():
                return shape
            case Wrapped(opening, inner, closing):
                columns = len(opening) if _hangs(inner) else 0
                return concat(opening, Nest(columns, self.shape(inner)), closing)
            case Block(lines):
                rows = [part for line in (*lines, '"""') for part in (HARD, line)]
                return Nest(2, concat('"""', *rows))
            case listing:
                return self.listing(listing)

    def listing(self, listing: Listing) -> Doc:
        match listing.style:
            case "call":
                return self.call(listing)
            case "infix" | "steps":
                return self.joined(listing)
            case "plan":
                return self.lines(listing, apart=False)
            case style if style in BRACED:
                lines = self.lines(listing, apart=style != "node")
                inside = [Nest(2, concat(HARD, lines))] if lines.docs else []
                return concat(listing.opening, *inside, HARD, listing.closing)
            case _:
                return self.lines(listing, apart=True)

    def call(self, listing: Listing) -> Doc:
        """Items in brackets: on one line, or a line each with a comma after each."""
        parts: list[Doc] = []
        for at, item in enumerate(listing.items):
            last = at == len(listing.items) - 1
            comma: Doc = IfBroken(",") if last else ","
            parts += [NOTHING if not at else SPACE, *self.before(item), self.shape(item.shape), comma]
            parts += self.behind(item)
        for comment in listing.after:
            parts += [HARD, _remark(comment)]
        if not parts:
            return listing.opening + listing.closing
        return group(listing.opening, Nest(2, concat(*parts)), NOTHING, listing.closing)

    def joined(self, listing: Listing) -> Doc:
        """Items on one line, or a line each: after an operator, or before a semicolon."""
        steps = listing.style == "steps"
        parts: list[Doc] = []
        for at, item in enumerate(listing.items):
            last = at == len(listing.items) - 1
            operator = f"{listing.opening} " if at and not steps else ""
            shown = self.shape(item.shape)
            parts += [*([SPACE] if at else []), *self.before(item), operator, Nest(len(operator), shown)]
            parts += [*([";"] if steps and not last else []), *self.behind(item)]
        return group(*parts)

    def lines(self, listing: Listing, *, apart: bool) -> Concat:
        """A line for each item; `apart` keeps one of the empty lines that an author left between two."""
        parts: list[Doc] = []
        for item in listing.items:
            for comment in item.before:
                parts += [*self.gap(parts, apart and comment in self.blanks), _remark(comment)]
            parts += [*self.gap(parts, apart and item.blank), self.shape(item.shape), *self.behind(item)]
        for comment in listing.after:
            parts += [*self.gap(parts, apart and comment in self.blanks), _remark(comment)]
        return concat(*parts)

    def gap(self, parts: list[Doc], blank: bool) -> list[Doc]:
        return [] if not parts else [HARD, HARD] if blank else [HARD]

    def before(self, item: Item) -> list[Doc]:
        return [part for comment in item.before for part in (_remark(comment), HARD)]

    def behind(self, item: Item) -> list[Doc]:
        return [Remark(f"  {_written(item.behind)}")] if item.behind else []


def _hangs(shape: Shape) -> bool:
    """Whether the lines of a shape are aligned under its first one."""
    while isinstance(shape, Wrapped):
        shape = shape.inner
    return isinstance(shape, Listing) and shape.style != "call"


def _remark(comment: Comment) -> Remark:
    return Remark(_written(comment))


def _written(comment: Comment) -> str:
    """A comment with its mark; a space is put between them where a letter, digit or quote follows the mark."""
    text = comment.text
    apart = bool(text) and (not text[0].isascii() or text[0].isalnum() or text[0] in "\"'`(")
    return f"# {text}" if apart else f"#{text}"
