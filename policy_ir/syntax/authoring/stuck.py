"""What is known of a reading that cannot go on, and what may be done about it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, Protocol, TypeAlias

import attrs

from policy_ir.diagnostics.codes import Code
from policy_ir.syntax.authoring.tree import Lexeme

Repair: TypeAlias = (
    Literal["panic", "call", "fill", "here", "drop"] | tuple[Literal["replace", "insert", "last", "before"], str]
)
"""How reading goes on. A hole stands for whatever is due.

`panic`: a hole for the whole operand between two separators. `call`: a hole for the function call that is read.
`fill`: a hole before the token. `here`: a hole instead of the token and what it encloses. `drop`: without the token.
`replace` or `insert`: another token instead of it, or others before it. `last` or `before`: another token, or
none, instead of the last one, or before the last one.
"""


@attrs.frozen(slots=True, kw_only=True)
class Slip:
    """One thing that is wrong: a diagnostic at a place, and how reading goes on.

    `noticed` is the offset that it counts from, where that is not the start of its place.
    """

    code: Code
    place: tuple[int, int]
    noticed: int | None = None
    message: str
    found: str | None = None
    expected: str | None = None
    help: str | None = None
    repair: Repair


class Stuck(Protocol):
    """A reading that cannot go on at the token `at`."""

    lexemes: list[Lexeme]
    at: int

    @property
    def braced(self) -> bool:
        """Whether the clause stands in the braces of a policy."""

    @property
    def accepts(self) -> set[str]:
        """The terminals that can stand at `at`."""

    @property
    def accepted(self) -> set[str]:
        """The terminals that could stand at `at` - 1."""

    @property
    def openers(self) -> Sequence[tuple[Lexeme, Lexeme | None]]:
        """The brackets that are open, outermost first, each with the word before it that makes it a call."""

    def accepts_after(self, inserted: str) -> bool:
        """Whether the token can stand where it is once another is inserted before it."""

    def arguments(self) -> int:
        """How many arguments the call that is read seems to have, counted by its commas."""


CLOSERS = {"LPAR": "RPAR", "LBRACE": "RBRACE", "LSQB": "RSQB"}
CLOSING = {"LPAR": ")", "LBRACE": "}", "LSQB": "]"}
STRUCTURE = ("policy", "filter", "rank", "select", "mutate", "fallback", "on", "in")
SEPARATORS = ("AND", "OR", "PLUS", "COMMA", "SEMICOLON", "COLON", "ON", "$END")

_DUE = {
    "TOP": ("Pred", "a predicate"),
    "ZERO": ("Scorer", "a scorer"),
    "NAME": ("Name", "a name"),
    "SEQ": ("Xform", "a transform"),
    "ARGMAX": ("Selector", "a selector"),
    "ALWAYS": ("FailPlan", "a failure plan"),
    "LSQB": ("Setting", "a number, a list of numbers or an action"),
    "ABORT": ("Verb", "an action"),
    "TRUE": ("Scalar", "a number, a string, `true` or `false`"),
    "NUMBER": ("Num", "a number"),
    "STRING": ("Text", "a string in double quotes"),
    "LT": ("Rel", "a relation: `lt`, `le`, `eq`, `ne`, `ge` or `gt`"),
}
"""What is due, by the first of these terminals that is acceptable."""

_MARKS = {
    "AND": "`and`", "OR": "`or`", "PLUS": "`+`", "LESS": "a relation", "EQUAL": "`==`", "UNEQUAL": "`!=`",
    "AT_LEAST": "`>=`", "IN": "`in`", "COMMA": "`,`", "COLON": "`:`", "LPAR": "`(`", "LBRACE": "`{`", "RPAR": "`)`",
    "RBRACE": "`}`", "RSQB": "`]`", "ON": "`on`", "$END": "the end of the clause",
}  # fmt: skip
LOOKED_AT = (*_DUE, *_MARKS, "SEMICOLON")
"""The terminals whose acceptability matters here."""


def due(accepts: set[str]) -> str | None:
    """What is due where these terminals are acceptable: a sort, a kind of parameter, or None for a mark."""
    return next((what for terminal, (what, _) in _DUE.items() if terminal in accepts), None)


def expected(accepts: set[str]) -> str:
    """What is due where these terminals are acceptable, as a message names it."""
    for terminal, (_, phrase) in _DUE.items():
        if terminal in accepts:
            return phrase
    marks = [phrase for terminal, phrase in _MARKS.items() if terminal in accepts]
    if "LESS" in accepts:
        marks = [mark for mark in marks if mark not in ("`==`", "`!=`", "`>=`")]
    return " or ".join(filter(None, [", ".join(marks[:-1]), marks[-1]]))
