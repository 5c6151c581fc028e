"""One candidate of a catalogue, and the reading that makes it fit a vocabulary.

Specification: chapter "Catalogue", section "Candidates".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Final

import attrs

from policy_ir.diagnostics import Diagnostic, Refused, codes, did_you_mean, quoted
from policy_ir.field_values import CATALOGUE, check_name, read_value
from policy_ir.syntax.bounds import DIAGNOSTICS
from policy_ir.syntax.places import step
from policy_ir.vocabulary.declarations import CANDIDATE_KEYS, FieldValue

if TYPE_CHECKING:
    from policy_ir.vocabulary.declarations import FieldDeclaration, Vocabulary

RECORDED: Final = ("catalogue", "state")
"""The sources of the fields that a candidate has values for."""


@attrs.frozen(slots=True, kw_only=True, init=False)
class Candidate:
    """A model as one provider serves it.

    `id` is unique in a catalogue. `served_by` (the route that executes the call) is the provider when absent; `family`
    and `served_model` default to each other, and one of them must be given (else `Refused` with `PIR0606`). `tier` and
    `scope` may be None. `capabilities` are kept sorted, each once. `fields` are observations of declared fields whose
    source is the catalogue or the state; None stands for no observation and is dropped. Nothing else is checked here:
    a vocabulary checks the values (`Snapshot.take`).
    """

    id: str
    provider: str
    family: str
    served_model: str
    served_by: str
    tier: str | None
    scope: str | None
    capabilities: tuple[str, ...]
    fields: Mapping[str, object]

    def __init__(
        self,
        *,
        id: str,
        provider: str,
        family: str | None = None,
        served_model: str | None = None,
        served_by: str | None = None,
        tier: str | None = None,
        scope: str | None = None,
        capabilities: Iterable[str] = (),
        fields: Mapping[str, object] | None = None,
    ) -> None:
        model = served_model if family is None else family
        if model is None:
            raise Refused([no_model(quoted(id), "")])
        self.__attrs_init__(
            id=id,
            provider=provider,
            family=model,
            served_model=model if served_model is None else served_model,
            served_by=provider if served_by is None else served_by,
            tier=tier,
            scope=scope,
            capabilities=tuple(sorted(set(capabilities))),
            fields={name: value for name, value in (fields or {}).items() if value is not None},
        )


def no_model(who: str, pointer: str) -> Diagnostic:
    """The diagnostic of a candidate with neither `family` nor `served_model`."""
    return Diagnostic(
        code=codes.CATALOG_MISSING,
        message=f"the candidate {who} has neither `family` nor `served_model`",
        pointer=pointer,
        expected="`family`, `served_model` or both",
    )


@attrs.define
class CandidateReader:
    """Reads the candidates of one catalogue against a vocabulary; `found` has every diagnostic, in order."""

    vocabulary: Vocabulary
    found: list[Diagnostic] = attrs.field(factory=list)
    _seen: dict[str, int] = attrs.field(factory=dict)

    def read(self, index: int, candidate: Candidate) -> dict[str, FieldValue]:
        """The observations of the candidate at a place, by field; its own keys among them where they are declared.

        They mean nothing where there is a diagnostic.
        """
        pointer = f"/candidates/{index}"
        self.found += _check_keys(candidate, pointer)
        if self._seen.setdefault(candidate.id, index) != index:
            self.found.append(_duplicate(candidate.id, self._seen[candidate.id], pointer))
        fields = self.vocabulary.fields
        record: dict[str, FieldValue] = {
            name: key for name in CANDIDATE_KEYS if name in fields and (key := getattr(candidate, name)) is not None
        }
        record |= {name: True for name in candidate.capabilities if name in fields and shows_capability(fields[name])}
        for name, value in candidate.fields.items():
            if len(self.found) >= DIAGNOSTICS:
                break
            at = step(f"{pointer}/fields", name)
            declared = fields.get(name)
            if declared is None or declared.source not in RECORDED or name in CANDIDATE_KEYS:
                self.found.append(_foreign_field(name, declared, self.vocabulary, at))
                continue
            read, wrong = read_value(declared, value, at, CATALOGUE)
            self.found += wrong
            if read is None:
                continue
            if shows_capability(declared) and read != (name in candidate.capabilities):
                self.found.append(_contradiction(name, read, at))
            record[name] = read
        return record


def shows_capability(declared: FieldDeclaration) -> bool:
    """Whether a field shows the candidate's capability of the same name (rule `candidate/capability`)."""
    return declared.sort == "bool" and declared.source == "catalogue" and declared.name.startswith("supports_")


def _contradiction(name: str, value: object, pointer: str) -> Diagnostic:
    listed = "does not list" if value is True else "lists"
    advice = f"list {quoted(name)} under `capabilities`" if value is True else "take it off `capabilities`"
    return Diagnostic(
        code=codes.CATALOG_CONTRADICTION,
        message=f"the field {quoted(name)} is {quoted(value)}, but the candidate {listed} that capability",
        pointer=pointer,
        found=quoted(value),
        expected=quoted(not value),
        help=f"{advice}, or leave the field out",
    )


def _check_keys(candidate: Candidate, pointer: str) -> list[Diagnostic]:
    found: list[Diagnostic] = []
    for key in CANDIDATE_KEYS:
        value = getattr(candidate, key)
        # A key that repeats the one it defaults to is not reported a second time.
        repeats = getattr(candidate, _DEFAULTS_TO[key]) == value if key in _DEFAULTS_TO else False
        if value is not None and not repeats:
            found += check_name(value, f"{pointer}/{key}", CATALOGUE)
    for name in candidate.capabilities:
        found += check_name(name, f"{pointer}/capabilities", CATALOGUE)
    return found


_DEFAULTS_TO = {"served_by": "provider", "served_model": "family"}


def _duplicate(name: str, first: int, pointer: str) -> Diagnostic:
    return Diagnostic(
        code=codes.DUPLICATE_CANDIDATE,
        message=f"the id {quoted(name)} is that of an earlier candidate",
        pointer=f"{pointer}/id",
        found=quoted(name),
        expected="an id of its own",
        help=f"the other is at /candidates/{first}",
    )


def _foreign_field(name: str, declared: FieldDeclaration | None, vocabulary: Vocabulary, pointer: str) -> Diagnostic:
    if declared is None:
        recorded = (field for field, row in vocabulary.fields.items() if row.source in RECORDED)
        return Diagnostic(
            code=codes.CATALOG_FIELD,
            message=f"the vocabulary {quoted(vocabulary.name)} declares no field {quoted(name)}",
            pointer=pointer,
            found=quoted(name),
            help=did_you_mean(name, recorded, "declare it in a vocabulary that extends this one"),
        )
    if declared.source in RECORDED:
        return Diagnostic(
            code=codes.CATALOG_OWN_KEY,
            message=f"{quoted(name)} is not given as a field: it shows the candidate's own key",
            pointer=pointer,
            found=quoted(name),
            help=f"leave the field out, and set {quoted(name)} beside `provider`",
        )
    by = "the request supplies it" if declared.source == "request" else "a formula derives it"
    return Diagnostic(
        code=codes.CATALOG_SOURCE,
        message=f"a catalogue cannot give {quoted(name)}: {by}",
        pointer=pointer,
        found=quoted(name),
        expected="a field whose source is the catalogue or the state",
    )
