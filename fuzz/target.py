"""One fuzz target, run by `fuzz/run.py`: python fuzz/target.py NAME CORPUS [libFuzzer options].

A target takes bytes and must come back with a result or with `Refused`. Any other exception is a finding, and so is a
result that breaks what the specification promises of it.
"""

from __future__ import annotations

import sys
from collections.abc import Callable

import atheris
from tokens import text_of

with atheris.instrument_imports(include=["policy_ir"]):
    from policy_ir.canonical import read_term, term_bytes
    from policy_ir.diagnostics import Refused, render_human
    from policy_ir.normal_form import normal_form
    from policy_ir.syntax.authoring import parse_authoring, print_authoring
    from policy_ir.syntax.document import Document
    from policy_ir.syntax.json_reader import read_json
    from policy_ir.syntax.loader import load
    from policy_ir.syntax.source import decode
    from policy_ir.syntax.wire import parse_wire, print_wire, to_wire
    from policy_ir.terms import Term


def _read(data: bytes, parse: Callable[[str], Term | None]) -> Term | None:
    """The term of a source, or None where it is refused, with diagnostics that can be shown."""
    try:
        return parse(decode(data, "fuzzed"))
    except Refused as refused:
        assert refused.diagnostics
        render_human(refused.diagnostics, refused.document).encode("utf-8")
        return None


def _identity(term: Term) -> None:
    """The normal form is a normal form, and its bytes are read back as it."""
    normal = normal_form(term)
    assert normal_form(normal) == normal
    data = term_bytes(normal)
    assert read_term(data) == normal
    assert term_bytes(normal_form(load(to_wire(term)))) == data


def _words(document: Document) -> list[str]:
    """The comments of a document; the blank after the mark is the formatter's."""
    return [comment.text.strip() for comment in document.comments]


def wire(data: bytes) -> None:
    """The grammar and the loader agree, printing and reading is the identity."""
    term = _read(data, lambda text: parse_wire(text).term)
    loaded = _read(data, lambda text: load(read_json(text, "fuzzed").value))
    assert (term is None) == (loaded is None), (term, loaded)
    if term is not None:
        assert term == loaded
        printed = print_wire(term)
        again = parse_wire(printed).term
        assert again == term
        assert print_wire(again) == printed
        _identity(term)


def authoring(data: bytes) -> None:
    """Printing and reading is the identity, in this syntax and in the other."""
    term = _read(data, lambda text: parse_authoring(text).term)
    if term is not None:
        document = parse_authoring(decode(data, "fuzzed"))
        printed = print_authoring(document)
        again = parse_authoring(printed)
        assert again.term == term
        assert print_authoring(again) == printed
        assert _words(again) == _words(document)
        assert parse_wire(print_wire(term)).term == term
        _identity(term)


def tokens(data: bytes) -> None:
    """As `authoring`, for sequences of tokens; mending a short text comes to an end by itself."""
    text = text_of(data[:60])
    if len(data) <= 24:
        try:
            parse_authoring(text)
        except Refused as refused:
            assert len(refused.diagnostics) <= 3 * len(data) + 5, len(refused.diagnostics)
    authoring(text.encode())


def decoder(data: bytes) -> None:
    """What the strict reader takes is what the encoder writes."""
    try:
        term = read_term(data)
    except Refused as refused:
        render_human(refused.diagnostics).encode("utf-8")
        return
    assert term_bytes(term) == data
    _identity(term)


TARGETS = {"wire": wire, "authoring": authoring, "tokens": tokens, "decoder": decoder}


if __name__ == "__main__":
    target = TARGETS[sys.argv.pop(1)]
    atheris.Setup(sys.argv, target)
    atheris.Fuzz()
