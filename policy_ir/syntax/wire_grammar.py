"""The wire syntax by its grammar, `grammar/wire.lark`: the reference that the fast loader is held to.

The LALR(1) parser builds the term bottom-up, without recursion and without a parse tree in between. A string becomes
a keyword only where the parser's state can take that keyword, so that a provider may be called `and`.
Imports Lark; only `policy_ir.syntax.wire.parse_wire` imports this module. Specification: "Syntax", "Wire grammar".
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

import attrs
from lark import Lark, Token
from lark.exceptions import UnexpectedInput
from lark.lexer import Lexer, PatternStr

from policy_ir.signature import SIGNATURE, Operation
from policy_ir.syntax import scanner
from policy_ir.syntax.bounds import DEPTH, ENTRIES, NODES, string_fits
from policy_ir.syntax.places import Place
from policy_ir.terms import ACTION_KEYS, Action, Boolean, ChainEntry, Number, Origin, RecipeRecord, Term, Text

START = {
    None: "term", "Policy": "policy", "Pred": "pred", "Scorer": "scorer", "Selector": "selector", "Xform": "xform",
    "FailPlan": "fail_plan",
}  # fmt: skip
"""The start symbol of each sort; None stands for any."""


class NotInGrammar(Exception):
    """The text is no well-sorted term within the bounds."""


def parse_tokens(tokens: list[scanner.Token], sort: str | None, source: str) -> tuple[Term, Place]:
    """The term of a well-formed JSON text's tokens, and the places of its values. Raises NotInGrammar."""
    try:
        part: Any = parser().parse((tokens, source), start=START[sort])
    except UnexpectedInput:
        raise NotInGrammar from None
    if part.depth > DEPTH or part.nodes > NODES:
        raise NotInGrammar
    return part.value, part.place


@cache
def parser() -> Lark:
    """The parser of `grammar/wire.lark`, built once."""
    return Lark.open_from_package(
        "policy_ir",
        "grammar/wire.lark",
        parser="lalr",
        lexer=_Keywords,
        transformer=_Builder(),
        start=list(START.values()),
        keep_all_tokens=True,
        maybe_placeholders=False,
    )


class _Token(Token):
    """A token with the value it stands for and its place; `[` stands for the origin of a node that starts there."""

    __slots__ = ("meant", "place")

    meant: Any
    place: Place


_PLAIN = {
    "[": "LSQB", "]": "RSQB", "{": "LBRACE", "}": "RBRACE", ",": "COMMA", ":": "COLON", "number": "NUMBER",
    "true": "TRUE", "false": "FALSE",
}  # fmt: skip
_MEANT = {"true": True, "false": False}


class _Keywords(Lexer):
    """Tokens of JSON to terminals of the grammar: a string to the keyword that the parser can take there, if it can."""

    __future_interface__ = 2

    def __init__(self, conf: Any) -> None:
        literals = (
            (terminal.pattern.value, terminal.name)
            for terminal in conf.terminals
            if isinstance(terminal.pattern, PatternStr)
        )
        self.keywords = {value: name for value, name in literals if name not in _PLAIN.values()}

    def lex(self, lexer_state: Any, parser_state: Any) -> Iterator[Token]:
        tokens, source = lexer_state.text
        states = parser_state.parse_conf.states
        open_lists: list[tuple[str, int]] = []  # pointer and current index; records hold no nodes, so need neither
        for kind, start, end, value in tokens[:-1]:  # the last is the end
            if kind == "string":
                name = self.keywords.get(value)
                terminal = name if name is not None and name in states[parser_state.position] else "STRING"
            else:
                terminal = _PLAIN[kind]
                if kind in _MEANT:
                    value = _MEANT[kind]
                elif kind == "[" or kind == "{":
                    pointer = "" if not open_lists else f"{open_lists[-1][0]}/{open_lists[-1][1]}"
                    open_lists.append((pointer, 0))
                    value = Origin(source, pointer)
                elif kind == "]" or kind == "}":
                    open_lists.pop()
                elif kind == ",":
                    pointer, index = open_lists[-1]
                    open_lists[-1] = pointer, index + 1
            token = _Token(terminal, "")
            token.meant, token.place = value, (start, end, None)
            yield token


@attrs.frozen(slots=True)
class _Part:
    """A value as built, its place, and of a term the number of its nodes and its depth."""

    value: Any
    place: Place
    nodes: int = 0
    depth: int = 0


class _Builder:
    """What each rule of the grammar builds of its parts; a rule labelled with an operation builds its node."""

    def __init__(self) -> None:
        for row in SIGNATURE.values():
            setattr(self, row.op, _node_builder(row))

    def num(self, children: list[Any]) -> _Part:
        return _Part(children[0].meant, children[0].place)

    rel = verb = num

    def text(self, children: list[Any]) -> _Part:
        return _Part(_bounded_text(children[0].meant), children[0].place)

    def scalar_number(self, children: list[Any]) -> _Part:
        return _Part(Number(children[0].value), children[0].place)

    def scalar_text(self, children: list[Any]) -> _Part:
        return _Part(Text(children[0].value), children[0].place)

    def scalar_boolean(self, children: list[Any]) -> _Part:
        return _Part(Boolean(children[0].meant), children[0].place)

    def names(self, children: list[Any]) -> _Part:
        parts = _bounded_entries(children)
        return _Part(tuple(part.value for part in parts), _place(children, [part.place for part in parts]))

    backoffs = recipe = chain_entries = names

    def member(self, children: list[Any]) -> tuple[_Token, _Part]:
        key, _, part = children
        _bounded_text(key.meant)
        return key, part

    def action(self, children: list[Any]) -> _Part:
        members, place = _record(children)
        known = {name: members.pop(name) for name in ACTION_KEYS if name in members}
        return _Part(Action(**known, extra=tuple(members.items())), place)

    def step_record(self, children: list[Any]) -> _Part:
        members, place = _record(children)
        return _Part(RecipeRecord(tuple(members.items())), place)

    def chain_entry(self, children: list[Any]) -> _Part:
        members, place = _record(children)
        return _Part(ChainEntry(**members), place)


def _node_builder(row: Operation) -> Any:
    def build(children: list[Any]) -> _Part:
        head, *parts = children[1:-1:2]
        values: list[Any] = [part.value for part in parts]
        if row.variadic:
            values = [tuple(values)]
        return _Part(
            row.cls(*values, origin=children[0].meant),
            _place(children, [head.place, *(part.place for part in parts)]),
            nodes=1 + sum(part.nodes for part in parts),
            depth=1 + max((part.depth for part in parts), default=0),
        )

    return build


def _place(children: list[Any], parts: Any) -> Place:
    return children[0].place[0], children[-1].place[1], parts


def _record(children: list[Any]) -> tuple[dict[str, Any], Place]:
    members: list[tuple[_Token, _Part]] = _bounded_entries(children)
    places = {key.meant: (key.place[0], key.place[1], part.place) for key, part in members}
    return {key.meant: part.value for key, part in members}, _place(children, places)


def _bounded_entries(children: list[Any]) -> list[Any]:
    entries = children[1:-1:2]
    if len(entries) > ENTRIES:
        raise NotInGrammar
    return entries


def _bounded_text(text: str) -> str:
    if not string_fits(text):
        raise NotInGrammar
    return text
