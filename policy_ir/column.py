"""One column of a snapshot: what every candidate shows for one key or field, and the digest of that.

Specification: chapter "Catalogue", section "Snapshot".
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from functools import cached_property
from itertools import compress
from typing import Any, Final, cast

import attrs

from policy_ir.cbor import ARRAY, encode, encode_flags, encode_numbers, encode_texts, head
from policy_ir.vocabulary.declarations import FieldValue

_PREFIX: Final = head(ARRAY, 2) + encode("column/1") + head(ARRAY, 4)
"""What the bytes start with that a column's digest is made of."""


@attrs.frozen(slots=True)
class Observation:
    """What a candidate shows for a field: the value, and whether it was observed or is the field's default.

    `value` is a float (numeric fields), a bool, a string or None (tags), or a sorted tuple of strings (sets of tags).
    """

    value: FieldValue | None
    known: bool


class Sharing:
    """Gives one object for equal ones: a catalogue repeats its providers, its sets of capabilities, whole columns."""

    __slots__ = ("_kept",)

    def __init__(self) -> None:
        self._kept: dict[object, Any] = {}

    def one(self, value: Any) -> Any:
        """The first value equal to this one; strings, bytes and tuples of strings only."""
        return self._kept.setdefault(value, value)

    def doubles(self, numbers: array[float]) -> Any:
        """A read-only view of these numbers or of others of the same bits."""
        # Equal numbers may differ in the sign of zero, so the bytes decide.
        return self._kept.setdefault(("num", numbers.tobytes()), memoryview(numbers).toreadonly())


@attrs.frozen(eq=False)
class Column:
    """One column of a snapshot, immutable.

    `values` has one entry per candidate: binary64 (`num`, a read-only view), 0 or 1 (`bool`, bytes), a string or None
    (`tag`), a sorted tuple of strings (`tags`). `present` has bytes of 0 and 1; where it is 0 the candidate has no
    observation and `values` holds the field's default.
    """

    name: str
    sort: str
    values: Sequence[FieldValue | None]
    present: bytes

    @classmethod
    def of(
        cls,
        name: str,
        sort: str,
        observed: Iterable[FieldValue | None],
        default: float | bool | None,
        sharing: Sharing | None = None,
    ) -> Column:
        """A column of these observations, as `read_value` gives them, None where there is none.

        Columns that are made with one `sharing` share what is equal in them.
        """
        entries = list(observed)
        share = Sharing() if sharing is None else sharing
        present = share.one(bytes(value is not None for value in entries))
        values: Sequence[FieldValue | None]
        match sort:
            case "num":
                numbers = cast("list[float]", [default if value is None else value for value in entries])
                values = share.doubles(array("d", numbers))
            case "bool":
                values = share.one(bytes(bool(default if value is None else value) for value in entries))
            case "tags":
                sets = cast("list[tuple[str, ...] | None]", entries)
                values = share.one(tuple(share.one(tuple(map(share.one, tags or ()))) for tags in sets))
            case _:
                values = share.one(tuple(map(share.one, entries)))
        return cls(name, sort, values, present)

    @property
    def observed(self) -> bool:
        """Whether there is an observation for any candidate."""
        return 1 in self.present

    @cached_property
    def fingerprint(self) -> str:
        """The digest of this column's observations (rule `snapshot/column`); defaults take no part in it."""
        from policy_ir.canonical import digest

        return digest(_PREFIX + encode(self.name) + encode(self.sort) + encode_flags(self.present) + self._encoded())

    def _encoded(self) -> bytes:
        """The bytes of the list of the observations that there are."""
        there: Iterable[Any] = compress(self.values, self.present) if 0 in self.present else self.values
        match self.sort:
            case "num":
                return encode_numbers(there)
            case "bool":
                return encode_flags(bytes(there))
            case _:
                return encode_texts(there)

    def observe(self, i: int) -> Observation:
        """What candidate `i` shows."""
        value = self.values[i]
        return Observation(bool(value) if self.sort == "bool" else value, bool(self.present[i]))

    def observations(self) -> list[FieldValue | None]:
        """The observations by candidate, None where there is none."""
        values = map(bool, self.values) if self.sort == "bool" else self.values
        return [value if known else None for value, known in zip(values, self.present, strict=True)]
