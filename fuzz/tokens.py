"""Texts of the authoring syntax as sequences of tokens, one byte for each: what reaches deep into the parser."""

from __future__ import annotations

import re
from typing import get_args

from policy_ir.signature import SIGNATURE
from policy_ir.terms import Verb

WORDS: tuple[str, ...] = (
    *SIGNATURE,
    *get_args(Verb),
    *("filter", "rank", "select", "mutate", "fallback", "on", "in", "lt", "ge", "true", "false", "null"),
    *("tier", "provider", "family", "attempts", "backoff_ms", "then_action", "partner", "region", "price_out", "if"),
    *(
        "{",
        "}",
        "(",
        ")",
        "[",
        "]",
        ",",
        ";",
        ":",
        "+",
        "-",
        "*",
        "/",
        "<",
        "<=",
        "==",
        "=",
        "!=",
        ">=",
        "&&",
        "!",
        "AND",
    ),
    *(
        '"a"',
        "`b`",
        "x",
        "0",
        "1",
        "-1",
        "1.5",
        "32_000",
        "1e999",
        "'s'",
        '"\\ud800"',
        '"',
        "`",
        "@",
        "# c\n",
        "\n",
        "\x00",
    ),
)
TOKEN = re.compile(r'"[^"\n]*"|`[^`]*`|[A-Za-z_]\w*|-?[0-9][\w.]*|[<>=!]=|#[^\n]*\n|\S')


def text_of(data: bytes) -> str:
    """The text that some bytes stand for."""
    return " ".join(WORDS[byte % len(WORDS)] for byte in data)


def bytes_of(text: str) -> bytes:
    """The bytes of a text, near enough: names and numbers that are not among the words become others."""
    places = {word: place for place, word in enumerate(WORDS)}
    kinds = {'"': '"a"', "`": "`b`", "#": "# c\n"}
    found = bytearray()
    for token in TOKEN.findall(text):
        default = "1" if token.lstrip("-")[:1].isdigit() else kinds.get(token[0], "x")
        found.append(places.get(token, places[default]))
    return bytes(found)
