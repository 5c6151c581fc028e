"""The parts of a flow's text as its reader finds them, before anything is made of their tokens."""

from __future__ import annotations

from typing import Final, get_args

import attrs

from policy_ir.flow.document import Word
from policy_ir.flow.loading import NAME
from policy_ir.syntax.authoring.tree import RESERVED, Lexeme
from policy_ir.syntax.document import Span

STATEMENTS: Final[tuple[Word, ...]] = get_args(Word)
"""The words that statements begin with."""
SETTINGS: Final = ("policy", "system", "template", "on_error")
"""The words that settings begin with."""


@attrs.frozen(slots=True, eq=False)
class Braced:
    """The clauses of a policy with their braces: the tokens from `policy` on, without a name, and one for the end."""

    lexemes: list[Lexeme]

    @property
    def place(self) -> Span:
        """From the word `policy` to the closing brace."""
        return Span(self.lexemes[0].start, self.lexemes[-2].end)

    @property
    def braces(self) -> Span:
        """From its opening brace to the closing one."""
        return Span(self.lexemes[1].start, self.lexemes[-2].end)


@attrs.define(slots=True, eq=False)
class Part:
    """A statement: its word, what its name says and where, its first offset and its last.

    `inputs` are the names in its parentheses, `brackets` their place; `settings` has the place of each from its word
    on. `doubtful`: something in its braces is none of the settings, and may stand for any of them.
    """

    word: Word
    name: str
    named: Lexeme
    start: int
    end: int = 0
    inputs: list[Lexeme] = attrs.field(factory=list)
    brackets: Span | None = None
    body: Span | None = None
    policy: Braced | Lexeme | None = None
    texts: dict[str, Lexeme] = attrs.field(factory=dict)
    on_error: Lexeme | None = None
    settings: dict[str, Span] = attrs.field(factory=dict)
    doubtful: bool = False

    @property
    def pointer(self) -> str:
        """The pointer of the node in the wire form."""
        return f"/1/{self.name}"


def is_name(lexeme: Lexeme) -> bool:
    """Whether a token can stand where a name is due."""
    return lexeme.type == "QUOTED" or (lexeme.text.isidentifier() and lexeme.text not in RESERVED)


def names_node(name: str) -> bool:
    """Whether a node can have a name."""
    return NAME.fullmatch(name) is not None
