"""Secrets: texts that are used and never shown."""

from __future__ import annotations

import hmac
from typing import Any, Final, NoReturn, final

__all__ = ["HIDDEN", "Secret"]

HIDDEN: Final = "***"
"""What stands for a secret wherever it would be shown."""


@final
class Secret:
    """A text that only `reveal` gives away.

    It shows as `***` in every representation and format, cannot be pickled, is no JSON, and has no attribute that a
    library that walks over objects would find. Two are equal where their texts are, compared in constant time.
    """

    __slots__ = ("__text",)

    def __init__(self, text: str) -> None:
        self.__text = text

    def reveal(self) -> str:
        """The text. Whoever calls this sees to it that the text goes to its provider and nowhere else."""
        return self.__text

    def __repr__(self) -> str:
        return HIDDEN

    def __format__(self, _: str) -> str:
        return HIDDEN

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        return hmac.compare_digest(_bytes(self.__text), _bytes(other.__text))

    __hash__ = None  # type: ignore[assignment]
    """A secret is no key of a table: its hash would say something of it."""

    def __copy__(self) -> Secret:
        return self

    def __deepcopy__(self, _: dict[int, Any]) -> Secret:
        return self

    def __reduce_ex__(self, _: object) -> NoReturn:
        raise TypeError("a secret cannot be serialised")


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
