"""The two concrete syntaxes of the language: text and JSON to terms, terms to text and JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from policy_ir.syntax.document import Document
    from policy_ir.terms import Term

__all__ = ["fmt", "parse"]


def parse(
    text: str,
    *,
    name: str = "policy",
    syntax: Literal["auto", "wire", "authoring"] = "auto",
    sort: str | None = None,
    source: str = "policy",
) -> Document:
    """The document of a text in either syntax.

    `auto` takes a text for the wire syntax if its first character that is not white space is `[`, `{` or `"`, else for
    the authoring syntax. `sort` is the name of the term sort that is due, None for any; `name` names the text in
    findings, `source` the term in the origins of its nodes. Raises Refused with every finding.
    """
    from policy_ir.syntax.source import check_text

    check_text(text, name)
    if syntax == "wire" or (syntax == "auto" and text.lstrip(" \t\n\r")[:1] in ("[", "{", '"')):
        from policy_ir.syntax.wire import read_wire_fast

        return read_wire_fast(text, name, sort=sort, source=source)
    from policy_ir.syntax.authoring import parse_authoring

    return parse_authoring(text, name=name, sort=sort, source=source)


def fmt(document: Document | Term, to: Literal["wire", "authoring"] = "wire", *, width: int = 100) -> str:
    """A document, or a term, as text laid out to a width in code points, with a final line end.

    Either syntax can say every term. The authoring syntax keeps the comments of a document; the wire syntax has none.
    Raises ValueError for a document without a term.
    """
    from policy_ir.terms import Term

    if to == "authoring":
        from policy_ir.syntax.authoring import print_authoring

        return print_authoring(document, width=width).rstrip("\n") + "\n"
    from policy_ir.syntax.print_wire import print_wire

    term = document if isinstance(document, Term) else document.term
    if term is None:
        raise ValueError("the document holds no term")
    return print_wire(term, width=width) + "\n"
