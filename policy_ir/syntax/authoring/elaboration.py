"""From the parser's nodes to the typed tree: bounds first, then pointers, places, parameters and nodes.

Whatever is found wrong is reported with the JSON Pointer that the place has in the wire form of the term.
Specification: chapter "Authoring syntax", section "Translation".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, TypeAlias

import attrs

from policy_ir.diagnostics import Diagnostic, codes, quoted, suggestion
from policy_ir.diagnostics.codes import Code
from policy_ir.signature import SIGNATURE, build
from policy_ir.syntax.authoring.tree import RELATIONS, Lexeme, Node, Piece
from policy_ir.syntax.bounds import DEPTH, DIAGNOSTICS, ENTRIES, NODES, STRING_BYTES, string_fits
from policy_ir.syntax.document import Span
from policy_ir.syntax.places import step
from policy_ir.terms import CHAIN_KEYS, VERBS, Action, Boolean, ChainEntry, Number, Origin, RecipeRecord, Term, Text

CLAUSES = ("filter", "rank", "select", "mutate", "fallback")
"""The clauses of a policy, in the order of its arguments."""

_INCOMPLETE = (codes.UNEXPECTED_CHARACTER, codes.UNEXPECTED_TOKEN, codes.UNCLOSED, codes.MISSING_COMMA)
_ABSENT = -1
_DEFAULTS = ("top", "zero", "argmax", "id", "always")
_NEXT = Lexeme("NEXT_CANDIDATE", "next_candidate", _ABSENT, _ABSENT)


def _default(op: str) -> Node:
    """What a clause says that is left out. It has no place in the text."""
    args = (Node("action", (_NEXT,), _ABSENT, _ABSENT),) if op == "always" else ()
    return Node(op, args, _ABSENT, _ABSENT)


@attrs.frozen(slots=True, eq=False)
class Elaborated:
    """The term, where its nodes and parameters stand by JSON Pointer, and what is wrong: then `term` means nothing.

    `nodes` are those that were counted.
    """

    term: Term | None
    spans: dict[str, Span]
    found: list[Diagnostic]
    nodes: int = 0


def elaborate(
    root: Node | None, source: str, found: Sequence[Diagnostic] = (), dropped: Iterable[Lexeme] = ()
) -> Elaborated:
    """The term that a parsed file holds: a policy, or the term of its only clause.

    After errors, `found`, the root holds what is left, if anything; of what is not, the tokens `dropped` are looked at.
    """
    work = _Elaboration(source, found)
    for lexeme in dropped:
        work.alone(lexeme)
    if root is None:
        return Elaborated(None, {}, work.found)
    node = work.slots(root) if root.op == "policy" else _only(root)
    term = work.node(node, "") if work.within_bounds(node) else None
    return Elaborated(term, work.spans, work.found, work.nodes)


def _only(clause: Node) -> Node:
    return _subterm(clause.args[0])


def _subterm(piece: Piece) -> Node:
    assert isinstance(piece, Node)
    return piece


def _leaf(piece: Piece) -> Lexeme:
    assert isinstance(piece, Lexeme)
    return piece


class _Elaboration:
    def __init__(self, source: str, before: Sequence[Diagnostic]) -> None:
        self.source = source
        self.before = [one.span.start for one in before if one.span is not None and one.code in _INCOMPLETE]
        self.spans: dict[str, Span] = {}
        self.found: list[Diagnostic] = []
        self.nodes = 0

    def report(self, code: Code, piece: Piece, pointer: str | None, message: str, **fields: Any) -> None:
        if len(self.found) < DIAGNOSTICS and not (isinstance(piece, Lexeme) and piece.repaired):
            place = Span(piece.start, piece.end)
            self.found.append(Diagnostic(code=code, message=message, pointer=pointer, span=place, **fields))

    def slots(self, policy: Node) -> Node:
        """A policy with its arguments in their order, and the defaults of the clauses that are left out."""
        given: dict[str, Node] = {}
        for clause in map(_subterm, policy.args):
            if clause.op in given:
                name = Lexeme("", clause.op, clause.start, clause.start + len(clause.op))
                self.report(
                    codes.DUPLICATE_CLAUSE,
                    name,
                    f"/{CLAUSES.index(clause.op) + 1}",
                    f"{quoted(clause.op)} occurs twice",
                    help="join predicates with `and`, scorers with `+`, transforms with `;`",
                )
            given.setdefault(clause.op, clause)
        slots = [
            _only(given[name]) if name in given else _default(op) for name, op in zip(CLAUSES, _DEFAULTS, strict=True)
        ]
        return Node("policy", tuple(slots), policy.start, policy.end)

    def within_bounds(self, root: Node) -> bool:
        """Whether the term is within its bounds of depth and nodes, found without recursion."""
        deep = False
        waiting = [(root, "", 1)]
        while waiting:
            node, pointer, depth = waiting.pop()
            self.nodes += 1
            if self.nodes > NODES:
                message = f"the term has more than {NODES} nodes"
                self.report(codes.TOO_MANY_NODES, node, pointer, message, expected=f"at most {NODES} nodes")
                return False
            if depth > DEPTH:
                if not deep:
                    message = f"the term is deeper than {DEPTH}"
                    self.report(codes.TOO_DEEP, node, pointer, message, expected=f"a depth of at most {DEPTH}")
                deep = True
                continue
            waiting.extend(
                (argument, f"{pointer}/{at}", depth + 1)
                for at, argument in reversed(tuple(enumerate(node.args, 1)))
                if isinstance(argument, Node) and argument.op in SIGNATURE
            )
        return not deep

    def node(self, node: Node, pointer: str) -> Term:
        """A node whose depth is within the bound, and all below it."""
        self.place(node, pointer)
        row = SIGNATURE[node.op]
        sorts = ["" for _ in node.args] if row.variadic else [a.sort if not a.is_term else "" for a in row.arguments]
        arguments: list[Any] = []
        for at, (argument, sort) in enumerate(zip(node.args, sorts, strict=True), 1):
            where = f"{pointer}/{at}"
            if sort:
                self.place(argument, where)
                arguments.append(_READERS.get(sort, _Elaboration.text)(self, argument, where))
            else:
                arguments.append(self.node(_subterm(argument), where))
        return build(row.cls, arguments, Origin(self.source, pointer))

    def place(self, piece: Piece, pointer: str) -> None:
        if piece.start != _ABSENT:
            self.spans[pointer] = Span(piece.start, piece.end)

    def whole(self, piece: Piece) -> bool:
        """Whether nothing is missing in a piece, and every character of it is part of a token."""
        return not any(piece.start <= start < piece.end for start in self.before)

    def alone(self, piece: Piece) -> None:
        """What is wrong with the tokens of a piece of which nothing is made."""
        if isinstance(piece, Node):
            for part in piece.args:
                self.alone(part)
        elif piece.type == "NUMBER":
            self.number(piece, None)
        elif piece.type in ("STRING", "QUOTED", "NAME"):
            self.text(piece, None)

    # --- parameters ---------------------------------------------------------------------------------------------

    def number(self, piece: Piece, pointer: str | None) -> float:
        """The binary64 nearest to a literal, ties to even; `float` rounds correctly at any length."""
        literal = _leaf(piece).text
        value = float(literal.replace("_", ""))
        if value in (float("inf"), float("-inf")):
            self.report(
                codes.NUMBER_OVERFLOW,
                piece,
                pointer,
                f"{quoted(literal)} overflows binary64",
                found=quoted(literal),
                expected="a number of magnitude below 1.8e308",
            )
            return 0.0
        if value == 0 and re.match(r"-?[0._]*[1-9]", literal):
            self.report(
                codes.NUMBER_UNDERFLOW,
                piece,
                pointer,
                f"{quoted(literal)} underflows to 0",
                found=quoted(literal),
                expected="0, or a number of magnitude above 2.5e-324",
            )
        return value

    def text(self, piece: Piece, pointer: str | None) -> str:
        """The text of a name or of a string."""
        lexeme = _leaf(piece)
        text = lexeme.text
        if lexeme.type in ("STRING", "QUOTED"):
            text = self.unescaped(lexeme, pointer)
        if not string_fits(text):
            self.report(
                codes.STRING_TOO_LONG,
                piece,
                pointer,
                f"{quoted(text)} has more than {STRING_BYTES} bytes",
                found=f"{len(text.encode())} bytes",
                expected=f"at most {STRING_BYTES} bytes of UTF-8",
            )
        return text

    def unescaped(self, lexeme: Lexeme, pointer: str | None) -> str:
        def lone(found: Diagnostic) -> None:
            if len(self.found) < DIAGNOSTICS:
                self.found.append(attrs.evolve(found, pointer=pointer))

        return unescaped(lexeme.text[1:-1], lexeme.start + 1, lone)

    def scalar(self, piece: Piece, pointer: str) -> Number | Text | Boolean:
        match _leaf(piece).type:
            case "NUMBER":
                return Number(self.number(piece, pointer))
            case "STRING":
                return Text(self.text(piece, pointer))
            case word:
                return Boolean(word == "TRUE")

    def relation(self, piece: Piece, _: str) -> str:
        lexeme = _leaf(piece)
        return RELATIONS.get(lexeme.type, lexeme.text)

    def each(self, piece: Piece, pointer: str) -> Iterator[tuple[Piece, str]]:
        """The items of a list with their pointers; too many of them are reported and not looked at."""
        listing = _subterm(piece)
        if self.few(listing, pointer, len(listing.args)):
            for at, item in enumerate(listing.args):
                where = f"{pointer}/{at}"
                self.place(item, where)
                yield item, where

    def few(self, piece: Piece, pointer: str, entries: int) -> bool:
        if entries > ENTRIES:
            message = f"more than {ENTRIES} entries"
            self.report(
                codes.TOO_MANY_ENTRIES,
                piece,
                pointer,
                message,
                found=f"{entries} entries",
                expected=f"at most {ENTRIES} entries",
            )
        return entries <= ENTRIES

    def names(self, piece: Piece, pointer: str) -> tuple[str, ...]:
        return tuple(self.text(item, where) for item, where in self.each(piece, pointer))

    def members(self, piece: Piece, pointer: str, more: int = 0) -> Iterator[tuple[str, Lexeme, Piece, str]]:
        """The entries of a record: key, the key's place, value, the value's pointer. Each key comes once.

        One that is incomplete is left out, after what is wrong with its tokens by themselves. The record has `more`
        entries that stand elsewhere; too many are reported and not looked at.
        """
        entries = _subterm(piece).args
        if not self.few(piece, pointer, len(entries) + more):
            return
        seen = set()
        for entry in entries:
            name, value = _subterm(entry).args
            if not self.whole(entry):
                self.alone(entry)
                continue
            key = self.text(name, pointer)
            where = step(pointer, key)
            if key in seen:
                self.report(codes.DUPLICATE_KEY, name, where, f"the key {quoted(key)} occurs twice")
                continue
            seen.add(key)
            self.place(value, where)
            yield key, _leaf(name), value, where

    def recipe(self, piece: Piece, pointer: str) -> tuple[str | RecipeRecord, ...]:
        steps: list[str | RecipeRecord] = []
        for item, where in self.each(piece, pointer):
            if isinstance(item, Lexeme):
                steps.append(self.text(item, where))
            else:
                members = self.members(item, where)
                steps.append(RecipeRecord(tuple((key, self.number(value, at)) for key, _, value, at in members)))
        return tuple(steps)

    def chain(self, piece: Piece, pointer: str) -> tuple[ChainEntry, ...]:
        return tuple(self.link(_subterm(item), where) for item, where in self.each(piece, pointer))

    def link(self, item: Node, pointer: str) -> ChainEntry:
        if item.op == "pair":
            given = dict(zip(("provider", "model"), item.args, strict=True))
            for key, value in given.items():
                self.place(value, step(pointer, key))
            return ChainEntry(**{key: self.text(value, step(pointer, key)) for key, value in given.items()})
        keys = [field.name for field in attrs.fields(ChainEntry)]
        entry: dict[str, str] = {}
        for key, name, value, where in self.members(item, pointer):
            if key not in keys:
                near = suggestion(key, keys)
                self.report(
                    codes.UNKNOWN_KEY,
                    name,
                    where,
                    f"{quoted(key)} is not a key of a chain entry",
                    found=quoted(key),
                    expected="`provider`, `provider_id`, `model` or `model_family`",
                    help=f"did you mean `{near}`?" if near else None,
                )
            entry[key] = self.text(value, where)
        whole = self.whole(item)
        for first, second in CHAIN_KEYS:
            if first not in entry and second not in entry and whole:
                message = f"a chain entry without `{first}`"
                self.report(codes.MISSING_KEY, item, pointer, message, expected=f"`{first}` or `{second}`")
        return ChainEntry(**{key: entry[key] for key in keys if key in entry})

    def action(self, piece: Piece, pointer: str) -> Action:
        verb, *settings = _subterm(piece).args
        self.place(verb, f"{pointer}/action")
        known: dict[str, Any] = {}
        extra: list[tuple[str, float]] = []
        for listing in settings:
            for key, name, value, where in self.members(listing, pointer, 1):
                if key in ("attempts", "open_breaker_ms"):
                    known[key] = self.amount(key, value, where)
                elif key == "backoff_ms":
                    known[key] = self.backoff(value, where)
                elif key == "then_action":
                    known[key] = self.verb(value, where)
                elif key == "action":
                    message = "the key `action` occurs twice"
                    self.report(codes.DUPLICATE_KEY, name, where, message, help="the word before the settings gives it")
                else:
                    extra.append((key, self.amount(key, value, where)))
        return Action(_leaf(verb).text, extra=tuple(extra), **known)  # type: ignore[arg-type] # the grammar's verbs

    def amount(self, key: str, value: Piece, pointer: str) -> float:
        if isinstance(value, Lexeme) and value.type == "NUMBER":
            return self.number(value, pointer)
        self.other(key, value, pointer, "a number")
        return 0.0

    def backoff(self, value: Piece, pointer: str) -> float | tuple[float, ...]:
        if isinstance(value, Node):
            return tuple(self.number(item, where) for item, where in self.each(value, pointer))
        return self.amount("backoff_ms", value, pointer)

    def verb(self, value: Piece, pointer: str) -> str | None:
        if isinstance(value, Lexeme) and value.text in VERBS:
            return value.text
        self.other("then_action", value, pointer, "an action")
        return None

    def other(self, key: str, value: Piece, pointer: str, expected: str) -> None:
        """A value of a setting that is of another sort than its key's."""
        found = quoted(value.text) if isinstance(value, Lexeme) else "a list"
        message = f"{found} where {quoted(key)} takes {expected}"
        self.report(codes.WRONG_PARAMETER, value, pointer, message, found=found, expected=expected)


_Reader: TypeAlias = Callable[[_Elaboration, Piece, str], Any]
_READERS: dict[str, _Reader] = {
    "Num": _Elaboration.number,
    "Count": _Elaboration.number,
    "Rel": _Elaboration.relation,
    "Scalar": _Elaboration.scalar,
    "Names": _Elaboration.names,
    "Recipe": _Elaboration.recipe,
    "Chain": _Elaboration.chain,
    "Action": _Elaboration.action,
}
"""How a parameter is read, by its sort; all other sorts are texts."""

_SHORT = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
_ESCAPE = re.compile(
    r"""\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}
      | \\u[0-9a-fA-F]{4}
      | (?P<short>\\.)""",
    re.VERBOSE,
)


def unescaped(written: str, start: int, lone: Callable[[Diagnostic], None]) -> str:
    """A text with its escapes undone, which are escapes of the language; it starts at an offset of the source.

    What is wrong with it, lone surrogates, is handed on with its place.
    """
    if "\\" not in written:
        return written

    def character(escape: re.Match[str]) -> str:
        digits = escape[0]
        if escape["short"]:
            return _SHORT.get(digits[1], digits[1])
        if len(digits) > 6:
            return digits.encode().decode("unicode_escape").encode("utf-16", "surrogatepass").decode("utf-16")
        if not 0xD800 <= int(digits[2:], 16) <= 0xDFFF:
            return chr(int(digits[2:], 16))
        message, help_ = (
            "a lone surrogate in a string",
            "write the character itself, or both halves of its surrogate pair",
        )
        place = Span(start + escape.start(), start + escape.end())
        found = f"U+{digits[2:].upper()}"
        lone(Diagnostic(code=codes.LONE_SURROGATE, message=message, span=place, found=found, help=help_))
        return ""

    return _ESCAPE.sub(character, written)
