"""The immutable, columnar picture of a catalogue that a decision is made over, and its fingerprint.

A `Catalog` is anything that yields candidates; `Snapshot.take` checks them against a vocabulary and lays them out
by column. The order of the candidates is part of the snapshot: ties and `ordered` follow it. Specification: chapter
"Catalogue", section "Snapshot".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol, cast

import attrs

from policy_ir.candidate import RECORDED, Candidate, CandidateReader, shows_capability
from policy_ir.column import Column, Observation, Sharing
from policy_ir.diagnostics import Diagnostic, InternalError, Refused, codes, did_you_mean, quoted
from policy_ir.field_values import CATALOGUE, read_value
from policy_ir.syntax.bounds import DIAGNOSTICS
from policy_ir.syntax.places import step
from policy_ir.vocabulary.declarations import CANDIDATE_KEYS, DEFAULT_TIER, FieldValue

if TYPE_CHECKING:
    from policy_ir.vocabulary.declarations import FieldDeclaration, Vocabulary

__all__ = ["Candidate", "CandidateList", "Catalog", "CataloguePart", "Column", "Observation", "Snapshot"]


class Catalog(Protocol):
    """Anything that yields candidates for a vocabulary, in an order that it means."""

    def candidates(self, vocabulary: Vocabulary) -> Iterable[Candidate]:
        """The candidates, each id once."""


def _tuple(candidates: Iterable[Candidate]) -> tuple[Candidate, ...]:
    return tuple(candidates)


@attrs.frozen(slots=True)
class CandidateList:
    """The simplest catalogue: these candidates, in this order."""

    listed: tuple[Candidate, ...] = attrs.field(converter=_tuple)

    def candidates(self, vocabulary: Vocabulary) -> Iterable[Candidate]:
        """The candidates as given."""
        return self.listed


def _fingerprint(tag: str, value: object) -> str:
    from policy_ir.canonical import fingerprint

    return fingerprint(tag, value)


def _columns(columns: Iterable[Column]) -> list[list[str]]:
    """Name and digest of the columns with an observation, by name."""
    return sorted([column.name, column.fingerprint] for column in columns if column.observed)


@attrs.frozen(eq=False, repr=False)
class CataloguePart:
    """Everything of a snapshot that is not state, shared by all snapshots that follow one state with another.

    `keys` and `fields` are the columns of the candidates' own keys and of the fields whose source is the catalogue.
    `derived` is for what higher rooms compute from these columns and keep with them, each under a key of its own.
    """

    vocabulary: Vocabulary
    keys: Mapping[str, Column]
    fields: Mapping[str, Column]
    derived: dict[object, Any] = attrs.field(factory=dict, init=False)

    @cached_property
    def ids(self) -> tuple[str, ...]:
        """The candidates' ids, in order."""
        return cast("tuple[str, ...]", self.keys["id"].values)

    @cached_property
    def index(self) -> Mapping[str, int]:
        """The place of each id."""
        return {name: i for i, name in enumerate(self.ids)}

    @cached_property
    def state_fields(self) -> tuple[str, ...]:
        """The names of the fields whose source is the state, in the vocabulary's order."""
        return tuple(name for name, declared in self.vocabulary.fields.items() if declared.source == "state")

    @cached_property
    def fingerprint(self) -> str:
        """The digest of this part (rule `snapshot/catalogue`)."""
        parts = [len(self.ids), _columns(self.keys.values()), _columns(self.fields.values())]
        return _fingerprint("snapshot-catalogue/1", parts)


@attrs.frozen(eq=False, repr=False, kw_only=True)
class Snapshot:
    """Candidates by column, immutable. Make one with `take`; follow the live state with `with_state`.

    `catalogue` is the part that is not state; a snapshot that `with_state` gives has the same one. `fields` are the
    columns of the declared fields whose source is the catalogue or the state, by name. `derived` is for what higher
    rooms keep with this snapshot, each under a key of its own.
    """

    catalogue: CataloguePart
    fields: Mapping[str, Column]
    derived: dict[object, Any] = attrs.field(factory=dict, init=False)

    @classmethod
    def take(cls, catalog: Catalog, vocabulary: Vocabulary) -> Snapshot:
        """The snapshot of a catalogue at this moment.

        Raises `Refused` with every diagnostic of a candidate, a key or a value (`PIR0603` to `PIR0605`, `PIR0610`,
        `PIR0612`, `PIR0615`, `PIR0616`); pointers are those of a catalogue file, `/candidates/3/fields/price_in`.
        """
        candidates = tuple(catalog.candidates(vocabulary))
        reader = CandidateReader(vocabulary)
        records = []
        for index, candidate in enumerate(candidates):
            records.append(reader.read(index, candidate))
            if len(reader.found) >= DIAGNOSTICS:
                break
        if reader.found:
            raise Refused(reader.found[:DIAGNOSTICS])
        sharing = Sharing()
        keys = {
            name: Column.of(name, _key_sort(name), (getattr(c, name) for c in candidates), None, sharing)
            for name in (*CANDIDATE_KEYS, "capabilities")
        }
        fields = {
            name: Column.of(name, declared.sort, (record.get(name) for record in records), declared.default, sharing)
            for name, declared in vocabulary.fields.items()
            if declared.source in RECORDED
        }
        own = {name: column for name, column in fields.items() if vocabulary.fields[name].source == "catalogue"}
        return cls(catalogue=CataloguePart(vocabulary, keys, own), fields=fields)

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """The vocabulary that the candidates were checked under."""
        return self.catalogue.vocabulary

    @cached_property
    def keys(self) -> Mapping[str, Column]:
        """The columns of the candidates' own keys: `id` to `scope`, as a candidate has them, and `capabilities`."""
        return self.catalogue.keys

    @cached_property
    def state_fields(self) -> tuple[str, ...]:
        """The names of the fields whose source is the state, in the vocabulary's order."""
        return self.catalogue.state_fields

    @cached_property
    def size(self) -> int:
        """How many candidates there are."""
        return len(self.ids)

    @cached_property
    def ids(self) -> tuple[str, ...]:
        """The candidates' ids, in order."""
        return self.catalogue.ids

    @property
    def index(self) -> Mapping[str, int]:
        """The place of each id."""
        return self.catalogue.index

    def column(self, field: str) -> Column:
        """The column of a declared field whose source is the catalogue or the state."""
        try:
            return self.fields[field]
        except KeyError:
            raise InternalError(f"the snapshot has no column for {quoted(field)}") from None

    def observe(self, i: int, field: str) -> Observation:
        """What candidate `i` shows for a catalogue or state field."""
        return self.column(field).observe(i)

    def provider(self, i: int) -> str:
        """The provider of candidate `i`."""
        return self._text("provider", i)

    def family(self, i: int) -> str:
        """The model family of candidate `i`."""
        return self._text("family", i)

    def served_model(self, i: int) -> str:
        """The name under which candidate `i`'s provider serves the model."""
        return self._text("served_model", i)

    def served_by(self, i: int) -> str:
        """The route that executes a call to candidate `i`."""
        return self._text("served_by", i)

    def tier(self, i: int) -> str:
        """The tier of candidate `i`; `fallback` where it names none."""
        return self._text("tier", i) if self.keys["tier"].present[i] else DEFAULT_TIER

    def scope(self, i: int) -> str | None:
        """The scope of candidate `i`, None where it has none."""
        return self._text("scope", i) if self.keys["scope"].present[i] else None

    def capabilities(self, i: int) -> tuple[str, ...]:
        """The capability names of candidate `i`, sorted."""
        names = self.keys["capabilities"].values[i]
        assert isinstance(names, tuple)
        return names

    def has_capability(self, i: int, name: str) -> bool:
        """Whether candidate `i` has a capability."""
        return name in self.capabilities(i)

    def candidate(self, i: int) -> Candidate:
        """Candidate `i` as recorded; a snapshot of all of them is this snapshot."""
        keys = {name: _observation(column, i) for name, column in self.keys.items()}
        declared = self.vocabulary.fields
        fields = {
            name: value
            for name, column in self.fields.items()
            if name not in CANDIDATE_KEYS
            and (value := _observation(column, i)) is not None
            and not (shows_capability(declared[name]) and value is True)
        }
        return Candidate(**keys, fields=fields)  # type: ignore[arg-type]

    def with_state(self, updates: Mapping[str, Mapping[str, object]]) -> Snapshot:
        """This snapshot with other state: candidate id to state field to value, None for no observation.

        Columns that no update names are shared with this snapshot, their digests too. Raises `Refused` with every
        diagnostic: `PIR0613` (a field that is not state), `PIR0614` (an unknown candidate), and those of values;
        pointers are `/id/field`.
        """
        found: list[Diagnostic] = []
        changed: dict[str, list[FieldValue | None]] = {}
        for name, values in updates.items():
            if len(found) >= DIAGNOSTICS:
                break
            place = self.index.get(name)
            if place is None:
                found.append(_no_candidate(name, self.ids))
                continue
            for field, value in values.items():
                declared = self.vocabulary.fields.get(field)
                if declared is None or declared.source != "state":
                    found.append(_not_state(name, field, declared))
                    continue
                read, wrong = (
                    (None, []) if value is None else read_value(declared, value, step(step("", name), field), CATALOGUE)
                )
                found += wrong
                if field not in changed:
                    changed[field] = self.fields[field].observations()
                changed[field][place] = read
        if found:
            raise Refused(found[:DIAGNOSTICS])
        declared_fields = self.vocabulary.fields
        made = {
            name: Column.of(name, declared_fields[name].sort, observed, declared_fields[name].default)
            for name, observed in changed.items()
        }
        return attrs.evolve(self, fields={**self.fields, **made})

    @property
    def catalogue_fingerprint(self) -> str:
        """The digest of everything that is not state (rule `snapshot/catalogue`)."""
        return self.catalogue.fingerprint

    @cached_property
    def state_fingerprint(self) -> str:
        """The digest of the state (rule `snapshot/state`)."""
        return _fingerprint("snapshot-state/1", [self.size, self._state()])

    @cached_property
    def fingerprint(self) -> str:
        """The fingerprint of the snapshot (rule `snapshot/fingerprint`)."""
        return _fingerprint("snapshot/1", [self.catalogue_fingerprint, self.state_fingerprint])

    def _state(self) -> list[list[str]]:
        return _columns(self.fields[name] for name in self.state_fields)

    def _text(self, key: str, i: int) -> str:
        text = self.keys[key].values[i]
        assert isinstance(text, str)
        return text

    def __repr__(self) -> str:
        return f"Snapshot({self.size} candidates, {self.fingerprint})"


def _observation(column: Column, i: int) -> FieldValue | None:
    shown = column.observe(i)
    return shown.value if shown.known else None


def _key_sort(name: str) -> str:
    return "tags" if name == "capabilities" else "tag"


def _no_candidate(name: str, known: Iterable[str]) -> Diagnostic:
    return Diagnostic(
        code=codes.STATE_CANDIDATE,
        message=f"no candidate has the id {quoted(name)}",
        pointer=step("", name),
        found=quoted(name),
        expected="the id of a candidate of the snapshot",
        help=did_you_mean(name, known),
    )


def _not_state(name: str, field: str, declared: FieldDeclaration | None) -> Diagnostic:
    source = "does not declare" if declared is None else f"takes from the {declared.source}"
    return Diagnostic(
        code=codes.STATE_FIELD,
        message=f"{quoted(field)} is a field that the vocabulary {source}",
        pointer=step(step("", name), field),
        found=quoted(field),
        expected="a field whose source is `state`",
    )
