"""What changed between two catalogues, candidate by candidate.

Specification: chapter "Catalogue", section "Differences".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import attrs

from policy_ir.candidate import Candidate

_KEYS = ("provider", "family", "served_model", "served_by", "tier", "scope", "capabilities")


@attrs.frozen
class Change:
    """One value of one candidate that differs: `what` is a key, or `fields/` and a field's name; None is absent."""

    id: str
    what: str
    old: object
    new: object


@attrs.frozen
class CatalogDiff:
    """The difference of two catalogues. Ids are in the order of the catalogue they are in, changes in the new one's.

    `reordered` says whether the candidates that both have stand in another order, which decisions can see.
    """

    added: tuple[str, ...]
    removed: tuple[str, ...]
    changed: tuple[Change, ...]
    reordered: bool

    def __bool__(self) -> bool:
        return bool(self.added or self.removed or self.changed or self.reordered)


def diff(old: Iterable[Candidate], new: Iterable[Candidate]) -> CatalogDiff:
    """What it takes to come from one catalogue to another; ids are unique in each."""
    before = {candidate.id: candidate for candidate in old}
    after = {candidate.id: candidate for candidate in new}
    kept = [name for name in after if name in before]
    return CatalogDiff(
        added=tuple(name for name in after if name not in before),
        removed=tuple(name for name in before if name not in after),
        changed=tuple(change for name in kept for change in _changes(before[name], after[name])),
        reordered=kept != [name for name in before if name in after],
    )


def _changes(old: Candidate, new: Candidate) -> Iterable[Change]:
    for key in _KEYS:
        if getattr(old, key) != getattr(new, key):
            yield Change(new.id, key, getattr(old, key), getattr(new, key))
    before, after = _fields(old), _fields(new)
    for name in sorted(before.keys() | after.keys()):
        if before.get(name) != after.get(name):
            yield Change(new.id, f"fields/{name}", before.get(name), after.get(name))


def _fields(candidate: Candidate) -> Mapping[str, object]:
    """The fields by value: sets as sorted tuples, however they were given."""
    return {
        name: tuple(sorted(set(value))) if isinstance(value, list | tuple | set | frozenset) else value
        for name, value in candidate.fields.items()
    }
