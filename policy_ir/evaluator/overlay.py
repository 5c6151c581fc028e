"""The live state of all candidates, in columns: what an evaluator reads instead of a new snapshot for each call.

An overlay says what an update of the state says (`Snapshot.with_state`), for all candidates at once and in one typed
buffer per field, so that a host can copy a second's latencies in without making an object of each. Specification:
chapter "Catalogue", section "New state".
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, cast

import attrs

from policy_ir.column import Column
from policy_ir.field_values import CATALOGUE, read_value
from policy_ir.snapshot import CataloguePart, Snapshot
from policy_ir.syntax.bounds import DIAGNOSTICS
from policy_ir.vocabulary.declarations import FieldDeclaration, FieldValue

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["UNKNOWN", "Overlay"]

UNKNOWN: Final = 255
"""The byte that stands for no observation in a column of booleans; in a column of numbers it is NaN."""


@attrs.frozen(slots=True, eq=False, repr=False)
class Overlay:
    """The state of every candidate of a catalogue part, immutable; an overlay equals itself only.

    `catalogue` is the part that it fits, and `base` the snapshot that it was taken from. `columns`, `buffers`, `arrays`
    and `known` have one entry per state field, in the order of `Snapshot.state_fields`. A buffer has one entry per
    candidate, in the snapshot's order: doubles (`num`, a read-only memoryview of format `d`), bytes of 0 and 1
    (`bool`), a tuple (`tag`, `tags`), with the field's default where there is no observation. An array is the buffer as
    NumPy sees it, float64 or bool, not copied and not writable; None for tags. `known` has bytes of 0 and 1, or None
    where all is observed.
    """

    base: Snapshot
    catalogue: CataloguePart
    columns: tuple[Column, ...]
    buffers: tuple[Any, ...]
    arrays: tuple[Any, ...]
    known: tuple[bytes | None, ...]

    @classmethod
    def of(cls, snapshot: Snapshot) -> Overlay:
        """The state that a snapshot itself has; the same overlay each time."""
        made: Overlay | None = snapshot.derived.get(cls)
        if made is None:
            columns = tuple([snapshot.fields[name] for name in snapshot.state_fields])
            buffers = tuple([column.values for column in columns])
            arrays, known = tuple(map(_array, columns)), tuple(map(_known, columns))
            made = snapshot.derived[cls] = cls(snapshot, snapshot.catalogue, columns, buffers, arrays, known)
        return made

    @classmethod
    def take(cls, snapshot: Snapshot, columns: Mapping[str, Any]) -> Overlay:
        """The state of a snapshot with these columns in place of its own: names of state fields to what they show.

        A column has an entry per candidate, in the snapshot's order, and is copied. `num`: doubles (an `array` of
        typecode `d`, a float64 array of NumPy), NaN for no observation. `bool`: bytes (or a NumPy array of uint8 or
        bool) of 0, 1, and 255 (`UNKNOWN`) for no observation. `tag` and `tags`: a sequence of what an update of the
        state may give, None for no observation.

        Raises `Refused` with what `Snapshot.with_state` finds in an update that says the same, its candidates in the
        snapshot's order; ValueError for a column of another length, TypeError for one of other entries.
        """
        return cls.of(snapshot).replace(columns)

    def replace(self, columns: Mapping[str, Any]) -> Overlay:
        """This state with these columns in place of its own; the others are shared. Raises like `take`."""
        base = self.base
        fields, declared = base.state_fields, base.vocabulary.fields
        made, buffers, arrays, known = list(self.columns), list(self.buffers), list(self.arrays), list(self.known)
        refused: dict[str, Iterable[_Entry]] = {}
        for name, given in columns.items():
            if name not in fields:
                refused[name] = [(i, None) for i in range(min(base.size, DIAGNOSTICS))]
                continue
            column, wrong = _READERS[declared[name].sort](declared[name], given, base.size)
            if wrong:
                refused[name] = wrong
            place = fields.index(name)
            made[place], buffers[place], known[place] = column, column.values, _known(column)
            arrays[place] = _array(column)
        if refused:
            self._refuse(refused)
        return Overlay(base, self.catalogue, tuple(made), tuple(buffers), tuple(arrays), tuple(known))

    @cached_property
    def snapshot(self) -> Snapshot:
        """The snapshot with this state: it shows what one shows that `with_state` gives, and has its fingerprint."""
        changed = {column.name: column for column in self.columns if column is not self.base.fields[column.name]}
        return attrs.evolve(self.base, fields={**self.base.fields, **changed}) if changed else self.base

    def _refuse(self, refused: Mapping[str, Iterable[_Entry]]) -> None:
        """Leave the findings to an update of the state that says what is wrong, and nothing else."""
        update: dict[int, dict[str, object]] = {}
        for name, entries in refused.items():
            for i, value in entries:
                update.setdefault(i, {})[name] = value
        self.base.with_state({self.base.ids[i]: update[i] for i in sorted(update)})

    def __repr__(self) -> str:
        return f"Overlay({self.base.size} candidates, {', '.join(self.base.state_fields)})"


def _known(column: Column) -> bytes | None:
    return column.present if 0 in column.present else None


# --- the columns of each sort: one that may stand, or the first entries that may not ----------------------------

_Entry = tuple[int, object]
_Read = tuple[Column, Sequence[_Entry]]

_GREATEST: Final = sys.float_info.max


def _numbers(declared: FieldDeclaration, given: Any, size: int) -> _Read:
    import numpy as np

    numbers: Any = np.array(_view(declared, given, "d", "doubles", size))
    low = -_GREATEST if declared.minimum is None else declared.minimum
    high = _GREATEST if declared.maximum is None else declared.maximum
    present, wrong = b"\1" * size, list[_Entry]()
    # With a NaN among them, the least number and the greatest are NaN, and in no range.
    least = np.minimum.reduce(numbers, initial=high)
    if low <= least and np.maximum.reduce(numbers, initial=low) <= high:
        if least <= 0.0:
            numbers += 0.0  # which makes 0.0 of -0.0, and nothing of anything else
    else:
        known = numbers == numbers
        refused = np.flatnonzero(known & ~((low <= numbers) & (numbers <= high)))[:DIAGNOSTICS].tolist()
        wrong += [(i, float(numbers[i])) for i in refused]
        np.add(numbers, 0.0, out=numbers, where=known)
        numbers[~known] = declared.default
        present = known.tobytes()
    numbers.setflags(write=False)
    return Column(declared.name, declared.sort, cast("Any", memoryview(numbers)), present), wrong


def _flags(declared: FieldDeclaration, given: Any, size: int) -> _Read:
    flags = _view(declared, given, "B?", "bytes of 0, 1 and 255", size).tobytes()
    wrong = list[_Entry]()
    if flags.translate(None, b"\0\1\xff"):
        wrong += [(i, flag) for i, flag in enumerate(flags) if 1 < flag < UNKNOWN][:DIAGNOSTICS]
    present = b"\1" * size
    if UNKNOWN in flags:
        present = flags.translate(_PRESENT)
        flags = flags.replace(b"\xff", b"\1" if declared.default else b"\0")
    return Column(declared.name, declared.sort, flags, present), wrong


_PRESENT: Final = b"\1" * UNKNOWN + b"\0"


def _texts(declared: FieldDeclaration, given: Any, size: int) -> _Read:
    if isinstance(given, str) or not isinstance(given, Sequence):
        raise _wrong_entries(declared, "texts" if declared.sort == "tag" else "sets of texts")
    _check_length(declared, len(given), size)
    observed: list[FieldValue | None] = []
    wrong = list[_Entry]()
    for i, value in enumerate(given):
        read, found = (None, ()) if value is None else read_value(declared, value, "", CATALOGUE)
        observed.append(read)
        if found:
            wrong.append((i, value))
            if len(wrong) == DIAGNOSTICS:
                break
    return Column.of(declared.name, declared.sort, observed, None), wrong


_READERS: Final[Mapping[str, Callable[[FieldDeclaration, Any, int], _Read]]] = {
    "num": _numbers,
    "bool": _flags,
    "tag": _texts,
    "tags": _texts,
}


def _view(declared: FieldDeclaration, given: Any, formats: str, entries: str, size: int) -> memoryview:
    """A buffer of one dimension and of one of these formats, with an entry per candidate."""
    try:
        view = memoryview(given)
    except TypeError:
        raise _wrong_entries(declared, entries) from None
    if view.ndim != 1 or view.format not in formats:
        raise _wrong_entries(declared, entries)
    _check_length(declared, len(view), size)
    return view


def _wrong_entries(declared: FieldDeclaration, entries: str) -> TypeError:
    return TypeError(f"the column `{declared.name}` is not one of {entries}")


def _check_length(declared: FieldDeclaration, length: int, size: int) -> None:
    if length != size:
        raise ValueError(f"the column `{declared.name}` has {length} entries for {size} candidates")


def _array(column: Column) -> NDArray[Any] | None:
    import numpy as np

    values: Any = column.values
    match column.sort:
        case "num":
            return np.frombuffer(values)
        case "bool":
            return np.frombuffer(values, bool)
        case _:
            return None
