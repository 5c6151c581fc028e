"""The grammar `authoring.lark`, loaded once per process, and what the scanner reads off it.

Making the parser's tables takes most of a short command's time. Where the environment variable `POLICY_IR_CACHE`
names a folder (the command line names one of the user's own), Lark keeps the tables there, under a digest of the
grammar, its options and the versions that made them; whatever is wrong with that folder, they are made afresh.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs

from policy_ir.syntax.authoring.tree import Builder

if TYPE_CHECKING:
    from lark import Lark

IGNORED = ("COMMENT", "SPACE")


@attrs.frozen(slots=True, eq=False)
class Grammar:
    """The parser and its terminals: one pattern for all of them, and the terminal of every word with a meaning."""

    parser: Lark
    token: re.Pattern[str]
    words: Mapping[str, str]

    def start(self, rule: str = "start") -> Any:
        """A parser that is fed tokens one by one, for a whole file (`start`) or for one clause (`clause`)."""
        return self.parser.parse_interactive(start=rule)


def _tables() -> str | bool:
    """The file that the tables are kept in; False where no folder for it is named or can be had."""
    folder = os.environ.get("POLICY_IR_CACHE")
    if not folder:
        return False
    try:
        Path(folder).mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError:
        return False
    return str(Path(folder, "authoring.tables"))


@cache
def grammar() -> Grammar:
    """The grammar; the first call imports Lark and makes the tables, later ones are free."""
    from lark import Lark

    parser = Lark.open_from_package(
        "policy_ir",
        "authoring.lark",
        ["grammar"],
        parser="lalr",
        lexer="basic",
        start=["start", "clause"],
        keep_all_tokens=True,
        maybe_placeholders=False,
        cache=_tables(),
        transformer=Builder(),
    )
    terminals = parser.terminals
    words = {terminal.pattern.value: terminal.name for terminal in terminals if terminal.pattern.value.isidentifier()}
    # Of two marks that start alike the longer comes first; the classes of NAME, NUMBER and so on are disjoint.
    others = sorted(
        (terminal for terminal in terminals if not terminal.pattern.value.isidentifier()),
        key=lambda terminal: (terminal.pattern.type != "re", -len(terminal.pattern.value)),
    )
    pattern = "|".join(f"(?P<{terminal.name}>{terminal.pattern.to_regexp()})" for terminal in others)
    return Grammar(parser, re.compile(pattern), words)
