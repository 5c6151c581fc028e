"""The tokens of a JSON text (RFC 8259), and every lexical error in it.

One regular expression matches a whole well-formed token; only what it does not match is looked at more closely.
Whatever is wrong is reported and scanning goes on, with a token that stands for what was meant where that is clear.
Specification: chapter "Syntax", section "JSON".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

from policy_ir.diagnostics import codes, quoted

Token: TypeAlias = tuple[str, int, int, Any]
"""Kind, start, end, value. Kinds: the six structural characters; `string` (its text), `number` (its binary64),
`true`, `false`, `null`; `broken`, a value or key that is reported already; `junk`, a reported thing that is no value;
`end`."""

Report: TypeAlias = Callable[..., None]
"""Called with code, start, end, message, and fields of a diagnostic."""


class Unreadable(Exception):
    """Scanning cannot go on: what follows has no certain meaning. The cause is reported already."""


_TOKEN = re.compile(
    r"""[ \t\n\r]*+(?:
        (?P<structural> [\[\]{},:] )
      | " (?P<string> [^"\\\x00-\x1f\ud800-\udfff]*+ ) "
      | (?P<number> -?+ (?:0|[1-9][0-9]*+) (?:\.[0-9]++)?+ (?:[eE][+\-]?+[0-9]++)?+ ) (?![\w.+\-])
      | (?P<word> true|false|null ) (?!\w)
      | (?P<end> \Z )
    )""",
    re.VERBOSE,
)
_SPACE = re.compile(r"[ \t\n\r]*+")
_STRING = re.compile(r'"(?:[^"\\\n\r]|\\[^\n\r])*+')
_QUOTED = re.compile(r"'(?:[^'\\\n\r]|\\[^\n\r])*+'?")
_CURLY = re.compile(r"[‘’‚“”„«»`´][^‘’‚“”„«»`´\n\r,\[\]{}]*+[‘’‚“”„«»`´]?")
_COMMENT = re.compile(r"//[^\n\r]*+|#[^\n\r]*+|/\*(?s:.*?)(?:\*/|\Z)")
_NUMBER = re.compile(r"[+\-.]*+[0-9][\w.+\-]*+|[+\-.]++")
_SIGNED_WORD = re.compile(r"[+\-]++(?i:inf(?:inity)?|nan)(?!\w)")
_WORD = re.compile(r"[^\W\d]\w*+(?:[.\-]\w++)*+")
_OTHER = re.compile(r"""[^\s\w\[\]{},:"'/#+\-.‘’‚“”„«»`´]++|.""", re.DOTALL)
_PIECE = re.compile(
    r"""\\u(?P<high>[dD][89abAB][0-9a-fA-F]{2})\\u(?P<low>[dD][c-fC-F][0-9a-fA-F]{2})
      | \\u(?P<unit>[0-9a-fA-F]{4})
      | \\(?P<short>["\\/bfnrt])
      | (?P<unknown>\\.)
      | (?P<control>[\x00-\x1f])
      | (?P<surrogate>[\ud800-\udfff])""",
    re.VERBOSE,
)
_SHORT = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}


def scan(text: str, report: Report) -> Iterator[Token]:
    """The tokens of a text, the last of kind `end`. Lexical errors go to `report`.

    Raises Unreadable after reporting a string that is not closed. Takes time linear in the text.
    """
    at = 0
    match_token = _TOKEN.match
    while True:
        found = match_token(text, at)
        if found is None:
            start = _SPACE.match(text, at).end()  # type: ignore[union-attr] # it matches nothing too
            token, at = _odd_token(text, start, report)
            if token is not None:
                yield token
            continue
        at = found.end()
        kind = found.lastgroup
        match kind:
            case "structural":
                yield found["structural"], at - 1, at, None
            case "string":
                value = found["string"]
                yield "string", at - len(value) - 2, at, value
            case "number":
                yield _number(text, found.start("number"), at, report)
            case "word":
                word = found["word"]
                yield word, at - len(word), at, None
            case _:
                yield "end", at, at, None
                return


def _number(text: str, start: int, end: int, report: Report) -> Token:
    """The binary64 nearest to a literal, ties to even; `float` rounds correctly at any length."""
    literal = text[start:end]
    value = float(literal)
    if value in (float("inf"), float("-inf")):
        report(
            codes.NUMBER_OVERFLOW,
            start,
            end,
            f"{quoted(literal)} overflows binary64",
            found=quoted(literal),
            expected="a number of magnitude below 1.8e308",
        )
        return "broken", start, end, None
    if value == 0.0 and re.match(r"-?[0.]*[1-9]", literal):
        report(
            codes.NUMBER_UNDERFLOW,
            start,
            end,
            f"{quoted(literal)} underflows to 0",
            found=quoted(literal),
            expected="0, or a number of magnitude above 2.5e-324",
        )
        return "broken", start, end, None
    return "number", start, end, value + 0.0  # -0 is 0


def _odd_token(text: str, start: int, report: Report) -> tuple[Token | None, int]:
    """The token at a place where no well-formed one is, None for what can be skipped; and where to go on."""
    found, read = next((found, read) for pattern, read in _ODD if (found := pattern.match(text, start)))
    return read(text, start, found.end(), report)


_Odd: TypeAlias = tuple[Token | None, int]


def _odd_string(text: str, start: int, end: int, report: Report) -> _Odd:
    if text[end : end + 1] != '"':
        report(
            codes.BAD_STRING,
            start,
            end,
            "a string is not closed before the end of its line",
            found=quoted(text[start:end]),
            help='close it with `"`; a line break in a string is written `\\n`',
        )
        raise Unreadable
    end += 1
    value = _unescaped(text, start, end, report)
    return (("broken", start, end, None) if value is None else ("string", start, end, value)), end


def _unescaped(text: str, start: int, end: int, report: Report) -> str | None:
    """The text that a string literal stands for; None if something in it is wrong."""
    pieces: list[str] = []
    sound = True
    at = start + 1
    for found in _PIECE.finditer(text, start + 1, end - 1):
        pieces.append(text[at : found.start()])
        at = found.end()
        where = found.start(), at
        written = found[found.lastgroup or 0]
        match found.lastgroup:
            case "low":
                pair = (int(found["high"], 16) - 0xD800 << 10) + int(written, 16) - 0xDC00
                pieces.append(chr(0x10000 + pair))
            case "unit" if not 0xD800 <= int(written, 16) <= 0xDFFF:
                pieces.append(chr(int(written, 16)))
            case "short":
                pieces.append(_SHORT.get(written, written))
            case "unknown":
                sound = False
                report(codes.BAD_STRING, *where, f"{quoted(written)} is not an escape", help=_escape_help(written))
            case "control":
                sound = False
                report(
                    codes.BAD_STRING,
                    *where,
                    "a control character in a string",
                    found=f"U+{ord(written):04X}",
                    help=f"write it as `\\u{ord(written):04x}`",
                )
            case _:
                sound = False
                report(
                    codes.LONE_SURROGATE,
                    *where,
                    "a lone surrogate in a string",
                    found=f"U+{int(written, 16) if len(written) > 1 else ord(written):04X}",
                    help="write the character itself, or both halves of its surrogate pair",
                )
    pieces.append(text[at : end - 1])
    return "".join(pieces) if sound else None


def _escape_help(written: str) -> str:
    if written == "\\u":
        return "`\\u` is followed by four hexadecimal digits"
    if written == "\\'":
        return "write `'`"
    return 'the escapes are `\\"`, `\\\\`, `\\/`, `\\b`, `\\f`, `\\n`, `\\r`, `\\t` and `\\u` with four digits'


def _single_quotes(text: str, start: int, end: int, report: Report) -> _Odd:
    written = text[start:end]
    report(
        codes.SINGLE_QUOTES,
        start,
        end,
        f"{quoted(written)} is in single quotes",
        found=quoted(written),
        expected="a string in double quotes",
    )
    if len(written) == 1 or written[-1] != "'":
        raise Unreadable
    return ("broken", start, end, None), end


def _curly_quotes(text: str, start: int, end: int, report: Report) -> _Odd:
    written = text[start:end]
    report(
        codes.UNEXPECTED_CHARACTER,
        start,
        end,
        f"{quoted(written[0])} starts no token",
        found=quoted(written),
        help="strings are written in straight double quotes",
    )
    return ("broken", start, end, None), end


def _comment(text: str, start: int, end: int, report: Report) -> _Odd:
    report(
        codes.COMMENT_IN_JSON,
        start,
        end,
        "the wire syntax has no comments",
        found=quoted(text[start:end]),
        help="leave it out, or write the policy in the authoring syntax, which has comments",
    )
    return None, end


def _not_finite(text: str, start: int, end: int, report: Report) -> _Odd:
    written = text[start:end]
    report(
        codes.NOT_A_NUMBER,
        start,
        end,
        f"{quoted(written)} is not a number of the language",
        found=quoted(written),
        expected="a finite number",
    )
    return ("broken", start, end, None), end


def _odd_number(text: str, start: int, end: int, report: Report) -> _Odd:
    written = text[start:end]
    report(
        codes.BAD_NUMBER,
        start,
        end,
        f"{quoted(written)} is not a number",
        found=quoted(written),
        expected="a JSON number",
        help=_number_help(written),
    )
    return ("broken", start, end, None), end


def _number_help(written: str) -> str | None:
    digits = written.lstrip("+-")
    if written.startswith("+"):
        return "leave out the `+`"
    if "_" in digits:
        return "leave out the `_`"
    if digits[:2].lower() in ("0x", "0o", "0b"):
        return "numbers are written in decimal"
    if len(digits) > 1 and digits[0] == "0" and digits[1].isdigit():
        return "leave out the leading zeros"
    if digits.startswith("."):
        return "write a digit before the point"
    if re.match(r"[0-9]+\.(?![0-9])", digits):
        return "write a digit after the point"
    return None


_MEANT = {"none": None, "nil": None, "undefined": None, "true": "true", "false": "false", "null": None}


def _word(text: str, start: int, end: int, report: Report) -> _Odd:
    written = text[start:end]
    if written.lower() in ("nan", "inf", "infinity"):
        return _not_finite(text, start, end, report)
    meant = _MEANT.get(written.lower(), "")
    if meant:
        help_ = f"write `{meant}`"
    elif meant is None:
        help_ = "the language has no null: leave the entry out"
    else:
        help_ = "strings are written in double quotes: " + quoted(f'"{written}"')
    report(
        codes.UNEXPECTED_CHARACTER, start, end, f"{quoted(written)} starts no token", found=quoted(written), help=help_
    )
    return ("broken", start, end, None), end


def _other(text: str, start: int, end: int, report: Report) -> _Odd:
    written = text[start:end]
    space = written.isspace()
    report(
        codes.UNEXPECTED_CHARACTER,
        start,
        end,
        f"{quoted(written)} starts no token",
        found=", ".join(f"U+{ord(ch):04X}" for ch in written[:3]),
        help="between tokens stand only spaces, tabs and line ends" if space else None,
    )
    return (None if space else ("junk", start, end, None)), end


_ODD: tuple[tuple[re.Pattern[str], Callable[[str, int, int, Report], _Odd]], ...] = (
    (_STRING, _odd_string),
    (_QUOTED, _single_quotes),
    (_CURLY, _curly_quotes),
    (_COMMENT, _comment),
    (_SIGNED_WORD, _not_finite),
    (_NUMBER, _odd_number),
    (_WORD, _word),
    (_OTHER, _other),  # matches any character
)
