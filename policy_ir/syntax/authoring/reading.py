"""Reading authoring text: tokens, tree, term. Specification: chapter "Authoring syntax"."""

from __future__ import annotations

from policy_ir.diagnostics import Diagnostic, Refused, codes, quoted
from policy_ir.signature import describe_sort, sort_of
from policy_ir.syntax.authoring.grammar import Grammar, grammar
from policy_ir.syntax.authoring.tokens import tokenize
from policy_ir.syntax.authoring.tree import Lexeme, Node
from policy_ir.syntax.bounds import DEPTH
from policy_ir.syntax.document import Document, Span
from policy_ir.syntax.source import check_text

NESTING = 2 * DEPTH
"""Open brackets of a text: those that a term needs, and as many that it does not."""

_OPENERS = frozenset(("LPAR", "LBRACE", "LSQB"))
_CLOSERS = frozenset(("RPAR", "RBRACE", "RSQB"))


def parse_authoring(
    text: str, *, name: str = "policy", sort: str | None = None, source: str = "policy"
) -> Document:
    """The term of an authoring text, with the places of its parts by their pointers in the wire form.

    `sort` is the term sort that is due, None for any; `source` goes into the origins of the nodes. Never recurses
    deeper than the bounds of a term. Raises Refused with every diagnostic, in source order, at most 100 of them.
    """
    from policy_ir.syntax.authoring.elaboration import elaborate

    check_text(text, name)
    language = grammar()
    tokens = tokenize(text, language)
    unread = Document(name=name, text=text, syntax="authoring", comments=tokens.comments)
    found = list(tokens.found)
    if tokens.cut:
        raise Refused(found, unread)
    if len(tokens.lexemes) == 1:
        found = found or [Diagnostic(code=codes.EMPTY_SOURCE, message="the text holds no term", expected="a term")]
        raise Refused(found, unread)
    found += _nesting(tokens.lexemes)
    if len(found) > len(tokens.found):
        raise Refused(found, unread)
    tree, errors = _tree(tokens.lexemes, language)
    found += errors
    if tree is None:
        raise Refused(found, unread)
    elaborated = elaborate(tree, source)
    found += elaborated.found
    term = elaborated.term
    if found or term is None:
        raise Refused(found, unread)
    document = Document(
        name=name, text=text, syntax="authoring", term=term, spans=elaborated.spans, comments=tokens.comments
    )
    found_sort = sort_of(type(term))
    if sort not in (None, found_sort):
        code = codes.NOT_A_POLICY if sort == "Policy" else codes.WRONG_SORT
        message = f"{describe_sort(found_sort)} where {describe_sort(sort)} is due"
        wrong = Diagnostic(
            code=code, message=message, pointer="", found=describe_sort(found_sort), expected=describe_sort(sort)
        )
        raise Refused([wrong], document)
    return document


def _tree(lexemes: list[Lexeme], language: Grammar) -> tuple[Node | None, list[Diagnostic]]:
    """The parser's tree; of a text that it refuses, a tree of what is left and what is wrong."""
    from lark.exceptions import UnexpectedToken

    parser = language.start()
    try:
        for lexeme in lexemes:
            tree: Node = parser.feed_token(lexeme)
    except UnexpectedToken:
        from policy_ir.syntax.authoring.recovery import recover

        return recover(lexemes, language)
    return tree, []


def _nesting(lexemes: list[Lexeme]) -> list[Diagnostic]:
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
        elif kind == "NOT" or kind == "STAR":
            prefixes[-1] += 1
            if sum(prefixes) > DEPTH:
                return [_at(lexeme, codes.TOO_DEEP, f"the term is deeper than {DEPTH}", f"a depth of at most {DEPTH}")]
        elif kind != "NUMBER" or lexemes[at + 1].type != "STAR":
            prefixes[-1] = 0
    return []


def _at(lexeme: Lexeme, code: codes.Code, message: str, expected: str) -> Diagnostic:
    found = quoted(lexeme.text)
    return Diagnostic(code=code, message=message, span=Span(lexeme.start, lexeme.end), found=found, expected=expected)
