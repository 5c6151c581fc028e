"""Secrets taken out of texts, before a log, a trace or a caller sees them.

A provider may quote the key that it refuses, as a whole or cut short. Keys that it has masked itself (`sk-a***yz`) are
left as they are.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from policy_ir.router.secrets import HIDDEN, Secret

__all__ = ["PIECE", "Redactor"]

PIECE: Final = 8
"""Characters of the start or the end of a secret that are taken for a piece of it."""


class Redactor:
    """Takes secrets out of texts: each as a whole, and each piece of at least `PIECE` characters from its start or end.

    A secret shorter than that goes as a whole only, and an empty one is none.
    """

    __slots__ = ("_secrets",)

    def __init__(self, secrets: Iterable[Secret]) -> None:
        self._secrets = tuple(sorted({secret.reveal() for secret in secrets} - {""}, key=len, reverse=True))

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

    def __repr__(self) -> str:
        return f"Redactor({len(self._secrets)} secrets)"


def _found(secret: str, text: str) -> Iterable[tuple[int, int]]:
    """Where a secret or a piece of it stands in a text."""
    size = min(PIECE, len(secret))
    head, tail = secret[:size], secret[-size:]
    at = text.find(head)
    while at >= 0:
        stop = at + size
        while stop - at < len(secret) and text[stop : stop + 1] == secret[stop - at]:
            stop += 1
        yield at, stop
        at = text.find(head, stop)
    at = text.find(tail)
    while at >= 0:
        start, stop = at, at + size
        while stop - start < len(secret) and start > 0 and text[start - 1] == secret[len(secret) - 1 - (stop - start)]:
            start -= 1
        yield start, stop
        at = text.find(tail, stop)
