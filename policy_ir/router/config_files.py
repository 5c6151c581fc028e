"""What a configuration names and does not hold itself: vocabulary, catalogue, floors, policies and flows.

Each is read and admitted when the configuration is, so that a router that runs has nothing left that could be refused.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

import attrs

from policy_ir.admission import admit_policy
from policy_ir.admission.partial import refused_with_parts
from policy_ir.catalogs import CatalogFile, load_catalog, shipped_catalog
from policy_ir.diagnostics import Refused, quoted
from policy_ir.floor import Floor, load_floor, read_floor
from policy_ir.flow.admission import AdmittedFlow, admit_document
from policy_ir.flow.bounds import SOURCE_BYTES as FLOW_BYTES
from policy_ir.flow.reading import parse_flow
from policy_ir.presets import FLOWS, PRESETS, FlowPreset, Preset, flow_preset, preset
from policy_ir.router import config_keys as keys
from policy_ir.router.config import NamedFlow, NamedPolicy
from policy_ir.router.config_findings import Findings
from policy_ir.snapshot import Snapshot
from policy_ir.syntax import parse
from policy_ir.syntax.bounds import SOURCE_BYTES
from policy_ir.syntax.source import read_text
from policy_ir.vocabulary import SHIPPED, Vocabulary
from policy_ir.vocabulary import vocabulary as read_vocabulary

if TYPE_CHECKING:
    from policy_ir.admission import Admitted

__all__ = ["Files"]

T = TypeVar("T")


@attrs.frozen(slots=True, kw_only=True)
class _Kind(Generic[T]):
    """What callers ask for by name: the key of its tables, the word for one, how a text of it is admitted, presets.

    `limit` is in bytes; `unknown` says that there is no preset of a name.
    """

    key: str
    word: str
    options: Mapping[str, keys.Option]
    limit: int
    admit: Callable[[str, str, Vocabulary], T]
    presets: Collection[str]
    preset: Callable[[str], Preset | FlowPreset]
    unknown: str


@attrs.define
class Files:
    """Reads what a configuration names; names of files are relative to `folder`."""

    findings: Findings
    folder: str

    def vocabulary(self, named: str | None) -> Vocabulary | None:
        """A shipped vocabulary, or that of a file; None where it is refused."""
        name = "standard" if named is None else named
        if name in SHIPPED:
            return read_vocabulary(name)
        return self._from("/vocabulary", lambda: read_vocabulary(self._path(name)))

    def catalogue(self, named: str | None, vocabulary: Vocabulary | None) -> CatalogFile | None:
        """The catalogue of a file, or the shipped one; None where it is refused or cannot be judged."""
        if vocabulary is None:
            return None

        def read() -> CatalogFile:
            assert named is not None
            return load_catalog(self._path(named), vocabulary)

        return self._shipped(vocabulary) if named is None else self._from("/catalogue", read)

    def _shipped(self, vocabulary: Vocabulary) -> CatalogFile | None:
        made = shipped_catalog()
        try:
            Snapshot.take(made, vocabulary)
        except Refused as refused:
            first = refused.diagnostics[0]
            message = f"the shipped catalogue does not fit the vocabulary {quoted(vocabulary.name)}: {first.message}"
            advice = "extend `standard`, or name a catalogue of your own under `catalogue`"
            self.findings.refuse(first.code, message, "/vocabulary", help=advice)
            return None
        return made

    def floor(self, table: Mapping[str, Any], at: str, vocabulary: Vocabulary | None) -> Floor | None:
        """The floor that a table states in one of two ways; None for none, and where it is refused."""
        way = self.findings.one_way(("floor", "floor_text"), table, at)
        if way is None or vocabulary is None:
            return None
        here = f"{at}/{way}"
        if way == "floor":
            return self._from(here, lambda: load_floor(self._path(table["floor"]), vocabulary))
        return self._here(here, lambda: read_floor(table["floor_text"], vocabulary))

    def policies(self, value: Mapping[str, Any], vocabulary: Vocabulary | None) -> dict[str, NamedPolicy]:
        """The named policies that are admitted."""
        stated = self._stated(_POLICIES, value, vocabulary)
        return {name: NamedPolicy(name=name, admitted=admitted, about=about) for name, admitted, about in stated}

    def flows(self, value: Mapping[str, Any], vocabulary: Vocabulary | None) -> dict[str, NamedFlow]:
        """The named flows that are admitted."""
        stated = self._stated(_FLOWS, value, vocabulary)
        return {name: NamedFlow(name=name, admitted=admitted, about=about) for name, admitted, about in stated}

    def _stated(
        self, kind: _Kind[T], value: Mapping[str, Any], vocabulary: Vocabulary | None
    ) -> Iterator[tuple[str, T, str]]:
        """What the tables under a key name and state in one of three ways, admitted, with what they say about it."""
        for name, at, entry in self.findings.named(value, f"/{kind.key}"):
            table = self.findings.table(entry, at, kind.options)
            way = self.findings.one_way(("file", kind.word, "preset"), entry, at, needed=f"a {kind.word}")
            if way is None or way not in table or vocabulary is None:
                continue
            about = table.get("about", "")
            if way == "preset" and table[way] in kind.presets:
                about = about or kind.preset(table[way]).title
            admitted = self._admitted(kind, name, way, table[way], f"{at}/{way}", vocabulary)
            if admitted is not None:
                yield name, admitted, about

    def _admitted(self, kind: _Kind[T], name: str, way: str, given: str, here: str, vocabulary: Vocabulary) -> T | None:
        if way == "file":

            def read() -> T:
                path, text = read_text(self._path(given), limit=kind.limit)
                return kind.admit(text, path, vocabulary)

            return self._from(here, read)
        if way == kind.word:
            return self._here(here, lambda: kind.admit(given, f"{kind.key}.{name}", vocabulary))
        if given in kind.presets:
            return self._from(here, lambda: kind.admit(kind.preset(given).text, f"{given}.policy", vocabulary))
        known = f"there are {', '.join(map(quoted, kind.presets))}"
        self.findings.unknown_name(given, here, kind.presets, kind.unknown, known)
        return None

    def _path(self, name: str) -> str:
        return os.path.join(self.folder, name)

    def _from(self, at: str, read: Callable[[], T]) -> T | None:
        """What is read from another file; None where it is refused.

        What is wrong with a file as a whole is noted where it is named, all else at its place in that file.
        """
        try:
            return read()
        except Refused as refused:
            here = self.findings.file
            within = [one for one in refused.diagnostics if one.span is not None or one.pointer is not None]
            self.findings.found += [
                attrs.evolve(one, span=here.places.get(at), pointer=at, source=here.name)
                for one in refused.diagnostics
                if one not in within
            ]
            if within:
                self.findings.refused_by(Refused(within, refused.document))
            return None

    def _here(self, at: str, read: Callable[[], T]) -> T | None:
        """What is read from a text in this file; None where it is refused."""
        try:
            return read()
        except Refused as refused:
            self.findings.found += self.findings.file.relocated(refused.diagnostics, at)
            return None


def _admit_policy(text: str, name: str, vocabulary: Vocabulary) -> Admitted:
    """The policy of a text, with what the vocabulary has to say of the sound parts of one that is none."""
    try:
        document = parse(text, name=name, sort=None)
    except Refused as refused:
        raise refused_with_parts(refused, vocabulary) from None
    assert document.term is not None
    return admit_policy(document.term, vocabulary, document=document)


def _admit_flow(text: str, name: str, vocabulary: Vocabulary) -> AdmittedFlow:
    return admit_document(parse_flow(text, name=name), vocabulary)


_POLICIES: Final = _Kind(
    key="policies",
    word="policy",
    options=keys.POLICY,
    limit=SOURCE_BYTES,
    admit=_admit_policy,
    presets=PRESETS,
    preset=preset,
    unknown="there is no preset",
)
_FLOWS: Final = _Kind(
    key="flows",
    word="flow",
    options=keys.FLOW,
    limit=FLOW_BYTES,
    admit=_admit_flow,
    presets=FLOWS,
    preset=flow_preset,
    unknown="there is no flow",
)
