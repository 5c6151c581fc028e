"""Reading on after an error, so that one reading of a text finds several.

The reserved words that start a clause divide a text into clauses, each read on its own. Inside a clause what an
author most likely meant is put in place of what is wrong (`slips`), the parser goes back to the state before it, and
a token that stands for something reported is never reported again. What comes out is good for finding more errors
and for nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import attrs

from policy_ir.diagnostics import Diagnostic, codes, quoted, suggestion
from policy_ir.diagnostics.codes import Code
from policy_ir.syntax.authoring.grammar import Grammar
from policy_ir.syntax.authoring.slips import explain
from policy_ir.syntax.authoring.stuck import CLOSERS, LOOKED_AT, Slip
from policy_ir.syntax.authoring.tree import ATTRIBUTES, RELATIONS, Lexeme, Node
from policy_ir.syntax.bounds import DIAGNOSTICS
from policy_ir.syntax.document import Span

_KEYWORDS = {"filter": "FILTER", "rank": "RANK", "select": "SELECT", "mutate": "MUTATE", "fallback": "FALLBACK"}
CLAUSE_TYPES = frozenset(_KEYWORDS.values())
"""The terminals that clauses begin with."""
_WHERE = "a predicate stands after `filter`, a scorer after `rank`, a selector after `select`"
_EXPECTED = "`filter`, `rank`, `select`, `mutate` or `fallback`"
NAMES_END = frozenset(("COLON", "COMMA", "RPAR", "IN", "STAR", "PLUS", *RELATIONS))
"""What follows a reserved word only where its author took it for a name."""
_STEPS = frozenset(("AND", "OR", "PLUS", "COMMA", "SEMICOLON", "COLON", "ON"))
_HOLES = {"TOP": "top", "ZERO": "zero", "NAME": "name", "STRING": '""', "NUMBER": "0", "ARGMAX": "argmax", "ID": "id",
          "ABORT": "abort", "LT": "lt"}  # fmt: skip
"""What can stand for anything that is due: the first of these terminals that is acceptable, and its text."""
_OF_BEFORE = (codes.RESERVED_WORD, codes.MISSING_OPERATOR, codes.WRONG_SEPARATOR)
"""What may be wrong with the token before one that is wrong itself."""
_REACH = 1000
"""How many tokens ahead the end of a call is looked for."""
_FOLLOWING = (*_STEPS, *CLOSERS.values(), "$END")


def recover(text: str, lexemes: list[Lexeme], grammar: Grammar) -> tuple[Node | None, list[Lexeme], list[Diagnostic]]:
    """What is wrong with tokens that the parser refuses, and what is left, to look for further errors in.

    They end with one of type `$END`, which reaches up to where the text ends that they are read for. What is left is
    a tree, and the tokens that the parser took before they were replaced by a hole.
    """
    reading = _Reading(text, grammar, lexemes[-1].end)
    return reading.file(lexemes[:-1], lexemes[-1]), reading.dropped, reading.found


class _Reading:
    """One text: its clauses, and what stands around them."""

    def __init__(self, text: str, grammar: Grammar, end: int) -> None:
        self.text, self.grammar, self.end = text, grammar, end
        self.found: list[Diagnostic] = []
        self.braced = False
        self.closed: int | None = None
        self.dropped: list[Lexeme] = []

    @property
    def full(self) -> bool:
        """Whether enough is found to stop."""
        return len(self.found) >= DIAGNOSTICS

    def report(self, code: Code, place: tuple[int, int], message: str, **fields: Any) -> None:
        if not self.full:
            self.found.append(Diagnostic(code=code, message=message, span=Span(*place), **fields))

    def at(self, lexeme: Lexeme, code: Code, message: str, **fields: Any) -> None:
        self.report(code, (lexeme.start, lexeme.end), message, **fields)

    def file(self, lexemes: list[Lexeme], end: Lexeme) -> Node | None:
        opener, lexemes = self.head(lexemes)
        self.braced = opener is not None
        if opener is not None and lexemes and lexemes[0].type == "RBRACE":
            self.trailing(lexemes[1:])
            return Node("policy", (), 0, 0)
        clauses = self.clauses(lexemes)
        nodes = []
        for place, clause in enumerate(clauses):
            ended = opener is not None and self.trim(clause, opener, last=place == len(clauses) - 1)
            following = clauses[place + 1][0].start if place + 1 < len(clauses) else self.end
            clause.append(end._replace(start=clause[-1].end, end=following if self.closed is None else self.closed))
            node = None if self.full else Reader(self, clause).read()
            if node is not None:
                nodes.append(node)
            if opener is None and place == 0 and len(clauses) > 1:
                word = clauses[1][0]
                help_ = "the clauses of one policy stand inside `policy { … }`"
                self.at(word, codes.NO_BRACES, f"{quoted(word.text)} after another clause", help=help_)
            if ended:
                self.trailing(lexeme for rest in clauses[place + 1 :] for lexeme in rest)
                break
        if opener is not None and not clauses and not self.found:
            self.unclosed(opener)
        if opener is None and len(clauses) == 1:
            return nodes[0] if nodes else None
        return Node("policy", tuple(nodes), 0, 0)

    def head(self, lexemes: list[Lexeme]) -> tuple[Lexeme | None, list[Lexeme]]:
        """The brace that opens the policy, if one does; and what comes after it, a misspelt start put right."""
        first = lexemes[0]
        second = lexemes[1] if len(lexemes) > 1 else None
        if first.type == "NAME":
            near = suggestion(first.text, ["policy", *_KEYWORDS])
            if near:
                self.at(
                    first, codes.NO_CLAUSE, f"{quoted(first.text)} starts no clause", help=f"did you mean `{near}`?"
                )
                first = first._replace(type=near.upper(), text=near)
                lexemes = [first, *lexemes[1:]]
        if first.type == "POLICY":
            if second is not None and second.type == "LBRACE":
                return second, lexemes[2:]
            self.at(
                second or first._replace(start=first.end),
                codes.UNEXPECTED_TOKEN,
                "`{` is missing after `policy`",
                expected="`{`",
                help="the clauses of a policy stand in braces",
            )
            return first._replace(repaired=True), lexemes[1:]
        if first.type == "LBRACE":
            self.at(first, codes.NO_CLAUSE, "`{` starts no clause", expected="`policy {`")
            return first, lexemes[1:]
        if first.type not in CLAUSE_TYPES:
            if not first.repaired:  # what is no token has been said to be none
                self.at(
                    first,
                    codes.NO_CLAUSE,
                    f"{quoted(first.text)} starts no clause",
                    found=quoted(first.text),
                    expected=f"`policy {{` or one of the clauses {_EXPECTED}",
                    help="this looks like the wire syntax" if first.type == "LSQB" else _WHERE,
                )
            return None, []
        return None, lexemes

    def clauses(self, lexemes: list[Lexeme]) -> list[list[Lexeme]]:
        """The tokens from each clause's word to the next one's; a misspelt word counts."""
        clauses: list[list[Lexeme]] = []
        depth = 0
        for at, lexeme in enumerate(lexemes):
            after = lexemes[at + 1].type if at + 1 < len(lexemes) else "$END"
            before = lexemes[at - 1] if at else None
            alone = before is None or (_complete(before) and "\n" in self.text[before.end : lexeme.start])
            if lexeme.type == "NAME" and depth == 0 and alone and _begins(after) and not self.full:
                near = suggestion(lexeme.text, _KEYWORDS)
                if near:
                    message = f"{quoted(lexeme.text)} starts no clause"
                    joined = clauses and clauses[-1][0].type in ("FILTER", "RANK") and len(clauses[-1]) > 1
                    code = codes.MISSING_OPERATOR if joined else codes.UNEXPECTED_TOKEN
                    self.at(lexeme, code, message, expected=_EXPECTED, help=f"did you mean `{near}`?")
                    lexeme = lexeme._replace(type=_KEYWORDS[near], text=near)
            depth += (lexeme.type in CLOSERS) - (lexeme.type in CLOSERS.values())
            if lexeme.type in CLAUSE_TYPES and (at == 0 or after not in NAMES_END):
                clauses.append([lexeme])
                depth = 0
            elif clauses:
                clauses[-1].append(lexeme)
            elif at == 0:
                message = f"{quoted(lexeme.text)} starts no clause"
                self.at(lexeme, codes.UNEXPECTED_TOKEN, message, found=quoted(lexeme.text), expected=_EXPECTED)
        return clauses

    def trim(self, clause: list[Lexeme], opener: Lexeme, *, last: bool) -> bool:
        """Take the brace that ends the policy, and text after it, off the end of a clause; whether there is one."""
        depth = 0
        for at, lexeme in enumerate(clause):
            depth += (lexeme.type in CLOSERS) - (lexeme.type in CLOSERS.values())
            if depth < 0 and lexeme.type == "RBRACE":
                self.trailing(clause[at + 1 :])
                self.closed = lexeme.start
                del clause[at:]
                return True
        if last and clause[-1].type == "RBRACE":
            self.closed = clause.pop().start
        elif last and not opener.repaired:
            self.unclosed(opener)
        return False

    def trailing(self, lexemes: Iterable[Lexeme]) -> None:
        rest = list(lexemes)
        if rest:
            place = rest[0].start, rest[-1].end
            found, expected = quoted(rest[0].text), "the end of the text"
            self.report(codes.TRAILING_TEXT, place, "text after the policy", found=found, expected=expected)

    def unclosed(self, opener: Lexeme) -> None:
        help_ = "the text ends where `}` is due"
        self.at(opener, codes.UNCLOSED, "`{` is not closed", expected="`}`", help=help_, noticed=self.end)


def _complete(lexeme: Lexeme) -> bool:
    """Whether a term can end with this token."""
    word = lexeme.text.isidentifier() and lexeme.text not in (*_KEYWORDS, *ATTRIBUTES, "and", "or", "not", "in", "on")
    return word or lexeme.type in ("QUOTED", "NUMBER", "STRING", "SEMICOLON", *CLOSERS.values())


def _begins(terminal: str) -> bool:
    """Whether a term can begin with this terminal."""
    return terminal == "LPAR" or terminal not in (*_STEPS, *NAMES_END, *CLOSERS, *CLOSERS.values(), "$END")


@attrs.define(slots=True, eq=False)
class _Level:
    """An open bracket, or the clause itself: the word that makes it a call, where it starts, the parser before that.

    `marks` are the places, with the parser there, where its first operand starts and where the latest one does.
    """

    opener: Lexeme | None
    callee: Lexeme | None
    start: int
    before: Any
    marks: list[tuple[int, Any]] = attrs.field(factory=list)


class Reader:
    """One clause: a parser, the tokens, mended while they are read, and the states to go back to."""

    def __init__(self, reading: _Reading, lexemes: list[Lexeme]) -> None:
        self.reading = reading
        self.lexemes = lexemes
        self.at = 0
        self.state = self.earlier = reading.grammar.start("clause")
        self.levels = [_Level(None, None, 0, self.state)]
        self.mended: set[tuple[Code, tuple[int, int]]] = set()

    # --- what `slips` looks at ----------------------------------------------------------------------------------

    @property
    def braced(self) -> bool:
        """Whether the clause stands in the braces of a policy."""
        return self.reading.braced

    @property
    def accepts(self) -> set[str]:
        """The terminals that can stand here."""
        return _accepts(self.state, LOOKED_AT)

    @property
    def accepted(self) -> set[str]:
        """The terminals that could stand in the place of the last token."""
        return _accepts(self.earlier, LOOKED_AT)

    @property
    def openers(self) -> Sequence[tuple[Lexeme, Lexeme | None]]:
        """The open brackets with the words that make them calls."""
        return [(level.opener, level.callee) for level in self.levels if level.opener is not None]

    def accepts_after(self, inserted: str) -> bool:
        """Whether the token can stand here after another."""
        state = _copy(self.state)
        state.feed_token(Lexeme(inserted, "", 0, 0))
        return bool(_accepts(state, [self.lexemes[self.at].type]))

    def arguments(self) -> int:
        """Arguments of the call that is read, by the commas in its brackets."""
        start = self.levels[-1].start + 2
        depth = commas = 0
        last = "COMMA"
        for lexeme in self.lexemes[start : start + _REACH]:
            depth += (lexeme.type in CLOSERS) - (lexeme.type in CLOSERS.values())
            if depth < 0 or lexeme.type == "$END":
                break
            commas += depth == 0 and lexeme.type == "COMMA"
            last = lexeme.type
        return commas + (last != "COMMA")

    # --- reading ------------------------------------------------------------------------------------------------

    def read(self) -> Node | None:
        """The clause, with holes; None after so many repairs that nothing of it is left to look at."""
        from lark.exceptions import UnexpectedToken

        repairs = 0
        while True:
            lexeme = self.lexemes[self.at]
            parser = _copy(self.state)
            try:
                result: Node = parser.feed_token(lexeme)
            except UnexpectedToken:
                repairs += 1
                if repairs > 2 * DIAGNOSTICS or self.reading.full:
                    return None
                self.mend()
                continue
            if lexeme.type == "$END":
                return result
            self.advance(lexeme, parser)

    def advance(self, lexeme: Lexeme, parser: Any) -> None:
        """Note brackets and the starts of operands, and go on to the next token."""
        level = self.levels[-1]
        if lexeme.type in CLOSERS:
            last = self.lexemes[self.at - 1]
            infix = last.type in ("AND", "OR", "NOT", "IN") and len(self.state.choices()) > 1
            if lexeme.type == "LPAR" and last.text.isidentifier() and not infix:
                level = _Level(lexeme, last, self.at - 1, self.earlier)
            else:
                level = _Level(lexeme, None, self.at, self.state)
            self.levels.append(level)
        elif lexeme.type in CLOSERS.values():
            self.levels.pop()
        if (lexeme.type in CLOSERS or lexeme.type in _STEPS or self.at == 0) and _hole(parser.choices()):
            level.marks[1:] = [(self.at + 1, parser)]
        self.earlier, self.state = self.state, parser
        self.at += 1

    def mend(self) -> None:
        """Report what is wrong at the place where the parser is stuck, unless it stands for what is reported."""
        token = self.lexemes[self.at]
        slip = explain(self)
        if (slip.code, slip.place) in self.mended:  # mending it led back to it: the part is given up
            self.panic()
            return
        self.mended.add((slip.code, slip.place))
        earlier = slip.code in _OF_BEFORE and slip.place[1] <= token.start
        if earlier or not token.repaired:
            self.tell(slip)
        if isinstance(slip.repair, tuple):
            self.exchange(*slip.repair)
            return
        match slip.repair:
            case "panic":
                self.panic()
            case "call":
                level = self.levels.pop()
                self.go_back(level.start, level.before, self.closing(level.start + 1) + 1)
            case "fill":
                self.lexemes.insert(self.at, self.hole(self.state, self.at))
            case "here":
                self.go_back(self.at, self.state, self.after(self.at))
            case _:
                del self.lexemes[self.at]
                if self.lexemes[self.at].type == "LPAR":  # the word before what is dropped makes it no call
                    self.lexemes[self.at] = self.lexemes[self.at]._replace(repaired=True)

    def exchange(self, how: str, kinds: str) -> None:
        """Put tokens of some kinds in the place of one, or before it."""
        if how in ("last", "before"):
            self.at -= 1
            self.state = self.earlier
        old = self.lexemes[self.at]
        end = old.end if how in ("replace", "last") else old.start
        made = [Lexeme(kind, old.text, old.start, end, repaired=True) for kind in kinds.split()]
        self.lexemes[self.at : self.at + (how in ("replace", "last"))] = made

    def tell(self, slip: Slip) -> None:
        """Report a slip."""
        fields = attrs.asdict(slip, filter=lambda field, _: field.name in ("found", "expected", "help", "noticed"))
        self.reading.report(slip.code, slip.place, slip.message, **fields)

    def panic(self) -> None:
        """Put a hole in the place of what is read, the smallest part of the clause after which reading can go on."""
        while not any(self.skip(*mark) for mark in reversed(self.levels[-1].marks)):
            self.levels.pop()

    def skip(self, mark: int, state: Any) -> bool:
        """Put a hole in the place of all from a mark up to a token that can follow it, if there is one."""
        if mark > self.at:  # what it marked has been replaced since
            return False
        parser = _copy(state)
        parser.feed_token(self.hole(state, mark))
        follow = _accepts(parser, _FOLLOWING)
        depth = 0
        for at in range(mark, min(len(self.lexemes), self.at + _REACH)):
            kind = self.lexemes[at].type
            if depth == 0 and at >= self.at and kind in follow:
                self.go_back(mark, state, at)
                return True
            depth += (kind in CLOSERS) - (kind in CLOSERS.values())
            if depth < 0:
                break
        if "$END" in follow:
            self.go_back(mark, state, len(self.lexemes) - 1)
        return "$END" in follow

    def go_back(self, start: int, state: Any, end: int) -> None:
        """Put a hole in the place of some tokens and read on from it."""
        self.reading.dropped += self.lexemes[start : self.at]
        self.lexemes[start:end] = [self.hole(state, start)]
        self.at, self.state = start, state

    def hole(self, state: Any, at: int) -> Lexeme:
        """What stands for anything that is due in a state."""
        place = self.lexemes[at]
        kind = _hole(_accepts(state, _HOLES)) or "TOP"
        return Lexeme(kind, _HOLES[kind], place.start, place.end, repaired=True)

    def after(self, at: int) -> int:
        """Where the thing ends that starts at a token: after its brackets, if a bracket or a call starts there."""
        if self.lexemes[at].type in CLOSERS:
            return self.closing(at) + 1
        if self.lexemes[at + 1].type == "LPAR":
            return self.closing(at + 1) + 1
        return at + 1

    def closing(self, opener: int) -> int:
        """The bracket that closes one, or the end of the clause."""
        depth = 0
        for at in range(opener, len(self.lexemes) - 1):
            depth += (self.lexemes[at].type in CLOSERS) - (self.lexemes[at].type in CLOSERS.values())
            if depth == 0:
                return at
        return len(self.lexemes) - 2


def _copy(state: Any) -> Any:
    return state.copy(deepcopy_values=False)


def _accepts(state: Any, terminals: Iterable[str]) -> set[str]:
    """Those of some terminals that can stand next; a parser tells it of all of them, which takes long."""
    from lark.exceptions import UnexpectedToken

    choices = state.choices()
    accepted = set()
    for terminal in terminals:
        if terminal in choices:
            try:
                _copy(state).feed_token(Lexeme(terminal, "", 0, 0))
            except UnexpectedToken:
                continue
            accepted.add(terminal)
    return accepted


def _hole(accepts: Any) -> str | None:
    return next((terminal for terminal in _HOLES if terminal in accepts), None)
