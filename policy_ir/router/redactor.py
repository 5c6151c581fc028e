"""Secrets taken out of texts, before a log, a trace or a caller sees them.

A provider may quote the key that it refuses, as a whole or cut short. Keys that it has masked itself (`sk-a***yz`) are
left as they are.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from typing import Final

from policy_ir.router.secrets import HIDDEN, Secret

__all__ = ["PIECE", "Redactor", "Silent"]

PIECE: Final = 8
"""Characters of the start or the end of a secret that are taken for a piece of it."""

INNER: Final = 12
"""Characters from the middle of a secret that are, where they begin at a multiple of `STRIDE`."""

STRIDE: Final = 4

WHOLE: Final = 16
"""Characters that a secret has at least to be looked for in answers, where a shorter text may stand by chance."""


class Redactor:
    """Takes secrets out of texts: each as a whole, and pieces of it.

    A piece has at least `PIECE` characters from its start or end, or `INNER + STRIDE - 1` from its middle. A secret
    shorter than that goes as a whole only, and an empty one is none.
    """

    __slots__ = ("_in_answers", "_secrets")

    def __init__(self, secrets: Iterable[Secret]) -> None:
        self._secrets = tuple(sorted({secret.reveal() for secret in secrets} - {""}, key=len, reverse=True))
        self._in_answers = tuple(secret.encode() for secret in self._secrets if len(secret) >= WHOLE)

    def __call__(self, text: str) -> str:
        """The text without the secrets."""
        spans = sorted(span for secret in self._secrets for span in _found(secret, text))
        if not spans:
            return text
        kept: list[str] = []
        end = 0
        for start, stop in spans:
            if start > end or not kept:
                kept += [text[end:start], HIDDEN]
            end = max(end, stop)
        return "".join((*kept, text[end:]))

    def of_answer(self, data: bytes) -> bytes:
        """An answer, or an event of one, without the secrets that stand in it as a whole; else the same object.

        A piece is left as it is: an answer may well tell of how keys begin.
        """
        for secret in self._in_answers:
            if secret in data:
                data = data.replace(secret, HIDDEN.encode())
        return data

    def __repr__(self) -> str:
        return f"Redactor({len(self._secrets)} secrets)"


def _found(secret: str, text: str) -> Iterator[tuple[int, int]]:
    """Where a secret or a piece of it stands in a text."""
    size = min(PIECE, len(secret))
    marks = [(0, size), (len(secret) - size, size)]
    marks += [(start, INNER) for start in range(0, len(secret) - INNER + 1, STRIDE)]
    for place, length in marks:
        mark = secret[place : place + length]
        at = text.find(mark)
        while at >= 0:
            start, stop = _extent(secret, text, place, at, length)
            yield start, stop
            at = text.find(mark, stop)


def _extent(secret: str, text: str, place: int, at: int, length: int) -> tuple[int, int]:
    """How far a text is a secret around `at`, where `length` characters are those from `place` on."""
    before = after = 0
    while before < min(place, at) and text[at - before - 1] == secret[place - before - 1]:
        before += 1
    rest, left = secret[place + length :], text[at + length : at + len(secret)]
    while after < min(len(rest), len(left)) and rest[after] == left[after]:
        after += 1
    return at - before, at + length + after


class Silent(logging.Filter):
    """Takes secrets out of records of a log, tracebacks included."""

    def __init__(self, redact: Callable[[], Redactor]) -> None:
        super().__init__()
        self._redact = redact

    def filter(self, record: logging.LogRecord) -> bool:
        """Let it pass, without them."""
        redact = self._redact()
        record.msg, record.args = redact(record.getMessage()), None
        if record.exc_info and record.exc_info[0] is not None:
            record.exc_text = redact(_PLAIN.formatException(record.exc_info))
            record.exc_info = None
        return True


_PLAIN: Final = logging.Formatter()
