"""The live state of all candidates, in columns: what an evaluator reads instead of a new snapshot for each call.

An overlay says what an update of the state says (`Snapshot.with_state`), for all candidates at once and in one typed
buffer per field, so that a host can copy a second's latencies in without making an object of each. Specification:
chapter "Catalogue", section "New state".
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import attrs

from policy_ir.field_values import CATALOGUE, read_value
from policy_ir.snapshot import CataloguePart, Column, Snapshot
from policy_ir.syntax.bounds import DIAGNOSTICS
from policy_ir.vocabulary.declarations import FieldDeclaration, FieldValue

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["UNKNOWN", "Overlay"]

UNKNOWN: Final = 255
"""The byte that stands for no observation in a column of booleans; in a column of numbers it is NaN."""

_GREATEST: Final = sys.float_info.max


@attrs.frozen(slots=True, eq=False, repr=False)
class Overlay:
    """The state of every candidate of a catalogue part, immutable; two overlays are never equal.

    `catalogue` is the part that it fits. `columns`, `buffers`, `arrays` and `known` have one entry per state field, in
    the order of `Snapshot.state_fields`. A buffer has one entry per candidate, in the snapshot's order: doubles (`num`,
    a read-only memoryview of format `d`), bytes of 0 and 1 (`bool`), a tuple (`tag`, `tags`), with the field's default
    where nothing was observed. `known` has bytes of 0 and 1, or None where all is observed.
    """

    base: Snapshot
    columns: tuple[Column, ...]
    catalogue: CataloguePart
    buffers: tuple[Any, ...]
    known: tuple[bytes | None, ...]

    @classmethod
    def of(cls, snapshot: Snapshot) -> Overlay:
        """The state that a snapshot itself has; the same overlay each time."""
        made: Overlay | None = snapshot.derived.get(cls)
        if made is None:
            columns = [snapshot.fields[name] for name in snapshot.state_fields]
            made = snapshot.derived[cls] = cls._made(snapshot, columns)
        return made

    @classmethod
    def take(cls, snapshot: Snapshot, columns: Mapping[str, Any]) -> Overlay:
        """The state of a snapshot with these columns in place of its own, each a name of a state field and a buffer.

        A column has an entry per candidate, in the snapshot's order, and is copied. `num`: doubles (an `array` of
        typecode `d`, a float64 array of NumPy), NaN for no observation. `bool`: bytes, or a NumPy array of uint8 or
        bool, of 0, 1, and 255 (`UNKNOWN`) for no observation. `tag` and `tags`: a sequence of what an update of the
        state may give, None for no observation.

        Raises `Refused` with what `Snapshot.with_state` finds in an update that says the same, its candidates in the
        snapshot's order; ValueError for a column of another length, TypeError for one of other entries.
        """
        return cls.of(snapshot).replace(columns)

    def replace(self, columns: Mapping[str, Any]) -> Overlay:
        """This state with these columns in place of its own; the others are shared. Raises like `take`."""
        made = list(self.columns)
        refused: list[tuple[str, Iterable[tuple[int, object]]]] = []
        fields = self.base.state_fields
        for name, given in columns.items():
            if name not in fields:
                refused.append((name, ((i, None) for i in range(self.base.size))))
                continue
            declared = self.base.vocabulary.fields[name]
            column, wrong = _READERS[declared.sort](declared, given, self.base.size)
            made[fields.index(name)] = column
            refused.append((name, wrong))
        if any(wrong for _, wrong in refused):
            self._refuse(refused)
        return self._made(self.base, made)

    @cached_property
    def arrays(self) -> tuple[NDArray[Any] | None, ...]:
        """The buffers as NumPy arrays of float64 and bool that cannot be written to, not copied; None for tags."""
        return tuple(_array(column) for column in self.columns)

    @cached_property
    def snapshot(self) -> Snapshot:
        """The snapshot with this state: equal in all that it shows to one that `with_state` gives."""
        changed = {column.name: column for column in self.columns if column is not self.base.fields[column.name]}
        return attrs.evolve(self.base, fields={**self.base.fields, **changed}) if changed else self.base

    @classmethod
    def _made(cls, base: Snapshot, columns: Sequence[Column]) -> Overlay:
        buffers = tuple(column.values for column in columns)
        known = tuple(column.present if 0 in column.present else None for column in columns)
        return cls(base, tuple(columns), base.catalogue, buffers, known)

    def _refuse(self, refused: Iterable[tuple[str, Iterable[tuple[int, object]]]]) -> None:
        """Let an update of the state that says what is wrong, and nothing else, find it."""
        rows: dict[int, dict[str, object]] = {}
        for name, wrong in refused:
            for _, (i, value) in zip(range(DIAGNOSTICS), wrong, strict=False):
                rows.setdefault(i, {})[name] = value
        self.base.with_state({self.base.ids[i]: rows[i] for i in sorted(rows)})

    def __repr__(self) -> str:
        return f"Overlay({self.base.size} candidates, {', '.join(self.base.state_fields)})"


_Wrong = list[tuple[int, object]]


def _numbers(declared: FieldDeclaration, given: Any, size: int) -> tuple[Any, _Wrong]:
    import numpy as np

    data = _bytes(declared, given, "d", size)
    numbers = np.frombuffer(data)
    present = numbers == numbers
    low = -_GREATEST if declared.minimum is None else declared.minimum
    high = _GREATEST if declared.maximum is None else declared.maximum
    refused = present & ~((low <= numbers) & (numbers <= high))
    if refused.any():
        return None, [(i, float(numbers[i])) for i in map(int, np.flatnonzero(refused)[:DIAGNOSTICS])]
    # Adding 0.0 makes 0.0 of -0.0 and changes nothing else.
    values = np.where(present, numbers + 0.0, declared.default).tobytes()
    return Column(declared.name, "num", memoryview(values).cast("d"), present.tobytes()), []


def _flags(declared: FieldDeclaration, given: Any, size: int) -> tuple[Any, _Wrong]:
    import numpy as np

    data = _bytes(declared, given, "B?", size)
    flags = np.frombuffer(data, np.uint8)
    present = flags != UNKNOWN
    refused = present & (flags > 1)
    if refused.any():
        return None, [(i, int(flags[i])) for i in map(int, np.flatnonzero(refused)[:DIAGNOSTICS])]
    values = np.where(present, flags, np.uint8(bool(declared.default))).tobytes()
    return Column(declared.name, "bool", values, present.tobytes()), []


def _texts(declared: FieldDeclaration, given: Any, size: int) -> tuple[Any, _Wrong]:
    if isinstance(given, str | bytes) or not isinstance(given, Sequence):
        raise TypeError(f"the column `{declared.name}` is a sequence of tags")
    _check_length(declared.name, len(given), size)
    observed: list[FieldValue | None] = []
    wrong: _Wrong = []
    for i, value in enumerate(given):
        read, found = (None, []) if value is None else read_value(declared, value, "", CATALOGUE)
        observed.append(read)
        if found:
            wrong.append((i, value))
    return Column.of(declared.name, declared.sort, observed, None), wrong


_READERS: Final[Mapping[str, Any]] = {"num": _numbers, "bool": _flags, "tag": _texts, "tags": _texts}


def _bytes(declared: FieldDeclaration, given: Any, formats: str, size: int) -> bytes:
    """A copy of a buffer of one dimension, of the right length and one of these formats."""
    view = memoryview(given)
    if view.ndim != 1 or view.format not in formats:
        raise TypeError(f"the column `{declared.name}` is a buffer of {_ENTRIES[declared.sort]}")
    _check_length(declared.name, len(view), size)
    return view.tobytes()


_ENTRIES: Final = {"num": "doubles", "bool": "bytes of 0, 1 and 255"}


def _check_length(name: str, length: int, size: int) -> None:
    if length != size:
        raise ValueError(f"the column `{name}` has {length} entries for {size} candidates")


def _array(column: Column) -> NDArray[Any] | None:
    import numpy as np

    match column.sort:
        case "num":
            return np.frombuffer(column.values)
        case "bool":
            return np.frombuffer(column.values, bool)
        case _:
            return None
