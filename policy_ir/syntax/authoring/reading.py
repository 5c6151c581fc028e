"""Reading authoring text: tokens, tree, term. Specification: chapter "Authoring syntax"."""

from __future__ import annotations

import attrs

from policy_ir.diagnostics import Diagnostic, Refused, codes, quoted
from policy_ir.diagnostics.codes import Code
from policy_ir.diagnostics.model import in_source_order
from policy_ir.signature import describe_sort, sort_of
from policy_ir.syntax.authoring.elaboration import elaborate
from policy_ir.syntax.authoring.grammar import Grammar, grammar
from policy_ir.syntax.authoring.tokens import tokenize
from policy_ir.syntax.authoring.tree import Lexeme, Node
from policy_ir.syntax.bounds import DEPTH, DIAGNOSTICS
from policy_ir.syntax.document import Document, Span
from policy_ir.syntax.source import check_text

NESTING = 2 * DEPTH
"""Open brackets of a text: those that a term needs, and as many that it does not."""

_OPENERS = frozenset(("LPAR", "LBRACE", "LSQB"))
_CLOSERS = frozenset(("RPAR", "RBRACE", "RSQB"))


def parse_authoring(text: str, *, name: str = "policy", sort: str | None = None, source: str = "policy") -> Document:
    """The term of an authoring text, with the places of its parts by their pointers in the wire form.

    `sort` is the term sort that is due, None for any; `source` goes into the origins of the nodes. Never recurses
    deeper than the bounds of a term. Raises Refused with every diagnostic, in source order, at most 100 of them.
    """
    check_text(text, name)
    language = grammar()
    tokens = tokenize(text, language)
    unread = Document(name=name, text=text, syntax="authoring", comments=tokens.comments)
    found = list(tokens.found)
    if len(tokens.lexemes) == 1 and not found:
        found = [Diagnostic(code=codes.EMPTY_SOURCE, message="the text holds no term", expected="a term")]
    too_deep = nesting(tokens.lexemes)
    if tokens.cut or len(tokens.lexemes) == 1 or too_deep:
        raise _refused([*found, *too_deep], unread)
    tree, dropped, errors = read_tree(text, tokens.lexemes, language)
    found += errors
    elaborated = elaborate(tree, source, found, dropped)
    found += elaborated.found
    if found or elaborated.term is None:
        raise _refused(found, unread)
    document = attrs.evolve(unread, term=elaborated.term, spans=elaborated.spans)
    made = sort_of(type(elaborated.term))
    if sort not in (None, made):
        expected = describe_sort(sort)
        message = f"{describe_sort(made)} where {expected} is due"
        wrong = Diagnostic(
            code=codes.WRONG_SORT, message=message, pointer="", found=describe_sort(made), expected=expected
        )
        raise Refused([wrong], document)
    return document


def _refused(found: list[Diagnostic], document: Document) -> Refused:
    return Refused(in_source_order(found)[:DIAGNOSTICS], document)


def read_tree(
    text: str, lexemes: list[Lexeme], language: Grammar
) -> tuple[Node | None, list[Lexeme], list[Diagnostic]]:
    """The parser's tree; of a text that it refuses, a tree of what is left, tokens beside it, and what is wrong."""
    from lark.exceptions import UnexpectedToken

    parser = language.start()
    try:
        for lexeme in lexemes:
            tree: Node = parser.feed_token(lexeme)
    except UnexpectedToken:
        from policy_ir.syntax.authoring.recovery import recover

        return recover(text, lexemes, language)
    return tree, [], []


def nesting(lexemes: list[Lexeme]) -> list[Diagnostic]:
    """Brackets nested too deep, and `not` and factors before one another deeper than any term: found before parsing."""
    prefixes = [0]
    for at, lexeme in enumerate(lexemes):
        kind = lexeme.type
        if kind in _OPENERS:
            prefixes.append(0)
            if len(prefixes) > NESTING + 1:
                message = f"more than {NESTING} brackets are open"
                return [_at(lexeme, codes.NESTED_TOO_DEEP, message, f"at most {NESTING} open brackets")]
        elif kind in _CLOSERS:
            if len(prefixes) > 1:
                prefixes.pop()
            prefixes[-1] = 0
        elif kind == "NOT" or (kind == "STAR" and lexemes[at - 1].type == "NUMBER"):
            prefixes[-1] += 1
            if sum(prefixes) > DEPTH:
                return [_at(lexeme, codes.TOO_DEEP, f"the term is deeper than {DEPTH}", f"a depth of at most {DEPTH}")]
        elif kind != "NUMBER" or lexemes[at + 1].type != "STAR":
            prefixes[-1] = 0
    return []


def _at(lexeme: Lexeme, code: Code, message: str, expected: str) -> Diagnostic:
    found = quoted(lexeme.text)
    return Diagnostic(code=code, message=message, span=Span(lexeme.start, lexeme.end), found=found, expected=expected)
