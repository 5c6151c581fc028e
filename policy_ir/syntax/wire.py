"""The wire syntax: JSON text to terms and back. Specification: chapter "Syntax".

Reading exists twice: `parse_wire` follows the grammar and is the definition; `read_wire_fast` goes through the fast
loader, needs no Lark, and is what `policy_ir.syntax.parse` uses. They accept the same texts, build the same documents
and refuse with the same findings.
"""

from __future__ import annotations

from policy_ir.diagnostics import InternalError, Refused
from policy_ir.syntax.document import Document
from policy_ir.syntax.json_reader import JsonDocument, read_json
from policy_ir.syntax.loader import Unloadable, build
from policy_ir.syntax.places import Places
from policy_ir.syntax.print_wire import print_wire, to_wire

__all__ = ["parse_wire", "print_wire", "read_wire_fast", "to_wire"]


def parse_wire(text: str, *, name: str = "policy", sort: str | None = None, source: str = "policy") -> Document:
    """The document of a wire text, by the grammar.

    `sort` is the name of the term sort that is due, None for any; `name` names the text in findings, `source` the term
    in the origins of its nodes. `spans` of the result has the place of every value in the text, nodes and parameters
    among them. Raises Refused with every finding (PIR0003 to PIR0005, PIR01xx, PIR02xx, PIR03xx); KeyError for a sort
    that is none.
    """
    from policy_ir.syntax.scanner import scan
    from policy_ir.syntax.wire_grammar import NotInGrammar, parse_tokens

    read = read_json(text, name)
    tokens = list(scan(text, lambda *_, **__: None))  # reading it has found nothing to report
    try:
        term, place = parse_tokens(tokens, sort, source)
    except NotInGrammar:
        raise _refusal(read, sort) from None
    return Document(name=name, text=text, term=term, spans=Places(place))


def read_wire_fast(text: str, name: str = "policy", *, sort: str | None = None, source: str = "policy") -> Document:
    """What `parse_wire` does, by the fast loader."""
    read = read_json(text, name)
    try:
        term = build(read.value, sort, source)
    except Unloadable:
        raise _refusal(read, sort) from None
    return Document(name=name, text=text, term=term, spans=read.spans)


def _refusal(read: JsonDocument, sort: str | None) -> Refused:
    from policy_ir.syntax.diagnose import diagnose

    findings = diagnose(read.value, sort, places=read.spans)
    if not findings:
        raise InternalError("a text is refused that has nothing wrong with it")
    return Refused(findings, read.document)
