"""A snapshot's catalogue part as NumPy arrays, one per column, made when they are first asked for and kept.

All arrays are read-only and have one entry per candidate, in snapshot order. Masks of atoms are kept too, as many as
`MASKS`: most policies ask for the same few. Specification: chapter "Semantics", section "Observations".
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Hashable, Iterable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Final, TypeAlias, cast

import numpy as np

from policy_ir.cbor import encode_text
from policy_ir.evaluator.labels import Labels, Sets, bits, shut
from policy_ir.evaluator.relations import compared
from policy_ir.terms import Relation
from policy_ir.vocabulary import DEFAULT_TIER

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from policy_ir.snapshot import CataloguePart, Snapshot

Numbers: TypeAlias = "NDArray[np.float64]"
Mask: TypeAlias = "NDArray[np.bool_]"
Places: TypeAlias = "NDArray[np.intp]"

MASKS: Final = 128
"""How many masks of one catalogue are kept: 2.6 MB of 20,000 candidates."""


def columns_of(snapshot: Snapshot) -> Columns:
    """The arrays of a snapshot's catalogue part, shared by all snapshots with that catalogue part."""
    derived = snapshot.catalogue.derived
    found = derived.get("columns")
    if found is None:
        found = derived["columns"] = Columns(snapshot.catalogue)
    return cast(Columns, found)


class Columns:
    """The catalogue part of a snapshot by column; `columns_of` makes one."""

    def __init__(self, part: CataloguePart) -> None:
        self.vocabulary = part.vocabulary
        self.size = len(part.ids)
        self.state_places: Mapping[str, int] = {name: at for at, name in enumerate(part.state_fields)}
        self._keys = part.keys
        self._fields = part.fields
        self._numbers: dict[str, Numbers] = {}
        self._flags: dict[str, Mask] = {}
        self._known: dict[str, Mask] = {}
        self._tags: dict[str, Labels | Sets] = {}
        self._masks: dict[Hashable, Mask] = {}

    @cached_property
    def ids(self) -> NDArray[np.object_]:
        """The candidates' ids."""
        return shut(np.array(self._keys["id"].values, dtype=object))

    @cached_property
    def id_bytes(self) -> NDArray[np.object_]:
        """The head of a pair and the candidate's id as canonical bytes: what its entries in a record start with."""
        return shut(np.array([b"\x82" + encode_text(id) for id in self.ids], dtype=object))

    # --- fields of the catalogue ---------------------------------------------------------------------------------

    def numbers(self, field: str) -> Numbers:
        """The values of a numeric field."""
        found = self._numbers.get(field)
        if found is None:
            found = self._numbers[field] = np.asarray(self._fields[field].values)
        return found

    def flags(self, field: str) -> Mask:
        """The values of a boolean field."""
        found = self._flags.get(field)
        if found is None:
            found = self._flags[field] = bits(cast(bytes, self._fields[field].values))
        return found

    def known(self, field: str) -> Mask:
        """Where a field was observed."""
        found = self._known.get(field)
        if found is None:
            found = self._known[field] = bits(self._fields[field].present)
        return found

    def compared(self, field: str, rel: Relation, bound: float) -> Mask:
        """Where a numeric field stands in a relation to a number, which is a binary64 and not -0."""
        return self._mask(("cmp", field, rel, bound), lambda: compared(self.numbers(field), rel, bound))

    def tags(self, field: str, names: tuple[str, ...]) -> Mask:
        """Where a tag field shows one of these names."""
        return self._mask(("tag", field, names), lambda: self._tags_of(field).any_of(names))

    # --- a candidate's own keys ----------------------------------------------------------------------------------

    def equals(self, key: str, name: str | None) -> Mask:
        """Where `provider`, `family`, `served_by`, `tier` or `scope` is this; no scope is None, no tier `fallback`."""
        return self._mask((key, name), lambda: self._labels(key).any_of((name,)))

    def in_scope(self, scope: str | None) -> Mask:
        """Which candidates have no scope, or this one."""
        return self._mask(("in scope", scope), lambda: self._labels("scope").any_of({None, scope}))

    def of_tier(self, least: str) -> Mask:
        """Which candidates are of a declared tier or a later one."""
        rank = self.vocabulary.tier_rank(least)
        return self._mask(("of tier", least), lambda: self.tier_rank >= rank)

    def capability(self, name: str) -> Mask:
        """Which candidates have a capability."""
        return self._mask(("capability", name), lambda: self._capabilities.any_of((name,)))

    @cached_property
    def tier_rank(self) -> Places:
        """The 0-based place of each candidate's tier in the declared order; -1 for a tier that nobody declared."""
        tiers, rank = self._labels("tier"), self.vocabulary.tier_rank
        return shut(np.array([rank(name) for name in tiers.codes], dtype=np.intp)[tiers.at])

    @cached_property
    def contexts(self) -> list[float]:
        """The distinct values of `context`, ascending: requests that ask for one between the same two ask alike."""
        return cast("list[float]", np.unique(self.numbers("context")).tolist())

    def wide(self, least: float) -> Mask | bool:
        """Which candidates have a context of so many tokens; one mask for all that lie between the same two values."""
        place = bisect_left(self.contexts, least)
        return self.compared("context", "ge", self.contexts[place]) if place < len(self.contexts) else False

    @cached_property
    def pairs(self) -> tuple[Mapping[tuple[str | None, str | None], int], Places]:
        """A number for each pair of provider and family that occurs, and each candidate's."""
        both = zip(self._keys["provider"].values, self._keys["family"].values, strict=True)
        codes: dict[tuple[str | None, str | None], int] = {}
        numbers = (codes.setdefault(pair, len(codes)) for pair in cast(Iterable[tuple[str, str]], both))
        return codes, shut(np.fromiter(numbers, np.intp, self.size))

    @cached_property
    def _capabilities(self) -> Sets:
        return Sets(self._keys["capabilities"].values)

    def _labels(self, key: str) -> Labels:
        """The labels of a key, which a field of the same name need not show: a tier is never missing."""
        kept = f"key {key}"
        found = self._tags.get(kept)
        if found is None:
            values = self._keys[key].values
            if key == "tier":
                values = [DEFAULT_TIER if value is None else value for value in values]
            found = self._tags[kept] = Labels(values)
        return cast(Labels, found)

    def _tags_of(self, field: str) -> Labels | Sets:
        kept = f"field {field}"
        found = self._tags.get(kept)
        if found is None:
            column = self._fields[field]
            found = self._tags[kept] = (Sets if column.sort == "tags" else Labels)(column.values)
        return found

    def _mask(self, key: Hashable, made: Callable[[], Mask]) -> Mask:
        found = self._masks.get(key)
        if found is None:
            if len(self._masks) >= MASKS:
                self._masks.clear()
            found = self._masks[key] = shut(made())
        return found
