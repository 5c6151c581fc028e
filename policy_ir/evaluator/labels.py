"""Texts of candidates as arrays: which candidates have a label, by number instead of by text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

Mask: TypeAlias = "NDArray[np.bool_]"

_Array = TypeVar("_Array", bound="NDArray[Any]")


class Labels:
    """A label for each candidate; None is one, for having none."""

    def __init__(self, values: Sequence[Any]) -> None:
        codes: dict[str | None, int] = {}
        self.at = np.fromiter((codes.setdefault(value, len(codes)) for value in values), np.int32, len(values))
        self.codes = codes

    def any_of(self, names: Iterable[str | None]) -> Mask:
        """Which candidates have one of these labels; a new array."""
        found = [code for name in names if (code := self.codes.get(name)) is not None]
        if not found:
            return np.zeros(self.at.size, dtype=np.bool_)
        mask: Mask = self.at == found[0]
        for code in found[1:]:
            mask |= self.at == code
        return mask


class Sets:
    """A set of labels for each candidate."""

    def __init__(self, values: Sequence[Any]) -> None:
        members: dict[str, list[int]] = {}
        for at, labels in enumerate(values):
            for label in labels:
                members.setdefault(label, []).append(at)
        self.size = len(values)
        self.members = {label: np.array(places, dtype=np.int32) for label, places in members.items()}

    def any_of(self, names: Iterable[str | None]) -> Mask:
        """Which candidates have at least one of these labels; a new array."""
        mask = np.zeros(self.size, dtype=np.bool_)
        for name in names:
            if name in self.members:
                mask[self.members[name]] = True
        return mask


def bits(flags: bytes) -> Mask:
    """Bytes of 0 and 1 as a read-only mask, not copied."""
    return np.frombuffer(flags, dtype=np.bool_)


def shut(array: _Array) -> _Array:
    """An array that nobody can change any more."""
    array.flags.writeable = False
    return array
