"""What the importers share: exact prices, values checked one by one, and a report of all that is left out.

An importer reads a list that somebody else maintains. It never refuses the whole for a row, and never drops one in
silence: a row that is not imported is reported (`PIR0608`) with the reason, a value that is not imported likewise
(`PIR0609`), one report per kind where a whole column has no place in the vocabulary. Specification: chapter
"Catalogue", section "Importers".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import reduce
from string import ascii_lowercase, ascii_uppercase
from typing import TYPE_CHECKING, Any

import attrs

from policy_ir.candidate import Candidate
from policy_ir.diagnostics import Diagnostic, Refused, codes, quoted
from policy_ir.field_values import CATALOGUE, binary64, name_problem, read_value
from policy_ir.snapshot import CandidateList
from policy_ir.syntax.places import step

if TYPE_CHECKING:
    from policy_ir.syntax.document import Document
    from policy_ir.vocabulary.declarations import FieldValue, Vocabulary


@attrs.frozen(kw_only=True)
class Imported:
    """What an importer made of a price list: candidates by id, and everything it left out.

    `skipped` has the rows (`PIR0608`) and then the values (`PIR0609`) that were not imported, each in source order.
    """

    candidates: tuple[Candidate, ...]
    skipped: tuple[Diagnostic, ...]

    @property
    def rows_skipped(self) -> tuple[Diagnostic, ...]:
        """The reports of whole rows."""
        return tuple(found for found in self.skipped if found.code is codes.IMPORT_SKIPPED)

    @property
    def values_ignored(self) -> tuple[Diagnostic, ...]:
        """The reports of single values, or of columns."""
        return tuple(found for found in self.skipped if found.code is codes.IMPORT_IGNORED)

    @property
    def catalog(self) -> CandidateList:
        """The candidates as a catalogue."""
        return CandidateList(self.candidates)


@attrs.define
class _Column:
    """A column that is not imported: why, how often, where first."""

    reason: str
    pointer: str
    rows: int = 0


@attrs.define
class Import:
    """One import under way. What is left out of a row is reported when the row is imported: by `add`, not by `skip`."""

    vocabulary: Vocabulary
    source: str
    made: dict[str, Candidate] = attrs.field(factory=dict)
    rows: list[Diagnostic] = attrs.field(factory=list)
    values: list[Diagnostic] = attrs.field(factory=list)
    columns: dict[str, _Column] = attrs.field(factory=dict)
    _row_values: list[Diagnostic] = attrs.field(factory=list, init=False)
    _row_columns: list[tuple[str, str, str]] = attrs.field(factory=list, init=False)

    def skip(self, pointer: str, who: str, reason: str) -> None:
        """Reports a row that is not imported, and nothing of what is in it."""
        self._row_values.clear()
        self._row_columns.clear()
        self.rows.append(
            Diagnostic(
                code=codes.IMPORT_SKIPPED,
                message=f"{quoted(who)} was not imported: {reason}",
                pointer=pointer,
                source=self.source,
            )
        )

    def ignore(self, pointer: str, value: object, reason: str) -> None:
        """Reports one value of a row that is not imported."""
        self._row_values.append(
            Diagnostic(
                code=codes.IMPORT_IGNORED,
                message=f"{quoted(value)} was not imported: {reason}",
                pointer=pointer,
                source=self.source,
                found=quoted(value),
            )
        )

    def ignore_column(
        self, name: str, pointer: str, reason: str = "nothing of the vocabulary corresponds to it"
    ) -> None:
        """Counts a value of a column that is not imported; the column is reported once."""
        self._row_columns.append((name, reason, pointer))

    def add(self, pointer: str, candidate: Candidate, row: Mapping[str, Any]) -> None:
        """Takes the finished candidate of a row, unless a name of it is none or its id is taken."""
        for key in ("id", "provider", "family", "served_model"):
            if (problem := name_problem(getattr(candidate, key))) is not None:
                self.skip(pointer, candidate.id, f"its {key} {problem}")
                return
        if candidate.id in self.made:
            self.skip(pointer, candidate.id, "an earlier row has the same id")
            return
        self.made[candidate.id] = candidate
        self.values += sorted(self._row_values, key=lambda one: _place(row, one.pointer or "", pointer))
        self._row_values.clear()
        for name, reason, at in self._row_columns:
            self.columns.setdefault(name, _Column(reason, at)).rows += 1
        self._row_columns.clear()

    def result(self) -> Imported:
        """The candidates sorted by id, and all reports."""
        columns = [
            Diagnostic(
                code=codes.IMPORT_IGNORED,
                message=f"{quoted(name)} of {column.rows} {'row' if column.rows == 1 else 'rows'} was not imported: "
                + column.reason,
                pointer=column.pointer,
                source=self.source,
            )
            for name, column in sorted(self.columns.items())
        ]
        return Imported(
            candidates=tuple(self.made[name] for name in sorted(self.made)),
            skipped=(*self.rows, *self.values, *columns),
        )


def _place(row: Any, pointer: str, start: str) -> tuple[int, ...]:
    """Where a value stands among those of its row: the place of each key on the way to it."""
    place: list[int] = []
    for name in pointer.removeprefix(start).split("/")[1:]:
        if not isinstance(row, Mapping):
            break
        place.append(list(row).index(name))
        row = row[name]
    return tuple(place)


@attrs.define
class Row:
    """A row that is being imported: what it has given so far."""

    batch: Import
    pointer: str
    row: Mapping[str, Any]
    fields: dict[str, FieldValue] = attrs.field(factory=dict)
    capabilities: set[str] = attrs.field(factory=set)
    denied: set[str] = attrs.field(factory=set)

    def finish(self, **keys: str) -> None:
        """Makes a candidate with these keys of what the row has given."""
        candidate = Candidate(**keys, capabilities=self.capabilities, fields=self.fields)
        self.batch.add(self.pointer, candidate, self.row)

    def part(self, row: Mapping[str, Any], key: str) -> Mapping[str, Any]:
        """The object under a key of the row, an empty one where there is none."""
        value = row.get(key)
        if value is None or isinstance(value, Mapping):
            return value or {}
        self.batch.ignore(f"{self.pointer}/{key}", value, "it is not an object")
        return {}

    def names(self, row: Mapping[str, Any], path: str) -> list[str] | None:
        """The list of names under the last key of a path; None where it says nothing."""
        value = row.get(path.rpartition("/")[2])
        if value is None or isinstance(value, list):
            return value
        self.batch.ignore(f"{self.pointer}/{path}", value, "it is not a list of names")
        return None

    def flags(self, path: str, names: list[str] | None, known: Mapping[str, str]) -> None:
        """A list that is there is complete: what is not in it is known to be missing."""
        if names is not None:
            for name, capability in known.items():
                self.flag(capability, name in names, f"{self.pointer}/{path}")

    def column(self, value: object, *path: str) -> None:
        """Counts a value, by the keys on the way to it, that nothing of the vocabulary corresponds to; None is none."""
        if value is not None:
            self.batch.ignore_column(".".join(path), reduce(step, path, self.pointer))

    def takes(self, field: str, value: object, at: str) -> bool:
        """Whether there is a value, and a field for it; without the field it is a column that is not imported."""
        if value is None:
            return False
        if field in self.batch.vocabulary.fields:
            return True
        path = at.removeprefix(self.pointer).removeprefix("/").replace("/", ".")
        if path:  # what the name of the model says is of no column
            reason = f"the vocabulary {quoted(self.batch.vocabulary.name)} does not declare {quoted(field)}"
            self.batch.ignore_column(path, at, reason)
        return False

    def put(self, field: str, value: object, at: str) -> None:
        """Gives a declared field a value; None is no value."""
        if not self.takes(field, value, at):
            return
        declared = self.batch.vocabulary.fields[field]
        read, wrong = read_value(declared, value, at, CATALOGUE)
        if read is None:
            self.batch.ignore(at, value, f"{quoted(field)} takes {wrong[0].expected}")
        else:
            self.fields[field] = read

    def flag(self, capability: str, value: object, at: str) -> None:
        """Gives the candidate a capability, or says that it is known not to have it; None says nothing."""
        if value is True:
            self.capabilities.add(capability)
        elif value is False:
            self.denied.add(capability)
            if capability in self.batch.vocabulary.fields:
                self.put(capability, False, at)
        elif value is not None:
            self.batch.ignore(at, value, "it is not a boolean")

    def announced(self, date: object, at: str) -> None:
        """Says that the end of the model is announced, by a text that is not empty; None says nothing."""
        if not self.takes("deprecated", date, at):
            return
        if isinstance(date, str) and date:
            self.put("deprecated", True, at)
        else:
            self.batch.ignore(at, date, "it is no date")

    def price(self, field: str, usd: object, at: str, *, tokens: int = 1) -> None:
        """Gives a field the price of a million tokens, from the price in USD of so many; None is no price."""
        if not self.takes(field, usd, at):
            return
        price = per_million(usd, tokens)
        if price is None:
            self.batch.ignore(at, usd, "it is not a price of 0 or more")
        else:
            self.put(field, price, at)

    def limit(self, field: str, value: object, at: str) -> None:
        """Gives a field a number of tokens; None is no limit, and a limit below 1 says nothing."""
        if not self.takes(field, value, at):
            return
        number = binary64(value)
        if number is None or number < 1 or not number.is_integer():
            self.batch.ignore(at, value, "it is no number of tokens, 1 or more")
        else:
            self.put(field, number, at)


def per_million(usd: object, tokens: int = 1) -> float | None:
    """USD per million tokens, from the decimal price of 1 or 1,000,000 tokens; None for what is no price.

    The decimal is that of the text (a string) or the shortest one that reads back as the number (a binary64); the
    product is exact, and the result the binary64 nearest to it. Rule `import/price`.
    """
    number = binary64(usd)
    text = usd if isinstance(usd, str) else "" if number is None else repr(number)
    written = _DECIMAL.fullmatch(text)
    if written is None:
        return None
    shift = 6 if tokens == 1 else 0
    # `float` rounds a decimal correctly, so moving the point in the text is the exact product.
    price = binary64(float(f"{written['mantissa']}e{int(written['exponent'] or 0) + shift}"))
    lost = price == 0 and written["mantissa"].strip("0.") != ""
    return None if price is None or lost else price


_DECIMAL = re.compile(r"(?P<mantissa>[0-9]+(?:\.[0-9]+)?)(?:[eE](?P<exponent>[+-]?[0-9]{1,4}))?", re.ASCII)


def family_of(model: str) -> str:
    """The model family of a served model's name, by its spelling alone (rules `family/...`).

    The last segment of the name, in lower case, without a release date at its end. So `openai/gpt-5-2025-08-07` and
    `GPT-5` are of the family `gpt-5`.
    """
    last = model.rpartition("/")[2] or model
    return _DATE.sub("", last.translate(_LOWER))


_LOWER = str.maketrans(ascii_uppercase, ascii_lowercase)
_DATE = re.compile(r"(?<=.)[@-]20(?:[0-9]{6}|[0-9]{2}-[0-9]{2}-[0-9]{2})\Z", re.DOTALL)
"""A date of this century at the end of a name: `-20YYMMDD`, `-20YY-MM-DD`, either also after `@`."""


def rows_of(value: Mapping[str, Any], pointer: str) -> Iterable[tuple[str, str, Any]]:
    """The entries of an object: key, pointer, value."""
    return ((key, step(pointer, key), entry) for key, entry in value.items())


def unknown_format(what: str, expected: str, source: str, document: Document) -> Refused:
    """The refusal of a text that is no price list of the kind."""
    message = f"the text is not {what}"
    found = Diagnostic(code=codes.IMPORT_FORMAT, message=message, pointer="", source=source, expected=expected)
    return Refused([found], document)
