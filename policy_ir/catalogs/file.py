"""The catalogue file format: JSON or TOML, the same keys. Specification: chapter "Catalogue", section "Files".

The JSON Schema of the format is shipped as `data/schemas/catalog.schema.json`.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import attrs

from policy_ir.candidate import Candidate, CandidateReader, no_model
from policy_ir.diagnostics import Code, Diagnostic, Refused, codes, did_you_mean, one_of, quoted
from policy_ir.field_values import CATALOGUE, check_name
from policy_ir.syntax.bounds import DIAGNOSTICS
from policy_ir.syntax.places import step

if TYPE_CHECKING:
    from policy_ir.syntax.document import Document
    from policy_ir.vocabulary.declarations import Vocabulary

VERSION: Final = 1
MAX_BYTES: Final = 16 * 1024 * 1024
"""The most bytes of a catalogue file or price list in JSON."""
MAX_TOML_BYTES: Final = 1024 * 1024
"""The most bytes of a catalogue file in TOML, which people write and which takes long to read."""

MAX_ROWS: Final = 65_536
"""The most candidates of a catalogue file, and rows of a price list."""

_TOP: Final = ("catalog", "vocabulary", "about", "date", "sources", "candidates")
_NAMES: Final = ("id", "provider", "family", "served_model", "served_by", "tier", "scope")
_CANDIDATE: Final = (*_NAMES, "capabilities", "fields")


@attrs.frozen(kw_only=True, repr=False)
class CatalogFile:
    """A catalogue as read from a file; a `Catalog`, in the order of the file.

    `vocabulary_name` is the vocabulary that the file says it is written for; `about`, `date` and `sources` are words
    for people, None or empty where the file has none.
    """

    name: str
    vocabulary_name: str
    listed: tuple[Candidate, ...]
    about: str | None = None
    date: str | None = None
    sources: tuple[str, ...] = ()

    def candidates(self, vocabulary: Vocabulary) -> Iterable[Candidate]:
        """The candidates of the file."""
        return self.listed

    def __repr__(self) -> str:
        return f"CatalogFile({self.name!r}, {len(self.listed)} candidates)"


def load_catalog(path: str | os.PathLike[str], vocabulary: Vocabulary | None = None) -> CatalogFile:
    """The catalogue in a `.json` or `.toml` file, or JSON on standard input (`-`), checked against a vocabulary.

    Without one, the vocabulary that the file names, if it is a shipped one. Raises `Refused` with every diagnostic:
    those of reading and of JSON, `PIR0601` to `PIR0606`, `PIR0610` to `PIR0612`, `PIR0615`, `PIR0616`, `PIR0702`.
    """
    name, text = read_large_text(path)
    return read_catalog(text, name, vocabulary, syntax="toml" if name.endswith(".toml") else "json")


def read_large_text(path: str | os.PathLike[str]) -> tuple[str, str]:
    """Name and text of a file of at most 16 MiB. Raises `Refused` (`PIR0001` to `PIR0005`, `PIR0611`)."""
    from policy_ir.syntax.source import decode, read_source

    name, data = read_source(path, limit=MAX_BYTES)
    _check_size(len(data), name)
    return name, decode(data, name, limit=MAX_BYTES)


def read_large_json(text: str, name: str) -> tuple[Any, Document]:
    """A JSON text of at most 16 MiB, null allowed: its value, and its places for diagnostics. Raises `Refused`."""
    from policy_ir.syntax.json_reader import read_json

    _check_size(len(text) if len(text) > MAX_BYTES else len(text.encode("utf-8", "surrogatepass")), name)
    read = read_json(text, name, limit=MAX_BYTES, null=True)
    return read.value, read.document


def check_rows(count: int, name: str, pointer: str) -> None:
    """Raises `Refused` (`PIR0611`) for more candidates or rows than a file may have."""
    if count > MAX_ROWS:
        raise Refused.because(
            codes.CATALOG_TOO_LARGE,
            f"the text has {count} rows",
            source=name,
            pointer=pointer,
            expected=f"at most {MAX_ROWS} rows",
        )


def _check_size(size: int, name: str, limit: int = MAX_BYTES) -> None:
    if size > limit:
        raise Refused.because(
            codes.CATALOG_TOO_LARGE,
            f"the text is larger than {limit} bytes",
            source=name,
            expected=f"at most {limit} bytes of UTF-8",
            help="write it in JSON, which may be larger" if limit == MAX_TOML_BYTES else None,
        )


def read_catalog(text: str, name: str, vocabulary: Vocabulary | None = None, *, syntax: str = "json") -> CatalogFile:
    """The catalogue in the text of a file of this name; `syntax` is `json` or `toml`. Otherwise as `load_catalog`."""
    document: Document | None = None
    if syntax == "toml":
        from policy_ir.syntax.toml_reader import read_toml

        _check_size(len(text.encode("utf-8", "surrogatepass")), name, MAX_TOML_BYTES)
        value = read_toml(text, name, codes.CATALOG_FORMAT)
    else:
        value, document = read_large_json(text, name)
    return catalog_of(value, name, vocabulary, document=document)


def catalog_of(
    value: object, name: str, vocabulary: Vocabulary | None = None, *, document: Document | None = None
) -> CatalogFile:
    """The catalogue in the decoded content of a file. Otherwise as `load_catalog`."""
    reader = _Reader(name, vocabulary)
    made = reader.read(value)
    if reader.found or made is None:
        raise Refused(reader.found[:DIAGNOSTICS], document)
    return made


@attrs.define
class _Reader:
    """One reading of one file."""

    source: str
    vocabulary: Vocabulary | None
    found: list[Diagnostic] = attrs.field(factory=list)

    def read(self, value: object) -> CatalogFile | None:
        top = self.record(value, "", _TOP, "a catalogue, an object")
        if top is None:
            return None
        version = top.get("catalog")
        if "catalog" not in top:
            self.missing("catalog", "", "the version of the format, `1`")
        elif isinstance(version, bool) or version != VERSION:
            message = f"{quoted(version)} is not a version of the format that is known here"
            expected = f"`{VERSION}`"
            self.refuse(codes.CATALOG_VERSION, message, "/catalog", found=quoted(version), expected=expected)
        named = self.name_of(top, "vocabulary", "")
        if "vocabulary" not in top:
            self.missing("vocabulary", "", "the name of the vocabulary that the fields are declared in")
        vocabulary = self.vocabulary or self.shipped_vocabulary(named)
        words = {key: self.name_of(top, key, "") for key in ("about", "date")}
        sources = self.names_of(top, "sources", "")
        if "candidates" not in top:
            self.missing("candidates", "", "the list of candidates")
        listed = self.listed(top.get("candidates", ()), vocabulary)
        if named is None:
            return None
        return CatalogFile(name=self.source, vocabulary_name=named, listed=listed, sources=sources, **words)

    def shipped_vocabulary(self, name: str | None) -> Vocabulary | None:
        from policy_ir.vocabulary import SHIPPED
        from policy_ir.vocabulary import vocabulary as shipped

        if name is None or name in SHIPPED:
            return None if name is None else shipped(name)
        self.refuse(
            codes.UNKNOWN_VOCABULARY,
            f"no vocabulary {quoted(name)} is shipped",
            "/vocabulary",
            found=quoted(name),
            expected=one_of(SHIPPED) + ", or a vocabulary given beside the catalogue",
            help=did_you_mean(name, SHIPPED, "give the vocabulary's file too"),
        )
        return None

    def listed(self, value: object, vocabulary: Vocabulary | None) -> tuple[Candidate, ...]:
        if not isinstance(value, list | tuple):
            self.ill(value, "/candidates", "a list of candidates")
            return ()
        check_rows(len(value), self.source, "/candidates")
        reader = CandidateReader(vocabulary) if vocabulary is not None else None
        candidates = []
        for index, entry in enumerate(value):
            if len(self.found) >= DIAGNOSTICS:
                break
            candidate = self.candidate(entry, f"/candidates/{index}")
            if candidate is None:
                continue
            candidates.append(candidate)
            if reader is not None:
                reader.read(index, candidate)
                placed = _in_file(reader.found, entry, f"/candidates/{index}")
                self.found += [attrs.evolve(found, source=self.source) for found in placed]
                reader.found.clear()
        return tuple(candidates)

    def candidate(self, value: object, at: str) -> Candidate | None:
        before = len(self.found)
        entry = self.record(value, at, _CANDIDATE, "a candidate, an object")
        if entry is None:
            return None
        names = {key: self.name_of(entry, key, at) for key in _NAMES}
        capabilities = self.names_of(entry, "capabilities", at)
        fields = entry.get("fields", {})
        if not isinstance(fields, Mapping):
            self.ill(fields, f"{at}/fields", "an object of fields")
        for key in ("id", "provider"):
            if key not in entry:
                self.missing(key, at, "a name")
        if "family" not in entry and "served_model" not in entry:
            who = quoted(names["id"]) if names["id"] else f"at {at}"
            self.found.append(attrs.evolve(no_model(who, at), source=self.source))
        if len(self.found) > before:
            return None
        return Candidate(**names, capabilities=capabilities, fields=fields)  # type: ignore[arg-type]

    # --- shapes ---

    def record(self, value: object, at: str, keys: Sequence[str], expected: str) -> dict[str, object] | None:
        """An object without its nulls, `$schema` and `x-` keys; None where there is something else."""
        if not isinstance(value, Mapping):
            self.ill(value, at, expected)
            return None
        entries = {}
        for key, entry in value.items():
            if key in keys:
                if entry is not None:
                    entries[key] = entry
            elif key != "$schema" and not key.startswith("x-"):
                self.unknown(key, at, keys)
                if len(self.found) >= DIAGNOSTICS:
                    break
        return entries

    def unknown(self, key: str, at: str, keys: Sequence[str]) -> None:
        is_field = keys is _CANDIDATE and self.vocabulary is not None and key in self.vocabulary.fields
        advice = did_you_mean(key, keys, "further keys start with `x-`")
        self.refuse(
            codes.CATALOG_FORMAT,
            f"unknown key {quoted(key)}",
            step(at, key),
            found=quoted(key),
            expected=one_of(keys),
            help="it is a field: put it under `fields`" if is_field else advice,
        )

    def name_of(self, entries: Mapping[str, object], key: str, at: str) -> str | None:
        value = entries.get(key)
        if value is None or isinstance(value, str):
            return value
        self.ill(value, step(at, key), "a string")
        return None

    def names_of(self, entries: Mapping[str, object], key: str, at: str) -> tuple[str, ...]:
        value = entries.get(key, ())
        if not isinstance(value, list | tuple):
            self.ill(value, step(at, key), "a list of strings")
            return ()
        for index, name in enumerate(value):
            if not isinstance(name, str):
                self.ill(name, step(step(at, key), index), "a string")
                break
        return tuple(name for name in value if isinstance(name, str))

    def missing(self, key: str, at: str, expected: str) -> None:
        self.refuse(codes.CATALOG_MISSING, f"the key {quoted(key)} is missing", at, expected=expected)

    def ill(self, value: object, at: str, expected: str) -> None:
        message = f"{quoted(value)} where {expected} is due"
        self.refuse(codes.CATALOG_FORMAT, message, at, found=quoted(value), expected=expected)

    def refuse(self, code: Code, message: str, at: str, **fields: Any) -> None:
        self.found.append(Diagnostic(code=code, message=message, pointer=at, source=self.source, **fields))


def _in_file(found: Iterable[Diagnostic], entry: Mapping[str, Any], at: str) -> Iterator[Diagnostic]:
    """Findings about a candidate with the places that the file has: it may leave out what the candidate holds."""
    listed = iter(entry.get("capabilities") or ())
    for one in found:
        if one.pointer == f"{at}/capabilities":
            named = (check_name(name, f"{at}/capabilities/{index}", CATALOGUE) for index, name in enumerate(listed))
            yield from (wrong for wrongs in named for wrong in wrongs)  # those of all entries, at the first
        elif one.pointer == f"{at}/family" and entry.get("family") is None:
            yield attrs.evolve(one, pointer=f"{at}/served_model")
        else:
            yield one


def catalog_json(
    candidates: Iterable[Candidate],
    vocabulary_name: str,
    *,
    about: str | None = None,
    date: str | None = None,
    sources: Iterable[str] = (),
) -> str:
    """A catalogue file of these candidates, JSON, one candidate a line.

    The text depends on nothing but the arguments; reading it gives the candidates back.
    """
    head: dict[str, object] = {"catalog": VERSION, "vocabulary": vocabulary_name}
    head |= {key: value for key, value in (("about", about), ("date", date), ("sources", list(sources))) if value}
    lines = [f"  {_json(key)}: {_json(value)}," for key, value in head.items()]
    rows = ",\n".join("    " + _json(candidate_record(candidate)) for candidate in candidates)
    return "\n".join(["{", *lines, f'  "candidates": [\n{rows}\n  ]' if rows else '  "candidates": []', "}", ""])


def candidate_record(candidate: Candidate) -> dict[str, object]:
    """A candidate as a file has it: keys that repeat what they default to are left out, fields are by name."""
    record: dict[str, object] = {"id": candidate.id, "provider": candidate.provider, "family": candidate.family}
    defaults = {"served_model": candidate.family, "served_by": candidate.provider, "tier": None, "scope": None}
    record |= {key: name for key, default in defaults.items() if (name := getattr(candidate, key)) != default}
    record["capabilities"] = list(candidate.capabilities)
    record["fields"] = {name: _plain(candidate.fields[name]) for name in sorted(candidate.fields)}
    return record


def _plain(value: object) -> object:
    """A value as JSON has it: integral numbers without a fraction, sets as sorted lists."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return sorted(set(value)) if isinstance(value, tuple | set | frozenset) else value


def _json(value: object) -> str:
    from policy_ir.syntax.print_wire import UNSEEN

    text = json.dumps(value, ensure_ascii=False, allow_nan=False)
    return UNSEEN.sub(lambda seen: json.dumps(seen[0])[1:-1], text)
