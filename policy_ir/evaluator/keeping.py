"""Caches of bounded size, as plain dictionaries: the oldest entry goes first."""

from __future__ import annotations

from contextlib import suppress
from typing import TypeVar

__all__ = ["put"]

K = TypeVar("K")
V = TypeVar("V")


def put(kept: dict[K, V], key: K, value: V, most: int) -> None:
    """Keep an entry, among at most `most`, at least one; the oldest go where there are too many."""
    while len(kept) >= most:
        # Another thread may have been faster, and added one as well.
        with suppress(RuntimeError, StopIteration):
            kept.pop(next(iter(kept)), None)
    kept[key] = value
