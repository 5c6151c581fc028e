"""Texts of several lines, in three double quotes: the token BLOCK, and the text that it stands for.

Specification: chapter "Flows", section "Authoring syntax".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from policy_ir.diagnostics import Diagnostic, codes, quoted
from policy_ir.syntax.authoring.elaboration import unescaped
from policy_ir.syntax.authoring.tokens import Scanner
from policy_ir.syntax.authoring.tree import Lexeme

QUOTES = '"""'
_SPACE = " \t"
_REST = re.compile(r'(?:[^"\\]++|\\(?s:.)|"(?!""))*+"""')
_PIECE = re.compile(
    r"""\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}
      | \\u(?P<unit>[0-9a-fA-F]{4})
      | \\["\\/bfnrt`]
      | (?P<unknown>\\(?:.|\Z))
      | (?P<control>[\x00-\x08\x0a-\x1f])""",
    re.VERBOSE,
)
"""What does not stand for itself in a line."""
_STANDING = f"{QUOTES}\n{QUOTES}"


def read_block(scanner: Scanner, start: int) -> int:
    """Append the token of the block that starts at an offset, and report what is wrong with it; where it ends."""
    rest = _REST.match(scanner.text, start + len(QUOTES))
    if rest is None:
        scanner.report(
            codes.BAD_STRING,
            start,
            start + len(QUOTES),
            "a text block is not closed",
            found=quoted(QUOTES),
            help=f"close it with `{QUOTES}` on a line of its own",
        )
        scanner.cut = True
        return len(scanner.text)
    end, before = rest.end(), len(scanner.found)
    _check(scanner, start, end)
    faulty = len(scanner.found) > before
    written = _STANDING if faulty else scanner.text[start:end]
    scanner.lexemes.append(Lexeme("BLOCK", written, start, end, repaired=faulty or scanner.excused))
    return end


def text_of_block(written: str, start: int, lone: Callable[[Diagnostic], None]) -> str:
    """The text of a block with nothing wrong in it, which starts at an offset of the source.

    Lone surrogates, which only an escape can make, are handed on with their places.
    """
    indent = written[written.rindex("\n") + 1 : -len(QUOTES)]
    lines = [
        unescaped(line[len(indent) :], start + at + len(indent), lone) if line.strip(_SPACE) else ""
        for at, line in _lines(written)
    ]
    return "\n".join(lines)


def _lines(written: str) -> Iterator[tuple[int, str]]:
    """The lines between the opening and the closing quotes, without their ends, each with its offset in the block."""
    first, *between = written.split("\n")[:-1]
    at = len(first) + 1
    for line in between:
        yield at, line.removesuffix("\r")
        at += len(line) + 1


def _check(scanner: Scanner, start: int, end: int) -> None:
    written = scanner.text[start:end]
    first, newline, _ = written.partition("\n")
    indent = written[written.rfind("\n") + 1 : -len(QUOTES)]
    if not newline or first[len(QUOTES) :].removesuffix("\r").strip(_SPACE):
        help_ = f"the text begins on the line after `{QUOTES}`; a text of one line stands in double quotes"
        place = start, start + len(first)
        scanner.report(codes.BAD_STRING, *place, f"something behind the opening `{QUOTES}` of a text block", help=help_)
        return
    if indent.strip(_SPACE):
        help_ = f"`{QUOTES}` stands on a line of its own; within the text it is written `\\{QUOTES}`"
        place = end - len(QUOTES), end
        scanner.report(codes.BAD_STRING, *place, f"something before the closing `{QUOTES}` of a text block", help=help_)
        return
    for at, line in _lines(written):
        if not line.strip(_SPACE):
            continue
        at += start
        if not line.startswith(indent):
            begins = line[: len(line) - len(line.lstrip(_SPACE))]
            scanner.report(
                codes.BLOCK_INDENTATION,
                at,
                at + len(line),
                f"the line begins otherwise than the closing `{QUOTES}`",
                found=_indentation(begins),
                expected=_indentation(indent),
                help=f"move the closing `{QUOTES}` to the left, or indent the line as they are",
            )
        for piece in _PIECE.finditer(scanner.text, at, at + len(line)):
            scanner.piece(piece, "a text block")


def _indentation(written: str) -> str:
    if not written:
        return "no indentation"
    kinds = {" ": "space", "\t": "tab"}
    runs = [(run[0], len(run)) for run in re.findall(" +|\t+", written)]
    return " and ".join(f"{count} {kinds[kind]}{'s' * (count > 1)}" for kind, count in runs[:4])
