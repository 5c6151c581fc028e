"""Lints of strings. Specification: chapter "Lints", rule `lint/nfc`."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from typing import Any

import attrs

from policy_ir.diagnostics import Diagnostic, codes, quoted
from policy_ir.lints.walk import nodes_of
from policy_ir.signature import arguments_of
from policy_ir.syntax.places import step
from policy_ir.terms import Action, ChainEntry, RecipeRecord, Term, Text


def unnormalized(term: Term) -> Iterator[Diagnostic]:
    """`lint/nfc`: strings of a term, keys included, that are not in Unicode normal form C."""
    for node, at in nodes_of(term):
        for index, argument in enumerate(arguments_of(node), 1):
            for text, place in _strings(argument, step(at, index)):
                if not unicodedata.is_normalized("NFC", text):
                    yield Diagnostic(
                        code=codes.LINT_NOT_NFC,
                        message=f"{quoted(text)} is not in Unicode normal form C",
                        pointer=place,
                        found=quoted(text),
                        expected=f"{quoted(unicodedata.normalize('NFC', text))}, if that was meant",
                        help="strings are compared as they are written: one that looks the same may be another",
                    )


def _strings(value: Any, at: str) -> Iterator[tuple[str, str]]:
    """The strings in a parameter, with their places."""
    match value:
        case str():
            yield value, at
        case Text():
            yield value.value, at
        case tuple():
            for index, entry in enumerate(value):
                yield from _strings(entry, step(at, index))
        case RecipeRecord():
            yield from ((key, step(at, key)) for key, _ in value.entries)
        case ChainEntry():
            names = attrs.asdict(value, recurse=False)
            yield from ((name, step(at, key)) for key, name in names.items() if name is not None)
        case Action():
            yield from ((key, step(at, key)) for key, _ in value.extra)
        case _:
            pass
