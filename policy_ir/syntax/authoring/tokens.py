"""The tokens and comments of an authoring text, and every lexical error in it.

What starts no token is reported and replaced by a token that stands for what was meant, so that one reading finds
several errors. Specification: chapter "Authoring syntax", section "Tokens".
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, TypeAlias

import attrs

from policy_ir.diagnostics import Diagnostic, codes, quoted
from policy_ir.diagnostics.codes import Code
from policy_ir.syntax.authoring.grammar import IGNORED, Grammar
from policy_ir.syntax.authoring.tree import Lexeme
from policy_ir.syntax.bounds import DIAGNOSTICS
from policy_ir.syntax.document import Comment, Span


@attrs.frozen(slots=True, eq=False)
class Tokens:
    """The tokens of a text, the last of type `$END`; its comments; what is wrong. `cut`: the rest has no meaning."""

    lexemes: list[Lexeme]
    comments: tuple[Comment, ...]
    found: list[Diagnostic]
    cut: bool


def tokenize(text: str, grammar: Grammar, block: ReadBlock | None = None) -> Tokens:
    """The tokens of a text without a byte-order mark. Takes time linear in the text.

    `block` reads what starts with three double quotes, and says where it ends; without it, they start a STRING.
    """
    return Scanner(text, grammar).scan(block)


ReadBlock: TypeAlias = "Callable[[Scanner, int], int]"

_Found: TypeAlias = "tuple[str | None, str, int]"
"""The terminal that stands for what was found (None: none does), the text that stands for it, where to go on."""

_STRING = re.compile(r'"(?:[^"\\\n\r]|\\[^\n\r])*+|`(?:[^`\\\n\r]|\\[^\n\r])*+')
_SINGLE = re.compile(r"'[^'\n\r]*+'?")
_CURLY = re.compile(r"[‘’‚“”„«»´][^‘’‚“”„«»´\n\r,{}()]*+[‘’‚“”„«»´]?")
_NUMBER = re.compile(r"-?+\.?+[0-9](?:[eE][+-]|[\w.])*+")
_HYPHENATED = re.compile(r"[-.]|[^\W\d_]")
_OPERATOR = re.compile(r"&&|\|\||=<|=>|[=&|!≤≥≠∧∨¬]")
_BLOCK = re.compile(r"/\*(?s:.*?)(?:\*/|\Z)")
_ARITHMETIC = re.compile(r"[-/%^×·÷−]")
_PIECE = re.compile(
    r"""\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}
      | \\u(?P<unit>[0-9a-fA-F]{4})
      | \\["\\/bfnrt`]
      | (?P<unknown>\\.)
      | (?P<control>[\x00-\x1f])""",
    re.VERBOSE,
)
"""What does not stand for itself in something that is quoted."""

_AND, _OR, _NOT, _EQUAL = ("AND", "and"), ("OR", "or"), ("NOT", "not"), ("EQUAL", "==")
_AT_MOST, _AT_LEAST = ("AT_MOST", "<="), ("AT_LEAST", ">=")
_MEANT = {"=": _EQUAL, "=<": _AT_MOST, "≤": _AT_MOST, "=>": _AT_LEAST, "≥": _AT_LEAST, "≠": ("UNEQUAL", "!="),
          "&&": _AND, "&": _AND, "∧": _AND, "||": _OR, "|": _OR, "∨": _OR, "!": _NOT, "¬": _NOT}  # fmt: skip
"""The operators of other languages, with the terminal and the text of what is meant."""


class Scanner:
    """One reading of a text from the left: the tokens so far, and what is wrong with them."""

    def __init__(self, text: str, grammar: Grammar) -> None:
        self.text, self.grammar = text, grammar
        self.lexemes: list[Lexeme] = []
        self.comments: list[Comment] = []
        self.found: list[Diagnostic] = []
        self.cut = False
        self.excused = False  # whether something is reported that has no meaning: no more about what follows it

    def scan(self, block: ReadBlock | None) -> Tokens:
        """All of it."""
        text, match, words = self.text, self.grammar.token.match, self.grammar.words
        if block is not None:
            match = re.compile(f'(?P<BLOCK>""")|{self.grammar.token.pattern}').match
        for surrogate in re.finditer("[\ud800-\udfff]", text):
            self.report(
                codes.LONE_SURROGATE,
                *surrogate.span(),
                "a lone surrogate",
                found=f"U+{ord(surrogate[0]):04X}",
                help="write the character itself",
            )
            self.cut = True
        at = 0
        while at < len(text) and not self.cut:
            token = match(text, at)
            if token is None:
                at = self.odd(at)
                continue
            kind = token.lastgroup or ""
            end = token.end()
            if kind == "COMMENT":
                self.comment(token[0], at, end)
            elif kind == "BLOCK" and block is not None:
                end = block(self, at)
                self.excused = False
            elif kind not in IGNORED:
                self.lexemes.append(Lexeme(words.get(token[0], kind), token[0], at, end, self.excused))
                self.excused = False
            at = end
        self.lexemes.append(Lexeme("$END", "", self.end(), len(text), self.excused))
        return Tokens(self.lexemes, tuple(self.comments), self.found, self.cut)

    def end(self) -> int:
        """Where the text ends for a message: after the last token, which may stand before comments and blank lines."""
        return self.lexemes[-1].end if self.lexemes else 0

    def comment(self, written: str, start: int, end: int) -> None:
        """Note a comment without its mark."""
        mark = 1 if written.startswith("#") else 2
        line = self.text[self.text.rfind("\n", 0, start) + 1 : start]
        self.comments.append(Comment(written[mark:].rstrip(), Span(start, end), own_line=not line.strip()))

    # --- what starts no token -----------------------------------------------------------------------------------

    def report(self, code: Code, start: int, end: int, message: str, **fields: Any) -> None:
        """Note a finding; the last one that is noted ends the scanning."""
        if len(self.found) < DIAGNOSTICS:
            self.found.append(Diagnostic(code=code, message=message, span=Span(start, end), **fields))
        self.cut = self.cut or len(self.found) == DIAGNOSTICS

    def odd(self, start: int) -> int:
        """Report what stands at a place where no token starts; append what stands for it; where to go on."""
        for pattern, read in _ODD:
            match = pattern.match(self.text, start)
            if match:
                kind, standing, end = read(self, start, match.end())
                if kind:
                    self.lexemes.append(Lexeme(kind, standing, start, end, repaired=True))
                return end
        return self.character(start)

    def string(self, start: int, end: int) -> _Found:
        """A string or quoted name that its terminal does not match: not closed, or something in it is wrong."""
        mark = self.text[start]
        what = "a string" if mark == '"' else "a name in backticks"
        if self.text[end : end + 1] != mark:
            self.report(
                codes.BAD_STRING,
                start,
                end,
                f"{what} is not closed before the end of its line",
                found=quoted(self.text[start:end]),
                help=f"close it with {quoted(mark) if mark != '`' else 'a backtick'}; "
                "a line break in it is written `\\n`",
            )
            self.cut = True
        else:
            end += 1
            for piece in _PIECE.finditer(self.text, start + 1, end - 1):
                self.piece(piece, what)
        return ("STRING", '""', end) if mark == '"' else ("QUOTED", "``", end)

    def piece(self, piece: re.Match[str], what: str) -> None:
        """Report an escape that is none, or a control character, in something that is quoted."""
        written = piece[0]
        if piece.lastgroup == "unknown":
            help_ = 'the escapes are `\\"`, `\\\\`, `\\/`, `\\b`, `\\f`, `\\n`, `\\r`, `\\t` and `\\u` with four digits'
            self.report(codes.BAD_STRING, *piece.span(), f"{quoted(written)} is not an escape", help=help_)
        elif piece.lastgroup == "control":
            self.report(
                codes.BAD_STRING,
                *piece.span(),
                f"a control character in {what}",
                found=f"U+{ord(written):04X}",
                help=f"write it as `\\u{ord(written):04x}`",
            )

    def single_quotes(self, start: int, end: int) -> _Found:
        """A string in single quotes."""
        written = self.text[start:end]
        self.report(
            codes.SINGLE_QUOTES,
            start,
            end,
            f"{quoted(written)} is in single quotes",
            found=quoted(written),
            expected="a string in double quotes",
        )
        return "STRING", '""', end

    def curly_quotes(self, start: int, end: int) -> _Found:
        """A string in typographic quotes."""
        written = self.text[start:end]
        self.report(
            codes.UNEXPECTED_CHARACTER,
            start,
            end,
            f"{quoted(written[0])} starts no token",
            found=quoted(written),
            help="strings are written in straight double quotes",
        )
        return "STRING", '""', end

    def number(self, start: int, end: int) -> _Found:
        """Something that begins as a number and is none."""
        written = self.text[start:end]
        self.report(
            codes.BAD_NUMBER,
            start,
            end,
            f"{quoted(written)} is not a number",
            found=quoted(written),
            expected="a number such as `25`, `0.5`, `1e-3` or `32_000`",
            help=_number_help(written),
        )
        return "NUMBER", "0", end

    def hyphenated(self, start: int, end: int) -> _Found:
        """A name with characters that names without backticks do not have: with what stands right before it."""
        text = self.text
        last = self.lexemes[-1] if self.lexemes else None
        joined = last is not None and last.end == start and re.match("[A-Za-z_]", last.text)
        end = self.tail(start)
        if end == start or (text[start] in "-." and not joined):
            return self.arithmetic(start, start + 1) if text[start] == "-" else (None, "", self.character(start))
        if joined:
            start = self.lexemes.pop().start
        written = text[start:end]
        self.report(
            codes.UNEXPECTED_CHARACTER,
            start,
            end,
            f"{quoted(written)} is not a name",
            found=quoted(written),
            help="write it in backticks if it is one name" + ("; there is no subtraction" if "-" in written else ""),
        )
        return "NAME", "name", end

    def tail(self, end: int) -> int:
        """Where that ends which belongs to the word before it, or beside it."""
        text = self.text
        while end < len(text):
            ch = text[end]
            digit = ch.isascii() and ch.isdigit()
            if ch in "-.":
                ch = text[end + 1 : end + 2]
            if not (digit or ch.isalpha() or ch == "_"):
                break
            end += 1
        return end

    def operator(self, start: int, end: int) -> _Found:
        """An operator as other languages spell it; with a relation right before it, as `===`, they are one."""
        written = self.text[start:end]
        kind, meant = _MEANT[written]
        last = self.lexemes[-1] if self.lexemes else None
        if last is not None and last.end == start and last.type in ("EQUAL", "UNEQUAL", "AT_MOST", "AT_LEAST"):
            self.lexemes.pop()
            start, written, kind, meant = last.start, last.text + written, last.type, last.text
        self.report(
            codes.UNEXPECTED_CHARACTER if written in "∧∨" else codes.FOREIGN_OPERATOR,
            start,
            end,
            f"{quoted(written)} is not an operator of the language",
            found=quoted(written),
            help="write `==` to compare, `:` in a setting" if written == "=" else f"write `{meant}`",
        )
        return kind, meant, end

    def block_comment(self, start: int, end: int) -> _Found:
        """A comment of another language, whose text is passed over."""
        self.excused = True
        help_ = "a comment starts with `#` or `//` and ends with its line"
        self.report(codes.UNEXPECTED_CHARACTER, start, start + 2, "`/*` starts no token", help=help_)
        return None, "", end

    def arithmetic(self, start: int, end: int) -> _Found:
        """An operation that scorers do not have."""
        written = self.text[start:end]
        self.report(
            codes.FOREIGN_ARITHMETIC if written.isascii() else codes.UNEXPECTED_CHARACTER,
            start,
            end,
            f"{quoted(written)} is not an operation of scorers",
            found=quoted(written),
            help=_ARITHMETIC_HELP.get(written, "scorers are added with `+` and multiplied by a number with `*`"),
        )
        return "PLUS", "+", end

    def character(self, at: int) -> int:
        """A character that nothing else explains."""
        ch = self.text[at]
        hidden = ch.isspace() or not ch.isprintable()
        self.report(
            codes.UNEXPECTED_CHARACTER,
            at,
            at + 1,
            f"{quoted(ch)} starts no token",
            found=f"U+{ord(ch):04X}",
            help="between tokens stand only spaces, tabs and line ends" if hidden else None,
        )
        self.excused = True
        return at + 1


_ARITHMETIC_HELP = {
    "-": "there is no subtraction: `neg(s)` is 1 - s, and `-1 * s` can be added",
    "−": "there is no subtraction: `neg(s)` is 1 - s, and `-1 * s` can be added",
    "/": "there is no division: multiply by a number, `0.01 * s`",
}


def _number_help(written: str) -> str | None:
    digits = written.lstrip("-").lower()
    if digits[:2] in ("0x", "0o", "0b"):
        return "numbers are written in decimal"
    if digits.startswith("."):
        return "write a digit before the point"
    if digits.endswith(".") or re.match(r"[0-9_]+\.[^0-9]", digits):
        return "write a digit after the point"
    if re.match(r"0[0-9_]", digits):
        return "leave out the leading zeros"
    if "_" in digits:
        return "a `_` stands between two digits, before the exponent"
    if digits[-1] in "kmb":
        return "write the number out: `32_000`"
    return None


_ODD: tuple[tuple[re.Pattern[str], Callable[[Scanner, int, int], _Found]], ...] = (
    (_STRING, Scanner.string),
    (_SINGLE, Scanner.single_quotes),
    (_CURLY, Scanner.curly_quotes),
    (_NUMBER, Scanner.number),
    (_HYPHENATED, Scanner.hyphenated),
    (_OPERATOR, Scanner.operator),
    (_BLOCK, Scanner.block_comment),
    (_ARITHMETIC, Scanner.arithmetic),
)
