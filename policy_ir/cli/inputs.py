"""What a command reads: terms and flows, vocabularies, catalogues, floors, facts, chat bodies; files, standard input.

Standard input can be read once in a command. A `--facts` value is a JSON object as it stands, or a file after `@`.
Everything that cannot be read or is not admitted raises `Refused`.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any, TypeGuard, TypeVar

import attrs

from policy_ir.cli.exits import WrongUsage
from policy_ir.diagnostics import Refused, codes
from policy_ir.syntax.document import Document
from policy_ir.syntax.source import decode, read_source

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from policy_ir.admission import Admitted
    from policy_ir.facts import Facts
    from policy_ir.floor import Floor
    from policy_ir.flow.admission import AdmittedFlow
    from policy_ir.flow.document import FlowDocument
    from policy_ir.snapshot import Snapshot
    from policy_ir.vocabulary import Vocabulary

CANONICAL = b"\x82\x6bpolicy-ir/1"
"""How the canonical bytes of every term begin."""
MOST_BYTES = 8 * 1024 * 1024
"""The most bytes of a file that are read: more than any term or flow has in canonical bytes. Texts may have fewer."""
STANDARD = "standard"
"""The vocabulary where none is named."""
T = TypeVar("T")
_INTEGER = re.compile(r"-?[0-9]{1,400}(\.0{1,20})?")


class Inputs:
    """The inputs of one command."""

    def __init__(self) -> None:
        self._reader_of_stdin: str | None = None

    def claim(self, path: str, what: str) -> str:
        """The path, noted as read for `what`. Raises `WrongUsage` where standard input is read a second time."""
        if path == "-":
            if self._reader_of_stdin is not None:
                both = {self._reader_of_stdin, what}
                roles = f", for {self._reader_of_stdin} and for {what}" if len(both) == 2 else ""
                raise WrongUsage(f"`-` is given twice{roles}; standard input can be read once")
            self._reader_of_stdin = what
        return path

    def document(self, path: str) -> Document | FlowDocument:
        """The document of a term or of a flow, in either syntax or in canonical bytes."""
        name, data = read_source(self.claim(path, "a term"), limit=MOST_BYTES)
        if _may_be_flow(data):
            from policy_ir.flow.reading import is_flow_bytes, is_flow_text, read_flow_source

            if is_flow_bytes(data) or is_flow_text(data.decode("utf-8", "replace")):
                return _placed_at(name, lambda: read_flow_source(data, name))
        if data.startswith(CANONICAL) or (name.endswith(".cbor") and data):
            return _document_of_bytes(name, data)
        from policy_ir.syntax import parse

        return parse(decode(data, name), name=name)

    def admitted(self, path: str, vocabulary: Vocabulary) -> Admitted | AdmittedFlow:
        """A term of any sort, or a flow, admitted."""
        document = self._sound(path, vocabulary)
        if is_flow(document):
            from policy_ir.flow.admission import admit_document

            return admit_document(document, vocabulary)
        from policy_ir.admission import admit

        assert document.term is not None
        return admit(document.term, vocabulary, document=document)

    def policy(self, path: str, vocabulary: Vocabulary) -> Admitted:
        """A policy, admitted."""
        from policy_ir.admission import admit_policy

        document = self._sound(path, vocabulary)
        if is_flow(document):
            raise Refused.because(
                codes.NOT_A_POLICY,
                "this is a flow, where a policy is due",
                source=document.name,
                found="a flow",
                expected="a policy",
                help="`policy-ir flow explain` decides each call of a flow",
            )
        assert document.term is not None
        return admit_policy(document.term, vocabulary, document=document)

    def flow(self, path: str, vocabulary: Vocabulary) -> AdmittedFlow:
        """A flow, admitted."""
        from policy_ir.flow.admission import admit_document
        from policy_ir.flow.reading import read_flow_source

        name, data = read_source(self.claim(path, "the flow"), limit=MOST_BYTES)
        return admit_document(_placed_at(name, lambda: read_flow_source(data, name)), vocabulary)

    def _sound(self, path: str, vocabulary: Vocabulary) -> Document | FlowDocument:
        """What is well formed, as read; a refusal says what the vocabulary finds in the sound parts of a term too."""
        try:
            return self.document(path)
        except Refused as refused:
            from policy_ir.admission.partial import refused_with_parts

            raise refused_with_parts(refused, vocabulary) from None

    def vocabulary(self, name: str | None) -> Vocabulary:
        """A shipped vocabulary by name, or one from a file."""
        from policy_ir.vocabulary import vocabulary

        return vocabulary(STANDARD if name is None else name)

    def floor(self, path: str | None, vocabulary: Vocabulary) -> Floor | None:
        """The floor in a file, admitted."""
        if path is None:
            return None
        from policy_ir.floor import load_floor

        return load_floor(self.claim(path, "the floor"), vocabulary)

    def snapshot(self, path: str | None, vocabulary: Vocabulary) -> Snapshot:
        """The snapshot of a catalogue file, or of the shipped catalogue."""
        from policy_ir.catalogs import load_catalog, shipped_catalog, shipped_snapshot
        from policy_ir.snapshot import Snapshot

        if path is not None:
            return Snapshot.take(load_catalog(self.claim(path, "the catalogue"), vocabulary), vocabulary)
        if vocabulary.name == STANDARD:
            return shipped_snapshot()
        return Snapshot.take(shipped_catalog(), vocabulary)

    def facts(self, facts: str | None, chat: str | None, vocabulary: Vocabulary) -> Facts:
        """The request facts: those stated, added to those of a chat body; without either, none."""
        from policy_ir.facts import Facts, read_facts

        if chat is None:
            if facts is None:
                return Facts()
            stated, place = self._facts_value(facts)
            return _placed(lambda: read_facts(stated, vocabulary), place)
        return self.chat(chat, vocabulary, self.stated(facts, vocabulary))[1]

    def stated(self, facts: str | None, vocabulary: Vocabulary) -> Mapping[str, Any]:
        """The facts that are stated beside a chat body, as they were given; checked, and none where none are."""
        from policy_ir.facts import read_facts

        if facts is None:
            return {}
        stated, place = self._facts_value(facts)
        _placed(lambda: read_facts(stated, vocabulary), place)
        return stated

    def chat(self, path: str, vocabulary: Vocabulary, stated: Mapping[str, Any]) -> tuple[Any, Facts]:
        """A chat body as decoded, and its facts with those that are stated."""
        from policy_ir.catalogs.file import read_large_json, read_large_text
        from policy_ir.chat import facts_of_chat

        name, text = read_large_text(self.claim(path, "the chat body"))
        body, _ = read_large_json(text, name)
        return body, _placed(lambda: facts_of_chat(body, vocabulary, base=stated), Document(name=name))

    def _facts_value(self, given: str) -> tuple[Mapping[str, Any], Document]:
        from policy_ir.syntax.json_reader import read_json

        name, text = "--facts", given
        if given.startswith("@") or (not given.lstrip().startswith("{") and os.path.isfile(given)):
            name, data = read_source(self.claim(given.removeprefix("@"), "the facts"))
            text = decode(data, name)
        read = read_json(text, name, null=True)
        return read.value, read.document

    def seed(self, given: str | None) -> int | None:
        """A seed; refused (`PIR0730`) if it is not one."""
        from policy_ir.facts import read_seed

        if given is None or not _INTEGER.fullmatch(given):
            return read_seed(given)
        return read_seed(int(given.partition(".")[0]))


def is_flow(document: Document | FlowDocument) -> TypeGuard[FlowDocument]:
    """Whether a document is that of a flow."""
    return hasattr(document, "flow")


def _may_be_flow(data: bytes) -> bool:
    """Whether it is worth a closer look: the word is there, or an escape that a letter of it can hide behind."""
    return b"flow" in data or b"\\u00" in data


def _document_of_bytes(name: str, data: bytes) -> Document:
    from policy_ir.canonical import read_term

    return _placed_at(name, lambda: Document(name=name, syntax="cbor", term=read_term(data)))


def _placed_at(name: str, read: Callable[[], T]) -> T:
    """What a reader gives; its diagnostics are about what is called so, where they have no text."""
    try:
        return read()
    except Refused as refused:
        if refused.document is not None:
            raise
        raise Refused([attrs.evolve(found, source=name) for found in refused.diagnostics]) from None


def _placed(read: Callable[[], T], document: Document | None) -> T:
    """What a reader of decoded JSON gives, its diagnostics located in the text that was decoded."""
    try:
        return read()
    except Refused as refused:
        raise Refused(refused.diagnostics, document) from None
