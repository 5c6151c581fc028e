"""The tokens of a JSON text (RFC 8259), and every lexical error in it.

One regular expression matches a whole well-formed token; only what it does not match is looked at more closely.
Whatever is wrong is reported and scanning goes on, with a token that stands for what was meant where that is clear.
Specification: chapter "Syntax", section "JSON".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

from policy_ir.diagnostics import Code, codes, quoted

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
      | (?P<number> -?+ (?:0|[1-9][0-9]*+) (?:\.[0-9]++)?+ (?:[eE][+\-]?+[0-9]++)?+ ) (?![A-Za-z0-9_.+\-])
      | (?P<word> true|false|null ) (?![A-Za-z0-9_])
      | (?P<end> \Z )
    )""",
    re.VERBOSE,
)
_SPACE = re.compile(r"[ \t\n\r]*+")
_STRING = re.compile(r'"(?:[^"\\\n\r]|\\[^\n\r])*+')
_QUOTED = re.compile(r"'(?:[^'\\\n\r]|\\[^\n\r])*+'?")
_CURLY = re.compile(r"[‘’‚“”„«»`´][^‘’‚“”„«»`´\n\r,\[\]{}]*+[‘’‚“”„«»`´]?")
_COMMENT = re.compile(r"//[^\n\r]*+|#[^\n\r]*+|/\*(?s:.*?)(?:\*/|\Z)")
_NUMBER = re.compile(r"[0-9+\-.][A-Za-z0-9_.+\-]*+")
_NOT_FINITE = re.compile(
    r"(?:(?P<sign>[+\-])|(?=[A-Za-z]))(?ai:inf(?:inity)?|nan)(?![A-Za-z0-9_]|(?(sign)[.+\-]|(?!)))"
)
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
    if text[start] == '"':
        return _odd_string(text, start, report)
    found, kind, tell = next(
        (found, kind, tell) for pattern, kind, tell in _ODD if (found := pattern.match(text, start))
    )
    written, end = found[0], found.end()
    code, message, fields = tell(written)
    report(code, start, end, message, **{"found": quoted(written), **fields})
    if tell is _single_quotes and (len(written) == 1 or written[-1] != "'"):
        raise Unreadable
    return (None if kind is None else (kind, start, end, None)), end


def _odd_string(text: str, start: int, report: Report) -> tuple[Token, int]:
    end = _STRING.match(text, start).end()  # type: ignore[union-attr] # it starts with a quote
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


# --- what there is to tell of an odd token: a code, a message, and other fields than what was found -----------

_Told: TypeAlias = tuple[Code, str, dict[str, str | None]]


def _single_quotes(written: str) -> _Told:
    return codes.SINGLE_QUOTES, f"{quoted(written)} is in single quotes", {"expected": "a string in double quotes"}


def _curly_quotes(written: str) -> _Told:
    help_ = "strings are written in straight double quotes"
    return codes.UNEXPECTED_CHARACTER, f"{quoted(written[0])} starts no token", {"help": help_}


def _comment(written: str) -> _Told:
    help_ = "leave it out, or write the policy in the authoring syntax, which has comments"
    return codes.COMMENT_IN_JSON, "the wire syntax has no comments", {"help": help_}


def _not_finite(written: str) -> _Told:
    return codes.NOT_A_NUMBER, f"{quoted(written)} is not a number of the language", {"expected": "a finite number"}


def _odd_number(written: str) -> _Told:
    fields = {"expected": "a JSON number", "help": _number_help(written)}
    return codes.BAD_NUMBER, f"{quoted(written)} is not a number", fields


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


def _word(written: str) -> _Told:
    meant = _MEANT.get(written.lower(), "")
    if meant:
        help_ = f"write `{meant}`"
    elif meant is None:
        help_ = "the language has no null: leave the entry out"
    else:
        help_ = "strings are written in double quotes: " + quoted(f'"{written}"')
    return codes.UNEXPECTED_CHARACTER, f"{quoted(written)} starts no token", {"help": help_}


def _other(written: str) -> _Told:
    help_ = "between tokens stand only spaces, tabs and line ends" if written.isspace() else None
    if written.startswith("\0"):
        help_ = "if the text is in UTF-16, save the file as UTF-8"
    fields = {"found": ", ".join(f"U+{ord(ch):04X}" for ch in written[:3]), "help": help_}
    return codes.UNEXPECTED_CHARACTER, f"{quoted(written)} starts no token", fields


_ODD: tuple[tuple[re.Pattern[str], str | None, Callable[[str], _Told]], ...] = (
    (_QUOTED, "broken", _single_quotes),
    (_CURLY, "broken", _curly_quotes),
    (_COMMENT, None, _comment),
    (_NOT_FINITE, "broken", _not_finite),
    (_NUMBER, "broken", _odd_number),
    (_WORD, "broken", _word),
    (_OTHER, "junk", _other),  # matches any character
)
